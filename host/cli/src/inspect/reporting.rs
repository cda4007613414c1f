//! The report of an inspection: prepared before the card arrives, made after, and sent if the verifier is there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chipgate_gate::{ChainPosition, Device, Inspection, Outbox, ReportContext, VerifierClient};
use chipgate_inspection::{Freshness, Policy, beacon_hash, offline_challenge};
use clap::Args;
use rand_core::CryptoRng;

use crate::{
    cli_error::CliError,
    folders,
    record::{RecordedContext, Replaying},
    report::send_waiting,
};

/// The verifier's last beacon, kept in the outbox for the time when it is away.
const BEACON: &str = "beacon.cose";

#[derive(Args, Default)]
pub(crate) struct ReportArguments {
    /// Send a signed report to the verifier at this address
    #[arg(long, value_name = "URL", requires = "device_key")]
    pub(crate) report: Option<String>,
    /// The device key that signs the report; `chipgate report key` makes one
    #[arg(long, value_name = "FILE")]
    pub(crate) device_key: Option<PathBuf>,
    /// Where reports wait while the verifier is away (without it: the user's state folder)
    #[arg(long, value_name = "DIR", requires = "device_key")]
    pub(crate) outbox: Option<PathBuf>,
    /// Also write the signed report (COSE_Sign1) to this file
    #[arg(long, value_name = "FILE", requires = "device_key")]
    pub(crate) report_file: Option<PathBuf>,
    /// The authorities of the verifier's TLS certificate (PEM), instead of the public ones
    #[arg(long, value_name = "FILE", requires = "report")]
    pub(crate) report_ca: Option<PathBuf>,
}

/// What is known of a report before the card arrives.
pub(crate) struct Reporting {
    device: Device,
    /// `None` for a replay: its report is shown, but neither kept nor sent.
    outbox: Option<Outbox>,
    verifier: Option<VerifierClient>,
    position: ChainPosition,
    freshness: Freshness,
    challenge: Option<[u8; 8]>,
    report_file: Option<PathBuf>,
}

/// What became of a report.
pub(crate) struct ReportOutcome {
    id: String,
    /// `None` while it waits.
    accepted: Option<bool>,
    receipt: Option<serde_json::Value>,
    note: String,
}

impl Reporting {
    /// Asks the verifier for a fresh challenge; if it is away, takes one from its last beacon.
    pub(crate) fn begin(arguments: &ReportArguments) -> Result<Option<Self>, CliError> {
        let Some(key) = &arguments.device_key else {
            return Ok(None);
        };
        let device = Device::read(key)?;
        let folder = arguments.outbox.clone().unwrap_or_else(folders::outbox);
        let outbox = Outbox::open(&folder)?;
        let position = outbox.position(device.name())?;
        let client = |address: &String| VerifierClient::new(address, arguments.report_ca.as_deref());
        let verifier = arguments.report.as_ref().map(client).transpose()?;
        let mut reporting = Self {
            device,
            outbox: Some(outbox),
            verifier,
            position,
            freshness: Freshness::None,
            challenge: None,
            report_file: arguments.report_file.clone(),
        };
        reporting.ask_for_freshness(&folder.join(BEACON))?;
        Ok(Some(reporting))
    }

    fn ask_for_freshness(&mut self, beacon_file: &Path) -> Result<(), CliError> {
        let Some(verifier) = &self.verifier else {
            return Ok(());
        };
        if let Some(nonce) = verifier.nonce(self.device.name())? {
            self.freshness = Freshness::Online { nonce: nonce.0 };
            self.challenge = Some(nonce.0);
            if let Some(beacon) = verifier.beacon() {
                fs::write(beacon_file, beacon).map_err(|error| CliError::file(beacon_file, error))?;
            }
        } else if let Ok(beacon) = fs::read(beacon_file) {
            let hash = beacon_hash(&beacon);
            self.freshness = Freshness::Offline { beacon: hash };
            self.challenge = Some(offline_challenge(
                &hash,
                self.device.name(),
                self.position.sequence,
            ));
        }
        Ok(())
    }

