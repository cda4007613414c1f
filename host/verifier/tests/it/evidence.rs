//! Real cards' evidence, checked again.

use chipgate_inspection::{Check, CheckResult, Freshness, Verdict, offline_challenge};
use chipgate_trust::MemoryAnchors;
use chipgate_verifier::Store as _;
use chipgate_virtual_card::{Fault, Profile};
use serde_json::Value;

use crate::inspection::{anchors, card, inspect, report};
use crate::support::{Answer, Bench, DEVICE};

/// The verifier's finding about a check.
fn finding(answer: &Answer, check: &str) -> Value {
    let json = answer.json();
    let findings = json["findings"].as_array().unwrap_or_else(|| panic!("{json}"));
    findings
        .iter()
        .find(|finding| finding["check"] == check)
        .unwrap()
        .clone()
}

async fn send_online(bench: &Bench, sequence: u64, profile: Profile, fault: Option<Fault>) -> Answer {
    let nonce = bench.nonce().await;
    let evaluation = inspect(card(profile, fault), nonce).await;
    let report = report(bench, sequence, Freshness::Online { nonce }, &evaluation);
    bench.send(&bench.sign(&report)).await
}

async fn accepts(profile: Profile) {
    let bench = Bench::with_anchors(anchors()).await;
    let answer = send_online(&bench, 1, profile, None).await;
    let json = answer.json();
    assert_eq!(
        (&json["verdict"], &json["agrees"]),
        (&"accept".into(), &true.into()),
        "{json:#}"
    );
    for check in [
        "security-object",
        "issuer-certificate",
        "certificate-validity",
        "revocation",
        "chip-authenticity",
    ] {
        let finding = finding(&answer, check);
        assert_eq!(
            (&finding["result"], &finding["basis"]),
            (&"successful".into(), &"proven".into()),
            "{finding}"
        );
    }
    for check in ["chip-access", "document-expiry", "face", "chip-authenticity.chip"] {
        assert_eq!(finding(&answer, check)["basis"], "claimed");
    }
    let id = json["id"].as_str().unwrap();
    let kept = bench.get(&format!("/v1/reports/{id}")).await.json();
    assert_eq!(kept["summary"]["freshness"]["kind"], "online");
    let page = bench.get(&format!("/reports/{id}")).await.text();
    assert!(
        page.contains("Document Signer") && page.contains("Fresh: the chip signed"),
        "{page}"
    );
}

#[tokio::test]
async fn accepts_a_genuine_citizen_card() {
    accepts(Profile::VnCccd).await;
}

#[tokio::test]
async fn accepts_a_genuine_passport() {
    accepts(Profile::Td3Pace).await;
}

#[tokio::test]
async fn comes_to_the_named_verdict_and_check_for_each_fault() {
    let bench = Bench::with_anchors(anchors()).await;
    for (sequence, fault) in (1..).zip(Fault::ALL) {
        // Some faults are those of one kind of card, and some leave nothing to report.
        let expected = [Profile::Td3Pace, Profile::VnCccd, Profile::Td3Bac]
            .into_iter()
            .find_map(|profile| Some((profile, fault.expectation(profile)?)));
        let Some((profile, expected)) = expected.filter(|(_, expected)| expected.error.is_none()) else {
            continue;
        };
        let answer = send_online(&bench, sequence, profile, Some(*fault)).await;
        let json = answer.json();
        let came_to = (json["verdict"].as_str(), json["stopped_by"].as_str());
        assert_eq!(
            came_to,
            (expected.verdict, expected.stopped_by),
            "{}: {json:#}",
            expected.name
        );
        assert_eq!(
            json["gate_verdict"].as_str(),
            expected.verdict,
            "{}",
            expected.name
        );
    }
}

#[tokio::test]
async fn finds_a_copied_chip_behind_a_gate_that_says_it_is_genuine() {
    let bench = Bench::with_anchors(anchors()).await;
    let nonce = bench.nonce().await;
    let evaluation = inspect(card(Profile::VnCccd, Some(Fault::CopiedChip)), nonce).await;
    let mut lie = report(&bench, 1, Freshness::Online { nonce }, &evaluation);
    for outcome in &mut lie.outcomes {
        outcome.result = CheckResult::Successful;
        outcome.reason = None;
    }
    (lie.verdict, lie.stopped_by, lie.overall) = (Verdict::Accept, None, CheckResult::Successful);
    let answer = bench.send(&bench.sign(&lie)).await;
    let json = answer.json();
    assert_eq!(
        (&json["verdict"], &json["agrees"]),
        (&"refuse".into(), &false.into()),
        "{json:#}"
    );
    let active = finding(&answer, "chip-authenticity.active");
    assert_eq!(
        (&active["result"], &active["basis"]),
        (&"failed".into(), &"proven".into())
    );
    assert_eq!(
        bench
            .get("/?agreement=disagrees")
            .await
            .text()
            .matches("/reports/")
            .count(),
        1
    );
}

