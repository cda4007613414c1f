//! Issued cards: what they carry, and what their faults change.

use chipgate_apdu::tlv::{self, Tag};
use chipgate_crypto::{HashAlgorithm, PublicKey};
use chipgate_lds::{
    Com, DataGroup, Dg1, Dg2, LdsSecurityObject, Mrz, parse_card_access, parse_dg14, parse_dg15, parse_sod,
};
use chipgate_virtual_card::{
    CardError, CardFile, Fault, HashName, IssueOptions, Pki, Profile, faults, issue, profiles,
};
use rand::{SeedableRng, rngs::StdRng};

use crate::common::{NOW, PKI, card_file};

fn security_object(card: &CardFile) -> LdsSecurityObject {
    let content_info = parse_sod(card.file("EF.SOD").unwrap()).unwrap();
    let signed_data = tlv::find(tlv::single(content_info, Tag(0x30)).unwrap(), Tag(0xA0))
        .unwrap()
        .unwrap();
    let encapsulated = tlv::find(tlv::single(signed_data, Tag(0x30)).unwrap(), Tag(0x30))
        .unwrap()
        .unwrap();
    let content = tlv::find(encapsulated, Tag(0xA0)).unwrap().unwrap();
    LdsSecurityObject::parse(tlv::single(content, Tag(0x04)).unwrap()).unwrap()
}

/// The data groups whose hash is not the signed one, and those that are listed and not there.
fn disagreements(card: &CardFile) -> (Vec<DataGroup>, Vec<DataGroup>) {
    let object = security_object(card);
    let (mut altered, mut missing) = (Vec::new(), Vec::new());
    for (group, hash) in &object.data_groups {
        match card.file(group.name()) {
            Some(bytes) if object.hash.digest(bytes) != *hash => altered.push(*group),
            None => missing.push(*group),
            Some(_) => {}
        }
    }
    (altered, missing)
}

/// The kinds of cards that every fault of the data fits.
const FAULTY: [Profile; 3] = [Profile::VnCccd, Profile::Td3Bac, Profile::Td3Pace];

/// Whether the holder is a child, of whom the chip has no portrait.
fn is_of_a_child(profile: Profile) -> bool {
    matches!(profile, Profile::VnChild | Profile::Td3Child)
}

#[test]
fn a_sound_card_agrees_with_its_security_object() {
    for profile in profiles() {
        let card = card_file(*profile, &[]);
        let (altered, missing) = disagreements(&card);
        let refused = if *profile == Profile::VnCccd {
            vec![DataGroup::DG3]
        } else {
            vec![]
        };
        assert_eq!((altered, missing), (vec![], refused), "{profile}");
        let mut listed = Com::parse(card.file("EF.COM").unwrap()).unwrap().data_groups;
        listed.sort();
        let signed: Vec<_> = security_object(&card)
            .data_groups
            .iter()
            .map(|(group, _)| *group)
            .collect();
        assert_eq!(listed, signed, "{profile}");
        let mrz = Mrz::parse(card.passwords.mrz.as_str()).unwrap();
        assert_eq!(Dg1::parse(card.file("DG1").unwrap()).unwrap().mrz.text, mrz.text);
        if let Some(dg2) = card.file("DG2") {
            let faces = Dg2::parse(dg2).unwrap().faces;
            let sizes: Vec<_> = faces.iter().map(|face| (face.width, face.height)).collect();
            let expected = if is_of_a_child(*profile) {
                vec![]
            } else {
                vec![(240, 320)]
            };
            assert_eq!(sizes, expected, "{profile}");
        }
    }
}

#[test]
fn the_citizen_card_is_as_described() {
    let card = card_file(Profile::VnCccd, &[]);
    let names: Vec<_> = card.files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "DG1",
            "DG13",
            "DG14",
            "DG15",
            "DG2",
            "EF.COM",
            "EF.CardAccess",
            "EF.SOD"
        ]
    );

    let mrz = Mrz::parse(card.passwords.mrz.as_str()).unwrap();
    let first = mrz.lines().next().unwrap().to_owned();
    let can = card.passwords.can.as_ref().unwrap().as_str();
    assert!(first.starts_with("IDVNM"));
    assert!(mrz.document_number.ends_with(can) && first[15..27].ends_with(&mrz.document_number));
    assert_eq!(&first[27..29], "<<");
    let number = card
        .passwords
        .qr
        .as_ref()
        .unwrap()
        .as_str()
        .split('|')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(first[15..27], number);

    let object = security_object(&card);
    assert_eq!(
        (object.version, object.hash, object.lds_version),
        (0, HashAlgorithm::Sha256, None)
    );
    let infos = parse_dg14(card.file("DG14").unwrap()).unwrap();
    assert!(infos.contains(&parse_card_access(card.file("EF.CardAccess").unwrap()).unwrap()));
    let key = infos.chip_authentication_keys().remove(0);
    assert_eq!(key.key_id, None);
    let prime_field = [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x01, 0x01]; // explicit parameters
    assert!(key.public_key_der.windows(9).any(|window| window == prime_field));
    let spki = parse_dg15(card.file("DG15").unwrap()).unwrap();
    let PublicKey::Rsa(key) = PublicKey::from_spki_der(&spki).unwrap() else {
        panic!("an RSA key")
    };
    assert_eq!((key.bits(), &*key.exponent()), (2048, &[1, 0, 1][..]));
    assert!(
        card.file("DG13")
            .unwrap()
            .windows("TRẦN TH".len())
            .any(|window| window == "TRẦN TH".as_bytes())
    );
}

