//! Trust material. Nothing that a fuzzer makes up is signed by anyone, so that nothing of it may come to be trusted; and what
//! is read must be read as the same however it is wrapped.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chipgate_apdu::{
    Timestamp,
    tlv::{self, Tag, header},
};
use chipgate_crypto::{Curve, PublicKey, SigningKey};
use chipgate_lds::{SecurityInfos, parse_card_security, parse_sod};
use chipgate_trust::{
    BUNDLE_ALGORITHM, Bundle, BundleContent, BundleError, Certificate, MemoryAnchors, PathOptions,
    RevocationList, StepResult, TrustAnchor, TrustAnchors, UnverifiedMasterList, authenticate_card_security,
    authenticate_certificate, authenticate_defect_list, authenticate_master_list,
    authenticate_security_object, claimed_data_groups, read_unverified_defect_list,
};
use chipgate_trust_store::{Fingerprint, ImportResult, Object, Store, sightings};
use rand::{SeedableRng, rngs::StdRng};

/// 2026-07-01.
const NOW: Timestamp = Timestamp::from_seconds(1_782_864_000);

// Of the PKI that the seeds are of.
const AUTHORITY: &[u8] = include_bytes!("../corpus/trust-file/csca-UT.der");
const DOWNLOAD: &[u8] = include_bytes!("../corpus/trust-file/complete.ldif");
const CARD_SECURITY: &[u8] = include_bytes!("../corpus/card-security/td3-pace-cam-EF.CardSecurity");

fn anchors() -> &'static MemoryAnchors {
    static ANCHORS: OnceLock<MemoryAnchors> = OnceLock::new();
    ANCHORS.get_or_init(|| [TrustAnchor::from_der(AUTHORITY).unwrap()].into_iter().collect())
}

/// The same SEQUENCE with an indefinite length (X.690, 8.1.3.6).
fn indefinite(der: &[u8]) -> Option<Vec<u8>> {
    let (tag, length_of_header, length) = header(der).ok()?;
    let content = der.get(length_of_header..)?;
    let is_one_sequence = tag == Tag(0x30) && content.len() == length;
    is_one_sequence.then(|| [&[0x30, 0x80], content, &[0, 0]].concat())
}

pub(crate) fn security_object(bytes: &[u8]) {
    let _ = claimed_data_groups(bytes);
    let nobody = MemoryAnchors::new();
    let options = PathOptions::default();
    let passive = authenticate_security_object(bytes, &nobody, NOW, &options);
    // Without an anchor nothing is proven, whatever the file says.
    assert!(passive.verified().is_none());
    if let Some(ber) = parse_sod(bytes).ok().and_then(indefinite) {
        let same = tlv::encode(Tag(0x77), &ber);
        assert_eq!(
            authenticate_security_object(&same, &nobody, NOW, &options),
            passive
        );
    }
}

/// What verifies says what the one genuine file says.
pub(crate) fn card_security(bytes: &[u8]) {
    static GENUINE: OnceLock<SecurityInfos> = OnceLock::new();
    let options = PathOptions::default();
    let check = |file: &[u8]| authenticate_card_security(file, anchors(), NOW, &options);
    let genuine = GENUINE.get_or_init(|| check(CARD_SECURITY).verified().unwrap().security_infos.clone());
    let found = check(bytes);
    if let Some(verified) = found.verified() {
        assert_eq!(verified.security_infos, *genuine);
    }
    if let Some(ber) = parse_card_security(bytes).ok().and_then(indefinite) {
        assert_eq!(check(&ber), found);
    }
}

pub(crate) fn certificate(bytes: &[u8]) {
    let Ok(certificate) = Certificate::from_der(bytes) else {
        return;
    };
    assert_eq!(certificate.der(), bytes);
    let found = authenticate_certificate(&certificate, anchors(), NOW, &PathOptions::default());
    let authority = anchors().anchors()[0].certificate().public_key().unwrap();
    if found.verified().is_some() {
        assert_eq!(certificate.verify_signature(&authority), Ok(()));
    }
}

