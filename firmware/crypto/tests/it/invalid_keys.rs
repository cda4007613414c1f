//! Points, numbers and parameters that must be refused.

use chipgate_crypto::{CryptoError, Curve, PrivateScalar, PublicKey, PublicPoint, generic_mapping};

pub(crate) fn order_less(curve: Curve, difference: u8) -> Vec<u8> {
    // The order is the INTEGER before the cofactor at the end of the explicit parameters.
    let parameters = curve.explicit_parameters_der();
    let end = parameters.len() - 3;
    let mut order = parameters[end - curve.field_length()..end].to_vec();
    *order.last_mut().unwrap() -= difference;
    order
}

#[test]
fn rejects_points_that_are_not_on_the_curve() {
    for curve in Curve::ALL {
        let invalid = Err(CryptoError::InvalidPoint { curve });
        let good = PublicPoint::generator(curve).to_uncompressed();
        assert!(PublicPoint::from_uncompressed(curve, &good).is_ok());

        let mut off_curve = good.clone();
        *off_curve.last_mut().unwrap() ^= 1;
        let mut hybrid = good.clone();
        hybrid[0] = 6;
        let all_ones = [&[4], &vec![0xFF; good.len() - 1][..]].concat();
        let zeros = [&[4], &vec![0; good.len() - 1][..]].concat();
        let compressed = [&[2], &good[1..=curve.field_length()]].concat();
        let longer = [&good[..], &[0, 0]].concat();
        for bytes in [
            &off_curve[..],
            &hybrid,
            &all_ones,
            &zeros,
            &compressed,
            &longer,
            &good[..9],
            &[0],
            &[4],
            &[],
        ] {
            assert_eq!(
                PublicPoint::from_uncompressed(curve, bytes),
                invalid,
                "{bytes:02x?}"
            );
        }
    }
}

#[test]
fn rejects_zero_the_order_and_other_lengths_as_private_keys() {
    for curve in Curve::ALL {
        let length = curve.field_length();
        let refused = |bytes: &[u8]| PrivateScalar::from_bytes(curve, bytes).unwrap_err();
        for bytes in [
            &vec![0; length][..],
            &order_less(curve, 0),
            &vec![0xFF; length],
            &vec![1; length - 1],
            &[],
        ] {
            assert_eq!(refused(bytes), CryptoError::InvalidScalar { curve });
        }
        let largest = PrivateScalar::from_bytes(curve, &order_less(curve, 1)).unwrap();
        // (n − 1)·G = −G has the generator's x-coordinate.
        assert_eq!(
            largest.public_point().unwrap().x(),
            PublicPoint::generator(curve).x()
        );
    }
}

#[test]
fn rejects_a_mapping_to_infinity() {
    for curve in Curve::ALL {
        let minus_generator = PrivateScalar::from_bytes(curve, &order_less(curve, 1))
            .unwrap()
            .public_point()
            .unwrap();
        let result = generic_mapping(curve, &[1], &minus_generator);
        assert_eq!(result, Err(CryptoError::Infinity { curve }));
        // A zero nonce maps to the shared point itself.
        assert_eq!(
            generic_mapping(curve, &[0; 16], &minus_generator).unwrap(),
            minus_generator
        );
    }
}

#[test]
fn rejects_keys_of_different_curves() {
    let scalar = PrivateScalar::from_bytes(Curve::P256, &[1; 32]).unwrap();
    let point = PublicPoint::generator(Curve::BrainpoolP256r1);
    let mismatch = CryptoError::CurveMismatch {
        left: Curve::P256,
        right: Curve::BrainpoolP256r1,
    };
    assert_eq!(scalar.multiply(&point), Err(mismatch));
    assert_eq!(generic_mapping(Curve::P256, &[1; 16], &point), Err(mismatch));
}

/// A generator of the attacker's choosing makes any signature verify (CVE-2020-0601).
#[test]
fn rejects_explicit_parameters_altered_in_any_byte() {
    for curve in [Curve::P256, Curve::BrainpoolP384r1] {
        let good = curve.explicit_parameters_der();
        for position in 0..good.len() {
            for bit in [1, 0x80] {
                let mut altered = good.clone();
                altered[position] ^= bit;
                // The version (1 to 3 all carry the same fields) is the only byte that may differ.
                if let Ok(found) = Curve::from_parameters_der(&altered) {
                    panic!(
                        "byte {position} of {} may be {:02x}, as {found:?}",
                        curve.name(),
                        altered[position]
                    );
                }
            }
        }
    }
}

#[test]
fn names_the_curve_that_is_not_supported() {
    // secp256k1
    let parameters = [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x0A];
    let Err(CryptoError::UnsupportedCurve { oid }) = Curve::from_parameters_der(&parameters) else {
        panic!("accepted")
    };
    assert_eq!(oid.to_string(), "1.3.132.0.10");
}

#[test]
fn rejects_truncated_keys_at_every_length() {
    let spki = PublicKey::Ec(PublicPoint::generator(Curve::P256)).to_spki_der();
    for length in 0..spki.len() {
        assert!(PublicKey::from_spki_der(&spki[..length]).is_err());
    }
    let trailing = [&spki[..], &[0]].concat();
    assert!(PublicKey::from_spki_der(&trailing).is_err());
}

proptest::proptest! {
    #[test]
    fn no_input_panics(bytes: Vec<u8>) {
        let _ = PublicKey::from_spki_der(&bytes);
        let _ = Curve::from_parameters_der(&bytes);
        let _ = chipgate_crypto::SigningKey::from_pkcs8_der(&bytes);
        let _ = chipgate_crypto::SignatureAlgorithm::from_algorithm_identifier_der(&bytes, None);
        let _ = PublicPoint::from_uncompressed(Curve::P256, &bytes);
    }
}
