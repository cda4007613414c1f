//! A key over the generator of the generic mapping, held against the steps one by one and against appendix G.1 of Doc 9303-11.

use chipgate_crypto::{
    AgreementGroup, AgreementPrivateKey, AgreementPublicKey, CryptoError, Curve, GenericMapping, Secret,
};
use hex_literal::hex;

use crate::{invalid_keys::order_less, rng};

fn mapping(group: AgreementGroup, nonce: &[u8]) -> GenericMapping {
    let mut rng = rng();
    let ours = AgreementPrivateKey::generate(group, &mut rng);
    let theirs = AgreementPrivateKey::generate(group, &mut rng)
        .public_key()
        .unwrap();
    GenericMapping::new(Secret::new(nonce), ours, theirs).unwrap()
}

#[test]
fn is_the_key_that_the_steps_one_by_one_give_in_every_group() {
    // As long as the ciphers' nonces are, 32 bytes on a curve of 224 bits among them; zero maps to the shared element.
    for nonce in [&[0xA7; 16][..], &[0xFF; 32], &[0; 16]] {
        for group in AgreementGroup::ALL {
            let mapping = mapping(group, nonce);
            let ephemeral = AgreementPrivateKey::generate(group, &mut rng());
            let generator = mapping.generator().unwrap();
            assert_eq!(
                mapping.public_key(&ephemeral),
                ephemeral.apply(&generator),
                "{} {nonce:02x?}",
                group.name()
            );
        }
    }
}

#[test]
fn is_the_terminals_key_of_appendix_g_1() {
    let group = AgreementGroup::Ecdh(Curve::BrainpoolP256r1);
    let private = |bytes: [u8; 32]| AgreementPrivateKey::from_bytes(group, &bytes).unwrap();
    let chip_public = hex!(
        "04"
        "824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
        "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C54"
    );
    let mapping = GenericMapping::new(
        Secret::new(hex!("3F00C4D39D153F2B2A214A078D899B22")),
        private(hex!(
            "7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99"
        )),
        AgreementPublicKey::from_bytes(group, &chip_public).unwrap(),
    )
    .unwrap();
    let ephemeral = private(hex!(
        "A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595"
    ));
    assert_eq!(
        mapping.public_key(&ephemeral).unwrap().to_bytes(),
        hex!(
            "04"
            "2DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
            "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB36462"
        )
    );
}

/// Ĝ is infinity where H = −s·G: no key over it is one.
#[test]
fn refuses_a_mapping_to_infinity() {
    for curve in Curve::ALL {
        let group = AgreementGroup::Ecdh(curve);
        let one = {
            let mut bytes = vec![0; curve.field_length()];
            *bytes.last_mut().unwrap() = 1;
            AgreementPrivateKey::from_bytes(group, &bytes).unwrap()
        };
        let minus_generator = AgreementPrivateKey::from_bytes(group, &order_less(curve, 1))
            .unwrap()
            .public_key()
            .unwrap();
        let mapping = GenericMapping::new(Secret::new([1]), one.clone(), minus_generator).unwrap();
        let infinity = Err(CryptoError::Infinity { curve });
        assert_eq!(mapping.public_key(&one), infinity);
        assert_eq!(mapping.generator(), infinity);
    }
}

#[test]
fn refuses_keys_of_different_groups() {
    let p256 = AgreementPrivateKey::generate(AgreementGroup::Ecdh(Curve::P256), &mut rng());
    let brainpool = AgreementPrivateKey::generate(AgreementGroup::Ecdh(Curve::BrainpoolP256r1), &mut rng());
    let theirs = brainpool.public_key().unwrap();
    assert!(GenericMapping::new(Secret::new([1; 16]), p256.clone(), theirs.clone()).is_err());
    let mapping = GenericMapping::new(Secret::new([1; 16]), brainpool, theirs).unwrap();
    assert!(mapping.public_key(&p256).is_err());
}
