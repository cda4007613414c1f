use axum::http::StatusCode;

use crate::support::{Bench, DEVICE};

async fn ask(bench: &Bench, body: &str) -> crate::support::Answer {
    bench
        .post("/v1/nonces", "application/json", body.to_owned())
        .await
}

#[tokio::test]
async fn issues_a_different_nonce_each_time_and_says_until_when() {
    let bench = Bench::new().await;
    assert_ne!(bench.nonce().await, bench.nonce().await);
    let answer = ask(&bench, &format!("{{\"device\":\"{DEVICE}\"}}")).await.json();
    assert_eq!(answer["nonce"].as_str().unwrap().len(), 16);
    assert_eq!(
        answer["expires"].as_u64().unwrap(),
        crate::support::START + 300_000
    );
}

#[tokio::test]
async fn refuses_a_nonce_to_an_unknown_or_revoked_device() {
    let bench = Bench::new().await;
    let answer = ask(&bench, "{\"device\":\"gate-08\"}").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::FORBIDDEN, "unknown-device")
    );
    chipgate_verifier::Store::revoke_device(&bench.store, DEVICE, chipgate_apdu::Timestamp(1))
        .await
        .unwrap();
    let answer = ask(&bench, &format!("{{\"device\":\"{DEVICE}\"}}")).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::FORBIDDEN, "device-revoked")
    );
}

#[tokio::test]
async fn refuses_what_is_no_request_for_a_nonce() {
    let bench = Bench::new().await;
    for body in ["", "{}", "[]", "{\"device\":7}", "{\"device\":\"a\",\"more\":1}"] {
        let answer = ask(&bench, body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::BAD_REQUEST, "malformed"),
            "{body}"
        );
    }
    let answer = ask(&bench, &"x".repeat(2000)).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::PAYLOAD_TOO_LARGE, "too-large")
    );
}

#[tokio::test]
async fn limits_the_unused_nonces_of_a_device_until_they_expire() {
    let bench = Bench::new().await;
    for _ in 0..3 {
        bench.nonce().await;
    }
    let answer = ask(&bench, &format!("{{\"device\":\"{DEVICE}\"}}")).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "too-many-nonces")
    );
    bench.clock.forward(300_000);
    bench.nonce().await;
}
