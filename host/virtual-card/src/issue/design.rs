//! What each kind of card is, as data.

use chipgate_crypto::{Curve, ObjectIdentifier};
use chipgate_lds::oid;

use crate::{DhGroup, HashName, KeyGroup, Profile, pki::SignerKind};

/// What a kind of card is.
#[derive(Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says whether a card has one thing, independent of the others"
)]
pub(crate) struct Design {
    pub(crate) document: Document,
    /// Whether the holder is a child without a portrait; and then, how the chip says so.
    pub(crate) portrait: Portrait,
    /// Whether a protocol has to open it.
    pub(crate) access_control: bool,
    pub(crate) basic_access: bool,
    pub(crate) pace: Vec<PaceDesign>,
    /// Whether a card access number opens it, too.
    pub(crate) can: bool,
    /// Whether a PIN and a PUK open it, too.
    pub(crate) pin: bool,
    pub(crate) agreement: Vec<AgreementDesign>,
    pub(crate) answering: Option<AnsweringDesign>,
    /// Whether the curve of chip authentication is written out.
    pub(crate) explicit_parameters: bool,
    pub(crate) terminals: Terminals,
    /// Whether entries that no reader can use stand in EF.CardAccess and DG14, beside the good ones.
    pub(crate) odd_entries: bool,
    /// Data groups beside DG1, DG2, and what the keys need.
    pub(crate) more: &'static [u8],
    pub(crate) signer: SignerKind,
    /// Whether the security object is of version 1, which repeats the versions of EF.COM.
    pub(crate) signs_versions: bool,
    /// Whether SELECT of the master file works, and EF.DIR and EF.ATR/INFO are there.
    pub(crate) master_file: bool,
}

/// The form of the document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Document {
    CitizenCard,
    Passport,
    IdentityCard,
    Td2,
}

/// Whether there is a picture.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Portrait {
    Yes,
    /// DG2 is there, and holds none.
    Empty,
    /// There is no DG2.
    No,
}

/// A variant of PACE.
#[derive(Clone, Copy)]
pub(crate) struct PaceDesign {
    pub(crate) protocol: ObjectIdentifier,
    pub(crate) group: KeyGroup,
}

/// A key of chip authentication.
#[derive(Clone, Copy)]
pub(crate) struct AgreementDesign {
    pub(crate) protocol: ObjectIdentifier,
    pub(crate) group: KeyGroup,
    pub(crate) key_id: Option<u8>,
}

/// A key of active authentication.
#[derive(Clone, Copy)]
pub(crate) enum AnsweringDesign {
    Rsa(HashName),
    Ec(Curve, HashName),
}

/// Terminal authentication, and the data that it guards.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Terminals {
    None,
    /// Announced, and no terminal has a certificate for it; so fingerprints stay refused.
    OutOfReach,
    /// With an authority of the test PKI.
    Trusted,
}

const fn pace(protocol: ObjectIdentifier, curve: Curve) -> PaceDesign {
    let group = KeyGroup::Curve(curve);
    PaceDesign { protocol, group }
}

const fn key(protocol: ObjectIdentifier, curve: Curve, key_id: Option<u8>) -> AgreementDesign {
    AgreementDesign {
        protocol,
        group: KeyGroup::Curve(curve),
        key_id,
    }
}

/// What PACE and chip authentication have modulo a prime.
const fn modulo(protocol: ObjectIdentifier, group: DhGroup) -> PaceDesign {
    let group = KeyGroup::Dh(group);
    PaceDesign { protocol, group }
}

/// A passport with BAC, and nothing special.
const PASSPORT: Design = Design {
    document: Document::Passport,
    portrait: Portrait::Yes,
    access_control: true,
    basic_access: true,
    pace: Vec::new(),
    can: true,
    pin: false,
    agreement: Vec::new(),
    answering: None,
    explicit_parameters: false,
    terminals: Terminals::None,
    odd_entries: false,
    more: &[],
    signer: SignerKind::Current,
    signs_versions: true,
    master_file: true,
};

/// The card as several readers met it: PACE and chip authentication on brainpoolP256r1 with explicit parameters and no key
/// identifier.
fn citizen_card() -> Design {
    Design {
        document: Document::CitizenCard,
        pace: vec![pace(
            oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128,
            Curve::BrainpoolP256r1,
        )],
        agreement: vec![key(
            oid::id_CA_ECDH_AES_CBC_CMAC_128,
            Curve::BrainpoolP256r1,
            None,
        )],
        answering: Some(AnsweringDesign::Rsa(HashName::Sha1)),
        explicit_parameters: true,
        terminals: Terminals::OutOfReach,
        more: &[13],
        signs_versions: false,
        master_file: false,
        ..PASSPORT
    }
}

/// A passport with data that only terminals with a certificate may read.
fn with_terminal_authentication(more: &'static [u8]) -> Design {
    Design {
        pace: vec![pace(
            oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128,
            Curve::BrainpoolP256r1,
        )],
        agreement: vec![key(
            oid::id_CA_ECDH_AES_CBC_CMAC_128,
            Curve::BrainpoolP256r1,
            None,
        )],
        terminals: Terminals::Trusted,
        more,
        ..PASSPORT
    }
}

/// A passport whose chip can prove itself within PACE.
fn with_mapping_by_chip_authentication() -> Design {
    Design {
        pace: vec![
            pace(oid::id_PACE_ECDH_CAM_AES_CBC_CMAC_128, Curve::BrainpoolP256r1),
            pace(oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128, Curve::BrainpoolP256r1),
        ],
        agreement: vec![key(
            oid::id_CA_ECDH_AES_CBC_CMAC_128,
            Curve::BrainpoolP256r1,
            Some(1),
        )],
        ..PASSPORT
    }
}

