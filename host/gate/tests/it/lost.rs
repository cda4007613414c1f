//! The card is lost after each single command of a full read in turn.

use std::collections::HashMap;

use chipgate_apdu::Cancellation;
use chipgate_chip::{AccessProtocol, CardDifference, ChipError};
use chipgate_gate::{Event, GateError, Inspection, ReadStep};
use chipgate_inspection::Verdict;
use chipgate_lds::File;
use chipgate_virtual_card::{CardFile, Profile};

use crate::common::{Link, Meddling, Stage, presented};

/// Inspects the card, and tells what happened.
fn inspect(card: &CardFile, link: &mut Link<'_>) -> (Result<Inspection, GateError>, Vec<Event>) {
    let mut events = Vec::new();
    let outcome = Stage::get().inspect(card, link, &Cancellation::new(), &mut |event| events.push(event));
    (outcome, events)
}

fn undisturbed(card: &CardFile) -> (Inspection, usize) {
    let mut link = Link::new(presented(card), Meddling::None);
    let (outcome, _) = inspect(card, &mut link);
    (outcome.unwrap(), link.exchanges.len())
}

#[test]
fn a_card_that_does_not_come_back_is_told_as_lost_wherever_it_was() {
    for card in &Stage::get().cards {
        let (_, commands) = undisturbed(card);
        for at in 0..commands {
            let mut link = Link::new(presented(card), Meddling::Lose(at));
            let (outcome, events) = inspect(card, &mut link);
            let error = outcome.unwrap_err();
            assert_eq!(
                error.code(),
                "card-lost",
                "{} at command {at}: {error}",
                card.profile
            );
            assert!(matches!(error, GateError::Chip(ChipError::CardLost { .. })));
            assert_eq!(events.last(), Some(&Event::CardLost));
            assert_eq!(
                link.exchanges.len(),
                at + 1,
                "nothing is sent to a card that is gone"
            );
        }
    }
}

#[test]
fn a_card_that_comes_back_is_read_on_and_proven_again_wherever_it_was_lost() {
    for card in &Stage::get().cards {
        let (whole, commands) = undisturbed(card);
        for at in 0..commands {
            let mut link = Link::new(presented(card), Meddling::Lose(at));
            link.next = vec![presented(card)];
            let (outcome, events) = inspect(card, &mut link);
            let found = outcome.unwrap_or_else(|error| panic!("{} at {at}: {error}", card.profile));
            let context = format!("{} at command {at}", card.profile);
            assert_eq!(found.files, whole.files, "{context}");
            assert_eq!(protocol(&found), protocol(&whole), "{context}");
            assert_eq!(proven(&found), proven(&whole), "{context}");
            assert_eq!(found.decision.verdict, Verdict::Accept, "{context}");
            assert_reads_on(&events, &context);
            assert_proves_again(&events, &context);
        }
    }
}

/// The key of chip authentication, and whether active authentication succeeded.
fn proven(inspection: &Inspection) -> (Option<&[u8]>, bool) {
    let chip = inspection.chip_authentication.as_ref();
    let active = inspection.active_authentication.as_ref();
    (
        chip.map(|proof| proof.as_ref().unwrap().public_key()),
        active.is_some_and(Result::is_ok),
    )
}

fn protocol(inspection: &Inspection) -> AccessProtocol {
    *inspection.access.as_ref().unwrap().protocol()
}

/// No file that came after EF.SOD is begun anew.
fn assert_reads_on(events: &[Event], context: &str) {
    let mut read = HashMap::new();
    let mut knows_the_card = false;
    for event in events {
        let Event::Progress(progress) = event else {
            continue;
        };
        if progress.file == File::Sod && progress.read == progress.total {
            knows_the_card = true;
        }
        if knows_the_card && matches!(progress.file, File::DataGroup(_)) {
            let before = read.insert(progress.file.name(), progress.read);
            assert!(
                before < Some(progress.read),
                "{context}: {progress:?} after {before:?}"
            );
        }
    }
}

