//! The checks and their results (BSI TR-03135-1, 3.5.2 and 5.4).

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// One thing that an inspection checks. The order is the order in which checks are shown, and in which the first
/// one that stops a card is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// The chip was opened by BAC or PACE.
    ChipAccess,
    /// The unsigned EF.CardAccess agrees with the signed DG14.
    CardAccessAgreement,
    /// The terminal proved itself to the chip.
    TerminalAuthentication,
    /// The chip is the issuer's and no copy: active authentication, chip authentication or PACE-CAM.
    ChipAuthenticity,
    /// Active authentication (Doc 9303-11, 6.1).
    ActiveAuthentication,
    /// Chip authentication (Doc 9303-11, 6.2).
    ChipAuthentication,
    /// PACE with chip authentication mapping (Doc 9303-11, 4.4.3.3.3).
    PaceCam,
    /// EF.SOD is a well-formed security object with a valid signature.
    SecurityObject,
    /// The signer's certificate comes from an issuer among the anchors.
    IssuerCertificate,
    /// The certificates are valid at the time of the inspection.
    CertificateValidity,
    /// The security object was signed while the signer's private key was to be used.
    KeyUsagePeriod,
    /// The signer's certificate is not revoked.
    Revocation,
    /// EF.COM lists the data groups that EF.SOD lists.
    SodComAgreement,
    /// Each data group that was read has the hash in EF.SOD.
    DataGroupIntegrity,
    /// The issuing state in DG1 is the country of the signer's certificate.
    IssuingState,
    /// The document has not expired.
    DocumentExpiry,
    /// What is printed is what DG1 says.
    PrintedElectronicAgreement,
    /// The document is not reported lost, stolen or defective.
    DocumentStatus,
    /// The live face is the face on the chip.
    Face,
    /// The live face is a person, not a picture or a mask.
    AttackDetection,
}

impl Check {
    /// All checks, in order.
    pub const ALL: [Self; 20] = [
        Self::ChipAccess,
        Self::CardAccessAgreement,
        Self::TerminalAuthentication,
        Self::ChipAuthenticity,
        Self::ActiveAuthentication,
        Self::ChipAuthentication,
        Self::PaceCam,
        Self::SecurityObject,
        Self::IssuerCertificate,
        Self::CertificateValidity,
        Self::KeyUsagePeriod,
        Self::Revocation,
        Self::SodComAgreement,
        Self::DataGroupIntegrity,
        Self::IssuingState,
        Self::DocumentExpiry,
        Self::PrintedElectronicAgreement,
        Self::DocumentStatus,
        Self::Face,
        Self::AttackDetection,
    ];

    /// The name in policies, reports, JSON and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ChipAccess => "chip-access",
            Self::CardAccessAgreement => "card-access-agreement",
            Self::TerminalAuthentication => "terminal-authentication",
            Self::ChipAuthenticity => "chip-authenticity",
            Self::ActiveAuthentication => "chip-authenticity.active",
            Self::ChipAuthentication => "chip-authenticity.chip",
            Self::PaceCam => "chip-authenticity.pace-cam",
            Self::SecurityObject => "security-object",
            Self::IssuerCertificate => "issuer-certificate",
            Self::CertificateValidity => "certificate-validity",
            Self::KeyUsagePeriod => "certificate-validity.key-usage",
            Self::Revocation => "revocation",
            Self::SodComAgreement => "sod-com-agreement",
            Self::DataGroupIntegrity => "data-group-integrity",
            Self::IssuingState => "issuing-state",
            Self::DocumentExpiry => "document-expiry",
            Self::PrintedElectronicAgreement => "printed-electronic-agreement",
            Self::DocumentStatus => "document-status",
            Self::Face => "face",
            Self::AttackDetection => "attack-detection",
        }
    }

    /// The check of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|check| check.name() == name)
    }

    /// The check that this one is a part of.
    pub const fn parent(self) -> Option<Self> {
        match self {
            Self::ActiveAuthentication | Self::ChipAuthentication | Self::PaceCam => {
                Some(Self::ChipAuthenticity)
            }
            Self::KeyUsagePeriod => Some(Self::CertificateValidity),
            _ => None,
        }
    }

    /// The number in a report (docs/schemas/report.cddl). It never changes; new checks get new numbers.
    pub const fn number(self) -> u8 {
        match self {
            Self::ChipAccess => 1,
            Self::CardAccessAgreement => 2,
            Self::TerminalAuthentication => 3,
            Self::ChipAuthenticity => 4,
            Self::ActiveAuthentication => 5,
            Self::ChipAuthentication => 6,
            Self::PaceCam => 7,
            Self::SecurityObject => 8,
            Self::IssuerCertificate => 9,
            Self::CertificateValidity => 10,
            Self::Revocation => 11,
            Self::SodComAgreement => 12,
            Self::DataGroupIntegrity => 13,
            Self::IssuingState => 14,
            Self::DocumentExpiry => 15,
            Self::PrintedElectronicAgreement => 16,
            Self::DocumentStatus => 17,
            Self::Face => 18,
            Self::AttackDetection => 19,
            Self::KeyUsagePeriod => 20,
        }
    }

    /// The check of that number in a report.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|check| check.number() == number)
    }
}

/// What a check came to (BSI TR-03135-1, 3.5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckResult {
    /// It ran and found what it should.
    Successful,
    /// It ran and found what must not be.
    Failed,
    /// It did not run, or what it needs was not there.
    Undetermined,
    /// It cannot run on this document, as the issuer made it.
    NotSupported,
    /// It was broken off.
    Aborted,
}

impl CheckResult {
    /// All results, in the order in which the guideline names them.
    pub const ALL: [Self; 5] = [
        Self::Successful,
        Self::Failed,
        Self::Undetermined,
        Self::NotSupported,
        Self::Aborted,
    ];

    /// The name in policies, reports, JSON and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Successful => "successful",
            Self::Failed => "failed",
            Self::Undetermined => "undetermined",
            Self::NotSupported => "not_supported",
            Self::Aborted => "aborted",
        }
    }

    /// The result of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|result| result.name() == name)
    }

    /// The number in a report.
    pub const fn number(self) -> u8 {
        match self {
            Self::Successful => 0,
            Self::Failed => 1,
            Self::Undetermined => 2,
            Self::NotSupported => 3,
            Self::Aborted => 4,
        }
    }

    /// The result of that number in a report.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|result| result.number() == number)
    }
}

/// `Display` and serde by name, for enums that have `name` and `from_name`.
macro_rules! by_name {
    ($($type:ident: $what:literal),+ $(,)?) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = alloc::string::String::deserialize(deserializer)?;
                Self::from_name(&name)
                    .ok_or_else(|| de::Error::invalid_value(de::Unexpected::Str(&name), &$what))
            }
        }
    )+};
}
pub(crate) use by_name;

by_name!(Check: "the name of a check", CheckResult: "the name of a result");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_and_result_is_found_by_its_name_and_number() {
        for check in Check::ALL {
            assert_eq!(Check::from_name(check.name()), Some(check));
            assert_eq!(Check::from_number(check.number()), Some(check));
        }
        for result in CheckResult::ALL {
            assert_eq!(CheckResult::from_name(result.name()), Some(result));
            assert_eq!(CheckResult::from_number(result.number()), Some(result));
        }
    }

    #[test]
    fn a_part_is_named_after_the_whole() {
        for check in Check::ALL {
            if let Some(parent) = check.parent() {
                let part = check.name().strip_prefix(parent.name());
                assert!(part.is_some_and(|part| part.starts_with('.')), "{check}");
            }
        }
    }
}