#[test]
fn a_document_holds_for_about_ten_years() {
    for profile in profiles() {
        let mrz = Mrz::parse(card_file(*profile, &[]).passwords.mrz.as_str()).unwrap();
        let years: &[&str] = if is_of_a_child(*profile) {
            &["31", "37"]
        } else {
            &["36", "35"]
        };
        assert!(years.contains(&&mrz.expiry_date.as_str()[..2]), "{profile}");
    }
    for profile in &FAULTY {
        let mrz = Mrz::parse(
            card_file(*profile, &[Fault::ExpiredDocument])
                .passwords
                .mrz
                .as_str(),
        )
        .unwrap();
        assert_eq!(&mrz.expiry_date.as_str()[..4], "2607", "{profile}");
    }
}

#[test]
fn each_fault_changes_what_it_says_and_nothing_else() {
    use DataGroup as Dg;
    for profile in &FAULTY {
        let refused = if *profile == Profile::VnCccd {
            vec![Dg::DG3]
        } else {
            vec![]
        };
        let with = |fault| disagreements(&card_file(*profile, &[fault]));
        assert_eq!(with(Fault::AlteredDataGroup), (vec![Dg::DG1], refused.clone()));
        assert_eq!(with(Fault::AlteredPortrait), (vec![Dg::DG2], refused.clone()));
        for sound in [
            Fault::AlteredSod,
            Fault::BrokenSignature,
            Fault::ForeignSod,
            Fault::CopiedChip,
            Fault::ComLies,
        ] {
            assert_eq!(with(sound), (vec![], refused.clone()), "{sound}");
        }
        let mut missing = [vec![Dg::DG2], refused.clone()].concat();
        missing.sort();
        assert_eq!(with(Fault::MissingPortrait), (vec![], missing));
    }
    let hidden = disagreements(&card_file(Profile::VnCccd, &[Fault::CopiedChipWithoutChipKeys]));
    assert_eq!(hidden, (vec![], vec![Dg::DG3, Dg::DG14, Dg::DG15]));
}

#[test]
fn what_the_issuer_left_out_is_not_signed_either() {
    let card = card_file(Profile::Td3Bac, &[Fault::NoPortrait, Fault::NoChipKeys]);
    assert_eq!(disagreements(&card), (vec![], vec![]));
    assert_eq!(
        card.files.keys().collect::<Vec<_>>(),
        ["DG1", "EF.ATR/INFO", "EF.COM", "EF.DIR", "EF.SOD"]
    );
}

#[test]
fn the_chip_of_a_child_has_no_portrait_and_its_signer_says_no_more() {
    let card = card_file(Profile::VnChild, &[]);
    assert_eq!((card.file("DG2"), card.chip.refused_files.len()), (None, 0));
    assert_eq!(disagreements(&card), (vec![], vec![]));
    let card = card_file(Profile::Td3Child, &[]);
    assert_eq!(Dg2::parse(card.file("DG2").unwrap()).unwrap().faces, []);
}

#[test]
fn a_long_document_number_goes_on_in_the_optional_data() {
    let card = card_file(Profile::Td1, &[]);
    let mrz = Mrz::parse(card.passwords.mrz.as_str()).unwrap();
    assert_eq!(mrz.document_number.len(), 11);
    assert_eq!(mrz.lines().next().unwrap().as_bytes()[14], b'<');
}

#[test]
fn a_signer_and_a_hash_can_be_chosen() {
    for algorithm in [
        "rsa-2048-pkcs1-sha1",
        "rsa-2048-pss-sha512",
        "ecdsa-brainpoolP512r1-sha512",
    ] {
        let options = IssueOptions {
            signer: Some(algorithm.parse().unwrap()),
            hash: Some(HashName::Sha512),
            ..IssueOptions::default()
        };
        let card = issue(
            Profile::Td3Pace,
            &PKI,
            &options,
            &mut StdRng::seed_from_u64(1),
            NOW,
        )
        .unwrap();
        assert_eq!(security_object(&card).hash, HashAlgorithm::Sha512, "{algorithm}");
        assert_eq!(disagreements(&card), (vec![], vec![]), "{algorithm}");
    }
}

