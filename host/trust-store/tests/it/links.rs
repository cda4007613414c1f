//! Link certificates: what an anchor vouches for by its signature.

use std::path::Path;
use std::process::Command;

use chipgate_trust::fingerprint;
use chipgate_trust_store::{ImportResult, Refusal, Store};

use crate::fixtures::{NOW, empty};
use crate::signing_time::{make_certificates, openssl};

/// `csca.der`, its successor `next.der`, and the links from one to the other with SHA-1 and SHA-256. `list.crl` revokes the
/// latter.
fn make_links(folder: &Path) {
    make_certificates(folder);
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -config c.cnf -subj /C=VN/CN=Next";
    openssl(
        folder,
        &format!(
            "req -x509 {key} -keyout next.key -extensions authority -days 99 -outform DER -out next.der"
        ),
    );
    openssl(
        folder,
        "req -new -key next.key -config c.cnf -subj /C=VN/CN=Next -out next.csr",
    );
    for (hash, serial) in [("sha1", 8), ("sha256", 9)] {
        openssl(
            folder,
            &format!(
                "x509 -req -in next.csr -CA csca.der -CAform DER -CAkey csca.key -set_serial {serial} -days 99 -{hash} \
                 -extfile c.cnf -extensions authority -outform DER -out link_{hash}.der"
            ),
        );
    }
    openssl(folder, "x509 -inform DER -in csca.der -out csca.pem");
    std::fs::write(
        folder.join("index.txt"),
        "R\t350101000000Z\t260101000000Z\t09\tunknown\t/C=VN/CN=Next\n",
    )
    .unwrap();
    let configuration = "[ca]\ndefault_ca = d\n[d]\ndatabase = index.txt\ndefault_md = sha256\ndefault_crl_days = 30\ncrl_extensions = e\n\
                         [e]\nauthorityKeyIdentifier = keyid\n";
    std::fs::write(folder.join("ca.cnf"), configuration).unwrap();
    openssl(
        folder,
        "ca -gencrl -config ca.cnf -keyfile csca.key -cert csca.pem -out list.crl",
    );
}

fn import(store: &mut Store, made: &Path, files: &[&str], named: &[&str]) -> Vec<ImportResult> {
    let of = |name: &&str| fingerprint(&std::fs::read(made.join(name)).unwrap());
    let named: Vec<_> = named.iter().map(of).collect();
    let files: Vec<_> = files.iter().map(|name| made.join(name)).collect();
    let imported = store.import(&files, &named, NOW).unwrap().into_iter();
    let results: Vec<_> = imported.map(|item| item.result).collect();
    assert_eq!(Store::open(store.folder()).unwrap().list(), store.list());
    results
}

fn digits(made: &Path, name: &str) -> String {
    hex::encode(fingerprint(&std::fs::read(made.join(name)).unwrap()))
}

#[test]
fn a_link_with_sha_1_and_a_revoked_one_want_their_fingerprints() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: openssl is not installed");
        return;
    }
    let made = empty();
    let made = made.path();
    make_links(made);
    let start = || {
        let folder = empty();
        let mut store = Store::open(folder.path()).unwrap();
        import(&mut store, made, &["csca.der"], &["csca.der"]);
        (folder, store)
    };

    let (_folder, mut store) = start();
    let weak = Refusal::WeakLink {
        fingerprint: digits(made, "link_sha1.der"),
    };
    let results = import(&mut store, made, &["link_sha1.der"], &[]);
    assert_eq!(results, [ImportResult::Refused(weak)]);
    let next = ImportResult::Refused(Refusal::NotVouched {
        fingerprint: digits(made, "next.der"),
    });
    assert_eq!(import(&mut store, made, &["next.der"], &[]), [next]);
    let is_added = |results: &[ImportResult]| matches!(results, [ImportResult::Added(_)]);
    let named = import(&mut store, made, &["link_sha1.der"], &["link_sha1.der"]);
    assert!(is_added(&named), "{named:?}");

    let (_folder, mut store) = start();
    for file in ["link_sha256.der", "next.der"] {
        let results = import(&mut store, made, &[file], &[]);
        assert!(is_added(&results), "{results:?}");
    }

    // Whether the list was there before or comes with it.
    let revoked = ImportResult::Refused(Refusal::RevokedAuthority {
        fingerprint: digits(made, "link_sha256.der"),
    });
    let link = &["link_sha256.der"][..];
    for files in [&[&["list.crl"], link][..], &[&["link_sha256.der", "list.crl"]]] {
        let (_folder, mut store) = start();
        let mut results = Vec::new();
        for files in files {
            results.extend(import(&mut store, made, files, &[]));
        }
        assert!(results.contains(&revoked), "{results:?}");
        assert_eq!(store.list().len(), 2, "the authority and its list");
    }
    let (_folder, mut store) = start();
    let named = import(&mut store, made, &["link_sha256.der", "list.crl"], link);
    assert!(!named.contains(&revoked), "a person named it: {named:?}");
    assert_eq!(store.list().len(), 3);
}
