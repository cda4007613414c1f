//! `chipgate trust`.

mod check;
mod coverage;
mod manage;

use std::{fmt::Write, path::Path, path::PathBuf, process::ExitCode};

use chipgate_trust::TrustError;
use chipgate_trust_store::{
    ImportResult, Imported, Listed, Refusal, Refused, Store, StoreState, Verification, parse_fingerprint,
};
use clap::{Args, Subcommand};

use self::check::CheckArguments;
use self::coverage::CoverageArguments;
use self::manage::{BundleArguments, DiffArguments, RemoveArguments, ShowArguments, UpdateArguments};
use crate::output::say;
use crate::{cli_error::CliError, folders, table::Table, time};

#[derive(Subcommand)]
pub(crate) enum TrustCommand {
    /// Import CSCA certificates, revocation lists and master lists into the trust folder
    Import(ImportArguments),
    /// List what is trusted
    List(ListArguments),
    /// Show a state's certificates and lists, or one of them, in full
    Show(ShowArguments),
    /// Compare with another trust folder
    Diff(DiffArguments),
    /// Remove a certificate or a list
    Remove(RemoveArguments),
    /// Check an EF.SOD, an EF.CardSecurity, a certificate or a list, step by step
    Check(CheckArguments),
    /// What is covered, state by state, and what contradicts itself
    Coverage(CoverageArguments),
    /// Write everything into one signed file
    Bundle(BundleArguments),
    /// Take in a signed bundle, if it is no older than the one that is here
    Update(UpdateArguments),
}

