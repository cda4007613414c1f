//! What can be wrong with a card, and what an inspection must make of it.

mod tamper;

use core::{fmt, str::FromStr};

use serde::Serialize;

use crate::{
    CardError, Profile,
    issue::{Plan, Portrait},
    pki::{IssuingState, SignerKind},
};

/// What an inspection of a faulty card must come to, with the PKI's anchors and the default policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Expectation {
    /// The fault's name.
    pub name: &'static str,
    /// The profile of the card.
    pub profile: Profile,
    /// `accept`, `refer` or `refuse`.
    pub verdict: &'static str,
    /// The name of the check that stops the card; `null` if none does.
    pub stopped_by: Option<&'static str>,
    /// That check's reason.
    pub reason: Option<&'static str>,
}

/// The check that stops a card, and its reason; neither where nothing stops it.
const fn part(stop: &[&'static str], index: usize) -> Option<&'static str> {
    if index < stop.len() {
        Some(stop[index])
    } else {
        None
    }
}

/// Defines [`Fault`] once: variant, name, what it is, and the expectation for each profile that it fits.
macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal:
        $([$($profile:ident),+] $verdict:ident $stop:tt;)+)+) => {
        /// Something that is wrong with a card.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Fault {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Fault {
            /// Every fault.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name on the command line and in a card file.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it is, in one sentence.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }

        const EXPECTATIONS: &[Expectation] = &[$($($(Expectation {
            name: $name,
            profile: Profile::$profile,
            verdict: stringify!($verdict),
            stopped_by: part(&$stop, 0),
            reason: part(&$stop, 1),
        },)+)+)+];
    };
}

faults! {
    /// The name in DG1 was changed after signing.
    AlteredDataGroup = "altered-data-group":
        [VnCccd, Td3Bac, Td3Pace] refuse ["data-group-integrity", "data-group-altered"];
    /// The portrait in DG2 was changed after signing.
    AlteredPortrait = "altered-portrait":
        [VnCccd, Td3Bac, Td3Pace] refuse ["data-group-integrity", "data-group-altered"];
    /// A hash in the security object was changed to fit an altered DG1.
    AlteredSod = "altered-sod":
        [VnCccd, Td3Bac, Td3Pace] refuse ["security-object", "security-object-altered"];
    /// The chip has no security object.
    MissingSod = "missing-sod":
        [VnCccd, Td3Bac, Td3Pace] refuse ["security-object", "security-object-missing"];
    /// The security object is cut short, its length made to fit.
    GarbledSod = "garbled-sod":
        [VnCccd, Td3Bac, Td3Pace] refuse ["security-object", "security-object-unreadable"];
    /// The signature of the security object was changed.
    BrokenSignature = "broken-signature":
        [VnCccd, Td3Bac, Td3Pace] refuse ["security-object", "signature-invalid"];
    /// The security object is signed under an authority that is no anchor.
    ForeignSod = "foreign-sod":
        [VnCccd, Td3Bac, Td3Pace] refer ["issuer-certificate", "issuer-unknown"];
    /// The signer's certificate names an anchor as its issuer, and another key signed it.
    ForgedSigner = "forged-signer":
        [VnCccd, Td3Bac, Td3Pace] refuse ["issuer-certificate", "certificate-forged"];
    /// The certificate is one of an authority, which must not sign documents.
    UnfitSigner = "unfit-signer":
        [VnCccd, Td3Bac, Td3Pace] refuse ["issuer-certificate", "certificate-unfit"];
    /// The signer's certificate has expired.
    ExpiredSigner = "expired-signer":
        [VnCccd, Td3Bac, Td3Pace] refuse ["certificate-validity", "certificate-expired"];
    /// The signer's certificate is not valid yet.
    EarlySigner = "early-signer":
        [VnCccd, Td3Bac, Td3Pace] refuse ["certificate-validity", "certificate-not-yet-valid"];
    /// The signer's certificate is on the revocation list.
    RevokedSigner = "revoked-signer":
        [VnCccd, Td3Bac, Td3Pace] refuse ["revocation", "certificate-revoked"];
    /// All data are genuine, and the chip lacks the private keys: a copy.
    CopiedChip = "copied-chip":
        [VnCccd, Td3Pace] refuse ["chip-authenticity", "chip-authentication-failed"];
        [Td3Bac] refuse ["chip-authenticity", "active-authentication-failed"];
    /// A copy that hides DG14 and DG15, though the security object lists them.
    CopiedChipWithoutChipKeys = "copied-chip-without-chip-keys":
        [VnCccd, Td3Bac, Td3Pace] refuse ["chip-authenticity", "chip-key-withheld"];
    /// A copy that brings keys of its own: DG14 and DG15 are exchanged with them.
    SwappedChipKeys = "swapped-chip-keys":
        [VnCccd, Td3Bac, Td3Pace] refuse ["chip-authenticity", "chip-key-withheld"];
    /// Chip authentication is right, and active authentication is answered by another key.
    WrongActiveKey = "wrong-active-key":
        [VnCccd, Td3Pace] refuse ["chip-authenticity.active", "active-authentication-failed"];
    /// EF.CardAccess announces PACE with other parameters than DG14, and the chip runs it.
    CardAccessLies = "card-access-lies":
        [VnCccd, Td3Pace] refuse ["card-access-agreement", "card-access-differs"];
    /// EF.CardAccess is withheld and the chip opens by BAC, though DG14 announces PACE.
    CardAccessWithheld = "card-access-withheld":
        [VnCccd, Td3Pace] refuse ["card-access-agreement", "card-access-withheld"];
    /// EF.CardAccess does without its offer of PACE and the chip opens by BAC, though DG14 announces PACE.
    CardAccessStripped = "card-access-stripped":
        [VnCccd, Td3Pace] refuse ["card-access-agreement", "card-access-withheld"];
    /// EF.COM hides a data group that the security object lists.
    ComLies = "com-lies":
        [VnCccd, Td3Bac, Td3Pace] refuse ["sod-com-agreement", "com-differs"];
    /// The chip has no EF.COM.
    MissingCom = "missing-com":
        [VnCccd, Td3Bac, Td3Pace] refer ["sod-com-agreement", "com-missing"];
    /// The security object lists DG2, and the chip does not have it.
    MissingPortrait = "missing-portrait":
        [VnCccd, Td3Bac, Td3Pace] refuse ["data-group-integrity", "data-group-missing"];
    /// DG2 ends before the length that it starts with.
    TruncatedPortrait = "truncated-portrait":
        [VnCccd, Td3Bac, Td3Pace] refuse ["data-group-integrity", "data-group-unreadable"];
    /// DG2 claims a length of two gigabytes.
    LyingLength = "lying-length":
        [VnCccd, Td3Bac, Td3Pace] refuse ["data-group-integrity", "data-group-unreadable"];
    /// A signer of the other country signed the document.
    WrongIssuingState = "wrong-issuing-state":
        [VnCccd, Td3Bac, Td3Pace] refuse ["issuing-state", "issuing-state-differs"];
    /// The document has expired.
    ExpiredDocument = "expired-document":
        [VnCccd, Td3Bac, Td3Pace] refer ["document-expiry", "document-expired"];
    /// The issuer gave the card no portrait, as young children's have none: nothing to refuse it for.
    NoPortrait = "no-portrait":
        [VnCccd, Td3Bac, Td3Pace] accept [];
    /// The issuer gave the chip no key of its own, as some do: a copy could not be told.
    NoChipKeys = "no-chip-keys":
        [Td3Bac] accept [];
}

