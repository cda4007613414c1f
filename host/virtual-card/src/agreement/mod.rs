//! Key agreement in both kinds of groups: elliptic curves (TR-03111, 4.3) and multiplicative groups (RFC 2631).

mod dh;
mod integrated_mapping;

use chipgate_crypto::{Curve, HashAlgorithm, PrivateScalar, PublicPoint, Secret, generic_mapping};
use num_bigint::BigUint;
use rand_core::CryptoRng;

pub use dh::DhGroup;
pub(crate) use integrated_mapping::{curve_parameters, integrated_mapping};

/// The group that keys are agreed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyGroup {
    /// An elliptic curve.
    Curve(Curve),
    /// A multiplicative group.
    Dh(DhGroup),
}

impl KeyGroup {
    /// Every group here.
    pub fn all() -> impl Iterator<Item = Self> {
        let groups = DhGroup::ALL.into_iter().map(Self::Dh);
        groups.chain(Curve::ALL.into_iter().map(Self::Curve))
    }

    /// The number in the table of standardised domain parameters (TR-03110-3, A.2.1.1).
    pub const fn domain_parameter_id(self) -> u8 {
        match self {
            Self::Curve(curve) => curve.domain_parameter_id(),
            Self::Dh(group) => group.domain_parameter_id(),
        }
    }

    /// Its name in a card file, as in "P-256" or "dh-2048-256".
    pub const fn name(self) -> &'static str {
        match self {
            Self::Curve(curve) => curve.name(),
            Self::Dh(group) => group.name(),
        }
    }
}

impl From<Curve> for KeyGroup {
    fn from(curve: Curve) -> Self {
        Self::Curve(curve)
    }
}

impl From<DhGroup> for KeyGroup {
    fn from(group: DhGroup) -> Self {
        Self::Dh(group)
    }
}

/// An element of a group that was checked to be one: a public key, a generator, or a shared secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Element {
    Point(PublicPoint),
    Number(DhGroup, BigUint),
}

/// A private key.
pub(crate) enum PrivateKey {
    Scalar(PrivateScalar),
    Exponent(DhGroup, BigUint),
}

/// What no group takes: a point off its curve, a number outside its subgroup, the neutral element, a key of another
/// group.
#[derive(Debug)]
pub(crate) struct NotInGroup;

impl Element {
    pub(crate) fn generator(group: KeyGroup) -> Self {
        match group {
            KeyGroup::Curve(curve) => Self::Point(PublicPoint::generator(curve)),
            KeyGroup::Dh(group) => Self::Number(group, group.g()),
        }
    }

    /// A public key as the other side encodes it: an uncompressed point, or an unsigned integer (TR-03110-3, D.3).
    pub(crate) fn decode(group: KeyGroup, encoded: &[u8]) -> Result<Self, NotInGroup> {
        match group {
            KeyGroup::Curve(curve) => PublicPoint::from_uncompressed(curve, encoded)
                .map(Self::Point)
                .map_err(|_| NotInGroup),
            KeyGroup::Dh(group) => {
                let number = group.check(BigUint::from_bytes_be(encoded)).ok_or(NotInGroup)?;
                Ok(Self::Number(group, number))
            }
        }
    }

    /// The public key as it goes over the line.
    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Point(point) => point.to_uncompressed(),
            Self::Number(_, number) => number.to_bytes_be(),
        }
    }

    /// Comp(PK): the x-coordinate, or SHA-1 of the number (TR-03110-3, A.2.2.3).
    pub(crate) fn compressed(&self) -> Vec<u8> {
        match self {
            Self::Point(point) => point.x(),
            Self::Number(_, number) => HashAlgorithm::Sha1.digest(&number.to_bytes_be()),
        }
    }

    /// The tag of a public key of its kind in a public key data object (TR-03110-3, D.3).
    pub(crate) const fn tag(&self) -> u32 {
        match self {
            Self::Point(_) => 0x86,
            Self::Number(..) => 0x84,
        }
    }

    /// What keys are derived from: the x-coordinate, or the number, as long as its field.
    fn shared_secret(&self) -> Secret {
        match self {
            Self::Point(point) => Secret::new(point.x()),
            Self::Number(group, number) => Secret::new(padded(number, group.length())),
        }
    }
}

impl PrivateKey {
    pub(crate) fn generate(group: KeyGroup, rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        match group {
            KeyGroup::Curve(curve) => Self::Scalar(PrivateScalar::generate(curve, rng)),
            KeyGroup::Dh(group) => Self::Exponent(group, group.private_key(rng)),
        }
    }

    /// A key from its big-endian bytes.
    pub(crate) fn from_bytes(group: KeyGroup, bytes: &[u8]) -> Result<Self, NotInGroup> {
        match group {
            KeyGroup::Curve(curve) => PrivateScalar::from_bytes(curve, bytes)
                .map(Self::Scalar)
                .map_err(|_| NotInGroup),
            KeyGroup::Dh(group) => {
                let key = BigUint::from_bytes_be(bytes);
                let fits = key > BigUint::ZERO && key < group.q();
                fits.then_some(Self::Exponent(group, key)).ok_or(NotInGroup)
            }
        }
    }

    pub(crate) fn to_bytes(&self) -> Secret {
        match self {
            Self::Scalar(scalar) => scalar.to_bytes(),
            Self::Exponent(_, key) => Secret::new(key.to_bytes_be()),
        }
    }

