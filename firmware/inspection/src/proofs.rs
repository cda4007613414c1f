//! The verified data of a document, from which alone keys and contents count.

use alloc::vec::Vec;

use chipgate_lds::{DataGroup, Dg1, LdsError, Mrz, SecurityInfos, parse_dg14, parse_dg15};
use chipgate_trust::{HashFault, PassiveAuthentication, SecurityObject, Verified};

use crate::observations::{FileObservation, Files};

/// A data group in the light of the security object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group<T> {
    /// It is the issuer's.
    Verified(T),
    /// It was read and is not the issuer's.
    Altered,
    /// It is listed, and could not be read in whole.
    Withheld,
    /// It is listed, and reading it was not tried.
    NotRead,
    /// The verified security object does not list it.
    NotListed,
    /// There is no verified security object.
    Unproven,
}

/// The verified data of a document.
pub(crate) struct Proofs<'a> {
    pub security_object: Option<&'a Verified<SecurityObject>>,
    files: &'a Files,
}

impl<'a> Proofs<'a> {
    /// A security object counts only if the steps that prove it are successful.
    pub(crate) fn new(passive: Option<&'a PassiveAuthentication>, files: &'a Files) -> Self {
        let proven = passive.filter(|passive| {
            passive.security_object().is_successful() && passive.issuer_certificate().is_successful()
        });
        Self {
            security_object: proven.and_then(|passive| passive.verified()),
            files,
        }
    }

    pub(crate) fn lists(&self, number: DataGroup) -> bool {
        self.security_object.is_some_and(|object| object.lists(number))
    }

    /// The bytes of a data group, if they are the issuer's.
    pub(crate) fn group(&self, number: DataGroup) -> Group<Vec<u8>> {
        let Some(object) = self.security_object else {
            return Group::Unproven;
        };
        if !object.lists(number) {
            return Group::NotListed;
        }
        match self.files.group(number) {
            None => Group::NotRead,
            Some(FileObservation::Read(bytes)) => match object.data_group(number, bytes) {
                Ok(content) => Group::Verified(content.into_inner().bytes),
                Err(HashFault::Mismatch | HashFault::NotListed) => Group::Altered,
            },
            Some(_) => Group::Withheld,
        }
    }

    /// The verified machine readable zone.
    pub(crate) fn mrz(&self) -> Group<Result<Mrz, LdsError>> {
        self.group(DataGroup::DG1)
            .map(|file| Dg1::parse(&file).map(|dg1| dg1.mrz))
    }

    /// The verified SecurityInfos of DG14.
    pub(crate) fn dg14(&self) -> Group<Result<SecurityInfos, LdsError>> {
        self.group(DataGroup::DG14).map(|file| parse_dg14(&file))
    }

    /// The verified public key of DG15, as SubjectPublicKeyInfo in DER.
    pub(crate) fn dg15(&self) -> Group<Result<Vec<u8>, LdsError>> {
        self.group(DataGroup::DG15).map(|file| parse_dg15(&file))
    }
}

impl<T> Group<T> {
    fn map<U>(self, map: impl FnOnce(T) -> U) -> Group<U> {
        match self {
            Self::Verified(value) => Group::Verified(map(value)),
            Self::Altered => Group::Altered,
            Self::Withheld => Group::Withheld,
            Self::NotRead => Group::NotRead,
            Self::NotListed => Group::NotListed,
            Self::Unproven => Group::Unproven,
        }
    }
}
