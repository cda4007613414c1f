//! The signatures on the certificates of a list.

use chipgate_trust::{Certificate, TrustFault, fingerprint};
use chipgate_trust_store::{Verification, verify_list};

use crate::fixtures::bytes;

/// The certificate with these octets in the place of those, wherever they stand in it.
fn with(name: &str, octets: &[u8], instead: &[u8]) -> Certificate {
    let mut der = bytes(name);
    let places: Vec<_> = (0..der.len())
        .filter(|at| der[*at..].starts_with(octets))
        .collect();
    assert!(!places.is_empty(), "{name}");
    for at in places {
        der[at..at + octets.len()].copy_from_slice(instead);
    }
    Certificate::from_der(&der).unwrap()
}

/// ecdsa-with-SHA384, and an algorithm beside it that nobody has.
const ECDSA: [&[u8]; 2] = [
    &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 3],
    &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 9],
];
/// The end of the prime of P-384, which stands there by its parameters, and of a number that is no curve's.
const CURVE: [&[u8]; 2] = [
    &[0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF],
    &[0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFD],
];

#[test]
fn what_could_not_be_tried_is_neither_wrong_nor_without_issuer() {
    let sound = |name| Certificate::from_der(&bytes(name)).unwrap();
    let algorithm = with("ds", ECDSA[0], ECDSA[1]);
    let list = [
        sound("csca"),
        sound("ds"),
        sound("ds_foreign"),
        sound("ds_forged"),
        algorithm.clone(),
    ];
    let expected = Verification {
        verified: 2,
        without_issuer: vec![fingerprint(&bytes("ds_foreign"))],
        not_carried: vec![(algorithm.fingerprint(), TrustFault::UnsupportedAlgorithm)],
        wrong: vec![fingerprint(&bytes("ds_forged"))],
    };
    assert_eq!(verify_list(&list), expected);

    // The issuer's own key cannot be used: nothing of it can be tried.
    let curve = with("csca", CURVE[0], CURVE[1]);
    let mut expected = vec![
        (curve.fingerprint(), TrustFault::UnknownCurve),
        (fingerprint(&bytes("ds")), TrustFault::UnknownCurve),
    ];
    expected.sort_unstable();
    assert_eq!(verify_list(&[curve, sound("ds")]).not_carried, expected);
}
