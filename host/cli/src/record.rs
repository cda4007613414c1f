//! `chipgate record`, and what other commands record and replay.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use chipgate_apdu::{Channel, Clock as _, Limits, Link};
use chipgate_chip::Password;
use chipgate_crypto::{ObjectIdentifier, Secret};
use chipgate_gate::ChainPosition;
use chipgate_inspection::Freshness;
use chipgate_lds::oid;
use chipgate_recording::{
    Capture, Detail, Dialogue, Header, Imported, Recorder, RecordingChannel, RecordingClock, RecordingRng,
    Replay, ReplayChannel, ReplayClock, ReplayRng, import, pcapng, show, show_json,
};
use clap::{Args, Subcommand};
use rand::rngs::ThreadRng;

use crate::{
    cli_error::CliError,
    clock::SystemClock,
    document_folder::DocumentFolder,
    inspect::{self, InspectArguments, ReportArguments},
    output::say,
    overwrite::{self, Overwrite},
    private,
    prose::counted,
    read::{self, ReadArguments},
    redact::{TwinArguments, make_twin, redact_recording},
    source::{Opening, PasswordArguments, Print, parse_mrz, parse_qr},
};

#[derive(Subcommand)]
pub(crate) enum RecordCommand {
    /// Show a recording: every command and status word by its name, secure messaging opened, the files that were read
    Show {
        /// The recording
        file: PathBuf,
        /// Show the bytes as well; they are personal data
        #[arg(long)]
        data: bool,
        /// Write the files that were read to this folder, as `chipgate read` does; they are personal data
        #[arg(long, value_name = "DIR")]
        files: Option<PathBuf>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a capture file that Wireshark and tshark open without any setting
    Pcapng {
        /// The recording
        file: PathBuf,
        /// The capture file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Add what secure messaging had inside, on an interface of its own; it is personal data
        #[arg(long)]
        opened: bool,
        #[command(flatten)]
        overwrite: Overwrite,
    },
    /// Write a recording again with everything personal and secret exchanged for invented data; it replays as before
    Redact(TwinArguments),
    /// Make a virtual card that answers as the recorded one did, with an invented holder and issuers of its own
    Twin(TwinArguments),
    /// Make a recording of another program's trace: `> 00A4…` is a command, `< 9000` its response, one a line
    Import {
        /// The trace
        file: PathBuf,
        /// The recording to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        password: PasswordArguments,
        #[command(flatten)]
        overwrite: Overwrite,
    },
    /// Replay what was recorded: an inspection, or a reading; `inspect --replay FILE` and `read --replay FILE` take more options
    Replay(ReplayArguments),
}

#[derive(Args)]
pub(crate) struct ReplayArguments {
    /// The recording
    file: PathBuf,
    /// The folder with the trust anchors (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// The policy of the inspection: document, airport, counter, lab, or a policy file
    #[arg(long, value_name = "FILE", default_value = "document")]
    policy: String,
    /// The device key, to make the recorded inspection's report again
    #[arg(long, value_name = "FILE")]
    device_key: Option<PathBuf>,
    /// Write that report (COSE_Sign1) to this file
    #[arg(long, value_name = "FILE", requires = "device_key")]
    report_file: Option<PathBuf>,
    /// Where the files of a recorded reading go
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: &RecordCommand) -> Result<ExitCode, CliError> {
    match command {
        RecordCommand::Show {
            file,
            data,
            files,
            json,
        } => show_recording(file, *data, files.as_deref(), *json).map(|()| ExitCode::SUCCESS),
        RecordCommand::Pcapng {
            file,
            out,
            opened,
            overwrite,
        } => {
            overwrite.check([out.as_path()])?;
            let capture = if *opened { Capture::Opened } else { Capture::Link };
            let bytes = pcapng(&chipgate_recording::Recording::read(file)?, capture);
            private::write(out, &bytes).map(|()| ExitCode::SUCCESS)
        }
        RecordCommand::Redact(arguments) => redact_recording(arguments).map(|()| ExitCode::SUCCESS),
        RecordCommand::Twin(arguments) => make_twin(arguments).map(|()| ExitCode::SUCCESS),
        RecordCommand::Import {
            file,
            out,
            password,
            overwrite,
        } => {
            overwrite.check([out.as_path()])?;
            import_trace(file, out, password).map(|()| ExitCode::SUCCESS)
        }
        RecordCommand::Replay(arguments) => replay(arguments),
    }
}

/// Does again what was recorded.
fn replay(arguments: &ReplayArguments) -> Result<ExitCode, CliError> {
    let (replay, trust) = (Some(arguments.file.clone()), arguments.trust.clone());
    if is_reading(&arguments.file) {
        let Some(out) = arguments.out.clone() else {
            return Err(CliError::Usage(
                "`chipgate read` made this recording: name a folder for the files with --out".to_owned(),
            ));
        };
        return read::run(&ReadArguments {
            out,
            replay,
            json: arguments.json,
            ..ReadArguments::default()
        });
    }
    inspect::run(&InspectArguments {
        replay,
        trust,
        policy: arguments.policy.clone(),
        report: ReportArguments {
            device_key: arguments.device_key.clone(),
            report_file: arguments.report_file.clone(),
            ..ReportArguments::default()
        },
        json: arguments.json,
        ..InspectArguments::default()
    })
}

fn show_recording(file: &Path, data: bool, files: Option<&Path>, json: bool) -> Result<(), CliError> {
    let recording = chipgate_recording::Recording::read(file)?;
    let detail = if data { Detail::Data } else { Detail::Names };
    if let Some(folder) = files {
        let mut folder = DocumentFolder::open(folder)?;
        for (file, trace) in &Dialogue::of(&recording).files {
            if !trace.bytes.is_empty() {
                folder.take(*file, &trace.bytes)?;
            }
        }
        folder.finish()?;
    }
    if json {
        say!("{}", show_json(&recording, detail));
    } else {
        crate::output::write(format_args!("{}", show(&recording, detail)));
    }
    Ok(())
}

fn import_trace(file: &Path, out: &Path, password: &PasswordArguments) -> Result<(), CliError> {
    // As long as a recording may be.
    let text =
        chipgate_gate::read_text_at_most(file, 256 << 20).map_err(|error| CliError::file(file, error))?;
    let mut context = Vec::new();
    if let Some(opening) = password.given()? {
        let header = with_opening(
            Header::new(Limits::extended(Link::Contactless), SystemClock.now()),
            &opening,
        );
        context = header
            .context()
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect();
    }
    let recording = import(&text, &Imported { context }, SystemClock.now())?;
    recording.write(out)?;
    say!(
        "{} in {}",
        counted(recording.entries.len(), "exchange"),
        out.display()
    );
    Ok(())
}

/// What a recording keeps of a report, so that a replay gives the same one.
#[derive(Clone, Copy)]
pub(crate) struct RecordedContext {
    pub(crate) position: ChainPosition,
    pub(crate) freshness: Freshness,
    pub(crate) challenge: Option<[u8; 8]>,
}

/// Names of the header's context.
const COMMAND: &str = "command";
const PACE: &str = "pace";
const FALL_BACK: &str = "allow-bac-after-pace";
const TERMINAL: &str = "terminal";
const YES: &str = "yes";

/// Which command talks to the chip: each asks other things of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Inspect,
    Read,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Inspect => "inspect",
            Self::Read => "read",
        }
    }
}

