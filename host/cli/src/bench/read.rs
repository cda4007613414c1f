//! The whole inspection of a card, and its commands sent raw.

use std::{
    fs,
    time::{Duration, Instant},
};

use chipgate_apdu::{Channel, Clock as _};
use chipgate_chip::{AccessOptions, Password};
use chipgate_crypto::Secret;
use chipgate_gate::{ChipRequest, Event, Inspector, ReadRequest, ReadStep, Timings};
use chipgate_inspection::Policy;
use chipgate_lds::{DataGroup, File};
use chipgate_pcsc::{PcscChannel, Readers};
use chipgate_trust::PathOptions;
use chipgate_trust_store::Store;
use chipgate_virtual_card::{
    CardFile, InProcess, IssueOptions, ModelledLink, Pki, Profile, SILHOUETTE, SecretText, VirtualCard, issue,
};
use rand::{SeedableRng, rngs::StdRng};

use super::{
    figures::{Figures, median, milliseconds},
    phases::{Phase, Phases, Times},
};
use crate::{
    cli_error::CliError,
    clock::SystemClock,
    virtual_reader::{self, Presented, VIRTUAL_READER},
};

/// How large the portrait is: what a Vietnamese card carries.
const PORTRAIT_LENGTH: usize = 20 * 1024;

/// PACE, every file of an inspection and the optional details, chip and active authentication.
const FULL_READ: [ReadStep; 12] = [
    ReadStep::Open,
    ReadStep::Read(File::Com),
    ReadStep::Read(File::Sod),
    ReadStep::Read(File::DataGroup(DataGroup::DG14)),
    ReadStep::ChipAuthentication,
    ReadStep::Read(File::DataGroup(DataGroup::DG1)),
    ReadStep::Read(File::DataGroup(DataGroup::DG2)),
    ReadStep::Read(File::DataGroup(DataGroup::DG11)),
    ReadStep::Read(File::DataGroup(DataGroup::DG12)),
    ReadStep::Read(File::DataGroup(DataGroup::DG13)),
    ReadStep::Read(File::DataGroup(DataGroup::DG15)),
    ReadStep::ActiveAuthentication,
];

/// A card, and how it is read.
struct Bench {
    card: CardFile,
    policy: Policy,
    anchors: Store,
}

pub(super) fn measure(repeat: usize, figures: &mut Figures) -> Result<(), CliError> {
    let has_reader = has_reader()?;
    let bench = Bench::new()?;
    let mut in_process = Vec::new();
    for _ in 0..repeat {
        in_process.push(bench.inspect(InProcess::new(bench.chip()?), None)?.total());
    }
    figures.time(
        "inspection in-process, without a face",
        median(in_process),
        "PACE, CA, AA, PA, every file but fingerprints, 20 KB portrait",
    );
    bench.on_a_modelled_link(figures)?;
    if !has_reader {
        figures.add(
            "inspection through pcscd",
            "not measured",
            "no PC/SC service with vpcd",
        );
        return Ok(());
    }
    bench.through_pcscd(repeat, figures)
}

/// Whether there is a virtual reader; one that holds someone's card is an error, before anything is measured.
fn has_reader() -> Result<bool, CliError> {
    Readers::connect().map_or(Ok(false), |readers| virtual_reader::is_free(&readers))
}

impl Bench {
    fn new() -> Result<Self, CliError> {
        let now = SystemClock.now();
        let pki = Pki::generate(&mut rand::rng(), now)?;
        let options = IssueOptions {
            portrait: Some(portrait()),
            ..IssueOptions::default()
        };
        let card = issue(Profile::VnCccd, &pki, &options, &mut rand::rng(), now)?;
        let folder = std::env::temp_dir().join(format!("chipgate-bench-pki-{}", std::process::id()));
        pki.write(&folder)?;
        let anchors = Store::open(Pki::trust_folder(&folder))?;
        fs::remove_dir_all(&folder).map_err(|error| CliError::file(&folder, error))?;
        Ok(Self {
            card,
            policy: Policy::document()?,
            anchors,
        })
    }

    /// The card's chip with random numbers that are the same each time, so that its answers are, too.
    fn chip(&self) -> Result<VirtualCard, CliError> {
        Ok(VirtualCard::new(&self.card, StdRng::seed_from_u64(1))?)
    }

    /// One inspection, with random numbers that are the same each time; kept by phase, if `phases` are given.
    fn inspect<C: Channel>(&self, channel: C, phases: Option<&Phases>) -> Result<Timings, CliError> {
        let can = self.card.passwords.can.as_ref().map_or("", SecretText::as_str);
        let password = Password::Can(Secret::new(can.as_bytes()));
        let options = AccessOptions::default();
        let read = ReadRequest {
            plan: &FULL_READ,
            password: &password,
            options: &options,
            challenge: [7; 8],
            terminal: None,
        };
        let request = ChipRequest {
            read,
            printed: None,
            live: None,
        };
        let inspector = Inspector {
            anchors: &self.anchors,
            policy: &self.policy,
            path_options: PathOptions::default(),
            engine: None,
            clock: &SystemClock,
        };
        let mut rng = StdRng::seed_from_u64(2);
        let inspection = match phases {
            Some(phases) => {
                let mut watch = |event| {
                    if let Event::Begin(step) = event {
                        phases.begin(step.name());
                    }
                };
                inspector.inspect_chip(phases.channel(channel), &request, &mut rng, &mut watch)?
            }
            None => inspector.inspect_chip(channel, &request, &mut rng, &mut |_| {})?,
        };
        Ok(inspection.timings)
    }

