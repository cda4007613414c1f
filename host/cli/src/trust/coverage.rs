//! `chipgate trust coverage`: what the trust folder is good for, state by state, as a table and as a picture.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use chipgate_apdu::{Clock as _, Timestamp};
use chipgate_trust_store::Coverage;
use clap::Args;
use serde_json::{Value, json};

use super::list::{distrusted_to_json, distrusted_to_text};
use super::text::fingerprint_line;
use super::{conflicts, folder, map};
use crate::output::say;
use crate::overwrite::Overwrite;
use crate::prose::{counted, wrapped};
use crate::{cli_error::CliError, clock::SystemClock, table::Table, time};

pub(super) const DAY: u64 = 86_400_000;

#[derive(Args)]
pub(crate) struct CoverageArguments {
    /// The trust folder (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Draw it into this SVG file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    #[command(flatten)]
    overwrite: Overwrite,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &CoverageArguments) -> Result<ExitCode, CliError> {
    arguments.overwrite.check(arguments.svg.as_deref())?;
    let (store, path) = folder(arguments.trust.as_deref())?;
    let now = SystemClock.now();
    let states = store.coverage(now);
    let found = store.conflicts();
    if let Some(file) = &arguments.svg {
        std::fs::write(file, map::picture(&states, now)).map_err(|error| CliError::file(file, error))?;
    }
    if arguments.json {
        let states: BTreeMap<_, _> = states.iter().map(|(state, has)| (state, to_json(has))).collect();
        let conflicts: Vec<_> = found.iter().map(conflicts::to_json).collect();
        say!(
            "{}",
            json!({ "trust": path, "states": states, "conflicts": conflicts,
                    "distrusted": distrusted_to_json(&store.distrusted()) })
        );
    } else {
        say!("Trust folder: {}", path.display());
        crate::output::write(format_args!("{}", table(&states, now)));
        for conflict in &found {
            crate::output::write(format_args!("{}", conflicts::to_text(conflict)));
        }
        let distrusted = distrusted_to_text(&store.distrusted());
        crate::output::write(format_args!("{distrusted}"));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn age(list: Option<Timestamp>, now: Timestamp) -> String {
    list.map_or_else(
        || "none".to_owned(),
        |issued| {
            counted(
                usize::try_from(now.0.saturating_sub(issued.0) / DAY).unwrap_or(usize::MAX),
                "day",
            )
        },
    )
}

fn table(states: &BTreeMap<String, Coverage>, now: Timestamp) -> String {
    if states.is_empty() {
        return "It covers no state: import what you trust with `chipgate trust import FILE…`.\n".to_owned();
    }
    let mut table = Table::new([
        "state",
        "anchors",
        "valid",
        "keys",
        "signers",
        "CRL age",
        "next expiry",
        "last",
    ]);
    for (state, has) in states {
        let date = |moment: Option<Timestamp>| moment.map_or_else(|| "—".to_owned(), time::date);
        table.row([
            state,
            &has.anchors.to_string(),
            &has.valid_anchors.to_string(),
            &has.generations.to_string(),
            &has.signers.to_string(),
            &age(has.crl_issued, now),
            &date(has.next_expiry),
            &date(has.last_expiry),
        ]);
    }
    let mut text = table.render();
    for anchor in states.values().flat_map(|has| &has.unusable) {
        text += &wrapped(
            "  ",
            "    ",
            &format!("can't be used: {}: {}", anchor.subject, anchor.why),
        );
        text += &fingerprint_line(&anchor.fingerprint);
    }
    text
}

fn to_json(has: &Coverage) -> Value {
    let unusable = has.unusable.iter().map(
        |anchor| json!({ "subject": anchor.subject, "fingerprint": anchor.fingerprint, "why": anchor.why }),
    );
    json!({
        "anchors": has.anchors, "valid_anchors": has.valid_anchors, "unusable": unusable.collect::<Vec<_>>(), "generations": has.generations,
        "signers": has.signers, "crl_issued": has.crl_issued.map(time::date), "crl_until": has.crl_until.map(time::date),
        "next_expiry": has.next_expiry.map(time::date), "last_expiry": has.last_expiry.map(time::date),
    })
}