/// Whether `chipgate read` made a recording; one that can't be read is told of by whoever replays it.
pub(crate) fn is_reading(file: &Path) -> bool {
    chipgate_recording::Recording::read(file)
        .is_ok_and(|recording| recording.header.get(COMMAND) == Some(Purpose::Read.name()))
}

/// How a chip is talked to: what a replay must know to ask the same.
pub(crate) struct Manner<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) opening: &'a Opening,
    pub(crate) pace: Option<ObjectIdentifier>,
    pub(crate) fall_back_to_bac: bool,
    pub(crate) has_terminal: bool,
}

impl Manner<'_> {
    fn put(&self, header: Header) -> Header {
        let mut header = with_opening(header.with(COMMAND, self.purpose.name()), self.opening);
        if let Some(pace) = &self.pace {
            header = header.with(PACE, pace.to_string());
        }
        for (name, given) in [(FALL_BACK, self.fall_back_to_bac), (TERMINAL, self.has_terminal)] {
            if given {
                header = header.with(name, YES);
            }
        }
        header
    }
}

/// A recording that is being made.
pub(crate) struct Recording(Recorder);

/// A channel, random numbers and a clock that are recorded.
pub(crate) type Recorded<C> = (
    Recording,
    RecordingChannel<C>,
    RecordingRng<ThreadRng>,
    RecordingClock<SystemClock>,
);

