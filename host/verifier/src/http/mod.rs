//! HTTP: the addresses, and what all answers have in common.

mod api;
mod html;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};

use crate::store::Store;
use crate::verifier::Verifier;

/// Nothing but what this server itself serves; no scripts at all.
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// All addresses of the verifier. A test calls them without a socket.
pub fn router<S: Store>(verifier: Arc<Verifier<S>>) -> Router {
    Router::new()
        .route("/v1/nonces", post(api::issue_nonce::<S>))
        .route("/v1/beacon", get(api::beacon::<S>))
        .route("/v1/reports", post(api::receive::<S>))
        .route("/v1/reports/{id}", get(api::report::<S>))
        .route("/healthz", get(api::health::<S>))
        .route("/", get(html::list::<S>))
        .route("/reports/{id}", get(html::report::<S>))
        .route("/devices", get(html::devices::<S>))
        .route("/style.css", get(html::style))
        .fallback(html::nothing)
        .layer(middleware::from_fn(common_headers))
        .with_state(verifier)
}

async fn common_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
