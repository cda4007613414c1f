//! `chipgate record`, and what other commands record and replay.

mod context;
mod making;
mod replaying;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use chipgate_apdu::{Clock as _, Limits, Link};
use chipgate_recording::{
    Capture, Detail, Dialogue, Header, Imported, RecordingError, import, pcapng, show, show_json,
};
use chipgate_virtual_card::CardFile;
use clap::{Args, Subcommand};

use crate::{
    cli_error::CliError,
    clock::SystemClock,
    document_folder::DocumentFolder,
    inspect::{self, InspectArguments, ReportArguments},
    output::say,
    overwrite::Overwrite,
    private,
    prose::counted,
    read::{self, ReadArguments},
    redact::{TwinArguments, make_twin, redact_recording},
    source::PasswordArguments,
};
use context::with_opening;
pub(crate) use context::{Manner, Purpose, RecordedContext, is_reading};
pub(crate) use making::Recording;
pub(crate) use replaying::Replaying;

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
            let recording = read_recording(file)?;
            private::write(out, &pcapng(&recording, capture))?;
            let exchanges = counted(Dialogue::of(&recording).turns.len(), "exchange");
            say!("{exchanges} in {}", out.display());
            Ok(ExitCode::SUCCESS)
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

/// Reads a recording; a file of another kind is told as such.
pub(crate) fn read_recording(file: &Path) -> Result<chipgate_recording::Recording, CliError> {
    chipgate_recording::Recording::read(file).map_err(|error| match error {
        RecordingError::Malformed { line: 1, .. } if CardFile::read(file).is_ok() => {
            CliError::Usage(format!(
                "{0} is no recording but a card file: `chipgate card show {0}` shows it",
                file.display()
            ))
        }
        RecordingError::Malformed { line: 1, problem } => CliError::Usage(format!(
            "{} is no recording, or its first line was changed ({problem})",
            file.display()
        )),
        error => error.into(),
    })
}

fn show_recording(file: &Path, data: bool, files: Option<&Path>, json: bool) -> Result<(), CliError> {
    let recording = read_recording(file)?;
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
