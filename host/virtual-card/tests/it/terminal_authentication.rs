//! Terminal authentication before a terminal with the test PKI's certificates.

use std::{fs, path::Path};

use chipgate_apdu::{
    Command, StatusWord,
    tlv::{self, Tag},
};
use chipgate_crypto::{
    AgreementGroup, AgreementPublicKey, Curve, HashAlgorithm, SignatureAlgorithm, SigningKey,
};
use chipgate_lds::{CertificateRole, CvCertificate, oid, parse_dg14};
use chipgate_virtual_card::{CardError, CardFile, IssueOptions, Pki, PkiOptions, Profile, issue};
use rand::{SeedableRng, rngs::StdRng};
use tempfile::TempDir;

use crate::{
    common::{NOW, PKI, card_file, insert},
    terminal::{Opened, Terminal, Variant, ok},
};

/// The fingers and the irises, by their short identifiers.
const FINGERS: u8 = 3;
const IRISES: u8 = 4;
const DENIED: StatusWord = StatusWord::SECURITY_STATUS_NOT_SATISFIED;

/// An inspection system as `card pki` equips it.
struct InspectionSystem {
    chain: Vec<Vec<u8>>,
    key: SigningKey,
}

fn folder() -> TempDir {
    folder_of(&PKI)
}

fn folder_of(pki: &Pki) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    pki.write(dir.path()).unwrap();
    dir
}

impl InspectionSystem {
    fn new() -> Self {
        Self::of(&PKI)
    }

    fn of(pki: &Pki) -> Self {
        let dir = folder_of(pki);
        let terminal = Pki::terminal_folder(dir.path());
        let read = |name: &str| fs::read(terminal.join(name)).unwrap();
        Self {
            chain: ["cvca-link.cvcert", "dv.cvcert", "is.cvcert"].map(read).to_vec(),
            key: SigningKey::from_pkcs8_der(&read("is.key")).unwrap(),
        }
    }

    /// MSE:Set DST and PSO: Verify Certificate for each certificate of the chain.
    fn show_certificates(&self, terminal: &mut Terminal) -> Result<(), StatusWord> {
        for certificate in &self.chain {
            let parsed = CvCertificate::parse(certificate).unwrap();
            let authority = parsed.body().authority.as_bytes().to_vec();
            let reference = tlv::encode(Tag(0x83), &authority);
            ok(terminal.send(&Command::new(0, 0x22, 0x81, 0xB6).with_data(reference)))?;
            let content = tlv::single(certificate, Tag(0x7F21)).unwrap();
            ok(terminal.send(&Command::new(0, 0x2A, 0x00, 0xBE).with_data(content)))?;
        }
        Ok(())
    }

    fn authenticate(&self, terminal: &mut Terminal) -> Result<(), StatusWord> {
        self.show_certificates(terminal)?;
        self.prove(terminal)
    }

    /// MSE:Set AT, GET CHALLENGE and EXTERNAL AUTHENTICATE.
    fn prove(&self, terminal: &mut Terminal) -> Result<(), StatusWord> {
        let own = CvCertificate::parse(self.chain.last().unwrap()).unwrap();
        let reference = tlv::encode(Tag(0x83), own.body().holder.as_bytes());
        ok(terminal.send(&Command::new(0, 0x22, 0x81, 0xA4).with_data(reference)))?;
        let challenge = ok(terminal.send(&Command::new(0, 0x84, 0, 0).expecting(8)))?;
        let data = [&terminal.chip_identity[..], &challenge, &terminal.ephemeral].concat();
        let signature = match own.body().public_key.signature_algorithm().unwrap() {
            SignatureAlgorithm::Ecdsa(hash) => self.key.sign_plain(hash, &data),
            rsa => self.key.sign(&rsa, &data, &mut terminal.rng),
        };
        let signature = signature.unwrap();
        ok(terminal.send(&Command::new(0, 0x82, 0, 0).with_data(signature))).map(|_| ())
    }
}

/// A terminal after PACE and chip authentication.
pub fn ready(file: &CardFile, by_basic_access: bool) -> Terminal {
    let mut terminal = Terminal::new(insert(file));
    let mrz = chipgate_lds::Mrz::parse(file.passwords.mrz.as_str()).unwrap();
    let information = String::from_utf8(mrz.key_seed_text().as_bytes().to_vec()).unwrap();
    if by_basic_access {
        terminal.select_application();
        terminal.basic_access(&information).unwrap();
    } else {
        let can = file.passwords.can.as_ref().unwrap().as_str().as_bytes().to_vec();
        terminal.pace(Curve::BrainpoolP256r1, 2, &can).unwrap();
        terminal.select_application();
    }
    authenticate_chip(&mut terminal, file);
    terminal
}