impl Recording {
    /// Begins a recording. It keeps the password, without which it can't be replayed.
    pub(crate) fn begin<C: Channel>(
        file: &Path,
        channel: C,
        manner: &Manner<'_>,
        context: Option<RecordedContext>,
    ) -> Result<Recorded<C>, CliError> {
        overwrite::refuse([file])?;
        let mut header = manner.put(Header::new(channel.limits(), SystemClock.now()));
        if let Some(context) = context {
            header = with_context(header, &context);
        }
        let recorder = Recorder::create(file, &header)?;
        let (channel, rng, clock) = (
            recorder.channel(channel),
            recorder.rng(rand::rng()),
            recorder.clock(SystemClock),
        );
        Ok((Self(recorder), channel, rng, clock))
    }

    pub(crate) fn finish(self) -> Result<(), CliError> {
        Ok(self.0.finish()?)
    }
}

fn with_opening(mut header: Header, opening: &Opening) -> Header {
    match &opening.password {
        Password::Can(can) => header = header.with("can", text(can)),
        Password::Mrz(key) => header = header.with("mrz-key", text(&key.information())),
        Password::Pin(pin) => header = header.with("pin", text(pin)),
        Password::Puk(puk) => header = header.with("puk", text(puk)),
    }
    match &opening.printed {
        Some(Print::Zone(zone)) => header.with("mrz", zone.lines().collect::<Vec<_>>().join("\n")),
        Some(Print::Qr { text, .. }) => header.with("qr", text.as_str()),
        None => header,
    }
}

fn text(secret: &Secret) -> String {
    String::from_utf8_lossy(secret.as_bytes()).into_owned()
}

fn with_context(header: Header, context: &RecordedContext) -> Header {
    let mut header = header.with("sequence", context.position.sequence.to_string());
    if let Some(previous) = context.position.previous {
        header = header.with("previous", hex::encode(previous));
    }
    if let Some(challenge) = context.challenge {
        header = header.with("challenge", hex::encode(challenge));
    }
    match context.freshness {
        Freshness::None => header.with("freshness", "none"),
        Freshness::Online { nonce } => header
            .with("freshness", "online")
            .with("nonce", hex::encode(nonce)),
        Freshness::Offline { beacon } => header
            .with("freshness", "offline")
            .with("beacon", hex::encode(beacon)),
    }
}

/// A recording that is being replayed.
pub(crate) struct Replaying {
    replay: Replay,
    pub(crate) channel: ReplayChannel,
    pub(crate) rng: ReplayRng,
    pub(crate) clock: ReplayClock,
}

impl Replaying {
    /// Opens a recording that this command made. Another one's would go another way, for no fault of anyone.
    pub(crate) fn open(file: &Path, purpose: Purpose) -> Result<Self, CliError> {
        let recording = chipgate_recording::Recording::read(file)?;
        match recording.header.get(COMMAND) {
            Some(made_by) if made_by != purpose.name() => return Err(made_for_another(file, made_by)),
            _ => {} // older ones don't say
        }
        let replay = Replay::new(recording);
        let (channel, rng, clock) = (replay.channel(), replay.rng(), replay.clock());
        Ok(Self {
            replay,
            channel,
            rng,
            clock,
        })
    }

    /// The replay itself, which tells at the end whether it went the way of the recording.
    pub(crate) fn replay(&self) -> Replay {
        self.replay.clone()
    }

