//! What the tests share.

use chipgate_apdu::Timestamp;
use chipgate_virtual_card::{CardFile, Fault, IssueOptions, Pki, Profile, VirtualCard, issue};
use rand::{SeedableRng, rngs::StdRng};
use std::sync::LazyLock;

/// 2026-11-24, so that tests come out the same on any day.
pub const NOW: Timestamp = Timestamp::from_seconds(1_795_478_400);

/// One PKI for all tests of a process.
pub static PKI: LazyLock<Pki> = LazyLock::new(|| Pki::generate(&mut StdRng::seed_from_u64(7), NOW).unwrap());

pub fn card_file(profile: Profile, faults: &[Fault]) -> CardFile {
    let options = IssueOptions {
        faults: faults.to_vec(),
        ..IssueOptions::default()
    };
    issue(profile, &PKI, &options, &mut StdRng::seed_from_u64(11), NOW).unwrap()
}

pub fn insert(file: &CardFile) -> VirtualCard {
    let mut card = VirtualCard::new(file, StdRng::seed_from_u64(13)).unwrap();
    card.power_on();
    card
}
