//! `chipgate inspect`.

mod document;
mod live;
mod reporting;
mod show;
mod words;

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    process::ExitCode,
};

use chipgate_apdu::{Channel, Clock};
use chipgate_chip::AccessOptions;
use chipgate_face::Engine;
use chipgate_gate::{
    ChipRequest, Inspection, Inspector, LONGEST_INPUT, READ_PLAN, ReadRequest, read_files_folder,
    read_text_at_most,
};
use chipgate_inspection::{Language, Policy, Verdict};
use chipgate_trust_store::Store;
use clap::Args;
use rand_core::CryptoRng;

use crate::output::say;
use crate::{
    cli_error::CliError,
    clock::SystemClock,
    face, folders, interrupt, language, overwrite,
    progress::Watch,
    record::{Manner, Purpose, Recording, Replaying},
    source::{CardArguments, Print},
    terminal::TerminalFolder,
};
use live::Camera;
use reporting::{Kept, Reporter, Reporting};
pub(crate) use reporting::{ReportArguments, ReportOutcome};
pub(crate) use show::{json, report as report_text, verdict as verdict_text};

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
    /// The live picture to compare with the portrait on the chip; given several times, or a folder: the frames of a camera, in order
    /// (of the arguments, or of the names in the folder)
    #[arg(long, value_name = "PICTURE")]
    pub(crate) face: Vec<PathBuf>,
    /// A model that tells a face from a picture of one, by the name in its manifest (`attack-detection`); without one, cues in the
    /// picture and motion over several frames count
    #[arg(long, value_name = "NAME", requires = "face")]
    pub(crate) attack_model: Option<String>,
    /// What the person was asked to do before the first frame: turn-left, turn-right (the person's own left and right), blink; or random, which
    /// says what to ask for and waits for Enter until the frames are there. Counts for `attack-detection`
    #[arg(long, value_name = "MOVEMENT", requires = "face", value_parser = live::parse)]
    pub(crate) challenge: Option<live::Asking>,
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
    /// The language in which to say what to do: en or vi (without it: that of LC_ALL, LC_MESSAGES or LANG)
    #[arg(long, value_name = "LANGUAGE", value_parser = language::parse)]
    pub(crate) language: Option<Language>,
    /// Say beside every check what to do, not only beside those that speak against the document
    #[arg(long)]
    pub(crate) verbose: bool,
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
            face: Vec::new(),
            attack_model: None,
            challenge: None,
            trust: None,
            policy: "document".to_owned(),
            allow_bac_after_pace: false,
            report: ReportArguments::default(),
            record: None,
            language: None,
            verbose: false,
            json: false,
        }
    }
}

/// What an inspection came to, and its report.
pub(crate) struct Found {
    pub(crate) inspection: Inspection,
    pub(crate) report: Option<ReportOutcome>,
    /// Name and hash of the policy that decided.
    pub(crate) policy: (String, String),
}

pub(crate) fn run(arguments: &InspectArguments) -> Result<ExitCode, CliError> {
    let language = language::or_environment(arguments.language);
    // The verdict is for the traveller and comes at once; what becomes of the report may take a while.
    let found = inspect(arguments, &mut |inspection| {
        if !arguments.json {
            crate::output::write(format_args!(
                "{}",
                show::verdict(inspection, language, arguments.verbose)
            ));
        }
    })?;
    if arguments.json {
        say!("{}", json(&found));
    } else if let Some(report) = &found.report {
        crate::output::write(format_args!("{}", show::report(report, language)));
    }
    Ok(exit_code(found.inspection.decision.verdict))
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
    live: Option<Camera>,
    terminal: Option<TerminalFolder>,
}

impl Prepared {
    fn new(arguments: &InspectArguments) -> Result<Self, CliError> {
        let policy = policy(&arguments.policy)?;
        if arguments.replay.is_some() && arguments.challenge == Some(live::Asking::Random) {
            return Err(CliError::Usage(
                "the frames of a replay were taken before: name the movement that was asked for then"
                    .to_owned(),
            ));
        }
        let language = language::or_environment(arguments.language);
        let live = Camera::look(&arguments.face, arguments.challenge, language)?;
        let engine = live.as_ref().and_then(|_| engine_or_warning(arguments));
        Ok(Self {
            policy,
            anchors: anchors(arguments.trust.as_deref())?,
            engine,
            live,
            terminal: arguments.card.terminal()?,
        })
    }

