//! The report of an inspection: looked into before a card is touched, prepared when the card is there, made and put on
//! the disk before the verdict is told, and sent after.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use chipgate_gate::{
    ChainPosition, Device, GateError, Inspection, Outbox, ReportContext, VerifierClient, WaitingReport,
};
use chipgate_inspection::{Freshness, Policy, beacon_hash, offline_challenge};
use clap::Args;
use rand_core::CryptoRng;

use crate::{
    cli_error::CliError,
    folders, overwrite, private,
    prose::counted,
    record::RecordedContext,
    report::{advice, send_waiting},
};

/// The verifier's last beacon, kept in the outbox for the time when it is away.
const BEACON: &str = "beacon.cose";
/// How long a beacon may be used, as the verifier sees it, too.
const LONGEST_BEACON: Duration = Duration::from_hours(24);
/// How many waiting reports one inspection sends at the most. `chipgate report send` sends all.
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

/// Who reports, and where to: what the command line says. What of it can't be used ends the program before a card is
/// touched; whatever goes wrong later is told with the verdict, and never takes it away.
pub(crate) struct Reporter {
    device: Device,
    folder: PathBuf,
    verifier: Option<VerifierClient>,
    report_file: Option<PathBuf>,
}

/// What is known of a report once the card is there.
pub(crate) struct Reporting {
    device: Device,
    /// `None` for a replay: its report is shown, but neither kept nor sent.
    outbox: Option<Outbox>,
    verifier: Option<VerifierClient>,
    position: ChainPosition,
    freshness: Freshness,
    challenge: Option<[u8; 8]>,
    report_file: Option<PathBuf>,
    /// What the verifier had against giving a random number.
    trouble: Option<GateError>,
}

/// A report that is safe on the disk, or what became of it instead.
pub(crate) struct Kept {
    outcome: ReportOutcome,
    waiting: Option<(Outbox, WaitingReport)>,
    verifier: Option<VerifierClient>,
    trouble: Option<GateError>,
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
    /// Why the verifier does not have it: a code of the verifier's, or of the way to it.
    not_sent: Option<String>,
    /// What else went wrong.
    aside: String,
}

impl Reporter {
    /// Looks at what the command line names.
    pub(crate) fn new(arguments: &ReportArguments) -> Result<Option<Self>, CliError> {
        let Some(key) = &arguments.device_key else {
            return Ok(None);
        };
        overwrite::refuse(arguments.report_file.as_deref())?;
        let client = |address: &String| VerifierClient::new(address, arguments.report_ca.as_deref());
        let reporter = Self {
            device: Device::read(key)?,
            folder: arguments.outbox.clone().map_or_else(folders::outbox, Ok)?,
            verifier: arguments.report.as_ref().map(client).transpose()?,
            report_file: arguments.report_file.clone(),
        };
        match Outbox::look(&reporter.folder, Some(reporter.device.name())) {
            Ok(contents) if contents.refused > 0 => eprintln!(
                "chipgate: the verifier has refused {} in {}: `chipgate doctor` says what to do",
                counted(contents.refused, "report"),
                reporter.folder.display()
            ),
            Ok(_) => {}
            // Whoever stands at the gate learns of it before the first card comes, and the card is inspected all the same.
            Err(error) => eprintln!("chipgate: NO REPORT WILL BE MADE: {error}"),
        }
        Ok(Some(reporter))
    }

    /// Takes the next place in the device's chain, and asks the verifier for a fresh challenge; if that is away, takes one
    /// from its last beacon. The card is there: until then neither the outbox nor a random number is taken.
    pub(crate) fn begin(self) -> Result<Reporting, GateError> {
        let outbox = Outbox::open(&self.folder)?;
        let position = outbox.position(self.device.name())?;
        let mut reporting = Reporting {
            device: self.device,
            outbox: Some(outbox),
            verifier: self.verifier,
            position,
            freshness: Freshness::None,
            challenge: None,
            report_file: self.report_file,
            trouble: None,
        };
        reporting.ask_for_freshness(&self.folder.join(BEACON));
        Ok(reporting)
    }
}

