//! `chipgate trust list | show | diff`: what is trusted, in lines that fit a terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use chipgate_trust_store::{Distrusted, Listed, Refused, SignedList, Store, StoreError, StoreState};
use clap::Args;
use serde_json::{Value, json};

use super::text::{fingerprint_line, shortened, unusable};
use super::{folder, listed_to_json, refused_to_json};
use crate::output::say;
use crate::prose::{WIDTH, counted, labelled, wrapped};
use crate::{cli_error::CliError, table::Table, time};

#[derive(Args)]
pub(crate) struct ListArguments {
    /// The trust folder (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct ShowArguments {
    /// A state's two letters, or at least the first 8 digits of a fingerprint
    #[arg(value_name = "WHAT")]
    what: String,
    /// The trust folder (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct DiffArguments {
    /// The trust folder to compare with
    #[arg(value_name = "OTHER")]
    other: PathBuf,
    /// The trust folder (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &ListArguments) -> Result<ExitCode, CliError> {
    let (store, folder) = folder(arguments.trust.as_deref())?;
    let listed = store.list();
    if arguments.json {
        let rows: Vec<_> = listed.iter().map(listed_to_json).collect();
        let refused: Vec<_> = store.refused().iter().map(refused_to_json).collect();
        let lists: Vec<_> = store.signed_lists().iter().map(signed_list_to_json).collect();
        let bundle = store
            .bundle()
            .map(|bundle| json!({ "version": bundle.version(), "created": time::date(bundle.created()) }));
        say!(
            "{}",
            json!({ "trust": folder, "items": rows, "lists": lists, "bundle": bundle, "refused": refused,
                    "distrusted": distrusted_to_json(&store.distrusted()) })
        );
    } else {
        crate::output::write(format_args!("{}", list_to_text(&store, &listed)));
    }
    Ok(ExitCode::SUCCESS)
}

fn list_to_text(store: &Store, listed: &[Listed]) -> String {
    let mut text = format!("Trust folder: {}\n", store.folder().display());
    match store.state() {
        StoreState::Ready => {}
        StoreState::Empty => text.push_str(
            "It is empty: every document comes out undetermined. Import what you trust with\n`chipgate trust import FILE…`.\n",
        ),
        StoreState::NothingUsable => text.push_str("Nothing in it can be used: no document can be proven.\n"),
    }
    text += &items_to_text(listed);
    for list in store.signed_lists() {
        let signed = list
            .signed
            .map_or(String::new(), |day| format!(" of {}", time::date(day)));
        let says = format!(
            "{} with {} entries{signed}, {}",
            list.kind,
            list.entries,
            list.file.display()
        );
        text += &wrapped("  ", "    ", &says);
        text += &fingerprint_line(&list.fingerprint);
    }
    if let Some(bundle) = store.bundle() {
        let created = time::date(bundle.created());
        let _ = writeln!(
            text,
            "  bundle of version {}, made on {created}",
            bundle.version()
        );
    }
    text += &distrusted_to_text(&store.distrusted());
    for refused in store.refused() {
        text += &refused_to_text(refused);
    }
    text
}

/// A line for each object, its name shortened to fit, and its fingerprint under it.
fn items_to_text(listed: &[Listed]) -> String {
    if listed.is_empty() {
        return String::new();
    }
    let kinds = listed.iter().map(|item| item.kind.to_string());
    let kind = kinds.map(|kind| kind.len()).max().unwrap_or_default();
    let name = WIDTH.saturating_sub("  state    valid until  ".len() + kind.max("kind".len()));
    let mut table = Table::new(["state", "kind", "valid until", "name"]);
    for item in listed {
        let until = item.not_after.map_or_else(|| "—".to_owned(), time::date);
        let state = item.country.as_deref().unwrap_or("—");
        let subject = shortened(&item.subject, name);
        table.row([state, &item.kind.to_string(), &until, &subject]);
    }
    let mut text = String::new();
    let rows = table.render();
    // The headings and the rule under them have no fingerprint.
    let headings = [None, None].into_iter();
    let items = headings.chain(listed.iter().map(Some));
    for (row, item) in rows.lines().zip(items) {
        let _ = writeln!(text, "{row}");
        let Some(item) = item else { continue };
        text += &fingerprint_line(&item.fingerprint);
        if let Some(says) = unusable(item) {
            text += &wrapped("    ", "    ", &says);
        }
    }
    text
}

fn refused_to_text(refused: &Refused) -> String {
    let part = refused
        .part
        .map_or(String::new(), |part| format!(", part {part}"));
    let subject = refused
        .subject
        .as_ref()
        .map_or(String::new(), |of| format!(", {of}"));
    let says = format!(
        "refused {}{part}{subject}: {}",
        refused.file.display(),
        refused.why
    );
    let fingerprint = refused.fingerprint.as_deref();
    wrapped("  ", "    ", &says) + &fingerprint.map_or(String::new(), fingerprint_line)
}

