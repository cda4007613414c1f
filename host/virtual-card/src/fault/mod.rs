//! What can be wrong with a card, and what an inspection must make of it.

mod disturb;
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
    /// `accept`, `refer` or `refuse`; `null` if the inspection ends with an error.
    pub verdict: Option<&'static str>,
    /// The name of the check that stops the card; `null` if none does.
    pub stopped_by: Option<&'static str>,
    /// That check's reason.
    pub reason: Option<&'static str>,
    /// The code of the error that the inspection ends with; `null` if it comes to a verdict.
    pub error: Option<&'static str>,
}

/// An outcome as it stands in the list: a verdict with the check that stops and its reason, or an error with its code.
const fn expectation(
    name: &'static str,
    profile: Profile,
    outcome: &'static str,
    parts: &[&'static str],
) -> Expectation {
    let is_error = matches!(outcome.as_bytes(), b"error");
    Expectation {
        name,
        profile,
        verdict: if is_error { None } else { Some(outcome) },
        stopped_by: if is_error { None } else { part(parts, 0) },
        reason: if is_error { None } else { part(parts, 1) },
        error: if is_error { part(parts, 0) } else { None },
    }
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

        const EXPECTATIONS: &[Expectation] =
            &[$($($(expectation($name, Profile::$profile, stringify!($verdict), &$stop),)+)+)+];
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
        [VnCccd, Td3Bac, Td3Pace] refuse ["chip-authenticity", "active-authentication-failed"];
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
    /// EF.CardSecurity is not as it was signed.
    AlteredCardSecurity = "altered-card-security":
        [Td3PaceCam] refuse ["chip-authenticity.pace-cam", "card-security-not-authentic"];
    /// The encrypted data that would prove the chip genuine during PACE are altered.
    WrongMappingData = "wrong-mapping-data":
        [Td3PaceCam] error ["secure-messaging-broken"];
    /// EF.COM is no such file.
    GarbledCom = "garbled-com":
        [Td3Bac] refuse ["sod-com-agreement", "com-unreadable"];
    /// EF.CardAccess offers PACE with domain parameters of 1024 bits only, which are deprecated.
    DeprecatedParameters = "deprecated-parameters":
        [Td3Pace, Td3PaceDh] error ["not-supported"];
    /// EF.CardAccess offers PACE by a protocol that no one knows.
    UnknownPace = "unknown-pace":
        [Td3Pace, Td3PaceBac] error ["not-supported"];
    /// EF.CardAccess offers PACE and leaves out the parameters that must follow.
    GarbledCardAccess = "garbled-card-access":
        [Td3Pace, Td3PaceBac] error ["chip-malformed"];
    /// DG2 claims a hundred megabytes, and the chip gives as many bytes as one asks for.
    EndlessPortrait = "endless-portrait":
        [VnCccd, Td3Bac] refuse ["data-group-integrity", "data-group-unreadable"];
    /// The security object claims a hundred megabytes, and the chip gives as many bytes as one asks for.
    EndlessSod = "endless-sod":
        [Td3Bac] refuse ["security-object", "security-object-missing"];
    /// The chip takes a tenth of a second for each command: nothing to refuse it for.
    Slow = "slow":
        [Td3Pace] accept [];
    /// The card leaves the reader after the first command.
    DropsAtOnce = "drops-at-once":
        [VnCccd, Td3Bac] error ["card-lost"];
    /// The card leaves the reader in the midst of gaining access.
    DropsInAccess = "drops-in-access":
        [VnCccd, Td3Bac] error ["card-lost"];
    /// The card leaves the reader while it is read.
    DropsWhileReading = "drops-while-reading":
        [VnCccd, Td3Bac] error ["card-lost"];
    /// From the fourth READ BINARY on there is no answer.
    Silent = "silent":
        [VnCccd, Td3Bac] error ["reader-failed"];
    /// From the fourth READ BINARY on the answers are random bytes.
    Garbage = "garbage":
        [VnCccd, Td3Bac] error ["secure-messaging-broken"];
    /// From the third protected response on the checksums are wrong.
    WrongMac = "wrong-mac":
        [VnCccd, Td3Bac] error ["secure-messaging-broken"];
    /// The fourth READ BINARY and every one after it is answered with the response before.
    ReplayedResponse = "replayed-response":
        [VnCccd, Td3Bac] error ["secure-messaging-broken"];
    /// From the fourth READ BINARY on half of the response is missing.
    TruncatedResponse = "truncated-response":
        [VnCccd, Td3Bac] error ["secure-messaging-broken"];
    /// From the fourth READ BINARY on the status word outside is not the protected one.
    OtherStatusOutside = "other-status-outside":
        [Td3Bac] error ["secure-messaging-broken"];
    /// From the fourth READ BINARY on the chip answers 9000 without protection.
    UnprotectedAnswer = "unprotected-answer":
        [VnCccd, Td3Bac] error ["secure-messaging-broken"];
    /// From the fourth READ BINARY on the chip has lost the session: 6988.
    SessionLost = "session-lost":
        [VnCccd, Td3Bac] error ["secure-messaging-broken"];
    /// READ BINARY succeeds and brings nothing.
    NoData = "no-data":
        [Td3Bac] refuse ["chip-authenticity", "chip-key-withheld"];
    /// There is no application of travel documents: 6A82.
    NoApplication = "no-application":
        [VnCccd, Td3Bac] error ["no-travel-document"];
    /// The chip announces PACE and refuses to begin it: 6A80.
    PaceRefused = "pace-refused":
        [VnCccd, Td3Pace] error ["chip-refused"];
    /// PACE breaks off in the midst with 6F00.
    PaceBreaksOff = "pace-breaks-off":
        [VnCccd, Td3Pace] error ["chip-refused"];
    /// The right password is refused with 6300.
    PasswordRefused = "password-refused":
        [VnCccd, Td3Bac, Td3Pace] error ["wrong-password"];
    /// The password is blocked: 6983.
    PasswordBlocked = "password-blocked":
        [VnCccd, Td3Pace] error ["password-blocked"];
        [Td3Bac] error ["chip-refused"];
    /// The chip's token in the last step of PACE is wrong.
    WrongPaceToken = "wrong-pace-token":
        [VnCccd, Td3Pace, Td3PaceIm] error ["wrong-password"];
    /// The chip's public key in PACE is no point of the curve.
    KeyOffCurve = "key-off-curve":
        [VnCccd, Td3Pace] error ["chip-bad-key"];
    /// The chip sends the reader's own public key back in PACE.
    ReflectedKey = "reflected-key":
        [VnCccd, Td3Pace] error ["chip-malformed"];
    /// The chip's answer in BAC has been changed on its way.
    WrongBacAnswer = "wrong-bac-answer":
        [Td3Bac] error ["wrong-password"];
    /// GET CHALLENGE is refused: 6D00.
    ChallengeRefused = "challenge-refused":
        [Td3Bac] error ["chip-refused"];
    /// The security object is refused: 6982.
    SodRefused = "sod-refused":
        [VnCccd, Td3Bac] refuse ["security-object", "security-object-missing"];
    /// Reading the security object fails: 6F00.
    SodFails = "sod-fails":
        [VnCccd, Td3Bac] refuse ["security-object", "security-object-missing"];
    /// Reading EF.COM fails: 6F00.
    ComFails = "com-fails":
        [Td3Bac] refuse ["sod-com-agreement", "com-unreadable"];
    /// DG1 is refused: 6982.
    DataGroupRefused = "data-group-refused":
        [VnCccd, Td3Bac] refer ["data-group-integrity", "data-group-not-read"];
    /// Reading DG2 fails: 6F00.
    DataGroupFails = "data-group-fails":
        [VnCccd, Td3Bac] refuse ["data-group-integrity", "data-group-unreadable"];
    /// The chip announces chip authentication and refuses to begin it: 6A80.
    ChipAuthenticationRefused = "chip-authentication-refused":
        [VnCccd, Td3Pace] refuse ["chip-authenticity.chip", "chip-authentication-failed"];
    /// DG15 is there, and the chip knows no INTERNAL AUTHENTICATE: 6D00.
    ActiveAuthenticationRefused = "active-authentication-refused":
        [Td3Bac] refuse ["chip-authenticity", "active-authentication-failed"];
    /// The signature of active authentication has been changed on its way.
    WrongSignature = "wrong-signature":
        [Td3Bac] refuse ["chip-authenticity", "active-authentication-failed"];
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