/// A terminal after PACE by the machine readable zone and chip authentication; the chip is bound to what is printed.
fn ready_by_zone(file: &CardFile) -> Terminal {
    let mut terminal = Terminal::new(insert(file));
    let mrz = chipgate_lds::Mrz::parse(file.passwords.mrz.as_str()).unwrap();
    let information = mrz.key_seed_text().as_bytes().to_vec();
    let password = HashAlgorithm::Sha1.digest(&information);
    terminal.pace(Curve::BrainpoolP256r1, 1, &password).unwrap();
    terminal.select_application();
    authenticate_chip(&mut terminal, file);
    terminal.chip_identity = information[..10].to_vec();
    terminal
}

fn authenticate_chip(terminal: &mut Terminal, file: &CardFile) {
    let infos = parse_dg14(file.file("DG14").unwrap()).unwrap();
    let key = infos.chip_authentication_keys().remove(0);
    let protocol = infos.chip_authentication().remove(0).protocol;
    let public = AgreementPublicKey::from_spki_der(&key.public_key_der).unwrap();
    terminal.chip_authentication_as(protocol, &public, None).unwrap();
}

#[test]
fn fingers_are_read_after_the_terminal_has_proved_its_rights_and_not_before() {
    for by_basic_access in [false, true] {
        let file = card_file(Profile::Td3Eac, &[]);
        let mut terminal = ready(&file, by_basic_access);
        assert_eq!(terminal.read_file(FINGERS, 200), Err(DENIED));
        InspectionSystem::new().authenticate(&mut terminal).unwrap();
        assert_eq!(
            terminal.read_file(FINGERS, 200).unwrap(),
            file.file("DG3").unwrap()
        );
        assert_eq!(terminal.select(0x0103).status, StatusWord::SUCCESS);
    }
}

/// PACE with chip authentication mapping and the CAN, then the application.
fn opened_by_mapping(file: &CardFile) -> Terminal {
    let mut terminal = Terminal::new(insert(file));
    let can = file.passwords.can.as_ref().unwrap().as_str().as_bytes().to_vec();
    let variant = Variant {
        protocol: oid::id_PACE_ECDH_CAM_AES_CBC_CMAC_128,
        group: AgreementGroup::Ecdh(Curve::BrainpoolP256r1),
        name_group: false,
    };
    let Opened {
        chip_authentication_data,
        ..
    } = terminal.pace_as(variant, 2, &can, &[]).unwrap();
    assert!(chip_authentication_data.is_some());
    terminal.select_application();
    terminal
}

#[test]
fn the_key_of_chip_authentication_mapping_serves_terminal_authentication() {
    let file = card_file(Profile::Td3EacCam, &[]);
    let mut terminal = opened_by_mapping(&file);
    InspectionSystem::new().authenticate(&mut terminal).unwrap();
    assert_eq!(
        terminal.read_file(FINGERS, 200).unwrap(),
        file.file("DG3").unwrap()
    );
    // Chip authentication may follow all the same; then its key is the one.
    let mut terminal = ready(&file, false);
    InspectionSystem::new().authenticate(&mut terminal).unwrap();
    assert!(terminal.read_file(FINGERS, 200).is_ok());
}

#[test]
fn a_terminal_authenticates_once_in_a_session() {
    let file = card_file(Profile::Td3Eac, &[]);
    let mut terminal = ready(&file, false);
    let system = InspectionSystem::new();
    system.authenticate(&mut terminal).unwrap();
    assert_eq!(system.authenticate(&mut terminal), Err(DENIED));
    let reference = tlv::encode(Tag(0x83), b"UTISTEST00001");
    for command in [
        Command::new(0, 0x22, 0x81, 0xA4).with_data(reference),
        Command::new(0, 0x84, 0, 0).expecting(8),
        Command::new(0, 0x82, 0, 0).with_data([0; 64]),
    ] {
        assert_eq!(terminal.send(&command).status, DENIED, "{command:?}");
    }
    // What it has proved before stays.
    assert!(terminal.read_file(FINGERS, 200).is_ok());
}

