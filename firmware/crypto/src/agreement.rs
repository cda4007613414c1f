//! Key agreement over either kind of group, as PACE and chip authentication use it (Doc 9303-11, 9.4 to 9.6).

use alloc::vec::Vec;

use rand_core::CryptoRng;

use crate::{
    Cipher, CryptoError, Curve, DhGroup, DhPrivateKey, DhPublicKey, HashAlgorithm, PrivateScalar,
    PublicPoint, Secret, dh_key, integrated_mapping, point,
};

/// A group to agree on keys in: the standardised domain parameters of TR-03110-3, A.2.1.1 and Doc 9303-11, 9.5.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgreementGroup {
    /// Numbers modulo a prime.
    Dh(DhGroup),
    /// An elliptic curve.
    Ecdh(Curve),
}

impl AgreementGroup {
    /// Every group that is not deprecated, by its number.
    pub const ALL: [Self; 11] = [
        Self::Dh(DhGroup::Modp2048Order224),
        Self::Dh(DhGroup::Modp2048Order256),
        Self::Ecdh(Curve::P224),
        Self::Ecdh(Curve::BrainpoolP224r1),
        Self::Ecdh(Curve::P256),
        Self::Ecdh(Curve::BrainpoolP256r1),
        Self::Ecdh(Curve::BrainpoolP320r1),
        Self::Ecdh(Curve::P384),
        Self::Ecdh(Curve::BrainpoolP384r1),
        Self::Ecdh(Curve::BrainpoolP512r1),
        Self::Ecdh(Curve::P521),
    ];

    /// The group with this number in the table of standardised domain parameters. 0, 8 and 9 are refused by name.
    pub fn from_domain_parameter_id(id: u8) -> Result<Self, CryptoError> {
        let known = Self::ALL
            .into_iter()
            .find(|group| group.domain_parameter_id() == id);
        known.ok_or(match id {
            0 | 8 | 9 => CryptoError::DeprecatedDomainParameters { id },
            _ => CryptoError::UnknownDomainParameters { id },
        })
    }

    /// The number in the table of standardised domain parameters.
    pub const fn domain_parameter_id(self) -> u8 {
        match self {
            Self::Dh(group) => group.domain_parameter_id(),
            Self::Ecdh(curve) => curve.domain_parameter_id(),
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dh(group) => group.name(),
            Self::Ecdh(curve) => curve.name(),
        }
    }

    /// The bits of a symmetric key of about the same strength (NIST SP 800-57 part 1, table 2), to compare groups by.
    pub const fn strength(self) -> usize {
        match self {
            Self::Dh(DhGroup::Modp1024Order160) => 80,
            Self::Dh(_) => 112,
            Self::Ecdh(curve) => curve.order_bits() / 2,
        }
    }

    /// Whether PACE's integrated mapping exists here: everywhere but on P-224.
    pub const fn has_integrated_mapping(self) -> bool {
        match self {
            Self::Dh(_) => true,
            Self::Ecdh(curve) => curve.has_integrated_mapping(),
        }
    }

    /// PACE's generic mapping (Doc 9303-11, 4.4.3.3.1): the generator that follows from the nonce s and the element that
    /// both sides agreed on.
    pub fn map_generic(
        self,
        nonce: &[u8],
        shared: &AgreementPublicKey,
    ) -> Result<AgreementPublicKey, CryptoError> {
        match (self, shared) {
            (Self::Dh(group), AgreementPublicKey::Dh(key)) if key.group() == group => {
                dh_key::map_generic(nonce, key).map(AgreementPublicKey::Dh)
            }
            (Self::Ecdh(curve), AgreementPublicKey::Ecdh(shared)) => {
                point::generic_mapping(curve, nonce, shared).map(AgreementPublicKey::Ecdh)
            }
            _ => Err(CryptoError::GroupMismatch),
        }
    }

    /// PACE's integrated mapping (Doc 9303-11, 4.4.3.3.2): the generator that follows from the chip's nonce s and the
    /// terminal's nonce t under the cipher of the protocol.
    pub fn map_integrated(
        self,
        cipher: Cipher,
        s: &[u8],
        t: &[u8],
    ) -> Result<AgreementPublicKey, CryptoError> {
        match self {
            Self::Dh(group) => {
                let number = integrated_mapping::pseudo_random(cipher, s, t, group.prime_bits())?;
                dh_key::map_integrated(group, number.as_bytes()).map(AgreementPublicKey::Dh)
            }
            Self::Ecdh(curve) => {
                // Each curve's prime is as long as its order.
                let number = integrated_mapping::pseudo_random(cipher, s, t, curve.order_bits())?;
                integrated_mapping::encode_to_point(curve, number.as_bytes()).map(AgreementPublicKey::Ecdh)
            }
        }
    }
}

