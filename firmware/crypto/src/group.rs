//! The arithmetic that every curve shares, over the curves' own types. Only this folder's `point` and `ecdsa` use it.

use alloc::vec::Vec;

use elliptic_curve::ff::PrimeField;
use elliptic_curve::ops::Reduce;
use elliptic_curve::point::{AffineCoordinates, DecompressPoint};
use elliptic_curve::subtle::Choice;
use elliptic_curve::{
    AffinePoint, CurveArithmetic, CurveGroup, FieldBytes, Group, NonZeroScalar, ProjectivePoint, Scalar,
};

use zeroize::{Zeroize, Zeroizing};

use crate::Secret;

/// Runs `$body` with `$C` as the curve's type.
macro_rules! with_curve {
    ($curve:expr, $C:ident => $body:expr) => {
        match $curve {
            $crate::Curve::P224 => {
                type $C = $crate::more_curves::NistP224;
                $body
            }
            $crate::Curve::BrainpoolP224r1 => {
                type $C = $crate::more_curves::BrainpoolP224r1;
                $body
            }
            $crate::Curve::BrainpoolP320r1 => {
                type $C = $crate::more_curves::BrainpoolP320r1;
                $body
            }
            $crate::Curve::BrainpoolP512r1 => {
                type $C = $crate::more_curves::BrainpoolP512r1;
                $body
            }
            $crate::Curve::P256 => {
                type $C = p256::NistP256;
                $body
            }
            $crate::Curve::P384 => {
                type $C = p384::NistP384;
                $body
            }
            $crate::Curve::P521 => {
                type $C = p521::NistP521;
                $body
            }
            $crate::Curve::BrainpoolP256r1 => {
                type $C = bp256::BrainpoolP256r1;
                $body
            }
            $crate::Curve::BrainpoolP384r1 => {
                type $C = bp384::BrainpoolP384r1;
                $body
            }
        }
    };
}
pub(crate) use with_curve;

/// A point from 04 ‖ x ‖ y; `None` unless it lies on the curve. Infinity has no such form.
pub(crate) fn decode_point<C: CurveArithmetic>(uncompressed: &[u8]) -> Option<ProjectivePoint<C>> {
    let (4, coordinates) = uncompressed.split_first()? else {
        return None;
    };
    if !coordinates.len().is_multiple_of(2) {
        return None;
    }
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    let x = FieldBytes::<C>::try_from(x).ok()?;
    let y = FieldBytes::<C>::try_from(y).ok()?;
    let point = Option::<AffinePoint<C>>::from(AffinePoint::<C>::from_coordinates(&x, &y))?;
    Some(point.into())
}

/// A point from 02 ‖ x or 03 ‖ x, by the sign of y (SEC 1, 2.3.4); `None` unless there is one on the curve.
pub(crate) fn decompress_point<C: CurveArithmetic>(compressed: &[u8]) -> Option<ProjectivePoint<C>>
where
    AffinePoint<C>: DecompressPoint<C>,
{
    let (sign @ (2 | 3), x) = compressed.split_first()? else {
        return None;
    };
    let x = FieldBytes::<C>::try_from(x).ok()?;
    let point = AffinePoint::<C>::decompress(&x, Choice::from(sign & 1));
    Option::<AffinePoint<C>>::from(point).map(Into::into)
}

/// 04 ‖ x ‖ y; `None` for infinity.
pub(crate) fn encode_point<C: CurveArithmetic>(point: &ProjectivePoint<C>) -> Option<Vec<u8>> {
    if point.is_identity().into() {
        return None;
    }
    let affine = point.to_affine();
    let mut encoded = Vec::from([4]);
    encoded.extend_from_slice(&affine.x());
    encoded.extend_from_slice(&affine.y());
    Some(encoded)
}

/// A private key; `None` for zero, for anything not below the order, and for another length.
pub(crate) fn decode_scalar<C: CurveArithmetic>(bytes: &[u8]) -> Option<NonZeroScalar<C>> {
    let bytes = FieldBytes::<C>::try_from(bytes).ok()?;
    let scalar = Option::<Scalar<C>>::from(Scalar::<C>::from_repr(bytes))?;
    Option::from(NonZeroScalar::<C>::new(scalar))
}

/// The quotient of two private keys modulo the order, as long as the field.
pub(crate) fn divide_scalars<C: CurveArithmetic>(
    dividend: &NonZeroScalar<C>,
    divisor: &NonZeroScalar<C>,
) -> Secret {
    use elliptic_curve::ops::Invert;
    let inverse = Zeroizing::new(divisor.invert());
    let quotient = Zeroizing::new(*dividend.as_ref() * inverse.as_ref());
    let mut bytes = quotient.to_repr();
    let secret = Secret::new(&bytes[..]);
    bytes.zeroize();
    secret
}

/// A number of at most the field's length, modulo the order.
pub(crate) fn reduce_scalar<C: CurveArithmetic>(bytes: &[u8]) -> Option<Scalar<C>> {
    let mut padded = FieldBytes::<C>::default();
    let start = padded.len().checked_sub(bytes.len())?;
    padded[start..].copy_from_slice(bytes);
    Some(<Scalar<C> as Reduce<FieldBytes<C>>>::reduce(&padded))
}
