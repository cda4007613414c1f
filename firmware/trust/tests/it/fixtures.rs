//! The files of `tests/data`, and the moment at which the tests stand.

use chipgate_apdu::Timestamp;
use chipgate_trust::{
    MemoryAnchors, PassiveAuthentication, PathOptions, RevocationList, TrustAnchor,
    authenticate_security_object,
};

/// 2026-06-01T00:00:00Z: within every certificate and list that does not say otherwise.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_780_272_000);

pub(crate) fn file(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/{name}.der", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn anchor(name: &str) -> TrustAnchor {
    TrustAnchor::from_der(&file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// These anchors and revocation lists.
pub(crate) fn anchors(certificates: &[&str], lists: &[&str]) -> MemoryAnchors {
    let mut anchors: MemoryAnchors = certificates.iter().map(|name| anchor(name)).collect();
    for name in lists {
        anchors.add_revocation(RevocationList::from_der(&file(name)).expect(name));
    }
    anchors
}

/// What EF.SOD `name` comes to under these anchors and lists.
pub(crate) fn authenticate(name: &str, certificates: &[&str], lists: &[&str]) -> PassiveAuthentication {
    let anchors = anchors(certificates, lists);
    authenticate_security_object(&file(name), &anchors, NOW, &PathOptions::default())
}
