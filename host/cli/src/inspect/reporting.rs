//! The report of an inspection: prepared before the card arrives, made after, and sent if the verifier is there.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use chipgate_gate::{ChainPosition, Device, Inspection, Outbox, ReportContext, VerifierClient};
use chipgate_inspection::{Freshness, Policy, beacon_hash, offline_challenge};
use clap::Args;
use rand_core::CryptoRng;

use crate::{
    cli_error::CliError,
    folders, private,
    record::{RecordedContext, Replaying},
    report::send_waiting,
};

/// The verifier's last beacon, kept in the outbox for the time when it is away.
const BEACON: &str = "beacon.cose";
/// How long a beacon may be used, as the verifier sees it, too.
const LONGEST_BEACON: Duration = Duration::from_hours(24);
/// How many waiting reports one inspection sends at the most: a traveller waits. `chipgate report send` sends all.
const BACKLOG: usize = 10;

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
    /// `None` if it could not be made.
    id: Option<String>,
    /// `None` while it waits.
    accepted: Option<bool>,
    receipt: Option<serde_json::Value>,
    note: String,
    error: Option<&'static str>,
}

impl Reporting {
    /// Asks the verifier for a fresh challenge; if it is away, takes one from its last beacon.
    pub(crate) fn begin(arguments: &ReportArguments) -> Result<Option<Self>, CliError> {
        let Some(key) = &arguments.device_key else {
            return Ok(None);
        };
        let device = Device::read(key)?;
        let folder = arguments.outbox.clone().map_or_else(folders::outbox, Ok)?;
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

    /// The verifier's own random number if it is there; else what follows from its last beacon, while that is young:
    /// from an old one the challenges to come could be known, and answered, long before.
    fn ask_for_freshness(&mut self, beacon_file: &Path) -> Result<(), CliError> {
        let nonce = match &self.verifier {
            Some(verifier) => verifier.nonce(self.device.name())?,
            None => None,
        };
        if let Some(nonce) = nonce {
            self.freshness = Freshness::Online { nonce: nonce.0 };
            self.challenge = Some(nonce.0);
            if let (Some(beacon), Some(outbox)) = (
                self.verifier.as_ref().and_then(VerifierClient::beacon),
                &self.outbox,
            ) {
                outbox.keep(BEACON, &beacon)?;
            }
        } else if let Some(beacon) = young_beacon(beacon_file)? {
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

    /// Makes the report, puts it on the disk, and sends it and some of those that wait.
    ///
    /// What goes wrong here is told in the outcome: the verdict stands whatever becomes of its report.
    pub(crate) fn finish(
        self,
        inspection: &Inspection,
        policy: &Policy,
        rng: &mut impl CryptoRng,
    ) -> ReportOutcome {
        self.try_to_finish(inspection, policy, rng)
            .unwrap_or_else(|error| ReportOutcome {
                id: None,
                accepted: None,
                receipt: None,
                note: format!("NO REPORT WAS MADE: {error}"),
                error: Some(error.code()),
            })
    }

    fn try_to_finish(
        &self,
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
            id: Some(hex::encode(id)),
            accepted: None,
            receipt: None,
            note: "it was made again, and not sent".to_owned(),
            error: None,
        };
        let Some(outbox) = &self.outbox else {
            self.write_report_file(&bytes)?;
            return Ok(outcome);
        };
        let waiting = outbox.put(self.device.name(), self.position.sequence, &bytes)?;
        "it waits for the verifier".clone_into(&mut outcome.note);
        if let Some(verifier) = &self.verifier {
            // From here on the report is safe on the disk.
            match send_waiting(outbox, verifier, BACKLOG) {
                Ok(sent) => outcome.take(waiting.sequence, sent),
                Err(error) => outcome.note = format!("it waits: {error}"),
            }
        }
        if let Err(error) = self.write_report_file(&bytes) {
            outcome.note = format!("{}; its copy could not be written: {error}", outcome.note);
        }
        Ok(outcome)
    }

    fn write_report_file(&self, bytes: &[u8]) -> Result<(), CliError> {
        self.report_file
            .as_deref()
            .map_or(Ok(()), |file| private::write(file, bytes))
    }
}

/// The verifier's last beacon, if it is younger than [`LONGEST_BEACON`]. It came over a protected way, and the verifier
/// looks at its age again.
fn young_beacon(file: &Path) -> Result<Option<Vec<u8>>, CliError> {
    match fs::metadata(file) {
        Ok(metadata) => {
            let age = metadata
                .modified()
                .ok()
                .and_then(|written| written.elapsed().ok());
            if age.is_none_or(|age| age > LONGEST_BEACON) {
                return Ok(None);
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(CliError::file(file, error)),
    }
    fs::read(file)
        .map(Some)
        .map_err(|error| CliError::file(file, error))
}

impl ReportOutcome {
    /// Finds what became of this report among all that were sent.
    fn take(&mut self, sequence: u64, sent: crate::report::Sent) {
        let is_mine = |receipt: &serde_json::Value| receipt["id"].as_str() == self.id.as_deref();
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
            "error": self.error,
        })
    }

    /// Its identifier, hexadecimal; `None` if it could not be made.
    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub(crate) fn to_text(&self) -> String {
        format!("{}: {}", self.id.as_deref().unwrap_or("none"), self.note)
    }

    /// The verifier's receipt, once it has the report.
    pub(crate) const fn receipt(&self) -> Option<&serde_json::Value> {
        self.receipt.as_ref()
    }
}
