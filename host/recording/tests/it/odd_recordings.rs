//! Recordings that stopped early, and documents that are rarely met: redacted and made into twins like any other.

use chipgate_apdu::tlv::{self, Tag};
use chipgate_lds::{File, encode_sod, parse_sod};
use chipgate_recording::{Dialogue, Recording, Twin, redact};
use chipgate_trust::StepResult;
use chipgate_virtual_card::{HexBytes, Profile};

use crate::{
    cards::{card, rng},
    recorded::{authenticity, files, form, options, recorded, replay},
};

/// A reading that stopped before any file told the chip's keys. PACE with chip authentication mapping had proven one of them.
#[test]
fn a_recording_that_was_cut_after_pace_is_redacted_and_has_a_twin() {
    let mut redacted = 0;
    for profile in [Profile::Td3PaceCam, Profile::Td3Pace, Profile::Td1] {
        let mut card = card(profile);
        for commands in (2..40).step_by(3) {
            card.personality.drops_after = Some(commands);
            let (recording, _) = recorded(&card);
            let other = redact(&recording, options(), &mut rng())
                .unwrap_or_else(|error| panic!("{profile} after {commands} commands: {error}"));
            assert_eq!(form(&other.recording), form(&recording), "{profile}, {commands}");
            let Err(error) = replay(&other.recording) else {
                assert!(replay(&recording).is_ok(), "{profile}, {commands}");
                break; // it was read to its end before the card left
            };
            assert!(
                !error.contains("another way") && !error.contains("ended before"),
                "{profile}, {commands}: {error}"
            );
            let dialogue = Dialogue::of(&recording);
            let twin = Twin::of(&recording, options(), &mut rng()).unwrap();
            let (again, _) = recorded(&twin.card);
            assert_eq!(form(&recording), form(&again), "{profile}, {commands}");
            let has_keys = ["DG14", "EF.CardSecurity"]
                .iter()
                .any(|name| dialogue.file(File::from_name(name).unwrap()).is_some());
            redacted += usize::from(dialogue.access.is_some() && !has_keys);
        }
    }
    assert!(redacted > 3, "{redacted}");
}

/// The parts of a value.
fn parts(value: &[u8]) -> Vec<(Tag, Vec<u8>)> {
    let mut reader = tlv::Reader::new(value);
    let next = || reader.next().unwrap().map(|part| (part.tag, part.value.to_vec()));
    core::iter::from_fn(next).collect()
}

fn joined(parts: &[(Tag, Vec<u8>)]) -> Vec<u8> {
    let encoded = parts.iter().flat_map(|(tag, value)| tlv::encode(*tag, value));
    encoded.collect()
}

/// ContentInfo { signedData, [0] SignedData { … signerInfos } }, with other signers.
fn with_signers(sod: &[u8], change: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut info = parts(&parts(parse_sod(sod).unwrap())[0].1);
    let mut explicit = parts(&info[1].1);
    let mut data = parts(&explicit[0].1);
    let signers = data.last_mut().unwrap();
    signers.1 = change(std::mem::take(&mut signers.1));
    explicit[0].1 = joined(&data);
    info[1].1 = joined(&explicit);
    encode_sod(&tlv::encode(Tag(0x30), &joined(&info)))
}

fn signers(recording: &Recording) -> Vec<Vec<u8>> {
    let dialogue = Dialogue::of(recording);
    let mut found = Vec::new();
    let sod = dialogue.file(File::Sod).unwrap();
    let info = parts(&parts(parse_sod(sod).unwrap())[0].1);
    let data = parts(&parts(&info[1].1)[0].1);
    found.extend(
        parts(&data.last().unwrap().1)
            .into_iter()
            .map(|(_, signer)| signer),
    );
    found
}

