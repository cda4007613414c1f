//! Every truncation and every flipped bit of a sound EF.SOD: never a panic, and never a proof of other content.

use chipgate_trust::{MemoryAnchors, PathOptions, StepResult, TrustFault, authenticate_security_object};

use crate::fixtures::{NOW, anchors, authenticate, file};

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
