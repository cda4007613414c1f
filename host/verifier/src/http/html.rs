//! The pages' handlers.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};

use serde::Deserialize;

use super::api;
use crate::pages::{DevicesPage, ListPage, ListQuery, MessagePage, ReportPage, STYLE, language};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::time::midnight;
use crate::verifier::Verifier;

/// A refusal that a person reads.
pub(super) struct PageRefusal(Refusal);

impl<E: Into<Refusal>> From<E> for PageRefusal {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for PageRefusal {
    fn into_response(self) -> Response {
        if let Refusal::Unavailable(error) = &self.0 {
            eprintln!("chipgate verifier: {error}");
        }
        message(self.0.status(), &self.0.to_string())
    }
}

/// A message is a sentence.
fn message(status: StatusCode, text: &str) -> Response {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let text = format!("{}.", first.chain(letters).collect::<String>());
    let title = if status == StatusCode::NOT_FOUND {
        "Not found"
    } else {
        "This did not work"
    };
    (status, page(&MessagePage::new(title, text))).into_response()
}

fn page(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

pub(super) async fn list<S: Store>(
    State(verifier): State<Arc<Verifier<S>>>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Response, PageRefusal> {
    let Query(query) = query.map_err(|_| Refusal::malformed("this filter does not exist"))?;
    let store = &verifier.store;
    let lines = store.reports(&query.filter()).await?;
    let names: Vec<_> = store
        .devices()
        .await?
        .into_iter()
        .map(|activity| activity.device.name)
        .collect();
    let today = midnight(verifier.now());
    let tally = store.tally(today).await?;
    let refused = store.refusals().await?;
    let refused = refused.iter().filter(|refused| refused.last_at >= today).count();
    Ok(page(&ListPage::new(&query, &lines, &names, tally, refused)))
}

/// What the links of a report's page choose.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ReportQuery {
    language: Option<String>,
}

pub(super) async fn report<S: Store>(
    State(verifier): State<Arc<Verifier<S>>>,
    Path(id): Path<String>,
    query: Result<Query<ReportQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, PageRefusal> {
    let chosen = query.map(|Query(query)| query.language).unwrap_or_default();
    let language = language(chosen.as_deref(), &headers);
    let report = verifier
        .store
        .report(&api::report_id(&id)?)
        .await?
        .ok_or(Refusal::NotFound)?;
    Ok(page(&ReportPage::new(&report, language)))
}

pub(super) async fn devices<S: Store>(
    State(verifier): State<Arc<Verifier<S>>>,
) -> Result<Response, PageRefusal> {
    let (devices, refused) = (verifier.store.devices().await?, verifier.store.refusals().await?);
    Ok(page(&DevicesPage::new(&devices, &refused)))
}

pub(super) async fn style() -> impl IntoResponse {
    (
        [
            (CONTENT_TYPE, "text/css; charset=utf-8"),
            (CACHE_CONTROL, "max-age=3600"),
        ],
        STYLE,
    )
}

pub(super) async fn nothing(address: Uri) -> Response {
    if address.path().starts_with("/v1/") {
        return Refusal::NotFound.into_response();
    }
    message(StatusCode::NOT_FOUND, &Refusal::NotFound.to_string())
}
