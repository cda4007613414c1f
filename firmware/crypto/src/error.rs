//! What can go wrong, and what to do about it.

use der::asn1::ObjectIdentifier;

use crate::{Curve, DhGroup};

/// Why a cryptographic operation was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// A key has the wrong length for its algorithm.
    #[error("the key has {found} bytes where the algorithm takes {expected}: derive it for this algorithm")]
    KeyLength {
        /// The length the algorithm takes, in bytes.
        expected: usize,
        /// The length that was given, in bytes.
        found: usize,
    },
    /// Data or an initialisation vector do not fit the cipher's blocks.
    #[error("{found} bytes do not fill blocks of {block} bytes: the data were cut short or never padded")]
    BlockLength {
        /// The cipher's block length in bytes.
        block: usize,
        /// The length that was given, in bytes.
        found: usize,
    },
    /// The decrypted data do not end in padding method 2 of ISO/IEC 9797-1.
    #[error("no ISO/IEC 9797-1 padding at the end of the data: wrong key, or altered data")]
    Padding,
    /// The bytes are no point of the curve other than infinity.
    #[error("not a point of {}: refuse the key that carried it", curve.name())]
    InvalidPoint {
        /// The curve it was to lie on.
        curve: Curve,
    },
    /// A private key or nonce lies outside the curve's group order, or is zero.
    #[error("not a private key of {}: zero, too large or of the wrong length", curve.name())]
    InvalidScalar {
        /// The curve it was meant for.
        curve: Curve,
    },
    /// Two keys that must share a curve do not.
    #[error("a key on {} met one on {}: both sides must use the same domain parameters", left.name(), right.name())]
    CurveMismatch {
        /// The curve of the first key.
        left: Curve,
        /// The curve of the second key.
        right: Curve,
    },
    /// An agreement ended in the point at infinity.
    #[error("the key agreement on {} gave the point at infinity: end the protocol", curve.name())]
    Infinity {
        /// The curve of the agreement.
        curve: Curve,
    },
    /// A number is no element of the group's subgroup of prime order, or it is 1.
    #[error("not a public key of the {}: refuse the key", group.name())]
    InvalidGroupElement {
        /// The group it was to belong to.
        group: DhGroup,
    },
    /// A private exponent is zero, not below the group order, or of another length.
    #[error("not a private key of the {}: zero, too large or of the wrong length", group.name())]
    InvalidExponent {
        /// The group it was meant for.
        group: DhGroup,
    },
    /// An agreement or a mapping ended in an element that generates nothing.
    #[error("the key agreement in the {} gave a trivial element: end the protocol", group.name())]
    TrivialElement {
        /// The group of the agreement.
        group: DhGroup,
    },
    /// Two keys that must share a group do not.
    #[error("keys of two different groups met: both sides must use the same domain parameters")]
    GroupMismatch,
    /// Standardised domain parameters that nobody may use any more (TR-03110-3, A.2.1.1).
    #[error("domain parameters {id} ({}) are deprecated: refuse them", deprecated_name(*id))]
    DeprecatedDomainParameters {
        /// Their number.
        id: u8,
    },
    /// A number that stands for no standardised domain parameters.
    #[error("there are no standardised domain parameters {id}")]
    UnknownDomainParameters {
        /// The number.
        id: u8,
    },
    /// The integrated mapping has no outcome: on this curve, or (hardly ever) for these nonces.
    #[error("no integrated mapping on {} for these nonces: refuse the protocol", curve.name())]
    MappingNotPossible {
        /// The curve.
        curve: Curve,
    },
    /// A nonce of the integrated mapping has the wrong length for the cipher.
    #[error("a nonce of {found} bytes where the integrated mapping takes {expected}")]
    NonceLength {
        /// The length that the cipher takes, in bytes.
        expected: usize,
        /// The length that was given, in bytes.
        found: usize,
    },
    /// A curve's object identifier is not one of ours.
    #[error("the curve {oid} is not supported")]
    UnsupportedCurve {
        /// The curve's object identifier.
        oid: ObjectIdentifier,
    },
    /// Explicit parameters that are not those of a supported named curve.
    #[error("explicit curve parameters that belong to no supported curve ({field} differs): refuse the key")]
    UnknownParameters {
        /// The first parameter that fits no curve.
        field: &'static str,
    },
    /// An algorithm identifier that is not one of ours.
    #[error("the algorithm {oid} is not supported")]
    UnsupportedAlgorithm {
        /// The algorithm's object identifier.
        oid: ObjectIdentifier,
    },
    /// An algorithm identifier leaves the hash open and the context names none.
    #[error("the algorithm {oid} names no hash and none was given with it")]
    HashMissing {
        /// The algorithm's object identifier.
        oid: ObjectIdentifier,
    },
    /// The hash that the algorithm names differs from the one given beside it.
    #[error("the signature algorithm hashes with another function than the digest algorithm beside it")]
    HashMismatch,
    /// The signature algorithm does not belong to this kind of key.
    #[error("the signature algorithm does not fit the kind of key")]
    AlgorithmMismatch,
    /// A structure is not what its standard says.
    #[error("{what} is not well-formed DER: refuse it")]
    Malformed {
        /// The structure's name in its standard.
        what: &'static str,
    },
    /// An RSA key that is too small, too large, or no RSA key at all.
    #[error("an RSA key that is not accepted (1024 to 6144 bits, odd exponent)")]
    RsaKey,
    /// The RSA key is too small for this signature scheme and hash.
    #[error("the RSA key is too small for this signature scheme and hash")]
    RsaKeyTooSmall,
    /// Key generation or a private operation failed.
    #[error("the RSA private operation failed: the key is inconsistent")]
    RsaPrivateOperation,
    /// The signature does not verify.
    #[error("the signature does not verify: the data or the signature were altered, or the key is another")]
    SignatureInvalid,
}

/// The names of the deprecated rows of TR-03110-3, table 4.
const fn deprecated_name(id: u8) -> &'static str {
    match id {
        0 => "1024-bit MODP group with 160-bit subgroup",
        8 => "P-192",
        _ => "brainpoolP192r1",
    }
}
