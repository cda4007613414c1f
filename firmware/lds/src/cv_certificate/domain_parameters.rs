use alloc::vec::Vec;

use chipgate_apdu::tlv;
use chipgate_crypto::{CryptoError, Curve};
use der::asn1::ObjectIdentifier;

use super::STRUCTURE;
use crate::LdsError;
use crate::asn1::{
    Components, INTEGER, OCTET_STRING, SEQUENCE, constructed, object_identifier, single, unsigned_integer,
};

const PRIME_FIELD: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.1.1");

/// A curve in a CV certificate (TR-03110-3, table 31).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcDomainParameters {
    /// The prime modulus: 81.
    pub prime: Vec<u8>,
    /// The first coefficient: 82.
    pub a: Vec<u8>,
    /// The second coefficient: 83.
    pub b: Vec<u8>,
    /// The base point, 04 ‖ x ‖ y: 84.
    pub base_point: Vec<u8>,
    /// The order of the base point: 85.
    pub order: Vec<u8>,
    /// The cofactor, which may be missing: 87.
    pub cofactor: Option<Vec<u8>>,
}

impl EcDomainParameters {
    /// Those of a curve, cofactor included.
    pub fn of(curve: Curve) -> Result<Self, LdsError> {
        // Written by `chipgate-crypto` in the order of X9.62: version, field, coefficients, base point, order, cofactor.
        let der = curve.explicit_parameters_der();
        let mut components = Components::new(STRUCTURE, single(STRUCTURE, &der, SEQUENCE)?);
        components.expect(INTEGER)?;
        let field = components.expect(SEQUENCE)?.value;
        let mut field = components.within(field);
        field.object_identifier("the field type")?;
        let prime = field.optional_unsigned_integer("the prime")?.unwrap_or_default();
        let coefficients = components.expect(SEQUENCE)?.value;
        let mut coefficients = components.within(coefficients);
        Ok(Self {
            prime,
            a: coefficients.expect(OCTET_STRING)?.value.to_vec(),
            b: coefficients.expect(OCTET_STRING)?.value.to_vec(),
            base_point: components.expect(OCTET_STRING)?.value.to_vec(),
            order: components
                .optional_unsigned_integer("the order")?
                .unwrap_or_default(),
            cofactor: components.optional_unsigned_integer("the cofactor")?,
        })
    }

    /// The known curve that they are, by every number; anything else is refused.
    pub fn curve(&self) -> Result<Curve, CryptoError> {
        let field = [object_identifier(&PRIME_FIELD), unsigned_integer(&self.prime)];
        let coefficients = [
            tlv::encode(OCTET_STRING, &self.a),
            tlv::encode(OCTET_STRING, &self.b),
        ];
        let cofactor = self.cofactor.as_deref();
        let parameters = [
            unsigned_integer(&[1]),
            constructed(SEQUENCE, &field),
            constructed(SEQUENCE, &coefficients),
            tlv::encode(OCTET_STRING, &self.base_point),
            unsigned_integer(&self.order),
            cofactor.map_or_else(Vec::new, unsigned_integer),
        ];
        Curve::from_parameters_der(&constructed(SEQUENCE, &parameters))
    }
}
