use std::{io::ErrorKind, net::IpAddr, path::Path, time::Duration};

use chipgate_inspection::SignedReport;
use serde::Deserialize;
use ureq::{
    Agent,
    http::Uri,
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};

use crate::{GateError, LONGEST_INPUT, read_at_most};

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

/// Why nothing came back, in words that tell an outage from a wrong address.
fn unreachable(address: &str, error: &ureq::Error, timeout: Duration) -> GateError {
    let address = address.to_owned();
    let reason = error.to_string();
    match error {
        ureq::Error::Timeout(_) => GateError::VerifierTimedOut {
            address,
            seconds: timeout.as_secs(),
        },
        ureq::Error::HostNotFound => GateError::UnknownHost { address },
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => GateError::TlsFailed { address, reason },
        ureq::Error::Io(error) => match error.kind() {
            // rustls wraps its own errors so.
            ErrorKind::InvalidData => GateError::TlsFailed { address, reason },
            ErrorKind::TimedOut => GateError::VerifierTimedOut {
                address,
                seconds: timeout.as_secs(),
            },
            _ if is_unknown_name(&error.to_string()) => GateError::UnknownHost { address },
            kind => GateError::VerifierUnreachable {
                address,
                reason: in_words(kind).map_or_else(|| error.to_string(), str::to_owned),
            },
        },
        ureq::Error::Protocol(_) => GateError::NotAVerifier { address },
        _ => GateError::VerifierUnreachable { address, reason },
    }
}

/// Whether these are the words for a name that was not found: the standard library has no kind of its own for that, and
/// begins its message so.
fn is_unknown_name(error: &str) -> bool {
    error.starts_with("failed to lookup address information")
}

/// Why no connection came about, and what to look at.
const fn in_words(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::ConnectionRefused => Some(
            "the machine is there, but nothing listens at that port: does the verifier run, and is the port right?",
        ),
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::NetworkDown => {
            Some("no way leads to that machine: look at this machine's network")
        }
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::UnexpectedEof => {
            Some("the connection broke off before an answer came")
        }
        _ => None,
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

/// Whoever is on the way must neither read reports nor choose the challenge: they go over TLS, or stay on this machine.
fn check_protection(address: &str) -> Result<(), GateError> {
    let named = || address.to_owned();
    let uri: Option<Uri> = address.parse().ok();
    let uri = uri.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some());
    let Some(uri) = uri else {
        return Err(GateError::NoAddress { address: named() });
    };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let on_this_machine = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|host| host.is_loopback());
    if uri.scheme_str() == Some("https") || on_this_machine {
        Ok(())
    } else {
        Err(GateError::PlainHttp { address: named() })
    }
}

fn refusal(body: &[u8]) -> Option<RefusalError> {
    serde_json::from_slice(body)
        .ok()
        .map(|refusal: RefusalAnswer| refusal.error)
}