impl Reporting {
    /// The verifier's own random number if it gives one; else what follows from its last beacon, while that is young:
    /// from an old one the challenges to come could be known, and answered, long before.
    fn ask_for_freshness(&mut self, beacon_file: &Path) {
        match self
            .verifier
            .as_ref()
            .map(|verifier| verifier.nonce(self.device.name()))
        {
            Some(Ok(nonce)) => {
                self.freshness = Freshness::Online { nonce: nonce.0 };
                self.challenge = Some(nonce.0);
                return;
            }
            Some(Err(error)) => self.trouble = Some(error),
            None => {}
        }
        // One that is busy is there, and may give a beacon all the same.
        let new = match (&self.trouble, &self.verifier) {
            (Some(GateError::VerifierBusy { .. }), Some(verifier)) => verifier.beacon(),
            _ => None,
        };
        if let (Some(beacon), Some(outbox)) = (&new, &self.outbox) {
            keep_beacon(outbox, beacon);
        }
        if let Some(beacon) = new.or_else(|| young_beacon(beacon_file)) {
            let hash = beacon_hash(&beacon);
            self.freshness = Freshness::Offline { beacon: hash };
            self.challenge = Some(offline_challenge(
                &hash,
                self.device.name(),
                self.position.sequence,
            ));
        }
    }

    /// The report of a recorded inspection: the same bytes, given the same device key.
    pub(crate) fn of_recording(
        arguments: &ReportArguments,
        context: Option<RecordedContext>,
    ) -> Result<Option<Self>, CliError> {
        let Some(key) = &arguments.device_key else {
            return Ok(None);
        };
        overwrite::refuse(arguments.report_file.as_deref())?;
        if arguments.report.is_some() {
            return Err(CliError::Usage(
                "a replay is not reported: it shows what was, not what is".to_owned(),
            ));
        }
        let Some(context) = context else {
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
            trouble: None,
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

    /// Makes the report and puts it on the disk, so that no verdict is told whose report could still be lost.
    pub(crate) fn keep(self, inspection: &Inspection, policy: &Policy, rng: &mut impl CryptoRng) -> Kept {
        match self.try_to_keep(inspection, policy, rng) {
            Ok((outcome, waiting)) => Kept {
                outcome,
                waiting: self.outbox.zip(waiting),
                verifier: self.verifier,
                trouble: self.trouble,
            },
            Err(error) => Kept::none(&error),
        }
    }

    fn try_to_keep(
        &self,
        inspection: &Inspection,
        policy: &Policy,
        rng: &mut impl CryptoRng,
    ) -> Result<(ReportOutcome, Option<WaitingReport>), CliError> {
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
            not_sent: None,
            aside: String::new(),
        };
        let Some(outbox) = &self.outbox else {
            self.write_report_file(&bytes)?;
            return Ok((outcome, None));
        };
        let waiting = outbox.put(self.device.name(), self.position.sequence, &bytes)?;
        "it waits for the verifier".clone_into(&mut outcome.note);
        if let Err(error) = self.write_report_file(&bytes) {
            outcome.aside = format!("; its copy could not be written: {error}");
        }
        Ok((outcome, Some(waiting)))
    }

    fn write_report_file(&self, bytes: &[u8]) -> Result<(), CliError> {
        self.report_file
            .as_deref()
            .map_or(Ok(()), |file| private::write(file, bytes))
    }
}

impl Kept {
    /// No report could be made; the verdict stands.
    pub(crate) fn none(error: &CliError) -> Self {
        Self {
            outcome: ReportOutcome {
                id: None,
                accepted: None,
                receipt: None,
                note: format!("NO REPORT WAS MADE: {error}"),
                error: Some(error.code()),
                not_sent: None,
                aside: String::new(),
            },
            waiting: None,
            verifier: None,
            trouble: None,
        }
    }

