//! Public points, private scalars and what is computed with them (TR-03111, 4.3).

use alloc::vec::Vec;
use core::fmt;

use elliptic_curve::{Group, ops::LinearCombination};
use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::domain_parameters::CurveParameters;
use crate::group::{
    decode_point, decode_scalar, decompress_point, divide_scalars, encode_point, reduce_scalar, with_curve,
};
use crate::modular::Modulus;
use crate::{CryptoError, Curve, Secret};

/// A point of a curve's group other than infinity. Every value has been checked to lie on its curve; the curves
/// have cofactor 1, so that it generates the whole group. Wiped when dropped: a shared point is as secret as the keys
/// that come of it.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicPoint {
    curve: Curve,
    /// 04 ‖ x ‖ y.
    encoded: Vec<u8>,
}

impl PublicPoint {
    /// A point from its uncompressed encoding 04 ‖ x ‖ y (TR-03111, 3.2.1).
    pub fn from_uncompressed(curve: Curve, encoded: &[u8]) -> Result<Self, CryptoError> {
        if with_curve!(curve, C => decode_point::<C>(encoded).is_none()) {
            return Err(CryptoError::InvalidPoint { curve });
        }
        Ok(Self {
            curve,
            encoded: encoded.to_vec(),
        })
    }

    /// A point from its uncompressed encoding, or from its compressed one (RFC 5480, 2.2), as a key in a certificate may have
    /// it.
    pub fn from_encoded(curve: Curve, encoded: &[u8]) -> Result<Self, CryptoError> {
        if encoded.first() == Some(&4) {
            return Self::from_uncompressed(curve, encoded);
        }
        let point = with_curve!(curve, C => decompress_point::<C>(encoded).and_then(|point| encode_point::<C>(&point)));
        point
            .map(|encoded| Self { curve, encoded })
            .ok_or(CryptoError::InvalidPoint { curve })
    }

    /// The curve's generator G.
    pub fn generator(curve: Curve) -> Self {
        Self {
            curve,
            encoded: CurveParameters::of(curve).generator(),
        }
    }

    /// 04 ‖ x ‖ y.
    pub fn to_uncompressed(&self) -> Vec<u8> {
        self.encoded.clone()
    }

    /// The x-coordinate, of the field's length, big-endian.
    pub fn x(&self) -> Vec<u8> {
        self.encoded[1..=self.curve.field_length()].to_vec()
    }

    /// The curve it lies on.
    pub fn curve(&self) -> Curve {
        self.curve
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.encoded
    }
}

impl Drop for PublicPoint {
    fn drop(&mut self) {
        self.encoded.zeroize();
    }
}

impl ZeroizeOnDrop for PublicPoint {}

impl fmt::Debug for PublicPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicPoint({}, ", self.curve.name())?;
        for byte in &self.encoded {
            write!(f, "{byte:02x}")?;
        }
        write!(f, ")")
    }
}

/// A private key: a number from 1 to the group order less one. Wiped when dropped.
#[derive(Clone)]
pub struct PrivateScalar {
    curve: Curve,
    bytes: Secret,
}

impl PrivateScalar {
    /// A fresh key by rejection sampling (FIPS 186-5, A.2.2): field-length strings from `rng`, bits above the
    /// order's length cleared, until one is in range.
    pub fn generate(curve: Curve, rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let excess_bits = curve.field_length() * 8 - curve.order_bits();
        loop {
            let mut bytes = Secret::new(alloc::vec![0; curve.field_length()]);
            rng.fill_bytes(bytes.bytes_mut());
            if let Some(first) = bytes.bytes_mut().first_mut() {
                *first &= 0xFF >> excess_bits;
            }
            if let Ok(scalar) = Self::from_bytes(curve, bytes.as_bytes()) {
                return scalar;
            }
        }
    }

    /// A key from its big-endian bytes, as long as the curve's field.
    pub fn from_bytes(curve: Curve, bytes: &[u8]) -> Result<Self, CryptoError> {
        if with_curve!(curve, C => decode_scalar::<C>(bytes).is_none()) {
            return Err(CryptoError::InvalidScalar { curve });
        }
        Ok(Self {
            curve,
            bytes: Secret::new(bytes),
        })
    }

    /// The key's big-endian bytes, as long as the curve's field.
    pub fn to_bytes(&self) -> Secret {
        self.bytes.clone()
    }

    /// The curve it belongs to.
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// The public key over the curve's own generator.
    pub fn public_point(&self) -> Result<PublicPoint, CryptoError> {
        self.multiply(&PublicPoint::generator(self.curve))
    }

    /// The public key over another generator, as PACE maps it.
    pub fn public_point_for(&self, generator: &PublicPoint) -> Result<PublicPoint, CryptoError> {
        self.multiply(generator)
    }

    /// ECKA-DH (TR-03111, 4.3.1): the x-coordinate of the shared point, as long as the field.
    pub fn agree(&self, other: &PublicPoint) -> Result<Secret, CryptoError> {
        Ok(Secret::new(self.multiply(other)?.x()))
    }

