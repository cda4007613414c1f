//! With which keys of DG14, and by which protocols, chip authentication is tried (Doc 9303-11, 9.2.5 and 9.2.6).

use alloc::vec::Vec;

use chipgate_crypto::{AgreementGroup, AgreementPublicKey, Cipher, ObjectIdentifier};
use chipgate_lds::{
    ChipAuthenticationInfo, ChipAuthenticationPublicKeyInfo, SecurityInfo, SecurityInfos, oid,
};

/// A key of DG14 with the protocol to use it with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) protocol: ObjectIdentifier,
    pub(crate) cipher: Cipher,
    /// As the chip advertises it; only if it does.
    pub(crate) key_id: Option<Vec<u8>>,
    pub(crate) key: AgreementPublicKey,
    /// SubjectPublicKeyInfo in DER, as DG14 holds it.
    pub(crate) public_key: Vec<u8>,
}

impl Candidate {
    /// Cipher before group, both by their bits.
    fn strength(&self) -> (usize, usize) {
        let cipher = match self.cipher {
            Cipher::TripleDes => 112,
            cipher => cipher.key_length() * 8,
        };
        (cipher, self.key.group().strength())
    }
}

/// Every key with every protocol that this crate carries out with it, the strongest first; of equals, in DG14's order.
pub(crate) fn candidates(dg14: &SecurityInfos) -> Vec<Candidate> {
    let infos = dg14.chip_authentication();
    // One that does not parse names a protocol all the same: the document is no old one, and 3DES would be a guess.
    let has_unreadable_info = dg14.all().iter().any(|info| {
        let families = [Some(oid::id_CA_DH), Some(oid::id_CA_ECDH)];
        matches!(info, SecurityInfo::Unknown { protocol, .. } if families.contains(&protocol.parent()))
    });
    let keys = dg14.chip_authentication_keys();
    let mut candidates: Vec<_> = keys
        .iter()
        .flat_map(|key| of_key(key, &infos, has_unreadable_info, keys.len() == 1))
        .collect();
    candidates.sort_by_key(|candidate| core::cmp::Reverse(candidate.strength()));
    candidates
}

fn of_key(
    info: &ChipAuthenticationPublicKeyInfo,
    infos: &[ChipAuthenticationInfo],
    has_unreadable_info: bool,
    only_key: bool,
) -> Vec<Candidate> {
    let Ok(key) = AgreementPublicKey::from_spki_der(&info.public_key_der) else {
        return Vec::new();
    };
    let (family, old_protocol) = match key.group() {
        AgreementGroup::Dh(_) => (oid::id_CA_DH, oid::id_CA_DH_3DES_CBC_CBC),
        AgreementGroup::Ecdh(_) => (oid::id_CA_ECDH, oid::id_CA_ECDH_3DES_CBC_CBC),
    };
    let candidate = |protocol, cipher, key_id| Candidate {
        protocol,
        cipher,
        key_id,
        key: key.clone(),
        public_key: info.public_key_der.clone(),
    };
    if infos.is_empty() && !has_unreadable_info {
        // Documents older than ChipAuthenticationInfo speak 3DES.
        return [candidate(old_protocol, Cipher::TripleDes, info.key_id.clone())].into();
    }
    let fitting = infos.iter().filter(|offer| {
        // Some issuers give the identifier only once where there is only one key.
        let belongs = offer.key_id == info.key_id || only_key;
        offer.version == 1 && belongs && offer.protocol.parent() == Some(family)
    });
    fitting
        .filter_map(|offer| {
            let key_id = offer.key_id.clone().or_else(|| info.key_id.clone());
            Some(candidate(offer.protocol, cipher(&offer.protocol)?, key_id))
        })
        .collect()
}

