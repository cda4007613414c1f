//! Distinguished names and object identifiers of the test PKI.

use chipgate_crypto::ObjectIdentifier;

use super::der;

const COUNTRY_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const LOCALITY_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.7");
const ORGANIZATION_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// The organisation in every name, so that no one takes these certificates for real ones.
const ORGANIZATION: &str = "chipgate test PKI";

/// A country that issues cards here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IssuingState {
    /// Viet Nam.
    Vietnam,
    /// Utopia, the specimen country of Doc 9303.
    Utopia,
}

impl IssuingState {
    /// The country's code in a certificate.
    pub(crate) const fn alpha_2(self) -> &'static str {
        match self {
            Self::Vietnam => "VN",
            Self::Utopia => "UT",
        }
    }

    /// The country's code in a machine readable zone.
    pub(crate) const fn alpha_3(self) -> &'static str {
        match self {
            Self::Vietnam => "VNM",
            Self::Utopia => "UTO",
        }
    }

    pub(crate) const fn country(self) -> &'static str {
        match self {
            Self::Vietnam => "Vietnam",
            Self::Utopia => "Utopia",
        }
    }

    /// The name of its country signing certification authority.
    pub(crate) fn authority_name(self) -> Vec<u8> {
        self.name(&format!("CSCA {} TEST", self.country()))
    }

    /// `C=…, O=chipgate test PKI, CN=…`.
    pub(crate) fn name(self, common_name: &str) -> Vec<u8> {
        let country = attribute(&COUNTRY_NAME, &der::printable(self.alpha_2()));
        let organization = attribute(&ORGANIZATION_NAME, &der::utf8(ORGANIZATION));
        der::sequence(&[
            &country,
            &organization,
            &attribute(&COMMON_NAME, &der::utf8(common_name)),
        ])
    }

    /// `GeneralNames` with the country's three-letter code as a locality (Doc 9303-12, 7.1.1).
    pub(crate) fn alternative_name(self) -> Vec<u8> {
        let name = der::sequence(&[&attribute(&LOCALITY_NAME, &der::printable(self.alpha_3()))]);
        der::sequence(&[&der::context(4, &name)])
    }
}

fn attribute(kind: &ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    der::set_of(vec![der::sequence(&[&der::object_identifier(kind), value])])
}
