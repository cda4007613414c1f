use std::{
    panic::resume_unwind,
    thread::{self, ScopedJoinHandle},
};

use chipgate_apdu::{Channel, Clock, Timestamp};
use chipgate_chip::{ChipError, Password};
use chipgate_face::{Challenge, ChallengeAnswer, Engine};
use chipgate_inspection::{
    AccessObservation, ChallengeObservation, Check, Decision, Evaluation, FaceObservation, Files,
    Observations, Policy, Printed, Weight, evaluate,
};
use chipgate_lds::{DataGroup, File};
use chipgate_trust::{
    PassiveAuthentication, PathOptions, TrustAnchors, authenticate_card_security,
    authenticate_security_object,
};
use rand_core::CryptoRng;

use crate::{
    ChipRead, Event, GateError, Inspection, Live, ReadRequest, Timings,
    live::LiveFace,
    matching::{self, Matched},
    read_chip,
};

/// What is there before a card arrives.
pub struct Inspector<'a> {
    /// The anchors that documents are proven against.
    pub anchors: &'a (dyn TrustAnchors + Sync),
    /// What decides.
    pub policy: &'a Policy,
    /// How certificate paths are judged.
    pub path_options: PathOptions,
    /// The face models; without them a live picture comes out undetermined.
    pub engine: Option<&'a Engine>,
    /// Where the time comes from. It is read once an inspection.
    pub clock: &'a dyn Clock,
}

/// One inspection of a chip.
pub struct ChipRequest<'a> {
    /// How the chip is opened and read.
    pub read: ReadRequest<'a>,
    /// What is printed, if it is known.
    pub printed: Option<Printed<'a>>,
    /// The live picture, or the frames of a camera, if a face is to be compared.
    pub live: Option<Live<'a>>,
}

