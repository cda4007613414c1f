//! The whole inspection of a card, and its commands sent raw.

use std::{
    fs,
    time::{Duration, Instant},
};

use chipgate_apdu::{Channel, Clock as _};
use chipgate_chip::{AccessOptions, Password};
use chipgate_crypto::Secret;
use chipgate_gate::{ChipRequest, Inspector, READ_PLAN, ReadRequest};
use chipgate_inspection::Policy;
use chipgate_pcsc::Readers;
use chipgate_recording::{Entry, Header, Outcome, Recorder, Recording};
use chipgate_trust::PathOptions;
use chipgate_trust_store::Store;
use chipgate_virtual_card::{
    CardFile, InProcess, IssueOptions, ModelledLink, Pki, Profile, SILHOUETTE, SecretText, VirtualCard, issue,
};
use rand::{SeedableRng, rngs::StdRng};

use super::figures::{Figures, median, milliseconds};
use crate::{
    card::{Presented, VIRTUAL_READER},
    cli_error::CliError,
    clock::SystemClock,
};

/// How large the portrait is: what a Vietnamese card carries.
const PORTRAIT_LENGTH: usize = 20 * 1024;

/// A command and its response.
type Exchange = (Vec<u8>, Vec<u8>);

/// A card, and how it is read.
struct Bench {
    card: CardFile,
    policy: Policy,
    anchors: Store,
}

pub(super) fn measure(repeat: usize, figures: &mut Figures) -> Result<(), CliError> {
    let bench = Bench::new()?;
    let mut in_process = Vec::new();
    for _ in 0..repeat {
        in_process.push(bench.inspect(InProcess::new(bench.chip()?), None)?);
    }
    figures.time(
        "inspection in-process, without a face",
        median(in_process),
        "PACE, CA, AA, PA, 20 KB portrait",
    );
    bench.on_a_modelled_link(figures)?;
    if !has_reader() {
        figures.add(
            "inspection through pcscd",
            "not measured",
            "no PC/SC service with vpcd",
        );
        return Ok(());
    }
    let (mut whole, mut raw, mut counts, mut least) = (Vec::new(), Vec::new(), (0, 0), 0);
    for _ in 0..repeat {
        let (time, exchanges) = bench.through_service()?;
        whole.push(time);
        counts = (
            exchanges.len(),
            exchanges
                .iter()
                .map(|(command, answer)| command.len() + answer.len())
                .sum(),
        );
        least = least_commands(&exchanges);
        raw.push(bench.raw(&exchanges)?);
    }
    let (whole, raw) = (median(whole), median(raw));
    figures.add(
        "commands of that inspection",
        counts.0.to_string(),
        format!(
            "{} bytes both ways; {least} at the least, each file in one command: files are read 4 KiB at a time, so that a person sees \
             how far it is and a lost card costs little",
            counts.1
        ),
    );
    figures.time("the same commands raw through pcscd and vpcd", raw, "the floor");
    let ratio = whole.as_secs_f64() / raw.as_secs_f64();
    figures.add(
        "inspection through pcscd and vpcd",
        milliseconds(whole),
        format!("{ratio:.2} × the floor; the aim is 1.15 ×"),
    );
    Ok(())
}

fn has_reader() -> bool {
    Readers::connect()
        .and_then(|readers| readers.names())
        .is_ok_and(|names| names.iter().any(|name| name == VIRTUAL_READER))
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

    /// One inspection, with random numbers that are the same each time; recorded, if there is a recorder.
    fn inspect<C: Channel>(&self, channel: C, recorder: Option<&Recorder>) -> Result<Duration, CliError> {
        let can = self.card.passwords.can.as_ref().map_or("", SecretText::as_str);
        let password = Password::Can(Secret::new(can.as_bytes()));
        let options = AccessOptions::default();
        let read = ReadRequest {
            plan: &READ_PLAN,
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
        let begun = Instant::now();
        match recorder {
            Some(recorder) => {
                inspector.inspect_chip(recorder.channel(channel), &request, &mut rng, &mut |_| {})?
            }
            None => inspector.inspect_chip(channel, &request, &mut rng, &mut |_| {})?,
        };
        Ok(begun.elapsed())
    }

    /// The whole inspection on a contactless link of 424 kbit/s, beside the time of link and chip alone.
    fn on_a_modelled_link(&self, figures: &mut Figures) -> Result<(), CliError> {
        let mut link = ModelledLink::new(InProcess::new(self.chip()?));
        let whole = self.inspect(&mut link, None)?;
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

    /// One inspection through the service, and the exchanges that it took.
    fn through_service(&self) -> Result<(Duration, Vec<Exchange>), CliError> {
        let folder = std::env::temp_dir().join(format!("chipgate-bench-{}", std::process::id()));
        let file = folder.join("exchange.jsonl");
        fs::create_dir_all(&folder).map_err(|error| CliError::file(&folder, error))?;
        let presented = Presented::begin(self.chip()?);
        let channel = Readers::connect()?.wait_for_card(Some(VIRTUAL_READER), Duration::from_secs(20))?;
        let time = self.inspect(channel, None)?;
        drop(presented);
        // Recording takes time of its own, so another inspection with the same numbers is recorded.
        let presented = Presented::begin(self.chip()?);
        let channel = Readers::connect()?.wait_for_card(Some(VIRTUAL_READER), Duration::from_secs(20))?;
        let recorder = Recorder::create(&file, &Header::new(channel.limits(), SystemClock.now()))?;
        self.inspect(channel, Some(&recorder))?;
        recorder.finish()?;
        drop(presented);
        let recording = Recording::read(&file)?;
        fs::remove_dir_all(&folder).map_err(|error| CliError::file(&folder, error))?;
        let exchanges = recording.entries.into_iter().filter_map(|entry| match entry {
            Entry::Exchange {
                command,
                outcome: Outcome::Response(response),
                ..
            } => Some((command, response)),
            _ => None,
        });
        Ok((time, exchanges.collect()))
    }

    /// The same commands to the same chip, with nothing done between them. Each answer must be the same, or something
    /// else was measured.
    fn raw(&self, exchanges: &[Exchange]) -> Result<Duration, CliError> {
        let _presented = Presented::begin(self.chip()?);
        let mut channel = Readers::connect()?.wait_for_card(Some(VIRTUAL_READER), Duration::from_secs(20))?;
        let mut buffer = vec![0; 65_538];
        let begun = Instant::now();
        for (command, expected) in exchanges {
            let answer = pollster::block_on(channel.transmit(command, &mut buffer));
            if answer.map_or(true, |answer| answer != expected) {
                return Err(CliError::Environment(
                    "the raw commands were answered otherwise".to_owned(),
                ));
            }
        }
        Ok(begun.elapsed())
    }
}

/// What is no READ BINARY, and one READ BINARY for each run of them: they follow one another within a file.
fn least_commands(exchanges: &[Exchange]) -> usize {
    let starts_file = |command: &[u8]| {
        // By its short identifier a file begins with its own command; a file that was selected, behind its selection.
        matches!(command, [_, 0xB0, p1, ..] if p1 & 0x80 != 0)
    };
    let reads = |command: &[u8]| matches!(command, [_, 0xB0 | 0xB1, ..]);
    let mut last_was_read = false;
    let mut least = 0;
    for (command, _) in exchanges {
        if !reads(command) || starts_file(command) || !last_was_read {
            least += 1;
        }
        last_was_read = reads(command);
    }
    least
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
