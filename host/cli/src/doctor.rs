//! `chipgate doctor`: what is wrong with this installation, and what to do.

use std::{path::PathBuf, process::ExitCode};

use chipgate_apdu::Clock as _;
use chipgate_face::Engine;
use chipgate_pcsc::Readers;
use chipgate_trust_store::StoreState;
use clap::Args;

use crate::output::say;
use crate::{clock::SystemClock, inspect, time};

/// A clock before this day was never set: the day that this version was made.
const MADE: u64 = 1_795_478_400; // 2026-11-24

#[derive(Args)]
pub(crate) struct DoctorArguments {
    /// The folder with the trust anchors (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// What was looked at, and what came of it.
struct Finding {
    what: &'static str,
    fine: bool,
    says: String,
}

impl Finding {
    fn fine(what: &'static str, says: impl Into<String>) -> Self {
        Self {
            what,
            fine: true,
            says: says.into(),
        }
    }

    fn wrong(what: &'static str, says: impl Into<String>) -> Self {
        Self {
            what,
            fine: false,
            says: says.into(),
        }
    }
}

pub(crate) fn run(arguments: &DoctorArguments) -> ExitCode {
    let findings = [
        service_and_reader(),
        trust(arguments),
        revocation(arguments),
        models(),
        clock(),
    ];
    if arguments.json {
        let rows: Vec<_> = findings
            .iter()
            .map(|finding| serde_json::json!({ "what": finding.what, "fine": finding.fine, "says": finding.says }))
            .collect();
        say!("{}", serde_json::json!({ "findings": rows }));
    } else {
        for finding in &findings {
            say!(
                "{} {:10} {}",
                if finding.fine { "✓" } else { "✗" },
                finding.what,
                finding.says
            );
        }
    }
    let fine = findings.iter().all(|finding| finding.fine);
    if fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn service_and_reader() -> Finding {
    let what = "reader";
    match Readers::connect().and_then(|readers| readers.names()) {
        Err(error) => Finding::wrong(what, error.to_string()),
        Ok(names) if names.is_empty() => Finding::wrong(
            what,
            "the PC/SC service runs, but no reader is connected: plug one in; a virtual one comes with vsmartcard-vpcd",
        ),
        Ok(names) => Finding::fine(what, names.join(", ")),
    }
}

fn trust(arguments: &DoctorArguments) -> Finding {
    let what = "trust";
    let store = match inspect::anchors(arguments.trust.as_deref()) {
        Ok(store) => store,
        Err(error) => return Finding::wrong(what, error.to_string()),
    };
    let folder = store.folder().display();
    match store.state() {
        StoreState::Ready if store.refused().is_empty() => {
            Finding::fine(what, format!("{} items in {folder}", store.list().len()))
        }
        StoreState::Ready => Finding::wrong(
            what,
            format!(
                "{} files in {folder} are refused: `chipgate trust list` says why",
                store.refused().len()
            ),
        ),
        StoreState::Empty | StoreState::NothingUsable => Finding::wrong(
            what,
            format!(
                "no usable anchor in {folder}, so every document comes out undetermined: import what you trust with \
                 `chipgate trust import FILE…`"
            ),
        ),
    }
}

/// A list that is out of date makes every document of that state go to a person.
fn revocation(arguments: &DoctorArguments) -> Finding {
    let what = "revocation";
    let Ok(store) = inspect::anchors(arguments.trust.as_deref()) else {
        return Finding::wrong(what, "the trust folder can't be read");
    };
    let now = SystemClock.now();
    let listed = store.list();
    let lists: Vec<_> = listed.iter().filter(|item| item.revoked.is_some()).collect();
    let old: Vec<_> = lists
        .iter()
        .filter(|item| item.not_after.is_some_and(|end| end < now))
        .collect();
    match (lists.is_empty(), old.first()) {
        (true, _) => Finding::wrong(
            what,
            "there is no revocation list, so revocation comes out undetermined: import the issuers' lists",
        ),
        (false, Some(first)) => Finding::wrong(
            what,
            format!(
                "{} of {} lists are out of date, first that of {}: fetch new ones",
                old.len(),
                lists.len(),
                first.issuer
            ),
        ),
        (false, None) => Finding::fine(what, format!("{} lists, none out of date", lists.len())),
    }
}

fn models() -> Finding {
    let what = "models";
    let loaded = chipgate_models::models_dir().map_err(|error| error.to_string());
    match loaded.and_then(|folder| Engine::load(&folder).map_err(|error| error.to_string())) {
        Ok(engine) => Finding::fine(what, format!("{} is ready", engine.model())),
        Err(error) => Finding::wrong(what, error),
    }
}

fn clock() -> Finding {
    let now = SystemClock.now();
    if now.seconds() < MADE {
        Finding::wrong(
            "clock",
            format!(
                "it says {}, which is past: set it, or certificates come out not yet valid",
                time::date(now)
            ),
        )
    } else {
        Finding::fine(
            "clock",
            format!(
                "{} (compare it with another one: certificates and expiry rest on it)",
                time::date(now)
            ),
        )
    }
}
