//! What can be wrong with a report or a beacon, and with signing one.

/// What is wrong with a report or a beacon, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// It is longer than a report may be.
    #[error("{length} bytes are more than a report may have (65,536): leave out evidence that is not needed")]
    TooLarge {
        /// Its length in bytes.
        length: usize,
    },
    /// It is cut short, or something else stands where a field should be.
    #[error(
        "`{field}` cannot be read at byte {position}: this is not what docs/schemas/report.cddl describes"
    )]
    Malformed {
        /// The field, as the schema names it.
        field: &'static str,
        /// Where it should begin, in the structure that holds it.
        position: usize,
    },
    /// It says the right thing in another encoding than the deterministic one (RFC 8949, 4.2.1).
    #[error("the encoding is not the deterministic one of RFC 8949, 4.2.1: the sender is not a chipgate")]
    NotDeterministic,
    /// It is of a version that this software does not know.
    #[error("version {version} is newer than this software: update it")]
    UnsupportedVersion {
        /// The version it names.
        version: u64,
    },
    /// It is signed by another algorithm than ES256 (RFC 9053, 2.1).
    #[error("the signature is not ES256, the only algorithm of reports")]
    UnsupportedAlgorithm,
    /// A number that stands for nothing that this software knows.
    #[error("`{field}` has the number {number}, which this software does not know: update it")]
    UnknownNumber {
        /// The field, as the schema names it.
        field: &'static str,
        /// The number.
        number: u64,
    },
    /// A field breaks a rule of the schema.
    #[error("`{field}` breaks a rule: {rule}")]
    Invalid {
        /// The field, as the schema names it.
        field: &'static str,
        /// The rule.
        rule: &'static str,
    },
    /// It was signed by another key than the one it was held against.
    #[error("it names another key than the one registered: is this another device's report?")]
    OtherKey,
    /// The key cannot sign or verify ES256: it is not on P-256.
    #[error("the key is not on P-256: reports and beacons are signed by ES256")]
    UnsuitableKey,
    /// The signature is wrong: it was altered, or made by another key.
    #[error("the signature is wrong: it was altered on its way, or signed by another key")]
    BadSignature,
    /// The signature's s is in the upper half of its range: anyone can make such a twin of a right signature.
    #[error("the signature's s is not the lower of its two values: the sender is not a chipgate")]
    HighS,
    /// The signer could not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

/// Why a signer could not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    /// The key is not at hand, such as a token that was pulled out.
    #[error("the device's key is not at hand: see that its file can be read or its token is plugged in")]
    Unavailable,
    /// The key is there and may not be used, such as after a wrong PIN.
    #[error("the device's key may not be used: check its PIN and permissions")]
    Refused,
    /// The key is not on P-256.
    #[error("the device's key is not on P-256: make a new one and register it")]
    UnsuitableKey,
}
