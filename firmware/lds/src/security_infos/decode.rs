use chipgate_apdu::tlv::Element;
use der::asn1::ObjectIdentifier;

use super::{
    ActiveAuthenticationInfo, ChipAuthenticationInfo, ChipAuthenticationPublicKeyInfo, CvcaFile,
    PaceDomainParameterInfo, PaceInfo, SecurityInfo, TerminalAuthenticationInfo,
};
use crate::asn1::{Components, OCTET_STRING, SEQUENCE};
use crate::{LdsError, oid};

/// One SecurityInfo: its protocol says what follows.
pub(super) fn security_info(
    structure: &'static str,
    element: &Element<'_>,
) -> Result<SecurityInfo, LdsError> {
    let mut components = Components::new(structure, element.value);
    let protocol = components.object_identifier("a protocol's object identifier")?;
    let info = match protocol {
        oid::id_TA => terminal_authentication(&mut components, protocol)?,
        oid::id_icao_mrtd_security_aaProtocolObject => active_authentication(&mut components)?,
        oid::id_PK_DH | oid::id_PK_ECDH => chip_authentication_key(&mut components, protocol)?,
        protocol if is_below(protocol, &[oid::id_CA_DH, oid::id_CA_ECDH]) => {
            chip_authentication(&mut components, protocol, element)?
        }
        protocol if PACE_MAPPINGS.contains(&protocol) => pace_domain_parameters(&mut components, protocol)?,
        protocol if is_below(protocol, &PACE_MAPPINGS) => pace(&mut components, protocol)?,
        protocol => return Ok(unknown(protocol, element)),
    };
    if !takes_optional_data(&info) {
        components.finish()?;
    }
    Ok(info)
}

/// Whether optional data of a kind that is not known may follow (Doc 9303-11, 9.2: ANY DEFINED BY protocol): they change
/// nothing about what stands before them.
const fn takes_optional_data(info: &SecurityInfo) -> bool {
    matches!(
        info,
        SecurityInfo::ChipAuthentication(_)
            | SecurityInfo::TerminalAuthentication(_)
            | SecurityInfo::ActiveAuthentication(_)
    )
}

/// One of which only the protocol is looked at.
pub(super) fn unknown_info(structure: &'static str, element: &Element<'_>) -> Result<SecurityInfo, LdsError> {
    let mut components = Components::new(structure, element.value);
    let protocol = components.object_identifier("a protocol's object identifier")?;
    Ok(unknown(protocol, element))
}

/// Whether a protocol is one of PACE.
pub(super) fn is_pace(protocol: ObjectIdentifier) -> bool {
    is_below(protocol, &PACE_MAPPINGS)
}

const PACE_MAPPINGS: [ObjectIdentifier; 5] = [
    oid::id_PACE_DH_GM,
    oid::id_PACE_ECDH_GM,
    oid::id_PACE_DH_IM,
    oid::id_PACE_ECDH_IM,
    oid::id_PACE_ECDH_CAM,
];

/// Whether the identifier is one of these or lies directly below one.
fn is_below(protocol: ObjectIdentifier, ancestors: &[ObjectIdentifier]) -> bool {
    let parent = protocol.parent();
    ancestors
        .iter()
        .any(|ancestor| *ancestor == protocol || Some(*ancestor) == parent)
}

fn unknown(protocol: ObjectIdentifier, element: &Element<'_>) -> SecurityInfo {
    let raw = element.raw.to_vec();
    SecurityInfo::Unknown { protocol, raw }
}

/// `PACEInfo ::= SEQUENCE { protocol, version INTEGER, parameterId INTEGER OPTIONAL }`
fn pace(components: &mut Components<'_>, protocol: ObjectIdentifier) -> Result<SecurityInfo, LdsError> {
    Ok(SecurityInfo::Pace(PaceInfo {
        protocol,
        version: components.small_integer("the version of PACE")?,
        parameter_id: components.optional_small_integer("the parameter identifier of PACE")?,
    }))
}

