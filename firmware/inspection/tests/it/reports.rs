//! Reports as bytes: deterministic, standard, and refused when anything in them is changed.

use chipgate_apdu::Timestamp;
use chipgate_chip::ChipError;
use chipgate_crypto::{PublicKey, SignatureAlgorithm};
use chipgate_inspection::{
    Beacon, Evidence, FaceScore, FileObservation, Files, Freshness, LONGEST_REPORT, Policy, Report,
    ReportError, Score, Sender, SignedBeacon, SignedReport, Signer, SignerError, SoftwareSigner, Verdict,
    key_identifier, offline_challenge, report_hash,
};
use chipgate_lds::File;
use chipgate_virtual_card::Profile;
use coset::{CborSerializable, TaggedCborSerializable};
use proptest::prelude::*;
use rand::{SeedableRng, rngs::StdRng};

use crate::inspection::{CHALLENGE, NOW, anchors, card, group, inspect};

pub(crate) fn signer() -> SoftwareSigner {
    SoftwareSigner::generate(&mut StdRng::seed_from_u64(7)).unwrap()
}

pub(crate) fn sender() -> Sender {
    Sender {
        id: [9; 16],
        device: "gate-1".into(),
        sequence: 2,
        previous: Some([1; 32]),
        time: NOW,
        freshness: Freshness::Online { nonce: CHALLENGE },
        software: "chipgate 0.1.0".into(),
    }
}

pub(crate) fn report(profile: Profile) -> Report {
    let policy = Policy::document().unwrap();
    let evaluation = inspect(card(profile, &[]), &anchors()).evaluate();
    let decision = policy.decide(&evaluation);
    Report::new(sender(), &evaluation, &policy, &decision)
}

#[test]
fn a_report_survives_the_way_through_its_bytes() {
    let report = report(Profile::VnCccd);
    let signed = report.sign(&signer()).unwrap();
    assert!(signed.len() < 8192, "{} bytes", signed.len());
    let verified = SignedReport::decode(&signed)
        .unwrap()
        .verify(&signer().public_key())
        .unwrap();
    assert_eq!(verified.report(), &report);
    assert_eq!(verified.bytes(), signed);
    assert_eq!(verified.hash(), report_hash(&signed));
    assert_eq!(verified.report().issuing_state.as_deref(), Some("VNM"));
    assert_eq!(verified.report().verdict, Verdict::Accept);
}

#[test]
fn the_same_inspection_gives_the_same_bytes() {
    let once = report(Profile::Td3Pace).sign(&signer()).unwrap();
    assert_eq!(report(Profile::Td3Pace).sign(&signer()).unwrap(), once);
}

#[test]
fn a_report_that_is_altered_in_any_byte_is_refused() {
    let signed = report(Profile::VnCccd).sign(&signer()).unwrap();
    let key = signer().public_key();
    for at in 0..signed.len() {
        let mut altered = signed.clone();
        altered[at] ^= 1 << (at % 8);
        let accepted = SignedReport::decode(&altered).and_then(|report| report.verify(&key));
        assert!(accepted.is_err(), "byte {at}");
    }
}

#[test]
fn a_report_that_is_cut_short_or_made_longer_is_refused() {
    let signed = report(Profile::Td3Bac).sign(&signer()).unwrap();
    for length in 0..signed.len() {
        assert!(SignedReport::decode(&signed[..length]).is_err(), "{length} bytes");
    }
    assert!(SignedReport::decode(&[signed.as_slice(), &[0]].concat()).is_err());
    let too_long = vec![0; LONGEST_REPORT + 1];
    assert!(matches!(
        SignedReport::decode(&too_long),
        Err(ReportError::TooLarge { .. })
    ));
}

#[test]
fn a_report_by_another_key_is_refused() {
    let signed = report(Profile::Td3Bac).sign(&signer()).unwrap();
    let other = SoftwareSigner::generate(&mut StdRng::seed_from_u64(8)).unwrap();
    let refused = SignedReport::decode(&signed).unwrap().verify(&other.public_key());
    assert_eq!(refused.unwrap_err(), ReportError::OtherKey);
}

