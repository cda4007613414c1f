//! `chipgate inspect`.

mod document;
mod reporting;
mod show;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use chipgate_apdu::{Channel, Clock};
use chipgate_chip::AccessOptions;
use chipgate_face::{Engine, RgbImage, decode};
use chipgate_gate::{ChipRequest, Inspection, Inspector, ReadRequest, read_files_folder};
use chipgate_inspection::{Policy, Verdict};
use chipgate_lds::MrzKey;
use chipgate_trust::PathOptions;
use chipgate_trust_store::Store;
use clap::Args;
use rand_core::CryptoRng;

use crate::output::say;
use crate::{
    cli_error::CliError,
    clock::SystemClock,
    face, folders,
    progress::Watch,
    record::{Recording, Replaying},
    source::{CardArguments, Opening},
};
pub(crate) use reporting::{ReportArguments, ReportOutcome, Reporting};
pub(crate) use show::text;

#[derive(Args)]
pub(crate) struct InspectArguments {
    #[command(flatten)]
    pub(crate) card: CardArguments,
    /// Inspect a recorded exchange again, with its clock and its random numbers
    #[arg(long, value_name = "FILE", conflicts_with_all = ["reader", "card", "files", "record"])]
    pub(crate) replay: Option<PathBuf>,
    /// Inspect the files that `chipgate read` wrote; no chip is there to prove itself
    #[arg(long, value_name = "DIR", conflicts_with_all = ["reader", "card", "record"])]
    pub(crate) files: Option<PathBuf>,
    /// The live picture to compare with the portrait on the chip
    #[arg(long, value_name = "PICTURE")]
    pub(crate) face: Option<PathBuf>,
    /// The folder with the trust anchors (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    pub(crate) trust: Option<PathBuf>,
    /// The policy: document, airport, counter, lab, or a policy file
    #[arg(long, value_name = "FILE", default_value = "document")]
    pub(crate) policy: String,
    /// Go on with BAC if PACE fails; the outcome of chip-access shows it
    #[arg(long)]
    pub(crate) allow_bac_after_pace: bool,
    #[command(flatten)]
    pub(crate) report: ReportArguments,
    /// Record the exchange; the file holds the password and personal data
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl Default for InspectArguments {
    /// What the command line gives without options.
    fn default() -> Self {
        Self {
            card: CardArguments::default(),
            replay: None,
            files: None,
            face: None,
            trust: None,
            policy: "document".to_owned(),
            allow_bac_after_pace: false,
            report: ReportArguments::default(),
            record: None,
            json: false,
        }
    }
}

/// What an inspection came to, and its report.
pub(crate) struct Found {
    pub(crate) inspection: Inspection,
    pub(crate) report: Option<ReportOutcome>,
}

pub(crate) fn run(arguments: &InspectArguments) -> Result<ExitCode, CliError> {
    match inspect(arguments) {
        Ok(found) => {
            if arguments.json {
                say!("{}", show::json(&found));
            } else {
                crate::output::write(format_args!("{}", text(&found)));
            }
            Ok(exit_code(found.inspection.decision.verdict))
        }
        Err(error) => Err(error),
    }
}

const fn exit_status(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Accept => 0,
        Verdict::Refer => 10,
        Verdict::Refuse => 20,
    }
}

fn exit_code(verdict: Verdict) -> ExitCode {
    ExitCode::from(exit_status(verdict))
}

/// What is there before a card arrives.
struct Prepared {
    policy: Policy,
    anchors: Store,
    engine: Option<Engine>,
    live: Option<RgbImage>,
}

impl Prepared {
    fn new(arguments: &InspectArguments) -> Result<Self, CliError> {
        let policy = policy(&arguments.policy)?;
        let live = arguments.face.as_deref().map(read_picture).transpose()?;
        let engine = live.is_some().then(face::engine).transpose()?;
        Ok(Self {
            policy,
            anchors: anchors(arguments.trust.as_deref())?,
            engine,
            live,
        })
    }

    fn inspector<'a>(&'a self, clock: &'a dyn Clock) -> Inspector<'a> {
        Inspector {
            anchors: &self.anchors,
            policy: &self.policy,
            path_options: PathOptions::default(),
            engine: self.engine.as_ref(),
            clock,
        }
    }
}

