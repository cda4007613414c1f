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
            found.security_object,
            StepResult::Failed(TrustFault::Unreadable),
            "{length} bytes"
        );
    }
}

#[test]
fn rejects_bytes_behind_the_security_object() {
    let longer = [file("sod"), vec![0]].concat();
    let found = authenticate_security_object(&longer, &MemoryAnchors::new(), NOW, &PathOptions::default());
    assert_eq!(found.security_object, StepResult::Failed(TrustFault::Unreadable));
}

#[test]
fn a_flipped_bit_never_proves_other_content() {
    let sound = authenticate("sod_p256", &["csca"], &["crl"]).verified.unwrap();
    let anchors = anchors(&["csca"], &["crl"]);
    let mut sod = file("sod_p256");
    let mut unnoticed = Vec::new();
    for bit in 0..sod.len() * 8 {
        sod[bit / 8] ^= 1 << (bit % 8);
        let found = authenticate_security_object(&sod, &anchors, NOW, &PathOptions::default());
        if let Some(verified) = found.verified {
            assert_eq!(verified.get(), sound.get(), "bit {bit}");
            unnoticed.push(bit / 8);
        }
        sod[bit / 8] ^= 1 << (bit % 8);
    }
    // Only what RFC 5652 leaves unsigned can change unnoticed: versions, digestAlgorithms.
    unnoticed.dedup();
    assert!(unnoticed.len() <= 20, "octets {unnoticed:?}");
}