/// Only a list that the authority signed says anything about the authority's certificate.
pub(crate) fn revocation_list(bytes: &[u8]) {
    let Ok(list) = RevocationList::from_der(bytes) else {
        return;
    };
    assert_eq!(list.der(), bytes);
    assert!(!list.supersedes(&list));
    let authority = anchors().anchors()[0].certificate();
    let is_signed = list.verify_signature(&authority.public_key().unwrap()).is_ok();
    let is_of_authority = list.issuer() == authority.subject();
    let mut with_list = anchors().clone();
    with_list.add_revocation(list);
    let found = authenticate_certificate(authority, &with_list, NOW, &PathOptions::default());
    if !is_signed || !is_of_authority {
        assert!(
            matches!(found.revocation(), StepResult::Undetermined(_)),
            "{found:?}"
        );
    }
}

pub(crate) fn master_list(bytes: &[u8]) {
    let nobody = MemoryAnchors::new();
    let check = |der: &[u8]| authenticate_master_list(der, &nobody, NOW, &PathOptions::default());
    let (read, found) = (UnverifiedMasterList::from_der(bytes), check(bytes));
    assert!(found.verified().is_none());
    if let Ok(read) = &read {
        let list = &read.list;
        assert_eq!(list.certificates.len(), list.places.len());
        let mut places: Vec<_> = list.unreadable.iter().map(|entry| entry.place).collect();
        places.extend(&list.places);
        places.sort_unstable();
        // Each entry is either there or told.
        assert!(places.iter().copied().eq(1..=places.len()));
    }
    if let Some(ber) = indefinite(bytes) {
        assert_eq!(UnverifiedMasterList::from_der(&ber), read);
        assert_eq!(check(&ber), found);
    }
}

pub(crate) fn defect_list(bytes: &[u8]) {
    let nobody = MemoryAnchors::new();
    let check = |der: &[u8]| authenticate_defect_list(der, &nobody, NOW, &PathOptions::default());
    let (read, found) = (read_unverified_defect_list(bytes), check(bytes));
    assert!(found.verified().is_none());
    if let Ok((list, certificates)) = &read {
        let whole = list.unreadable.iter().filter(|entry| entry.known.is_none());
        assert!(whole.count() <= list.passed_over);
        let all = list.defects.len() + list.passed_over;
        assert!(
            list.unreadable
                .iter()
                .all(|entry| (1..=all).contains(&entry.place))
        );
        let known: usize = list.defects.iter().map(|defect| defect.known.len()).sum();
        assert!(certificates.iter().all(|signer| list.of(signer).len() <= known));
    }
    if let Some(ber) = indefinite(bytes) {
        assert_eq!(read_unverified_defect_list(&ber), read);
        assert_eq!(check(&ber), found);
    }
}

fn bundle_key() -> &'static (SigningKey, PublicKey) {
    static KEY: OnceLock<(SigningKey, PublicKey)> = OnceLock::new();
    KEY.get_or_init(|| {
        let key = SigningKey::generate_ec(Curve::P256, &mut StdRng::seed_from_u64(1)).unwrap();
        let public = key.public_key();
        (key, public)
    })
}

fn sign(bytes: &[u8]) -> Vec<u8> {
    let (key, _) = bundle_key();
    key.sign(&BUNDLE_ALGORITHM, bytes, &mut StdRng::seed_from_u64(1))
        .unwrap()
}

