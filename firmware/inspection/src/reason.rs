//! Why a check came to its result: a closed list, explained for operators in docs/reasons.md.
//!
//! Each reason is raised in one place, so that whoever meets one finds the code that says it.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::check::by_name;

/// Defines [`Reason`] once: variant, number in a report, name, meaning.
macro_rules! reasons {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $number:literal, $name:literal;)+) => {
        /// Why a check came to its result.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[doc = $meaning])+ $variant,)+
        }

        impl Reason {
            /// All reasons, in the order of the checks that raise them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in policies, reports, JSON, pages and docs/reasons.md.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The number in a report (docs/schemas/report.cddl). It never changes.
            pub const fn number(self) -> u16 {
                match self { $(Self::$variant => $number,)+ }
            }

            /// One sentence on what it means.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($meaning),+).trim_ascii(),)+ }
            }
        }
    };
}

reasons! {
    /// The chip was opened by BAC after PACE had failed.
    FellBackToBac = 100, "fell-back-to-bac";
    /// The chip has no access control: it gives its files to everyone.
    NoAccessControl = 101, "no-access-control";
    /// The files came from a disk; no chip was there to be opened or to prove itself.
    NoChipPresent = 102, "no-chip-present";

    /// Something in the unsigned EF.CardAccess is not in the signed DG14.
    CardAccessDiffers = 200, "card-access-differs";
    /// The signed DG14 announces PACE, but the chip showed no EF.CardAccess, or one without it.
    CardAccessWithheld = 201, "card-access-withheld";
    /// EF.CardAccess is not a set of SecurityInfos.
    CardAccessUnreadable = 202, "card-access-unreadable";
    /// The document has no EF.CardAccess, and its DG14 announces no PACE.
    NoCardAccess = 203, "no-card-access";
    /// There is an EF.CardAccess, but no verified DG14 to hold it against.
    NothingToCompareWith = 204, "nothing-to-compare-with";

    /// Terminal authentication was not tried.
    TerminalAuthenticationNotTried = 300, "terminal-authentication-not-tried";
    /// There are no certificates that lead from a key that the chip knows to the terminal's.
    NoTerminalCertificates = 301, "no-terminal-certificates";
    /// The chip did not take a certificate of the terminal's chain.
    TerminalCertificateRefused = 302, "terminal-certificate-refused";
    /// The chip did not take the terminal's signature.
    TerminalAuthenticationFailed = 303, "terminal-authentication-failed";

    /// The security object lists neither DG14 nor DG15: the issuer gave this chip no key of its own.
    NoChipKey = 400, "no-chip-key";
    /// The security object lists DG14 or DG15, but the chip does not give the data group or gives it altered.
    ChipKeyWithheld = 401, "chip-key-withheld";
    /// DG14 or DG15 is the issuer's, but cannot be read as one.
    ChipKeyUnreadable = 402, "chip-key-unreadable";
    /// The document has no key for this protocol.
    ProtocolNotOffered = 403, "protocol-not-offered";
    /// The document offers the protocol, but it was not run.
    ProtocolNotRun = 404, "protocol-not-run";
    /// The document offers the protocol with an algorithm that this software does not have.
    ProtocolUnsupported = 405, "protocol-unsupported";
    /// The chip's signature over the challenge is wrong: it does not hold the private key.
    ActiveAuthenticationFailed = 406, "active-authentication-failed";
    /// The chip could not go on under the new keys: it does not hold the private key.
    ChipAuthenticationFailed = 407, "chip-authentication-failed";
    /// The chip proved a key that is not the one in the verified DG14 or DG15.
    ChipKeyNotSigned = 408, "chip-key-not-signed";
    /// The connection to the chip broke during the protocol.
    ChipLost = 409, "chip-lost";
    /// The challenge that was signed is not the one that was issued for this inspection.
    ChallengeNotFresh = 410, "challenge-not-fresh";
    /// The signature is right, over a challenge that the verifier did not give: it may be an old one.
    ChallengeUnknown = 411, "challenge-unknown";
    /// The chip took part in PACE with chip authentication mapping, but does not give EF.CardSecurity.
    CardSecurityMissing = 412, "card-security-missing";
    /// EF.CardSecurity is not signed by an issuer, or its signer was revoked.
    CardSecurityNotAuthentic = 413, "card-security-not-authentic";
    /// What the chip sent in PACE does not belong to the key in EF.CardSecurity.
    PaceCamFailed = 414, "pace-cam-failed";

    /// EF.SOD is not there or could not be read.
    SecurityObjectMissing = 500, "security-object-missing";
    /// EF.SOD is not a security object.
    SecurityObjectUnreadable = 501, "security-object-unreadable";
    /// A signature is made with an algorithm, or by a key on a curve, that this software does not have.
    SignatureUnsupported = 502, "signature-unsupported";
    /// The content of the security object is not what was signed.
    SecurityObjectAltered = 503, "security-object-altered";
    /// The signature of the security object is wrong.
    SignatureInvalid = 504, "signature-invalid";
    /// The check needs a verified security object, and there is none.
    SecurityObjectNotVerified = 505, "security-object-not-verified";
    /// The security object does not hold its signer's certificate.
    SignerCertificateMissing = 506, "signer-certificate-missing";
    /// A signature or a digest rests on SHA-1, which the policy does not allow.
    WeakHash = 507, "weak-hash";

    /// There are no trust anchors at all.
    NoAnchors = 600, "no-anchors";
    /// No trust anchor has issued the signer's certificate.
    IssuerUnknown = 601, "issuer-unknown";
    /// The signature on the signer's certificate is not its issuer's.
    CertificateForged = 602, "certificate-forged";
    /// A certificate breaks a rule of Doc 9303-12 that makes it unfit to sign documents.
    CertificateUnfit = 603, "certificate-unfit";

    /// A certificate has expired.
    CertificateExpired = 700, "certificate-expired";
    /// A certificate is not valid yet.
    CertificateNotYetValid = 701, "certificate-not-yet-valid";
    /// Validity at the time of signing was asked for, and no such time is signed.
    NoSigningTime = 702, "no-signing-time";
    /// The security object was signed outside the time in which the signer's key was to be used.
    OutsideKeyUsagePeriod = 703, "outside-key-usage-period";
    /// The signer's certificate does not say in which time its key is used.
    NoKeyUsagePeriod = 704, "no-key-usage-period";

    /// The issuer has revoked the signer's certificate.
    CertificateRevoked = 800, "certificate-revoked";
    /// There is no revocation list of this issuer.
    NoRevocationList = 801, "no-revocation-list";
    /// The issuer's revocation list is out of date.
    RevocationListExpired = 802, "revocation-list-expired";
    /// The revocation list cannot be read, or its signature is wrong.
    RevocationListInvalid = 803, "revocation-list-invalid";

    /// EF.COM is not there.
    ComMissing = 900, "com-missing";
    /// EF.COM cannot be read as such.
    ComUnreadable = 901, "com-unreadable";
    /// EF.COM and the security object list different data groups.
    ComDiffers = 902, "com-differs";

    /// A data group is not what the issuer signed.
    DataGroupAltered = 1000, "data-group-altered";
    /// The chip gave a data group that the security object does not list.
    DataGroupNotListed = 1001, "data-group-not-listed";
    /// The security object lists a data group that the chip does not have.
    DataGroupMissing = 1002, "data-group-missing";
    /// A data group could not be read to its end.
    DataGroupUnreadable = 1003, "data-group-unreadable";
    /// A data group that an inspection needs was not read.
    DataGroupNotRead = 1004, "data-group-not-read";

    /// The check reads DG1, and there is no verified DG1.
    MrzNotVerified = 1100, "mrz-not-verified";
    /// DG1 is the issuer's, but its machine readable zone is malformed.
    MrzUnreadable = 1101, "mrz-unreadable";
    /// The issuing state in DG1 is not the country that signed.
    IssuingStateDiffers = 1102, "issuing-state-differs";
    /// The issuing state in DG1 has no known country code.
    IssuingStateUnknown = 1103, "issuing-state-unknown";
    /// The signer's certificate names no country.
    SignerWithoutCountry = 1104, "signer-without-country";
    /// The signer's certificate is for other types of document than DG1 names.
    DocumentTypeNotListed = 1105, "document-type-not-listed";

    /// The document has expired.
    DocumentExpired = 1200, "document-expired";
    /// The issuer signed that this document does not expire.
    DoesNotExpire = 1201, "does-not-expire";
    /// The document gives no date of expiry.
    ExpiryNotGiven = 1202, "expiry-not-given";

    /// Nothing printed was given to compare with.
    NothingPrinted = 1300, "nothing-printed";
    /// What is printed differs from DG1.
    PrintedDiffers = 1301, "printed-differs";

    /// No list of lost, stolen or defective documents is connected.
    NoStatusList = 1400, "no-status-list";
    /// A defect of this signer's documents is known, and changes the result.
    KnownDefect = 1401, "known-defect";

    /// No live picture was given.
    NotRequested = 1500, "not-requested";
    /// The chip holds no portrait.
    NoPortrait = 1501, "no-portrait";
    /// The portrait is not verified, so that a match with it proves nothing.
    PortraitNotVerified = 1502, "portrait-not-verified";
    /// The portrait on the chip cannot be decoded.
    PortraitUnreadable = 1503, "portrait-unreadable";
    /// No face was found in the portrait.
    NoFaceInPortrait = 1504, "no-face-in-portrait";
    /// No face was found in the live picture.
    NoLiveFace = 1505, "no-live-face";
    /// Several faces are in the live picture, and none stands out.
    SeveralLiveFaces = 1506, "several-live-faces";
    /// The live picture is too poor to compare.
    LivePictureTooPoor = 1507, "live-picture-too-poor";
    /// The faces are less alike than the threshold demands.
    BelowThreshold = 1508, "below-threshold";
    /// The face could not be compared, since a model is missing or does not run.
    FaceUnavailable = 1509, "face-unavailable";
    /// The live picture is black.
    BlackFrame = 1510, "black-frame";
    /// The camera sends the same picture again and again.
    FrozenCamera = 1511, "frozen-camera";
    /// The eyes in the live picture are closed or covered.
    EyesClosed = 1512, "eyes-closed";
    /// Mouth or chin are covered in the live picture.
    MouthCovered = 1513, "mouth-covered";

    /// No attack detection ran on the live picture.
    NoAttackDetection = 1600, "no-attack-detection";
    /// The live picture looks like an attack.
    AttackSuspected = 1601, "attack-suspected";
    /// The person was asked to turn the head or to blink, and the frames do not show it.
    ChallengeNotMet = 1602, "challenge-not-met";
    /// The policy wants the person to be asked for a movement, and nothing was asked.
    ChallengeNotAsked = 1603, "challenge-not-asked";
}

impl Reason {
    /// The reason of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.name() == name)
    }

    /// The reason of that number in a report.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.number() == number)
    }
}

by_name!(Reason: "the name of a reason");
