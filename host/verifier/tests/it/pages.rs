use axum::http::StatusCode;
use chipgate_verifier::Store as _;

use crate::support::Bench;

#[tokio::test]
async fn every_answer_forbids_scripts_frames_and_foreign_sources() {
    let bench = Bench::new().await;
    for address in [
        "/",
        "/devices",
        "/healthz",
        "/nowhere",
        "/style.css",
        "/v1/nowhere",
    ] {
        let answer = bench.get(address).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("script"),
            "{address}"
        );
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        let body = answer.text();
        assert!(
            !body.contains("<script") && !body.contains("style=\""),
            "{address}"
        );
    }
}

#[tokio::test]
async fn lists_a_report_and_shows_it() {
    let bench = Bench::new().await;
    bench.send(&bench.sign(&bench.report(1))).await;
    let list = bench.get("/").await.text();
    let id = format!("{:016x}{:016x}", 1, 0);
    assert!(list.contains(&format!("/reports/{id}")), "{list}");
    let page = bench.get(&format!("/reports/{id}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains(&id));
}

#[tokio::test]
async fn filters_by_verdict_device_and_agreement() {
    let bench = Bench::new().await;
    bench.send(&bench.sign(&bench.report(1))).await;
    let rows = async |address: &str| bench.get(address).await.text().matches("/reports/").count();
    assert_eq!(rows("/?device=gate-07").await, 1);
    assert_eq!(rows("/?device=gate-08").await, 0);
    assert_eq!(rows("/?verdict=&device=&agreement=").await, 1);
    let (agrees, disagrees) = (
        rows("/?agreement=agrees").await,
        rows("/?agreement=disagrees").await,
    );
    assert_eq!(agrees + disagrees, 1);
    let verdicts = [
        rows("/?verdict=accept").await,
        rows("/?verdict=refer").await,
        rows("/?verdict=refuse").await,
    ];
    assert_eq!(verdicts.iter().sum::<usize>(), 1);
}

#[tokio::test]
async fn says_that_there_is_nothing_where_there_is_nothing() {
    let bench = Bench::new().await;
    let id = "0".repeat(32);
    for address in [
        "/nowhere",
        "/reports/7",
        &format!("/reports/{id}"),
        &format!("/v1/reports/{id}"),
        "/v1/x",
    ] {
        assert_eq!(
            bench.get(address).await.status,
            StatusCode::NOT_FOUND,
            "{address}"
        );
    }
    assert_eq!(bench.get("/?before=x").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn shows_what_was_refused_and_how_often() {
    let bench = Bench::new().await;
    assert!(!bench.get("/").await.text().contains("were refused today"));
    bench.send(&bench.sign(&bench.report(1))).await;
    let mut twin = bench.report(1);
    twin.sender.id = [9; 16];
    for _ in 0..3 {
        assert_eq!(bench.send(&bench.sign(&twin)).await.code(), "sequence-repeated");
    }
    bench.send(b"noise").await;
    let page = bench.get("/devices").await.text();
    for part in [
        "sequence-repeated",
        "may have been cloned",
        "<td data-label=\"Times\" class=\"number\">3</td>",
        "malformed",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(bench.get("/").await.text().contains("were refused today"));
}

#[tokio::test]
async fn a_flood_of_invented_names_fills_no_disk() {
    let bench = Bench::new().await;
    for number in 0..1100 {
        let body = format!("{{\"device\":\"stranger-{number}\"}}");
        bench.post("/v1/nonces", "application/json", body).await;
    }
    let kept: i64 = bench.store.refusals().await.unwrap().len().try_into().unwrap();
    assert!(kept <= 100, "a page shows the newest hundred");
    let rest = bench
        .store
        .note_refusal("unknown-device", "yet-another", bench.clock_now())
        .await
        .unwrap();
    assert!(rest > 90, "those beyond the limit are counted together: {rest}");
}