#[test]
fn some_chips_bind_a_terminal_to_what_is_printed_on_the_document() {
    let mut file = card_file(Profile::Td3Eac, &[]);
    let settings = file.chip.terminal_authentication.as_mut().unwrap();
    settings.static_binding = true;
    let can = file.passwords.can.as_ref().unwrap().as_str().as_bytes().to_vec();
    let mut terminal = ready(&file, false);
    let system = InspectionSystem::new();
    let refused = system.authenticate(&mut terminal);
    assert_eq!(
        refused,
        Err(StatusWord::NO_INFORMATION),
        "its ephemeral key is not its name"
    );
    terminal.chip_identity = can;
    // The certificates stand; the terminal may sign again.
    system.prove(&mut terminal).unwrap();
    assert!(terminal.read_file(FINGERS, 200).is_ok());
    // After BAC it is the document number anyway.
    let mut terminal = ready(&file, true);
    system.authenticate(&mut terminal).unwrap();
    // By the machine readable zone it is the document number after PACE, too.
    let mut terminal = ready_by_zone(&file);
    system.authenticate(&mut terminal).unwrap();
    assert!(terminal.read_file(FINGERS, 200).is_ok());
}

#[test]
fn every_data_group_of_a_card_with_all_of_them_can_be_read() {
    let file = card_file(Profile::EveryDataGroup, &[]);
    let mut terminal = ready(&file, false);
    assert_eq!(terminal.read_file(IRISES, 200), Err(DENIED));
    InspectionSystem::new().authenticate(&mut terminal).unwrap();
    for number in 1..=16 {
        let name = format!("DG{number}");
        assert_eq!(
            terminal.read_file(number, 200).unwrap(),
            file.file(&name).unwrap(),
            "{name}"
        );
    }
}

#[test]
fn a_link_certificate_stays_and_the_verifiers_key_goes_with_the_power() {
    let file = card_file(Profile::Td3Eac, &[]);
    let system = InspectionSystem::new();
    let mut terminal = ready(&file, false);
    system.authenticate(&mut terminal).unwrap();
    // EF.CVCA names the new authority first.
    let cvca = ok(terminal.send(&Command::new(0, 0xB0, 0x9C, 0).expecting(36))).unwrap();
    let names = [&b"UTCVCATEST00002"[..], b"UTCVCATEST00001"];
    let expected = names.map(|name| tlv::encode(Tag(0x42), name)).concat();
    assert_eq!((cvca.len(), &cvca[..expected.len()]), (36, &expected[..]));
    // Rights end with a new session, and the terminal's key cannot be named again.
    terminal.card.power_off();
    terminal.card.power_on();
    let card = std::mem::replace(&mut terminal.card, insert(&file));
    let mut again = reopened(card, &file);
    assert_eq!(again.read_file(FINGERS, 200), Err(DENIED));
    let reference = tlv::encode(Tag(0x83), b"UTISTEST00001");
    assert_eq!(
        again
            .send(&Command::new(0, 0x22, 0x81, 0xA4).with_data(reference))
            .status,
        StatusWord::REFERENCE_NOT_FOUND
    );
    // The link is known now: the chain may begin with the verifier.
    let shorter = InspectionSystem {
        chain: system.chain[1..].to_vec(),
        key: system.key,
    };
    shorter.authenticate(&mut again).unwrap();
    assert!(again.read_file(FINGERS, 200).is_ok());
}

/// The same card with power again, opened and its chip authenticated.
fn reopened(card: chipgate_virtual_card::VirtualCard, file: &CardFile) -> Terminal {
    let mut terminal = Terminal::new(card);
    let can = file.passwords.can.as_ref().unwrap().as_str().as_bytes().to_vec();
    terminal.pace(Curve::BrainpoolP256r1, 2, &can).unwrap();
    terminal.select_application();
    let infos = parse_dg14(file.file("DG14").unwrap()).unwrap();
    let public =
        AgreementPublicKey::from_spki_der(&infos.chip_authentication_keys()[0].public_key_der).unwrap();
    let protocol = infos.chip_authentication().remove(0).protocol;
    terminal.chip_authentication_as(protocol, &public, None).unwrap();
    terminal
}

