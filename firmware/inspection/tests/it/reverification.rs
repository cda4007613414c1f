//! The verifier's view: what it computes again, what it takes from the device, and the lies that it sees through.

use chipgate_inspection::{
    Basis, Check, CheckResult, FaceObservation, FaceScore, Finding, Policy, Reason, Report, Reverification,
    Score, SignedReport, Signer, Verdict, VerifiedReport, reverify,
};
use chipgate_trust::{MemoryAnchors, PathOptions};
use chipgate_virtual_card::{Fault, Profile, faults, profiles};

use crate::inspection::{CHALLENGE, NOW, anchors, card, inspect, is_judged_here};
use crate::reports::{report, sender, signer};

fn verified(report: &Report) -> VerifiedReport {
    let signed = report.sign(&signer()).unwrap();
    SignedReport::decode(&signed)
        .unwrap()
        .verify(&signer().public_key())
        .unwrap()
}

fn again(report: &Report, challenge: Option<[u8; 8]>, anchors: &MemoryAnchors) -> Reverification {
    let policy = Policy::document().unwrap();
    reverify(
        &verified(report),
        challenge,
        anchors,
        NOW,
        &PathOptions::default(),
        &policy,
    )
}

fn finding(again: &Reverification, check: Check) -> &Finding {
    again
        .findings()
        .iter()
        .find(|finding| finding.check == check)
        .unwrap()
}

#[test]
fn gate_and_verifier_agree_about_every_genuine_card() {
    for profile in profiles() {
        let again = again(&report(*profile), Some(CHALLENGE), &anchors());
        assert!(again.agrees(), "{profile}: {:#?}", again.findings());
        assert_eq!(again.decision().verdict, Verdict::Accept);
        assert_eq!(again.verdict_follows(), Some(true));
        for check in [Check::SecurityObject, Check::IssuerCertificate, Check::Revocation] {
            assert_eq!(finding(&again, check).basis, Basis::Proven, "{profile} {check}");
        }
        // Chip authentication alone proves nothing to others; that there is no key at all stands in the security object.
        let keys = card(*profile, &[]).keys;
        let signs = keys.active_authentication.is_some();
        let has_none = !signs && keys.chip_authentication.is_empty();
        let proven = finding(&again, Check::ChipAuthenticity).basis == Basis::Proven;
        assert_eq!(proven, signs || has_none, "{profile}");
        for check in [
            Check::ChipAccess,
            Check::DataGroupIntegrity,
            Check::IssuingState,
            Check::Face,
        ] {
            assert_eq!(finding(&again, check).basis, Basis::Claimed, "{profile} {check}");
        }
    }
}

#[test]
fn gate_and_verifier_agree_about_every_faulty_card() {
    let (anchors, policy) = (anchors(), Policy::document().unwrap());
    for expected in faults().iter().filter(|expected| is_judged_here(expected)) {
        let fault: Fault = expected.name.parse().unwrap();
        let evaluation = inspect(card(expected.profile, &[fault]), &anchors).evaluate();
        let decision = policy.decide(&evaluation);
        let report = Report::new(sender(), &evaluation, &policy, &decision);
        let again = again(&report, Some(CHALLENGE), &anchors);
        let differing: Vec<_> = again
            .findings()
            .iter()
            .filter(|finding| !finding.agrees)
            .collect();
        assert!(
            again.agrees(),
            "{} {}: {differing:#?}",
            expected.profile,
            expected.name
        );
        assert_eq!(
            Some(again.decision().verdict.name()),
            expected.verdict,
            "{}",
            expected.name
        );
        assert_eq!(
            again.decision().stopped_by.map(Check::name),
            expected.stopped_by,
            "{}",
            expected.name
        );
    }
}

/// A gate that says of every check that it was successful.
fn lie(mut report: Report) -> Report {
    for outcome in &mut report.outcomes {
        (outcome.result, outcome.reason, outcome.detail) = (CheckResult::Successful, None, None);
        outcome.basis = Basis::Proven;
    }
    (report.verdict, report.stopped_by, report.overall) = (Verdict::Accept, None, CheckResult::Successful);
    report
}

fn faulty(profile: Profile, fault: Fault) -> Report {
    let policy = Policy::document().unwrap();
    let evaluation = inspect(card(profile, &[fault]), &anchors()).evaluate();
    let decision = policy.decide(&evaluation);
    Report::new(sender(), &evaluation, &policy, &decision)
}

