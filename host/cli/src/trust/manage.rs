//! `chipgate trust remove | bundle | update`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chipgate_apdu::{Clock as _, Timestamp};
use chipgate_crypto::{PublicKey, SigningKey};
use chipgate_trust_store::{BundlingError, Store, der_of, read_file};
use clap::Args;
use serde_json::json;

use super::text::fingerprint_line;
use super::{folder, key_file, lost};
use crate::output::say;
use crate::overwrite::Overwrite;
use crate::prose::{counted, wrapped};
use crate::{cli_error::CliError, clock::SystemClock, folders, time};

/// The last moment that a number can be made of: behind a higher one no later bundle would fit.
const HIGHEST_NUMBER: u64 = 99_991_231_235_959;

#[derive(Args)]
pub(crate) struct RemoveArguments {
    /// At least the first 8 digits of the fingerprint of a certificate or a list; an anchor of a list or a bundle is distrusted from
    /// now on
    #[arg(value_name = "FINGERPRINT")]
    fingerprint: String,
    /// The trust folder (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
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
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=HIGHEST_NUMBER))]
    number: Option<u64>,
    /// The trust folder (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
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
    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn remove(arguments: &RemoveArguments) -> Result<ExitCode, CliError> {
    let (mut store, _) = folder(arguments.trust.as_deref())?;
    let before = store.standing(SystemClock.now());
    let removed = store.remove(&arguments.fingerprint)?;
    let lost = store.lost_since(&before);
    if arguments.json {
        say!(
            "{}",
            json!({ "trust": store.folder(), "removed": removed.count, "distrusted": removed.distrusted,
                    "lost": lost::to_json(&lost) })
        );
    } else {
        say!("removed {} from {}", removed.count, store.folder().display());
        for fingerprint in &removed.distrusted {
            let says = "distrusted from now on: no list and no bundle brings it in, until `chipgate trust import FILE \
                        --fingerprint` takes it back";
            crate::output::write(format_args!("{}", wrapped("  ", "  ", says)));
            crate::output::write(format_args!("{}", fingerprint_line(fingerprint)));
        }
        crate::output::write(format_args!("{}", lost::to_text(&lost)));
    }
    Ok(if lost::is_to_be_looked_at(&lost) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
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
    let der = read(&arguments.key)?;
    let key = SigningKey::from_pkcs8_der(&der).map_err(|error| {
        let known = key_file::instead_of_private(&arguments.key, &der);
        known.map_or_else(|| unfit(&error), CliError::Usage)
    })?;
    let now = SystemClock.now();
    let number = arguments.number.unwrap_or_else(|| number_of(now));
    let bytes = store
        .to_bundle(number, now, &key, &mut rand::rng())
        .map_err(|error| match error {
            BundlingError::Store(error) => error.into(),
            other => unfit(&other),
        })?;
    std::fs::write(&arguments.out, &bytes).map_err(|error| CliError::file(&arguments.out, error))?;
    let (anchors, signers, lists, defects) = store.counts();
    if anchors == 0 {
        eprintln!("warning: the bundle has no anchor: whoever takes it in can prove no document");
    }
    if arguments.json {
        let counts = json!({ "anchors": anchors, "signers": signers, "revocation_lists": lists, "defect_lists": defects });
        say!(
            "{}",
            json!({ "file": arguments.out, "version": number, "bytes": bytes.len(), "has": counts })
        );
    } else {
        say!(
            "{}: version {number}, {} bytes",
            arguments.out.display(),
            bytes.len()
        );
        say!(
            "  {}, {}, {}, {}",
            counted(anchors, "anchor"),
            counted(signers, "signer"),
            counted(lists, "revocation list"),
            counted(defects, "defect list")
        );
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn update(arguments: &UpdateArguments) -> Result<ExitCode, CliError> {
    let folder = arguments.trust.clone().map_or_else(folders::trust, Ok)?;
    let key = match &arguments.key {
        None => None,
        Some(path) => {
            let der = read(path)?;
            let key = PublicKey::from_spki_der(&der).map_err(|error| {
                let known = key_file::instead_of_public(path, &der);
                CliError::Usage(known.unwrap_or_else(|| format!("{}: {error}", path.display())))
            });
            Some(key?)
        }
    };
    let mut store = Store::create(&folder)?;
    let version = store.update(&arguments.file, key)?;
    let anchors = store.bundle().map_or(0, |bundle| bundle.anchors().count());
    if anchors == 0 {
        eprintln!("warning: the bundle has no anchor: no document can be proven by it");
    }
    if arguments.json {
        say!(
            "{}",
            json!({ "trust": folder, "version": version, "anchors": anchors })
        );
    } else {
        say!("{}: version {version} is in force", folder.display());
    }
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