/// The bytes are the entries, which are signed here, since nobody can guess a signature. What such a bundle holds is held, and
/// found, by one that is made of it.
pub(crate) fn bundle(entries: &[u8]) {
    let (_, key) = bundle_key();
    assert!(Bundle::open(entries, key).is_err());
    let mut bytes = b"chipgate trust 1".to_vec();
    bytes.extend(7_u64.to_be_bytes());
    bytes.extend(NOW.0.to_be_bytes());
    bytes.extend(entries);
    let signature = sign(&bytes);
    bytes.extend(&signature);
    bytes.extend(u16::try_from(signature.len()).unwrap().to_be_bytes());
    let Ok(bundle) = Bundle::open(bytes, key) else {
        return;
    };
    assert_eq!((bundle.version(), bundle.created()), (7, NOW));

    let mut content = BundleContent::new();
    for anchor in bundle.anchors() {
        content.add_anchor(&anchor).unwrap();
    }
    for certificate in bundle.other_certificates() {
        content.add_known(&certificate).unwrap();
    }
    for list in bundle.revocation_lists() {
        content.add_revocation(&list).unwrap();
    }
    for der in bundle.defect_lists() {
        content.add_defect_list(der).unwrap();
    }
    let again = content
        .sign(7, NOW, |bytes| Ok::<_, BundleError>(sign(bytes)))
        .unwrap();
    let again = Bundle::open(again, key).unwrap();
    assert!(again.anchors().eq(bundle.anchors()));
    assert!(again.other_certificates().eq(bundle.other_certificates()));
    assert!(again.revocation_lists().eq(bundle.revocation_lists()));
    assert!(again.defect_lists().eq(bundle.defect_lists()));
    for anchor in again.anchors() {
        let found = again.candidates(anchor.certificate().subject(), None);
        assert!(found.contains(&anchor));
    }
    for list in again.revocation_lists() {
        assert!(again.revocation(list.issuer(), NOW).contains(&list));
    }
}

/// What the seeds' authority issued, and the authority itself.
fn genuine() -> &'static Vec<Fingerprint> {
    static GENUINE: OnceLock<Vec<Fingerprint>> = OnceLock::new();
    GENUINE.get_or_init(|| {
        let found = sightings(DOWNLOAD).unwrap().into_iter();
        found.map(|found| found.object.unwrap().unwrap().1).collect()
    })
}

/// A file that is imported into a store in memory in which one authority is named.
pub(crate) fn file(bytes: &[u8]) {
    let named = chipgate_trust::fingerprint(AUTHORITY);
    let store = Store::open_or_empty("/no/such/folder").unwrap();
    for item in store.rehearse(bytes, &[named], NOW) {
        // Of LDIF each object is told by its entry and its line.
        assert_eq!(item.entry.is_some(), item.line.is_some());
        let taken = match item.result {
            ImportResult::Added(listed) | ImportResult::AddedSigner(listed) => listed.fingerprint,
            ImportResult::Replaced { list, .. } => list.fingerprint,
            _ => continue,
        };
        // Nobody but the authority brings anything in.
        assert!(
            genuine().iter().any(|genuine| hex::encode(genuine) == taken),
            "{taken}"
        );
    }
    let Ok(found) = sightings(bytes) else { return };
    let lines = bytes.split(|octet| *octet == b'\n').count();
    let told: Vec<_> = found.iter().filter_map(|found| found.line).collect();
    assert!(told.is_sorted() && told.iter().all(|line| (1..=lines).contains(line)));
    if let [only] = found.as_slice()
        && let (None, Ok(Some(object))) = (only.line, &only.object)
        && bytes.first() == Some(&0x30)
    {
        the_same_wrapped(bytes, *object);
    }
}

/// The object by itself, in PEM, and in LDIF is one and the same.
fn the_same_wrapped(der: &[u8], object: (Object, Fingerprint)) {
    assert_eq!(object.1, chipgate_trust::fingerprint(der));
    let encoded = STANDARD.encode(der);
    let pem = format!("-----BEGIN OBJECT-----\n{encoded}\n-----END OBJECT-----\n");
    let ldif = format!("dn: c=UT\nuserCertificate;binary:: {encoded}\n");
    for wrapped in [pem, ldif] {
        let found = sightings(wrapped.as_bytes()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].object, Ok(Some(object)));
    }
}