/// A public key of key agreement, or another generator of the group. Every value has been checked to be an element of its
/// group that generates it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgreementPublicKey {
    /// A number modulo a prime.
    Dh(DhPublicKey),
    /// A point on a curve.
    Ecdh(PublicPoint),
}

impl AgreementPublicKey {
    /// A key as it is exchanged: an unsigned integer, or 04 ‖ x ‖ y (Doc 9303-11, 9.4.5).
    pub fn from_bytes(group: AgreementGroup, bytes: &[u8]) -> Result<Self, CryptoError> {
        match group {
            AgreementGroup::Dh(group) => DhPublicKey::from_bytes(group, bytes).map(Self::Dh),
            AgreementGroup::Ecdh(curve) => PublicPoint::from_uncompressed(curve, bytes).map(Self::Ecdh),
        }
    }

    /// The key as it is exchanged: an unsigned integer without leading zeros, or 04 ‖ x ‖ y (Doc 9303-11, 9.4.5).
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Dh(key) => key.to_bytes(),
            Self::Ecdh(point) => point.to_uncompressed(),
        }
    }

    /// The group that it belongs to.
    pub fn group(&self) -> AgreementGroup {
        match self {
            Self::Dh(key) => AgreementGroup::Dh(key.group()),
            Self::Ecdh(point) => AgreementGroup::Ecdh(point.curve()),
        }
    }

    /// Comp(), by which terminal authentication names a key (Doc 9303-11, 7.1.4.1.3 and 7.1.4.2.3): the SHA-1 hash of the
    /// unsigned integer, or the x-coordinate.
    pub fn compressed(&self) -> Vec<u8> {
        match self {
            Self::Dh(key) => HashAlgorithm::Sha1.digest(&key.to_bytes()),
            Self::Ecdh(point) => point.x(),
        }
    }
}

/// A private key of key agreement. Wiped when dropped.
#[derive(Clone, Debug)]
pub enum AgreementPrivateKey {
    /// An exponent.
    Dh(DhPrivateKey),
    /// A scalar.
    Ecdh(PrivateScalar),
}

impl AgreementPrivateKey {
    /// A fresh key.
    pub fn generate(group: AgreementGroup, rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        match group {
            AgreementGroup::Dh(group) => Self::Dh(DhPrivateKey::generate(group, rng)),
            AgreementGroup::Ecdh(curve) => Self::Ecdh(PrivateScalar::generate(curve, rng)),
        }
    }

    /// A key from its big-endian bytes, of the group order's length.
    pub fn from_bytes(group: AgreementGroup, bytes: &[u8]) -> Result<Self, CryptoError> {
        match group {
            AgreementGroup::Dh(group) => DhPrivateKey::from_bytes(group, bytes).map(Self::Dh),
            AgreementGroup::Ecdh(curve) => PrivateScalar::from_bytes(curve, bytes).map(Self::Ecdh),
        }
    }

    /// The key's big-endian bytes, of the group order's length.
    pub fn to_bytes(&self) -> Secret {
        match self {
            Self::Dh(key) => key.to_bytes(),
            Self::Ecdh(scalar) => scalar.to_bytes(),
        }
    }

    /// The group that it belongs to.
    pub fn group(&self) -> AgreementGroup {
        match self {
            Self::Dh(key) => AgreementGroup::Dh(key.group()),
            Self::Ecdh(scalar) => AgreementGroup::Ecdh(scalar.curve()),
        }
    }

    /// The public key over the group's own generator.
    pub fn public_key(&self) -> Result<AgreementPublicKey, CryptoError> {
        match self {
            Self::Dh(key) => key.public_key().map(AgreementPublicKey::Dh),
            Self::Ecdh(scalar) => scalar.public_point().map(AgreementPublicKey::Ecdh),
        }
    }

    /// This key times (to the power of) an element: the public key over another generator, or the shared element that the
    /// generic mapping takes. An outcome that generates nothing is refused.
    pub fn apply(&self, element: &AgreementPublicKey) -> Result<AgreementPublicKey, CryptoError> {
        match (self, element) {
            (Self::Dh(key), AgreementPublicKey::Dh(base)) => key.power_of(base).map(AgreementPublicKey::Dh),
            (Self::Ecdh(scalar), AgreementPublicKey::Ecdh(point)) => {
                scalar.multiply(point).map(AgreementPublicKey::Ecdh)
            }
            _ => Err(CryptoError::GroupMismatch),
        }
    }

    /// KA(): the shared secret, the x-coordinate of a shared point or a shared number as long as the prime (TR-03111, 4.3.1;
    /// RFC 2631, 2.1.2).
    pub fn agree(&self, other: &AgreementPublicKey) -> Result<Secret, CryptoError> {
        match (self, other) {
            (Self::Dh(key), AgreementPublicKey::Dh(other)) => key.agree(other),
            (Self::Ecdh(scalar), AgreementPublicKey::Ecdh(other)) => scalar.agree(other),
            _ => Err(CryptoError::GroupMismatch),
        }
    }
}