/// With (r, s), (r, n − s) verifies as well: a signer that gives the higher s is corrected, and whoever turns the s of
/// a signed report over has no second report.
#[test]
fn a_signed_report_has_no_twin() {
    struct HighS(SoftwareSigner);

    impl Signer for HighS {
        fn public_key(&self) -> PublicKey {
            self.0.public_key()
        }

        fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
            Ok(turned(self.0.sign(message)?))
        }
    }

    let report = report(Profile::Td3Bac);
    let signed = report.sign(&signer()).unwrap();
    assert_eq!(report.sign(&HighS(signer())).unwrap(), signed);
    let (twin, key) = (turned(signed), signer().public_key());
    let structure = coset::CoseSign1::from_tagged_slice(&twin).unwrap();
    let verify = |signature: &[u8], message: &[u8]| {
        key.verify_plain(chipgate_crypto::HashAlgorithm::Sha256, message, signature)
    };
    assert_eq!(
        structure.verify_signature(&[], verify),
        Ok(()),
        "ECDSA takes both"
    );
    let refused = SignedReport::decode(&twin).unwrap().verify(&key);
    assert_eq!(refused.unwrap_err(), ReportError::HighS);
}

/// The bytes with n − s for the s at their end.
fn turned(mut bytes: Vec<u8>) -> Vec<u8> {
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let start = bytes.len() - 32;
    let mut borrow = 0;
    for (index, byte) in bytes[start..].iter_mut().enumerate().rev() {
        let digits = &order[2 * index..2 * index + 2];
        let difference = i16::from_str_radix(digits, 16).unwrap() - i16::from(*byte) - borrow;
        borrow = i16::from(difference < 0);
        *byte = difference.rem_euclid(256) as u8;
    }
    bytes
}

/// The other implementation of COSE takes the structure apart, and the signature verifies over its Sig_structure.
#[test]
fn coset_reads_the_same_structure() {
    let signed = report(Profile::VnCccd).sign(&signer()).unwrap();
    let key = signer().public_key();
    let structure = coset::CoseSign1::from_tagged_slice(&signed).unwrap();
    assert_eq!(
        structure.protected.header.alg,
        Some(coset::Algorithm::Assigned(coset::iana::Algorithm::ES256))
    );
    assert_eq!(structure.protected.header.key_id, key_identifier(&key));
    assert!(structure.unprotected.is_empty());
    structure
        .verify_signature(&[], |signature, message| {
            key.verify_plain(chipgate_crypto::HashAlgorithm::Sha256, message, signature)
        })
        .unwrap();
    assert_eq!(structure.to_tagged_vec().unwrap(), signed);
}

/// What the other implementation of COSE writes by the same rules is taken.
#[test]
fn a_structure_that_coset_wrote_is_taken() {
    let report = report(Profile::Td3Pace);
    let signer = signer();
    let header = coset::HeaderBuilder::new()
        .algorithm(coset::iana::Algorithm::ES256)
        .key_id(key_identifier(&signer.public_key()).to_vec())
        .build();
    let structure = coset::CoseSign1Builder::new()
        .protected(header)
        .payload(report.encode().unwrap())
        .create_signature(&[], |message| signer.sign(message).unwrap())
        .build();
    let bytes = structure.clone().to_tagged_vec().unwrap();
    assert_eq!(bytes, report.sign(&signer).unwrap());
    let untagged = structure.to_vec().unwrap();
    assert!(SignedReport::decode(&untagged).is_err(), "the tag is part of it");
}

#[test]
fn an_unprotected_header_or_another_algorithm_is_refused() {
    let report = report(Profile::Td3Bac);
    let signer = signer();
    let build = |algorithm, unprotected| {
        let header = coset::HeaderBuilder::new()
            .algorithm(algorithm)
            .key_id(key_identifier(&signer.public_key()).to_vec())
            .build();
        let builder = coset::CoseSign1Builder::new()
            .protected(header)
            .unprotected(unprotected);
        let builder = builder.payload(report.encode().unwrap());
        let structure = builder
            .create_signature(&[], |message| signer.sign(message).unwrap())
            .build();
        SignedReport::decode(&structure.to_tagged_vec().unwrap())
    };
    let unprotected = coset::HeaderBuilder::new().key_id(vec![1]).build();
    let refused = build(coset::iana::Algorithm::ES256, unprotected).unwrap_err();
    assert!(matches!(
        refused,
        ReportError::Invalid {
            field: "unprotected",
            ..
        }
    ));
    let refused = build(coset::iana::Algorithm::ES384, coset::Header::default()).unwrap_err();
    assert_eq!(refused, ReportError::UnsupportedAlgorithm);
}