    fn inspector<'a>(&'a self, clock: &'a dyn Clock) -> Inspector<'a> {
        Inspector {
            anchors: &self.anchors,
            policy: &self.policy,
            path_options: self.policy.path_options().clone(),
            engine: self.engine.as_ref(),
            clock,
        }
    }
}

/// Without the models the faces are not compared; the document is inspected all the same, and `face` says why.
fn engine_or_warning(arguments: &InspectArguments) -> Option<Engine> {
    face::engine_with(arguments.attack_model.as_deref())
        .inspect_err(|error| eprintln!("chipgate: THE FACES WILL NOT BE COMPARED: {error}"))
        .ok()
}

/// Carries out one inspection, and makes and sends its report where one is wanted. `told` gets the inspection as soon as
/// its report is on the disk, before anyone waits for the verifier.
pub(crate) fn inspect(
    arguments: &InspectArguments,
    told: &mut dyn FnMut(&Inspection),
) -> Result<Found, CliError> {
    let prepared = Prepared::new(arguments)?;
    if let Some(folder) = &arguments.files {
        return inspect_files(arguments, &prepared, folder, told);
    }
    if let Some(file) = &arguments.replay {
        return inspect_recording(arguments, &prepared, file, told);
    }
    let reporter = Reporter::new(&arguments.report)?;
    let card = arguments.card.card_file()?;
    let opening = arguments.card.password.opening(card.as_ref())?;
    overwrite::refuse(arguments.record.as_deref())?;
    if card.is_none() && !arguments.json {
        eprintln!("  Lay the card on the reader, and keep it still.");
    }
    let channel = arguments.card.open(card)?;
    let reporting = reporter.map(|reporter| reporter.begin().map_err(CliError::from));
    let ready = reporting.as_ref().and_then(|reporting| reporting.as_ref().ok());
    let context = ready.map(Reporting::context);
    let manner = Manner {
        purpose: Purpose::Inspect,
        opening: &opening,
        pace: arguments.card.pace,
        fall_back_to_bac: arguments.allow_bac_after_pace,
        has_terminal: prepared.terminal.is_some(),
    };
    let job = Job {
        arguments,
        prepared: &prepared,
        manner: &manner,
        challenge: ready.and_then(Reporting::challenge),
        reporting,
    };
    let Some(file) = &arguments.record else {
        return job.inspect(channel, &mut rand::rng(), &SystemClock, told);
    };
    let (recording, channel, mut rng, clock) = Recording::begin(file, channel, &manner, context)?;
    let found = job.inspect(channel, &mut rng, &clock, told);
    if let Err(error) = recording.finish() {
        // The verdict stands.
        eprintln!("chipgate: {error}");
    }
    found
}

fn inspect_recording(
    arguments: &InspectArguments,
    prepared: &Prepared,
    file: &Path,
    told: &mut dyn FnMut(&Inspection),
) -> Result<Found, CliError> {
    let replaying = Replaying::open(file, Purpose::Inspect)?;
    let opening = replaying.opening(&arguments.card.password)?;
    replaying.check_terminal(prepared.terminal.is_some())?;
    let context = replaying.context();
    let manner = Manner {
        purpose: Purpose::Inspect,
        opening: &opening,
        pace: arguments.card.pace.or_else(|| replaying.pace()),
        fall_back_to_bac: arguments.allow_bac_after_pace || replaying.fall_back_to_bac(),
        has_terminal: prepared.terminal.is_some(),
    };
    let job = Job {
        arguments,
        prepared,
        manner: &manner,
        // The chip signed this one, whether its report is made again or not.
        challenge: context.and_then(|context| context.challenge),
        reporting: Reporting::of_recording(&arguments.report, context)?.map(Ok),
    };
    let replay = replaying.replay();
    let Replaying {
        channel,
        mut rng,
        clock,
        ..
    } = replaying;
    let found = job.inspect(channel, &mut rng, &clock, &mut |_| {});
    // Where the replay went another way, that is why, whatever it then came to.
    if let Some(error) = replay.diverged() {
        return Err(error.into());
    }
    let found = found?;
    replay.finish_exchanges()?;
    told(&found.inspection);
    Ok(found)
}

