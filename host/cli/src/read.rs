//! `chipgate read`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use chipgate_apdu::{Channel, Clock};
use chipgate_chip::AccessOptions;
use chipgate_gate::{READ_AS_TERMINAL, READ_EVERYTHING, ReadRequest, Terminal, read_chip};
use chipgate_inspection::FileObservation;
use chipgate_lds::{Date, File};
use clap::Args;

use crate::output::say;
use crate::{
    cli_error::CliError,
    clock::SystemClock,
    decode::{self, Wanted},
    document_folder::DocumentFolder,
    interrupt, overwrite,
    progress::Watch,
    record::{Manner, Purpose, Recording, Replaying},
    source::{CardArguments, Opening},
    table::Table,
    terminal::TerminalFolder,
};

#[derive(Args, Default)]
pub(crate) struct ReadArguments {
    /// The folder that the files go to; it is made if it is not there. What is in it already must be the same document's
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) card: CardArguments,
    /// Read a recorded exchange again, with its random numbers
    #[arg(long, value_name = "FILE", conflicts_with_all = ["reader", "card", "record"])]
    pub(crate) replay: Option<PathBuf>,
    /// Record the exchange; the file holds the password and personal data
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Also show what the files say, without any picture: all but DG3, DG4, DG13 and DG16, which are sensitive, or those that are named
    /// (--decode=DG1,DG13). It is what the chip says, and nothing of it is proved
    #[arg(long, value_name = "FILES", num_args = 0..=1, require_equals = true, default_missing_value = decode::ALL, value_parser = Wanted::parse)]
    pub(crate) decode: Option<Wanted>,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(arguments: &ReadArguments) -> Result<ExitCode, CliError> {
    let rows = read(arguments)?;
    let today = Date::from_timestamp(SystemClock.now());
    let wanted = arguments.decode.as_ref();
    let decoded = wanted
        .map(|wanted| decode::folder(&arguments.out, wanted, today))
        .transpose()?;
    if arguments.json {
        let files: Vec<_> = rows.iter().map(Row::to_json).collect();
        let mut found = serde_json::json!({ "files": files });
        if let Some(decoded) = decoded {
            found["decoded"] = decoded;
        }
        say!("{found}");
    } else {
        crate::output::write(format_args!("{}", table(&rows)));
        if let Some(decoded) = decoded {
            crate::output::write(format_args!("\n{}", decode::text(&decoded)));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What came of one file.
pub(crate) struct Row {
    file: File,
    observation: FileObservation,
}

impl Row {
    fn text(&self) -> (&'static str, Option<usize>) {
        match &self.observation {
            FileObservation::Read(bytes) => ("read", Some(bytes.len())),
            FileObservation::NotFound => ("not there", None),
            FileObservation::Denied => ("needs terminal authentication", None),
            FileObservation::Unreadable => ("unreadable", None),
        }
    }

    fn to_json(&self) -> serde_json::Value {
        let (result, bytes) = self.text();
        serde_json::json!({ "file": self.file.name(), "result": result, "bytes": bytes })
    }
}

fn table(rows: &[Row]) -> String {
    let mut table = Table::new(["file", "bytes", "result"]);
    for row in rows {
        let (result, bytes) = row.text();
        table.row([
            row.file.name(),
            &bytes.map_or(String::new(), |bytes| bytes.to_string()),
            result,
        ]);
    }
    table.render()
}

pub(crate) fn read(arguments: &ReadArguments) -> Result<Vec<Row>, CliError> {
    let mut folder = DocumentFolder::open(&arguments.out)?;
    overwrite::refuse(arguments.record.as_deref())?;
    let terminal = arguments.card.terminal()?;
    if let Some(file) = &arguments.replay {
        return replay(arguments, file, terminal.as_ref(), &mut folder);
    }
    let card = arguments.card.card_file()?;
    let opening = arguments.card.password.opening(card.as_ref())?;
    let channel = arguments.card.open(card)?;
    let mut watch = Watch::new(!arguments.json);
    let mut rng = rand::rng();
    let manner = manner(arguments, &opening, terminal.as_ref());
    let request = Request {
        manner: &manner,
        terminal: terminal.as_ref().map(TerminalFolder::terminal),
    };
    match &arguments.record {
        None => pollster::block_on(read_all(channel, &request, &mut folder, &mut rng, &mut watch)),
        Some(file) => {
            let (recording, channel, mut rng, _clock) = Recording::begin(file, channel, &manner, None)?;
            let rows = pollster::block_on(read_all(channel, &request, &mut folder, &mut rng, &mut watch));
            recording.finish()?;
            rows
        }
    }
}

fn manner<'a>(
    arguments: &ReadArguments,
    opening: &'a Opening,
    terminal: Option<&TerminalFolder>,
) -> Manner<'a> {
    Manner {
        purpose: Purpose::Read,
        opening,
        pace: arguments.card.pace,
        fall_back_to_bac: false,
        has_terminal: terminal.is_some(),
    }
}

fn replay(
    arguments: &ReadArguments,
    file: &Path,
    terminal: Option<&TerminalFolder>,
    folder: &mut DocumentFolder,
) -> Result<Vec<Row>, CliError> {
    let replaying = Replaying::open(file, Purpose::Read)?;
    let opening = replaying.opening(&arguments.card.password)?;
    replaying.check_terminal(terminal.is_some())?;
    let manner = Manner {
        pace: arguments.card.pace.or_else(|| replaying.pace()),
        ..manner(arguments, &opening, terminal)
    };
    let request = Request {
        manner: &manner,
        terminal: terminal.map(TerminalFolder::terminal),
    };
    let mut watch = Watch::new(!arguments.json);
    let replay = replaying.replay();
    let Replaying { channel, mut rng, .. } = replaying;
    let rows = pollster::block_on(read_all(channel, &request, folder, &mut rng, &mut watch));
    // Where the replay went another way, that is why, whatever it then came to.
    if let Some(error) = replay.diverged() {
        return Err(error.into());
    }
    let rows = rows?;
    replay.finish_exchanges()?;
    Ok(rows)
}

/// What is read.
struct Request<'a> {
    manner: &'a Manner<'a>,
    terminal: Option<Terminal<'a>>,
}