/// The same report in a longer encoding of one number.
#[test]
fn another_encoding_of_the_same_report_is_refused() {
    let bytes = report(Profile::Td3Bac).encode().unwrap();
    assert_eq!(&bytes[1..3], [0, 1], "version 1 stands first");
    let longer = [&bytes[..2], &[0x18, 1], &bytes[3..]].concat();
    assert_eq!(Report::decode(&longer), Err(ReportError::NotDeterministic));
    let newer = [&bytes[..2], &[2], &bytes[3..]].concat();
    assert_eq!(
        Report::decode(&newer),
        Err(ReportError::UnsupportedVersion { version: 2 })
    );
}

#[test]
fn a_report_that_breaks_a_rule_is_neither_written_nor_read() {
    let good = report(Profile::Td3Bac);
    let broken: [fn(&mut Report); 9] = [
        |report| report.sender.device = String::new(),
        |report| report.sender.device = "d".repeat(65),
        |report| report.sender.sequence = 0,
        |report| report.sender.sequence = 1 << 63,
        |report| report.sender.previous = None,
        |report| report.stopped_by = Some(chipgate_inspection::Check::Face),
        |report| report.outcomes.swap(0, 1),
        |report| report.outcomes[0].detail = Some("x".repeat(161)),
        |report| report.issuing_state = Some("VNMX".into()),
    ];
    for (case, damage) in broken.into_iter().enumerate() {
        let mut report = good.clone();
        damage(&mut report);
        assert!(
            matches!(report.encode(), Err(ReportError::Invalid { .. })),
            "case {case}"
        );
    }
}

/// The unsigned parts of EF.SOD, and whatever else the issuer did not sign, may be as long as a card likes.
#[test]
fn however_much_a_card_gives_its_report_can_be_signed() {
    for length in [8 * 1024, 8 * 1024 + 1, 24 * 1024, 24 * 1024 + 1, 1 << 20] {
        let mut seen = inspect(card(Profile::VnCccd, &[]), &anchors());
        let mut files = Files::new();
        for file in [File::Sod, group(14), group(15)] {
            files.insert(file, FileObservation::Read(vec![0x55; length]));
        }
        seen.files = files;
        let signature = vec![0x55; length];
        seen.active = Some(Err(ChipError::ActiveAuthenticationFailed {
            challenge: CHALLENGE,
            signature,
        }));
        let (evaluation, policy) = (seen.evaluate(), Policy::document().unwrap());
        let report = Report::new(sender(), &evaluation, &policy, &policy.decide(&evaluation));
        let signed = report.sign(&signer()).unwrap();
        assert!(SignedReport::decode(&signed).is_ok());
        let evidence = evaluation.evidence();
        assert_eq!(evidence.security_object.is_some(), length <= 24 * 1024);
        assert_eq!(evidence.dg14.is_some(), length <= 8 * 1024);
        assert_eq!(evidence.dg15.is_some(), length <= 8 * 1024);
        assert_eq!(evidence.active_authentication.is_some(), length <= 8 * 1024);
    }
}

#[test]
fn a_report_with_too_much_evidence_is_not_signed() {
    let mut report = report(Profile::Td3Bac);
    report.evidence = Evidence {
        security_object: Some(vec![0; LONGEST_REPORT]),
        ..Evidence::default()
    };
    assert!(matches!(
        report.sign(&signer()),
        Err(ReportError::TooLarge { .. })
    ));
}

#[test]
fn a_beacon_is_verified_and_a_challenge_is_derived_from_it() {
    let beacon = Beacon {
        time: NOW,
        random: [5; 32],
        checkpoint: Some("log\n1\n".into()),
    };
    let signed = beacon.sign(&signer()).unwrap();
    let verified = SignedBeacon::verify(&signed, &signer().public_key()).unwrap();
    assert_eq!(verified.beacon(), &beacon);
    for at in 0..signed.len() {
        let mut altered = signed.clone();
        altered[at] ^= 0x10;
        assert!(
            SignedBeacon::verify(&altered, &signer().public_key()).is_err(),
            "byte {at}"
        );
    }
    let challenges = [
        offline_challenge(&verified.hash(), "gate-1", 1),
        offline_challenge(&verified.hash(), "gate-1", 2),
        offline_challenge(&verified.hash(), "gate-2", 1),
        offline_challenge(&[0; 32], "gate-1", 1),
    ];
    for (index, challenge) in challenges.iter().enumerate() {
        assert!(!challenges[..index].contains(challenge));
    }
}