    /// The whole inspection on a contactless link of 424 kbit/s, beside the time of link and chip alone.
    fn on_a_modelled_link(&self, figures: &mut Figures) -> Result<(), CliError> {
        let mut link = ModelledLink::new(InProcess::new(self.chip()?));
        let whole = self.inspect(&mut link, None)?.total();
        let floor = link.spent();
        let ratio = whole.as_secs_f64() / floor.as_secs_f64();
        figures.add(
            "inspection on a modelled link of 424 kbit/s",
            milliseconds(whole),
            format!(
                "{ratio:.3} × the {} of link and chip alone; the aim is 1.05 ×",
                milliseconds(floor)
            ),
        );
        Ok(())
    }

    /// Inspections through the service, each beside its own commands sent raw, by phase.
    fn through_pcscd(&self, repeat: usize, figures: &mut Figures) -> Result<(), CliError> {
        let phases = self.phases()?;
        let (mut ours, mut raw, mut totals) = (Times::default(), Times::default(), Vec::new());
        for _ in 0..repeat {
            let timings = {
                let _presented = Presented::begin(self.chip()?)?;
                self.inspect(channel()?, None)?
            };
            totals.push(timings.total());
            ours.add(
                phases
                    .iter()
                    .map(|phase| time_of(&timings, &phase.name))
                    .collect(),
            );
            raw.add(self.raw(&phases)?);
        }
        let sum = |of: fn(&Phase) -> usize| phases.iter().map(of).sum::<usize>();
        figures.add(
            "commands of that inspection",
            sum(|phase| phase.exchanges.len()).to_string(),
            format!(
                "{} bytes both ways; {} at the least, each file in one command: files are read 4 KiB at a time, so that a person sees \
                 how far it is and a lost card costs little",
                sum(Phase::bytes),
                sum(Phase::least_commands)
            ),
        );
        for (index, phase) in phases.iter().enumerate() {
            figures.add(
                &format!("phase {}", phase.name),
                milliseconds(ours.of_phase(index)),
                format!(
                    "raw {}; commands: {}, bytes: {}",
                    milliseconds(raw.of_phase(index)),
                    phase.exchanges.len(),
                    phase.bytes()
                ),
            );
        }
        let (total, raw) = (median(totals), raw.whole());
        figures.time("the same commands raw through pcscd and vpcd", raw, "the floor");
        let ratio = total.as_secs_f64() / raw.as_secs_f64();
        figures.add(
            "inspection through pcscd and vpcd",
            milliseconds(total),
            format!("{ratio:.2} × the floor; the aim is 1.15 ×"),
        );
        Ok(())
    }

    /// What an inspection through the service exchanges. Its time does not count: keeping takes time of its own.
    fn phases(&self) -> Result<Vec<Phase>, CliError> {
        let _presented = Presented::begin(self.chip()?)?;
        let phases = Phases::default();
        self.inspect(channel()?, Some(&phases))?;
        Ok(phases.into_vec())
    }

    /// The same commands to the same chip, with nothing done between them, and the time of each phase. Each answer must be
    /// the same, or something else was measured.
    fn raw(&self, phases: &[Phase]) -> Result<Vec<Duration>, CliError> {
        let _presented = Presented::begin(self.chip()?)?;
        let mut channel = channel()?;
        let mut buffer = vec![0; 65_538];
        let mut times = Vec::new();
        for phase in phases {
            let begun = Instant::now();
            for (command, expected) in &phase.exchanges {
                let answer = pollster::block_on(channel.transmit(command, &mut buffer));
                if answer.map_or(true, |answer| answer != expected) {
                    return Err(CliError::Environment(
                        "the raw commands were answered otherwise".to_owned(),
                    ));
                }
            }
            times.push(begun.elapsed());
        }
        Ok(times)
    }
}

/// The card in the virtual reader of the service.
fn channel() -> Result<PcscChannel, CliError> {
    Ok(Readers::connect()?.wait_for_card(Some(VIRTUAL_READER), Duration::from_secs(20))?)
}

/// The time of the step with this name.
fn time_of(timings: &Timings, name: &str) -> Duration {
    let step = timings.steps().iter().find(|(step, _)| step == name);
    step.map_or(Duration::ZERO, |(_, time)| *time)
}

/// A JPEG of the wanted length: the silhouette of the virtual card, with a comment segment that fills it.
fn portrait() -> Vec<u8> {
    let silhouette = SILHOUETTE;
    let (start, rest) = silhouette.split_at(2); // SOI
    let fill = PORTRAIT_LENGTH.saturating_sub(silhouette.len() + 4);
    let mut picture = start.to_vec();
    picture.extend([0xFF, 0xFE]); // COM
    picture.extend(u16::try_from(fill + 2).unwrap_or(u16::MAX).to_be_bytes());
    picture.resize(picture.len() + fill, b' ');
    picture.extend_from_slice(rest);
    picture
}
