//! Diffie-Hellman modulo a prime: the worked example of Doc 9303-11, appendix G.2, OpenSSL, and keys that are none.

use chipgate_crypto::{
    AgreementGroup, AgreementKeyFormat, AgreementPrivateKey, AgreementPublicKey, Cipher, CryptoError, Curve,
    DhGroup, DhPrivateKey, DhPublicKey, SessionKeys,
};
use hex_literal::hex;

use crate::openssl::OpenSsl;
use crate::rng;

const GROUP: AgreementGroup = AgreementGroup::Dh(DhGroup::Modp1024Order160);

fn private(bytes: &[u8]) -> AgreementPrivateKey {
    AgreementPrivateKey::from_bytes(GROUP, bytes).unwrap()
}

fn public(bytes: &[u8]) -> AgreementPublicKey {
    AgreementPublicKey::from_bytes(GROUP, bytes).unwrap()
}

#[test]
fn maps_and_agrees_as_appendix_g_2_does() {
    let terminal = private(&hex!("5265030F751F4AD18B08AC565FC7AC952E41618D"));
    let chip = private(&hex!("66DDAFEAC1609CB5B963BB0CB3FF8B3E047F336C"));
    let terminal_public = public(&hex!(
        "23FB3749EA030D2A25B278D2A562047ADE3F01B74F17A15402CB7352CA7D2B3E"
        "B71C343DB13D1DEBCE9A3666DBCFC920B49174A602CB47965CAA73DC702489A4"
        "4D41DB914DE9613DC5E98C94160551C0DF86274B9359BC0490D01B03AD54022D"
        "CB4F57FAD6322497D7A1E28D46710F461AFE710FBBBC5F8BA166F4311975EC6C"
    ));
    assert_eq!(terminal.public_key().unwrap(), terminal_public);
    let shared = terminal.apply(&chip.public_key().unwrap()).unwrap();
    assert_eq!(shared, chip.apply(&terminal_public).unwrap());
    let nonce = hex!("FA5B7E3E49753A0DB9178B7B9BD898C8");
    let generator = GROUP.map_generic(&nonce, &shared).unwrap();
    assert_eq!(
        generator.to_bytes(),
        hex!(
            "7C9CBFE98F9FBDDA8D143506FA7D9306F4CB17E3C71707AFF5E1C1A123702496"
            "84D64EE37AF44B8DBD9D45BF6023919CBAA027AB97ACC771666C8E98FF483301"
            "BFA4872DEDE9034EDFACB70814166B7F360676829B826BEA57291B5AD69FBC84"
            "EF1E779032A305803F74341793E869742D401325B37EE8565FFCDEE618342DC5"
        )
    );

    let terminal = private(&hex!("89CCD99B0E8D3B1F11E1296DCA68EC53411CF2CA"));
    let chip = private(&hex!("A5B780126B7C980E9FCEA1D4539DA1D27C342DFA"));
    let chip_public = chip.apply(&generator).unwrap();
    // It starts with a byte of zeros in the nibble above, and is as long as the prime.
    assert_eq!(chip_public.to_bytes()[..8], hex!("075693D9AE941877"));
    let secret = terminal.agree(&chip_public).unwrap();
    assert_eq!(secret, chip.agree(&terminal.apply(&generator).unwrap()).unwrap());
    let keys = SessionKeys::derive(Cipher::Aes128, secret.as_bytes());
    assert_eq!(
        keys.encryption.as_bytes(),
        hex!("2F7F46ADCC9E7E521B45D192FAFA9126")
    );
    assert_eq!(keys.mac.as_bytes(), hex!("805A1D27D45A5116F73C54469462B7D8"));
}

/// A pair from OpenSSL in a group of RFC 5114: `key.pem`, and its public key in DER (X9.42).
fn openssl_pair(openssl: &OpenSsl, group: DhGroup) -> Vec<u8> {
    let number = group.domain_parameter_id() + 1;
    openssl.output(&format!(
        "genpkey -algorithm DHX -pkeyopt dh_rfc5114:{number} -out key.pem"
    ));
    openssl.output("pkey -in key.pem -pubout -outform DER")
}

