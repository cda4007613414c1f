//! Removing what is no longer trusted.

use base64::Engine as _;
use chipgate_apdu::Timestamp;
use chipgate_crypto::{Curve, SigningKey};
use chipgate_trust::{Bundle, Certificate, TrustAnchors, fingerprint};
use chipgate_trust_store::{ImportResult, Kind, Refusal, Store, StoreError};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::fixtures::{NOW, bytes, empty, fixture, names};

/// PEM as people put it together, with lines between the blocks.
fn pem(label: &str, name: &str) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(bytes(name));
    let lines: Vec<_> = encoded
        .as_bytes()
        .chunks(64)
        .map(String::from_utf8_lossy)
        .collect();
    let lines = lines.join("\r\n");
    format!("subject={name}\r\n-----BEGIN {label}-----\r\n{lines}\r\n-----END {label}-----\r\n")
}

fn digits(name: &str) -> String {
    hex::encode(fingerprint(&bytes(name)))
}

fn listed(store: &Store) -> Vec<String> {
    let listed = store.list().into_iter().map(|item| item.fingerprint);
    listed.collect()
}

/// One of three goes, and the two others, a signer's certificate that never counted, and a key stay as they were.
#[test]
fn what_stands_in_one_file_with_others_goes_by_itself() {
    let folder = empty();
    let file = folder.path().join("all.pem");
    let key = "-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n";
    let blocks = ["csca", "csca_rsa", "csca_pss", "ds"].map(|name| pem("CERTIFICATE", name));
    std::fs::write(&file, blocks.concat() + key).unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!((store.list().len(), store.refused().len()), (3, 2));
    assert_eq!(store.remove(&digits("csca_rsa")[..16]).unwrap().count, 1);
    let expected = [&blocks[0], "subject=csca_rsa\r\n", &blocks[2], &blocks[3], key].concat();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), expected);
    assert_eq!((store.list().len(), store.refused().len()), (2, 2));
    assert!(!listed(&store).contains(&digits("csca_rsa")));
    assert!(matches!(
        store.remove(&digits("csca_rsa")),
        Err(StoreError::NotThere { .. })
    ));
    assert_eq!(store.remove(&digits("csca")).unwrap().count, 1);
    assert_eq!(listed(&store), [digits("csca_pss")]);
}

#[test]
fn one_revocation_list_of_several_in_a_file_goes_by_itself() {
    let folder = empty();
    std::fs::write(folder.path().join("csca.cer"), bytes("csca")).unwrap();
    let file = folder.path().join("lists.pem");
    let blocks = ["crl_rsa", "crl", "crl_pss"].map(|name| pem("X509 CRL", name));
    std::fs::write(&file, blocks.concat()).unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(store.remove(&digits("crl")).unwrap().count, 1);
    let left = [&blocks[0], "subject=crl\r\n", &blocks[2]].concat();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), left);
    let lists = store.list().into_iter();
    let lists = lists.filter(|item| item.kind == Kind::RevocationList);
    assert_eq!(lists.count(), 2);
}

/// A copy in another file would bring it back.
#[test]
fn an_anchor_goes_from_each_file_that_has_it() {
    let folder = empty();
    std::fs::write(folder.path().join("a.cer"), bytes("csca")).unwrap();
    let both = pem("CERTIFICATE", "csca") + &pem("CERTIFICATE", "csca_rsa");
    std::fs::write(folder.path().join("b.pem"), both).unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(store.remove(&digits("csca")).unwrap().count, 1);
    assert_eq!(listed(&store), [digits("csca_rsa")]);
    assert_eq!(names(folder.path()), ["b.pem"]);
    store.remove(&digits("csca_rsa")).unwrap();
    assert!(TrustAnchors::is_empty(&store) && names(folder.path()).is_empty());
}

#[test]
fn of_a_file_that_is_no_pem_nothing_is_taken_out() {
    let folder = empty();
    let value = |name: &str| base64::engine::general_purpose::STANDARD.encode(bytes(name));
    let ldif = format!(
        "dn: c=VN\ncACertificate:: {}\ncACertificate:: {}\n",
        value("csca"),
        value("csca_rsa")
    );
    let file = folder.path().join("export.pem");
    std::fs::write(&file, &ldif).unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(store.list().len(), 2);
    let refused = store.remove(&digits("csca"));
    assert!(matches!(refused, Err(StoreError::InOneFile { file: of }) if of == file));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), ldif);
}

