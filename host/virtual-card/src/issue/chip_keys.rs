//! The chip's private keys, and what EF.CardAccess, DG14 and DG15 say of them.

use chipgate_apdu::tlv::{self, Tag};
use chipgate_crypto::{ObjectIdentifier, PublicKey, SigningKey, ecdsa_plain_oid};
use chipgate_lds::{
    ActiveAuthenticationInfo, ChipAuthenticationInfo, ChipAuthenticationPublicKeyInfo, PaceInfo,
    SecurityInfo, TerminalAuthenticationInfo, encode_card_access, encode_dg14, encode_dg15, oid,
};
use rand_core::CryptoRng;

use super::design::{AgreementDesign, AnsweringDesign, Design, PaceDesign, Terminals};
use crate::{
    AgreementKey, AnsweringKey, CardError, ChipKeys, HexSecret, PaceSettings,
    agreement::{DhGroup, Element, PrivateKey},
    pki::der,
};

/// dhKeyAgreement of PKCS#3, which chip authentication in version 1 takes (TR-03110-3, A.4.1.2).
const DH_KEY_AGREEMENT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.3.1");
const BROKEN: CardError = CardError::UnusableValue {
    field: "keys",
    problem: "a fresh key is none of its group",
};

/// Keys of one chip with the files that announce them.
pub(crate) struct ChipSecurity {
    pub(crate) keys: ChipKeys,
    pub(crate) pace: Vec<PaceSettings>,
    pub(crate) card_access: Option<Vec<u8>>,
    pub(crate) dg14: Option<Vec<u8>>,
    pub(crate) dg15: Option<Vec<u8>>,
    /// What EF.CardSecurity signs, where the chip has it: only for chip authentication mapping.
    pub(crate) card_security: Option<Vec<u8>>,
}

