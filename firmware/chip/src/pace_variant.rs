//! Which of the variants of PACE that a chip offers is carried out (Doc 9303-11, 9.2.1).

use chipgate_crypto::{Cipher, Curve, ObjectIdentifier};
use chipgate_lds::{SecurityInfos, oid};

/// The only version of PACE there is (Doc 9303-11, 9.2.1).
const VERSION: u8 = 2;

/// A variant of PACE that the chip offers and this crate carries out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Variant {
    pub(crate) protocol: ObjectIdentifier,
    pub(crate) parameter_id: u8,
    pub(crate) cipher: Cipher,
    pub(crate) curve: Curve,
    /// Whether the chip offers this protocol with several domain parameters, so that MSE:Set AT must name them.
    pub(crate) ambiguous: bool,
}

impl Variant {
    /// Cipher before curve, both by their bits.
    const fn strength(&self) -> (u16, usize) {
        let cipher = match self.cipher {
            Cipher::TripleDes => 112,
            Cipher::Aes128 => 128,
            Cipher::Aes192 => 192,
            Cipher::Aes256 => 256,
        };
        (cipher, self.curve.order_bits())
    }
}

/// The strongest offered variant that is supported: the order of the offers is unsigned. Of equals, the first.
pub(crate) fn choose(infos: &SecurityInfos) -> Option<Variant> {
    let offers = infos.pace();
    let supported = offers.iter().filter_map(|offer| {
        let parameter_id = offer.parameter_id.filter(|_| offer.version == VERSION)?;
        Some(Variant {
            protocol: offer.protocol,
            parameter_id,
            cipher: cipher(&offer.protocol)?,
            curve: Curve::from_domain_parameter_id(parameter_id)?,
            ambiguous: offers
                .iter()
                .filter(|other| other.protocol == offer.protocol)
                .count()
                > 1,
        })
    });
    supported.reduce(|best, next| {
        if next.strength() > best.strength() {
            next
        } else {
            best
        }
    })
}

fn cipher(protocol: &ObjectIdentifier) -> Option<Cipher> {
    match *protocol {
        oid::id_PACE_ECDH_GM_3DES_CBC_CBC => Some(Cipher::TripleDes),
        oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128 => Some(Cipher::Aes128),
        oid::id_PACE_ECDH_GM_AES_CBC_CMAC_192 => Some(Cipher::Aes192),
        oid::id_PACE_ECDH_GM_AES_CBC_CMAC_256 => Some(Cipher::Aes256),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use chipgate_lds::{PaceInfo, SecurityInfo, encode_set};

    fn chosen(offers: &[(ObjectIdentifier, u8)]) -> Option<(ObjectIdentifier, u8)> {
        let info = |&(protocol, parameters): &(ObjectIdentifier, u8)| {
            SecurityInfo::Pace(PaceInfo {
                protocol,
                version: VERSION,
                parameter_id: Some(parameters),
            })
        };
        let infos: Vec<_> = offers.iter().map(info).collect();
        choose(&SecurityInfos::parse(&encode_set(&infos)).unwrap())
            .map(|variant| (variant.protocol, variant.parameter_id))
    }

    #[test]
    fn chooses_the_strongest_offer_wherever_it_stands() {
        let weak = (oid::id_PACE_ECDH_GM_3DES_CBC_CBC, 18);
        let middle = (oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128, 13);
        let strong = (oid::id_PACE_ECDH_GM_AES_CBC_CMAC_256, 12);
        let stronger = (oid::id_PACE_ECDH_GM_AES_CBC_CMAC_256, 16);
        for offers in [
            [weak, middle, strong, stronger],
            [stronger, strong, middle, weak],
            [middle, stronger, weak, strong],
        ] {
            assert_eq!(chosen(&offers), Some(stronger));
        }
        assert_eq!(chosen(&[weak, middle]), Some(middle));
    }

    #[test]
    fn an_offer_that_is_not_supported_does_not_count() {
        let multiplicative = (oid::id_PACE_DH_GM_AES_CBC_CMAC_256, 2);
        let weak = (oid::id_PACE_ECDH_GM_3DES_CBC_CBC, 12);
        assert_eq!(chosen(&[multiplicative, weak]), Some(weak));
        assert_eq!(chosen(&[multiplicative]), None);
        assert_eq!(chosen(&[]), None);
    }
}