fn signed_list_to_json(list: &SignedList) -> Value {
    json!({ "kind": list.kind, "fingerprint": list.fingerprint, "signer": list.signer, "entries": list.entries,
            "signed": list.signed.map(time::date), "file": list.file })
}

pub(crate) fn show(arguments: &ShowArguments) -> Result<ExitCode, CliError> {
    let (store, _) = folder(arguments.trust.as_deref())?;
    let found = store.find(&arguments.what);
    let distrusted = store.find_distrusted(&arguments.what);
    if arguments.json {
        let items: Vec<_> = found.iter().map(listed_to_json).collect();
        say!(
            "{}",
            json!({ "items": items, "distrusted": distrusted_to_json(&distrusted) })
        );
    } else {
        for item in &found {
            crate::output::write(format_args!("{}", in_full(item)));
        }
        crate::output::write(format_args!("{}", distrusted_to_text(&distrusted)));
    }
    if found.is_empty() && distrusted.is_empty() {
        let what = arguments.what.clone();
        return Err(match what.len() {
            2 => StoreError::NothingOf { state: what },
            _ => StoreError::NotThere { fingerprint: what },
        }
        .into());
    }
    Ok(ExitCode::SUCCESS)
}

/// Anchors that `trust remove` keeps out.
pub(super) fn distrusted_to_text(distrusted: &[Distrusted]) -> String {
    let mut text = String::new();
    for one in distrusted {
        let certificate = one.certificate.as_ref();
        let name = certificate.map_or("no list and no bundle here has it", |item| item.subject.as_str());
        text += &wrapped("  ", "    ", &format!("distrusted: {name}"));
        text += &fingerprint_line(&one.fingerprint);
    }
    text
}

pub(super) fn distrusted_to_json(distrusted: &[Distrusted]) -> Value {
    let distrusted = distrusted
        .iter()
        .map(|one| json!({ "fingerprint": one.fingerprint, "certificate": one.certificate.as_ref().map(listed_to_json) }));
    distrusted.collect()
}

fn in_full(item: &Listed) -> String {
    let until = item.not_after.map_or_else(|| "—".to_owned(), time::date);
    let mut text = wrapped("", "  ", &format!("{} {}", item.kind, item.subject));
    text += &labelled("issuer", &item.issuer);
    text += &labelled("valid", &format!("{} to {until}", time::date(item.not_before)));
    text += &labelled("SHA-256", &item.fingerprint);
    if let Some(says) = unusable(item) {
        text += &labelled("but", &says);
    }
    if let Some(revoked) = item.revoked {
        text += &labelled("revokes", &counted(revoked, "certificate"));
    }
    let origin = if item.from_master_list {
        "from the list "
    } else {
        ""
    };
    text + &labelled("file", &format!("{origin}{}", item.file.display()))
}

/// What one folder has and the other has not.
pub(crate) fn diff(arguments: &DiffArguments) -> Result<ExitCode, CliError> {
    let (store, path) = folder(arguments.trust.as_deref())?;
    let other = Store::open(&arguments.other)?;
    let by_fingerprint = |items: Vec<Listed>| -> BTreeMap<String, Listed> {
        items
            .into_iter()
            .map(|item| (item.fingerprint.clone(), item))
            .collect()
    };
    let here = by_fingerprint(store.list());
    let there = by_fingerprint(other.list());
    let only = |of: &BTreeMap<String, Listed>, other: &BTreeMap<String, Listed>| -> Vec<Listed> {
        let only = of
            .iter()
            .filter(|(fingerprint, _)| !other.contains_key(*fingerprint));
        only.map(|(_, item)| item.clone()).collect()
    };
    let (more, less) = (only(&here, &there), only(&there, &here));
    if arguments.json {
        let rows = |items: &[Listed]| items.iter().map(listed_to_json).collect::<Vec<_>>();
        say!(
            "{}",
            json!({ "trust": path, "other": arguments.other, "only_here": rows(&more), "only_there": rows(&less) })
        );
    } else {
        for (sign, items) in [('-', &less), ('+', &more)] {
            for item in items {
                let line = format!("{sign} {} {}", item.kind, item.subject);
                say!("{}", shortened(&line, WIDTH));
                crate::output::write(format_args!("{}", fingerprint_line(&item.fingerprint)));
            }
        }
        let (here, there) = (path.display(), arguments.other.display());
        say!("{} only in {there} (-)", less.len());
        say!("{} only in {here} (+)", more.len());
    }
    Ok(ExitCode::SUCCESS)
}
