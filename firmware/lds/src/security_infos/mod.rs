//! SecurityInfos: which protocols a chip speaks and with which keys (Doc 9303-11, 9.2; TR-03110-3, A.1).

mod decode;
mod encode;
mod parameters;

use alloc::vec::Vec;

use chipgate_apdu::tlv::Tag;
use der::asn1::ObjectIdentifier;

use crate::asn1::{Components, SET, single};
use crate::{LdsError, oid};

pub use encode::encode_set;
pub use parameters::{PaceParameters, standardised_parameters};

/// PACE with this protocol (Doc 9303-11, 9.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaceInfo {
    /// `id-PACE-…`: key agreement, mapping and cipher.
    pub protocol: ObjectIdentifier,
    /// 2 in all documents of Doc 9303.
    pub version: u8,
    /// The standardised domain parameters, or which of several proprietary ones (TR-03110-3, table 4).
    pub parameter_id: Option<u8>,
}

/// Proprietary domain parameters of PACE (Doc 9303-11, 9.2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaceDomainParameterInfo {
    /// `id-PACE-DH-GM`, `id-PACE-ECDH-GM` …
    pub protocol: ObjectIdentifier,
    /// The AlgorithmIdentifier, DER as it stood.
    pub domain_parameters_der: Vec<u8>,
    /// Which [`PaceInfo`] it belongs to.
    pub parameter_id: Option<u8>,
}

/// Chip authentication with this protocol (Doc 9303-11, 9.2.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChipAuthenticationInfo {
    /// `id-CA-…`: key agreement and cipher.
    pub protocol: ObjectIdentifier,
    /// 1 for the protocol of Doc 9303.
    pub version: u8,
    /// Which key it takes, big-endian without leading zeros; only if there are several.
    pub key_id: Option<Vec<u8>>,
}

/// A public key of chip authentication (Doc 9303-11, 9.2.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChipAuthenticationPublicKeyInfo {
    /// `id-PK-DH` or `id-PK-ECDH`.
    pub protocol: ObjectIdentifier,
    /// The SubjectPublicKeyInfo, DER as it stood.
    pub public_key_der: Vec<u8>,
    /// Which key it is, big-endian without leading zeros.
    pub key_id: Option<Vec<u8>>,
}

/// A file with the names of the CVCAs, by its identifiers (TR-03110-3, A.1.1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CvcaFile {
    /// Its file identifier.
    pub identifier: u16,
    /// Its short file identifier.
    pub short_identifier: Option<u8>,
}

/// Terminal authentication (TR-03110-3, A.1.1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalAuthenticationInfo {
    /// `id-TA`.
    pub protocol: ObjectIdentifier,
    /// 1 for passports.
    pub version: u8,
    /// EF.CVCA if it is not the file 011C.
    pub cvca_file: Option<CvcaFile>,
}

/// With which algorithm a chip with an ECDSA key signs in active authentication (Doc 9303-11, 9.2.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveAuthenticationInfo {
    /// 1.
    pub version: u8,
    /// As a rule `ecdsa-plain-…` of TR-03111.
    pub signature_algorithm: ObjectIdentifier,
}

/// One SecurityInfo.
///
/// ```text
/// SecurityInfo ::= SEQUENCE { protocol OBJECT IDENTIFIER, requiredData ANY DEFINED BY protocol, optionalData ANY … OPTIONAL }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecurityInfo {
    /// PACE.
    Pace(PaceInfo),
    /// Proprietary domain parameters of PACE.
    PaceDomainParameters(PaceDomainParameterInfo),
    /// Chip authentication.
    ChipAuthentication(ChipAuthenticationInfo),
    /// A key of chip authentication.
    ChipAuthenticationPublicKey(ChipAuthenticationPublicKeyInfo),
    /// Terminal authentication.
    TerminalAuthentication(TerminalAuthenticationInfo),
    /// The signature algorithm of active authentication.
    ActiveAuthentication(ActiveAuthenticationInfo),
    /// A protocol that is not known here, or a known one in a form that is not.
    Unknown {
        /// Its object identifier.
        protocol: ObjectIdentifier,
        /// The whole SecurityInfo as it stood.
        raw: Vec<u8>,
    },
}

impl SecurityInfo {
    /// Whether it is about PACE, even in a form that is not known.
    pub fn is_about_pace(&self) -> bool {
        decode::is_pace(self.protocol())
    }

    /// The object identifier that it starts with.
    pub const fn protocol(&self) -> ObjectIdentifier {
        match self {
            Self::Pace(info) => info.protocol,
            Self::PaceDomainParameters(info) => info.protocol,
            Self::ChipAuthentication(info) => info.protocol,
            Self::ChipAuthenticationPublicKey(info) => info.protocol,
            Self::TerminalAuthentication(info) => info.protocol,
            Self::ActiveAuthentication(_) => oid::id_icao_mrtd_security_aaProtocolObject,
            Self::Unknown { protocol, .. } => *protocol,
        }
    }
}

