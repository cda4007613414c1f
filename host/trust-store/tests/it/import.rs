//! Taking files in.

use std::path::PathBuf;

use base64::Engine as _;
use chipgate_apdu::Timestamp;
use chipgate_trust::{Certificate, RevocationList, TrustAnchors, TrustFault, fingerprint};
use chipgate_trust_store::{ImportResult, Kind, Likeness, Object, Refusal, Store, StoreError};

use crate::fixtures::{NOW, bytes, empty, fixture, names};

/// What came of each fixture, in the order in which they were taken.
fn import(store: &mut Store, fixtures: &[&str]) -> Vec<ImportResult> {
    let files: Vec<_> = fixtures.iter().map(|name| fixture(name)).collect();
    // Someone compared the fingerprints of the authorities among them.
    let authorities: Vec<_> = fixtures
        .iter()
        .filter(|name| name.starts_with("csca"))
        .map(|name| fingerprint(&bytes(name)))
        .collect();
    store
        .import(&files, &authorities, NOW)
        .unwrap()
        .into_iter()
        .map(|imported| imported.result)
        .collect()
}

#[test]
fn adds_under_names_that_say_what_they_are_and_adds_nothing_twice() {
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    let results = import(&mut store, &["crl", "csca"]);
    let kinds: Vec<_> = results
        .iter()
        .map(|result| match result {
            ImportResult::Added(listed) => listed.kind,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        kinds,
        [Kind::Csca, Kind::RevocationList],
        "certificates come before lists"
    );
    let names = names(folder.path());
    assert_eq!(names.len(), 2, "and no temporary file stays: {names:?}");
    assert!(names.iter().all(|name| name.starts_with("VN_")));

    let again = import(&mut store, &["csca", "crl"]);
    assert_eq!(again, [ImportResult::AlreadyThere, ImportResult::AlreadyThere]);
    assert_eq!(Store::open(folder.path()).unwrap().list(), store.list());
    assert_eq!(
        std::fs::read(folder.path().join(&names[0])).unwrap().first(),
        Some(&0x30)
    );
}

#[test]
fn refuses_what_cannot_be_trusted_and_says_why() {
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    let refused = |result: &ImportResult| match result {
        ImportResult::Refused(why) => why.clone(),
        other => panic!("{other:?}"),
    };
    let results = import(&mut store, &["ds", "sod", "crl", "master_list"]);
    let why: Vec<_> = results.iter().map(refused).collect();
    let authority = |name: &str| {
        let certificate = Certificate::from_der(&bytes(name)).unwrap();
        Refusal::MasterListAuthority {
            subject: certificate.subject().to_string(),
            fingerprint: hex::encode(certificate.fingerprint()),
        }
    };
    let expected = [
        authority("csca"),
        Refusal::Signer {
            fault: TrustFault::NoAnchors,
        },
        Refusal::Unrecognised {
            found: Likeness::Object(Object::Sod),
        },
        Refusal::RevocationList {
            fault: TrustFault::NoIssuerFound,
        },
    ];
    assert_eq!(why, expected);
    assert!(names(folder.path()).is_empty());

    import(&mut store, &["csca"]);
    let results = import(&mut store, &["crl_foreign", "master_list_foreign"]);
    let why: Vec<_> = results.iter().map(refused).collect();
    assert_eq!(why[0], authority("foreign"));
    assert_eq!(
        why[1],
        Refusal::RevocationList {
            fault: TrustFault::CrlSignatureInvalid
        }
    );
    let missing = store
        .import(&[PathBuf::from("/no/such/file.cer")], &[], NOW)
        .unwrap();
    assert_eq!(refused(&missing[0].result), Refusal::Missing);
}

#[test]
fn takes_a_master_list_that_an_anchor_vouches_for() {
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    let results = import(&mut store, &["master_list", "csca"]);
    assert!(matches!(results[0], ImportResult::Added(_)));
    assert!(
        matches!(results[1], ImportResult::AddedMasterList { anchors: 2, .. }),
        "{results:?}"
    );
    assert_eq!(import(&mut store, &["master_list"]), [ImportResult::AlreadyThere]);
}

#[test]
fn takes_a_master_list_by_the_fingerprint_of_its_authority() {
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    let wrong = store
        .import(&[fixture("master_list")], &[fingerprint(&bytes("csca_rsa"))], NOW)
        .unwrap();
    assert!(
        matches!(
            wrong[0].result,
            ImportResult::Refused(Refusal::MasterListAuthority { .. })
        ),
        "it signed nothing"
    );
    assert!(names(folder.path()).is_empty());

    let imported = store
        .import(&[fixture("master_list")], &[fingerprint(&bytes("csca"))], NOW)
        .unwrap();
    assert!(
        matches!(
            imported[0].result,
            ImportResult::AddedMasterList { anchors: 3, .. }
        ),
        "{imported:?}"
    );
    // The decision is on the disk: the list counts when the folder is opened again.
    let store = Store::open(folder.path()).unwrap();
    assert_eq!((store.list().len(), store.refused().len()), (3, 0));
}

#[test]
fn an_anchor_of_a_master_list_can_be_placed_in_its_own_right() {
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    import(&mut store, &["csca", "master_list"]);
    assert!(matches!(
        import(&mut store, &["csca_rsa"])[0],
        ImportResult::Added(_)
    ));
    assert_eq!(store.list().len(), 3, "and is there once");
}

#[test]
fn makes_the_folder_and_says_when_it_cannot() {
    let folder = empty();
    let inner = folder.path().join("a/b");
    let mut store = Store::create(&inner).unwrap();
    assert!(!import(&mut store, &["csca"]).is_empty());
    assert!(!TrustAnchors::is_empty(&store));
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    assert!(matches!(
        Store::create(&file),
        Err(StoreError::NotWritable { .. })
    ));
}

#[test]
fn nothing_is_trusted_on_first_use() {
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    let imported = store.import(&[fixture("csca")], &[], NOW).unwrap();
    let expected = Refusal::NotVouched {
        fingerprint: hex::encode(fingerprint(&bytes("csca"))),
    };
    assert_eq!(imported[0].result, ImportResult::Refused(expected));
    assert!(names(folder.path()).is_empty());
}

/// LDIF as the PKD is handed out: signers, lists, and later what is gone.
#[test]
fn takes_signers_and_lists_of_ldif_and_deletes_what_a_delta_deletes() {
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    import(&mut store, &["csca"]);
    let value = |name: &str| base64::engine::general_purpose::STANDARD.encode(bytes(name));
    let complete = format!(
        "version: 1\n\ndn: cn=One,o=dsc,c=VN,dc=data\nuserCertificate;binary:: {}\n\n\
         dn: cn=Two,o=crl,c=VN,dc=data\ncertificateRevocationList;binary:: {}\n\n\
         dn: cn=Bad,o=dsc,c=VN,dc=data\nuserCertificate;binary:: AAEC\n\n\
         dn: cn=Foreign,o=dsc,c=VN,dc=data\nuserCertificate;binary:: {}\n",
        value("ds"),
        value("crl"),
        value("ds_foreign"),
    );
    let file = folder.path().join("complete.ldif");
    std::fs::write(&file, complete).unwrap();
    let results: Vec<_> = store
        .import(&[&file], &[], NOW)
        .unwrap()
        .into_iter()
        .map(|item| item.result)
        .collect();
    assert!(matches!(results[0], ImportResult::AddedSigner(_)), "{results:?}");
    let refused = |result: &ImportResult| matches!(result, ImportResult::Refused(_));
    assert!(refused(&results[1]) && matches!(results[2], ImportResult::Added(_)) && refused(&results[3]));
    let signers = |store: &Store| {
        store
            .list()
            .iter()
            .filter(|item| item.kind == Kind::Signer)
            .count()
    };
    assert_eq!(signers(&store), 1);
    let again = store.import(&[&file], &[], NOW).unwrap();
    assert_eq!(again[0].result, ImportResult::AlreadyThere);

    let serial = Certificate::from_der(&bytes("ds")).unwrap();
    let serial = hex::encode(serial.serial_number());
    let delta =
        |issuer: &str| format!("dn: cn={issuer}+sn={serial},o=dsc,c=VN,dc=data\nchangetype: delete\n");
    std::fs::write(&file, delta("One")).unwrap();
    let kept = store.import(&[&file], &[], NOW).unwrap();
    assert!(refused(&kept[0].result), "it names another issuer");
    assert_eq!(signers(&store), 1);
    std::fs::write(
        &file,
        delta("C\\=VN\\,O\\=Example Government\\,CN\\=CSCA Example"),
    )
    .unwrap();
    let removed = store.import(&[&file], &[], NOW).unwrap();
    assert_eq!(removed[0].result, ImportResult::Removed);
    assert_eq!(signers(&store), 0);
    let again = store.import(&[&file], &[], NOW).unwrap();
    assert!(refused(&again[0].result));
}

/// The name and the key of an anchor are no secret: only its signature vouches.
#[test]
fn an_altered_copy_of_an_anchor_is_not_taken() {
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    import(&mut store, &["csca"]);
    let mut forged = bytes("csca");
    *forged.last_mut().unwrap() ^= 1;
    let file = folder.path().join("forged.tmp");
    std::fs::write(&file, &forged).unwrap();
    for fingerprints in [&[][..], &[fingerprint(&forged)]] {
        let imported = store.import(&[&file], fingerprints, NOW).unwrap();
        assert_eq!(
            imported[0].result,
            ImportResult::Refused(Refusal::BrokenSignature)
        );
    }
}

#[test]
fn nothing_in_a_file_vanishes_without_a_word() {
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    let file = folder.path().join("odd.tmp");
    let mut refused = |content: &str| -> Vec<Refusal> {
        std::fs::write(&file, content).unwrap();
        let imported = store.import(&[&file], &[], NOW).unwrap().into_iter();
        imported
            .filter_map(|item| match item.result {
                ImportResult::Refused(why) => Some(why),
                _ => None,
            })
            .collect()
    };
    let pem = |found| Refusal::Unrecognised { found };
    let cut =
        "-----BEGIN CERTIFICATE-----\nAQ\n-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";
    assert_eq!(refused(cut), [pem(Likeness::DamagedPem), pem(Likeness::OtherPem)]);
    assert_eq!(
        refused("see -----BEGIN CERTIFICATE\n"),
        [pem(Likeness::DamagedPem)]
    );
    let comment = "\u{FEFF}# extended LDIF\n#\n\ndn: cn=One,o=dsc,c=VN\nuserCertificate;binary:: A!\n";
    assert_eq!(refused(comment), [Refusal::NotBase64]);
}

/// One revocation list an issuer counts: what a newer one no longer lists is no longer revoked.
#[test]
fn a_newer_revocation_list_takes_the_place_of_an_older_one() {
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    import(&mut store, &["csca", "crl_stale"]);
    let replaced = import(&mut store, &["crl"]);
    assert!(
        matches!(replaced[0], ImportResult::Replaced { older: 1, .. }),
        "{replaced:?}"
    );
    assert!(matches!(
        import(&mut store, &["crl_stale"])[0],
        ImportResult::Superseded(_)
    ));
    let lists = |store: &Store| -> Vec<String> {
        let lists = store.list().into_iter();
        lists
            .filter(|item| item.kind == Kind::RevocationList)
            .map(|item| item.fingerprint)
            .collect()
    };
    let crl = || vec![hex::encode(fingerprint(&bytes("crl")))];
    assert_eq!(lists(&store), crl());
    // One of the future does not count yet, and takes nothing with it.
    import(&mut store, &["crl_future"]);
    assert_eq!(lists(&store).len(), 2);
    let issuer = Certificate::from_der(&bytes("csca")).unwrap();
    assert_eq!(store.revocation(issuer.subject(), NOW).len(), 2);
    // One that someone put there by hand stays, and does not count.
    std::fs::write(folder.path().join("old.crl"), bytes("crl_stale")).unwrap();
    let store = Store::open(folder.path()).unwrap();
    let counting = store.revocation(issuer.subject(), NOW);
    assert!(lists(&store).len() == 3 && counting.len() == 2);
    // When its time has come, it stands in the place of all others, whatever the machine's own clock says.
    let future = RevocationList::from_der(&bytes("crl_future")).unwrap();
    let before = Timestamp(future.this_update().0 - 1);
    assert_eq!(store.revocation(issuer.subject(), before).len(), 2);
    assert_eq!(store.revocation(issuer.subject(), future.this_update()), [future]);
}

/// The moment that is passed decides, not the machine's clock.
#[test]
fn a_list_of_the_future_replaces_others_once_its_time_has_come() {
    let issued = RevocationList::from_der(&bytes("crl_future"))
        .unwrap()
        .this_update();
    for (now, expected) in [(Timestamp(issued.0 - 1), 0), (issued, 1)] {
        let folder = empty();
        let mut store = Store::open(folder.path()).unwrap();
        import(&mut store, &["csca", "crl"]);
        let imported = store.import(&[fixture("crl_future")], &[], now).unwrap();
        let older = match &imported[0].result {
            ImportResult::Replaced { older, .. } => *older,
            _ => 0,
        };
        assert_eq!(older, expected, "{imported:?}");
    }
}

/// Nobody signs LDIF: whoever can write a file could otherwise take a revocation away.
#[test]
fn a_delta_deletes_no_revocation_list_and_no_master_list() {
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    import(&mut store, &["csca", "crl", "master_list"]);
    let before = (names(folder.path()), store.list());
    let delta = empty();
    let file = delta.path().join("delta.ldif");
    let mut delete = |dn: &str| {
        let delta = format!("dn: {dn},dc=data,dc=icao\nchangetype: delete\n");
        std::fs::write(&file, delta).unwrap();
        store.import(&[&file], &[], NOW).unwrap().remove(0).result
    };
    let not_here = ImportResult::Refused(Refusal::NotHere);
    let kept = |name: &str| ImportResult::Kept(vec![hex::encode(fingerprint(&bytes(name)))]);
    let authority = "cn=C\\=VN\\,O\\=Example Government\\,CN\\=CSCA Example";
    assert_eq!(delete("cn=CN\\=One,o=crl,c=DE"), not_here);
    assert_eq!(delete("cn=bogus,o=ml,c=VN"), not_here);
    assert_eq!(delete("cn=C\\=VN\\,CN\\=CSCA Other,o=crl,c=VN"), not_here);
    assert_eq!(delete(&format!("{authority},o=crl,c=VN")), kept("crl"));
    assert_eq!(delete(&format!("{authority}, o=ml, c=VN")), kept("master_list"));
    assert_eq!((names(folder.path()), store.list()), before);
}

#[test]
fn a_certificate_for_another_purpose_is_no_signer() {
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    for name in ["ds_wrong_usage", "ds_no_usage"] {
        let expected = Refusal::Signer {
            fault: TrustFault::WrongKeyUsage,
        };
        assert_eq!(
            import(&mut store, &["csca", name])[1],
            ImportResult::Refused(expected),
            "{name}"
        );
    }
}