/// Each fault with what an inspection must make of it, once for each profile that it fits.
pub const fn faults() -> &'static [Expectation] {
    EXPECTATIONS
}

impl Fault {
    /// What an inspection of a card of this profile must come to; `None` if the fault does not fit it.
    pub fn expectation(self, profile: Profile) -> Option<Expectation> {
        let fits =
            |expectation: &&Expectation| expectation.name == self.name() && expectation.profile == profile;
        EXPECTATIONS.iter().find(fits).copied()
    }

    pub(crate) fn check_profile(self, profile: Profile) -> Result<(), CardError> {
        let misfit = CardError::FaultDoesNotFit {
            fault: self.name(),
            profile: profile.name(),
        };
        self.expectation(profile).map(|_| ()).ok_or(misfit)
    }

    /// Changes what is to be signed.
    pub(crate) fn plan(self, plan: &mut Plan) {
        let (state, _) = plan.signer;
        match self {
            Self::ForeignSod => plan.signer = (state, SignerKind::Foreign),
            Self::ForgedSigner => plan.signer = (state, SignerKind::Forged),
            Self::RevokedSigner => plan.signer = (state, SignerKind::Revoked),
            Self::UnfitSigner => plan.signer = (state, SignerKind::Unfit),
            Self::EarlySigner => plan.signer = (state, SignerKind::Early),
            Self::ExpiredSigner => {
                plan.signer = (state, SignerKind::Expired);
                plan.signing_time = plan.signing_time.plus_days(-500);
            }
            Self::WrongIssuingState => {
                let other = match state {
                    IssuingState::Vietnam => IssuingState::Utopia,
                    IssuingState::Utopia => IssuingState::Vietnam,
                };
                plan.signer = (other, SignerKind::Current);
            }
            Self::ExpiredDocument => plan.expire(),
            Self::NoPortrait => plan.design.portrait = Portrait::No,
            Self::NoChipKeys => plan.forget_chip_keys(),
            _ => {}
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = CardError;

    fn from_str(name: &str) -> Result<Self, CardError> {
        let found = Self::ALL.iter().find(|fault| fault.name() == name);
        found.copied().ok_or_else(|| CardError::UnknownFault {
            name: name.to_owned(),
        })
    }
}
