//! `chipgate trust show | diff | remove | bundle | update`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chipgate_apdu::{Clock as _, Timestamp};
use chipgate_crypto::{PublicKey, SigningKey};
use chipgate_trust_store::{Listed, Store, StoreError, der_of, read_file};
use clap::Args;
use serde_json::json;

use super::{folder, listed_to_json};
use crate::output::say;
use crate::overwrite::Overwrite;
use crate::{cli_error::CliError, clock::SystemClock, folders, time};

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

#[derive(Args)]
pub(crate) struct RemoveArguments {
    /// At least the first 8 digits of the fingerprint of a certificate or a list
    #[arg(value_name = "FINGERPRINT")]
    fingerprint: String,
    /// The trust folder (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct BundleArguments {
    /// The file to write
    #[arg(value_name = "FILE")]
    out: PathBuf,
    /// The key that signs bundles, on P-256 (PKCS#8, DER or PEM)
    #[arg(long, value_name = "KEY")]
    key: PathBuf,
    #[command(flatten)]
    overwrite: Overwrite,
    /// A number that grows with each bundle (without it: the moment as YYYYMMDDhhmmss, UTC)
    #[arg(long, value_name = "N")]
    number: Option<u64>,
    /// The trust folder (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct UpdateArguments {
    /// The bundle
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The public key that bundles are signed with (SubjectPublicKeyInfo, DER or PEM); remembered from the first time on
    #[arg(long, value_name = "KEY")]
    key: Option<PathBuf>,
    /// The trust folder (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
}

pub(crate) fn show(arguments: &ShowArguments) -> Result<ExitCode, CliError> {
    let (store, _) = folder(arguments.trust.as_deref())?;
    let found = store.find(&arguments.what);
    if arguments.json {
        let items: Vec<_> = found.iter().map(listed_to_json).collect();
        say!("{}", json!({ "items": items }));
    } else {
        for item in &found {
            crate::output::write(format_args!("{}", in_full(item)));
        }
    }
    if found.is_empty() {
        return Err(StoreError::NotThere {
            fingerprint: arguments.what.clone(),
        }
        .into());
    }
    Ok(ExitCode::SUCCESS)
}

fn in_full(item: &Listed) -> String {
    let mut text = format!("{} {}\n", item.kind, item.subject);
    let until = item.not_after.map_or_else(|| "—".to_owned(), time::date);
    let _ = writeln!(text, "  issuer       {}", item.issuer);
    let _ = writeln!(text, "  valid        {} to {until}", time::date(item.not_before));
    let _ = writeln!(text, "  SHA-256      {}", item.fingerprint);
    if let Some(revoked) = item.revoked {
        let _ = writeln!(text, "  revokes      {revoked} certificates");
    }
    let origin = if item.from_master_list {
        "from the list "
    } else {
        ""
    };
    let _ = writeln!(text, "  file         {origin}{}", item.file.display());
    text
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
                let short = item.fingerprint.get(..16).unwrap_or(&item.fingerprint);
                say!("{sign} {} {} ({short})", item.kind, item.subject);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn remove(arguments: &RemoveArguments) -> Result<ExitCode, CliError> {
    let (mut store, _) = folder(arguments.trust.as_deref())?;
    let count = store.remove(&arguments.fingerprint)?;
    say!("removed {count} from {}", store.folder().display());
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let bytes = read_file(path).map_err(|error| CliError::file(path, error))?;
    Ok(der_of(&bytes))
}

/// `YYYYMMDDhhmmss`: it grows with each bundle that is made by itself, a second later at the earliest.
fn number_of(now: Timestamp) -> u64 {
    let day: u64 = time::date(now).replace('-', "").parse().unwrap_or_default();
    let second = now.seconds() % 86_400;
    day * 1_000_000 + second / 3600 * 10_000 + second / 60 % 60 * 100 + second % 60
}

pub(crate) fn bundle(arguments: &BundleArguments) -> Result<ExitCode, CliError> {
    arguments.overwrite.check([arguments.out.as_path()])?;
    let (store, _) = folder(arguments.trust.as_deref())?;
    let unfit = |error: &dyn std::fmt::Display| {
        CliError::Usage(format!("{} signs no bundles: {error}", arguments.key.display()))
    };
    let key = SigningKey::from_pkcs8_der(&read(&arguments.key)?).map_err(|error| unfit(&error))?;
    let now = SystemClock.now();
    let number = arguments.number.unwrap_or_else(|| number_of(now));
    let bytes = store
        .to_bundle(number, now, &key, &mut rand::rng())
        .map_err(|error| unfit(&error))?;
    std::fs::write(&arguments.out, &bytes).map_err(|error| CliError::file(&arguments.out, error))?;
    let (anchors, signers, lists, defects) = store.counts();
    if anchors == 0 {
        eprintln!("warning: the bundle has no anchor: whoever takes it in can prove no document");
    }
    say!(
        "{}: version {number}, {} bytes, {anchors} anchors, {signers} signers, {lists} revocation lists, {defects} defect lists",
        arguments.out.display(),
        bytes.len()
    );
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn update(arguments: &UpdateArguments) -> Result<ExitCode, CliError> {
    let folder = arguments.trust.clone().map_or_else(folders::trust, Ok)?;
    let key = match &arguments.key {
        None => None,
        Some(path) => {
            let key = PublicKey::from_spki_der(&read(path)?);
            Some(key.map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))?)
        }
    };
    let version = Store::create(&folder)?.update(&arguments.file, key)?;
    say!("{}: version {version} is in force", folder.display());
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundles_number_is_the_moment_to_the_second() {
        let moment = Timestamp::from_seconds(1_780_272_000 + 13 * 3600 + 5 * 60 + 9);
        assert_eq!(number_of(moment), 20_260_601_130_509);
    }
}
