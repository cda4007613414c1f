//! Object identifiers under their standards' names (TR-03110-3, A.1 and A.3; Doc 9303-11, 9.2).
#![allow(
    non_upper_case_globals,
    reason = "the names are the standards', so that they can be searched for there"
)]

use der::asn1::ObjectIdentifier;

/// Defines the constants and the table of their names.
macro_rules! object_identifiers {
    ($($name:ident = $oid:literal, $doc:literal;)+) => {
        $(#[doc = $doc] pub const $name: ObjectIdentifier = ObjectIdentifier::new_unwrap($oid);)+

        const NAMES: &[(ObjectIdentifier, &str)] = &[$(($name, stringify!($name))),+];
    };
}

object_identifiers! {
    id_PACE_DH_GM = "0.4.0.127.0.7.2.2.4.1", "PACE over a multiplicative group, generic mapping.";
    id_PACE_DH_GM_3DES_CBC_CBC = "0.4.0.127.0.7.2.2.4.1.1", "PACE, DH, generic mapping, 3DES.";
    id_PACE_DH_GM_AES_CBC_CMAC_128 = "0.4.0.127.0.7.2.2.4.1.2", "PACE, DH, generic mapping, AES-128.";
    id_PACE_DH_GM_AES_CBC_CMAC_192 = "0.4.0.127.0.7.2.2.4.1.3", "PACE, DH, generic mapping, AES-192.";
    id_PACE_DH_GM_AES_CBC_CMAC_256 = "0.4.0.127.0.7.2.2.4.1.4", "PACE, DH, generic mapping, AES-256.";
    id_PACE_ECDH_GM = "0.4.0.127.0.7.2.2.4.2", "PACE over elliptic curves, generic mapping.";
    id_PACE_ECDH_GM_3DES_CBC_CBC = "0.4.0.127.0.7.2.2.4.2.1", "PACE, ECDH, generic mapping, 3DES.";
    id_PACE_ECDH_GM_AES_CBC_CMAC_128 = "0.4.0.127.0.7.2.2.4.2.2", "PACE, ECDH, generic mapping, AES-128.";
    id_PACE_ECDH_GM_AES_CBC_CMAC_192 = "0.4.0.127.0.7.2.2.4.2.3", "PACE, ECDH, generic mapping, AES-192.";
    id_PACE_ECDH_GM_AES_CBC_CMAC_256 = "0.4.0.127.0.7.2.2.4.2.4", "PACE, ECDH, generic mapping, AES-256.";
    id_PACE_DH_IM = "0.4.0.127.0.7.2.2.4.3", "PACE over a multiplicative group, integrated mapping.";
    id_PACE_DH_IM_3DES_CBC_CBC = "0.4.0.127.0.7.2.2.4.3.1", "PACE, DH, integrated mapping, 3DES.";
    id_PACE_DH_IM_AES_CBC_CMAC_128 = "0.4.0.127.0.7.2.2.4.3.2", "PACE, DH, integrated mapping, AES-128.";
    id_PACE_DH_IM_AES_CBC_CMAC_192 = "0.4.0.127.0.7.2.2.4.3.3", "PACE, DH, integrated mapping, AES-192.";
    id_PACE_DH_IM_AES_CBC_CMAC_256 = "0.4.0.127.0.7.2.2.4.3.4", "PACE, DH, integrated mapping, AES-256.";
    id_PACE_ECDH_IM = "0.4.0.127.0.7.2.2.4.4", "PACE over elliptic curves, integrated mapping.";
    id_PACE_ECDH_IM_3DES_CBC_CBC = "0.4.0.127.0.7.2.2.4.4.1", "PACE, ECDH, integrated mapping, 3DES.";
    id_PACE_ECDH_IM_AES_CBC_CMAC_128 = "0.4.0.127.0.7.2.2.4.4.2", "PACE, ECDH, integrated mapping, AES-128.";
    id_PACE_ECDH_IM_AES_CBC_CMAC_192 = "0.4.0.127.0.7.2.2.4.4.3", "PACE, ECDH, integrated mapping, AES-192.";
    id_PACE_ECDH_IM_AES_CBC_CMAC_256 = "0.4.0.127.0.7.2.2.4.4.4", "PACE, ECDH, integrated mapping, AES-256.";
    id_PACE_ECDH_CAM = "0.4.0.127.0.7.2.2.4.6", "PACE over elliptic curves, chip authentication mapping.";
    id_PACE_ECDH_CAM_AES_CBC_CMAC_128 = "0.4.0.127.0.7.2.2.4.6.2", "PACE, ECDH, chip authentication mapping, AES-128.";
    id_PACE_ECDH_CAM_AES_CBC_CMAC_192 = "0.4.0.127.0.7.2.2.4.6.3", "PACE, ECDH, chip authentication mapping, AES-192.";
    id_PACE_ECDH_CAM_AES_CBC_CMAC_256 = "0.4.0.127.0.7.2.2.4.6.4", "PACE, ECDH, chip authentication mapping, AES-256.";
    id_PK_DH = "0.4.0.127.0.7.2.2.1.1", "A key of chip authentication over a multiplicative group.";
    id_PK_ECDH = "0.4.0.127.0.7.2.2.1.2", "A key of chip authentication over elliptic curves.";
    id_CA_DH = "0.4.0.127.0.7.2.2.3.1", "Chip authentication over a multiplicative group.";
    id_CA_DH_3DES_CBC_CBC = "0.4.0.127.0.7.2.2.3.1.1", "Chip authentication, DH, 3DES.";
    id_CA_DH_AES_CBC_CMAC_128 = "0.4.0.127.0.7.2.2.3.1.2", "Chip authentication, DH, AES-128.";
    id_CA_DH_AES_CBC_CMAC_192 = "0.4.0.127.0.7.2.2.3.1.3", "Chip authentication, DH, AES-192.";
    id_CA_DH_AES_CBC_CMAC_256 = "0.4.0.127.0.7.2.2.3.1.4", "Chip authentication, DH, AES-256.";
    id_CA_ECDH = "0.4.0.127.0.7.2.2.3.2", "Chip authentication over elliptic curves.";
    id_CA_ECDH_3DES_CBC_CBC = "0.4.0.127.0.7.2.2.3.2.1", "Chip authentication, ECDH, 3DES.";
    id_CA_ECDH_AES_CBC_CMAC_128 = "0.4.0.127.0.7.2.2.3.2.2", "Chip authentication, ECDH, AES-128.";
    id_CA_ECDH_AES_CBC_CMAC_192 = "0.4.0.127.0.7.2.2.3.2.3", "Chip authentication, ECDH, AES-192.";
    id_CA_ECDH_AES_CBC_CMAC_256 = "0.4.0.127.0.7.2.2.3.2.4", "Chip authentication, ECDH, AES-256.";
    id_TA = "0.4.0.127.0.7.2.2.2", "Terminal authentication.";
    id_TA_RSA_v1_5_SHA_1 = "0.4.0.127.0.7.2.2.2.1.1", "Terminal authentication, RSA PKCS#1 v1.5, SHA-1.";
    id_TA_RSA_v1_5_SHA_256 = "0.4.0.127.0.7.2.2.2.1.2", "Terminal authentication, RSA PKCS#1 v1.5, SHA-256.";
    id_TA_RSA_PSS_SHA_1 = "0.4.0.127.0.7.2.2.2.1.3", "Terminal authentication, RSA PSS, SHA-1.";
    id_TA_RSA_PSS_SHA_256 = "0.4.0.127.0.7.2.2.2.1.4", "Terminal authentication, RSA PSS, SHA-256.";
    id_TA_RSA_v1_5_SHA_512 = "0.4.0.127.0.7.2.2.2.1.5", "Terminal authentication, RSA PKCS#1 v1.5, SHA-512.";
    id_TA_RSA_PSS_SHA_512 = "0.4.0.127.0.7.2.2.2.1.6", "Terminal authentication, RSA PSS, SHA-512.";
    id_TA_ECDSA_SHA_1 = "0.4.0.127.0.7.2.2.2.2.1", "Terminal authentication, ECDSA, SHA-1.";
    id_TA_ECDSA_SHA_224 = "0.4.0.127.0.7.2.2.2.2.2", "Terminal authentication, ECDSA, SHA-224.";
    id_TA_ECDSA_SHA_256 = "0.4.0.127.0.7.2.2.2.2.3", "Terminal authentication, ECDSA, SHA-256.";
    id_TA_ECDSA_SHA_384 = "0.4.0.127.0.7.2.2.2.2.4", "Terminal authentication, ECDSA, SHA-384.";
    id_TA_ECDSA_SHA_512 = "0.4.0.127.0.7.2.2.2.2.5", "Terminal authentication, ECDSA, SHA-512.";
    id_roles = "0.4.0.127.0.7.3.1.2", "Kinds of terminals (TR-03110-4, 2).";
    id_IS = "0.4.0.127.0.7.3.1.2.1", "An inspection system.";
    id_AT = "0.4.0.127.0.7.3.1.2.2", "An authentication terminal.";
    id_ST = "0.4.0.127.0.7.3.1.2.3", "A signature terminal.";
    standardizedDomainParameters = "0.4.0.127.0.7.1.2", "Domain parameters by their number in TR-03110-3, table 4.";
    id_RI = "0.4.0.127.0.7.2.2.5", "Restricted identification.";
    id_CI = "0.4.0.127.0.7.2.2.6", "Where information about the card is found.";
    id_eIDSecurity = "0.4.0.127.0.7.2.2.7", "Hashes of the eID application's data groups.";
    id_PT = "0.4.0.127.0.7.2.2.8", "A privileged terminal's keys.";
    id_SecurityObject = "0.4.0.127.0.7.3.2.1", "The content of EF.CardSecurity.";
    id_icao_mrtd_security_ldsSecurityObject = "2.23.136.1.1.1", "The content of EF.SOD.";
    id_icao_mrtd_security_cscaMasterList = "2.23.136.1.1.2", "A master list of CSCA certificates.";
    id_icao_mrtd_security_cscaMasterListSigningKey = "2.23.136.1.1.3", "Extended key usage: signs master lists.";
    id_icao_mrtd_security_documentTypeList = "2.23.136.1.1.4", "What kinds of documents a signer signs.";
    id_icao_mrtd_security_aaProtocolObject = "2.23.136.1.1.5", "Active authentication.";
    id_icao_mrtd_security_extensions_nameChange = "2.23.136.1.1.6.1", "A CSCA changed its name.";
    id_icao_mrtd_security_extensions_documentTypeList = "2.23.136.1.1.6.2", "What kinds of documents a signer signs.";
    id_icao_mrtd_security_DeviationList = "2.23.136.1.1.7", "A list of documents that deviate from the standard.";
    ecdsa_plain_SHA1 = "0.4.0.127.0.7.1.1.4.1.1", "ECDSA, r and s plain, SHA-1 (TR-03111).";
    ecdsa_plain_SHA224 = "0.4.0.127.0.7.1.1.4.1.2", "ECDSA, r and s plain, SHA-224 (TR-03111).";
    ecdsa_plain_SHA256 = "0.4.0.127.0.7.1.1.4.1.3", "ECDSA, r and s plain, SHA-256 (TR-03111).";
    ecdsa_plain_SHA384 = "0.4.0.127.0.7.1.1.4.1.4", "ECDSA, r and s plain, SHA-384 (TR-03111).";
    ecdsa_plain_SHA512 = "0.4.0.127.0.7.1.1.4.1.5", "ECDSA, r and s plain, SHA-512 (TR-03111).";
}

/// The standard's name of an object identifier, to show it.
///
/// ```
/// use chipgate_lds::oid;
///
/// assert_eq!(oid::name(&oid::id_TA), Some("id_TA"));
/// ```
pub fn name(oid: &ObjectIdentifier) -> Option<&'static str> {
    NAMES
        .iter()
        .find(|(known, _)| known == oid)
        .map(|&(_, name)| name)
}

