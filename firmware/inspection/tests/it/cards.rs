//! Cards, genuine and not, each to its verdict.

use chipgate_chip::ReadOutcome;
use chipgate_inspection::{
    Check, CheckResult, FaceObservation, FaceScore, Policy, Reason, Score, SignedReport, Signer, Verdict,
};
use chipgate_lds::DataGroup;
use chipgate_trust::MemoryAnchors;
use chipgate_virtual_card::{Fault, Profile, faults, profiles};

use crate::inspection::{Seen, anchors, card, group, inspect, is_judged_here, without_revocation};
use crate::reports::{report, signer};

fn result(seen: &Seen, check: Check) -> (CheckResult, Option<Reason>) {
    let evaluation = seen.evaluate();
    let outcome = evaluation.outcome(check).unwrap();
    (outcome.result, outcome.reason)
}

#[test]
fn accepts_a_genuine_card_of_every_profile() {
    for profile in profiles() {
        let seen = inspect(card(*profile, &[]), &anchors());
        let decision = Policy::document().unwrap().decide(&seen.evaluate());
        assert_eq!(
            decision.verdict,
            Verdict::Accept,
            "{profile}: {:#?}",
            seen.evaluate().outcomes()
        );
        assert_eq!(decision.stopped_by, None);
    }
}

#[test]
fn stops_every_faulty_card_at_the_check_that_its_fault_names() {
    let anchors = anchors();
    for expected in faults().iter().filter(|expected| is_judged_here(expected)) {
        let fault: Fault = expected.name.parse().unwrap();
        let seen = inspect(card(expected.profile, &[fault]), &anchors);
        let evaluation = seen.evaluate();
        let decision = Policy::document().unwrap().decide(&evaluation);
        let stopped_by = decision.stopped_by.map(Check::name);
        let reason = decision
            .stopped_by
            .and_then(|check| evaluation.outcome(check)?.reason)
            .map(Reason::name);
        assert_eq!(
            (Some(decision.verdict.name()), stopped_by, reason),
            (expected.verdict, expected.stopped_by, expected.reason),
            "{} {}: {:#?}",
            expected.profile,
            expected.name,
            evaluation.outcomes()
        );
    }
}

#[test]
fn without_anchors_nothing_is_failed_and_nothing_is_proven() {
    let seen = inspect(card(Profile::VnCccd, &[]), &MemoryAnchors::new());
    let evaluation = seen.evaluate();
    assert!(
        evaluation
            .outcomes()
            .iter()
            .all(|outcome| outcome.result != CheckResult::Failed)
    );
    assert_eq!(
        result(&seen, Check::IssuerCertificate),
        (CheckResult::Undetermined, Some(Reason::NoAnchors))
    );
    for check in [
        Check::ChipAuthenticity,
        Check::ActiveAuthentication,
        Check::ChipAuthentication,
        Check::CardAccessAgreement,
        Check::SodComAgreement,
        Check::DataGroupIntegrity,
    ] {
        let expected = (CheckResult::Undetermined, Some(Reason::SecurityObjectNotVerified));
        assert_eq!(result(&seen, check), expected, "{check}");
    }
    let decision = Policy::document().unwrap().decide(&evaluation);
    assert_eq!(
        (decision.verdict, decision.stopped_by),
        (Verdict::Refer, Some(Check::IssuerCertificate))
    );
    assert_eq!(decision.overall, CheckResult::Undetermined);
}

/// Who signed it is not known, and yet the data contradict what was signed.
#[test]
fn without_anchors_an_altered_data_group_fails_all_the_same() {
    let seen = inspect(
        card(Profile::VnCccd, &[Fault::AlteredPortrait]),
        &MemoryAnchors::new(),
    );
    assert_eq!(
        result(&seen, Check::DataGroupIntegrity),
        (CheckResult::Failed, Some(Reason::DataGroupAltered))
    );
}

#[test]
fn without_a_revocation_list_revocation_is_undetermined_and_a_person_looks() {
    let seen = inspect(card(Profile::VnCccd, &[]), &without_revocation());
    assert_eq!(
        result(&seen, Check::Revocation),
        (CheckResult::Undetermined, Some(Reason::NoRevocationList))
    );
    let decision = Policy::document().unwrap().decide(&seen.evaluate());
    assert_eq!(
        (decision.verdict, decision.stopped_by),
        (Verdict::Refer, Some(Check::Revocation))
    );
}

#[test]
fn files_without_a_chip_are_referred_and_never_accepted() {
    let mut seen = inspect(card(Profile::VnCccd, &[]), &anchors());
    (seen.access, seen.chip, seen.active) = (None, None, None);
    assert_eq!(
        result(&seen, Check::ChipAccess),
        (CheckResult::Undetermined, Some(Reason::NoChipPresent))
    );
    assert_eq!(
        result(&seen, Check::ChipAuthenticity),
        (CheckResult::Undetermined, Some(Reason::ProtocolNotRun))
    );
    let decision = Policy::document().unwrap().decide(&seen.evaluate());
    assert_eq!(
        (decision.verdict, decision.stopped_by),
        (Verdict::Refer, Some(Check::ChipAccess))
    );
}

#[test]
fn one_chip_protocol_suffices_but_another_ones_failure_reaches_the_policy() {
    let genuine = inspect(card(Profile::VnCccd, &[]), &anchors());
    let copy = inspect(card(Profile::VnCccd, &[Fault::CopiedChip]), &anchors());
    let mixed = Seen {
        chip: copy.chip,
        ..genuine
    };
    assert_eq!(
        result(&mixed, Check::ChipAuthenticity),
        (CheckResult::Successful, None)
    );
    assert_eq!(result(&mixed, Check::ChipAuthentication).0, CheckResult::Failed);
    let decision = Policy::document().unwrap().decide(&mixed.evaluate());
    assert_eq!(
        (decision.verdict, decision.stopped_by),
        (Verdict::Refuse, Some(Check::ChipAuthentication))
    );
}