#[test]
fn a_lying_gate_is_seen_through_wherever_there_is_evidence() {
    let cases = [
        (Fault::AlteredSod, Check::SecurityObject),
        (Fault::BrokenSignature, Check::SecurityObject),
        (Fault::ForgedSigner, Check::IssuerCertificate),
        (Fault::ExpiredSigner, Check::CertificateValidity),
        (Fault::RevokedSigner, Check::Revocation),
        (Fault::CardAccessLies, Check::CardAccessAgreement),
        (Fault::WrongIssuingState, Check::IssuingState),
    ];
    for (fault, check) in cases {
        let again = again(
            &lie(faulty(Profile::Td3Pace, fault).clone()),
            Some(CHALLENGE),
            &anchors(),
        );
        let found = finding(&again, check);
        assert_eq!(
            (found.result, found.agrees),
            (CheckResult::Failed, false),
            "{fault}: {found:#?}"
        );
        assert_eq!(again.decision().verdict, Verdict::Refuse, "{fault}");
        assert!(!again.agrees());
    }
}

#[test]
fn active_authentication_without_its_signature_is_not_believed() {
    let mut report = lie(faulty(Profile::Td3Bac, Fault::CopiedChip));
    let caught = again(&report, Some(CHALLENGE), &anchors());
    let found = finding(&caught, Check::ActiveAuthentication);
    assert_eq!((found.result, found.basis), (CheckResult::Failed, Basis::Proven));
    assert_eq!(caught.decision().verdict, Verdict::Refuse);

    report.evidence.active_authentication = None;
    report
        .outcomes
        .retain(|outcome| outcome.check != Check::ChipAuthentication);
    let hidden = again(&report, Some(CHALLENGE), &anchors());
    let found = finding(&hidden, Check::ActiveAuthentication);
    assert_eq!(
        (found.result, found.reason),
        (CheckResult::Undetermined, Some(Reason::ProtocolNotRun))
    );
    let whole = finding(&hidden, Check::ChipAuthenticity);
    assert_eq!((whole.result, whole.agrees), (CheckResult::Undetermined, false));
    assert_eq!(hidden.decision().verdict, Verdict::Refer);
}

#[test]
fn a_signature_over_another_challenge_than_the_one_issued_fails() {
    let again = again(&report(Profile::Td3Bac), Some([0; 8]), &anchors());
    for check in [Check::ActiveAuthentication, Check::ChipAuthenticity] {
        let found = finding(&again, check);
        assert_eq!(
            (found.result, found.reason),
            (CheckResult::Failed, Some(Reason::ChallengeNotFresh)),
            "{check}"
        );
        assert_eq!(found.basis, Basis::Proven);
    }
    assert_eq!(again.decision().verdict, Verdict::Refuse);
}

#[test]
fn a_signature_over_a_challenge_of_the_gates_own_is_only_claimed_and_a_person_looks() {
    for name in ["document", "airport", "counter"] {
        let policy = Policy::parse(Policy::shipped_text(name).unwrap()).unwrap();
        let evidence = verified(&report(Profile::VnCccd));
        let again = reverify(&evidence, None, &anchors(), NOW, &PathOptions::default(), &policy);
        let effect = again.decision().effect(Check::ActiveAuthentication);
        assert_eq!(effect, Some(Verdict::Refer), "{name}");
    }
    let again = again(&report(Profile::Td3Bac), None, &anchors());
    for check in [Check::ActiveAuthentication, Check::ChipAuthenticity] {
        let found = finding(&again, check);
        assert_eq!(
            (found.result, found.basis),
            (CheckResult::Successful, Basis::Claimed),
            "{check}"
        );
    }
    for check in [Check::ActiveAuthentication, Check::ChipAuthenticity] {
        assert_eq!(
            finding(&again, check).reason,
            Some(Reason::ChallengeUnknown),
            "{check}"
        );
    }
    assert_eq!(
        (again.decision().verdict, again.decision().stopped_by),
        (Verdict::Refer, Some(Check::ActiveAuthentication))
    );
    assert!(again.findings().iter().all(|finding| finding.agrees));
}

/// An old signature beside a claim of chip authentication is refused, not referred.
#[test]
fn a_replayed_signature_is_refused_whatever_else_the_gate_claims() {
    let again = again(&report(Profile::VnCccd), Some([0; 8]), &anchors());
    assert_eq!(
        (again.decision().verdict, again.decision().stopped_by),
        (Verdict::Refuse, Some(Check::ActiveAuthentication))
    );
}

