//! What is known to be wrong with documents: the kinds of TR-03129-2, 7.3, and of Doc 9303-12, 7.3.5.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Tag, Tagged};

use crate::elements::elements;
use crate::oid;

/// What is known to be wrong with the documents of a signer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KnownDefect {
    /// The signer's certificate is revoked; the status code of TR-03129-2, 7.3.1.1.
    CertificateRevoked(u8),
    /// The signer's certificate is malformed, and another one takes its place.
    CertificateReplaced,
    /// The keys of chip authentication may be known to others.
    ChipAuthenticationKeyRevoked,
    /// The keys of active authentication may be known to others.
    ActiveAuthenticationKeyRevoked,
    /// Protocols fail on genuine chips; the status code of TR-03129-2, 7.3.1.5.
    AuthenticationProtocolFailure(u8),
    /// The validity of the authority's (0), the signer's (1) or both certificates (2) is wrong.
    ValidityPeriodIncorrect(u8),
    /// These data groups are wrongly encoded.
    DataGroupsMalformed(Vec<u8>),
    /// The hashes of these data groups are wrong.
    DataGroupHashesWrong(Vec<u8>),
    /// The security object is wrong; the status code of TR-03129-2, 7.3.2.2.
    SecurityObjectInvalid(u8),
    /// EF.COM and the security object list different data groups.
    ComSodDiscrepancy,
    /// The security object names its signer wrongly.
    WrongSignerIdentifier,
    /// The signer's certificate names the wrong country; this one is right.
    IssuingCountry(String),
    /// EF.CardSecurity or EF.ChipSecurity is wrong.
    CardSecurityMalformed,
    /// The chip has to be switched off between authentications.
    PowerDownRequired,
    /// The signer's certificate is malformed.
    CertificateMalformed,
    /// Another defect, by its object identifier.
    Other(ObjectIdentifier),
}

impl KnownDefect {
    /// The defect's stable name, as outcomes and JSON carry it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CertificateRevoked(_) => "certificate-revoked",
            Self::CertificateReplaced => "certificate-replaced",
            Self::ChipAuthenticationKeyRevoked => "chip-authentication-key-revoked",
            Self::ActiveAuthenticationKeyRevoked => "active-authentication-key-revoked",
            Self::AuthenticationProtocolFailure(_) => "authentication-protocol-failure",
            Self::ValidityPeriodIncorrect(_) => "validity-period-incorrect",
            Self::DataGroupsMalformed(_) => "data-groups-malformed",
            Self::DataGroupHashesWrong(_) => "data-group-hashes-wrong",
            Self::SecurityObjectInvalid(_) => "security-object-invalid",
            Self::ComSodDiscrepancy => "com-sod-discrepancy",
            Self::WrongSignerIdentifier => "wrong-signer-identifier",
            Self::IssuingCountry(_) => "issuing-country",
            Self::CardSecurityMalformed => "card-security-malformed",
            Self::PowerDownRequired => "power-down-required",
            Self::CertificateMalformed => "certificate-malformed",
            Self::Other(_) => "other",
        }
    }
}

impl fmt::Display for KnownDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::CertificateRevoked(code)
            | Self::AuthenticationProtocolFailure(code)
            | Self::ValidityPeriodIncorrect(code)
            | Self::SecurityObjectInvalid(code) => write!(f, " ({code})"),
            Self::DataGroupsMalformed(groups) | Self::DataGroupHashesWrong(groups) => {
                groups.iter().try_for_each(|group| write!(f, " DG{group}"))
            }
            Self::IssuingCountry(country) => write!(f, " ({country})"),
            Self::Other(oid) => write!(f, " ({oid})"),
            _ => Ok(()),
        }
    }
}

/// TR-03129-2, 7.3.
pub(super) fn of_defect_list(kind: ObjectIdentifier, parameters: Option<AnyRef<'_>>) -> KnownDefect {
    let code = parameters
        .and_then(|any| any.value().first().copied())
        .unwrap_or_default();
    let arcs: Vec<u32> = kind.arcs().skip(oid::ID_DEFECT_LIST.arcs().count()).collect();
    let is_of_list = oid::ID_DEFECT_LIST
        .arcs()
        .eq(kind.arcs().take(oid::ID_DEFECT_LIST.arcs().count()));
    match (is_of_list, arcs.as_slice()) {
        (true, [1, 1]) => KnownDefect::CertificateRevoked(code),
        (true, [1, 2]) => KnownDefect::CertificateReplaced,
        (true, [1, 3]) => KnownDefect::ChipAuthenticationKeyRevoked,
        (true, [1, 4]) => KnownDefect::ActiveAuthenticationKeyRevoked,
        (true, [1, 5]) => KnownDefect::AuthenticationProtocolFailure(code),
        (true, [1, 6]) => KnownDefect::ValidityPeriodIncorrect(code),
        (true, [2, 1]) => KnownDefect::DataGroupsMalformed(numbers(parameters)),
        (true, [2, 2]) => KnownDefect::SecurityObjectInvalid(code),
        (true, [2, 3]) => KnownDefect::ComSodDiscrepancy,
        (true, [2, 4]) => KnownDefect::WrongSignerIdentifier,
        (true, [2, 5]) => KnownDefect::IssuingCountry(text(parameters)),
        (true, [4, 1 | 2]) => KnownDefect::CardSecurityMalformed,
        (true, [4, 3]) => KnownDefect::PowerDownRequired,
        (true, [4, 4]) => KnownDefect::CertificateMalformed,
        _ => KnownDefect::Other(kind),
    }
}

/// A SET OF INTEGER, or one INTEGER.
fn numbers(parameters: Option<AnyRef<'_>>) -> Vec<u8> {
    match parameters {
        Some(any) if any.tag() == Tag::Set => elements(any.value())
            .unwrap_or_default()
            .iter()
            .filter_map(|der| u8::from_der(der).ok())
            .collect(),
        Some(any) => any.value().last().copied().into_iter().collect(),
        None => Vec::new(),
    }
}

fn text(parameters: Option<AnyRef<'_>>) -> String {
    let octets = parameters.map(AnyRef::value).unwrap_or_default();
    core::str::from_utf8(octets)
        .unwrap_or_default()
        .trim()
        .to_string()
}

/// Doc 9303-12, 7.3.5.
pub(super) fn of_deviation_list(kind: ObjectIdentifier, parameters: Option<AnyRef<'_>>) -> KnownDefect {
    let base = oid::ID_ICAO_DEVIATION_LIST;
    let arcs: Vec<u32> = kind.arcs().skip(base.arcs().count()).collect();
    let is_of_list = base.arcs().eq(kind.arcs().take(base.arcs().count()));
    match (is_of_list, arcs.as_slice()) {
        (true, [1, 1 | 2]) => KnownDefect::CertificateMalformed,
        (true, [1, 4]) => KnownDefect::ActiveAuthenticationKeyRevoked,
        (true, [2, 1]) => KnownDefect::DataGroupsMalformed(numbers(parameters)),
        (true, [2, 2]) => KnownDefect::DataGroupHashesWrong(numbers(parameters)),
        (true, [2, 3]) => KnownDefect::SecurityObjectInvalid(1),
        (true, [2, 4]) => KnownDefect::ComSodDiscrepancy,
        _ => KnownDefect::Other(kind),
    }
}