#[test]
fn nothing_but_the_right_chain_and_the_right_key_proves_a_right() {
    let file = card_file(Profile::Td3Eac, &[]);
    let system = InspectionSystem::new();
    let chain = |certificates: &[usize]| InspectionSystem {
        chain: certificates
            .iter()
            .map(|index| system.chain[*index].clone())
            .collect(),
        key: system.key.clone(),
    };
    // Without the link the verifier's authority is unknown; without the verifier, the terminal's.
    for certificates in [&[1, 2][..], &[0, 2], &[2]] {
        let mut terminal = ready(&file, false);
        let refused = chain(certificates).authenticate(&mut terminal);
        assert_eq!(refused, Err(StatusWord::REFERENCE_NOT_FOUND), "{certificates:?}");
        assert_eq!(terminal.read_file(FINGERS, 200), Err(DENIED));
    }
    // A verifier's certificate is no terminal's.
    let mut terminal = ready(&file, false);
    let refused = chain(&[0, 1]).authenticate(&mut terminal);
    assert_eq!(refused, Err(StatusWord::REFERENCE_NOT_FOUND));
    // Another key than the certificate's.
    let mut other = chain(&[0, 1, 2]);
    other.key = SigningKey::generate_ec(Curve::BrainpoolP256r1, &mut terminal.rng).unwrap();
    let mut terminal = ready(&file, false);
    assert_eq!(other.authenticate(&mut terminal), Err(StatusWord::NO_INFORMATION));
    assert_eq!(terminal.read_file(FINGERS, 200), Err(DENIED));
}

#[test]
fn every_changed_bit_of_a_certificate_is_refused() {
    let file = card_file(Profile::Td3Eac, &[]);
    let system = InspectionSystem::new();
    let link = &system.chain[0];
    let start = tlv::header(link).unwrap().1;
    for bit in (start * 8..link.len() * 8).step_by(37) {
        let mut changed = link.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let mut terminal = ready(&file, false);
        let reference = tlv::encode(Tag(0x83), b"UTCVCATEST00001");
        ok(terminal.send(&Command::new(0, 0x22, 0x81, 0xB6).with_data(reference))).unwrap();
        let verify = Command::new(0, 0x2A, 0x00, 0xBE).with_data(&changed[start..]);
        let status = terminal.send(&verify).status;
        assert!(
            [StatusWord::NO_INFORMATION, StatusWord::WRONG_DATA].contains(&status),
            "bit {bit}: {status}"
        );
    }
}

#[test]
fn a_certificate_that_ended_before_the_chips_date_is_refused() {
    let mut file = card_file(Profile::Td3Eac, &[]);
    file.chip.terminal_authentication.as_mut().unwrap().current_date = "991231".into();
    let mut terminal = ready(&file, false);
    let refused = InspectionSystem::new().authenticate(&mut terminal);
    assert_eq!(refused, Err(StatusWord::NO_INFORMATION));
}

#[test]
fn terminal_authentication_wants_chip_authentication_first() {
    let file = card_file(Profile::Td3Eac, &[]);
    let mut terminal = Terminal::new(insert(&file));
    let can = file.passwords.can.as_ref().unwrap().as_str().as_bytes().to_vec();
    terminal.pace(Curve::BrainpoolP256r1, 2, &can).unwrap();
    terminal.select_application();
    let refused = InspectionSystem::new().authenticate(&mut terminal);
    assert_eq!(refused, Err(StatusWord::CONDITIONS_NOT_SATISFIED));
}

#[test]
fn a_certificate_may_come_in_a_chain_of_short_commands() {
    let file = card_file(Profile::Td3Eac, &[]);
    let mut terminal = ready(&file, false);
    let link = &InspectionSystem::new().chain[0];
    let reference = tlv::encode(Tag(0x83), b"UTCVCATEST00001");
    ok(terminal.send(&Command::new(0, 0x22, 0x81, 0xB6).with_data(reference))).unwrap();
    let content = tlv::single(link, Tag(0x7F21)).unwrap();
    let (first, last) = content.split_at(200);
    ok(terminal.send(&Command::new(0x10, 0x2A, 0x00, 0xBE).with_data(first))).unwrap();
    ok(terminal.send(&Command::new(0x00, 0x2A, 0x00, 0xBE).with_data(last))).unwrap();
}

