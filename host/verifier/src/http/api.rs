//! The handlers that devices talk to.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use chipgate_inspection::SignedReport;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::receipt::Receipt;
use crate::receive::Status;
use crate::refusal::{LONGEST_REPORT, Refusal};
use crate::store::{ReportId, Store};
use crate::verifier::Verifier;

/// Media type of COSE (RFC 9052, section 11.1).
const COSE: &str = "application/cose";
/// Longest request for a nonce, in bytes.
const LONGEST_NONCE_REQUEST: usize = 1024;
/// For how long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NonceRequest {
    device: String,
}

#[derive(Debug, Serialize)]
pub(super) struct NonceAnswer {
    nonce: String,
    expires: u64,
}

pub(super) async fn issue_nonce<S: Store>(
    State(verifier): State<Arc<Verifier<S>>>,
    request: Request,
) -> Result<Json<NonceAnswer>, Refusal> {
    let body = read(request.into_body(), LONGEST_NONCE_REQUEST).await?;
    let request: NonceRequest = serde_json::from_slice(&body)
        .map_err(|_| Refusal::malformed("a nonce is asked for with {\"device\": NAME}"))?;
    let issued = match verifier.issue_nonce(&request.device).await {
        Ok(issued) => issued,
        Err(refusal) => return Err(verifier.noted(&request.device, refusal).await),
    };
    Ok(Json(NonceAnswer {
        nonce: hex::encode(issued.nonce),
        expires: issued.expires_at.0,
    }))
}

/// What a device is answered: `docs/schemas/receipt.schema.json`.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    status: Status,
    #[serde(flatten)]
    receipt: Receipt,
}

pub(super) async fn receive<S: Store>(
    State(verifier): State<Arc<Verifier<S>>>,
    headers: HeaderMap,
    request: Request,
) -> Result<(StatusCode, Json<Answer>), Refusal> {
    if !is_cose(&headers) {
        return Err(verifier.noted("", Refusal::MediaType).await);
    }
    let body = match read(request.into_body(), LONGEST_REPORT).await {
        Ok(body) => body,
        Err(refusal) => return Err(verifier.noted("", refusal).await),
    };
    let claimed = SignedReport::decode(&body).map(|report| report.claimed_device().to_owned());
    let (status, receipt) = match verifier.receive(body).await {
        Ok(received) => received,
        Err(refusal) => return Err(verifier.noted(&claimed.unwrap_or_default(), refusal).await),
    };
    let code = match status {
        Status::Accepted => StatusCode::CREATED,
        Status::AlreadyKnown => StatusCode::OK,
    };
    Ok((code, Json(Answer { status, receipt })))
}

/// Whether the body is labelled `application/cose`, whatever parameters follow.
fn is_cose(headers: &HeaderMap) -> bool {
    let label = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = label.and_then(|label| label.split(';').next());
    media_type.is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case(COSE))
}

/// The whole body, if it is short enough and comes in time.
async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Refusal> {
    let arrived = tokio::time::timeout(PATIENCE, to_bytes(body, limit)).await;
    let bytes = arrived.map_err(|_| Refusal::TooSlow {
        seconds: PATIENCE.as_secs(),
    })?;
    // Whatever else can go wrong with a body, the connection is gone and nobody reads the answer.
    Ok(bytes.map_err(|_| Refusal::TooLarge { limit })?.to_vec())
}

pub(super) async fn health<S: Store>(
    State(verifier): State<Arc<Verifier<S>>>,
) -> Result<&'static str, Refusal> {
    verifier.store.newest_beacon().await?;
    Ok("ok\n")
}

pub(super) async fn report<S: Store>(
    State(verifier): State<Arc<Verifier<S>>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let report = verifier
        .store
        .report(&report_id(&id)?)
        .await?
        .ok_or(Refusal::NotFound)?;
    Ok(Json(json!({
        "device": report.line.device,
        "sequence": report.sequence,
        "made": report.made_at.0,
        "issuing_state": report.line.issuing_state,
        "evidence_until": report.evidence_until.map(|until| until.0),
        "receipt": report.receipt,
        "summary": report.summary,
    })))
}

/// An identifier as it stands in an address: 32 hexadecimal digits.
pub(super) fn report_id(text: &str) -> Result<ReportId, Refusal> {
    let mut id = ReportId::default();
    hex::decode_to_slice(text, &mut id).map_err(|_| Refusal::NotFound)?;
    Ok(id)
}

pub(super) async fn beacon<S: Store>(
    State(verifier): State<Arc<Verifier<S>>>,
) -> Result<impl IntoResponse, Refusal> {
    Ok(([(CONTENT_TYPE, COSE)], verifier.current_beacon().await?.signed))
}