/// A SET of SecurityInfo, in the order in which they stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityInfos {
    raw: Vec<u8>,
    infos: Vec<SecurityInfo>,
}

impl SecurityInfos {
    /// Reads the SET that is the whole content of EF.CardAccess or of DG14. `structure` names it in errors. One of a known
    /// protocol that does not parse is unknown, unless nothing else is left.
    pub(crate) fn parse_in(structure: &'static str, set: &[u8]) -> Result<Self, LdsError> {
        let mut components = Components::new(structure, single(structure, set, SET)?);
        let (mut infos, mut usable, mut first_fault) = (Vec::new(), false, None);
        while let Some(element) = components.next()? {
            if element.tag != crate::asn1::SEQUENCE {
                return Err(components.invalid("a SecurityInfo"));
            }
            // An odd one spoils nothing that stands beside it: others may be all that the chip needs.
            let info = decode::security_info(structure, &element).or_else(|fault| {
                first_fault.get_or_insert(fault);
                decode::unknown_info(structure, &element)
            })?;
            usable |= !matches!(info, SecurityInfo::Unknown { .. });
            infos.push(info);
        }
        if let Some(fault) = first_fault.filter(|_| !usable) {
            return Err(fault);
        }
        let raw = set.to_vec();
        Ok(Self { raw, infos })
    }

    /// Reads a SET of SecurityInfo: the content of EF.CardAccess, or what EF.CardSecurity signs.
    pub fn parse(set: &[u8]) -> Result<Self, LdsError> {
        Self::parse_in("SecurityInfos", set)
    }

    /// The SET as it stood.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// All of them, the unknown ones too.
    pub fn all(&self) -> &[SecurityInfo] {
        &self.infos
    }

    /// Whether this holds every SecurityInfo of `other`, as DG14 must of EF.CardAccess (Doc 9303-11, 9.2).
    pub fn contains(&self, other: &Self) -> bool {
        other.infos.iter().all(|info| self.infos.contains(info))
    }

    /// The PACE protocols on offer.
    pub fn pace(&self) -> Vec<PaceInfo> {
        self.select(|info| match info {
            SecurityInfo::Pace(info) => Some(info),
            _ => None,
        })
    }

    /// Proprietary domain parameters of PACE.
    pub fn pace_domain_parameters(&self) -> Vec<PaceDomainParameterInfo> {
        self.select(|info| match info {
            SecurityInfo::PaceDomainParameters(info) => Some(info),
            _ => None,
        })
    }

    /// The protocols of chip authentication. Old chips name none and have a key all the same: then it is version 1 with 3DES
    /// (TR-03110-3, A.1.1).
    pub fn chip_authentication(&self) -> Vec<ChipAuthenticationInfo> {
        self.select(|info| match info {
            SecurityInfo::ChipAuthentication(info) => Some(info),
            _ => None,
        })
    }

    /// The keys of chip authentication.
    pub fn chip_authentication_keys(&self) -> Vec<ChipAuthenticationPublicKeyInfo> {
        self.select(|info| match info {
            SecurityInfo::ChipAuthenticationPublicKey(info) => Some(info),
            _ => None,
        })
    }

    /// The versions of terminal authentication.
    pub fn terminal_authentication(&self) -> Vec<TerminalAuthenticationInfo> {
        self.select(|info| match info {
            SecurityInfo::TerminalAuthentication(info) => Some(info),
            _ => None,
        })
    }

    /// The signature algorithm of active authentication.
    pub fn active_authentication(&self) -> Option<ActiveAuthenticationInfo> {
        self.infos.iter().find_map(|info| match info {
            SecurityInfo::ActiveAuthentication(info) => Some(info.clone()),
            _ => None,
        })
    }

    fn select<T: Clone>(&self, of: impl Fn(&SecurityInfo) -> Option<&T>) -> Vec<T> {
        self.infos.iter().filter_map(of).cloned().collect()
    }
}

const DG14: Tag = Tag(0x6E);

/// Reads DG14: `6E { SET OF SecurityInfo }` (Doc 9303-10, 4.7.14).
pub fn parse_dg14(file: &[u8]) -> Result<SecurityInfos, LdsError> {
    SecurityInfos::parse_in("DG14", single("DG14", file, DG14)?)
}

/// Writes DG14.
pub fn encode_dg14(infos: &[SecurityInfo]) -> Vec<u8> {
    chipgate_apdu::tlv::encode(DG14, &encode_set(infos))
}

/// Reads EF.CardAccess (Doc 9303-10, 3.11.3). Nobody signs it: compare it with DG14 once that is verified.
pub fn parse_card_access(file: &[u8]) -> Result<SecurityInfos, LdsError> {
    SecurityInfos::parse_in("EF.CardAccess", file)
}

/// Writes EF.CardAccess.
pub fn encode_card_access(infos: &[SecurityInfo]) -> Vec<u8> {
    encode_set(infos)
}

#[cfg(test)]
mod tests;