    /// The report of a recorded inspection: the same bytes, given the same device key.
    pub(crate) fn of_recording(
        arguments: &ReportArguments,
        replaying: &Replaying,
    ) -> Result<Option<Self>, CliError> {
        let Some(key) = &arguments.device_key else {
            return Ok(None);
        };
        if arguments.report.is_some() {
            return Err(CliError::Usage(
                "a replay is not reported: it shows what was, not what is".to_owned(),
            ));
        }
        let Some(context) = replaying.context() else {
            return Err(CliError::Usage(
                "the recording is of an inspection without a report: replay it without --device-key"
                    .to_owned(),
            ));
        };
        Ok(Some(Self {
            device: Device::read(key)?,
            outbox: None,
            verifier: None,
            position: context.position,
            freshness: context.freshness,
            challenge: context.challenge,
            report_file: arguments.report_file.clone(),
        }))
    }

    /// What a recording must keep so that a replay gives the same report.
    pub(crate) const fn context(&self) -> RecordedContext {
        RecordedContext {
            position: self.position,
            freshness: self.freshness,
            challenge: self.challenge,
        }
    }

    /// The challenge that makes active authentication fresh, if there is one.
    pub(crate) const fn challenge(&self) -> Option<[u8; 8]> {
        self.challenge
    }

    /// Makes the report, puts it on the disk, and sends all that waits.
    pub(crate) fn finish(
        self,
        inspection: &Inspection,
        policy: &Policy,
        rng: &mut impl CryptoRng,
    ) -> Result<ReportOutcome, CliError> {
        let context = ReportContext {
            device: &self.device,
            position: self.position,
            freshness: self.freshness,
        };
        let (id, bytes) = context.report(inspection, policy, rng)?;
        let mut outcome = ReportOutcome {
            id: hex::encode(id),
            accepted: None,
            receipt: None,
            note: "it was made again, and not sent".to_owned(),
        };
        if let Some(file) = &self.report_file {
            fs::write(file, &bytes).map_err(|error| CliError::file(file, error))?;
        }
        let Some(outbox) = &self.outbox else {
            return Ok(outcome);
        };
        let waiting = outbox.put(self.device.name(), self.position.sequence, &bytes)?;
        "it waits for the verifier".clone_into(&mut outcome.note);
        if let Some(verifier) = &self.verifier {
            let sent = send_waiting(outbox, verifier)?;
            outcome.take(waiting.sequence, sent);
        }
        Ok(outcome)
    }
}

impl ReportOutcome {
    /// Finds what became of this report among all that were sent.
    fn take(&mut self, sequence: u64, sent: crate::report::Sent) {
        let is_mine = |receipt: &serde_json::Value| receipt["id"].as_str() == Some(&self.id);
        let file = format!("{sequence:012}");
        if let Some(receipt) = sent.receipts.into_iter().find(is_mine) {
            self.note = format!(
                "accepted by the verifier, whose verdict is {}",
                receipt["verdict"].as_str().unwrap_or("—")
            );
            self.accepted = Some(true);
            self.receipt = Some(receipt);
        } else if let Some((path, code, message)) = sent.refused.into_iter().find(|(path, ..)| {
            path.file_stem()
                .is_some_and(|stem| stem.to_string_lossy() == file)
        }) {
            self.note = format!(
                "refused by the verifier: {message} ({code}); kept in {}",
                path.display()
            );
            self.accepted = Some(false);
        } else if let Some(why) = sent.why {
            self.note = format!("the verifier is away ({why}); it waits and goes out later");
        }
    }

    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "id": self.id,
            "accepted_by_verifier": self.accepted,
            "receipt": self.receipt,
            "note": self.note,
        })
    }

    /// Its identifier, hexadecimal.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn to_text(&self) -> String {
        format!("{}: {}", self.id, self.note)
    }

    /// The verifier's receipt, once it has the report.
    pub(crate) const fn receipt(&self) -> Option<&serde_json::Value> {
        self.receipt.as_ref()
    }
}
