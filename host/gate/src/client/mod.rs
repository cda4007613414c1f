//! The central verifier, asked over HTTP.

mod outage;
mod protection;
#[cfg(test)]
mod tests;

use std::{path::Path, time::Duration};

use chipgate_inspection::SignedReport;
use serde::Deserialize;
use ureq::{
    Agent,
    tls::{RootCerts, TlsConfig},
};

use crate::GateError;
use outage::unreachable;
use protection::{check_protection, read_authorities};

/// How long one request to the verifier may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long the verifier may take for a random number: a traveller waits for it.
const NONCE_TIMEOUT: Duration = Duration::from_secs(3);
/// The most that is read of an answer.
const MAXIMUM_ANSWER: u64 = 1024 * 1024;

/// The central verifier, as a gate sees it.
pub struct VerifierClient {
    agent: Agent,
    address: String,
}

/// A single-use random number of the verifier, for active authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce(pub [u8; 8]);

/// What the verifier said to a report.
#[derive(Debug)]
pub enum Delivery {
    /// It has the report now; its receipt.
    Accepted(serde_json::Value),
    /// It refuses the report for good: another try would end the same way.
    Refused {
        /// The verifier's code.
        code: String,
        /// The verifier's words.
        message: String,
    },
    /// It does not take the report now; the report waits.
    Waits(GateError),
}

#[derive(Deserialize)]
struct NonceAnswer {
    nonce: String,
}

#[derive(Deserialize)]
struct RefusalAnswer {
    error: RefusalError,
}

#[derive(Deserialize)]
struct RefusalError {
    code: String,
    message: String,
}

impl VerifierClient {
    /// The verifier at `address`, such as `https://verifier.example`; over TLS its certificate must lead to an
    /// authority in `authorities` (PEM), or to one of the public ones if that is `None`.
    pub fn new(address: &str, authorities: Option<&Path>) -> Result<Self, GateError> {
        check_protection(address)?;
        let mut tls = TlsConfig::builder();
        if let Some(file) = authorities {
            tls = tls.root_certs(RootCerts::from(read_authorities(file)?));
        }
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .tls_config(tls.build())
            .build()
            .new_agent();
        Ok(Self {
            agent,
            address: address.trim_end_matches('/').to_owned(),
        })
    }

    /// Asks for a single-use random number. Whatever the error is, an inspection goes on without.
    pub fn nonce(&self, device: &str) -> Result<Nonce, GateError> {
        let request = serde_json::json!({ "device": device }).to_string();
        let content_type = "application/json";
        let (status, body) = self.post("/v1/nonces", content_type, request.as_bytes(), NONCE_TIMEOUT)?;
        if status != 200 {
            return Err(self.trouble(status, refusal(&body), device));
        }
        let answer: Option<NonceAnswer> = serde_json::from_slice(&body).ok();
        let nonce = answer.and_then(|answer| hex::decode(answer.nonce).ok()?.try_into().ok());
        nonce.map(Nonce).ok_or_else(|| self.not_a_verifier())
    }

    /// The verifier's present beacon, for inspections while it is away; `None` if it is away already.
    pub fn beacon(&self) -> Option<Vec<u8>> {
        let request = self.agent.get(format!("{}/v1/beacon", self.address));
        let request = request.config().timeout_global(Some(NONCE_TIMEOUT)).build();
        let mut response = request.call().ok()?;
        let body = response
            .body_mut()
            .with_config()
            .limit(MAXIMUM_ANSWER)
            .read_to_vec()
            .ok()?;
        (response.status() == 200).then_some(body)
    }

    /// Sends a signed report. Only a receipt with the report's own identifier counts: whatever else answers, the
    /// report is kept.
    #[must_use]
    pub fn send(&self, report: &[u8]) -> Delivery {
        let signed = SignedReport::decode(report).ok();
        let device = signed.as_ref().map_or("", SignedReport::claimed_device);
        let id = signed.as_ref().map(|report| hex::encode(report.claimed_id()));
        let (status, body) = match self.post("/v1/reports", "application/cose", report, TIMEOUT) {
            Ok(answer) => answer,
            Err(error) => return Delivery::Waits(error),
        };
        if matches!(status, 200 | 201) {
            return match (serde_json::from_slice::<serde_json::Value>(&body), id) {
                (Ok(receipt), Some(id)) if receipt["id"].as_str() == Some(&id) => Delivery::Accepted(receipt),
                _ => Delivery::Waits(self.not_a_verifier()),
            };
        }
        match self.trouble(status, refusal(&body), device) {
            GateError::VerifierRefuses { code, message } => Delivery::Refused { code, message },
            error => Delivery::Waits(error),
        }
    }

    /// What an answer that brings nothing means.
    fn trouble(&self, status: u16, refusal: Option<RefusalError>, device: &str) -> GateError {
        let device = || device.to_owned();
        match refusal {
            _ if !is_final(status) => GateError::VerifierBusy {
                address: self.address.clone(),
                reason: refusal.map_or_else(|| format!("status {status}"), |refusal| refusal.message),
            },
            None => self.not_a_verifier(),
            // The operator may register the device yet.
            Some(refusal) if refusal.code == "unknown-device" => {
                GateError::UnknownDevice { device: device() }
            }
            Some(refusal) if refusal.code == "device-revoked" => {
                GateError::DeviceRevoked { device: device() }
            }
            Some(RefusalError { code, message }) => GateError::VerifierRefuses { code, message },
        }
    }

    fn not_a_verifier(&self) -> GateError {
        GateError::NotAVerifier {
            address: self.address.clone(),
        }
    }

    fn post(
        &self,
        path: &str,
        content_type: &str,
        body: &[u8],
        timeout: Duration,
    ) -> Result<(u16, Vec<u8>), GateError> {
        let request = self.agent.post(format!("{}{path}", self.address));
        let request = request.content_type(content_type).config();
        let request = request.timeout_global(Some(timeout)).build();
        let answer = request.send(body).and_then(|mut response| {
            let status = response.status().as_u16();
            let body = response.body_mut().with_config().limit(MAXIMUM_ANSWER);
            Ok((status, body.read_to_vec()?))
        });
        answer.map_err(|error| unreachable(&self.address, &error, timeout))
    }
}

/// One page of a verifier as text, to be kept or shown.
pub fn fetch_page(address: &str) -> Result<String, GateError> {
    let failed = || GateError::NotAVerifier {
        address: address.to_owned(),
    };
    let agent = Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .build()
        .new_agent();
    let mut response = agent.get(address).call().map_err(|_| failed())?;
    response
        .body_mut()
        .with_config()
        .limit(MAXIMUM_ANSWER)
        .read_to_string()
        .map_err(|_| failed())
}

/// Whether another try would end the same way. 408 and 429 ask for one later.
fn is_final(status: u16) -> bool {
    (400..500).contains(&status) && status != 408 && status != 429
}

fn refusal(body: &[u8]) -> Option<RefusalError> {
    serde_json::from_slice(body)
        .ok()
        .map(|refusal: RefusalAnswer| refusal.error)
}