impl Inspector<'_> {
    /// Inspects the document in front of `channel`.
    ///
    /// The live face is embedded while the chip is read; the signature is checked, and the portrait embedded, while
    /// the next file is on its way. An error means that there is no verdict: the card is gone, the password is
    /// wrong, secure messaging broke.
    pub fn inspect_chip<C: Channel>(
        &self,
        channel: C,
        request: &ChipRequest<'_>,
        rng: &mut impl CryptoRng,
        watch: &mut dyn FnMut(Event),
    ) -> Result<Inspection, GateError> {
        let now = self.clock.now();
        let mut timings = Timings::start();
        let (anchors, options) = (self.anchors, &self.path_options);
        let (chip, passive, matched) = thread::scope(|scope| {
            let attacks = self.detects_attacks(request.live);
            let live = self
                .face_task(request.live)
                .map(|(engine, live)| (engine, scope.spawn(move || LiveFace::of(engine, live, attacks))));
            let authenticate =
                |sod: Vec<u8>| scope.spawn(move || authenticate_security_object(&sod, anchors, now, options));
            let (mut sod, mut passive, mut portrait) = (None, None, None);
            let chip = read(channel, request, rng, &mut timings, watch, &mut |file, bytes| {
                // Chip authentication, for which DG14 is read, waits for this machine; the files behind it for the chip.
                // The signature is checked beside those.
                match file {
                    File::Sod => sod = Some(bytes.to_vec()),
                    File::DataGroup(DataGroup::DG14) => {}
                    _ => passive = sod.take().map(&authenticate).or(passive.take()),
                }
                if let (File::DataGroup(DataGroup::DG2), Some((engine, _))) = (file, &live) {
                    let (engine, bytes) = (*engine, bytes.to_vec());
                    portrait = Some(scope.spawn(move || matching::embed_portrait(engine, &bytes)));
                }
            })?;
            let passive = sod.map(authenticate).or(passive);
            timings.begin("face".to_owned());
            let matched = live.map_or_else(
                || no_comparison(request.live),
                |(engine, live)| {
                    // A decoder that breaks on a picture says something about the picture, and must not end the inspection.
                    let live = live
                        .join()
                        .unwrap_or(LiveFace::none(FaceObservation::Unavailable));
                    let portrait = portrait.map(|portrait| {
                        portrait
                            .join()
                            .unwrap_or(Err(FaceObservation::PortraitUnreadable))
                    });
                    matching::compare(engine, live, portrait)
                },
            );
            Ok::<_, GateError>((chip, passive.map(join), matched))
        })?;
        timings.begin("decision".to_owned());
        let (evaluation, decision) = self.judge(&chip, passive.as_ref(), &matched, request, now);
        timings.finish();
        let ChipRead {
            access,
            files,
            chip_authentication,
            active_authentication,
            terminal_authentication,
            unreadable: _,
        } = chip;
        Ok(Inspection {
            time: now,
            access: Some(access),
            files,
            passive,
            chip_authentication,
            active_authentication,
            terminal_authentication,
            face: matched.observation,
            comparison: matched.comparison,
            challenge: request.live.and_then(|live| asked(live, matched.challenge)),
            evaluation,
            decision,
            timings,
        })
    }

    /// Makes the checks that files allow: no chip is there, so nothing proves that they are not a copy.
    pub fn inspect_files(
        &self,
        files: Files,
        live: Option<Live<'_>>,
        printed: Option<Printed<'_>>,
    ) -> Inspection {
        let now = self.clock.now();
        let mut timings = Timings::start();
        timings.begin("signature".to_owned());
        let passive = files.bytes(File::Sod).map(|sod| self.authenticate(sod, now));
        timings.begin("face".to_owned());
        let matched = self.face_task(live).map_or_else(
            || no_comparison(live),
            |(engine, live)| {
                let portrait = files.bytes(File::DataGroup(DataGroup::DG2));
                let portrait = portrait.map(|dg2| matching::embed_portrait(engine, dg2));
                let live = LiveFace::of(engine, live, self.detects_attacks(Some(live)));
                matching::compare(engine, live, portrait)
            },
        );
        timings.begin("decision".to_owned());
        let evaluation = evaluate(&Observations {
            access: AccessObservation::FilesOnly,
            files: &files,
            passive: passive.as_ref(),
            chip_authentication: None,
            active_authentication: None,
            terminal_authentication: None,
            card_security: None,
            printed,
            face: &matched.observation,
            attack: matched.attack,
            challenge: self.challenge(live, matched.challenge),
            now,
        });
        let decision = self.policy.decide(&evaluation);
        timings.finish();
        Inspection {
            time: now,
            access: None,
            files,
            passive,
            chip_authentication: None,
            active_authentication: None,
            terminal_authentication: None,
            face: matched.observation,
            comparison: matched.comparison,
            challenge: live.and_then(|live| asked(live, matched.challenge)),
            evaluation,
            decision,
            timings,
        }
    }

    fn authenticate(&self, sod: &[u8], now: Timestamp) -> PassiveAuthentication {
        authenticate_security_object(sod, self.anchors, now, &self.path_options)
    }

    fn face_task<'p>(&self, live: Option<Live<'p>>) -> Option<(&Engine, Live<'p>)> {
        self.engine.zip(live)
    }

    /// Whether the policy asks for attack detection, or someone asked the person for a movement.
    fn detects_attacks(&self, live: Option<Live<'_>>) -> bool {
        let asked = live.is_some_and(|live| live.challenge.is_some());
        asked || self.policy.weight(Check::AttackDetection) != Weight::Recorded
    }

    /// What the check sees of the movement that was asked for, or should have been.
    fn challenge(
        &self,
        live: Option<Live<'_>>,
        answer: Option<ChallengeAnswer>,
    ) -> Option<ChallengeObservation> {
        match (live.and_then(|live| live.challenge), answer) {
            (None, _) => self
                .policy
                .wants_challenge()
                .then_some(ChallengeObservation::NotAsked),
            (Some(_), Some(ChallengeAnswer::Met)) => Some(ChallengeObservation::Met),
            (Some(_), Some(_)) => Some(ChallengeObservation::NotMet),
            (Some(_), None) => None,
        }
    }

    fn judge(
        &self,
        chip: &ChipRead,
        passive: Option<&PassiveAuthentication>,
        matched: &Matched,
        request: &ChipRequest<'_>,
        now: Timestamp,
    ) -> (Evaluation, Decision) {
        let card_security = chip.files.bytes(File::CardSecurity);
        let card_security =
            card_security.map(|file| authenticate_card_security(file, self.anchors, now, &self.path_options));
        let evaluation = evaluate(&Observations {
            access: AccessObservation::Opened(&chip.access),
            files: &chip.files,
            passive,
            chip_authentication: chip.chip_authentication.as_ref().map(Result::as_ref),
            active_authentication: chip.active_authentication.as_ref().map(Result::as_ref),
            terminal_authentication: chip.terminal_authentication.as_ref().map(Result::as_ref),
            card_security: card_security.as_ref(),
            printed: printed(request),
            face: &matched.observation,
            attack: matched.attack,
            challenge: self.challenge(request.live, matched.challenge),
            now,
        });
        let decision = self.policy.decide(&evaluation);
        (evaluation, decision)
    }
}

/// Carries out the read plan, and notes how long its steps take.
fn read<C: Channel>(
    channel: C,
    request: &ChipRequest<'_>,
    rng: &mut impl CryptoRng,
    timings: &mut Timings,
    watch: &mut dyn FnMut(Event),
    finished: &mut dyn FnMut(File, &[u8]),
) -> Result<ChipRead, ChipError> {
    let mut watch = |event| {
        match event {
            Event::Begin(step) => timings.begin(step.name().to_owned()),
            Event::CardLost => timings.begin("card-lost".to_owned()),
            Event::Progress(_) | Event::CardReturned => {}
        }
        watch(event);
    };
    pollster::block_on(read_chip(channel, &request.read, rng, &mut watch, finished))
}

/// What is known of the print: what was given, or at least the fields that opened the chip.
fn printed<'a>(request: &ChipRequest<'a>) -> Option<Printed<'a>> {
    match (request.printed, request.read.password) {
        (printed @ Some(_), _) => printed,
        (None, Password::Mrz(key)) => Some(Printed::Key(key)),
        (None, _) => None,
    }
}

/// Nothing is compared: nobody asked for it, or the models are missing.
fn no_comparison(live: Option<Live<'_>>) -> Matched {
    let observation = live.map_or(FaceObservation::NotRequested, |_| FaceObservation::Unavailable);
    Matched {
        observation,
        attack: None,
        challenge: None,
        comparison: None,
    }
}

/// What was asked, with what came of it.
fn asked(live: Live<'_>, answer: Option<ChallengeAnswer>) -> Option<(Challenge, Option<ChallengeAnswer>)> {
    live.challenge.map(|challenge| (challenge, answer))
}

/// What a thread found; its panic goes on here.
fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}