fn inspect_files(
    arguments: &InspectArguments,
    prepared: &Prepared,
    folder: &Path,
    told: &mut dyn FnMut(&Inspection),
) -> Result<Found, CliError> {
    let reporter = Reporter::new(&arguments.report)?;
    let printed = arguments.card.password.printed()?;
    let files = read_files_folder(folder)?;
    let reporting = reporter.map(|reporter| reporter.begin().map_err(CliError::from));
    let inspector = prepared.inspector(&SystemClock);
    let inspection = inspector.inspect_files(
        files,
        prepared.live.as_ref().map(Camera::live),
        printed.as_ref().map(Print::as_printed),
    );
    Ok(tell(inspection, prepared, reporting, &mut rand::rng(), told))
}

/// One inspection of a chip, whatever lies behind the channel.
struct Job<'a> {
    arguments: &'a InspectArguments,
    prepared: &'a Prepared,
    manner: &'a Manner<'a>,
    /// The challenge that makes active authentication fresh, if there is one.
    challenge: Option<[u8; 8]>,
    reporting: Option<Result<Reporting, CliError>>,
}

impl Job<'_> {
    fn inspect<C: Channel>(
        self,
        channel: C,
        rng: &mut impl CryptoRng,
        clock: &dyn Clock,
        told: &mut dyn FnMut(&Inspection),
    ) -> Result<Found, CliError> {
        let options = AccessOptions {
            fall_back_to_bac: self.manner.fall_back_to_bac,
            bac_key: self.manner.opening.bac_key(),
            pin_revival: self.manner.opening.pin_revival.clone(),
            cancellation: interrupt::cancellation(),
            pace_protocol: self.manner.pace,
            ..AccessOptions::default()
        };
        let mut challenge = [0; 8];
        rng.fill_bytes(&mut challenge);
        let request = ChipRequest {
            read: ReadRequest {
                plan: &READ_PLAN,
                password: &self.manner.opening.password,
                options: &options,
                challenge: self.challenge.unwrap_or(challenge),
                terminal: self.prepared.terminal.as_ref().map(TerminalFolder::terminal),
            },
            printed: self.manner.opening.printed(),
            live: self.prepared.live.as_ref().map(Camera::live),
        };
        let mut watch = Watch::new(!self.arguments.json);
        let inspector = self.prepared.inspector(clock);
        let inspection = inspector.inspect_chip(channel, &request, rng, &mut |event| watch.event(event))?;
        drop(watch);
        Ok(tell(inspection, self.prepared, self.reporting, rng, told))
    }
}

/// Puts the report on the disk, tells the verdict, and then sends the report.
fn tell(
    inspection: Inspection,
    prepared: &Prepared,
    reporting: Option<Result<Reporting, CliError>>,
    rng: &mut impl CryptoRng,
    told: &mut dyn FnMut(&Inspection),
) -> Found {
    let kept = reporting.map(|reporting| match reporting {
        Ok(reporting) => reporting.keep(&inspection, &prepared.policy, rng),
        Err(error) => Kept::none(&error),
    });
    told(&inspection);
    let report = kept.map(Kept::send);
    let policy = &prepared.policy;
    Found {
        inspection,
        report,
        policy: (policy.name().to_owned(), hex::encode(policy.hash())),
    }
}

/// A shipped policy by its name, else a policy file.
pub(crate) fn policy(name: &str) -> Result<Policy, CliError> {
    if let Some(text) = Policy::shipped_text(name) {
        return Ok(Policy::parse(text)?);
    }
    let path = Path::new(name);
    let text = read_text_at_most(path, LONGEST_INPUT).map_err(|error| match error.kind() {
        ErrorKind::NotFound => CliError::Usage(format!(
            "{name} is neither a policy file nor a shipped policy: those are {}",
            Policy::SHIPPED.join(", ")
        )),
        _ => CliError::file(path, error),
    })?;
    Policy::parse(&text).map_err(|error| CliError::PolicyFile {
        file: path.to_owned(),
        error,
    })
}

/// A folder that was named must be there; the user's own may not have been made yet, and is then empty.
pub(crate) fn anchors(folder: Option<&Path>) -> Result<Store, CliError> {
    match folder {
        Some(folder) => Ok(Store::open(folder)?),
        None => Ok(Store::open_or_empty(folders::trust()?)?),
    }
}