/// Reads every file that EF.SOD or EF.COM lists, and writes each the moment that it is complete.
async fn read_all(
    channel: impl Channel,
    request: &Request<'_>,
    folder: &mut DocumentFolder,
    rng: &mut impl rand_core::CryptoRng,
    watch: &mut Watch,
) -> Result<Vec<Row>, CliError> {
    let &Request { manner, terminal } = request;
    let opening = manner.opening;
    let options = AccessOptions {
        pace_protocol: manner.pace,
        bac_key: opening.bac_key(),
        pin_revival: opening.pin_revival.clone(),
        cancellation: interrupt::cancellation(),
        ..AccessOptions::default()
    };
    let request = ReadRequest {
        plan: match terminal {
            Some(_) => &READ_AS_TERMINAL,
            None => &READ_EVERYTHING,
        },
        password: &opening.password,
        options: &options,
        challenge: [0; 8],
        terminal,
    };
    let mut written = Ok(());
    let mut write = |file: File, bytes: &[u8]| {
        if written.is_ok() {
            written = folder.take(file, bytes);
            if written.is_err() {
                options.cancellation.cancel();
            }
        }
    };
    let chip = read_chip(
        channel,
        &request,
        rng,
        &mut |event| watch.event(event),
        &mut write,
    )
    .await;
    written?;
    let chip = chip?;
    folder.finish()?;
    // Whoever names a terminal wants what it may read.
    for proof in [
        chip.chip_authentication.map(|proof| proof.map(|_| ())),
        chip.terminal_authentication.map(|proof| proof.map(|_| ())),
    ] {
        proof.transpose()?;
    }
    if let Some((_, error)) = chip.unreadable.into_iter().next() {
        return Err(error.into());
    }
    Ok(File::all()
        .filter_map(|file| {
            let observation = match (chip.files.get(file), file) {
                (Some(observation), _) => observation.clone(),
                (None, File::CardAccess) => FileObservation::NotFound, // it was tried while the chip was opened
                (None, _) => return None,
            };
            Some(Row { file, observation })
        })
        .collect())
}