impl ChipSecurity {
    /// Fresh keys as cards of this design have them.
    pub(crate) fn generate(design: &Design, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Self, CardError> {
        let mut agreement = Vec::new();
        let mut public_keys = Vec::new();
        for wanted in &design.agreement {
            let key = PrivateKey::generate(wanted.group, rng);
            public_keys.push(public_key_info(wanted, &key, design.explicit_parameters)?);
            agreement.push(AgreementKey {
                protocol: wanted.protocol.to_string(),
                group: wanted.group,
                key_id: wanted.key_id,
                private_key: HexSecret(key.to_bytes()),
            });
        }
        let answering = design.answering.map(|wanted| wanted.generate(rng)).transpose()?;
        let announced = announcements(design);
        let offers_pace = !design.pace.is_empty();
        let mut signed = announced.clone();
        signed.extend(public_keys);
        if let Some(AnsweringDesign::Ec(_, hash)) = design.answering {
            signed.push(SecurityInfo::ActiveAuthentication(ActiveAuthenticationInfo {
                version: 1,
                signature_algorithm: ecdsa_plain_oid(hash.algorithm()),
            }));
        }
        Ok(Self {
            pace: design
                .pace
                .iter()
                .map(|pace| pace_settings(pace, design.can))
                .collect(),
            card_access: offers_pace.then(|| encode_card_access(&unsigned(design))),
            dg14: (!signed.is_empty()).then(|| encode_dg14(&signed)),
            card_security: design
                .maps_by_chip_authentication()
                .then(|| chipgate_lds::encode_set(&signed)),
            dg15: answering
                .as_ref()
                .map(|(_, key)| encode_dg15(&key.public_key().to_spki_der())),
            keys: ChipKeys {
                chip_authentication: agreement,
                active_authentication: answering
                    .map(|(hash, key)| {
                        Ok::<_, CardError>(AnsweringKey {
                            hash,
                            trailer: None,
                            private_key: HexSecret(key.to_pkcs8_der()?),
                        })
                    })
                    .transpose()?,
            },
        })
    }
}

/// What EF.CardAccess says: on the citizen card everything but the key, elsewhere PACE alone.
fn unsigned(design: &Design) -> Vec<SecurityInfo> {
    let mut infos = announcements(design);
    if design.terminals != Terminals::OutOfReach {
        infos.retain(|info| matches!(info, SecurityInfo::Pace(_) | SecurityInfo::Unknown { .. }));
    }
    infos
}

/// What is said of PACE, chip authentication and terminal authentication, keys apart.
fn announcements(design: &Design) -> Vec<SecurityInfo> {
    let pace = design.pace.iter().map(pace_info);
    let agreement = design.agreement.iter().map(chip_authentication_info);
    let terminal = (design.terminals != Terminals::None).then(terminal_authentication_info);
    let odd = design.odd_entries.then(odd_entries);
    pace.chain(agreement)
        .chain(terminal)
        .chain(odd.into_iter().flatten())
        .collect()
}

/// Entries that are allowed or met, and of no use to a reader: PACE over domain parameters of the chip's own, whose number is above 255 and which
/// stand nowhere; chip authentication with optional data; active authentication without its version.
fn odd_entries() -> Vec<SecurityInfo> {
    let entry = |protocol: ObjectIdentifier, rest: &[&[u8]]| {
        let identifier = der::object_identifier(&protocol);
        let parts = [&[&identifier[..]], rest].concat();
        SecurityInfo::Unknown {
            protocol,
            raw: der::sequence(&parts),
        }
    };
    let number = |value: &[u8]| der::unsigned(value);
    let algorithm = der::object_identifier(&ecdsa_plain_oid(chipgate_crypto::HashAlgorithm::Sha256));
    vec![
        entry(
            oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128,
            &[&number(&[2]), &number(&[1, 0])],
        ),
        entry(
            oid::id_CA_ECDH_AES_CBC_CMAC_128,
            &[&number(&[1]), &tlv::encode(Tag(0x05), &[])],
        ),
        entry(oid::id_icao_mrtd_security_aaProtocolObject, &[&algorithm]),
    ]
}

impl AnsweringDesign {
    fn generate(
        self,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<(crate::HashName, SigningKey), CardError> {
        Ok(match self {
            Self::Rsa(hash) => (hash, SigningKey::generate_rsa(2048, rng)?),
            Self::Ec(curve, hash) => (hash, SigningKey::generate_ec(curve, rng)?),
        })
    }
}

pub(crate) fn pace_settings(pace: &PaceDesign, can: bool) -> PaceSettings {
    PaceSettings {
        protocol: pace.protocol.to_string(),
        group: pace.group,
        can,
    }
}

pub(crate) fn pace_info(pace: &PaceDesign) -> SecurityInfo {
    SecurityInfo::Pace(PaceInfo {
        protocol: pace.protocol,
        version: 2,
        parameter_id: Some(pace.group.domain_parameter_id()),
    })
}

fn chip_authentication_info(agreement: &AgreementDesign) -> SecurityInfo {
    SecurityInfo::ChipAuthentication(ChipAuthenticationInfo {
        protocol: agreement.protocol,
        version: 1,
        key_id: agreement.key_id.map(|id| vec![id]),
    })
}

fn terminal_authentication_info() -> SecurityInfo {
    SecurityInfo::TerminalAuthentication(TerminalAuthenticationInfo {
        protocol: oid::id_TA,
        version: 1,
        cvca_file: None,
    })
}

/// The public key of chip authentication, its curve by name or written out.
fn public_key_info(
    agreement: &AgreementDesign,
    key: &PrivateKey,
    explicit: bool,
) -> Result<SecurityInfo, CardError> {
    let (protocol, public_key_der) = match key.public_key().map_err(|_| BROKEN)? {
        Element::Point(point) => {
            let key = PublicKey::Ec(point);
            let encoded = if explicit {
                key.to_spki_der_explicit()
            } else {
                key.to_spki_der()
            };
            (oid::id_PK_ECDH, encoded)
        }
        Element::Number(group, number) => (oid::id_PK_DH, dh_key_info(group, &number.to_bytes_be())),
    };
    Ok(SecurityInfo::ChipAuthenticationPublicKey(
        ChipAuthenticationPublicKeyInfo {
            protocol,
            public_key_der,
            key_id: agreement.key_id.map(|id| vec![id]),
        },
    ))
}

/// `SubjectPublicKeyInfo` with the parameters of PKCS#3: p, g and the length of private keys.
fn dh_key_info(group: DhGroup, number: &[u8]) -> Vec<u8> {
    let (p, g) = (group.p().to_bytes_be(), group.g().to_bytes_be());
    let length = u32::try_from(group.q().bits()).unwrap_or_default().to_be_bytes();
    let parameters = der::sequence(&[&der::unsigned(&p), &der::unsigned(&g), &der::unsigned(&length)]);
    let algorithm = der::sequence(&[&der::object_identifier(&DH_KEY_AGREEMENT), &parameters]);
    der::sequence(&[&algorithm, &der::bits(&der::unsigned(number))])
}
