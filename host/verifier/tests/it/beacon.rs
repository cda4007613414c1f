use chipgate_inspection::SignedBeacon;

use crate::support::{Bench, START};

#[tokio::test]
async fn hands_out_a_signed_beacon_and_renews_it_each_minute() {
    let bench = Bench::new().await;
    let answer = bench.get("/v1/beacon").await;
    assert_eq!(answer.headers["content-type"], "application/cose");
    let first = SignedBeacon::verify(&answer.body, &bench.verifier.public_key()).unwrap();
    assert_eq!(first.beacon().time.0, START);

    bench.clock.forward(59_999);
    assert_eq!(bench.get("/v1/beacon").await.body, answer.body);

    bench.clock.forward(1);
    let next = bench.get("/v1/beacon").await.body;
    let next = SignedBeacon::verify(&next, &bench.verifier.public_key()).unwrap();
    assert_eq!(next.beacon().time.0, START + 60_000);
    assert_ne!(next.beacon().random, first.beacon().random);
}