#[test]
fn agrees_with_openssl_in_every_group() {
    let Some(openssl) = OpenSsl::find("agrees_with_openssl_in_every_group") else {
        return;
    };
    for group in [DhGroup::Modp2048Order224, DhGroup::Modp2048Order256] {
        let other = AgreementPublicKey::from_spki_der(&openssl_pair(&openssl, group)).unwrap();
        assert_eq!(other.group(), AgreementGroup::Dh(group));
        let ours = AgreementPrivateKey::generate(AgreementGroup::Dh(group), &mut rng());
        let x942 = ours.public_key().unwrap().to_spki_der(AgreementKeyFormat::X942);
        openssl.write("peer.der", &x942);
        let theirs = openssl.output("pkeyutl -derive -inkey key.pem -peerkey peer.der -peerform DER");
        assert_eq!(ours.agree(&other).unwrap().as_bytes(), theirs, "{}", group.name());
    }
}

#[test]
fn openssl_reads_keys_of_pkcs3_and_writes_them_back() {
    let Some(openssl) = OpenSsl::find("openssl_reads_keys_of_pkcs3") else {
        return;
    };
    for group in [DhGroup::Modp2048Order224, DhGroup::Modp2048Order256] {
        let key = AgreementPrivateKey::generate(AgreementGroup::Dh(group), &mut rng());
        let public = key.public_key().unwrap();
        let pkcs3 = public.to_spki_der(AgreementKeyFormat::Explicit);
        openssl.write("pkcs3.der", &pkcs3);
        let again = openssl.output("pkey -pubin -inform DER -in pkcs3.der -pubout -outform DER");
        assert_eq!(AgreementPublicKey::from_spki_der(&again), Ok(public));
    }
}

#[test]
fn every_format_of_a_key_is_read_again() {
    for group in AgreementGroup::ALL {
        let key = AgreementPrivateKey::generate(group, &mut rng());
        let public = key.public_key().unwrap();
        for format in [
            AgreementKeyFormat::Explicit,
            AgreementKeyFormat::Named,
            AgreementKeyFormat::X942,
            AgreementKeyFormat::Standardized,
        ] {
            let spki = public.to_spki_der(format);
            assert_eq!(AgreementPublicKey::from_spki_der(&spki).as_ref(), Ok(&public));
            for length in 0..spki.len() {
                assert!(AgreementPublicKey::from_spki_der(&spki[..length]).is_err());
            }
        }
        let restored = AgreementPrivateKey::from_bytes(group, key.to_bytes().as_bytes()).unwrap();
        assert_eq!(restored.public_key().unwrap(), public);
        assert_eq!(restored.group(), group);
    }
}

#[test]
fn reads_the_key_over_standardised_parameters_of_appendix_i() {
    let spki = hex!(
        "3052300C060704007F0007010202010D034200041872709494399E7470A6431BE25E83EEE24FEA568C2ED28DB48E05DB3A610DC8"
        "84D256A40E35EFCB59BF6753D3A489D28C7A4D973C2DA138A6E7A4A08F68E16F"
    );
    let key = AgreementPublicKey::from_spki_der(&spki).unwrap();
    assert_eq!(key.group(), AgreementGroup::Ecdh(Curve::BrainpoolP256r1));
    assert_eq!(key.to_spki_der(AgreementKeyFormat::Standardized), spki);
}

#[test]
fn deprecated_domain_parameters_are_refused_by_name() {
    for id in 0..=255 {
        let found = AgreementGroup::from_domain_parameter_id(id);
        match id {
            0 | 8 | 9 => assert_eq!(found, Err(CryptoError::DeprecatedDomainParameters { id })),
            1 | 2 | 10..=18 => assert_eq!(found.unwrap().domain_parameter_id(), id),
            _ => assert_eq!(found, Err(CryptoError::UnknownDomainParameters { id })),
        }
    }
    let message = CryptoError::DeprecatedDomainParameters { id: 9 }.to_string();
    assert!(message.contains("brainpoolP192r1"), "{message}");
    let old = private(&[7; 20]).public_key().unwrap();
    for format in [AgreementKeyFormat::Explicit, AgreementKeyFormat::X942] {
        assert_eq!(
            AgreementPublicKey::from_spki_der(&old.to_spki_der(format)),
            Err(CryptoError::DeprecatedDomainParameters { id: 0 })
        );
    }
}