    /// The password that was given now, else the recorded one.
    pub(crate) fn opening(&self, given: &PasswordArguments) -> Result<Opening, CliError> {
        if let Some(opening) = given.given()? {
            return Ok(opening);
        }
        let header = self.replay.header();
        let unusable = |what| move |error| CliError::Mrz { what, error };
        let zone = header.get("mrz").map(parse_mrz).transpose();
        let printed = if let Some(zone) = zone.map_err(unusable("the recording's mrz"))? {
            Some(Print::Zone(zone))
        } else {
            let code = header.get("qr").map(parse_qr).transpose();
            code.map_err(unusable("the recording's qr"))?
        };
        let secret = |name: &str| header.get(name).map(|text| Secret::new(text.as_bytes()));
        let password = if let Some(can) = secret("can") {
            Password::Can(can)
        } else if let Some(pin) = secret("pin") {
            Password::Pin(pin)
        } else if let Some(puk) = secret("puk") {
            Password::Puk(puk)
        } else if let Some(key) = header.get("mrz-key") {
            Password::Mrz(key_of(key)?)
        } else {
            return Err(CliError::Usage(
                "the recording keeps no password: give --can, --mrz or --qr".to_owned(),
            ));
        };
        Ok(Opening { password, printed })
    }

    /// The PACE protocol that was asked for.
    pub(crate) fn pace(&self) -> Option<ObjectIdentifier> {
        oid::pace_protocol(self.replay.header().get(PACE)?)
    }

    /// Whether BAC was allowed after a failed PACE.
    pub(crate) fn fall_back_to_bac(&self) -> bool {
        self.replay.header().get(FALL_BACK) == Some(YES)
    }

    /// A terminal that was proven must be there again: its signature is no part of the recording's secrets.
    pub(crate) fn check_terminal(&self, given: bool) -> Result<(), CliError> {
        if given || self.replay.header().get(TERMINAL).is_none() {
            return Ok(());
        }
        Err(CliError::Usage(
            "the recording proves a terminal to the chip: name its folder with --terminal".to_owned(),
        ))
    }

    /// What it keeps of a report; `None` if the inspection was not reported.
    pub(crate) fn context(&self) -> Option<RecordedContext> {
        let header = self.replay.header();
        let bytes = |name: &str| header.get(name).and_then(|text| hex::decode(text).ok());
        let freshness = match header.get("freshness")? {
            "online" => Freshness::Online {
                nonce: bytes("nonce")?.try_into().ok()?,
            },
            "offline" => Freshness::Offline {
                beacon: bytes("beacon")?.try_into().ok()?,
            },
            _ => Freshness::None,
        };
        let position = ChainPosition {
            sequence: header.get("sequence")?.parse().ok()?,
            previous: bytes("previous").and_then(|hash| hash.try_into().ok()),
        };
        Some(RecordedContext {
            position,
            freshness,
            challenge: bytes("challenge").and_then(|c| c.try_into().ok()),
        })
    }
}

fn made_for_another(file: &Path, made_by: &str) -> CliError {
    let file = file.display();
    let advice = match made_by {
        "read" => format!(
            "write its files with `chipgate read --replay {file} --out DIR`, then `chipgate inspect --files DIR`"
        ),
        "inspect" => {
            format!("`chipgate inspect --replay {file}` replays it, `chipgate record show` lists its files")
        }
        _ => "a newer version of this program replays it".to_owned(),
    };
    CliError::Usage(format!(
        "{file} was recorded by `chipgate {made_by}`, which asks other things of the chip: {advice}"
    ))
}

/// Document number, date of birth and date of expiry out of the MRZ information, whose last 14 characters are the
/// dates with their check digits.
fn key_of(information: &str) -> Result<chipgate_lds::MrzKey, CliError> {
    let broken = || CliError::Usage("the recording's mrz-key is none".to_owned());
    let split = information
        .len()
        .checked_sub(14)
        .filter(|_| information.is_ascii())
        .ok_or_else(broken)?;
    let (number, dates) = information.split_at(split);
    let number = number.get(..number.len().saturating_sub(1)).ok_or_else(broken)?;
    let (birth, expiry) = (
        dates.get(..6).ok_or_else(broken)?,
        dates.get(7..13).ok_or_else(broken)?,
    );
    let key = chipgate_lds::MrzKey::new(number.trim_end_matches('<'), birth, expiry);
    key.map_err(|error| CliError::Mrz {
        what: "the recording's mrz-key",
        error,
    })
}
