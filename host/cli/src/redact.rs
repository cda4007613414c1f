//! `chipgate record redact` and `chipgate record twin`: the same exchange and the same card, of another holder.

use std::path::{Path, PathBuf};

use chipgate_apdu::Clock as _;
use chipgate_recording::{IssuerKnown, RevocationKnown, Twin, TwinOptions, redact};
use clap::Args;
use serde_json::{Value, json};

use crate::{
    cli_error::CliError,
    clock::SystemClock,
    inspect::{self, InspectArguments},
    output::say,
    overwrite::Overwrite,
    private,
    read::{self, ReadArguments},
    record::{is_reading, read_recording},
    source::CardArguments,
};

#[derive(Args)]
pub(crate) struct TwinArguments {
    /// The recording
    file: PathBuf,
    /// What to write; the anchors of the invented issuers go to a folder beside it, whose name ends in .trust
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The anchors of the recorded document: what they make of its signer is then so for the invented one, too
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    overwrite: Overwrite,
}

/// Writes the recording again with invented data.
pub(crate) fn redact_recording(arguments: &TwinArguments) -> Result<(), CliError> {
    let trust = places(arguments)?;
    let recording = read_recording(&arguments.file)?;
    let (recorded, options) = recorded_outcome(arguments);
    let redacted = redact(&recording, options, &mut rand::rng())?;
    redacted.recording.write(&arguments.out)?;
    write_trust(&arguments.out, &trust, &redacted.twin)?;
    let outcome = replayed(&arguments.out, &trust);
    tell(arguments, "recording", &trust, (recorded, outcome));
    Ok(())
}

/// Writes the virtual card that answers as the recorded one did.
pub(crate) fn make_twin(arguments: &TwinArguments) -> Result<(), CliError> {
    let trust = places(arguments)?;
    let recording = read_recording(&arguments.file)?;
    let (recorded, options) = recorded_outcome(arguments);
    let twin = Twin::of(&recording, options, &mut rand::rng())?;
    twin.card.write(&arguments.out)?;
    write_trust(&arguments.out, &trust, &twin)?;
    let outcome = outcome(&InspectArguments {
        card: CardArguments {
            card: Some(arguments.out.clone()),
            ..CardArguments::default()
        },
        trust: Some(trust.clone()),
        json: true,
        ..InspectArguments::default()
    });
    tell(arguments, "card", &trust, (recorded, outcome));
    Ok(())
}

/// What the recorded document comes to with its own anchors, and what that says of its issuer. Without anchors the
/// issuer counts as known and its signer as good.
fn recorded_outcome(arguments: &TwinArguments) -> (Option<Value>, TwinOptions) {
    let recorded = arguments
        .trust
        .as_deref()
        .map(|trust| inspected(&arguments.file, trust));
    let reason = |check: &str| {
        let checks = recorded.as_ref()?["checks"].as_array()?;
        let found = checks.iter().find(|found| found["name"] == check)?;
        found["reason"].as_str().map(str::to_owned)
    };
    let options = TwinOptions {
        issuer: match reason("issuer-certificate").as_deref() {
            Some("issuer-unknown") => IssuerKnown::Unknown,
            Some("certificate-forged") => IssuerKnown::Forged,
            _ => IssuerKnown::Anchor,
        },
        revocation: match reason("revocation").as_deref() {
            Some("certificate-revoked") => RevocationKnown::Revoked,
            Some("no-revocation-list") => RevocationKnown::NoList,
            _ => RevocationKnown::Good,
        },
        now: SystemClock.now(),
    };
    (recorded.as_ref().map(short), options)
}

/// Looks at the places of what is to be written, before the work for it begins; the folder of the anchors.
fn places(arguments: &TwinArguments) -> Result<PathBuf, CliError> {
    let out = arguments.out.as_path();
    arguments.overwrite.check([out])?;
    let same = |one: &Path, other: &Path| matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other);
    if same(&arguments.file, out) {
        return Err(CliError::Usage(format!(
            "{} is the recording itself, which is kept: name another file by --out",
            out.display()
        )));
    }
    let mut name = out.as_os_str().to_owned();
    name.push(".trust");
    let folder = PathBuf::from(name);
    // Of an older twin it may be written over, of anything else never.
    if folder.exists() && !(arguments.overwrite.is_forced() && holds_anchors_alone(&folder)) {
        return Err(CliError::Usage(format!(
            "{} is there already, and was left as it was: name another file, or --force to write over anchors of an older one",
            folder.display()
        )));
    }
    Ok(folder)
}