/// Computed with Python: hashlib.sha256(b"chipgate-aa-1" + bytes(32) + b"\x00\x06gate-1" + (7).to_bytes(8, "big")).
#[test]
fn the_offline_challenge_is_the_documented_hash() {
    assert_eq!(
        offline_challenge(&[0; 32], "gate-1", 7),
        [0x8c, 0x53, 0xd0, 0x82, 0xcd, 0x73, 0x81, 0xee]
    );
}

#[test]
fn a_report_is_no_beacon_and_a_beacon_no_report() {
    let signed = report(Profile::Td3Bac).sign(&signer()).unwrap();
    assert!(SignedBeacon::verify(&signed, &signer().public_key()).is_err());
    let beacon = Beacon {
        time: NOW,
        random: [5; 32],
        checkpoint: None,
    }
    .sign(&signer())
    .unwrap();
    assert!(SignedReport::decode(&beacon).is_err());
}

/// OpenSSL verifies what the software signer signs, given the signature as DER.
#[test]
fn the_signature_is_ecdsa_on_p256_with_sha256() {
    let signature = signer().sign(b"message").unwrap();
    assert_eq!(signature.len(), 64);
    let der = openssl_der(&signature);
    let PublicKey::Ec(_) = signer().public_key() else {
        panic!("a P-256 key")
    };
    let algorithm = SignatureAlgorithm::Ecdsa(chipgate_crypto::HashAlgorithm::Sha256);
    signer()
        .public_key()
        .verify(&algorithm, b"message", &der)
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let key = write("key.der", &signer().public_key().to_spki_der());
    let (signature, message) = (write("signature", &der), write("message", b"message"));
    let run = std::process::Command::new("openssl")
        .args(["dgst", "-sha256", "-keyform", "DER", "-verify"])
        .arg(key)
        .arg("-signature")
        .arg(signature)
        .arg(message)
        .output();
    match run {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(_) => println!("skipped: the_signature_is_ecdsa_on_p256_with_sha256 (no openssl)"),
    }
}

/// r and s as SEQUENCE of INTEGER.
fn openssl_der(signature: &[u8]) -> Vec<u8> {
    let integer = |bytes: &[u8]| {
        let start = bytes
            .iter()
            .position(|byte| *byte != 0)
            .unwrap_or(bytes.len() - 1);
        let sign = (bytes[start] & 0x80 != 0).then_some(0);
        let value: Vec<u8> = sign.into_iter().chain(bytes[start..].iter().copied()).collect();
        [vec![2, value.len() as u8], value].concat()
    };
    let body = [integer(&signature[..32]), integer(&signature[32..])].concat();
    [vec![0x30, body.len() as u8], body].concat()
}

proptest! {
    #[test]
    fn any_sender_and_score_survive_the_way_through_the_bytes(
        id: [u8; 16],
        device in "[a-z0-9-]{1,64}",
        sequence in 2..=i64::MAX as u64,
        previous: [u8; 32],
        time: u64,
        beacon: [u8; 32],
        score: i32,
        threshold: i32,
    ) {
        let mut report = minimal();
        report.sender = Sender {
            id, device, sequence, previous: Some(previous), time: Timestamp(time),
            freshness: Freshness::Offline { beacon }, software: "s".into(),
        };
        report.face = Some(FaceScore { score: Score(score), threshold: Score(threshold), model: "m".into() });
        let bytes = report.encode().unwrap();
        prop_assert_eq!(Report::decode(&bytes).unwrap(), report);
    }

    #[test]
    fn no_bytes_make_the_decoders_panic(bytes: Vec<u8>) {
        let _ = Report::decode(&bytes);
        let _ = SignedReport::decode(&bytes);
        let _ = SignedBeacon::verify(&bytes, &signer().public_key());
    }
}

fn minimal() -> Report {
    Report {
        sender: sender(),
        policy: "p".into(),
        policy_hash: [0; 32],
        issuing_state: None,
        evidence: Evidence::default(),
        outcomes: Vec::new(),
        verdict: Verdict::Accept,
        stopped_by: None,
        overall: chipgate_inspection::CheckResult::Undetermined,
        face: None,
    }
}