/// The cipher that the last arc names (Doc 9303-11, tables 5 and 6).
fn cipher(protocol: &ObjectIdentifier) -> Option<Cipher> {
    match protocol.arcs().last()? {
        1 => Some(Cipher::TripleDes),
        2 => Some(Cipher::Aes128),
        3 => Some(Cipher::Aes192),
        4 => Some(Cipher::Aes256),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ReplayedRandomness;
    use chipgate_crypto::{AgreementKeyFormat, AgreementPrivateKey, Curve, DhGroup};
    use chipgate_lds::{SecurityInfo, encode_set};

    fn key(group: AgreementGroup, key_id: Option<u8>) -> SecurityInfo {
        let mut randomness =
            ReplayedRandomness::new((0..200).map(|index: u8| index.wrapping_mul(91)).collect());
        let public = AgreementPrivateKey::generate(group, &mut randomness)
            .public_key()
            .unwrap();
        SecurityInfo::ChipAuthenticationPublicKey(ChipAuthenticationPublicKeyInfo {
            protocol: match group {
                AgreementGroup::Dh(_) => oid::id_PK_DH,
                AgreementGroup::Ecdh(_) => oid::id_PK_ECDH,
            },
            public_key_der: public.to_spki_der(AgreementKeyFormat::Explicit),
            key_id: key_id.map(|id| [id].into()),
        })
    }

    fn info(protocol: ObjectIdentifier, version: u8, key_id: Option<u8>) -> SecurityInfo {
        SecurityInfo::ChipAuthentication(ChipAuthenticationInfo {
            protocol,
            version,
            key_id: key_id.map(|id| [id].into()),
        })
    }

    type Chosen = (ObjectIdentifier, AgreementGroup, Option<Vec<u8>>);

    fn chosen(infos: &[SecurityInfo]) -> Vec<Chosen> {
        candidates(&SecurityInfos::parse(&encode_set(infos)).unwrap())
            .into_iter()
            .map(|candidate| (candidate.protocol, candidate.key.group(), candidate.key_id))
            .collect()
    }

    const P256: AgreementGroup = AgreementGroup::Ecdh(Curve::P256);
    const P384: AgreementGroup = AgreementGroup::Ecdh(Curve::P384);
    const MODP: AgreementGroup = AgreementGroup::Dh(DhGroup::Modp2048Order256);

    #[test]
    fn the_strongest_comes_first_with_the_identifier_of_its_own_key() {
        let offers = [
            info(oid::id_CA_ECDH_3DES_CBC_CBC, 1, Some(1)),
            info(oid::id_CA_ECDH_AES_CBC_CMAC_128, 1, Some(1)),
            info(oid::id_CA_DH_AES_CBC_CMAC_128, 1, Some(2)),
            info(oid::id_CA_ECDH_AES_CBC_CMAC_256, 1, Some(3)),
            key(P256, Some(1)),
            key(MODP, Some(2)),
            key(P384, Some(3)),
        ];
        let id = |id| Some([id].into());
        assert_eq!(
            chosen(&offers),
            [
                (oid::id_CA_ECDH_AES_CBC_CMAC_256, P384, id(3)),
                (oid::id_CA_ECDH_AES_CBC_CMAC_128, P256, id(1)),
                (oid::id_CA_DH_AES_CBC_CMAC_128, MODP, id(2)),
                (oid::id_CA_ECDH_3DES_CBC_CBC, P256, id(1)),
            ]
        );
    }

    #[test]
    fn a_key_without_any_protocol_beside_it_speaks_3des() {
        assert_eq!(
            chosen(&[key(P256, None)]),
            [(oid::id_CA_ECDH_3DES_CBC_CBC, P256, None)]
        );
        assert_eq!(
            chosen(&[key(MODP, None)]),
            [(oid::id_CA_DH_3DES_CBC_CBC, MODP, None)]
        );
    }

    #[test]
    fn a_protocol_that_does_not_parse_is_not_guessed() {
        // SEQUENCE { id-CA-ECDH-AES-CBC-CMAC-128, INTEGER -1 }
        let raw = [
            &[0x30, 0x0F, 0x06, 0x0A, 4, 0, 0x7F, 0, 7, 2, 2, 3, 2, 2][..],
            &[0x02, 0x01, 0xFF],
        ]
        .concat();
        let protocol = oid::id_CA_ECDH_AES_CBC_CMAC_128;
        let odd = SecurityInfo::Unknown { protocol, raw };
        assert_eq!(chosen(&[odd.clone(), key(P256, None)]), []);
        let good = info(oid::id_CA_ECDH_AES_CBC_CMAC_256, 1, None);
        assert_eq!(
            chosen(&[odd, good, key(P256, None)]),
            [(oid::id_CA_ECDH_AES_CBC_CMAC_256, P256, None)]
        );
    }

    #[test]
    fn a_single_key_may_have_its_identifier_on_either_side_or_none() {
        let protocol = oid::id_CA_ECDH_AES_CBC_CMAC_128;
        for (offered, keyed, expected) in [
            (None, None, None),
            (Some(5), None, Some([5].into())),
            (None, Some(5), Some([5].into())),
        ] {
            let infos = [info(protocol, 1, offered), key(P256, keyed)];
            assert_eq!(chosen(&infos), [(protocol, P256, expected)]);
        }
    }

    #[test]
    fn what_does_not_belong_together_is_no_candidate() {
        let protocol = oid::id_CA_ECDH_AES_CBC_CMAC_128;
        assert_eq!(chosen(&[info(protocol, 1, None), key(MODP, None)]), []);
        assert_eq!(chosen(&[info(protocol, 2, None), key(P256, None)]), []);
        assert_eq!(chosen(&[info(protocol, 1, None)]), []);
        let two = [info(protocol, 1, Some(1)), key(P256, Some(2)), key(P384, Some(3))];
        assert_eq!(chosen(&two), []);
    }
}
