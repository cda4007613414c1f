//! Keys of Diffie-Hellman modulo a prime (PKCS#3, with the validation of RFC 2631, 2.1.5).

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::modular::{Modulus, Residue};
use crate::{CryptoError, DhGroup, Secret};

/// An element of a group's subgroup of prime order other than 1. Every value has been checked to be one: within range,
/// and of that order. Wiped when dropped: a shared element is as secret as the keys that come of it.
#[derive(Clone, PartialEq, Eq)]
pub struct DhPublicKey {
    group: DhGroup,
    /// Of the prime's length.
    value: Vec<u8>,
}

impl DhPublicKey {
    /// A public key from its big-endian bytes, with or without leading zeros.
    pub fn from_bytes(group: DhGroup, bytes: &[u8]) -> Result<Self, CryptoError> {
        let invalid = CryptoError::InvalidGroupElement { group };
        let (modulus, _) = group.field().ok_or(invalid)?;
        let element = modulus.element(bytes).ok_or(invalid)?;
        let one = modulus.one();
        // RFC 2631, 2.1.5: 2 ≤ y ≤ p − 1 and y^q = 1. Of order q, y is neither 0 nor p − 1.
        if element.equals(&one) || !element.power(group.parameters().q).equals(&one) {
            return Err(invalid);
        }
        Ok(Self::of(group, &modulus, &element))
    }

    /// The group's generator g.
    pub fn generator(group: DhGroup) -> Self {
        Self {
            group,
            value: group.parameters().g.to_vec(),
        }
    }

    /// The unsigned integer of Doc 9303-11, 9.4.4: big-endian without leading zeros.
    pub fn to_bytes(&self) -> Vec<u8> {
        let start = self.value.iter().position(|byte| *byte != 0).unwrap_or(0);
        self.value[start..].to_vec()
    }

    /// The group that it belongs to.
    pub fn group(&self) -> DhGroup {
        self.group
    }

    /// The number, big-endian, of the prime's length.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.value
    }

    /// An element that is known to be of the group's order.
    fn of(group: DhGroup, modulus: &Modulus, element: &Residue) -> Self {
        Self {
            group,
            value: modulus.to_bytes(element).to_vec(),
        }
    }

    /// The same, unless it is 1.
    fn unless_trivial(group: DhGroup, modulus: &Modulus, element: &Residue) -> Result<Self, CryptoError> {
        if element.equals(&modulus.one()) {
            return Err(CryptoError::TrivialElement { group });
        }
        Ok(Self::of(group, modulus, element))
    }
}

impl Drop for DhPublicKey {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

impl ZeroizeOnDrop for DhPublicKey {}

impl fmt::Debug for DhPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DhPublicKey({}, ", self.group.name())?;
        for byte in &self.value {
            write!(f, "{byte:02x}")?;
        }
        write!(f, ")")
    }
}

/// A private key: an exponent from 1 to the group order less one. Wiped when dropped.
#[derive(Clone)]
pub struct DhPrivateKey {
    group: DhGroup,
    /// Of the order's length.
    exponent: Secret,
}

impl DhPrivateKey {
    /// A fresh key by rejection sampling: strings of the order's length from `rng` until one is in range.
    pub fn generate(group: DhGroup, rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        loop {
            let mut bytes = Secret::new(alloc::vec![0; group.exponent_length()]);
            rng.fill_bytes(bytes.bytes_mut());
            if let Ok(key) = Self::from_bytes(group, bytes.as_bytes()) {
                return key;
            }
        }
    }

    /// A key from its big-endian bytes, as long as the group order.
    pub fn from_bytes(group: DhGroup, bytes: &[u8]) -> Result<Self, CryptoError> {
        let invalid = CryptoError::InvalidExponent { group };
        if bytes.len() != group.exponent_length() || bytes.iter().all(|byte| *byte == 0) {
            return Err(invalid);
        }
        let order = Modulus::new(group.parameters().q).ok_or(invalid)?;
        order.element(bytes).ok_or(invalid)?;
        Ok(Self {
            group,
            exponent: Secret::new(bytes),
        })
    }