impl Profile {
    #[expect(clippy::too_many_lines, reason = "one table with a row for each kind of card")]
    pub(crate) fn design(self) -> Design {
        match self {
            Self::VnCccd => citizen_card(),
            Self::VnChild => Design {
                portrait: Portrait::No,
                ..citizen_card()
            },
            Self::Td3Plain => Design {
                access_control: false,
                basic_access: false,
                can: false,
                ..PASSPORT
            },
            Self::Td3Bac => Design {
                can: false,
                answering: Some(AnsweringDesign::Rsa(HashName::Sha256)),
                signer: SignerKind::Rsa,
                signs_versions: false,
                ..PASSPORT
            },
            Self::Td3Pace => Design {
                basic_access: false,
                pace: vec![pace(oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128, Curve::P256)],
                agreement: vec![key(oid::id_CA_ECDH_AES_CBC_CMAC_128, Curve::P256, Some(1))],
                answering: Some(AnsweringDesign::Ec(Curve::P256, HashName::Sha256)),
                ..PASSPORT
            },
            Self::Td3PaceBac => Design {
                pace: vec![pace(
                    oid::id_PACE_ECDH_GM_AES_CBC_CMAC_256,
                    Curve::BrainpoolP384r1,
                )],
                agreement: vec![key(
                    oid::id_CA_ECDH_AES_CBC_CMAC_256,
                    Curve::BrainpoolP384r1,
                    None,
                )],
                signer: SignerKind::Rsa,
                ..PASSPORT
            },
            Self::Td3Pace3des => Design {
                pace: vec![pace(oid::id_PACE_ECDH_GM_3DES_CBC_CBC, Curve::BrainpoolP224r1)],
                agreement: vec![key(oid::id_CA_ECDH_3DES_CBC_CBC, Curve::BrainpoolP224r1, None)],
                explicit_parameters: true,
                signs_versions: false,
                ..PASSPORT
            },
            Self::Td3PaceIm => Design {
                pace: vec![pace(oid::id_PACE_ECDH_IM_AES_CBC_CMAC_128, Curve::P256)],
                answering: Some(AnsweringDesign::Ec(Curve::P256, HashName::Sha256)),
                ..PASSPORT
            },
            Self::Td3PaceCam => with_mapping_by_chip_authentication(),
            Self::Td3PaceDh => Design {
                pace: vec![modulo(
                    oid::id_PACE_DH_GM_AES_CBC_CMAC_128,
                    DhGroup::Modp2048Subgroup256,
                )],
                agreement: vec![AgreementDesign {
                    protocol: oid::id_CA_DH_AES_CBC_CMAC_128,
                    group: KeyGroup::Dh(DhGroup::Modp2048Subgroup256),
                    key_id: None,
                }],
                ..PASSPORT
            },
            Self::Td3PaceDhIm => Design {
                pace: vec![modulo(
                    oid::id_PACE_DH_IM_AES_CBC_CMAC_256,
                    DhGroup::Modp2048Subgroup224,
                )],
                answering: Some(AnsweringDesign::Rsa(HashName::Sha256)),
                ..PASSPORT
            },
            Self::Td3Eac => with_terminal_authentication(&[3]),
            Self::Td3EacCam => Design {
                terminals: Terminals::Trusted,
                more: &[3],
                ..with_mapping_by_chip_authentication()
            },
            Self::EveryDataGroup => Design {
                answering: Some(AnsweringDesign::Rsa(HashName::Sha256)),
                ..with_terminal_authentication(&[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16])
            },
            Self::Td3Child => Design {
                portrait: Portrait::Empty,
                pace: vec![pace(oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128, Curve::P256)],
                agreement: vec![key(oid::id_CA_ECDH_AES_CBC_CMAC_128, Curve::P256, None)],
                ..PASSPORT
            },
            Self::Td1 => Design {
                document: Document::IdentityCard,
                basic_access: false,
                pin: true,
                pace: vec![pace(oid::id_PACE_ECDH_GM_AES_CBC_CMAC_192, Curve::P384)],
                agreement: vec![key(oid::id_CA_ECDH_AES_CBC_CMAC_192, Curve::P384, Some(1))],
                answering: Some(AnsweringDesign::Ec(Curve::BrainpoolP384r1, HashName::Sha384)),
                signer: SignerKind::On(Curve::P384),
                ..PASSPORT
            },
            Self::Td2 => Design {
                document: Document::Td2,
                pace: vec![pace(
                    oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128,
                    Curve::BrainpoolP512r1,
                )],
                agreement: vec![
                    key(oid::id_CA_ECDH_AES_CBC_CMAC_256, Curve::P521, Some(1)),
                    key(oid::id_CA_ECDH_AES_CBC_CMAC_128, Curve::BrainpoolP320r1, Some(2)),
                ],
                answering: Some(AnsweringDesign::Rsa(HashName::Sha512)),
                signer: SignerKind::RsaPkcs1,
                ..PASSPORT
            },
        }
    }
}

impl Design {
    /// Whether PACE proves the chip to be genuine, too.
    pub(crate) fn maps_by_chip_authentication(&self) -> bool {
        let protocols = [
            oid::id_PACE_ECDH_CAM_AES_CBC_CMAC_128,
            oid::id_PACE_ECDH_CAM_AES_CBC_CMAC_192,
            oid::id_PACE_ECDH_CAM_AES_CBC_CMAC_256,
        ];
        self.pace.iter().any(|pace| protocols.contains(&pace.protocol))
    }
}
