//! Object identifiers under the names of their standards.

use der::asn1::ObjectIdentifier;

macro_rules! object_identifiers {
    ($($(#[$doc:meta])* $name:ident = $value:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: ObjectIdentifier = ObjectIdentifier::new_unwrap($value);)*
    };
}

object_identifiers! {
    // RFC 5652.
    ID_DATA = "1.2.840.113549.1.7.1";
    ID_SIGNED_DATA = "1.2.840.113549.1.7.2";
    ID_CONTENT_TYPE = "1.2.840.113549.1.9.3";
    ID_MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
    ID_SIGNING_TIME = "1.2.840.113549.1.9.5";
    // Doc 9303-10, 4.6.2.3, and Doc 9303-12.
    ID_ICAO_LDS_SECURITY_OBJECT = "2.23.136.1.1.1";
    /// The same before it had a number of ICAO's own: French and Belgian documents.
    ID_ICAO_LDS_SECURITY_OBJECT_FORMER = "1.3.27.1.1.1";
    /// The same in an early worked example.
    ID_SDU_LDS_SECURITY_OBJECT = "1.2.528.1.1006.1.20.1";
    ID_ICAO_CSCA_MASTER_LIST = "2.23.136.1.1.2";
    ID_ICAO_MASTER_LIST_SIGNING_KEY = "2.23.136.1.1.3";
    ID_ICAO_DEVIATION_LIST = "2.23.136.1.1.7";
    ID_ICAO_DEVIATION_LIST_SIGNING_KEY = "2.23.136.1.1.8";
    ID_ICAO_NAME_CHANGE = "2.23.136.1.1.6.1";
    ID_ICAO_DOCUMENT_TYPE_LIST = "2.23.136.1.1.6.2";
    // TR-03129-2, 7.
    ID_DEFECT_LIST = "0.4.0.127.0.7.3.1.5";
    ID_DEFECT_LIST_SIGNING_KEY = "0.4.0.127.0.7.3.11.2.1.2";
    // TR-03110-3, A.1.2.5.
    ID_SECURITY_OBJECT = "0.4.0.127.0.7.3.2.1";
    // RFC 5280.
    ID_CE_SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
    ID_CE_KEY_USAGE = "2.5.29.15";
    ID_CE_PRIVATE_KEY_USAGE_PERIOD = "2.5.29.16";
    ID_CE_SUBJECT_ALT_NAME = "2.5.29.17";
    ID_CE_ISSUER_ALT_NAME = "2.5.29.18";
    ID_CE_BASIC_CONSTRAINTS = "2.5.29.19";
    ID_CE_ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
    ID_CE_DELTA_CRL_INDICATOR = "2.5.29.27";
    ID_CE_CRL_NUMBER = "2.5.29.20";
    ID_CE_CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    ID_CE_CERTIFICATE_POLICIES = "2.5.29.32";
    ID_CE_AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
    ID_CE_EXT_KEY_USAGE = "2.5.29.37";
    ID_CE_CRL_REASONS = "2.5.29.21";
    ID_CE_INVALIDITY_DATE = "2.5.29.24";
    ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";
}

/// Extended key usages of those that sign documents and lists.
pub(crate) const SIGNING_PURPOSES: [ObjectIdentifier; 5] = [
    ID_ICAO_LDS_SECURITY_OBJECT,
    ID_ICAO_MASTER_LIST_SIGNING_KEY,
    ID_ICAO_DEVIATION_LIST_SIGNING_KEY,
    ID_DEFECT_LIST_SIGNING_KEY,
    ANY_EXTENDED_KEY_USAGE,
];
