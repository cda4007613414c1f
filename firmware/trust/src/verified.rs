//! Values that only a check can make.

use alloc::vec::Vec;
use core::fmt;

use chipgate_apdu::Timestamp;
use chipgate_lds::{DataGroup, LdsSecurityObject};

use crate::certificate::Certificate;
use crate::fault::HashFault;

/// A value that was found inside a signature which verifies, under a certificate that a trust anchor issued.
///
/// Only this crate makes one, so a function that takes it cannot be reached around the check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T> {
    value: T,
}

impl<T> Verified<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value }
    }

    /// The value.
    pub fn get(&self) -> &T {
        &self.value
    }

    /// The value without its proof.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> core::ops::Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// What the document's EF.SOD says (Doc 9303-10, 4.6.2), and who says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityObject {
    /// The digests of the data groups.
    pub lds: LdsSecurityObject,
    /// The document signer's certificate.
    pub signer: Certificate,
    /// The CSCA certificate that issued it.
    pub anchor: Certificate,
    /// When it was signed, if that is among the signed attributes.
    pub signing_time: Option<Timestamp>,
}

/// The bytes of one data group, as the issuer signed them. They do not appear in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct DataGroupContent {
    /// Which data group it is.
    pub number: DataGroup,
    /// The file as it is on the chip.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for DataGroupContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataGroupContent({}, {} bytes)", self.number, self.bytes.len())
    }
}

impl Verified<SecurityObject> {
    /// Holds the bytes of a data group against the digest in the security object (Doc 9303-11, 5.1, step 4).
    pub fn data_group(&self, number: DataGroup, raw: &[u8]) -> Result<Verified<DataGroupContent>, HashFault> {
        check_digest(&self.value.lds, number, raw)?;
        Ok(Verified::new(DataGroupContent {
            number,
            bytes: raw.to_vec(),
        }))
    }

    /// Whether the security object has a digest for this data group.
    pub fn lists(&self, number: DataGroup) -> bool {
        self.digest(number).is_some()
    }

    /// The digest that the security object has for this data group.
    pub fn digest(&self, number: DataGroup) -> Option<&[u8]> {
        digest(&self.value.lds, number)
    }
}

/// A security object whose signature holds under the certificate that came with it, whoever issued that.
///
/// It proves nothing for a document; it can only speak against one: data that contradict even their own
/// security object were altered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfConsistent {
    lds: LdsSecurityObject,
}

impl SelfConsistent {
    pub(crate) fn new(lds: LdsSecurityObject) -> Self {
        Self { lds }
    }

    /// How the bytes of a data group contradict the security object, if they do.
    pub fn contradiction(&self, number: DataGroup, raw: &[u8]) -> Option<HashFault> {
        check_digest(&self.lds, number, raw).err()
    }
}

fn digest(lds: &LdsSecurityObject, number: DataGroup) -> Option<&[u8]> {
    lds.data_groups
        .iter()
        .find(|(listed, _)| *listed == number)
        .map(|(_, digest)| digest.as_slice())
}

fn check_digest(lds: &LdsSecurityObject, number: DataGroup, raw: &[u8]) -> Result<(), HashFault> {
    let listed = digest(lds, number).ok_or(HashFault::NotListed)?;
    if lds.hash.digest(raw) == listed {
        Ok(())
    } else {
        Err(HashFault::Mismatch)
    }
}