/// Chip authentication that was made before the card was lost is made again after it, before anything else is read.
fn assert_proves_again(events: &[Event], context: &str) {
    let lost = events.iter().position(|event| *event == Event::CardLost).unwrap();
    let (before, after) = events.split_at(lost);
    let proof = Event::Begin(ReadStep::ChipAuthentication);
    let begun = before.iter().filter(|event| **event == proof).count();
    let read_on = |event: &&Event| matches!(event, Event::Begin(ReadStep::Read(File::DataGroup(_))));
    let again = after.iter().position(|event| *event == proof);
    if begun > 0 {
        let next = after.iter().position(|event| read_on(&event));
        assert!(
            again.is_some() && (next.is_none() || again < next),
            "{context}: {after:?}"
        );
    }
}

#[test]
fn another_card_in_its_place_is_told_as_such() {
    let stage = Stage::get();
    let card = stage.card(Profile::VnCccd);
    let (_, commands) = undisturbed(card);
    let sod = sod_at(card);
    for at in 0..commands {
        let other = stage.another(Profile::VnCccd);
        let mut link = Link::new(presented(card), Meddling::Lose(at));
        link.next = vec![presented(&other)];
        let (outcome, _) = inspect(card, &mut link);
        // Its CAN is another one. Before the first password was tried no one knows which card it was.
        let error = outcome.unwrap_err();
        assert!(
            matches!(error.code(), "another-card" | "wrong-password"),
            "at {at}: {error}"
        );
        if at >= sod {
            assert_eq!(error.code(), "another-card", "at {at}: {error}");
        }
    }
}

/// The command after which EF.SOD is there.
fn sod_at(card: &CardFile) -> usize {
    let mut seen = 0;
    let mut link = Link::new(presented(card), Meddling::None);
    let (outcome, events) = inspect(card, &mut link);
    outcome.unwrap();
    for event in events {
        match event {
            Event::Progress(progress) if progress.file == File::Sod => return seen + 20,
            Event::Progress(_) => seen += 1,
            _ => {}
        }
    }
    seen
}

#[test]
fn a_copy_that_opens_with_the_same_password_is_known_by_its_security_object() {
    let stage = Stage::get();
    let card = stage.card(Profile::VnCccd);
    let mut other = stage.another(Profile::VnCccd);
    other.passwords = card.passwords.clone();
    let (_, commands) = undisturbed(card);
    let mut link = Link::new(presented(card), Meddling::Lose(commands - 1));
    link.next = vec![presented(&other)];
    let (outcome, _) = inspect(card, &mut link);
    let by = CardDifference::SecurityObject;
    assert!(matches!(
        outcome,
        Err(GateError::Chip(ChipError::AnotherCard { by: found })) if found == by
    ));
}

/// A card that is lost at every seventh command.
struct Shaking(Link<'static>);
impl chipgate_apdu::Channel for Shaking {
    async fn transmit<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
    ) -> Result<&'a [u8], chipgate_apdu::ChannelError> {
        if self.0.exchanges.len() % 7 == 6 {
            self.0.exchanges.push((command.to_vec(), Vec::new()));
            return Err(chipgate_apdu::ChannelError::CardLost);
        }
        self.0.transmit(command, response).await
    }
    async fn reset(&mut self) -> Result<(), chipgate_apdu::ChannelError> {
        self.0.reset().await
    }
    fn limits(&self) -> chipgate_apdu::Limits {
        self.0.limits()
    }
}

#[test]
fn a_card_that_is_lost_again_and_again_is_given_up_in_the_end() {
    let card = Stage::get().card(Profile::Td3Pace);
    let mut link = Shaking(Link::new(presented(card), Meddling::None));
    let outcome = Stage::get().inspect(card, &mut link, &Cancellation::new(), &mut |_| {});
    assert_eq!(outcome.unwrap_err().code(), "card-lost");
    assert!(
        link.0.exchanges.len() < 200,
        "{} commands",
        link.0.exchanges.len()
    );
}