#[derive(Args)]
pub(crate) struct ImportArguments {
    /// Certificates and revocation lists (DER, PEM), master, defect and deviation lists (CMS), and LDIF with any of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The trust folder (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Trust the CSCA certificate with this SHA-256 fingerprint, in a file or in a master list; may be given several times
    #[arg(long, value_name = "HEX")]
    fingerprint: Vec<String>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct ListArguments {
    /// The trust folder (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: &TrustCommand) -> Result<ExitCode, CliError> {
    match command {
        TrustCommand::Import(arguments) => import(arguments),
        TrustCommand::List(arguments) => list(arguments),
        TrustCommand::Show(arguments) => manage::show(arguments),
        TrustCommand::Diff(arguments) => manage::diff(arguments),
        TrustCommand::Remove(arguments) => manage::remove(arguments),
        TrustCommand::Check(arguments) => check::run(arguments),
        TrustCommand::Coverage(arguments) => coverage::run(arguments),
        TrustCommand::Bundle(arguments) => manage::bundle(arguments),
        TrustCommand::Update(arguments) => manage::update(arguments),
    }
}

/// The trust folder, which is read only. The user's own one need not be there: then it is empty.
fn folder(named: Option<&Path>) -> Result<(Store, PathBuf), CliError> {
    if let Some(folder) = named {
        return Ok((Store::open(folder)?, folder.to_path_buf()));
    }
    let folder = folders::trust()?;
    Ok((Store::open_or_empty(&folder)?, folder))
}

fn import(arguments: &ImportArguments) -> Result<ExitCode, CliError> {
    let folder = arguments.trust.clone().map_or_else(folders::trust, Ok)?;
    let mut fingerprints = Vec::new();
    for text in &arguments.fingerprint {
        let fingerprint = parse_fingerprint(text);
        fingerprints
            .push(fingerprint.ok_or_else(|| CliError::Usage(format!("{text:?} is no SHA-256 fingerprint")))?);
    }
    let mut store = Store::create(&folder)?;
    let imported = store.import(&arguments.files, &fingerprints)?;
    if arguments.json {
        let rows: Vec<_> = imported
            .iter()
            .map(|item| imported_to_json(item, &store))
            .collect();
        say!("{}", serde_json::json!({ "trust": folder, "imported": rows }));
    } else {
        for item in &imported {
            say!("{}", imported_to_text(item, &store));
        }
        say!("Trust folder: {}", folder.display());
    }
    Ok(if imported.iter().any(has_refusal) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// The file, and the part of it where it holds several.
fn origin(item: &Imported) -> String {
    let part = item.part.map_or(String::new(), |part| format!(", part {part}"));
    format!("{}{part}", item.from.display())
}

/// Whether anything of it was not taken that should have been. That a list names certificates of no authority is told, and
/// is no fault of the import: the published ones do.
fn has_refusal(item: &Imported) -> bool {
    match &item.result {
        ImportResult::Refused(_) => true,
        ImportResult::AddedMasterList { refused, .. } => refused
            .iter()
            .any(|entry| entry.why != Refusal::Unusable(TrustError::NotAnAuthority)),
        _ => false,
    }
}

fn entry_to_text(entry: &Refused) -> String {
    let subject = entry.subject.as_deref().unwrap_or("no certificate");
    let fingerprint = entry.fingerprint.as_deref().unwrap_or_default();
    format!(
        "\n               entry refused: {subject}\n               {fingerprint}\n               {}",
        entry.why
    )
}

/// The certificates of a list whose issuer is not in it.
fn missing_issuers(verification: &Verification, store: &Store) -> Vec<Listed> {
    let fingerprints = verification.without_issuer.iter();
    let found =
        fingerprints.filter_map(|fingerprint| store.find(&hex::encode(fingerprint)).into_iter().next());
    found.collect()
}

fn imported_to_text(item: &Imported, store: &Store) -> String {
    let origin = origin(item);
    match &item.result {
        ImportResult::Added(listed) => {
            format!(
                "added          {origin}: {} {}\n               fingerprint {}",
                listed.kind, listed.subject, listed.fingerprint
            )
        }
        ImportResult::AddedMasterList {
            anchors,
            verification,
            refused,
            ..
        } => {
            let mut text = format!(
                "added          {origin}: a master list with {anchors} anchors that were not there;\n               {} \
                 signatures verify in it, {} have their issuer elsewhere, {} are wrong",
                verification.verified,
                verification.without_issuer.len(),
                verification.wrong.len()
            );
            for entry in refused {
                text.push_str(&entry_to_text(entry));
            }
            for listed in missing_issuers(verification, store) {
                let _ = write!(text, "\n               issuer elsewhere: {}", listed.subject);
                let _ = write!(text, "\n                 missing: {}", listed.issuer);
            }
            text
        }
        ImportResult::AddedDefectList {
            defects,
            passed_over,
            unreadable,
            ..
        } => {
            let mut text = format!("added          {origin}: a defect list with {defects} entries");
            if *passed_over > 0 {
                let _ = write!(
                    text,
                    "\n               {passed_over} more are passed over: no signer is named, or unreadable"
                );
            }
            if *unreadable > 0 {
                let _ = write!(
                    text,
                    "\n               {unreadable} entries or defects can't be read"
                );
            }
            text
        }
        ImportResult::AddedSigner(listed) => format!(
            "added          {origin}: {} {}\n               fingerprint {}",
            listed.kind, listed.subject, listed.fingerprint
        ),
        ImportResult::Replaced { list, older } => format!(
            "added          {origin}: {} {}\n               fingerprint {}\n               in the place of {older} older of its issuer",
            list.kind, list.subject, list.fingerprint
        ),
        ImportResult::Superseded(by) => format!(
            "superseded     {origin}: a list of {} is here already",
            time::date(by.not_before)
        ),
        ImportResult::Removed => format!("removed        {origin}"),
        ImportResult::AlreadyThere => format!("already there  {origin}"),
        ImportResult::Refused(why) => format!("refused        {origin}: {why}"),
    }
}

fn imported_to_json(item: &Imported, store: &Store) -> serde_json::Value {
    let (result, detail) = match &item.result {
        ImportResult::Added(listed) | ImportResult::AddedSigner(listed) => ("added", listed_to_json(listed)),
        ImportResult::AddedMasterList {
            anchors,
            verification,
            refused,
            ..
        } => {
            let missing = missing_issuers(verification, store).into_iter().map(|listed| {
                serde_json::json!({ "subject": listed.subject, "issuer": listed.issuer, "fingerprint": listed.fingerprint })
            });
            let detail = serde_json::json!({ "anchors": anchors, "verified": verification.verified,
                "without_issuer": verification.without_issuer.len(), "wrong": verification.wrong.len(),
                "missing_issuers": missing.collect::<Vec<_>>(),
                "refused": refused.iter().map(refused_to_json).collect::<Vec<_>>() });
            ("added", detail)
        }
        ImportResult::AddedDefectList {
            defects,
            passed_over,
            unreadable,
            ..
        } => (
            "added",
            serde_json::json!({ "defects": defects, "passed_over": passed_over, "unreadable": unreadable }),
        ),
        ImportResult::Replaced { list, older } => {
            let mut detail = listed_to_json(list);
            detail["replaces"] = (*older).into();
            ("added", detail)
        }
        ImportResult::Superseded(by) => ("superseded", listed_to_json(by)),
        ImportResult::Removed => ("removed", serde_json::Value::Null),
        ImportResult::AlreadyThere => ("already-there", serde_json::Value::Null),
        ImportResult::Refused(why) => ("refused", serde_json::json!({ "why": why.to_string() })),
    };
    serde_json::json!({ "file": item.from, "part": item.part, "result": result, "detail": detail })
}

fn list(arguments: &ListArguments) -> Result<ExitCode, CliError> {
    let (store, folder) = folder(arguments.trust.as_deref())?;
    let listed = store.list();
    if arguments.json {
        let rows: Vec<_> = listed.iter().map(listed_to_json).collect();
        let refused: Vec<_> = store.refused().iter().map(refused_to_json).collect();
        say!(
            "{}",
            serde_json::json!({ "trust": folder, "items": rows, "refused": refused })
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
            "It is empty: every document comes out undetermined. Import what you trust with `chipgate trust import FILE…`.\n",
        ),
        StoreState::NothingUsable => text.push_str("Nothing in it can be used: no document can be proven.\n"),
    }
    let mut table = Table::new(["state", "kind", "subject", "valid until", "fingerprint"]);
    for item in listed {
        let until = item.not_after.map_or_else(|| "—".to_owned(), time::date);
        table.row([
            item.country.as_deref().unwrap_or("—"),
            &item.kind.to_string(),
            &item.subject,
            &until,
            item.fingerprint.get(..16).unwrap_or(&item.fingerprint),
        ]);
    }
    if !listed.is_empty() {
        text.push_str(&table.render());
    }
    for refused in store.refused() {
        let part = refused
            .part
            .map_or(String::new(), |part| format!(", part {part}"));
        let subject = refused
            .subject
            .as_ref()
            .map_or(String::new(), |of| format!(", {of}"));
        let file = refused.file.display();
        let _ = writeln!(text, "  refused {file}{part}{subject}: {}", refused.why);
    }
    text
}

fn refused_to_json(refused: &Refused) -> serde_json::Value {
    serde_json::json!({ "file": refused.file, "part": refused.part, "fingerprint": refused.fingerprint,
        "subject": refused.subject, "why": refused.why.to_string() })
}

fn listed_to_json(item: &Listed) -> serde_json::Value {
    serde_json::json!({
        "kind": item.kind.to_string(),
        "country": item.country,
        "subject": item.subject,
        "issuer": item.issuer,
        "fingerprint": item.fingerprint,
        "not_before": time::date(item.not_before),
        "not_after": item.not_after.map(time::date),
        "revoked": item.revoked,
        "from_master_list": item.from_master_list,
        "file": item.file,
    })
}
