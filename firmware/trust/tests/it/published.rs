//! The certificates that states publish, where they are at hand.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chipgate_trust::{
    Certificate, MemoryAnchors, TrustAnchor, TrustAnchors, TrustFault, UnverifiedMasterList,
};

fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/trust");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no published certificates at {}", folder.display());
    None
}

/// Every different certificate of the folder, the two master lists' included.
fn certificates(folder: &PathBuf) -> BTreeMap<[u8; 32], Certificate> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let read = if path.extension().is_some_and(|extension| extension == "ml") {
            let list = UnverifiedMasterList::from_der(&bytes).unwrap().list;
            assert_eq!(list.unreadable, [], "{}", path.display());
            list.certificates
        } else {
            vec![Certificate::from_der(&bytes).unwrap()]
        };
        found.extend(
            read.into_iter()
                .map(|certificate| (certificate.fingerprint(), certificate)),
        );
    }
    found
}

/// FACTS: 602 different certificates; all parse; 596 verify under a key of the set.
#[test]
fn reads_all_published_certificates_and_verifies_all_whose_issuer_is_there() {
    let Some(folder) = folder() else { return };
    let certificates = certificates(&folder);
    assert_eq!(certificates.len(), 602);
    let anchors: MemoryAnchors = certificates
        .values()
        .filter_map(|c| TrustAnchor::new(c.clone()).ok())
        .collect();
    let mut unverified = Vec::new();
    for certificate in certificates.values() {
        if let Err(faults) = verify(certificate, &anchors) {
            unverified.push(format!("{} {certificate:?} {faults:?}", certificate.issuer()));
        }
    }
    assert_eq!(unverified.len(), 6, "{unverified:#?}");
}

fn verify(certificate: &Certificate, anchors: &MemoryAnchors) -> Result<(), Vec<TrustFault>> {
    let mut faults = Vec::new();
    for candidate in anchors.candidates(certificate.issuer(), certificate.authority_key_identifier()) {
        match candidate
            .certificate()
            .public_key()
            .and_then(|key| certificate.verify_signature(&key))
        {
            Ok(()) => return Ok(()),
            Err(fault) => faults.push(fault),
        }
    }
    Err(faults)
}
