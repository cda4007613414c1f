//! `chipgate doctor`: what is wrong with this installation, and what to do.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use chipgate_apdu::Clock as _;
use chipgate_face::Engine;
use chipgate_gate::{Device, GateError, Outbox, VerifierClient};
use chipgate_pcsc::Readers;
use chipgate_trust_store::StoreState;
use clap::Args;

use crate::output::say;
use crate::{clock::SystemClock, folders, inspect, prose::counted, time};

/// A clock before this day was never set: the day that this version was made.
const MADE: u64 = 1_795_478_400; // 2026-11-24

#[derive(Args)]
pub(crate) struct DoctorArguments {
    /// The folder with the trust anchors (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// The device key, if this gate reports
    #[arg(long, value_name = "FILE")]
    device_key: Option<PathBuf>,
    /// Where reports wait (without it: the user's state folder)
    #[arg(long, value_name = "DIR")]
    outbox: Option<PathBuf>,
    /// The verifier's address, to see whether it answers and knows this device
    #[arg(long, value_name = "URL", requires = "device_key")]
    report: Option<String>,
    /// The authorities of the verifier's TLS certificate (PEM), instead of the public ones
    #[arg(long, value_name = "FILE", requires = "report")]
    report_ca: Option<PathBuf>,
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
    let mut findings = vec![
        service_and_reader(),
        trust(arguments),
        revocation(arguments),
        models(),
        clock(),
    ];
    let device = arguments.device_key.as_deref().map(Device::read);
    findings.extend(device.as_ref().map(device_key));
    let device = device.and_then(Result::ok);
    findings.push(outbox(arguments, device.as_ref()));
    if let (Some(address), Some(device)) = (&arguments.report, &device) {
        findings.push(verifier(address, arguments.report_ca.as_deref(), device));
    }
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
        StoreState::Ready if store.refused().is_empty() => Finding::fine(
            what,
            format!("{} in {folder}", counted(store.list().len(), "item")),
        ),
        StoreState::Ready => Finding::wrong(
            what,
            format!(
                "{} refused in {folder}: `chipgate trust list` says why",
                counted(store.refused().len(), "file")
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
                "out of date: {} of {}, first that of {}: fetch new ones",
                old.len(),
                counted(lists.len(), "list"),
                first.issuer
            ),
        ),
        (false, None) => Finding::fine(
            what,
            format!("{}, none out of date", counted(lists.len(), "list")),
        ),
    }
}

fn device_key(device: &Result<Device, GateError>) -> Finding {
    match device {
        Ok(device) => Finding::fine("device-key", format!("it is {}'s", device.name())),
        Err(error) => Finding::wrong("device-key", error.to_string()),
    }
}

/// Reports that wait are no fault by themselves; those that were refused for good no one would see otherwise.
fn outbox(arguments: &DoctorArguments, device: Option<&Device>) -> Finding {
    let what = "outbox";
    let folder = match arguments.outbox.clone().map_or_else(folders::outbox, Ok) {
        Ok(folder) => folder,
        Err(error) => return Finding::wrong(what, error.to_string()),
    };
    if !folder.exists() {
        return Finding::fine(
            what,
            format!("no report waits; the first one makes {}", folder.display()),
        );
    }
    match Outbox::look(&folder, device.map(Device::name)) {
        Err(error) => Finding::wrong(what, error.to_string()),
        Ok(contents) if contents.refused > 0 => Finding::wrong(
            what,
            format!(
                "the verifier has refused {}, kept as {}: its log and its page Devices say why. Repeated \
                 numbers: `chipgate report restart`. Else, once that is mended, rename to *.cose what is to be sent again, or \
                 remove it: reports hold evidence",
                counted(contents.refused, "report"),
                folder.join("*.refused").display()
            ),
        ),
        Ok(contents) => Finding::fine(
            what,
            format!(
                "{} waiting in {}",
                counted(contents.waiting, "report"),
                folder.display()
            ),
        ),
    }
}

fn verifier(address: &str, authorities: Option<&Path>, device: &Device) -> Finding {
    let what = "verifier";
    let asked = VerifierClient::new(address, authorities).and_then(|verifier| verifier.nonce(device.name()));
    match asked {
        Ok(_) => Finding::fine(what, format!("{address} answers, and knows {}", device.name())),
        Err(error) => Finding::wrong(what, error.to_string()),
    }
}

fn models() -> Finding {
    let what = "models";
    let loaded = chipgate_models::models_dir().map_err(|error| error.to_string());
    match loaded.and_then(|folder| Engine::load(&folder).map_err(|error| error.to_string())) {
        Ok(engine) => Finding::fine(what, format!("{} is ready", engine.model())),
        Err(error) => Finding::wrong(
            what,
            format!(
                "{error}; without the models faces are not compared, documents are inspected all the same"
            ),
        ),
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
