//! EC parameters in keys: named, or explicit ones recognised as a named curve (RFC 5480, X9.62, TR-03111 5.1).

use alloc::vec::Vec;

use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, OctetStringRef, UintRef};
use der::{Decode, Sequence, Tag, Tagged};

use crate::der_writer::{object_identifier, octet_string, sequence, unsigned};
use crate::domain_parameters::CurveParameters;
use crate::{CryptoError, Curve};

const PRIME_FIELD: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.1.1");

/// SpecifiedECDomain of X9.62 (RFC 3279, 2.3.5 prints it as ECParameters).
#[derive(Sequence)]
struct EcParameters<'a> {
    version: u8,
    field_id: FieldId<'a>,
    curve: Coefficients<'a>,
    base: &'a OctetStringRef,
    order: UintRef<'a>,
    #[asn1(optional = "true")]
    cofactor: Option<UintRef<'a>>,
}

#[derive(Sequence)]
struct FieldId<'a> {
    field_type: ObjectIdentifier,
    parameters: AnyRef<'a>,
}

#[derive(Sequence)]
struct Coefficients<'a> {
    a: &'a OctetStringRef,
    b: &'a OctetStringRef,
    #[asn1(optional = "true")]
    seed: Option<BitStringRef<'a>>,
}

impl Curve {
    /// The curve of EC parameters: a named curve's object identifier, or explicit parameters (the cofactor may be
    /// missing) that are exactly those of a named curve. Anything else is refused: a generator or coefficient
    /// of the sender's own choosing can make a signature fit any key (CVE-2020-0601).
    pub fn from_parameters_der(parameters: &[u8]) -> Result<Self, CryptoError> {
        let malformed = CryptoError::Malformed { what: "ECParameters" };
        let any = AnyRef::from_der(parameters).map_err(|_| malformed)?;
        match any.tag() {
            Tag::ObjectIdentifier => {
                let oid = any.decode_as().map_err(|_: der::Error| malformed)?;
                Self::from_oid(&oid).ok_or(CryptoError::UnsupportedCurve { oid })
            }
            Tag::Sequence => recognise(&any.decode_as().map_err(|_: der::Error| malformed)?),
            _ => Err(malformed),
        }
    }

    /// The DER of this curve's explicit parameters: uncompressed generator, cofactor 1, no seed.
    pub fn explicit_parameters_der(self) -> Vec<u8> {
        let named = CurveParameters::of(self);
        let version = unsigned(&[1]);
        let field_id = sequence(&[&object_identifier(&PRIME_FIELD), &unsigned(named.p)]);
        let curve = sequence(&[&octet_string(named.a), &octet_string(named.b)]);
        let base = octet_string(&named.generator());
        let order = unsigned(named.n);
        let cofactor = unsigned(&[1]);
        sequence(&[&version, &field_id, &curve, &base, &order, &cofactor])
    }
}

fn recognise(given: &EcParameters<'_>) -> Result<Curve, CryptoError> {
    if given.field_id.field_type != PRIME_FIELD {
        return Err(CryptoError::UnknownParameters { field: "field type" });
    }
    let p: UintRef<'_> = given
        .field_id
        .parameters
        .decode_as()
        .map_err(|_: der::Error| CryptoError::Malformed { what: "Prime-p" })?;
    let curve = Curve::ALL
        .into_iter()
        .find(|curve| same_number(CurveParameters::of(*curve).p, p.as_bytes()))
        .ok_or(CryptoError::UnknownParameters { field: "prime" })?;

    let named = CurveParameters::of(curve);
    let checks = [
        ("a", same_number(named.a, given.curve.a.as_bytes())),
        ("b", same_number(named.b, given.curve.b.as_bytes())),
        ("generator", same_point(named, given.base.as_bytes())),
        ("order", same_number(named.n, given.order.as_bytes())),
        (
            "cofactor",
            given.cofactor.is_none_or(|cofactor| cofactor.as_bytes() == [1]),
        ),
        ("version", (1..=3).contains(&given.version)),
    ];
    match checks.into_iter().find(|(_, same)| !same) {
        Some((field, _)) => Err(CryptoError::UnknownParameters { field }),
        None => Ok(curve),
    }
}

/// Some encoders drop leading zeros of field elements.
fn same_number(left: &[u8], right: &[u8]) -> bool {
    let trim = |bytes: &'_ [u8]| bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    left[trim(left)..] == right[trim(right)..]
}

/// The generator, uncompressed or compressed (SEC 1, 2.3.3).
fn same_point(named: &CurveParameters, encoded: &[u8]) -> bool {
    let length = named.x.len();
    let y_is_odd = named.y.last().is_some_and(|byte| byte & 1 == 1);
    match encoded.split_first() {
        Some((4, rest)) => {
            rest.len() == 2 * length && rest[..length] == *named.x && rest[length..] == *named.y
        }
        Some((sign @ (2 | 3), rest)) => rest == named.x && (*sign == 3) == y_is_odd,
        _ => false,
    }
}
