//! Vectors of NIST and the IETF.

use chipgate_crypto::{Cipher, CryptoError, Curve, HashAlgorithm, PrivateScalar, SigningKey, kdf};
use hex_literal::hex;

const MESSAGE: [u8; 64] = hex!(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
);
const AES_128: [u8; 16] = hex!("2b7e151628aed2a6abf7158809cf4f3c");
const AES_192: [u8; 24] = hex!("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b");
const AES_256: [u8; 32] = hex!("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");

/// RFC 4493, section 4; NIST SP 800-38B, appendix D, for the longer keys.
#[test]
fn cmac_gives_the_published_values() {
    let cases: [(Cipher, &[u8], usize, [u8; 8]); 8] = [
        (Cipher::Aes128, &AES_128, 0, hex!("bb1d6929e9593728")),
        (Cipher::Aes128, &AES_128, 16, hex!("070a16b46b4d4144")),
        (Cipher::Aes128, &AES_128, 40, hex!("dfa66747de9ae630")),
        (Cipher::Aes128, &AES_128, 64, hex!("51f0bebf7e3b9d92")),
        (Cipher::Aes192, &AES_192, 0, hex!("d17ddf46adaacde5")),
        (Cipher::Aes192, &AES_192, 16, hex!("9e99a7bf31e71090")),
        (Cipher::Aes256, &AES_256, 0, hex!("028962f61b7bf89e")),
        (Cipher::Aes256, &AES_256, 16, hex!("28a7023f452e8f82")),
    ];
    for (cipher, key, length, expected) in cases {
        assert_eq!(
            cipher.mac(key, &MESSAGE[..length]).unwrap(),
            expected,
            "{cipher:?} over {length} bytes"
        );
    }
}

/// NIST SP 800-38A, F.2.1, F.2.3 and F.2.5.
#[test]
fn cbc_gives_the_published_first_blocks() {
    let iv = hex!("000102030405060708090a0b0c0d0e0f");
    let cases: [(Cipher, &[u8], [u8; 16]); 3] = [
        (Cipher::Aes128, &AES_128, hex!("7649abac8119b246cee98e9b12e9197d")),
        (Cipher::Aes192, &AES_192, hex!("4f021db243bc633d7178183a9fa071e8")),
        (Cipher::Aes256, &AES_256, hex!("f58c4c04d6e5f1ba779eabfb5f7bfbd6")),
    ];
    for (cipher, key, expected) in cases {
        let encrypted = cipher.encrypt_cbc(key, &iv, &MESSAGE).unwrap();
        assert_eq!(encrypted[..16], expected);
        assert_eq!(cipher.decrypt_cbc(key, &iv, &encrypted).unwrap(), MESSAGE);
    }
}

/// RFC 6979, A.2.5 to A.2.7: the message "sample".
#[test]
fn deterministic_signatures_are_those_of_rfc_6979() {
    let cases: [(Curve, &[u8], HashAlgorithm, &[u8]); 3] = [
        (
            Curve::P256,
            &hex!("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"),
            HashAlgorithm::Sha256,
            &hex!(
                "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
                "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
            ),
        ),
        (
            Curve::P256,
            &hex!("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"),
            HashAlgorithm::Sha1,
            &hex!(
                "61340C88C3AAEBEB4F6D667F672CA9759A6CCAA9FA8811313039EE4A35471D32"
                "6D7F147DAC089441BB2E2FE8F7A3FA264B9C475098FDCF6E00D7C996E1B8B7EB"
            ),
        ),
        (
            Curve::P384,
            &hex!(
                "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8"
                "96D5724E4C70A825F872C9EA60D2EDF5"
            ),
            HashAlgorithm::Sha384,
            &hex!(
                "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C"
                "81A648152E44ACF96E36DD1E80FABE46"
                "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94F"
                "A329C145786E679E7B82C71A38628AC8"
            ),
        ),
    ];
    for (curve, key, hash, expected) in cases {
        let key = SigningKey::from_scalar(PrivateScalar::from_bytes(curve, key).unwrap()).unwrap();
        assert_eq!(key.sign_plain(hash, b"sample").unwrap(), expected);
    }
}

/// Doc 9303-11, 9.7.1: SHA-256 for the longer keys, cut to 24 bytes for AES-192.
#[test]
fn longer_keys_are_cut_from_sha_256() {
    let hash = HashAlgorithm::Sha256.digest(&hex!("0102030400000002"));
    assert_eq!(kdf(Cipher::Aes256, &[1, 2, 3, 4], 2).as_bytes(), hash);
    assert_eq!(kdf(Cipher::Aes192, &[1, 2, 3, 4], 2).as_bytes(), &hash[..24]);
}

#[test]
fn rejects_keys_vectors_and_data_of_the_wrong_length() {
    for cipher in Cipher::ALL {
        let (key, block) = (vec![1; cipher.key_length()], cipher.block_length());
        let short = &key[1..];
        let wrong_key = CryptoError::KeyLength {
            expected: key.len(),
            found: short.len(),
        };
        let wrong_block = CryptoError::BlockLength {
            block,
            found: block - 1,
        };
        assert_eq!(cipher.encrypt_cbc(short, &vec![0; block], &[]), Err(wrong_key));
        assert_eq!(
            cipher.decrypt_cbc(&key, &vec![0; block - 1], &[]),
            Err(wrong_block)
        );
        assert_eq!(
            cipher.decrypt_cbc(&key, &vec![0; block], &vec![0; block - 1]),
            Err(wrong_block)
        );
        assert_eq!(cipher.encrypt_block(&key, &vec![0; block - 1]), Err(wrong_block));
        assert_eq!(cipher.mac(short, b"data"), Err(wrong_key));
        assert_eq!(cipher.padded_mac(short, b"data"), Err(wrong_key));
    }
}

/// Secure messaging pads before the MAC under every cipher; the plain MAC pads under triple DES only.
#[test]
fn the_padded_mac_is_the_mac_of_padded_data() {
    for cipher in [Cipher::Aes128, Cipher::Aes192, Cipher::Aes256] {
        let key = vec![7; cipher.key_length()];
        let padded = chipgate_crypto::pad(b"header", 16);
        assert_eq!(
            cipher.padded_mac(&key, b"header").unwrap(),
            cipher.mac(&key, &padded).unwrap()
        );
    }
    let des = Cipher::TripleDes;
    assert_eq!(
        des.padded_mac(&[7; 16], b"header").unwrap(),
        des.mac(&[7; 16], b"header").unwrap()
    );
}
