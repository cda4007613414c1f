//! The checks and their results (BSI TR-03135-1, 3.5.2 and 5.4).

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Defines [`Check`] once: variant, number in a report, name. Whatever matches on a check is then shown by the compiler when
/// one is added, and a test shows the documents and schemas that must name it.
macro_rules! checks {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $number:literal, $name:literal;)+) => {
        /// One thing that an inspection checks. The order is the order in which checks are shown, and in which the first
        /// one that stops a card is looked for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Check {
            $($(#[doc = $meaning])+ $variant,)+
        }

        impl Check {
            /// All checks, in order.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant,)+];

            /// The name in policies, reports, JSON and pages.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The number in a report (docs/schemas/report.cddl). It never changes; new checks get new numbers.
            pub const fn number(self) -> u8 {
                match self { $(Self::$variant => $number,)+ }
            }
        }
    };
}

checks! {
    /// The chip was opened by BAC or PACE.
    ChipAccess = 1, "chip-access";
    /// The unsigned EF.CardAccess agrees with the signed DG14.
    CardAccessAgreement = 2, "card-access-agreement";
    /// The terminal proved itself to the chip.
    TerminalAuthentication = 3, "terminal-authentication";
    /// The chip is the issuer's and no copy: active authentication, chip authentication or PACE-CAM.
    ChipAuthenticity = 4, "chip-authenticity";
    /// Active authentication (Doc 9303-11, 6.1).
    ActiveAuthentication = 5, "chip-authenticity.active";
    /// Chip authentication (Doc 9303-11, 6.2).
    ChipAuthentication = 6, "chip-authenticity.chip";
    /// PACE with chip authentication mapping (Doc 9303-11, 4.4.3.3.3).
    PaceCam = 7, "chip-authenticity.pace-cam";
    /// EF.SOD is a well-formed security object with a valid signature.
    SecurityObject = 8, "security-object";
    /// The signer's certificate comes from an issuer among the anchors.
    IssuerCertificate = 9, "issuer-certificate";
    /// The certificates are valid at the time of the inspection.
    CertificateValidity = 10, "certificate-validity";
    /// The security object was signed while the signer's private key was to be used.
    KeyUsagePeriod = 20, "certificate-validity.key-usage";
    /// The signer's certificate is not revoked.
    Revocation = 11, "revocation";
    /// EF.COM lists the data groups that EF.SOD lists.
    SodComAgreement = 12, "sod-com-agreement";
    /// Each data group that was read has the hash in EF.SOD.
    DataGroupIntegrity = 13, "data-group-integrity";
    /// The issuing state in DG1 is the country of the signer's certificate.
    IssuingState = 14, "issuing-state";
    /// The document has not expired.
    DocumentExpiry = 15, "document-expiry";
    /// What is printed is what DG1 says.
    PrintedElectronicAgreement = 16, "printed-electronic-agreement";
    /// The document is not reported lost, stolen or defective.
    DocumentStatus = 17, "document-status";
    /// The live face is the face on the chip.
    Face = 18, "face";
    /// The live face is a person, not a picture or a mask.
    AttackDetection = 19, "attack-detection";
}

impl Check {
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
