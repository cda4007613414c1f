//! The certificates that states publish, where they are at hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chipgate_apdu::Timestamp;
use chipgate_trust::StepResult::{Successful, Undetermined};
use chipgate_trust::{
    Certificate, MemoryAnchors, PathOptions, TrustAnchor, TrustAnchors, TrustFault, UnverifiedMasterList,
    authenticate_master_list,
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
fn certificates(folder: &Path) -> BTreeMap<[u8; 32], Certificate> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let read = certificates_of(&entry.unwrap().path());
        found.extend(
            read.into_iter()
                .map(|certificate| (certificate.fingerprint(), certificate)),
        );
    }
    found
}

/// Those of a master list, or the one certificate that the file is.
fn certificates_of(path: &Path) -> Vec<Certificate> {
    let bytes = std::fs::read(path).unwrap();
    if path.extension().is_none_or(|extension| extension != "ml") {
        return vec![Certificate::from_der(&bytes).unwrap()];
    }
    let list = UnverifiedMasterList::from_der(&bytes).unwrap().list;
    assert_eq!(list.unreadable, [], "{}", path.display());
    list.certificates
}

/// The certificates whose issuer is in none of the lists: where they are from, how their SHA-256 starts, and the issuer that
/// is missing.
const WITHOUT_ISSUER: [(&str, &str, &str); 6] = [
    ("AE", "ced1", "C=AE, O=MOI, OU=EPASS, CN=UAE CSCA 01"),
    ("AT", "1c12", "C=AT, O=GV, OU=BMI, CN=CSCA-AUSTRIA"),
    (
        "AU",
        "1237",
        "C=AU, O=GOV, OU=DFAT, OU=PTB, CN=Passport Country Signing Authority",
    ),
    (
        "LV",
        "52d4",
        "C=LV, O=National Security Authority, CN=CSCA Latvia, serialNumber=003",
    ),
    (
        "PT",
        "1027",
        "CN=ECN Documentos de Viagem 004, OU=ICAO MRTD PKI - CSCA, \
         O=Republica Portuguesa - Portuguese Republic, C=PT",
    ),
    ("TR", "acd6", "CN=CSCA Turkey, O=Turkey Gov, C=TR"),
];

/// 602 different certificates: all can be read, and 596 verify under a key of the set: with their own curves and explicit
/// parameters, serial numbers that are zero or negative, and NULL in the parameters of ECDSA. For each of the other six no key
/// of the set can be its issuer's, and none is of a kind that is not carried.
#[test]
fn reads_all_published_certificates_and_verifies_all_whose_issuer_is_there() {
    let Some(folder) = folder() else { return };
    let certificates = certificates(&folder);
    assert_eq!(certificates.len(), 602);
    let (mut verified, mut without_issuer) = (0, Vec::new());
    for certificate in certificates.values() {
        match verify(certificate, certificates.values()) {
            Ok(()) => verified += 1,
            Err(fault) => without_issuer.push((certificate, fault)),
        }
    }
    without_issuer.sort_by_key(|(certificate, _)| certificate.subject().country());
    let mut found = Vec::new();
    for (certificate, fault) in &without_issuer {
        let not_carried = [TrustFault::UnsupportedAlgorithm, TrustFault::UnknownCurve];
        assert!(fault.is_none_or(|fault| !not_carried.contains(&fault)));
        let [first, second, ..] = certificate.fingerprint();
        let country = certificate.subject().country().unwrap();
        found.push((
            country,
            format!("{first:02x}{second:02x}"),
            certificate.issuer().to_string(),
        ));
    }
    let found: Vec<_> = found
        .iter()
        .map(|(country, fingerprint, issuer)| (*country, fingerprint.as_str(), issuer.as_str()))
        .collect();
    assert_eq!(found, WITHOUT_ISSUER);
    assert_eq!(verified, 596);
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

/// 2024-08-10 and 2025-08-01: shortly after each list was signed.
const LISTS: [(&str, u64, usize); 2] = [
    ("DE_ML_2024-08-07.ml", 1_723_248_000, 541),
    ("NL_ML_2025-07-29.ml", 1_754_006_400, 394),
];

/// Each list leads to a CSCA of its state that is at hand without it: in the other list, or as a certificate of its own. No
/// revocation list is there, so that this step stays open.
#[test]
fn both_master_lists_verify_down_to_a_csca_that_another_source_has() {
    let Some(folder) = folder() else { return };
    for (name, now, count) in LISTS {
        let file = std::fs::read(folder.join(name)).unwrap();
        let state = &name[..2];
        let anchors: MemoryAnchors = others(&folder, name)
            .into_iter()
            .filter(|certificate| certificate.subject().country() == Some(state))
            .filter_map(|certificate| TrustAnchor::new(certificate).ok())
            .collect();
        assert!(!anchors.is_empty(), "{name}");
        let now = Timestamp::from_seconds(now);
        let found = authenticate_master_list(&file, &anchors, now, &PathOptions::default());
        assert_eq!(found.signature(), Successful, "{name}");
        assert_eq!(found.issuer_certificate(), Successful, "{name}");
        assert_eq!(found.validity(), Successful, "{name}");
        assert_eq!(found.revocation(), Undetermined(TrustFault::NoCrl), "{name}");
        assert!(found.signer().unwrap().is_master_list_signer());
        let anchor = found.issuers().last().unwrap();
        assert!(anchor.is_self_issued() && anchor.subject().country() == Some(state));
        assert_eq!(found.verified().unwrap().certificates.len(), count);

        let none = authenticate_master_list(&file, &MemoryAnchors::new(), now, &PathOptions::default());
        assert_eq!(none.issuer_certificate(), Undetermined(TrustFault::NoAnchors));
        assert!(none.verified().is_none());
    }
}

/// The certificates of every file of the folder but this one.
fn others(folder: &Path, name: &str) -> Vec<Certificate> {
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.file_name().is_some_and(|file| file != name))
        .flat_map(|path| certificates_of(&path))
        .collect()
}