fn read_authorities(file: &Path) -> Result<Vec<Certificate<'static>>, GateError> {
    let unreadable = || GateError::UnreadableAuthorities {
        file: file.to_owned(),
    };
    let pem = read_at_most(file, LONGEST_INPUT).map_err(|_| unreadable())?;
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
    use super::{VerifierClient, check_protection, is_final};
    use crate::{Delivery, GateError};
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };

    #[test]
    fn reports_go_over_tls_or_stay_on_this_machine() {
        for protected in [
            "https://verifier.example",
            "http://127.0.0.1:8460",
            "http://localhost:1",
            "http://[::1]:8460",
        ] {
            assert!(check_protection(protected).is_ok(), "{protected}");
        }
        for open in [
            "http://verifier.example",
            "http://127.0.0.1.example",
            "http://10.0.0.1",
        ] {
            let error = check_protection(open);
            assert!(matches!(error, Err(GateError::PlainHttp { .. })), "{open}");
        }
    }

    #[test]
    fn an_address_without_its_scheme_is_called_that() {
        for incomplete in [
            "127.0.0.1:8460",
            "verifier",
            "verifier.example:8460",
            "ftp://localhost",
            "",
        ] {
            let error = check_protection(incomplete).unwrap_err();
            assert!(
                matches!(error, GateError::NoAddress { .. }),
                "{incomplete}: {error}"
            );
            assert!(error.to_string().contains("https://"), "{error}");
        }
    }

    #[test]
    fn a_verifier_that_is_busy_refuses_nothing_for_good() {
        assert!(is_final(403) && is_final(422));
        assert!(!is_final(429) && !is_final(408) && !is_final(500) && !is_final(200));
    }

    /// What listens on this machine and answers each request with `answer`.
    fn answering(answer: &'static str) -> VerifierClient {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let _ = connection.read(&mut [0; 4096]);
                let _ = connection.write_all(answer.as_bytes());
            }
        });
        VerifierClient::new(&address, None).unwrap()
    }

    #[test]
    fn too_many_nonces_and_a_busy_verifier_are_no_refusal() {
        let answer = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 52\r\nConnection: close\r\n\r\n\
                      {\"error\":{\"code\":\"too-many-nonces\",\"message\":\"wait\"}}";
        let busy = answering(answer).nonce("gate").unwrap_err();
        assert!(matches!(busy, GateError::VerifierBusy { .. }), "{busy}");
        assert!(busy.is_outage());
        let down = answering("HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        assert!(down.nonce("gate").unwrap_err().is_outage());
    }

    #[test]
    fn a_name_that_leads_nowhere_a_port_that_is_shut_and_silence_are_told_apart() {
        let asked = |address: &str| {
            VerifierClient::new(address, None)
                .unwrap()
                .nonce("gate")
                .unwrap_err()
        };
        // A name that never exists (RFC 6761, 6.4).
        let unknown = asked("https://verifier.invalid");
        assert!(matches!(unknown, GateError::UnknownHost { .. }), "{unknown}");
        assert!(!unknown.is_outage(), "no waiting mends a wrong name");

        let shut = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let refused = asked(&format!("http://{shut}"));
        assert!(matches!(refused, GateError::VerifierUnreachable { .. }) && refused.is_outage());
        assert!(refused.to_string().contains("nothing listens"), "{refused}");
        assert!(!refused.to_string().contains("os error"), "{refused}");

        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let late = asked(&format!("http://{}", silent.local_addr().unwrap()));
        assert!(
            matches!(late, GateError::VerifierTimedOut { .. }) && late.is_outage(),
            "{late}"
        );
    }

    #[test]
    fn a_wrong_address_is_no_outage() {
        let foreign = answering("HTTP/1.1 404 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
        let error = foreign.nonce("gate").unwrap_err();
        assert!(matches!(error, GateError::NotAVerifier { .. }), "{error}");
        assert!(!error.is_outage());
        match foreign.send(b"report") {
            Delivery::Waits(error) => assert!(!error.is_outage(), "{error}"),
            other => panic!("{other:?}"),
        }
        let plain = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        let address = plain.address.replace("http://", "https://");
        let error = VerifierClient::new(&address, None)
            .unwrap()
            .nonce("gate")
            .unwrap_err();
        assert!(matches!(error, GateError::TlsFailed { .. }), "{error}");
        let nowhere = VerifierClient::new("https://verifier.invalid", None).unwrap();
        let error = nowhere.nonce("gate").unwrap_err();
        assert!(!matches!(error, GateError::VerifierTimedOut { .. }), "{error}");
    }

    #[test]
    fn a_verifier_that_hangs_is_given_up_soon() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let error = VerifierClient::new(&address, None)
            .unwrap()
            .nonce("gate")
            .unwrap_err();
        assert!(matches!(error, GateError::VerifierTimedOut { .. }), "{error}");
        assert!(error.is_outage());
    }
}