/// By a decision that no newer list undoes, and that only its fingerprint takes back.
#[test]
fn an_anchor_of_a_list_is_distrusted_from_its_removal_until_someone_names_it() {
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    let import = |store: &mut Store, name: &str, named: &[&str]| {
        let named: Vec<_> = named.iter().map(|name| fingerprint(&bytes(name))).collect();
        store
            .import(&[fixture(name)], &named, NOW)
            .unwrap()
            .remove(0)
            .result
    };
    import(&mut store, "csca", &["csca"]);
    import(&mut store, "master_list", &[]);
    let issuer = Certificate::from_der(&bytes("csca_rsa")).unwrap();
    let candidates = |store: &Store| store.candidates(issuer.subject(), None).len();
    let before = (listed(&store), candidates(&store));
    let rsa = digits("csca_rsa");
    let removed = store.remove(&rsa[..16]).unwrap();
    assert_eq!((removed.count, removed.distrusted), (1, vec![rsa.clone()]));
    for _ in 0..2 {
        assert!(!listed(&store).contains(&rsa));
        assert_eq!(candidates(&store), before.1 - 1);
        let distrusted = store.distrusted();
        assert_eq!(distrusted.len(), 1);
        assert!(
            distrusted[0]
                .certificate
                .as_ref()
                .is_some_and(|item| item.from_master_list)
        );
        assert_eq!(store.find_distrusted("VN"), distrusted);
        store = Store::open(folder.path()).unwrap();
    }
    assert!(matches!(
        store.remove(&rsa),
        Err(StoreError::AlreadyDistrusted { .. })
    ));
    // Another list brings it, someone puts it there, and nothing vouches for it.
    import(&mut store, "master_list_with_foreign", &[]);
    std::fs::write(folder.path().join("again.cer"), bytes("csca_rsa")).unwrap();
    store = Store::open(folder.path()).unwrap();
    assert!(!listed(&store).contains(&rsa));
    let refused = ImportResult::Refused(Refusal::Distrusted {
        fingerprint: rsa.clone(),
    });
    assert_eq!(import(&mut store, "csca_rsa", &[]), refused);
    std::fs::remove_file(folder.path().join("again.cer")).unwrap();
    // Named with the list that has it, or with the certificate.
    for file in ["master_list", "csca_rsa"] {
        let back = import(&mut store, file, &["csca_rsa"]);
        assert!(
            matches!(&back, ImportResult::TakenBack(of) if of[0].fingerprint == rsa),
            "{back:?}"
        );
        store = Store::open(folder.path()).unwrap();
        assert!(listed(&store).contains(&rsa) && store.distrusted().is_empty());
        assert!(!names(folder.path()).contains(&"trust.distrusted".to_owned()));
        // Its own file goes, and the list no longer brings it in.
        assert_eq!(store.remove(&rsa).unwrap().distrusted, std::slice::from_ref(&rsa));
        assert!(!listed(&store).contains(&rsa));
    }
}

#[test]
fn what_is_distrusted_is_in_no_bundle_and_comes_in_by_none() {
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    let files = ["csca", "master_list"].map(fixture);
    store.import(&files, &[fingerprint(&bytes("csca"))], NOW).unwrap();
    let mut random = StdRng::seed_from_u64(1);
    let key = SigningKey::generate_ec(Curve::P256, &mut random).unwrap();
    let bundle = |store: &Store, number| {
        let bundle = store.to_bundle(number, Timestamp(0), &key, &mut StdRng::seed_from_u64(2));
        Bundle::open(bundle.unwrap(), &key.public_key()).unwrap()
    };
    let has = |bundle: &Bundle<Vec<u8>>| {
        let mut anchors = bundle.anchors();
        anchors.any(|anchor| anchor.certificate().der() == bytes("csca_rsa"))
    };
    let whole = bundle(&store, 1);
    assert!(has(&whole));
    store.remove(&digits("csca_rsa")).unwrap();
    assert!(!has(&bundle(&store, 2)));

    let gate_folder = empty();
    let mut gate = Store::open(gate_folder.path()).unwrap();
    let file = gate_folder.path().join("in.tmp");
    std::fs::write(&file, whole.bytes()).unwrap();
    gate.update(&file, Some(key.public_key())).unwrap();
    assert_eq!(gate.remove(&digits("csca_rsa")).unwrap().distrusted.len(), 1);
    assert!(!listed(&gate).contains(&digits("csca_rsa")) && !has(&bundle(&gate, 3)));
    assert_eq!(gate.counts().0, store.counts().0);
    let issuer = Certificate::from_der(&bytes("csca_rsa")).unwrap();
    let found = gate.candidates(issuer.subject(), None);
    assert!(found.iter().all(|anchor| anchor.certificate() != &issuer));
    // A folder in which nobody can say what is distrusted takes nobody's word.
    std::fs::write(gate_folder.path().join("trust.distrusted"), "?").unwrap();
    let gate = Store::open(gate_folder.path()).unwrap();
    assert!(TrustAnchors::is_empty(&gate) && gate.refused()[0].why == Refusal::DistrustDamaged);
}