/// Carries out one inspection, and makes and sends its report where one is wanted.
pub(crate) fn inspect(arguments: &InspectArguments) -> Result<Found, CliError> {
    let prepared = Prepared::new(arguments)?;
    if let Some(folder) = &arguments.files {
        return inspect_files(arguments, &prepared, folder);
    }
    if let Some(file) = &arguments.replay {
        let replaying = Replaying::open(file)?;
        let opening = replaying.opening(&arguments.card.password)?;
        let reporting = Reporting::of_recording(&arguments.report, &replaying)?;
        let replay = replaying.replay();
        let Replaying {
            channel,
            mut rng,
            clock,
            ..
        } = replaying;
        let found = one_chip(
            arguments, &prepared, channel, &opening, &mut rng, &clock, reporting,
        );
        // Where the replay went another way, that is why, whatever it then came to.
        return match replay.diverged() {
            Some(error) => Err(error.into()),
            None => found,
        };
    }
    let reporting = Reporting::begin(&arguments.report)?;
    let card = arguments.card.card_file()?;
    let opening = arguments.card.password.opening(card.as_ref())?;
    let channel = arguments.card.open(card)?;
    let Some(file) = &arguments.record else {
        return one_chip(
            arguments,
            &prepared,
            channel,
            &opening,
            &mut rand::rng(),
            &SystemClock,
            reporting,
        );
    };
    let context = reporting.as_ref().map(Reporting::context);
    let (recording, channel, mut rng, clock) = Recording::begin(file, channel, &opening, context)?;
    let found = one_chip(
        arguments, &prepared, channel, &opening, &mut rng, &clock, reporting,
    );
    if let Err(error) = recording.finish() {
        // The verdict stands.
        eprintln!("chipgate: {error}");
    }
    found
}

fn inspect_files(
    arguments: &InspectArguments,
    prepared: &Prepared,
    folder: &Path,
) -> Result<Found, CliError> {
    let reporting = Reporting::begin(&arguments.report)?;
    let printed = arguments.card.password.printed()?;
    let files = read_files_folder(folder)?;
    let inspector = prepared.inspector(&SystemClock);
    let inspection = inspector.inspect_files(files, prepared.live.as_ref(), printed.as_ref());
    let report = reporting.map(|reporting| reporting.finish(&inspection, &prepared.policy, &mut rand::rng()));
    Ok(Found { inspection, report })
}

/// The inspection of one chip, whatever lies behind the channel.
fn one_chip<C: Channel>(
    arguments: &InspectArguments,
    prepared: &Prepared,
    channel: C,
    opening: &Opening,
    rng: &mut impl CryptoRng,
    clock: &dyn Clock,
    reporting: Option<Reporting>,
) -> Result<Found, CliError> {
    let options = AccessOptions {
        fall_back_to_bac: arguments.allow_bac_after_pace,
        bac_key: opening.printed.as_ref().map(MrzKey::from),
        ..AccessOptions::default()
    };
    let mut challenge = [0; 8];
    rng.fill_bytes(&mut challenge);
    if let Some(fresh) = reporting.as_ref().and_then(Reporting::challenge) {
        challenge = fresh;
    }
    let request = ChipRequest {
        read: ReadRequest {
            password: &opening.password,
            options: &options,
            challenge,
        },
        printed: opening.printed.as_ref(),
        live: prepared.live.as_ref(),
    };
    let mut watch = Watch::new(!arguments.json);
    let inspector = prepared.inspector(clock);
    let inspection = inspector.inspect_chip(channel, &request, rng, &mut |event| watch.event(event))?;
    let report = reporting.map(|reporting| reporting.finish(&inspection, &prepared.policy, rng));
    Ok(Found { inspection, report })
}

/// A shipped policy by its name, else a policy file.
pub(crate) fn policy(name: &str) -> Result<Policy, CliError> {
    if let Some(text) = Policy::shipped_text(name) {
        return Ok(Policy::parse(text)?);
    }
    let path = Path::new(name);
    let text = fs::read_to_string(path).map_err(|error| CliError::file(path, error))?;
    Policy::parse(&text).map_err(|error| CliError::PolicyFile {
        file: path.to_owned(),
        error,
    })
}

/// A folder that was named must be there; the user's own may not have been made yet, and is then empty.
pub(crate) fn anchors(folder: Option<&Path>) -> Result<Store, CliError> {
    match folder {
        Some(folder) => Ok(Store::open(folder)?),
        None => Ok(Store::create(folders::trust()?)?),
    }
}

fn read_picture(file: &Path) -> Result<RgbImage, CliError> {
    let bytes = fs::read(file).map_err(|error| CliError::file(file, error))?;
    decode(&bytes).map_err(|error| CliError::Picture {
        file: file.to_owned(),
        error,
    })
}
