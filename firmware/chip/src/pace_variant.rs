//! Which of the variants of PACE that a chip offers is carried out (Doc 9303-11, 9.2.1).

use chipgate_crypto::{AgreementGroup, Cipher, CryptoError, ObjectIdentifier};
use chipgate_lds::{PaceInfo, SecurityInfos, oid};

use crate::{ChipError, Unsupported};

/// The only version of PACE there is (Doc 9303-11, 9.2.1).
const VERSION: u8 = 2;

/// How the nonce becomes a generator (Doc 9303-11, 4.4.3.3); the later, the rather it is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mapping {
    Integrated,
    Generic,
    /// Like the generic one; the chip also shows that it holds the static key of EF.CardSecurity.
    ChipAuthentication,
}

/// A variant of PACE that the chip offers and this crate carries out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Variant {
    pub(crate) protocol: ObjectIdentifier,
    pub(crate) parameter_id: u8,
    pub(crate) mapping: Mapping,
    pub(crate) cipher: Cipher,
    pub(crate) group: AgreementGroup,
    /// Whether the chip offers this protocol with several domain parameters, so that MSE:Set AT must name them.
    pub(crate) ambiguous: bool,
}

impl Variant {
    /// Cipher before group, both by their bits; of equals the one that also authenticates the chip, then the generic
    /// mapping.
    const fn strength(&self) -> (u16, usize, Mapping) {
        let cipher = match self.cipher {
            Cipher::TripleDes => 112,
            Cipher::Aes128 => 128,
            Cipher::Aes192 => 192,
            Cipher::Aes256 => 256,
        };
        (cipher, self.group.strength(), self.mapping)
    }

    /// What an offer stands for, or why it does not count.
    fn of(offer: &PaceInfo, offers: &[PaceInfo]) -> Result<Self, Unsupported> {
        let parameter_id = offer
            .parameter_id
            .filter(|_| offer.version == VERSION)
            .ok_or(Unsupported::PaceVariant)?;
        let (over_curves, mapping, cipher) = algorithms(&offer.protocol).ok_or(Unsupported::PaceVariant)?;
        let group = AgreementGroup::from_domain_parameter_id(parameter_id).map_err(|error| match error {
            CryptoError::DeprecatedDomainParameters { .. } => Unsupported::PaceDomainParameters(error),
            // Proprietary ones, whose strength nobody here knows.
            _ => Unsupported::PaceVariant,
        })?;
        let fits = matches!(group, AgreementGroup::Ecdh(_)) == over_curves
            && (mapping != Mapping::Integrated || group.has_integrated_mapping());
        if !fits {
            return Err(Unsupported::PaceVariant);
        }
        let same = offers.iter().filter(|other| other.protocol == offer.protocol);
        Ok(Self {
            protocol: offer.protocol,
            parameter_id,
            mapping,
            cipher,
            group,
            ambiguous: same.count() > 1,
        })
    }
}

/// The strongest offered variant that is supported, or the strongest of the wanted protocol: the order of the offers is
/// unsigned. Of equals, the first.
pub(crate) fn choose(infos: &SecurityInfos, wanted: Option<ObjectIdentifier>) -> Result<Variant, ChipError> {
    let offers = infos.pace();
    let mut best: Option<Variant> = None;
    let mut refusal = match wanted {
        Some(protocol) => Unsupported::PaceProtocol(protocol),
        None => Unsupported::PaceVariant,
    };
    let considered = offers
        .iter()
        .filter(|offer| wanted.is_none_or(|wanted| offer.protocol == wanted));
    for offer in considered {
        match Variant::of(offer, &offers) {
            Ok(variant) => {
                if best.is_none_or(|best| variant.strength() > best.strength()) {
                    best = Some(variant);
                }
            }
            Err(deprecated @ Unsupported::PaceDomainParameters(_)) => refusal = deprecated,
            Err(_) => {}
        }
    }
    best.ok_or(ChipError::Unsupported { what: refusal })
}

