//! `chipgate report`.

use std::{path::PathBuf, process::ExitCode};

use chipgate_gate::{Delivery, Device, GateError, Outbox, VerifierClient};
use clap::{Args, Subcommand};

use crate::output::say;
use crate::{cli_error::CliError, folders, overwrite};

#[derive(Subcommand)]
pub(crate) enum ReportCommand {
    /// Make a device key, and write its public key beside it for the verifier
    Key(KeyArguments),
    /// Send the reports that wait
    Send(SendArguments),
    /// Begin the device's chain of reports anew, after its outbox was lost, broken, or put back from a backup
    Restart(RestartArguments),
}

#[derive(Args)]
pub(crate) struct KeyArguments {
    /// The file of the private key; the public key goes to FILE.pub
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The device's name at the verifier (without it: a name that follows from the key)
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
}

#[derive(Args)]
pub(crate) struct SendArguments {
    /// The verifier's address, as in https://verifier.example
    #[arg(value_name = "URL")]
    verifier: String,
    /// Where reports wait (without it: the user's state folder)
    #[arg(long, value_name = "DIR")]
    outbox: Option<PathBuf>,
    /// The authorities of the verifier's TLS certificate (PEM), instead of the public ones
    #[arg(long, value_name = "FILE")]
    report_ca: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct RestartArguments {
    /// The last report number that the verifier has of this device: its page Devices shows it, and
    /// `chipgate verifier device list --json`
    #[arg(long, value_name = "N")]
    after: u64,
    /// The device key
    #[arg(long, value_name = "FILE")]
    device_key: PathBuf,
    /// Where reports wait (without it: the user's state folder)
    #[arg(long, value_name = "DIR")]
    outbox: Option<PathBuf>,
}

pub(crate) fn run(command: &ReportCommand) -> Result<ExitCode, CliError> {
    match command {
        ReportCommand::Key(arguments) => make_key(arguments),
        ReportCommand::Send(arguments) => send(arguments),
        ReportCommand::Restart(arguments) => restart(arguments),
    }
}

fn make_key(arguments: &KeyArguments) -> Result<ExitCode, CliError> {
    let mut public = arguments.out.clone().into_os_string();
    public.push(".pub");
    let public = PathBuf::from(public);
    overwrite::refuse([arguments.out.as_path(), &public])?;
    let device = Device::create(&arguments.out, arguments.device.as_deref(), &mut rand::rng())?;
    std::fs::write(&public, device.public_key_pem()?).map_err(|error| CliError::file(&public, error))?;
    say!(
        "Device key in {}, public key in {}",
        arguments.out.display(),
        public.display()
    );
    say!(
        "At the verifier: chipgate verifier device add {} --key {}",
        device.name(),
        public.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// What became of the reports that waited.
#[derive(Default)]
pub(crate) struct Sent {
    /// The receipts, in the order of sending.
    pub(crate) receipts: Vec<serde_json::Value>,
    /// Reports that the verifier refuses for good: file, code and words.
    pub(crate) refused: Vec<(PathBuf, String, String)>,
    /// How many still wait, and why.
    pub(crate) waiting: usize,
    pub(crate) why: Option<GateError>,
}

/// Sends reports that wait until one can't be delivered: the newest, so that whoever waits for it does not wait for the
/// others, and then the oldest, at most `most` of them.
pub(crate) fn send_waiting(
    outbox: &Outbox,
    verifier: &VerifierClient,
    most: usize,
) -> Result<Sent, CliError> {
    let count = outbox.numbers()?.len();
    let mut sent = Sent::default();
    let mut waiting = outbox.waiting(most)?;
    if let Some(newest) = outbox.newest()?
        && !waiting.contains(&newest)
    {
        waiting.pop();
        waiting.push(newest);
    }
    for report in waiting
        .iter()
        .rev()
        .take(1)
        .chain(waiting.iter().rev().skip(1).rev())
    {
        match verifier.send(&report.bytes) {
            Delivery::Accepted(receipt) => {
                outbox.remove(report)?;
                sent.receipts.push(receipt);
            }
            Delivery::Refused { code, message } => {
                sent.refused.push((outbox.set_aside(report)?, code, message));
            }
            Delivery::Waits(error) => {
                sent.why = Some(error);
                break;
            }
        }
    }
    sent.waiting = count - sent.receipts.len() - sent.refused.len();
    Ok(sent)
}

/// What to do about a refusal for good, beyond what the verifier says.
pub(crate) fn advice(code: &str) -> &'static str {
    if code == "sequence-repeated" {
        ". Was this gate's outbox lost, or put back from a backup? Then `chipgate report restart` begins its chain anew; else \
         someone else may hold its key"
    } else {
        ""
    }
}

fn restart(arguments: &RestartArguments) -> Result<ExitCode, CliError> {
    let device = Device::read(&arguments.device_key)?;
    let folder = arguments.outbox.clone().map_or_else(folders::outbox, Ok)?;
    let next = Outbox::restart(&folder, device.name(), arguments.after)?;
    say!(
        "The next report of {} has the number {next}; the verifier will show that its chain was broken before it",
        device.name()
    );
    Ok(ExitCode::SUCCESS)
}

fn send(arguments: &SendArguments) -> Result<ExitCode, CliError> {
    let outbox = Outbox::open(&arguments.outbox.clone().map_or_else(folders::outbox, Ok)?)?;
    let verifier = VerifierClient::new(&arguments.verifier, arguments.report_ca.as_deref())?;
    let refused_before = outbox.refused()?;
    let sent = send_waiting(&outbox, &verifier, usize::MAX)?;
    let why = sent.why.as_ref().map(GateError::to_string);
    if arguments.json {
        let refused: Vec<_> = sent
            .refused
            .iter()
            .map(
                |(file, code, message)| serde_json::json!({ "file": file, "code": code, "message": message }),
            )
            .collect();
        say!(
            "{}",
            serde_json::json!({ "sent": sent.receipts, "refused": refused, "waiting": sent.waiting, "why": why, "refused_before": refused_before })
        );
    } else {
        say!(
            "{} sent, {} refused, {} waiting",
            sent.receipts.len(),
            sent.refused.len(),
            sent.waiting
        );
        for (file, code, message) in &sent.refused {
            say!(
                "  refused: {message} ({code}); kept in {}{}",
                file.display(),
                advice(code)
            );
        }
        if let Some(why) = why {
            say!("  not sent: {why}");
        }
        if refused_before > 0 {
            say!(
                "  refused before: {refused_before}, kept as *.refused: find out why, mend it, and remove them or rename \
                 them to *.cose to send them again"
            );
        }
    }
    let done = sent.waiting == 0 && sent.refused.is_empty();
    Ok(if done {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
