//! Arithmetic modulo an odd public number whose length is known at run time only: the primes of Diffie-Hellman groups, and
//! the fields of curves where the curves' own types give no access to them. Constant time in everything but the
//! modulus and the lengths.

use alloc::vec::Vec;

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, CtAssign, CtEq};
use zeroize::Zeroizing;

/// An odd modulus.
pub(crate) struct Modulus {
    parameters: BoxedMontyParams,
    /// Its length in bytes.
    length: usize,
}

/// A number modulo a [`Modulus`]; wiped when dropped.
#[derive(Clone)]
pub(crate) struct Residue(Zeroizing<BoxedMontyForm>);

impl Modulus {
    /// A modulus from its big-endian bytes; `None` if it is even.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let number = BoxedUint::from_be_slice_truncated(bytes, bits(bytes.len()));
        let modulus = Option::from(number.into_odd())?;
        Some(Self {
            parameters: BoxedMontyParams::new_vartime(modulus),
            length: bytes.len(),
        })
    }

    /// A number of any length modulo this.
    pub fn reduce(&self, bytes: &[u8]) -> Residue {
        let modulus = self.parameters.modulus().as_nz_ref();
        let wide = Zeroizing::new(BoxedUint::from_be_slice_truncated(
            bytes,
            bits(bytes.len().max(self.length)),
        ));
        let reduced = wide.rem(modulus);
        Residue(Zeroizing::new(BoxedMontyForm::new(reduced, &self.parameters)))
    }

    /// A number that is below the modulus already; `None` if it is not.
    pub fn element(&self, bytes: &[u8]) -> Option<Residue> {
        let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
        let significant = &bytes[start..];
        if significant.len() > self.length {
            return None;
        }
        let residue = self.reduce(significant);
        let restored = self.to_bytes(&residue);
        let (zeros, rest) = restored.split_at(self.length - significant.len());
        (zeros.iter().all(|byte| *byte == 0) && rest == significant).then_some(residue)
    }

    /// One.
    pub fn one(&self) -> Residue {
        Residue(Zeroizing::new(BoxedMontyForm::one(&self.parameters)))
    }

    /// The number, big-endian, of the modulus's length.
    pub fn to_bytes(&self, residue: &Residue) -> Zeroizing<Vec<u8>> {
        let number = Zeroizing::new(residue.0.retrieve());
        let bytes = Zeroizing::new(number.to_be_bytes());
        Zeroizing::new(bytes[bytes.len() - self.length..].to_vec())
    }
}

impl Residue {
    /// The sum.
    pub fn plus(&self, other: &Self) -> Self {
        Self(Zeroizing::new(self.0.add(&other.0)))
    }

    /// The negative.
    pub fn negated(&self) -> Self {
        Self(Zeroizing::new(self.0.neg()))
    }

    /// The product.
    pub fn times(&self, other: &Self) -> Self {
        Self(Zeroizing::new(self.0.mul(&other.0)))
    }

    /// The square.
    pub fn squared(&self) -> Self {
        Self(Zeroizing::new(self.0.square()))
    }

    /// The power with this big-endian exponent; the time depends on the exponent's length.
    pub fn power(&self, exponent: &[u8]) -> Self {
        let exponent = Zeroizing::new(BoxedUint::from_be_slice_truncated(exponent, bits(exponent.len())));
        Self(Zeroizing::new(self.0.pow(&exponent)))
    }

    /// The inverse; `None` if there is none.
    pub fn inverted(&self) -> Option<Self> {
        Option::<BoxedMontyForm>::from(self.0.invert()).map(|inverse| Self(Zeroizing::new(inverse)))
    }

    /// `self` where `left == right`, else `other`.
    pub fn if_equal(&self, (left, right): (&Self, &Self), other: &Self) -> Self {
        let mut chosen = other.clone();
        chosen.0.ct_assign(&self.0, left.0.ct_eq(&right.0));
        chosen
    }

    /// Whether two numbers are the same.
    pub fn equals(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// The precision that a number of this many bytes takes.
fn bits(length: usize) -> u32 {
    u32::try_from(length.max(1) * 8).unwrap_or(u32::MAX)
}
