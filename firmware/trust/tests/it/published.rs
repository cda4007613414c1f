//! The certificates that states publish, where they are at hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chipgate_trust::{Certificate, TrustAnchor, TrustFault, UnverifiedMasterList};

fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/trust");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no published certificates at {}", folder.display());
    None
}

/// Every different certificate of the folder, the two master lists' included.
fn certificates(folder: &Path) -> BTreeMap<[u8; 32], Certificate> {
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

/// Where the certificates are from whose issuer is in none of the lists.
const WITHOUT_ISSUER: [&str; 6] = ["AE", "AT", "AU", "LV", "PT", "TR"];

/// 602 different certificates: all can be read, and 596 verify under a key of the set: with their own curves and explicit
/// parameters, serial numbers that are zero or negative, and NULL in the parameters of ECDSA.
#[test]
fn reads_all_published_certificates_and_verifies_all_whose_issuer_is_there() {
    let Some(folder) = folder() else { return };
    let certificates = certificates(&folder);
    assert_eq!(certificates.len(), 602);
    let (mut verified, mut unsupported, mut others) = (0, 0, Vec::new());
    for certificate in certificates.values() {
        match verify(certificate, certificates.values()) {
            Ok(()) => verified += 1,
            Err(Some(TrustFault::UnsupportedAlgorithm)) => unsupported += 1,
            Err(_) => others.push(certificate.subject().country().unwrap_or_default().to_owned()),
        }
    }
    println!("{verified} of 602 verify, {unsupported} use a curve that is not carried here");
    others.sort();
    assert_eq!(others, WITHOUT_ISSUER);
    assert_eq!(verified + unsupported, 596);
    assert!(unsupported <= 11, "only brainpoolP512r1 is not carried");
}

/// Tries every certificate that could be the issuer: by name, or (some issuers misspell it) by key identifier.
fn verify<'a>(
    certificate: &Certificate,
    issuers: impl Iterator<Item = &'a Certificate>,
) -> Result<(), Option<TrustFault>> {
    let mut fault = None;
    for issuer in issuers {
        let identifier = certificate.authority_key_identifier();
        let same_key = identifier.is_some() && issuer.subject_key_identifier() == identifier;
        if !same_key && issuer.subject() != certificate.issuer() {
            continue;
        }
        match issuer
            .public_key()
            .and_then(|key| certificate.verify_signature(&key))
        {
            Ok(()) => return Ok(()),
            Err(found) if same_key || fault.is_none() => fault = Some(found),
            Err(_) => {}
        }
    }
    Err(fault)
}

#[test]
fn nearly_all_published_certificates_can_be_anchors() {
    let Some(folder) = folder() else { return };
    let certificates = certificates(&folder);
    let refused: Vec<_> = certificates
        .values()
        .filter(|c| TrustAnchor::new((*c).clone()).is_err())
        .collect();
    // Ten link and early CSCA certificates lack basicConstraints or keyCertSign.
    assert_eq!(refused.len(), 10, "{refused:#?}");
}
