//! Why no answer came, in words that a person can act on.

use std::{io::ErrorKind, time::Duration};

use crate::GateError;

/// Why nothing came back, in words that tell an outage from a wrong address.
pub(super) fn unreachable(address: &str, error: &ureq::Error, timeout: Duration) -> GateError {
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
