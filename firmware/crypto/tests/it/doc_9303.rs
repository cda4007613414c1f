//! The worked examples of ICAO Doc 9303-11: basic access control (appendix D) and PACE with generic mapping
//! over ECDH (appendix G.1).

use chipgate_crypto::{
    Cipher, Curve, HashAlgorithm, PrivateScalar, PublicPoint, SessionKeys, derive_password_key,
    generic_mapping, pad, unpad,
};
use hex_literal::hex;

#[test]
fn derives_the_document_basic_access_keys() {
    let seed = HashAlgorithm::Sha1.digest(b"L898902C<369080619406236");
    assert_eq!(seed[..16], hex!("239AB9CB282DAF66231DC5A4DF6BFBAE"));
    let keys = SessionKeys::derive(Cipher::TripleDes, &seed[..16]);
    assert_eq!(
        keys.encryption.as_bytes(),
        hex!("AB94FDECF2674FDFB9B391F85D7F76F2")
    );
    assert_eq!(keys.mac.as_bytes(), hex!("7962D9ECE03D1ACD4C76089DCE131543"));
}

#[test]
fn authenticates_as_the_basic_access_example_does() {
    let encryption = hex!("AB94FDECF2674FDFB9B391F85D7F76F2");
    let mac = hex!("7962D9ECE03D1ACD4C76089DCE131543");
    let s = hex!("781723860C06C2264608F919887022120B795240CB7049B01C19B33E32804F0B");
    let e_ifd = Cipher::TripleDes.encrypt_cbc(&encryption, &[0; 8], &s).unwrap();
    assert_eq!(
        e_ifd,
        hex!("72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2")
    );
    assert_eq!(
        Cipher::TripleDes.mac(&mac, &e_ifd).unwrap(),
        hex!("5F1448EEA8AD90A7")
    );

    let e_ic = hex!("46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F");
    assert_eq!(
        Cipher::TripleDes.mac(&mac, &e_ic).unwrap(),
        hex!("2F2D235D074D7449")
    );
    let r = Cipher::TripleDes
        .decrypt_cbc(&encryption, &[0; 8], &e_ic)
        .unwrap();
    assert_eq!(
        r,
        hex!("4608F91988702212781723860C06C2260B4F80323EB3191CB04970CB4052790B")
    );
}

#[test]
fn protects_the_first_command_of_the_basic_access_example() {
    let keys = SessionKeys::derive(Cipher::TripleDes, &hex!("0036D272F5C350ACAC50C3F572D23600"));
    assert_eq!(
        keys.encryption.as_bytes(),
        hex!("979EC13B1CBFE9DCD01AB0FED307EAE5")
    );
    assert_eq!(keys.mac.as_bytes(), hex!("F1CB1F1FB5ADF208806B89DC579DC1F8"));

    let data = pad(&hex!("011E"), 8);
    let encrypted = Cipher::TripleDes
        .encrypt_cbc(keys.encryption.as_bytes(), &[0; 8], &data)
        .unwrap();
    assert_eq!(encrypted, hex!("6375432908C044F6"));
    let header_and_data = hex!("887022120C06C2270CA4020C800000008709016375432908C044F6");
    let mac = Cipher::TripleDes
        .padded_mac(keys.mac.as_bytes(), &header_and_data)
        .unwrap();
    assert_eq!(mac, hex!("BF8B92D635FF24F8"));
    let decrypted = Cipher::TripleDes
        .decrypt_cbc(keys.encryption.as_bytes(), &[0; 8], &encrypted)
        .unwrap();
    assert_eq!(unpad(&decrypted).unwrap(), hex!("011E"));
}

fn scalar(bytes: [u8; 32]) -> PrivateScalar {
    PrivateScalar::from_bytes(Curve::BrainpoolP256r1, &bytes).unwrap()
}

fn point(bytes: [u8; 64]) -> PublicPoint {
    PublicPoint::from_uncompressed(Curve::BrainpoolP256r1, &[&[4], &bytes[..]].concat()).unwrap()
}

const MAPPED_GENERATOR: [u8; 64] = hex!(
    "8CED63C91426D4F0EB1435E7CB1D74A46723A0AF21C89634F65A9AE87A9265E2"
    "8C879506743F8611AC33645C5B985C80B5F09A0B83407C1B6A4D857AE76FE522"
);
const TERMINAL_PUBLIC: [u8; 64] = hex!(
    "2DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
    "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB36462"
);
const CHIP_PUBLIC: [u8; 64] = hex!(
    "9E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
    "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F094"
);

#[test]
fn decrypts_the_nonce_of_the_pace_example() {
    let password = HashAlgorithm::Sha1.digest(b"T22000129364081251010318");
    assert_eq!(password, hex!("7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD"));
    let key = derive_password_key(Cipher::Aes128, &password);
    assert_eq!(key.as_bytes(), hex!("89DED1B26624EC1E634C1989302849DD"));
    let encrypted = hex!("95A3A016522EE98D01E76CB6B98B42C3");
    let nonce = Cipher::Aes128
        .decrypt_cbc(key.as_bytes(), &[0; 16], &encrypted)
        .unwrap();
    assert_eq!(nonce, hex!("3F00C4D39D153F2B2A214A078D899B22"));
}

