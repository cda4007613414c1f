use axum::http::StatusCode;
use chipgate_inspection::{Freshness, SoftwareSigner, report_hash};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::support::{Answer, Bench, DEVICE};

#[track_caller]
fn refused(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (status, code),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn accepts_a_report_once_and_recognises_it_when_it_comes_again() {
    let bench = Bench::new().await;
    let signed = bench.sign(&bench.report(1));
    let first = bench.send(&signed).await;
    assert_eq!(
        (first.status, first.json()["status"].as_str()),
        (StatusCode::CREATED, Some("accepted"))
    );
    assert!(first.flags().is_empty());

    bench.clock.forward(10_000);
    let again = bench.send(&signed).await;
    assert_eq!(
        (again.status, again.json()["status"].as_str()),
        (StatusCode::OK, Some("already-known"))
    );
    let (mut first, mut again) = (first.json(), again.json());
    first["status"].take();
    again["status"].take();
    assert_eq!(first, again);
}

#[tokio::test]
async fn refuses_a_report_with_any_byte_altered() {
    let bench = Bench::new().await;
    let signed = bench.sign(&bench.report(1));
    for position in 0..signed.len() {
        let mut altered = signed.clone();
        altered[position] ^= 1;
        let answer = bench.send(&altered).await;
        assert!(
            answer.status.is_client_error(),
            "byte {position}: {}",
            answer.text()
        );
        let code = answer.code();
        assert!(
            ["malformed", "bad-signature", "unknown-device"].contains(&code.as_str()),
            "byte {position}: {code}"
        );
    }
    assert_eq!(bench.send(&signed).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn refuses_a_report_cut_short_anywhere() {
    let bench = Bench::new().await;
    let signed = bench.sign(&bench.report(1));
    for length in 0..signed.len() {
        refused(
            &bench.send(&signed[..length]).await,
            StatusCode::BAD_REQUEST,
            "malformed",
        );
    }
}

#[tokio::test]
async fn refuses_an_unknown_device_a_revoked_one_and_another_ones_key() {
    let bench = Bench::new().await;
    let mut report = bench.report(1);
    report.sender.device = "gate-08".into();
    refused(
        &bench.send(&bench.sign(&report)).await,
        StatusCode::FORBIDDEN,
        "unknown-device",
    );

    let other = SoftwareSigner::generate(&mut StdRng::seed_from_u64(8)).unwrap();
    let signed = bench.report(1).sign(&other).unwrap();
    refused(&bench.send(&signed).await, StatusCode::FORBIDDEN, "bad-signature");

    chipgate_verifier::Store::revoke_device(&bench.store, DEVICE, chipgate_apdu::Timestamp(1))
        .await
        .unwrap();
    let signed = bench.sign(&bench.report(1));
    refused(
        &bench.send(&signed).await,
        StatusCode::FORBIDDEN,
        "device-revoked",
    );
}

#[tokio::test]
async fn refuses_what_is_too_long_or_labelled_otherwise() {
    let bench = Bench::new().await;
    let answer = bench.send(&vec![0; 64 * 1024 + 1]).await;
    refused(&answer, StatusCode::PAYLOAD_TOO_LARGE, "too-large");
    let signed = bench.sign(&bench.report(1));
    let answer = bench
        .post("/v1/reports", "application/json", signed.clone())
        .await;
    refused(&answer, StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type");
    let answer = bench
        .post(
            "/v1/reports",
            "application/cose; cose-type=\"cose-sign1\"",
            signed,
        )
        .await;
    assert_eq!(answer.status, StatusCode::CREATED);
}

#[tokio::test]
async fn refuses_another_report_under_the_same_identifier_or_number() {
    let bench = Bench::new().await;
    bench.send(&bench.sign(&bench.report(1))).await;
    let mut same_id = bench.report(2);
    same_id.sender.id = bench.report(1).sender.id;
    refused(
        &bench.send(&bench.sign(&same_id)).await,
        StatusCode::CONFLICT,
        "id-conflict",
    );
    let mut same_number = bench.report(1);
    same_number.sender.id = [9; 16];
    refused(
        &bench.send(&bench.sign(&same_number)).await,
        StatusCode::CONFLICT,
        "sequence-repeated",
    );
}

#[tokio::test]
async fn uses_a_nonce_once_and_only_for_its_device() {
    let bench = Bench::new().await;
    let mut report = bench.report(1);
    report.sender.freshness = Freshness::Online { nonce: [1; 8] };
    refused(
        &bench.send(&bench.sign(&report)).await,
        StatusCode::CONFLICT,
        "nonce-unknown",
    );

    let nonce = bench.nonce().await;
    let other = SoftwareSigner::generate(&mut StdRng::seed_from_u64(8)).unwrap();
    bench.register("gate-08", &other).await;
    let mut theirs = bench.report(1);
    theirs.sender.device = "gate-08".into();
    theirs.sender.freshness = Freshness::Online { nonce };
    refused(
        &bench.send(&theirs.sign(&other).unwrap()).await,
        StatusCode::CONFLICT,
        "nonce-unknown",
    );

    report.sender.freshness = Freshness::Online { nonce };
    let signed = bench.sign(&report);
    assert_eq!(bench.send(&signed).await.status, StatusCode::CREATED);
    assert_eq!(bench.send(&signed).await.status, StatusCode::OK);
    let mut next = bench.report(2);
    next.sender.freshness = Freshness::Online { nonce };
    refused(
        &bench.send(&bench.sign(&next)).await,
        StatusCode::CONFLICT,
        "nonce-used",
    );
}

#[tokio::test]
async fn keeps_a_report_that_waited_until_after_its_nonce_expired_and_flags_it() {
    let bench = Bench::new().await;
    let mut report = bench.report(1);
    report.sender.freshness = Freshness::Online {
        nonce: bench.nonce().await,
    };
    bench.clock.forward(3_600_000);
    let answer = bench.send(&bench.sign(&report)).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.flags(), ["challenge-late"]);
}

#[tokio::test]
async fn takes_a_beacon_of_its_own_and_flags_an_unknown_or_old_one() {
    let bench = Bench::new().await;
    let beacon = chipgate_inspection::beacon_hash(&bench.get("/v1/beacon").await.body);
    let mut report = bench.report(1);
    report.sender.freshness = Freshness::Offline { beacon };
    assert!(bench.send(&bench.sign(&report)).await.flags().is_empty());

    let mut unknown = bench.report(2);
    unknown.sender.previous = Some(report_hash(&bench.sign(&report)));
    unknown.sender.freshness = Freshness::Offline { beacon: [3; 32] };
    assert_eq!(
        bench.send(&bench.sign(&unknown)).await.flags(),
        ["beacon-unknown"]
    );

    bench.clock.forward(24 * 3_600_000 + 1);
    let mut old = bench.report(3);
    old.sender.previous = Some(report_hash(&bench.sign(&unknown)));
    old.sender.freshness = Freshness::Offline { beacon };
    assert_eq!(bench.send(&bench.sign(&old)).await.flags(), ["beacon-old"]);
}

#[tokio::test]
async fn flags_a_gap_until_the_missing_report_comes_and_a_broken_chain_for_good() {
    let bench = Bench::new().await;
    let first = bench.sign(&bench.report(1));
    let mut second = bench.report(2);
    second.sender.previous = Some(report_hash(&first));
    let second = bench.sign(&second);
    let mut third = bench.report(3);
    third.sender.previous = Some(report_hash(b"another second report"));
    let third = bench.sign(&third);

    assert_eq!(bench.send(&second).await.flags(), ["sequence-gap"]);
    assert!(bench.send(&first).await.flags().is_empty());
    assert_eq!(bench.send(&third).await.flags(), ["previous-differs"]);

    let id = |sequence: u64| format!("/v1/reports/{sequence:016x}{:016x}", 0);
    assert_eq!(
        bench.get(&id(2)).await.json()["receipt"]["flags"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    assert_eq!(
        bench.get(&id(3)).await.json()["receipt"]["flags"][0],
        "previous-differs"
    );
}

#[tokio::test]
async fn judges_no_certificate_at_a_time_that_only_the_gate_vouches_for() {
    let bench = Bench::new().await;
    let beacon = chipgate_inspection::beacon_hash(&bench.get("/v1/beacon").await.body);
    // A year ago a certificate may have been valid that has expired since.
    let mut report = bench.report(1);
    report.sender.time.0 -= 365 * 24 * 3_600_000;
    assert_eq!(bench.send(&bench.sign(&report)).await.flags(), ["clock-differs"]);

    let mut unknown = report.clone();
    unknown.sender.sequence = 2;
    unknown.sender.id = [2; 16];
    unknown.sender.previous = Some(report_hash(&bench.sign(&report)));
    unknown.sender.freshness = Freshness::Offline { beacon: [3; 32] };
    let answer = bench.send(&bench.sign(&unknown)).await;
    assert_eq!(answer.flags(), ["beacon-unknown", "clock-differs"]);

    let mut known = unknown.clone();
    known.sender.sequence = 3;
    known.sender.id = [3; 16];
    known.sender.previous = Some(report_hash(&bench.sign(&unknown)));
    known.sender.freshness = Freshness::Offline { beacon };
    assert_eq!(bench.send(&bench.sign(&known)).await.flags(), ["clock-differs"]);
}

#[tokio::test]
async fn flags_an_offline_report_that_came_after_its_beacon_had_expired() {
    let bench = Bench::new().await;
    let beacon = chipgate_inspection::beacon_hash(&bench.get("/v1/beacon").await.body);
    let mut report = bench.report(1);
    report.sender.freshness = Freshness::Offline { beacon };
    // The gate says that it was made in time; the verifier cannot know.
    bench.clock.forward(24 * 3_600_000 + 1);
    assert_eq!(bench.send(&bench.sign(&report)).await.flags(), ["challenge-late"]);
}

#[tokio::test]
async fn flags_a_report_that_was_made_before_the_one_that_precedes_it() {
    let bench = Bench::new().await;
    let first = bench.sign(&bench.report(1));
    let mut second = bench.report(2);
    second.sender.previous = Some(report_hash(&first));
    second.sender.time.0 -= 1;
    // In either order: what comes first is flagged when the other has come.
    assert_eq!(bench.send(&bench.sign(&second)).await.flags(), ["sequence-gap"]);
    assert!(bench.send(&first).await.flags().is_empty());
    let kept = bench
        .get(&format!("/v1/reports/{:016x}{:016x}", 2, 0))
        .await
        .json();
    assert_eq!(kept["receipt"]["flags"], serde_json::json!(["time-reversed"]));

    let mut third = bench.report(3);
    third.sender.previous = Some(report_hash(&bench.sign(&second)));
    third.sender.time.0 -= 2;
    assert_eq!(bench.send(&bench.sign(&third)).await.flags(), ["time-reversed"]);
}

#[tokio::test]
async fn flags_a_clock_that_differs() {
    let bench = Bench::new().await;
    let mut report = bench.report(1);
    report.sender.time.0 += 301_000;
    assert_eq!(bench.send(&bench.sign(&report)).await.flags(), ["clock-differs"]);
}
