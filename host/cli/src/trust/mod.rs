//! `chipgate trust`.

mod check;
mod conflicts;
mod coverage;
mod import;
mod key_file;
mod list;
mod lost;
mod manage;
mod map;
mod text;

use std::{path::Path, path::PathBuf, process::ExitCode};

use chipgate_trust_store::{Listed, Refused, Store};
use clap::Subcommand;

use self::check::CheckArguments;
use self::coverage::CoverageArguments;
use self::import::ImportArguments;
use self::list::{DiffArguments, ListArguments, ShowArguments};
use self::manage::{BundleArguments, RemoveArguments, UpdateArguments};
use crate::{cli_error::CliError, folders, time};

#[derive(Subcommand)]
pub(crate) enum TrustCommand {
    /// Import certificates, revocation, master and defect lists, and LDIF into the trust folder
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

pub(crate) fn run(command: &TrustCommand) -> Result<ExitCode, CliError> {
    match command {
        TrustCommand::Import(arguments) => import::run(arguments),
        TrustCommand::List(arguments) => list::run(arguments),
        TrustCommand::Show(arguments) => list::show(arguments),
        TrustCommand::Diff(arguments) => list::diff(arguments),
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
        "unusable": item.unusable,
        "file": item.file,
    })
}
