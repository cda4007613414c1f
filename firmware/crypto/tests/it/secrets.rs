//! Nothing secret reaches a log.

use chipgate_crypto::{Cipher, Curve, PrivateScalar, Secret, SessionKeys, SigningKey};

use crate::rng;

#[test]
fn debug_shows_no_secret() {
    let scalar = PrivateScalar::generate(Curve::P256, &mut rng());
    assert_eq!(format!("{scalar:?}"), "PrivateScalar(P-256)");
    let key = SigningKey::from_scalar(scalar).unwrap();
    assert_eq!(format!("{key:?}"), "SigningKey(P-256)");
    let key = SigningKey::generate_rsa(1024, &mut rng()).unwrap();
    assert_eq!(format!("{key:?}"), "SigningKey(RSA, 1024 bits)");
    let keys = SessionKeys::derive(Cipher::Aes128, b"shared");
    assert_eq!(
        format!("{keys:?}"),
        "SessionKeys { cipher: Aes128, encryption: Secret(16 bytes), mac: Secret(16 bytes) }"
    );
    assert_eq!(format!("{:?}", Secret::new(*b"password")), "Secret(8 bytes)");
}

#[test]
fn the_same_randomness_gives_the_same_key() {
    for curve in Curve::ALL {
        let key = PrivateScalar::generate(curve, &mut rng());
        assert_eq!(
            key.to_bytes(),
            PrivateScalar::generate(curve, &mut rng()).to_bytes()
        );
        assert_eq!(key.to_bytes().len(), curve.field_length());
    }
}
