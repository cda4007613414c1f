//! Every truncation and every flipped bit of a sound EF.SOD: never a panic, and never a proof of other content.

use chipgate_crypto::{Curve, HashAlgorithm};
use chipgate_trust::{
    Certificate, MemoryAnchors, PathOptions, StepResult, TrustFault, authenticate_security_object,
};

use crate::fixtures::{NOW, anchors, authenticate, file};
use crate::judged::{self, judge};
use crate::pki::{Algorithm, Plan};

#[test]
fn rejects_every_truncated_security_object() {
    let sod = file("sod");
    let anchors = MemoryAnchors::new();
    for length in 0..sod.len() {
        let found = authenticate_security_object(&sod[..length], &anchors, NOW, &PathOptions::default());
        assert_eq!(
            found.security_object(),
            StepResult::Failed(TrustFault::Unreadable),
            "{length} bytes"
        );
    }
}

#[test]
fn rejects_bytes_behind_the_security_object() {
    let longer = [file("sod"), vec![0]].concat();
    let found = authenticate_security_object(&longer, &MemoryAnchors::new(), NOW, &PathOptions::default());
    assert_eq!(
        found.security_object(),
        StepResult::Failed(TrustFault::Unreadable)
    );
}

#[test]
fn a_flipped_bit_never_proves_other_content() {
    let sound = authenticate("sod_rsa", &["csca_rsa"], &[])
        .verified()
        .unwrap()
        .clone();
    let anchors = anchors(&["csca_rsa"], &[]);
    let mut sod = file("sod_rsa");
    let mut unnoticed = Vec::new();
    for bit in 0..sod.len() * 8 {
        sod[bit / 8] ^= 1 << (bit % 8);
        let found = authenticate_security_object(&sod, &anchors, NOW, &PathOptions::default());
        if let Some(verified) = found.verified() {
            assert_eq!(verified.get(), sound.get(), "bit {bit}");
            unnoticed.push(bit / 8);
        }
        sod[bit / 8] ^= 1 << (bit % 8);
    }
    // What RFC 5652 leaves unsigned can change unnoticed: versions, digestAlgorithms, the case of letters in the
    // issuer's name by which the signer is found, and the empty parameters of rsaEncryption. Nothing else can.
    let certificate = place(&sod, &file("ds_rsa"));
    let signed_attributes = place(&sod, &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 3]).start;
    let parameters = place(&sod, &[1, 1, 1, 5, 0, 4]).start + 3;
    unnoticed
        .retain(|octet| certificate.contains(octet) || (*octet > signed_attributes && *octet != parameters));
    assert_eq!(unnoticed, [], "octets that should count");
}

fn place(sod: &[u8], part: &[u8]) -> std::ops::Range<usize> {
    let start = sod
        .windows(part.len())
        .position(|window| window == part)
        .expect("the part is there");
    start..start + part.len()
}

/// The content, the signed attributes and the signer of a proof are those that were signed, whatever bit is turned.
#[test]
fn no_turned_bit_of_an_object_or_a_certificate_proves_anything_else() {
    let plan = Plan::new(Algorithm::ecdsa(Curve::P256, HashAlgorithm::Sha256));
    let made = plan.make();
    let anchors = judged::anchors(&plan, &made, &[]);
    let sound = judge(&made.sod(), &anchors);
    let sound = sound.verified().unwrap();
    let mut sod = made.sod();
    for bit in 0..sod.len() * 8 {
        sod[bit / 8] ^= 1 << (bit % 8);
        let found = judge(&sod, &anchors);
        assert!(
            found.verified().is_none_or(|object| object.get() == sound.get()),
            "bit {bit}"
        );
        sod[bit / 8] ^= 1 << (bit % 8);
    }
    let mut signer = made.signer.clone();
    let key = made.authority_key.public_key();
    for bit in 0..signer.len() * 8 {
        signer[bit / 8] ^= 1 << (bit % 8);
        if let Ok(certificate) = Certificate::from_der(&signer) {
            assert!(certificate.verify_signature(&key).is_err(), "bit {bit}");
        }
        signer[bit / 8] ^= 1 << (bit % 8);
    }
    for length in 0..signer.len() {
        assert!(Certificate::from_der(&signer[..length]).is_err());
    }
}