/// Whether a folder has nothing in it but what a twin's anchors are called.
fn holds_anchors_alone(folder: &Path) -> bool {
    let is_folder = folder.symlink_metadata().is_ok_and(|about| about.is_dir());
    let files = std::fs::read_dir(folder).into_iter().flatten();
    let is_anchor = |name: &str| {
        let stem = name.strip_suffix(".der").or_else(|| name.strip_suffix(".crl"));
        let number = stem.and_then(|stem| stem.strip_prefix("csca-"));
        number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    is_folder
        && files.into_iter().all(|file| {
            file.is_ok_and(|file| {
                let is_file = file.file_type().is_ok_and(|kind| kind.is_file());
                is_file && file.file_name().to_str().is_some_and(is_anchor)
            })
        })
}

/// Writes the anchors of what was written to `out`: all of them or none. Those of an older one make way; `places` has looked at them.
fn write_trust(out: &Path, folder: &Path, twin: &Twin) -> Result<(), CliError> {
    let failed = |error| CliError::Anchors {
        out: out.to_owned(),
        error: Box::new(error),
    };
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|error| failed(CliError::file(folder, error)))?;
    }
    private::make_folder(folder).map_err(failed)?;
    let mut anchors = twin.trust.iter();
    anchors
        .try_for_each(|(name, bytes)| private::write(&folder.join(name), bytes))
        .map_err(|error| {
            let _ = std::fs::remove_dir_all(folder); // made here just now
            failed(error)
        })
}

fn replayed(file: &Path, trust: &Path) -> Value {
    short(&inspected(file, trust))
}

fn inspected(file: &Path, trust: &Path) -> Value {
    if is_reading(file) {
        return read_and_inspected(file, trust).unwrap_or_else(|error| error.to_json());
    }
    whole_outcome(&InspectArguments {
        replay: Some(file.to_owned()),
        trust: Some(trust.to_owned()),
        json: true,
        ..InspectArguments::default()
    })
}

fn outcome(arguments: &InspectArguments) -> Value {
    short(&whole_outcome(arguments))
}

/// What an inspection of the files comes to that a recorded reading gave.
fn read_and_inspected(file: &Path, trust: &Path) -> Result<Value, CliError> {
    let folder = tempfile::tempdir().map_err(|error| CliError::file(&std::env::temp_dir(), error))?;
    let files = folder.path().join("files");
    read::read(&ReadArguments {
        out: files.clone(),
        replay: Some(file.to_owned()),
        json: true,
        ..ReadArguments::default()
    })?;
    Ok(whole_outcome(&InspectArguments {
        files: Some(files),
        trust: Some(trust.to_owned()),
        json: true,
        ..InspectArguments::default()
    }))
}

/// What an inspection writes, an error included.
fn whole_outcome(arguments: &InspectArguments) -> Value {
    match inspect::inspect(arguments, &mut |_| ()) {
        Ok(found) => inspect::json(&found),
        Err(error) => error.to_json(),
    }
}

/// Verdict, the check that stopped it and its reason, or the error's code.
fn short(inspection: &Value) -> Value {
    let stopped_by = &inspection["stopped_by"];
    let reason = inspection["checks"]
        .as_array()
        .and_then(|checks| checks.iter().find(|check| check["name"] == *stopped_by))
        .map_or(Value::Null, |check| check["reason"].clone());
    json!({
        "verdict": inspection["verdict"],
        "stopped_by": stopped_by,
        "reason": reason,
        "error": inspection["error"]["code"],
    })
}

fn tell(arguments: &TwinArguments, kind: &str, trust: &Path, (recorded, outcome): (Option<Value>, Value)) {
    if arguments.json {
        say!(
            "{}",
            json!({
                kind: arguments.out.display().to_string(),
                "trust": trust.display().to_string(),
                "recorded": recorded,
                "outcome": outcome,
            })
        );
        return;
    }
    say!(
        "{} with invented data; its anchors in {}",
        arguments.out.display(),
        trust.display()
    );
    if let Some(recorded) = &recorded {
        say!("  recorded  {}", words(recorded));
    }
    say!("  invented  {}", words(&outcome));
    say!("  without a face: a recording keeps no picture of the camera, and so not what `face` came to");
}

fn words(outcome: &Value) -> String {
    let text = |name: &str| outcome[name].as_str().unwrap_or("");
    if let Some(error) = outcome["error"].as_str() {
        return format!("error {error}");
    }
    format!("{} {} {}", text("verdict"), text("stopped_by"), text("reason"))
        .trim_end()
        .to_owned()
}
