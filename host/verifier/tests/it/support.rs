//! A verifier with a clock that stands still until moved, a device, and reports to send.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use chipgate_apdu::{Clock, Timestamp};
use chipgate_inspection::{
    Basis, Check, CheckResult, Evidence, FaceScore, Freshness, Outcome, Policy, Report, Score, Sender,
    Signer as _, SoftwareSigner, Verdict,
};
use chipgate_trust::{MemoryAnchors, TrustAnchors};
use chipgate_verifier::{Device, Limits, Parts, SqliteStore, Store as _, Verifier, router};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// 2026-11-24 07:40:15 UTC.
pub const START: u64 = 1_795_506_015_000;
/// The registered device.
pub const DEVICE: &str = "gate-07";

/// A clock that is moved by hand.
#[derive(Clone)]
pub struct HandClock(Arc<AtomicU64>);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

impl HandClock {
    pub fn forward(&self, milliseconds: u64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

pub struct Bench {
    pub folder: TempDir,
    pub clock: HandClock,
    pub verifier: Arc<Verifier<SqliteStore>>,
    pub store: SqliteStore,
    pub signer: SoftwareSigner,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The code of a refusal.
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or("none").to_owned()
    }

    pub fn flags(&self) -> Vec<String> {
        let json = self.json();
        let flags = json["flags"].as_array().unwrap();
        flags
            .iter()
            .map(|flag| flag.as_str().unwrap().to_owned())
            .collect()
    }
}

impl Bench {
    /// A verifier without anchors.
    pub async fn new() -> Self {
        Self::with_anchors(MemoryAnchors::new()).await
    }

    pub async fn with_anchors(anchors: impl TrustAnchors + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = HandClock(Arc::new(AtomicU64::new(START)));
        let store = SqliteStore::open(folder.path()).await.unwrap();
        let verifier = assemble(&folder, &clock, store.clone(), Box::new(anchors));
        let signer = SoftwareSigner::generate(&mut StdRng::seed_from_u64(7)).unwrap();
        let bench = Self {
            folder,
            clock,
            verifier,
            store,
            signer,
        };
        bench.register(DEVICE, &bench.signer).await;
        bench
    }

    pub async fn register(&self, name: &str, signer: &SoftwareSigner) {
        let device = Device {
            name: name.into(),
            public_key: signer.public_key().to_spki_der(),
            added_at: self.clock.now(),
            revoked_at: None,
        };
        self.store.add_device(&device).await.unwrap();
    }

    pub fn router(&self) -> Router {
        router(Arc::clone(&self.verifier))
    }

    pub fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn call(&self, request: Request<Body>) -> Answer {
        let response = self.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub async fn get(&self, address: &str) -> Answer {
        self.call(Request::get(address).body(Body::empty()).unwrap())
            .await
    }

    pub async fn post(&self, address: &str, media_type: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(address).header(header::CONTENT_TYPE, media_type);
        self.call(request.body(body.into()).unwrap()).await
    }

    pub async fn send(&self, signed: &[u8]) -> Answer {
        self.post("/v1/reports", "application/cose", signed.to_vec())
            .await
    }

    /// A fresh nonce for the device.
    pub async fn nonce(&self) -> [u8; 8] {
        let answer = self
            .post(
                "/v1/nonces",
                "application/json",
                format!("{{\"device\":\"{DEVICE}\"}}"),
            )
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let mut nonce = [0; 8];
        hex::decode_to_slice(answer.json()["nonce"].as_str().unwrap(), &mut nonce).unwrap();
        nonce
    }

    /// The device's report of that number, without evidence.
    pub fn report(&self, sequence: u64) -> Report {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&sequence.to_be_bytes());
        let policy = Policy::document().unwrap();
        Report {
            sender: Sender {
                id,
                device: DEVICE.into(),
                sequence,
                previous: (sequence > 1).then_some([0; 32]),
                time: self.clock.now(),
                freshness: Freshness::None,
                software: "chipgate test".into(),
            },
            policy: policy.name().into(),
            policy_hash: policy.hash(),
            issuing_state: Some("UTO".into()),
            evidence: Evidence::default(),
            outcomes: Check::ALL.map(claimed).to_vec(),
            verdict: Verdict::Accept,
            stopped_by: None,
            overall: CheckResult::Successful,
            face: Some(FaceScore {
                score: Score::from_f32(0.8),
                threshold: Score::from_f32(0.5),
                model: "test".into(),
            }),
        }
    }

    pub fn sign(&self, report: &Report) -> Vec<u8> {
        report.sign(&self.signer).unwrap()
    }
}

fn claimed(check: Check) -> Outcome {
    Outcome {
        check,
        result: CheckResult::Successful,
        reason: None,
        basis: Basis::Claimed,
        detail: None,
    }
}

pub fn assemble(
    folder: &TempDir,
    clock: &HandClock,
    store: SqliteStore,
    anchors: Box<dyn TrustAnchors + Send + Sync>,
) -> Arc<Verifier<SqliteStore>> {
    let parts = Parts {
        store,
        anchors,
        policy: Policy::document().unwrap(),
        limits: Limits {
            nonces_per_device: 3,
            ..Limits::default()
        },
        clock: Box::new(clock.clone()),
        rng: Box::new(StdRng::seed_from_u64(1)),
    };
    Verifier::new(folder.path(), parts).unwrap()
}