    /// The key's big-endian bytes, as long as the group order.
    pub fn to_bytes(&self) -> Secret {
        self.exponent.clone()
    }

    /// The group that it belongs to.
    pub fn group(&self) -> DhGroup {
        self.group
    }

    /// The public key over the group's own generator.
    pub fn public_key(&self) -> Result<DhPublicKey, CryptoError> {
        self.power_of(&DhPublicKey::generator(self.group))
    }

    /// The element to the power of this key: a public key over another generator, or a shared secret element.
    pub fn power_of(&self, base: &DhPublicKey) -> Result<DhPublicKey, CryptoError> {
        let group = same_group(self.group, base.group)?;
        let (modulus, base) = element(base)?;
        DhPublicKey::unless_trivial(group, &modulus, &base.power(self.exponent.as_bytes()))
    }

    /// The shared secret Z, as long as the prime (RFC 2631, 2.1.2).
    pub fn agree(&self, other: &DhPublicKey) -> Result<Secret, CryptoError> {
        Ok(Secret::new(self.power_of(other)?.as_bytes()))
    }
}

impl fmt::Debug for DhPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DhPrivateKey({})", self.group.name())
    }
}

/// PACE's generic mapping over DH (Doc 9303-11, 4.4.3.3.1): ĝ = g^s · h.
pub(crate) fn map_generic(nonce: &[u8], shared: &DhPublicKey) -> Result<DhPublicKey, CryptoError> {
    let group = shared.group;
    let (modulus, shared) = element(shared)?;
    let (_, generator) = group.field().ok_or(CryptoError::InvalidGroupElement { group })?;
    DhPublicKey::unless_trivial(group, &modulus, &generator.power(nonce).times(&shared))
}

/// f_g of PACE's integrated mapping over DH (Doc 9303-11, 4.4.3.3.2): x to the power of the cofactor (p − 1) / q, which
/// must not be 1.
pub(crate) fn map_integrated(group: DhGroup, pseudo_random: &[u8]) -> Result<DhPublicKey, CryptoError> {
    let invalid = CryptoError::InvalidGroupElement { group };
    let (modulus, _) = group.field().ok_or(invalid)?;
    let mapped = modulus
        .reduce(pseudo_random)
        .power(&cofactor(group).ok_or(invalid)?);
    // Zero has no order; anything else to the power of the cofactor has order q, or is 1.
    if modulus.to_bytes(&mapped).iter().all(|byte| *byte == 0) {
        return Err(CryptoError::TrivialElement { group });
    }
    DhPublicKey::unless_trivial(group, &modulus, &mapped)
}

/// (p − 1) / q.
fn cofactor(group: DhGroup) -> Option<Vec<u8>> {
    use crypto_bigint::BoxedUint;
    let parameters = group.parameters();
    let mut p_minus_one = parameters.p.to_vec();
    *p_minus_one.last_mut()? -= 1;
    let p_minus_one = BoxedUint::from_be_slice_vartime(&p_minus_one);
    let q = BoxedUint::from_be_slice_vartime(parameters.q);
    let (quotient, _) = p_minus_one.div_rem_vartime(q.as_nz_vartime()?);
    Some(quotient.to_be_bytes_trimmed_vartime().to_vec())
}

/// The key as a number modulo its prime.
fn element(key: &DhPublicKey) -> Result<(Modulus, Residue), CryptoError> {
    let invalid = CryptoError::InvalidGroupElement { group: key.group };
    let (modulus, _) = key.group.field().ok_or(invalid)?;
    let element = modulus.element(&key.value).ok_or(invalid)?;
    Ok((modulus, element))
}

fn same_group(left: DhGroup, right: DhGroup) -> Result<DhGroup, CryptoError> {
    if left == right {
        Ok(left)
    } else {
        Err(CryptoError::GroupMismatch)
    }
}