#[test]
fn a_chip_that_proves_another_cards_key_is_no_original() {
    let genuine = inspect(card(Profile::VnCccd, &[]), &anchors());
    let other = inspect(card(Profile::Td3Pace, &[]), &anchors());
    let borrowed = Seen {
        chip: other.chip,
        active: other.active,
        ..genuine
    };
    for check in [
        Check::ChipAuthenticity,
        Check::ActiveAuthentication,
        Check::ChipAuthentication,
    ] {
        let expected = (CheckResult::Failed, Some(Reason::ChipKeyNotSigned));
        assert_eq!(result(&borrowed, check), expected, "{check}");
    }
}

fn compared(score: f32) -> FaceObservation {
    let (score, threshold) = (Score::from_f32(score), Score::from_f32(0.442));
    FaceObservation::Compared(FaceScore {
        score,
        threshold,
        model: "test 1".into(),
    })
}

#[test]
fn another_persons_face_is_refused_and_the_holders_accepted() {
    let mut seen = inspect(card(Profile::VnCccd, &[]), &anchors());
    let policy = Policy::document().unwrap();
    seen.face = compared(0.4421);
    assert_eq!(result(&seen, Check::Face), (CheckResult::Successful, None));
    assert_eq!(policy.decide(&seen.evaluate()).verdict, Verdict::Accept);
    seen.face = compared(0.4419);
    assert_eq!(
        result(&seen, Check::Face),
        (CheckResult::Failed, Some(Reason::BelowThreshold))
    );
    let decision = policy.decide(&seen.evaluate());
    assert_eq!(
        (decision.verdict, decision.stopped_by),
        (Verdict::Refuse, Some(Check::Face))
    );
}

#[test]
fn a_match_with_a_portrait_that_nobody_signed_proves_nothing() {
    let mut seen = inspect(card(Profile::VnCccd, &[]), &MemoryAnchors::new());
    seen.face = compared(0.9);
    let expected = (CheckResult::Undetermined, Some(Reason::PortraitNotVerified));
    assert_eq!(result(&seen, Check::Face), expected);
    seen.face = compared(0.1);
    assert_eq!(result(&seen, Check::Face).0, CheckResult::Failed);
}

#[test]
fn without_a_picture_the_document_policy_accepts_and_the_airport_refers() {
    let seen = inspect(card(Profile::VnCccd, &[]), &anchors());
    assert_eq!(
        result(&seen, Check::Face),
        (CheckResult::Undetermined, Some(Reason::NotRequested))
    );
    assert_eq!(
        Policy::document().unwrap().decide(&seen.evaluate()).verdict,
        Verdict::Accept
    );
    let decision = Policy::airport().unwrap().decide(&seen.evaluate());
    assert_eq!(
        (decision.verdict, decision.stopped_by),
        (Verdict::Refer, Some(Check::Face))
    );
    let mut without_a_face = seen;
    without_a_face.face = FaceObservation::NoLiveFace;
    let decision = Policy::document().unwrap().decide(&without_a_face.evaluate());
    assert_eq!(
        (decision.verdict, decision.stopped_by),
        (Verdict::Refer, Some(Check::Face))
    );
}

#[test]
fn a_genuine_chip_in_another_document_is_refused() {
    let mut seen = inspect(card(Profile::VnCccd, &[]), &anchors());
    seen.printed = inspect(card(Profile::Td3Bac, &[]), &anchors()).printed;
    let expected = (CheckResult::Failed, Some(Reason::PrintedDiffers));
    assert_eq!(result(&seen, Check::PrintedElectronicAgreement), expected);
    assert_eq!(
        Policy::document().unwrap().decide(&seen.evaluate()).verdict,
        Verdict::Refuse
    );
}

#[test]
fn every_check_has_an_outcome_in_order() {
    let evaluation = inspect(card(Profile::Td3Bac, &[]), &anchors()).evaluate();
    let checks: Vec<_> = evaluation
        .outcomes()
        .iter()
        .map(|outcome| outcome.check)
        .collect();
    assert_eq!(checks, Check::ALL);
}

/// What is on a card is personal data, and `Debug` ends up in logs.
#[test]
fn debug_shows_nothing_of_what_a_card_holds() {
    let seen = inspect(card(Profile::VnCccd, &[]), &anchors());
    let dg1 = seen.files.bytes(group(1)).unwrap();
    let content = seen.passive.as_ref().unwrap().verified().unwrap();
    let content = content.data_group(DataGroup::DG1, dg1).unwrap();
    let read = ReadOutcome::Read(dg1.to_vec());
    let report = report(Profile::VnCccd);
    let signed = SignedReport::decode(&report.sign(&signer()).unwrap()).unwrap();
    let length = dg1.len();
    assert_eq!(format!("{read:?}"), format!("Read({length} bytes)"));
    for shown in [
        format!("{:?}", seen.files),
        format!("{content:?}"),
        format!("{report:?}"),
        format!("{signed:?}"),
        format!("{:?}", signed.verify(&signer().public_key())),
    ] {
        assert!(shown.contains(" bytes"), "{shown}");
        // A slice of bytes as `Debug` writes it.
        let bytes = shown.split(", ").filter(|part| part.parse::<u8>().is_ok());
        assert!(bytes.count() < 200, "{shown}");
    }
}
