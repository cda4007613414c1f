//! `chipgate report`.

use std::{path::PathBuf, process::ExitCode};

use chipgate_gate::{Delivery, Device, Outbox, VerifierClient};
use clap::{Args, Subcommand};

use crate::output::say;
use crate::{cli_error::CliError, folders};

#[derive(Subcommand)]
pub(crate) enum ReportCommand {
    /// Make a device key, and write its public key beside it for the verifier
    Key(KeyArguments),
    /// Send the reports that wait
    Send(SendArguments),
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

pub(crate) fn run(command: &ReportCommand) -> Result<ExitCode, CliError> {
    match command {
        ReportCommand::Key(arguments) => make_key(arguments),
        ReportCommand::Send(arguments) => send(arguments),
    }
}

fn make_key(arguments: &KeyArguments) -> Result<ExitCode, CliError> {
    let device = Device::create(&arguments.out, arguments.device.as_deref(), &mut rand::rng())?;
    let mut public = arguments.out.clone().into_os_string();
    public.push(".pub");
    let public = PathBuf::from(public);
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
    pub(crate) why: Option<String>,
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
            Delivery::Away { reason } => {
                sent.why = Some(reason);
                break;
            }
        }
    }
    sent.waiting = count - sent.receipts.len() - sent.refused.len();
    Ok(sent)
}

fn send(arguments: &SendArguments) -> Result<ExitCode, CliError> {
    let outbox = Outbox::open(&arguments.outbox.clone().map_or_else(folders::outbox, Ok)?)?;
    let verifier = VerifierClient::new(&arguments.verifier, arguments.report_ca.as_deref())?;
    let sent = send_waiting(&outbox, &verifier, usize::MAX)?;
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
            serde_json::json!({ "sent": sent.receipts, "refused": refused, "waiting": sent.waiting, "why": sent.why })
        );
    } else {
        say!(
            "{} sent, {} refused, {} waiting",
            sent.receipts.len(),
            sent.refused.len(),
            sent.waiting
        );
        for (file, code, message) in &sent.refused {
            say!("  refused: {message} ({code}); kept in {}", file.display());
        }
        if let Some(why) = &sent.why {
            say!("  the verifier is away: {why}");
        }
    }
    let done = sent.waiting == 0 && sent.refused.is_empty();
    Ok(if done {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