#[test]
fn maps_the_nonce_of_the_pace_example() {
    let nonce = hex!("3F00C4D39D153F2B2A214A078D899B22");
    let terminal = scalar(hex!(
        "7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99"
    ));
    let chip = scalar(hex!(
        "498FF49756F2DC1587840041839A85982BE7761D14715FB091EFA7BCE9058560"
    ));
    let terminal_public = point(hex!(
        "7ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
        "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D"
    ));
    let chip_public = point(hex!(
        "824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
        "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C54"
    ));
    assert_eq!(terminal.public_point().unwrap(), terminal_public);
    assert_eq!(chip.public_point().unwrap(), chip_public);

    let shared = terminal.multiply(&chip_public).unwrap();
    assert_eq!(shared, chip.multiply(&terminal_public).unwrap());
    assert_eq!(
        shared,
        point(hex!(
            "60332EF2450B5D247EF6D3868397D398852ED6E8CAF6FFEEF6BF85CA57057FD5"
            "0840CA7415BAF3E43BD414D35AA4608B93A2CAF3A4E3EA4E82C9C13D03EB7181"
        ))
    );
    let generator = generic_mapping(Curve::BrainpoolP256r1, &nonce, &shared).unwrap();
    assert_eq!(generator, point(MAPPED_GENERATOR));
}

#[test]
fn agrees_on_the_keys_and_tokens_of_the_pace_example() {
    let generator = point(MAPPED_GENERATOR);
    let terminal = scalar(hex!(
        "A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595"
    ));
    let chip = scalar(hex!(
        "107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A"
    ));
    assert_eq!(
        terminal.public_point_for(&generator).unwrap(),
        point(TERMINAL_PUBLIC)
    );
    assert_eq!(chip.public_point_for(&generator).unwrap(), point(CHIP_PUBLIC));

    let shared = terminal.agree(&point(CHIP_PUBLIC)).unwrap();
    assert_eq!(shared, chip.agree(&point(TERMINAL_PUBLIC)).unwrap());
    assert_eq!(
        shared.as_bytes(),
        hex!("28768D20701247DAE81804C9E780EDE582A9996DB4A315020B2733197DB84925")
    );

    let keys = SessionKeys::derive(Cipher::Aes128, shared.as_bytes());
    assert_eq!(
        keys.encryption.as_bytes(),
        hex!("F5F0E35C0D7161EE6724EE513A0D9A7F")
    );
    assert_eq!(keys.mac.as_bytes(), hex!("FE251C7858B356B24514B3BD5F4297D1"));

    let token = |public: &[u8]| {
        let prefix = hex!("7F494F060A04007F00070202040202864104");
        Cipher::Aes128
            .mac(keys.mac.as_bytes(), &[&prefix, public].concat())
            .unwrap()
    };
    assert_eq!(token(&CHIP_PUBLIC), hex!("C2B0BD78D94BA866"));
    assert_eq!(token(&TERMINAL_PUBLIC), hex!("3ABB9674BCE93C08"));
}

/// Appendix I: chip authentication data, from the side of the terminal.
#[test]
fn opens_the_chip_authentication_data_of_appendix_i() {
    let key = hex!("0A9DA4DB03BDDE39FC5202BC44B2E89E");
    let iv = Cipher::Aes128.encrypt_block(&key, &[0xFF; 16]).unwrap();
    assert_eq!(iv, hex!("F6A3B75A1E933941DD7A13E2520779DF"));
    let encrypted = hex!(
        "1EEA964DAAE372AC990E3EFDE6333353BFC89A6704D93DA8798CF77F5B7A54BD10CBA372B42BE0B9B5F28AA8DE2F4F92"
    );
    let data = Cipher::Aes128.decrypt_cbc(&key, &iv, &encrypted).unwrap();
    let data = scalar(unpad(&data).unwrap().try_into().unwrap());
    let static_key = point(hex!(
        "1872709494399E7470A6431BE25E83EEE24FEA568C2ED28DB48E05DB3A610DC8"
        "84D256A40E35EFCB59BF6753D3A489D28C7A4D973C2DA138A6E7A4A08F68E16F"
    ));
    let mapping_key = point(hex!(
        "A234236AA9B9621E8EFB73B5245C0E09D2576E5277183C1208BDD55280CAE8B3"
        "04F365713A356E65A451E165ECC9AC0AC46E3771342C8FE5AEDD092685338E23"
    ));
    assert_eq!(data.multiply(&static_key).unwrap(), mapping_key);
}

#[test]
fn chip_authentication_data_is_the_quotient_of_two_private_keys() {
    for curve in Curve::ALL {
        let mut rng = crate::rng();
        let static_key = PrivateScalar::generate(curve, &mut rng);
        let ephemeral = PrivateScalar::generate(curve, &mut rng);
        let data = ephemeral.divided_by(&static_key).unwrap();
        assert_eq!(data.to_bytes().len(), curve.field_length());
        assert_eq!(
            data.multiply(&static_key.public_point().unwrap()),
            ephemeral.public_point()
        );
    }
}