    pub(crate) fn group(&self) -> KeyGroup {
        match self {
            Self::Scalar(scalar) => scalar.curve().into(),
            Self::Exponent(group, _) => (*group).into(),
        }
    }

    pub(crate) fn public_key(&self) -> Result<Element, NotInGroup> {
        self.times(&Element::generator(self.group()))
    }

    /// The element taken as often as this key says: a public key over a generator, or the shared element.
    pub(crate) fn times(&self, element: &Element) -> Result<Element, NotInGroup> {
        match (self, element) {
            (Self::Scalar(scalar), Element::Point(point)) => {
                scalar.multiply(point).map(Element::Point).map_err(|_| NotInGroup)
            }
            (Self::Exponent(group, key), Element::Number(other, number)) if group == other => {
                let product = number.modpow(key, &group.p());
                let trivial = product == BigUint::from(1_u8);
                (!trivial)
                    .then_some(Element::Number(*group, product))
                    .ok_or(NotInGroup)
            }
            _ => Err(NotInGroup),
        }
    }

    /// The shared secret with the holder of that public key.
    pub(crate) fn agree(&self, other: &Element) -> Result<Secret, NotInGroup> {
        self.times(other).map(|element| element.shared_secret())
    }
}

/// PACE's generic mapping: s·G + H, or g^s · h (Doc 9303-11, 4.4.3.3.1).
pub(crate) fn map_generically(
    group: KeyGroup,
    nonce: &[u8],
    shared: &Element,
) -> Result<Element, NotInGroup> {
    match (group, shared) {
        (KeyGroup::Curve(curve), Element::Point(point)) => generic_mapping(curve, nonce, point)
            .map(Element::Point)
            .map_err(|_| NotInGroup),
        (KeyGroup::Dh(group), Element::Number(_, shared)) => {
            let p = group.p();
            let mapped = group.g().modpow(&BigUint::from_bytes_be(nonce), &p) * shared % &p;
            let trivial = mapped == BigUint::from(1_u8);
            (!trivial)
                .then_some(Element::Number(group, mapped))
                .ok_or(NotInGroup)
        }
        _ => Err(NotInGroup),
    }
}

/// CA_IC = (SK_IC)⁻¹ · SK_Map,IC modulo the group's order, as long as the order (Doc 9303-11, 4.4.3.5.1). `None` in a
/// multiplicative group, which chip authentication mapping has no variant for.
pub(crate) fn chip_authentication_data(key: &PrivateKey, mapping: &PrivateKey) -> Option<Secret> {
    let (PrivateKey::Scalar(key), PrivateKey::Scalar(mapping)) = (key, mapping) else {
        return None;
    };
    if key.curve() != mapping.curve() {
        return None;
    }
    let numbers = integrated_mapping::CurveNumbers::of(key.curve())?;
    let number = |scalar: &PrivateScalar| BigUint::from_bytes_be(scalar.to_bytes().as_bytes());
    // The order is prime, so that the inverse is a power (Fermat).
    let inverse = number(key).modpow(&(&numbers.order - 2_u8), &numbers.order);
    let data = inverse * number(mapping) % &numbers.order;
    Some(Secret::new(padded(&data, key.curve().order_bits().div_ceil(8))))
}

/// A number as so many bytes, big-endian.
pub(crate) fn padded(number: &BigUint, length: usize) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    let mut all = vec![0; length.saturating_sub(bytes.len())];
    all.extend(bytes);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::StdRng};

    #[test]
    fn both_sides_agree_in_every_group_and_a_key_survives_a_round_trip() {
        let mut rng = StdRng::seed_from_u64(1);
        for group in KeyGroup::all() {
            let (left, right) = (
                PrivateKey::generate(group, &mut rng),
                PrivateKey::generate(group, &mut rng),
            );
            let right_public = Element::decode(group, &right.public_key().unwrap().encode()).unwrap();
            let shared = left.agree(&right_public).unwrap();
            let kept = PrivateKey::from_bytes(group, right.to_bytes().as_bytes()).unwrap();
            assert_eq!(
                shared,
                kept.agree(&left.public_key().unwrap()).unwrap(),
                "{}",
                group.name()
            );
        }
    }

    #[test]
    fn generic_mapping_in_a_multiplicative_group_keeps_to_the_subgroup() {
        let mut rng = StdRng::seed_from_u64(2);
        let group = DhGroup::Modp2048Subgroup224;
        let shared = PrivateKey::generate(group.into(), &mut rng).public_key().unwrap();
        let Element::Number(_, mapped) = map_generically(group.into(), &[7; 16], &shared).unwrap() else {
            panic!("a number")
        };
        assert!(group.check(mapped).is_some());
    }

    #[test]
    fn the_chips_data_times_its_static_key_is_the_mapping_key() {
        let mut rng = StdRng::seed_from_u64(3);
        for curve in Curve::ALL {
            let (fixed, mapping) = (
                PrivateKey::generate(curve.into(), &mut rng),
                PrivateKey::generate(curve.into(), &mut rng),
            );
            let data = chip_authentication_data(&fixed, &mapping).unwrap();
            let data = PrivateKey::from_bytes(curve.into(), data.as_bytes()).unwrap();
            let checked = data.times(&fixed.public_key().unwrap()).unwrap();
            assert!(checked == mapping.public_key().unwrap(), "{}", curve.name());
        }
    }
}
