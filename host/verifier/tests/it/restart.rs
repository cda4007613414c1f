use axum::http::StatusCode;
use chipgate_inspection::{Signer as _, SoftwareSigner};
use chipgate_verifier::{SqliteStore, Store as _};

use crate::support::{Bench, assemble};

#[tokio::test]
async fn knows_its_reports_and_its_key_after_a_restart() {
    let bench = Bench::new().await;
    let signed = bench.sign(&bench.report(1));
    let first = bench.send(&signed).await.json();
    let key = bench.verifier.public_key();
    bench.store.close().await;

    let store = SqliteStore::open(bench.folder.path()).await.unwrap();
    let anchors = Box::new(chipgate_trust::MemoryAnchors::new());
    let verifier = assemble(&bench.folder, &bench.clock, store.clone(), anchors);
    assert_eq!(verifier.public_key(), key);
    let again = Bench {
        verifier,
        store,
        ..bench
    };
    let answer = again.send(&signed).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["received"], first["received"]);
}

#[tokio::test]
async fn keeps_evidence_as_it_came_and_deletes_it_at_the_end_of_its_retention() {
    let bench = Bench::new().await;
    let report = bench.report(1);
    let signed = bench.sign(&report);
    bench.send(&signed).await;
    assert_eq!(
        bench.store.evidence(&report.sender.id).await.unwrap(),
        Some(signed.clone())
    );
    bench.clock.forward(30 * 24 * 3_600_000);
    let signature = &signed[signed.len() - 64..];
    assert!(stands_on_the_disk(&bench, signature));
    let purged = bench.verifier.clean_up().await.unwrap();
    assert_eq!(purged.evidence, 1);
    assert!(!stands_on_the_disk(&bench, signature));
    assert_eq!(bench.store.evidence(&report.sender.id).await.unwrap(), None);
    assert_eq!(bench.send(&signed).await.status, StatusCode::OK);
}

/// Whether any file in the data folder has these bytes in it.
fn stands_on_the_disk(bench: &Bench, bytes: &[u8]) -> bool {
    let files = std::fs::read_dir(bench.folder.path()).unwrap();
    let mut contents = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
    contents.any(|content| content.windows(bytes.len()).any(|window| window == bytes))
}

#[tokio::test]
async fn forgets_nonces_and_beacons_only_long_after_they_expired() {
    let bench = Bench::new().await;
    bench.nonce().await;
    bench.get("/v1/beacon").await;
    bench.clock.forward(3_600_000);
    let purged = bench.verifier.clean_up().await.unwrap();
    assert_eq!((purged.nonces, purged.beacons), (0, 0));
    bench.clock.forward(31 * 24 * 3_600_000);
    let purged = bench.verifier.clean_up().await.unwrap();
    assert_eq!((purged.nonces, purged.beacons), (1, 1));
}

#[tokio::test]
async fn keeps_its_key_and_its_database_to_itself() {
    use std::os::unix::fs::PermissionsExt as _;

    let bench = Bench::new().await;
    let file = bench.folder.path().join("verifier.key");
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let key = SoftwareSigner::from_pkcs8_der(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(key.public_key(), bench.verifier.public_key());
}