    /// This key divided by another, modulo the group order: the chip authentication data of PACE with chip
    /// authentication mapping (Doc 9303-11, 4.4.3.5.1), from the ephemeral key of the mapping and the static one.
    pub fn divided_by(&self, divisor: &Self) -> Result<Self, CryptoError> {
        let curve = self.curve;
        same_curve(curve, divisor.curve)?;
        let invalid = CryptoError::InvalidScalar { curve };
        let bytes = with_curve!(curve, C => {
            let dividend = Zeroizing::new(decode_scalar::<C>(self.bytes.as_bytes()).ok_or(invalid)?);
            let divisor = Zeroizing::new(decode_scalar::<C>(divisor.bytes.as_bytes()).ok_or(invalid)?);
            divide_scalars::<C>(&dividend, &divisor)
        });
        Ok(Self { curve, bytes })
    }

    /// The point times this key.
    pub fn multiply(&self, point: &PublicPoint) -> Result<PublicPoint, CryptoError> {
        let curve = self.curve;
        same_curve(curve, point.curve)?;
        let encoded = with_curve!(curve, C => {
            let scalar = decode_scalar::<C>(self.bytes.as_bytes()).ok_or(CryptoError::InvalidScalar { curve })?;
            let scalar = Zeroizing::new(scalar);
            let point = decode_point::<C>(&point.encoded).ok_or(CryptoError::InvalidPoint { curve })?;
            encode_point::<C>(&(point * scalar.as_ref()))
        });
        Ok(PublicPoint {
            curve,
            encoded: encoded.ok_or(CryptoError::Infinity { curve })?,
        })
    }
}

impl fmt::Debug for PrivateScalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateScalar({})", self.curve.name())
    }
}

/// PACE's generic mapping over ECDH (Doc 9303-11, 4.4.3.3.1): Ĝ = s·G + H, where s is the nonce and H the point
/// that both sides agreed on. A result of infinity is refused.
pub fn generic_mapping(curve: Curve, nonce: &[u8], shared: &PublicPoint) -> Result<PublicPoint, CryptoError> {
    same_curve(curve, shared.curve)?;
    let nonce = reduced_nonce(curve, nonce)?;
    let encoded = with_curve!(curve, C => {
        let nonce = reduce_scalar::<C>(&nonce).ok_or(CryptoError::InvalidScalar { curve })?;
        let shared = decode_point::<C>(&shared.encoded).ok_or(CryptoError::InvalidPoint { curve })?;
        encode_point::<C>(&(elliptic_curve::ProjectivePoint::<C>::generator() * nonce + shared))
    });
    Ok(PublicPoint {
        curve,
        encoded: encoded.ok_or(CryptoError::Infinity { curve })?,
    })
}

/// k·Ĝ = (k·s)·G + (k·x)·Y, with Ĝ as the generic mapping of s makes it of x and Y.
pub(crate) fn mapped_public_key(
    nonce: &[u8],
    mapping: &PrivateScalar,
    theirs: &PublicPoint,
    ephemeral: &PrivateScalar,
) -> Result<PublicPoint, CryptoError> {
    let curve = theirs.curve;
    same_curve(mapping.curve, curve)?;
    same_curve(ephemeral.curve, curve)?;
    let nonce = reduced_nonce(curve, nonce)?;
    let invalid = CryptoError::InvalidScalar { curve };
    let encoded = with_curve!(curve, C => {
        let nonce = Zeroizing::new(reduce_scalar::<C>(&nonce).ok_or(invalid)?);
        let mapping = Zeroizing::new(decode_scalar::<C>(mapping.bytes.as_bytes()).ok_or(invalid)?);
        let ephemeral = Zeroizing::new(decode_scalar::<C>(ephemeral.bytes.as_bytes()).ok_or(invalid)?);
        let theirs = decode_point::<C>(&theirs.encoded).ok_or(CryptoError::InvalidPoint { curve })?;
        let over_generator = Zeroizing::new(*ephemeral.as_ref() * *nonce);
        let over_theirs = Zeroizing::new(*ephemeral.as_ref() * mapping.as_ref());
        let generator = elliptic_curve::ProjectivePoint::<C>::generator();
        encode_point::<C>(&elliptic_curve::ProjectivePoint::<C>::lincomb(&[
            (generator, *over_generator),
            (theirs, *over_theirs),
        ]))
    });
    Ok(PublicPoint {
        curve,
        encoded: encoded.ok_or(CryptoError::Infinity { curve })?,
    })
}

/// A nonce modulo the order: it may be longer, 32 bytes on a curve of 224 bits.
fn reduced_nonce(curve: Curve, nonce: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let order = Modulus::new(CurveParameters::of(curve).n).ok_or(CryptoError::InvalidScalar { curve })?;
    Ok(order.to_bytes(&order.reduce(nonce)))
}

fn same_curve(left: Curve, right: Curve) -> Result<(), CryptoError> {
    if left == right {
        Ok(())
    } else {
        Err(CryptoError::CurveMismatch { left, right })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_wiped_when_dropped() {
        fn wiped<T: ZeroizeOnDrop>(_: &T) {}
        let generator = PublicPoint::generator(Curve::P256);
        wiped(&generator);
    }
}