#[test]
fn an_altered_name_leaves_a_sound_machine_readable_zone() {
    for profile in &FAULTY {
        let card = card_file(*profile, &[Fault::AlteredDataGroup]);
        let altered = Dg1::parse(card.file("DG1").unwrap()).unwrap().mrz;
        let printed = Mrz::parse(card.passwords.mrz.as_str()).unwrap();
        assert_ne!(altered.names.primary, printed.names.primary);
        assert_eq!(altered.key_seed_text(), printed.key_seed_text());
    }
}

#[test]
fn a_lying_card_access_is_not_in_dg14() {
    for profile in [Profile::VnCccd, Profile::Td3Pace] {
        let card = card_file(profile, &[Fault::CardAccessLies]);
        let infos = parse_dg14(card.file("DG14").unwrap()).unwrap();
        assert!(!infos.contains(&parse_card_access(card.file("EF.CardAccess").unwrap()).unwrap()));
    }
}

#[test]
fn every_fault_is_issued_for_every_profile_that_it_is_listed_with() {
    for expectation in faults() {
        let fault: Fault = expectation.name.parse().unwrap();
        let card = card_file(expectation.profile, &[fault]);
        assert_eq!(card.faults, [fault.name()]);
        assert_eq!(fault.expectation(expectation.profile), Some(*expectation));
    }
}

#[test]
fn every_fault_is_listed() {
    for fault in Fault::ALL {
        assert!(
            faults()
                .iter()
                .any(|expectation| expectation.name == fault.name()),
            "{fault}"
        );
    }
}

#[test]
fn refuses_a_fault_that_does_not_fit_the_profile() {
    let options = IssueOptions {
        faults: vec![Fault::CardAccessLies],
        ..IssueOptions::default()
    };
    let error = issue(
        Profile::Td3Bac,
        &PKI,
        &options,
        &mut StdRng::seed_from_u64(1),
        NOW,
    )
    .unwrap_err();
    assert!(matches!(
        error,
        CardError::FaultDoesNotFit {
            fault: "card-access-lies",
            profile: "td3-bac"
        }
    ));
}

#[test]
fn refuses_a_portrait_that_is_no_picture() {
    let options = IssueOptions {
        portrait: Some(b"GIF89a".to_vec()),
        ..IssueOptions::default()
    };
    let error = issue(
        Profile::Td3Bac,
        &PKI,
        &options,
        &mut StdRng::seed_from_u64(1),
        NOW,
    )
    .unwrap_err();
    assert!(matches!(error, CardError::UnusablePortrait));
}

#[test]
fn the_same_random_numbers_give_the_same_pki_and_card() {
    let make = || {
        let mut rng = StdRng::seed_from_u64(5);
        let pki = Pki::generate(&mut rng, NOW).unwrap();
        let card = issue(Profile::VnCccd, &pki, &IssueOptions::default(), &mut rng, NOW).unwrap();
        (pki.master_list().to_vec(), card)
    };
    assert!(make() == make());
}

#[test]
fn a_card_file_survives_its_json_and_its_folder() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("card.json");
    for profile in profiles() {
        let card = card_file(*profile, &[]);
        card.write(&path).unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(CardFile::read(&path).unwrap() == card);
    }
}

#[test]
fn refuses_card_files_that_it_does_not_understand() {
    let json = card_file(Profile::Td3Pace, &[]).to_json().unwrap();
    let version = json.replace("\"version\": 1", "\"version\": 2");
    assert!(matches!(
        CardFile::from_json(&version),
        Err(CardError::UnknownVersion { found: 2, known: 1 })
    ));
    for (from, to) in [
        ("\"profile\"", "\"profil\""),
        ("td3-pace", "td4"),
        ("\"faults\": []", "\"faults\": [], \"x\": 1"),
    ] {
        let error = CardFile::from_json(&json.replace(from, to)).unwrap_err();
        assert!(matches!(error, CardError::NotACardFile { .. }), "{error}");
    }
    for length in (0..json.len() - 2).step_by(97) {
        assert!(CardFile::from_json(&json[..length]).is_err());
    }
    let secret = card_file(Profile::Td3Pace, &[])
        .passwords
        .can
        .unwrap()
        .as_str()
        .to_owned();
    let error = CardFile::from_json(&json.replace(&format!("\"{secret}\""), &secret)).unwrap_err();
    assert!(
        !error.to_string().contains(&secret),
        "an error quotes no password"
    );
}