#[test]
fn the_reader_side_reads_the_certificates_as_they_are_meant() {
    let dir = folder();
    let read = |name: &str| CvCertificate::parse(&fs::read(dir.path().join(name)).unwrap()).unwrap();
    let authority = read("cvca/cvca.cvcert");
    assert!(authority.is_self_signed());
    let roles = [
        ("terminal/cvca-link.cvcert", CertificateRole::Cvca),
        ("terminal/dv.cvcert", CertificateRole::DomesticDocumentVerifier),
        ("terminal/is.cvcert", CertificateRole::Terminal),
    ];
    let mut issuer = authority.body().holder.clone();
    for (name, role) in roles {
        let certificate = read(name);
        assert_eq!(certificate.body().authority, issuer, "{name}");
        assert_eq!(certificate.body().authorization.role(), role, "{name}");
        issuer = certificate.body().holder.clone();
    }
}

/// Keys of every kind that terminal authentication knows (TR-03110-3, A.7.3 and A.7.4), of small size: what counts is how they sign.
#[test]
fn a_chain_may_sign_by_rsa_in_both_schemes_and_on_any_curve() {
    let algorithms = [
        "rsa-1024-pkcs1-sha1",
        "rsa-1024-pkcs1-sha256",
        "rsa-1280-pkcs1-sha512",
        "rsa-1024-pss-sha1",
        "rsa-1024-pss-sha256",
        "rsa-1280-pss-sha512",
        "ecdsa-P-224-sha224",
        "ecdsa-brainpoolP384r1-sha384",
        "ecdsa-P-521-sha512",
    ];
    let mut rng = StdRng::seed_from_u64(41);
    for name in algorithms {
        let pki = pki_with(name, &mut rng).unwrap();
        let file = issue(Profile::Td3Eac, &pki, &IssueOptions::default(), &mut rng, NOW).unwrap();
        let mut terminal = ready(&file, false);
        let system = InspectionSystem::of(&pki);
        let own = CvCertificate::parse(&system.chain[2]).unwrap();
        let signs = own.body().public_key.signature_algorithm().unwrap();
        let is_rsa = !matches!(signs, SignatureAlgorithm::Ecdsa(_));
        assert_eq!(is_rsa, name.starts_with("rsa"), "{name}");
        system
            .authenticate(&mut terminal)
            .unwrap_or_else(|status| panic!("{name}: {status}"));
        assert_eq!(
            terminal.read_file(FINGERS, 200).unwrap(),
            file.file("DG3").unwrap()
        );
        // The same with one bit of the terminal's certificate changed.
        let mut forged = system;
        *forged.chain[2].last_mut().unwrap() ^= 1;
        let mut terminal = ready(&file, false);
        assert!(forged.authenticate(&mut terminal).is_err(), "{name}");
    }
    for unknown in ["rsa-1024-pss-sha384", "rsa-1024-pkcs1-sha224"] {
        let refused = pki_with(unknown, &mut rng);
        assert!(
            matches!(
                refused,
                Err(CardError::UnusableValue {
                    field: "terminal",
                    ..
                })
            ),
            "{unknown}"
        );
    }
}

fn pki_with(terminal: &str, rng: &mut StdRng) -> Result<Pki, CardError> {
    let options = PkiOptions {
        terminal: Some(terminal.parse().unwrap()),
        ..PkiOptions::default()
    };
    Pki::generate_with(&options, rng, NOW)
}

/// What OpenPACE's own tool makes of the certificates.
#[test]
fn cvc_print_verifies_the_chain() {
    let dir = folder();
    let put = |name: &str, to: &str| fs::copy(dir.path().join(name), dir.path().join(to)).unwrap();
    // It looks for an authority's certificate under its reference.
    put("cvca/cvca.cvcert", "UTCVCATEST00001");
    put("terminal/cvca-link.cvcert", "UTCVCATEST00002");
    put("terminal/dv.cvcert", "UTDVTEST00001");
    for (name, holder) in [
        ("cvca/cvca.cvcert", "UTCVCATEST00001"),
        ("terminal/cvca-link.cvcert", "UTCVCATEST00002"),
        ("terminal/dv.cvcert", "UTDVTEST00001"),
        ("terminal/is.cvcert", "UTISTEST00001"),
    ] {
        let Some(text) = cvc_print(dir.path(), name) else {
            return;
        };
        assert!(text.contains(holder), "{name}: {text}");
    }
}

fn cvc_print(dir: &Path, name: &str) -> Option<String> {
    let mut command = std::process::Command::new("cvc-print");
    command
        .current_dir(dir)
        .arg("--cvc")
        .arg(name)
        .arg("--cvc-dir")
        .arg(dir);
    match command.output() {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(error) => {
            println!("skipped: cvc-print of openpace cannot be run ({error})");
            None
        }
    }
}
