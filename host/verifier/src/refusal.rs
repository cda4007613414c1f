//! What a device or a browser did wrong, and how HTTP says so: one enum, one mapping.

use std::borrow::Cow;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chipgate_inspection::ReportError;
use serde_json::json;
use thiserror::Error;

use crate::error::VerifierError;

/// Why a request is refused.
///
/// A device sends a report that was refused with a 4xx status never again; one that got 429 or 5xx waits and tries
/// again.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The request's body is not what it should be.
    #[error("{0}")]
    Malformed(Cow<'static, str>),
    /// The body is labelled as something else.
    #[error("a report is sent as application/cose")]
    MediaType,
    /// The body is too long.
    #[error("a report has at most {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The body did not come in time.
    #[error("the body did not arrive within {seconds} seconds")]
    TooSlow {
        /// The limit.
        seconds: u64,
    },
    /// No device has that name.
    #[error("no device of that name is registered here")]
    UnknownDevice,
    /// The device may no longer report.
    #[error("this device was revoked")]
    DeviceRevoked,
    /// The report was not signed by the device, or was altered since.
    #[error("the signature is not the device's: the report was altered, or signed with another key")]
    BadSignature,
    /// The nonce was not issued to that device.
    #[error("the nonce was not issued to this device, or so long ago that it is forgotten")]
    NonceUnknown,
    /// Another report used the nonce.
    #[error("another report used this nonce")]
    NonceUsed,
    /// Too many nonces are outstanding.
    #[error("too many unused nonces; use them, or wait until they expire")]
    TooManyNonces,
    /// Another report of the device has the sequence number.
    #[error("another report of this device has this sequence number")]
    SequenceRepeated,
    /// Another report has the identifier.
    #[error("another report has this identifier")]
    IdConflict,
    /// There is no such page or report.
    #[error("there is nothing at this address")]
    NotFound,
    /// The verifier itself is in trouble. The request may come again.
    #[error("the verifier cannot do this now; try again later")]
    Unavailable(#[from] VerifierError),
}

/// Longest signed report, in bytes.
pub(crate) const LONGEST_REPORT: usize = 64 * 1024;

impl Refusal {
    pub(crate) fn malformed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Malformed(message.into())
    }

    /// The code that a program acts on.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::MediaType => "media-type",
            Self::TooLarge { .. } => "too-large",
            Self::TooSlow { .. } => "too-slow",
            Self::UnknownDevice => "unknown-device",
            Self::DeviceRevoked => "device-revoked",
            Self::BadSignature => "bad-signature",
            Self::NonceUnknown => "nonce-unknown",
            Self::NonceUsed => "nonce-used",
            Self::TooManyNonces => "too-many-nonces",
            Self::SequenceRepeated => "sequence-repeated",
            Self::IdConflict => "id-conflict",
            Self::NotFound => "not-found",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::UnknownDevice | Self::DeviceRevoked | Self::BadSignature => StatusCode::FORBIDDEN,
            Self::NonceUnknown | Self::NonceUsed | Self::SequenceRepeated | Self::IdConflict => {
                StatusCode::CONFLICT
            }
            Self::TooManyNonces => StatusCode::TOO_MANY_REQUESTS,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<ReportError> for Refusal {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::TooLarge { .. } => Self::TooLarge {
                limit: LONGEST_REPORT,
            },
            ReportError::BadSignature | ReportError::OtherKey | ReportError::UnsuitableKey => {
                Self::BadSignature
            }
            error => Self::malformed(error.to_string()),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if let Self::Unavailable(error) = &self {
            // The operator reads the cause; who asked need not know it.
            eprintln!("chipgate verifier: {error}");
        }
        let body = json!({"error": {"code": self.code(), "message": self.to_string()}});
        (self.status(), Json(body)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::receipt::Flag;

    fn all() -> [Refusal; 14] {
        [
            Refusal::malformed("x"),
            Refusal::MediaType,
            Refusal::TooLarge { limit: 1 },
            Refusal::TooSlow { seconds: 1 },
            Refusal::UnknownDevice,
            Refusal::DeviceRevoked,
            Refusal::BadSignature,
            Refusal::NonceUnknown,
            Refusal::NonceUsed,
            Refusal::TooManyNonces,
            Refusal::SequenceRepeated,
            Refusal::IdConflict,
            Refusal::NotFound,
            Refusal::Unavailable(VerifierError::Randomness),
        ]
    }

    fn file(name: &str) -> String {
        fs::read_to_string(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../../docs")
                .join(name),
        )
        .unwrap()
    }

    #[test]
    fn the_schema_lists_every_code_and_flag() {
        let schema: serde_json::Value = serde_json::from_str(&file("schemas/receipt.schema.json")).unwrap();
        let listed = |value: &serde_json::Value| {
            let names = value
                .as_array()
                .unwrap()
                .iter()
                .map(|name| name.as_str().unwrap().to_owned());
            let mut names: Vec<_> = names.collect();
            names.sort_unstable();
            names
        };
        let mut codes = all().map(|refusal| refusal.code().to_owned()).to_vec();
        codes.sort_unstable();
        assert_eq!(
            listed(&schema["$defs"]["refusal"]["properties"]["error"]["properties"]["code"]["enum"]),
            codes
        );
        let mut flags = Flag::ALL.map(|flag| flag.name().to_owned()).to_vec();
        flags.sort_unstable();
        assert_eq!(listed(&schema["$defs"]["flag"]["enum"]), flags);
    }

    #[test]
    fn the_documentation_explains_every_code_and_flag() {
        let text = file("verifier.md");
        let pages = [Refusal::NotFound.code()];
        for code in all()
            .iter()
            .map(Refusal::code)
            .filter(|code| !pages.contains(code))
        {
            assert!(text.contains(&format!("`{code}`")), "{code}");
        }
        for flag in Flag::ALL {
            assert!(text.contains(&format!("`{}`", flag.name())), "{}", flag.name());
        }
    }

    #[test]
    fn tells_a_device_nothing_of_the_verifiers_own_trouble() {
        let error = VerifierError::File {
            path: "/var/lib/secret".into(),
            action: "read",
            source: std::io::ErrorKind::PermissionDenied.into(),
        };
        assert!(!Refusal::from(error).to_string().contains("secret"));
    }
}