/// Each signer's signature names the card: none of them stays, and each is made anew.
#[test]
fn every_signature_of_a_security_object_is_made_anew() {
    let mut card = card(Profile::Td3Pace);
    let sod = with_signers(card.file("EF.SOD").unwrap(), |signer| signer.repeat(2));
    card.files.insert("EF.SOD".to_owned(), HexBytes(sod));
    let (recording, _) = recorded(&card);
    let redacted = redact(&recording, options(), &mut rng()).unwrap();
    let (old, new) = (signers(&recording), signers(&redacted.recording));
    assert_eq!((old.len(), new.len()), (2, 2));
    // The same key over the same bytes.
    assert!(old[0] == old[1] && new[0] == new[1]);
    let tail = |signer: &[u8]| signer[signer.len() - 32..].to_vec();
    for (old, new) in old.iter().zip(&new) {
        assert_ne!(tail(old), tail(new));
    }
    let (steps, _) = authenticity(
        &files(&replay(&redacted.recording).unwrap()),
        &redacted.twin.trust,
    );
    assert!(
        steps.iter().all(|step| *step == StepResult::Successful),
        "{steps:?}"
    );
}

/// What stands in the certificates and signatures of a security object beside what the standard has there.
#[test]
fn what_no_standard_has_in_a_security_object_is_exchanged() {
    const NAME: &[u8] = b"MEIERABCDEFG";
    let attribute = joined(&[
        (Tag(0x06), vec![0x2A, 0x03, 0x04]),
        (Tag(0x31), tlv::encode(Tag(0x04), NAME)),
    ]);
    let later = tlv::encode(Tag(0x30), &attribute);
    let with_attribute = |signers: Vec<u8>| {
        let mut all = parts(&signers);
        let mut signer = parts(&all[0].1);
        signer[3].1.extend(&later); // version, name, digest, attributes
        all[0].1 = joined(&signer);
        joined(&all)
    };
    let with_unsigned = |signers: Vec<u8>| {
        let mut all = parts(&signers);
        all[0].1.extend(tlv::encode(Tag(0xA1), &later));
        joined(&all)
    };
    let original = card(Profile::Td3Pace).file("EF.SOD").unwrap().to_vec();
    let extended = with_extension(
        &original,
        &joined(&[
            (Tag(0x06), vec![0x2A, 0x03, 0x04]),
            (Tag(0x04), tlv::encode(Tag(0x0C), NAME)),
        ]),
    );
    for (what, sod) in [
        ("a signed attribute", with_signers(&original, with_attribute)),
        (
            "an attribute without a signature",
            with_signers(&original, with_unsigned),
        ),
        ("an extension", extended),
    ] {
        let tells = |bytes: &[u8]| {
            bytes
                .windows(6)
                .any(|part| NAME.windows(6).any(|name| name == part))
        };
        assert!(tells(&sod), "{what}");
        let mut card = card(Profile::Td3Pace);
        card.files.insert("EF.SOD".to_owned(), HexBytes(sod));
        let (recording, _) = recorded(&card);
        let redacted =
            redact(&recording, options(), &mut rng()).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(form(&recording), form(&redacted.recording), "{what}");
        let dialogue = Dialogue::of(&redacted.recording);
        assert!(!tells(dialogue.file(File::Sod).unwrap()), "{what}");
    }
}

/// The security object whose first certificate has one more extension.
fn with_extension(sod: &[u8], extension: &[u8]) -> Vec<u8> {
    let mut info = parts(&parts(parse_sod(sod).unwrap())[0].1);
    let mut explicit = parts(&info[1].1);
    let mut data = parts(&explicit[0].1);
    let certificates = data.iter_mut().find(|(tag, _)| *tag == Tag(0xA0)).unwrap();
    let mut certificate = parts(&certificates.1);
    let mut fields = parts(&certificate[0].1);
    let mut to_be_signed = parts(&fields[0].1);
    let extensions = to_be_signed
        .iter_mut()
        .find(|(tag, _)| *tag == Tag(0xA3))
        .unwrap();
    let mut list = parts(&extensions.1);
    list[0].1.extend(tlv::encode(Tag(0x30), extension));
    extensions.1 = joined(&list);
    fields[0].1 = joined(&to_be_signed);
    certificate[0].1 = joined(&fields);
    certificates.1 = joined(&certificate);
    explicit[0].1 = joined(&data);
    info[1].1 = joined(&explicit);
    encode_sod(&tlv::encode(Tag(0x30), &joined(&info)))
}