#[tokio::test]
async fn flags_a_verdict_that_does_not_follow_from_the_gates_own_results() {
    let bench = Bench::with_anchors(anchors()).await;
    let nonce = bench.nonce().await;
    let evaluation = inspect(card(Profile::Td3Pace, Some(Fault::ComLies)), nonce).await;
    let mut lie = report(&bench, 1, Freshness::Online { nonce }, &evaluation);
    (lie.verdict, lie.stopped_by) = (Verdict::Accept, None);
    let answer = bench.send(&bench.sign(&lie)).await;
    assert_eq!(answer.json()["agrees"], false);
    assert_eq!(answer.flags(), ["verdict-unfounded"]);
}

#[tokio::test]
async fn does_not_take_a_signature_over_another_challenge_for_fresh() {
    let bench = Bench::with_anchors(anchors()).await;
    let evaluation = inspect(card(Profile::Td3Pace, None), [7; 8]).await;
    let nonce = bench.nonce().await;
    let replayed = report(&bench, 1, Freshness::Online { nonce }, &evaluation);
    let answer = bench.send(&bench.sign(&replayed)).await;
    let active = finding(&answer, "chip-authenticity.active");
    assert_eq!(
        (&active["result"], &active["reason"]),
        (&"failed".into(), &"challenge-not-fresh".into())
    );

    // The same signature again, without a word on where its challenge came from: flagged, and not proven.
    let mut again = report(&bench, 2, Freshness::None, &evaluation);
    again.sender.previous = Some(chipgate_inspection::report_hash(&bench.sign(&replayed)));
    let answer = bench.send(&bench.sign(&again)).await;
    assert_eq!(answer.flags(), ["challenge-repeated"]);
    assert_eq!(finding(&answer, "chip-authenticity.active")["basis"], "claimed");
}

#[tokio::test]
async fn proves_a_signature_that_was_made_offline_from_its_beacon() {
    let bench = Bench::with_anchors(anchors()).await;
    let beacon = chipgate_inspection::beacon_hash(&bench.get("/v1/beacon").await.body);
    let evaluation = inspect(
        card(Profile::Td3Pace, None),
        offline_challenge(&beacon, DEVICE, 1),
    )
    .await;
    let answer = bench
        .send(&bench.sign(&report(&bench, 1, Freshness::Offline { beacon }, &evaluation)))
        .await;
    let active = finding(&answer, "chip-authenticity.active");
    assert_eq!(
        (&active["result"], &active["basis"]),
        (&"successful".into(), &"proven".into())
    );
    assert_eq!(answer.json()["verdict"], "accept");
}

#[tokio::test]
async fn leaves_open_what_it_has_no_anchors_for() {
    let bench = Bench::with_anchors(MemoryAnchors::new()).await;
    let answer = send_online(&bench, 1, Profile::Td3Pace, None).await;
    assert_eq!(answer.json()["verdict"], "refer");
    let issuer = finding(&answer, "issuer-certificate");
    assert_eq!(
        (&issuer["result"], &issuer["reason"]),
        (&"undetermined".into(), &"no-anchors".into())
    );
}

#[tokio::test]
async fn keeps_each_document_signer_once_and_gives_the_evidence_back_whole() {
    let bench = Bench::with_anchors(anchors()).await;
    let mut sent = Vec::new();
    for sequence in 1..=2 {
        let nonce = bench.nonce().await;
        let evaluation = inspect(card(Profile::Td3Pace, None), nonce).await;
        let report = report(&bench, sequence, Freshness::Online { nonce }, &evaluation);
        let signed = bench.sign(&report);
        bench.send(&signed).await;
        sent.push((report.sender.id, signed));
    }
    for (id, signed) in &sent {
        assert_eq!(bench.store.evidence(id).await.unwrap().as_ref(), Some(signed));
    }
    let file = std::fs::read(bench.folder.path().join("verifier.sqlite-wal")).unwrap();
    let evidence = &sent[0].1;
    assert!(
        !file.windows(evidence.len()).any(|window| window == evidence),
        "the certificate is not cut out"
    );
}

#[tokio::test]
async fn refuses_a_report_with_evidence_altered_in_any_byte() {
    let bench = Bench::with_anchors(anchors()).await;
    let evaluation = inspect(card(Profile::Td3Pace, None), [7; 8]).await;
    let signed = bench.sign(&report(&bench, 1, Freshness::None, &evaluation));
    // Every byte in turn would take long; a stride coprime to all structures meets each of them.
    for position in (0..signed.len()).step_by(7) {
        let mut altered = signed.clone();
        altered[position] ^= 0x20;
        let answer = bench.send(&altered).await;
        assert!(
            answer.status.is_client_error(),
            "byte {position}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn says_nothing_of_the_person_on_any_page() {
    let bench = Bench::with_anchors(anchors()).await;
    let mrz = card(Profile::VnCccd, None).mrz;
    let answer = send_online(&bench, 1, Profile::VnCccd, None).await;
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let words = [&mrz.document_number, &mrz.names.primary, &mrz.names.secondary];
    for address in [
        "/".to_owned(),
        format!("/reports/{id}"),
        format!("/v1/reports/{id}"),
        "/devices".to_owned(),
    ] {
        let text = bench.get(&address).await.text();
        for word in words {
            assert!(
                word.len() > 3 && !text.contains(word.as_str()),
                "{address} shows {word}"
            );
        }
    }
    assert_eq!(
        Check::ALL.len(),
        answer.json()["findings"].as_array().unwrap().len()
    );
}
