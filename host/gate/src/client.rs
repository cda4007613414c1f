use std::{net::IpAddr, path::Path, time::Duration};

use chipgate_inspection::SignedReport;
use serde::Deserialize;
use ureq::{
    Agent,
    http::Uri,
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};

use crate::GateError;

/// How long one request to the verifier may take; a traveller waits for the first.
const TIMEOUT: Duration = Duration::from_secs(10);
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
#[derive(Debug, Clone, PartialEq)]
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
    /// It is away or overloaded; the report waits.
    Away {
        /// What was seen of it.
        reason: String,
    },
}

#[derive(Deserialize)]
struct NonceAnswer {
    nonce: String,
}

#[derive(Deserialize)]
struct Refusal {
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
        if !is_protected(address) {
            return Err(GateError::PlainHttp {
                address: address.to_owned(),
            });
        }
        let mut tls = TlsConfig::builder();
        if let Some(file) = authorities {
            tls = tls.root_certs(RootCerts::from(read_authorities(file)?));
        }
        let agent = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
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

    /// Asks for a single-use random number; `None` if the verifier is away.
    pub fn nonce(&self, device: &str) -> Result<Option<Nonce>, GateError> {
        let request = serde_json::json!({ "device": device }).to_string();
        let Ok((status, body)) = self.post("/v1/nonces", "application/json", request.as_bytes()) else {
            return Ok(None);
        };
        if status != 200 {
            return match refusal(&body) {
                Some(error) if (400..500).contains(&status) => Err(GateError::VerifierRefuses {
                    code: error.code,
                    message: error.message,
                }),
                _ => Ok(None),
            };
        }
        let answer: Option<NonceAnswer> = serde_json::from_slice(&body).ok();
        let nonce = answer.and_then(|answer| hex::decode(answer.nonce).ok()?.try_into().ok());
        nonce
            .map(|nonce| Some(Nonce(nonce)))
            .ok_or_else(|| GateError::NotAVerifier {
                address: self.address.clone(),
            })
    }

    /// The verifier's present beacon, for inspections while it is away; `None` if it is away already.
    pub fn beacon(&self) -> Option<Vec<u8>> {
        let mut response = self
            .agent
            .get(format!("{}/v1/beacon", self.address))
            .call()
            .ok()?;
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
        let id = SignedReport::decode(report).map(|report| hex::encode(report.claimed_id()));
        let (status, body) = match self.post("/v1/reports", "application/cose", report) {
            Ok(answer) => answer,
            Err(error) => {
                return Delivery::Away {
                    reason: error.to_string(),
                };
            }
        };
        match status {
            200 | 201 => match (serde_json::from_slice::<serde_json::Value>(&body), id) {
                (Ok(receipt), Ok(id)) if receipt["id"].as_str() == Some(&id) => Delivery::Accepted(receipt),
                _ => Delivery::Away {
                    reason: "its answer is no receipt for this report".to_owned(),
                },
            },
            _ if is_final(status) => match refusal(&body) {
                // The operator may register the device yet.
                Some(error) if matches!(error.code.as_str(), "unknown-device" | "device-revoked") => {
                    Delivery::Away {
                        reason: error.message,
                    }
                }
                Some(error) => Delivery::Refused {
                    code: error.code,
                    message: error.message,
                },
                None => Delivery::Away {
                    reason: format!("status {status}, but not in a verifier's words"),
                },
            },
            _ => Delivery::Away {
                reason: format!("status {status}"),
            },
        }
    }

    fn post(&self, path: &str, content_type: &str, body: &[u8]) -> Result<(u16, Vec<u8>), ureq::Error> {
        let address = format!("{}{path}", self.address);
        let mut response = self.agent.post(address).content_type(content_type).send(body)?;
        let answer = response
            .body_mut()
            .with_config()
            .limit(MAXIMUM_ANSWER)
            .read_to_vec()?;
        Ok((response.status().as_u16(), answer))
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

/// Whether whoever is on the way can neither read reports nor choose the challenge: over TLS, or on this machine.
fn is_protected(address: &str) -> bool {
    let Ok(uri) = address.parse::<Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let on_this_machine = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|host| host.is_loopback());
    uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && on_this_machine)
}

fn refusal(body: &[u8]) -> Option<RefusalError> {
    serde_json::from_slice(body)
        .ok()
        .map(|refusal: Refusal| refusal.error)
}

fn read_authorities(file: &Path) -> Result<Vec<Certificate<'static>>, GateError> {
    let unreadable = || GateError::UnreadableAuthorities {
        file: file.to_owned(),
    };
    let pem = std::fs::read(file).map_err(|_| unreadable())?;
    let certificates: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        Err(unreadable())
    } else {
        Ok(certificates)
    }
}

#[cfg(test)]
mod tests {
    use super::{is_final, is_protected};

    #[test]
    fn reports_go_over_tls_or_stay_on_this_machine() {
        for protected in [
            "https://verifier.example",
            "http://127.0.0.1:8460",
            "http://localhost:1",
            "http://[::1]:8460",
        ] {
            assert!(is_protected(protected), "{protected}");
        }
        for open in [
            "http://verifier.example",
            "http://127.0.0.1.example",
            "http://10.0.0.1",
            "ftp://localhost",
            "verifier",
        ] {
            assert!(!is_protected(open), "{open}");
        }
    }

    #[test]
    fn a_verifier_that_is_busy_refuses_nothing_for_good() {
        assert!(is_final(403) && is_final(422));
        assert!(!is_final(429) && !is_final(408) && !is_final(500) && !is_final(200));
    }
}