/// What a protocol's object identifier names: whether it is over curves, the mapping and the cipher (Doc 9303-11, tables 2
/// and 3).
fn algorithms(protocol: &ObjectIdentifier) -> Option<(bool, Mapping, Cipher)> {
    let families = [
        (oid::id_PACE_DH_GM, false, Mapping::Generic),
        (oid::id_PACE_ECDH_GM, true, Mapping::Generic),
        (oid::id_PACE_DH_IM, false, Mapping::Integrated),
        (oid::id_PACE_ECDH_IM, true, Mapping::Integrated),
        (oid::id_PACE_ECDH_CAM, true, Mapping::ChipAuthentication),
    ];
    let parent = protocol.parent()?;
    let (_, over_curves, mapping) = families.into_iter().find(|(family, ..)| *family == parent)?;
    let cipher = match protocol.arcs().last()? {
        1 if mapping != Mapping::ChipAuthentication => Cipher::TripleDes,
        2 => Cipher::Aes128,
        3 => Cipher::Aes192,
        4 => Cipher::Aes256,
        _ => return None,
    };
    Some((over_curves, mapping, cipher))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{string::ToString, vec::Vec};
    use chipgate_lds::{SecurityInfo, encode_set};

    type Offer = (ObjectIdentifier, u8);

    fn choose_from(offers: &[Offer], wanted: Option<ObjectIdentifier>) -> Result<Offer, ChipError> {
        let info = |&(protocol, parameters): &Offer| {
            SecurityInfo::Pace(PaceInfo {
                protocol,
                version: VERSION,
                parameter_id: Some(parameters),
            })
        };
        let infos: Vec<_> = offers.iter().map(info).collect();
        choose(&SecurityInfos::parse(&encode_set(&infos)).unwrap(), wanted)
            .map(|variant| (variant.protocol, variant.parameter_id))
    }

    fn chosen(offers: &[Offer]) -> Option<Offer> {
        choose_from(offers, None).ok()
    }

    const WEAK: Offer = (oid::id_PACE_ECDH_GM_3DES_CBC_CBC, 18);
    const MODULAR: Offer = (oid::id_PACE_DH_GM_AES_CBC_CMAC_128, 2);
    const MIDDLE: Offer = (oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128, 13);
    const STRONG: Offer = (oid::id_PACE_ECDH_GM_AES_CBC_CMAC_256, 12);
    const STRONGER: Offer = (oid::id_PACE_ECDH_IM_AES_CBC_CMAC_256, 16);

    #[test]
    fn chooses_the_strongest_offer_wherever_it_stands() {
        for offers in [
            [WEAK, MODULAR, MIDDLE, STRONG, STRONGER],
            [STRONGER, STRONG, MIDDLE, MODULAR, WEAK],
            [MIDDLE, STRONGER, MODULAR, WEAK, STRONG],
        ] {
            assert_eq!(chosen(&offers), Some(STRONGER));
        }
        assert_eq!(chosen(&[WEAK, MODULAR, MIDDLE]), Some(MIDDLE));
        assert_eq!(chosen(&[WEAK, MODULAR]), Some(MODULAR));
    }

    #[test]
    fn prefers_the_mapping_that_authenticates_the_chip_and_then_the_generic_one() {
        let integrated = (oid::id_PACE_ECDH_IM_AES_CBC_CMAC_128, 13);
        let chip = (oid::id_PACE_ECDH_CAM_AES_CBC_CMAC_128, 13);
        assert_eq!(chosen(&[integrated, MIDDLE, chip]), Some(chip));
        assert_eq!(chosen(&[integrated, MIDDLE]), Some(MIDDLE));
        assert_eq!(chosen(&[MIDDLE, integrated]), Some(MIDDLE));
    }

    #[test]
    fn takes_the_protocol_that_was_asked_for_or_none() {
        let offers = [WEAK, MIDDLE, STRONGER];
        for offer in offers {
            assert_eq!(choose_from(&offers, Some(offer.0)), Ok(offer));
        }
        let absent = choose_from(&offers, Some(MODULAR.0)).unwrap_err();
        assert!(
            absent.to_string().contains("id_PACE_DH_GM_AES_CBC_CMAC_128"),
            "{absent}"
        );
    }

    #[test]
    fn an_offer_that_is_not_supported_does_not_count() {
        for (protocol, parameters) in [
            (oid::id_PACE_ECDH_GM_AES_CBC_CMAC_256, 2),
            (oid::id_PACE_DH_GM_AES_CBC_CMAC_256, 13),
            (oid::id_PACE_ECDH_IM_AES_CBC_CMAC_256, 10),
            (oid::id_PACE_ECDH_GM_AES_CBC_CMAC_256, 32),
            (ObjectIdentifier::new_unwrap("0.4.0.127.0.7.2.2.4.6.1"), 13),
        ] {
            let unsupported = (protocol, parameters);
            assert_eq!(chosen(&[unsupported, WEAK]), Some(WEAK));
            assert_eq!(chosen(&[unsupported]), None);
        }
        assert_eq!(chosen(&[]), None);
    }

    #[test]
    fn deprecated_domain_parameters_are_refused_by_name() {
        for (protocol, id, name) in [
            (oid::id_PACE_DH_GM_AES_CBC_CMAC_256, 0, "1024-bit"),
            (oid::id_PACE_ECDH_GM_AES_CBC_CMAC_256, 8, "P-192"),
            (oid::id_PACE_ECDH_IM_AES_CBC_CMAC_256, 9, "brainpoolP192r1"),
        ] {
            let refused = choose_from(&[(protocol, id)], None).unwrap_err();
            assert!(refused.to_string().contains(name), "{refused}");
            assert_eq!(chosen(&[(protocol, id), WEAK]), Some(WEAK));
        }
    }
}