#[test]
fn a_match_that_its_own_score_denies_does_not_agree() {
    let policy = Policy::document().unwrap();
    let mut seen = inspect(card(Profile::VnCccd, &[]), &anchors());
    seen.face = FaceObservation::Compared(FaceScore {
        score: Score(9000),
        threshold: Score(4420),
        model: "test 1".into(),
    });
    let evaluation = seen.evaluate();
    let honest = Report::new(sender(), &evaluation, &policy, &policy.decide(&evaluation));
    assert!(again(&honest, Some(CHALLENGE), &anchors()).agrees());

    let mut below = honest.clone();
    below.face.as_mut().unwrap().score = Score(4419);
    let mut without = honest;
    without.face = None;
    for (lie, result, reason) in [
        (below, CheckResult::Failed, Reason::BelowThreshold),
        (without, CheckResult::Undetermined, Reason::NotRequested),
    ] {
        let again = again(&lie, Some(CHALLENGE), &anchors());
        let found = finding(&again, Check::Face);
        assert_eq!((found.result, found.reason), (result, Some(reason)));
        assert_eq!((found.basis, found.agrees), (Basis::Claimed, false));
        assert_eq!(again.verdict_follows(), Some(false));
    }
}

#[test]
fn chip_authentication_alone_stays_a_claim() {
    let mut report = report(Profile::VnCccd);
    report.evidence.active_authentication = None;
    let active = report
        .outcomes
        .iter_mut()
        .find(|outcome| outcome.check == Check::ActiveAuthentication);
    active.unwrap().result = CheckResult::Undetermined;
    let again = again(&report, Some(CHALLENGE), &anchors());
    for check in [Check::ChipAuthentication, Check::ChipAuthenticity] {
        let found = finding(&again, check);
        assert_eq!(
            (found.result, found.basis),
            (CheckResult::Successful, Basis::Claimed),
            "{check}"
        );
    }
}

#[test]
fn a_key_that_the_security_object_lists_cannot_be_called_unsupported() {
    let mut report = report(Profile::Td3Bac);
    report.evidence.active_authentication = None;
    (report.evidence.dg14, report.evidence.dg15) = (None, None);
    for outcome in &mut report.outcomes {
        if outcome.check.name().starts_with("chip-authenticity") {
            outcome.result = CheckResult::NotSupported;
        }
    }
    let again = again(&report, None, &anchors());
    let found = finding(&again, Check::ChipAuthenticity);
    assert_eq!((found.result, found.agrees), (CheckResult::Undetermined, false));
    assert_eq!(again.decision().verdict, Verdict::Refer);
}

#[test]
fn data_groups_in_the_report_that_are_not_the_issuers_fail_and_stay_a_claim() {
    let mut report = report(Profile::VnCccd);
    report.evidence.dg15.as_mut().unwrap()[20] ^= 1;
    let again = again(&report, Some(CHALLENGE), &anchors());
    let found = finding(&again, Check::DataGroupIntegrity);
    assert_eq!((found.result, found.basis), (CheckResult::Failed, Basis::Claimed));
}

#[test]
fn a_verdict_that_does_not_follow_from_its_own_outcomes_is_seen() {
    let mut report = faulty(Profile::Td3Bac, Fault::ExpiredDocument);
    (report.verdict, report.stopped_by) = (Verdict::Accept, None);
    let again = again(&report, Some(CHALLENGE), &anchors());
    assert_eq!(again.verdict_follows(), Some(false));
    assert!(!again.agrees());
}

#[test]
fn without_anchors_of_its_own_the_verifier_believes_nothing() {
    let again = again(&report(Profile::VnCccd), Some(CHALLENGE), &MemoryAnchors::new());
    let found = finding(&again, Check::IssuerCertificate);
    assert_eq!(
        (found.result, found.reason),
        (CheckResult::Undetermined, Some(Reason::NoAnchors))
    );
    assert_eq!(
        finding(&again, Check::ActiveAuthentication).result,
        CheckResult::Undetermined
    );
    assert_eq!(again.decision().verdict, Verdict::Refer);
}

#[test]
fn a_failure_that_is_proven_has_the_reason_that_proves_it() {
    let report = faulty(Profile::VnCccd, Fault::CopiedChip);
    let again = again(&report, Some(CHALLENGE), &anchors());
    let (whole, active) = (
        finding(&again, Check::ChipAuthenticity),
        finding(&again, Check::ActiveAuthentication),
    );
    assert_eq!((whole.result, whole.basis), (CheckResult::Failed, Basis::Proven));
    assert_eq!(
        whole.reason, active.reason,
        "the wrong signature, which anyone can check"
    );
    assert_eq!(whole.reason, Some(Reason::ActiveAuthenticationFailed));
}
