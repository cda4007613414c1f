//! The named curves and their numbers.

use der::asn1::ObjectIdentifier;

/// An elliptic curve that a travel document may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Curve {
    /// NIST P-224 (secp224r1).
    P224,
    /// NIST P-256 (secp256r1).
    P256,
    /// NIST P-384 (secp384r1).
    P384,
    /// NIST P-521 (secp521r1).
    P521,
    /// brainpoolP224r1 (RFC 5639).
    BrainpoolP224r1,
    /// brainpoolP256r1 (RFC 5639).
    BrainpoolP256r1,
    /// brainpoolP320r1 (RFC 5639).
    BrainpoolP320r1,
    /// brainpoolP384r1 (RFC 5639).
    BrainpoolP384r1,
    /// brainpoolP512r1 (RFC 5639).
    BrainpoolP512r1,
}

impl Curve {
    /// Every curve here.
    pub const ALL: [Self; 9] = [
        Self::P224,
        Self::P256,
        Self::P384,
        Self::P521,
        Self::BrainpoolP224r1,
        Self::BrainpoolP256r1,
        Self::BrainpoolP320r1,
        Self::BrainpoolP384r1,
        Self::BrainpoolP512r1,
    ];

    /// The object identifier (RFC 5480, RFC 5639).
    pub const fn oid(self) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(match self {
            Self::P224 => "1.3.132.0.33",
            Self::P256 => "1.2.840.10045.3.1.7",
            Self::P384 => "1.3.132.0.34",
            Self::P521 => "1.3.132.0.35",
            Self::BrainpoolP224r1 => "1.3.36.3.3.2.8.1.1.5",
            Self::BrainpoolP256r1 => "1.3.36.3.3.2.8.1.1.7",
            Self::BrainpoolP320r1 => "1.3.36.3.3.2.8.1.1.9",
            Self::BrainpoolP384r1 => "1.3.36.3.3.2.8.1.1.11",
            Self::BrainpoolP512r1 => "1.3.36.3.3.2.8.1.1.13",
        })
    }

    /// The curve with this object identifier.
    pub fn from_oid(oid: &ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.oid() == *oid)
    }

    /// The number in the table of standardised domain parameters (TR-03110-3, A.2.1.1; Doc 9303-11, 9.5.1).
    pub const fn domain_parameter_id(self) -> u8 {
        match self {
            Self::P224 => 10,
            Self::BrainpoolP224r1 => 11,
            Self::P256 => 12,
            Self::BrainpoolP256r1 => 13,
            Self::BrainpoolP320r1 => 14,
            Self::P384 => 15,
            Self::BrainpoolP384r1 => 16,
            Self::BrainpoolP512r1 => 17,
            Self::P521 => 18,
        }
    }

    /// The curve with this number in the table of standardised domain parameters.
    pub fn from_domain_parameter_id(id: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|curve| curve.domain_parameter_id() == id)
    }

    /// The length of a coordinate, and of a private key, in bytes.
    pub const fn field_length(self) -> usize {
        match self {
            Self::P224 | Self::BrainpoolP224r1 => 28,
            Self::P256 | Self::BrainpoolP256r1 => 32,
            Self::BrainpoolP320r1 => 40,
            Self::P384 | Self::BrainpoolP384r1 => 48,
            Self::BrainpoolP512r1 => 64,
            Self::P521 => 66,
        }
    }

    /// The length of the group order in bits.
    pub const fn order_bits(self) -> usize {
        match self {
            Self::P521 => 521,
            _ => self.field_length() * 8,
        }
    }

    /// Whether PACE's integrated mapping exists here: its point encoding wants a prime p ≡ 3 modulo 4, which that of
    /// P-224 is not (TR-03110-3, table 4).
    pub const fn has_integrated_mapping(self) -> bool {
        !matches!(self, Self::P224)
    }

    /// Its usual name, as in "P-256" or "brainpoolP256r1".
    pub const fn name(self) -> &'static str {
        match self {
            Self::P224 => "P-224",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::BrainpoolP224r1 => "brainpoolP224r1",
            Self::BrainpoolP256r1 => "brainpoolP256r1",
            Self::BrainpoolP320r1 => "brainpoolP320r1",
            Self::BrainpoolP384r1 => "brainpoolP384r1",
            Self::BrainpoolP512r1 => "brainpoolP512r1",
        }
    }
}
