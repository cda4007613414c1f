//! Twins: virtual cards that answer as the recorded ones did.

use chipgate_lds::{DataGroup, File};
use chipgate_recording::{Dialogue, Recording, Twin, redact};
use chipgate_trust::StepResult;
use chipgate_virtual_card::{
    Disturbance, Effect, Fault, HexNumber, InProcess, Profile, Quirk, VirtualCard, profiles,
};

use crate::{
    cards::{card, issued, rng, with_personality},
    recorded::{anchors, authenticity, files, form, options, recorded, replay},
};

#[test]
fn a_twin_is_read_as_the_recorded_card_was() {
    for &profile in profiles() {
        let card = card(profile);
        let (recording, _) = recorded(&card);
        let twin = Twin::of(&recording, options(), &mut rng()).unwrap();
        let (again, reading) = recorded(&twin.card);
        assert_eq!(form(&recording), form(&again), "{profile}");
        let (steps, groups) = authenticity(&files(&reading.unwrap()), &twin.trust);
        assert!(
            steps.iter().all(|step| *step == StepResult::Successful),
            "{profile}: {steps:?}"
        );
        assert!(groups.iter().all(|fits| *fits));
    }
}

#[test]
fn what_did_not_fit_does_not_fit_in_the_twin_either() {
    for &profile in profiles() {
        for fault in [
            Fault::AlteredDataGroup,
            Fault::AlteredPortrait,
            Fault::AlteredSod,
            Fault::BrokenSignature,
            Fault::MissingPortrait,
            Fault::CopiedChip,
            Fault::WrongActiveKey,
            Fault::ExpiredSigner,
            Fault::UnfitSigner,
        ] {
            if fault.expectation(profile).is_none() {
                continue;
            }
            let card = issued(profile, &[fault]);
            let (recording, _) = recorded(&card);
            let twin = Twin::of(&recording, options(), &mut rng()).unwrap();
            let redacted = redact(&recording, options(), &mut rng())
                .unwrap_or_else(|error| panic!("{fault} on {profile}: {error}"));
            let (again, _) = recorded(&twin.card);
            assert_eq!(form(&recording), form(&again), "{fault} on {profile}");
            assert_eq!(
                form(&recording),
                form(&redacted.recording),
                "{fault} on {profile}"
            );
            let outcome = |recording: &Recording, trust: &[(String, Vec<u8>)]| {
                let files = Dialogue::of(recording).files;
                let files = files
                    .into_iter()
                    .map(|(file, trace)| (file, trace.bytes))
                    .collect();
                authenticity(&files, trust)
            };
            let original = outcome(&recording, anchors());
            for (steps, groups) in [
                outcome(&again, &twin.trust),
                outcome(&redacted.recording, &redacted.twin.trust),
            ] {
                assert_eq!(
                    (&steps[0], &steps[2]),
                    (&original.0[0], &original.0[2]),
                    "{fault} on {profile}"
                );
                assert_eq!(groups, original.1, "{fault} on {profile}");
            }
        }
    }
}

#[test]
fn a_card_that_was_lost_and_one_with_wrong_checksums_have_twins_of_the_same_habits() {
    let mut card = card(Profile::VnCccd);
    for (drops, wrong) in [(Some(12), None), (None, Some(4))] {
        card.personality.drops_after = drops;
        card.personality.wrong_mac_from = wrong;
        let (recording, reading) = recorded(&card);
        assert!(reading.is_none());
        let twin = Twin::of(&recording, options(), &mut rng()).unwrap();
        assert_eq!(twin.card.personality.drops_after, drops);
        assert_eq!(twin.card.personality.wrong_mac_from, wrong);
        let redacted = redact(&recording, options(), &mut rng()).unwrap();
        assert_eq!(form(&redacted.recording), form(&recording));
        let error = replay(&redacted.recording).err().unwrap();
        assert!(!error.contains("another way"), "{error}");
    }
    // The chip of such a twin is one that the virtual card can be.
    let (recording, _) = recorded(&card);
    let twin = Twin::of(&recording, options(), &mut rng()).unwrap();
    InProcess::new(VirtualCard::new(&twin.card, rng()).unwrap());
}

#[test]
fn the_twin_of_a_chip_with_a_personality_has_it_too() {
    // The first three show where BAC opens the chip; the rest, but for three that take their time, with PACE.
    let by_bac = [Quirk::WantsLe00, Quirk::WantsLe28, Quirk::ShortLengths];
    let slow = [Quirk::Slow, Quirk::SlowCryptography, Quirk::SlowsDown];
    let by_pace = Quirk::ALL.iter().filter(|quirk| !slow.contains(quirk));
    let cards = by_bac.iter().map(|quirk| (Profile::Td3Bac, *quirk));
    for (profile, quirk) in cards.chain(by_pace.map(|quirk| (Profile::Td3PaceBac, *quirk))) {
        let (recording, reading) = recorded(&with_personality(profile, quirk));
        let twin = Twin::of(&recording, options(), &mut rng()).unwrap();
        let (again, other) = recorded(&twin.card);
        assert_eq!(form(&recording), form(&again), "{quirk} on {profile}");
        assert_eq!(reading.is_some(), other.is_some(), "{quirk} on {profile}");
    }
}

/// A file that was found, and of which nothing was read: the chip refused that.
#[test]
fn what_was_selected_and_not_read_is_there_in_the_twin() {
    let mut card = card(Profile::Td3Pace);
    card.personality.short_identifiers = false; // so that each file is selected
    card.personality.disturbances.push(Disturbance {
        instruction: Some(HexNumber(0xB0)),
        p1: Some(HexNumber(0x00)),
        file: Some("DG2".to_owned()),
        from: 1,
        once: false,
        effect: Effect::Status {
            status: HexNumber(0x6982),
        },
    });
    let (recording, _) = recorded(&card);
    let portrait = &Dialogue::of(&recording).files[&File::DataGroup(DataGroup::DG2)];
    assert!(portrait.selected && portrait.bytes.is_empty());
    let twin = Twin::of(&recording, options(), &mut rng()).unwrap();
    let (again, _) = recorded(&twin.card);
    assert_eq!(form(&recording), form(&again));
}