/// A PACE protocol by its name with `-` or `_`, or by its object identifier.
///
/// ```
/// use chipgate_lds::oid;
///
/// let protocol = oid::pace_protocol("id-PACE-ECDH-IM-AES-CBC-CMAC-128");
/// assert_eq!(protocol, Some(oid::id_PACE_ECDH_IM_AES_CBC_CMAC_128));
/// assert_eq!(oid::pace_protocol("0.4.0.127.0.7.2.2.4.4.2"), protocol);
/// assert_eq!(oid::pace_protocol("id-TA"), None);
/// ```
pub fn pace_protocol(name: &str) -> Option<ObjectIdentifier> {
    let same = |known: &str| {
        known.len() == name.len()
            && known
                .bytes()
                .zip(name.bytes())
                .all(|(known, given)| known == given || (known, given) == (b'_', b'-'))
    };
    let mut protocols = NAMES.iter().filter(|(oid, name)| {
        // A family is no protocol.
        name.starts_with("id_PACE_")
            && NAMES
                .iter()
                .any(|(family, _)| oid.parent().as_ref() == Some(family))
    });
    protocols
        .find(|(oid, known)| same(known) || ObjectIdentifier::new(name).as_ref() == Ok(oid))
        .map(|(oid, _)| *oid)
}

#[cfg(test)]
mod tests {
    use super::NAMES;

    #[test]
    fn no_two_names_share_an_object_identifier() {
        for (index, (oid, name)) in NAMES.iter().enumerate() {
            let other = NAMES[..index].iter().find(|(earlier, _)| earlier == oid);
            assert_eq!(other, None, "{name}");
        }
    }
}