#[test]
fn refuses_numbers_outside_the_subgroup() {
    for group in DhGroup::ALL {
        let invalid = Err(CryptoError::InvalidGroupElement { group });
        let length = group.element_length();
        let generator = DhPublicKey::generator(group);
        assert_eq!(
            DhPublicKey::from_bytes(group, &generator.to_bytes()).as_ref(),
            Ok(&generator)
        );
        let mut one = vec![0; length];
        one[length - 1] = 1;
        let mut two = one.clone();
        two[length - 1] = 2;
        for bytes in [
            &[][..],
            &[0],
            &one,
            &[1],
            &two,
            &vec![0xFF; length],
            &vec![1; length + 1],
        ] {
            assert_eq!(DhPublicKey::from_bytes(group, bytes), invalid);
        }
        // p − 1, of order two.
        let spki = AgreementPublicKey::Dh(generator).to_spki_der(AgreementKeyFormat::X942);
        let start = spki
            .windows(4)
            .position(|window| window[0] == 2 && window[1] & 0x80 != 0);
        let header = if length > 127 && length < 255 { 3 } else { 4 };
        let prime = start.unwrap() + header + 1;
        let mut minus_one = spki[prime..prime + length].to_vec();
        *minus_one.last_mut().unwrap() -= 1;
        assert_eq!(DhPublicKey::from_bytes(group, &minus_one), invalid);
    }
}

#[test]
fn refuses_private_keys_outside_the_order() {
    for group in DhGroup::ALL {
        let length = group.exponent_length();
        for bytes in [
            vec![0; length],
            vec![0xFF; length],
            vec![1; length - 1],
            vec![1; length + 1],
        ] {
            assert_eq!(
                DhPrivateKey::from_bytes(group, &bytes).unwrap_err(),
                CryptoError::InvalidExponent { group }
            );
        }
        let key = DhPrivateKey::generate(group, &mut rng());
        assert_eq!(format!("{key:?}"), format!("DhPrivateKey({})", group.name()));
    }
}

#[test]
fn a_mapping_that_ends_in_one_is_refused() {
    let group = DhGroup::Modp2048Order256;
    // h = g^(q − 1), s = 1: ĝ = g^q = 1. The order less one is the generator's inverse's exponent.
    let order_less_one = {
        let spki =
            AgreementPublicKey::Dh(DhPublicKey::generator(group)).to_spki_der(AgreementKeyFormat::X942);
        let position = spki
            .windows(5)
            .rposition(|window| window[..3] == [2, 33, 0] || window[..2] == [2, 32])
            .unwrap();
        let start = position + spki[position + 1] as usize + 2 - 32;
        let mut order = spki[start..start + 32].to_vec();
        *order.last_mut().unwrap() -= 1;
        order
    };
    let inverse = DhPrivateKey::from_bytes(group, &order_less_one)
        .unwrap()
        .public_key()
        .unwrap();
    let shared = AgreementPublicKey::Dh(inverse);
    let mapped = AgreementGroup::Dh(group).map_generic(&[1], &shared);
    assert_eq!(mapped, Err(CryptoError::TrivialElement { group }));
    assert!(AgreementGroup::Dh(group).map_generic(&[2], &shared).is_ok());
}

#[test]
fn keys_of_different_groups_do_not_meet() {
    let keys: Vec<_> = AgreementGroup::ALL
        .into_iter()
        .map(|group| AgreementPrivateKey::generate(group, &mut rng()))
        .collect();
    for (index, key) in keys.iter().enumerate() {
        for (other_index, other) in keys.iter().enumerate() {
            let public = other.public_key().unwrap();
            assert_eq!(key.agree(&public).is_ok(), index == other_index);
            assert_eq!(key.apply(&public).is_ok(), index == other_index);
            assert_eq!(
                key.group().map_generic(&[3; 16], &public).is_ok(),
                index == other_index
            );
        }
    }
}