/// `PACEDomainParameterInfo ::= SEQUENCE { protocol, domainParameter AlgorithmIdentifier, parameterId INTEGER OPTIONAL }`
fn pace_domain_parameters(
    components: &mut Components<'_>,
    protocol: ObjectIdentifier,
) -> Result<SecurityInfo, LdsError> {
    Ok(SecurityInfo::PaceDomainParameters(PaceDomainParameterInfo {
        protocol,
        domain_parameters_der: components.expect(SEQUENCE)?.raw.to_vec(),
        parameter_id: components.optional_small_integer("the parameter identifier of PACE")?,
    }))
}

/// `ChipAuthenticationInfo ::= SEQUENCE { protocol, version INTEGER, keyId INTEGER OPTIONAL }`
///
/// Version 2 has, under the object identifiers of the key agreements, domain parameters besides
/// (TR-03110-3, A.1.1.2); they are kept as unknown.
fn chip_authentication(
    components: &mut Components<'_>,
    protocol: ObjectIdentifier,
    element: &Element<'_>,
) -> Result<SecurityInfo, LdsError> {
    if components.optional(SEQUENCE)?.is_some() {
        components.optional_unsigned_integer("the key identifier of chip authentication")?;
        return Ok(unknown(protocol, element));
    }
    Ok(SecurityInfo::ChipAuthentication(ChipAuthenticationInfo {
        protocol,
        version: components.small_integer("the version of chip authentication")?,
        key_id: components.optional_unsigned_integer("the key identifier of chip authentication")?,
    }))
}

/// `ChipAuthenticationPublicKeyInfo ::= SEQUENCE { protocol, chipAuthenticationPublicKey SubjectPublicKeyInfo, keyId INTEGER OPTIONAL }`
fn chip_authentication_key(
    components: &mut Components<'_>,
    protocol: ObjectIdentifier,
) -> Result<SecurityInfo, LdsError> {
    Ok(SecurityInfo::ChipAuthenticationPublicKey(
        ChipAuthenticationPublicKeyInfo {
            protocol,
            public_key_der: components.expect(SEQUENCE)?.raw.to_vec(),
            key_id: components.optional_unsigned_integer("the key identifier of chip authentication")?,
        },
    ))
}

/// `TerminalAuthenticationInfo ::= SEQUENCE { protocol, version INTEGER, efCVCA FileID OPTIONAL }`,
/// `FileID ::= SEQUENCE { fid OCTET STRING (2), sfid OCTET STRING (1) OPTIONAL }`
fn terminal_authentication(
    components: &mut Components<'_>,
    protocol: ObjectIdentifier,
) -> Result<SecurityInfo, LdsError> {
    let version = components.small_integer("the version of terminal authentication")?;
    let cvca_file = match components.optional(SEQUENCE)? {
        Some(file) => Some(cvca_file(components, file.value)?),
        None => None,
    };
    Ok(SecurityInfo::TerminalAuthentication(TerminalAuthenticationInfo {
        protocol,
        version,
        cvca_file,
    }))
}

fn cvca_file(parent: &Components<'_>, value: &[u8]) -> Result<CvcaFile, LdsError> {
    let invalid = parent.invalid("the file identifier of EF.CVCA");
    let mut components = parent.within(value);
    let identifier = components.expect(OCTET_STRING)?.value;
    let short_identifier = components.optional(OCTET_STRING)?;
    components.finish()?;
    Ok(CvcaFile {
        identifier: u16::from_be_bytes(identifier.try_into().map_err(|_| invalid)?),
        short_identifier: match short_identifier.map(|element| element.value) {
            None => None,
            Some(&[short]) => Some(short),
            Some(_) => return Err(invalid),
        },
    })
}

/// `ActiveAuthenticationInfo ::= SEQUENCE { protocol, version INTEGER, signatureAlgorithm OBJECT IDENTIFIER }`
fn active_authentication(components: &mut Components<'_>) -> Result<SecurityInfo, LdsError> {
    Ok(SecurityInfo::ActiveAuthentication(ActiveAuthenticationInfo {
        version: components.small_integer("the version of active authentication")?,
        signature_algorithm: components.object_identifier("the algorithm of active authentication")?,
    }))
}