    /// Sends the report and some of those that wait; the verdict was told before. A verifier that gave no answer a moment
    /// ago is not asked again.
    pub(crate) fn send(self) -> ReportOutcome {
        let mut outcome = self.outcome;
        let (Some((outbox, waiting)), Some(verifier)) = (self.waiting, self.verifier) else {
            return outcome;
        };
        if let Some(error) = self
            .trouble
            .filter(|error| !matches!(error, GateError::VerifierBusy { .. }))
        {
            outcome.waits(&error);
            return outcome;
        }
        match send_waiting(&outbox, &verifier, BACKLOG) {
            Ok(sent) => outcome.take(waiting.sequence, sent),
            Err(error) => outcome.note = format!("it waits: {error}"),
        }
        if outcome.receipt.is_some()
            && let Some(beacon) = verifier.beacon()
        {
            keep_beacon(&outbox, &beacon);
        }
        outcome
    }
}

/// Without it the next inspection has an older one, or none.
fn keep_beacon(outbox: &Outbox, beacon: &[u8]) {
    if let Err(error) = outbox.keep(BEACON, beacon) {
        eprintln!("chipgate: the verifier's beacon was not kept: {error}");
    }
}

/// The verifier's last beacon, if it is younger than [`LONGEST_BEACON`]. It came over a protected way, and the verifier
/// looks at its age again. One that can't be read is none.
fn young_beacon(file: &Path) -> Option<Vec<u8>> {
    let read = || {
        let written = fs::metadata(file)?.modified()?;
        let young = written.elapsed().is_ok_and(|age| age <= LONGEST_BEACON);
        Ok(if young { Some(fs::read(file)?) } else { None })
    };
    read().unwrap_or_else(|error: std::io::Error| {
        if error.kind() != ErrorKind::NotFound {
            eprintln!("chipgate: {}: {error}", file.display());
        }
        None
    })
}

impl ReportOutcome {
    /// Finds what became of this report among all that were sent.
    fn take(&mut self, sequence: u64, sent: crate::report::Sent) {
        let is_mine = |receipt: &serde_json::Value| receipt["id"].as_str() == self.id.as_deref();
        let file = format!("{sequence:012}");
        if let Some(receipt) = sent.receipts.into_iter().find(is_mine) {
            self.note = received(&receipt);
            self.accepted = Some(true);
            self.receipt = Some(receipt);
        } else if let Some((path, code, message)) = sent.refused.into_iter().find(|(path, ..)| {
            path.file_stem()
                .is_some_and(|stem| stem.to_string_lossy() == file)
        }) {
            self.note = format!(
                "NOT TAKEN by the verifier: {message} ({code}); kept in {}{}",
                path.display(),
                advice(&code)
            );
            self.accepted = Some(false);
            self.not_sent = Some(code);
        } else if let Some(why) = sent.why {
            self.waits(&why);
        }
    }

    /// An outage passes by itself; anything else someone has to mend.
    fn waits(&mut self, why: &GateError) {
        self.not_sent = Some(why.code().to_owned());
        self.note = if why.is_outage() {
            format!("{why}; it waits, and goes out with a later one")
        } else {
            format!("NOT SENT: {why}; it waits until that is mended")
        };
    }

    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "id": self.id,
            "accepted_by_verifier": self.accepted,
            "receipt": self.receipt,
            "note": format!("{}{}", self.note, self.aside),
            "error": self.error,
            "not_sent": self.not_sent,
        })
    }

    /// Its identifier, hexadecimal; `None` if it could not be made.
    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub(crate) fn to_text(&self) -> String {
        let id = self.id.as_deref().unwrap_or("none");
        format!("{id}: {}{}", self.note, self.aside)
    }

    /// The verifier's receipt, once it has the report.
    pub(crate) const fn receipt(&self) -> Option<&serde_json::Value> {
        self.receipt.as_ref()
    }
}

/// That the verifier has the report is one thing, what it makes of the document another.
fn received(receipt: &serde_json::Value) -> String {
    let word = |name: &str| receipt[name].as_str().unwrap_or("—").to_owned();
    let (central, here) = (word("verdict"), word("gate_verdict"));
    let stopped = receipt["stopped_by"]
        .as_str()
        .map_or_else(String::new, |check| format!(", stopped by {check}"));
    let findings = receipt["findings"].as_array();
    let same_results =
        findings.is_some_and(|findings| findings.iter().all(|finding| finding["agrees"] == true));
    if central == here {
        format!("the verifier has it, and comes to the same verdict: {central}{stopped}")
    } else if same_results && receipt["same_policy"] == false {
        let policy = word("policy");
        format!(
            "the verifier has it, and finds the same; by its own policy ({policy}) its verdict is {central}{stopped}, not {here}"
        )
    } else {
        format!("the verifier has it, and DISAGREES: its verdict is {central}{stopped}, not {here}")
    }
}

#[cfg(test)]
mod tests {
    use super::received;

    #[test]
    fn another_policy_is_no_disagreement_and_other_results_are() {
        let receipt = |agrees: bool, same_policy: bool| {
            serde_json::json!({
                "verdict": "accept", "gate_verdict": "refer", "policy": "document", "same_policy": same_policy,
                "findings": [{ "check": "face", "agrees": agrees }],
            })
        };
        let told = received(&receipt(true, false));
        assert!(
            told.contains("by its own policy (document)") && !told.contains("DISAGREES"),
            "{told}"
        );
        for differing in [receipt(false, false), receipt(true, true)] {
            let told = received(&differing);
            assert!(told.contains("DISAGREES"), "{told}");
        }
    }
}
