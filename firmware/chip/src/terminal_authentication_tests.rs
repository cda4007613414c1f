//! Terminal authentication with a chip that verifies certificates and signatures.

extern crate std;

use alloc::{string::ToString, vec, vec::Vec};

use chipgate_apdu::{
    Command, Limits, Link, Response, StatusWord,
    tlv::{self, Tag},
};
use chipgate_crypto::{
    Cipher, Curve, HashAlgorithm, PublicKey, Secret, SessionKeys, SignatureAlgorithm, SigningKey,
};
use chipgate_lds::{
    CertificateRole, CvCertificate, CvCertificateBody, CvPublicKey, CvcaReferences, DataGroup, Date,
    HolderAuthorization, PublicKeyReference,
};
use pollster::block_on;

use crate::{
    ChipError, SoftwareTerminalKey, TerminalAuthentication, TerminalBinding, TerminalCertificates,
    TerminalKey, TerminalKeyError,
    connection::Connection,
    cvca_references,
    secure_messaging::SecureMessaging,
    terminal_authentication::{Identifiers, authenticate},
    terminal_certificates::tests::reference,
    testing::{AnsweringChip, CardSide, ReplayedRandomness},
};

const CHALLENGE: [u8; 8] = *b"r.IC 8 b";

const ECDSA: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256);
const RSA: SignatureAlgorithm = SignatureAlgorithm::RsaPkcs1v15(HashAlgorithm::Sha256);

fn randomness(seed: u8) -> ReplayedRandomness {
    ReplayedRandomness::new(
        (0..9000_u32)
            .map(|index| ((index * 7919) >> 3) as u8 ^ seed)
            .collect(),
    )
}

/// A key pair with its name.
struct Party {
    name: PublicKeyReference,
    key: SigningKey,
    algorithm: SignatureAlgorithm,
}

impl Party {
    fn new(mnemonic: &str, number: &str, algorithm: SignatureAlgorithm, seed: u8) -> Self {
        let key = match algorithm {
            SignatureAlgorithm::Ecdsa(_) => {
                SigningKey::generate_ec(Curve::BrainpoolP256r1, &mut randomness(seed))
            }
            _ => SigningKey::generate_rsa(1024, &mut randomness(seed)),
        };
        Self {
            name: reference(mnemonic, number),
            key: key.unwrap(),
            algorithm,
        }
    }

    fn public_key(&self) -> CvPublicKey {
        CvPublicKey::new(&self.algorithm, &self.key.public_key(), true).unwrap()
    }

    fn certify(&self, holder: &Self, role: CertificateRole, groups: &[DataGroup]) -> CvCertificate {
        let body = CvCertificateBody {
            authority: self.name.clone(),
            public_key: holder.public_key(),
            holder: holder.name.clone(),
            authorization: HolderAuthorization::inspection_system(role, groups),
            effective_date: Date::new(2026, 1, 2).unwrap(),
            expiration_date: Date::new(2027, 1, 2).unwrap(),
            extensions: Vec::new(),
        };
        let key = SoftwareTerminalKey::new(self.key.clone(), randomness(1));
        let signature = key.sign(&self.algorithm, &body.encode()).unwrap();
        CvCertificate::new(body, signature)
    }
}

/// Whether a signature by this key is over this message.
fn verifies(key: &CvPublicKey, message: &[u8], signature: &[u8]) -> bool {
    let algorithm = key.signature_algorithm().unwrap();
    match key.key(None).unwrap() {
        key @ PublicKey::Ec(_) => key.verify_plain(algorithm.hash(), message, signature),
        key @ PublicKey::Rsa(_) => key.verify(&algorithm, message, signature),
    }
    .is_ok()
}

/// A chip with the key of a CVCA, which binds to this identifier and this key of the terminal.
struct Chip {
    file: Vec<u8>,
    known: Vec<(PublicKeyReference, CvPublicKey)>,
    selected: Option<CvPublicKey>,
    binds_to: Vec<u8>,
    seen: Vec<u8>,
}

impl Chip {
    fn answer(&mut self, command: &Command) -> Response {
        self.seen.push(command.instruction);
        let status = |status| Response::status_only(StatusWord(status));
        match (command.instruction, command.p1, command.p2) {
            (0xA4, ..) => status(0x9000),
            (0xB0, ..) => Response::new(self.file.clone(), StatusWord::SUCCESS),
            (0x22, 0x81, 0xB6 | 0xA4) => {
                let name = tlv::find(&command.data, Tag(0x83)).unwrap().unwrap();
                let known = self
                    .known
                    .iter()
                    .rev()
                    .find(|(known, _)| known.as_bytes() == name);
                self.selected = known.map(|(_, key)| key.clone());
                status(if self.selected.is_some() { 0x9000 } else { 0x6A88 })
            }
            (0x2A, 0x00, 0xBE) => {
                let certificate = CvCertificate::parse_value(&command.data).unwrap();
                let key = self.selected.take().unwrap();
                if !verifies(&key, certificate.signed_bytes(), certificate.signature()) {
                    return status(0x6300);
                }
                let body = certificate.body();
                self.known.push((body.holder.clone(), body.public_key.clone()));
                status(0x9000)
            }
            (0x84, ..) => Response::new(CHALLENGE, StatusWord::SUCCESS),
            (0x82, ..) => {
                let message = [&self.binds_to[..], &CHALLENGE, b"Comp(PK)"].concat();
                let good = verifies(self.selected.as_ref().unwrap(), &message, &command.data);
                status(if good { 0x9000 } else { 0x6300 })
            }
            _ => status(0x6D00),
        }
    }
}

/// A CVCA of two generations, a document verifier and a terminal.
struct Country {
    old: Party,
    new: Party,
    verifier: Party,
    terminal: Party,
}

impl Country {
    fn new(algorithm: SignatureAlgorithm) -> Self {
        Self {
            old: Party::new("CVCA", "00001", algorithm, 11),
            new: Party::new("CVCA", "00002", algorithm, 12),
            verifier: Party::new("DV", "00001", algorithm, 13),
            terminal: Party::new("GATE", "00001", algorithm, 14),
        }
    }

    fn certificates(&self) -> TerminalCertificates {
        let both = [DataGroup::DG3, DataGroup::DG4];
        let domestic = CertificateRole::DomesticDocumentVerifier;
        TerminalCertificates::new([
            self.verifier
                .certify(&self.terminal, CertificateRole::Terminal, &both),
            self.new.certify(&self.verifier, domestic, &[DataGroup::DG3]),
            self.old.certify(&self.new, CertificateRole::Cvca, &both),
            self.new.certify(&self.new, CertificateRole::Cvca, &both),
        ])
    }

    fn key(&self) -> SoftwareTerminalKey<ReplayedRandomness> {
        SoftwareTerminalKey::new(self.terminal.key.clone(), randomness(2))
    }

    /// A chip that knows this generation.
    fn chip(known: &Party, binds_to: &[u8]) -> Chip {
        let current = known.name.clone();
        let previous = None;
        Chip {
            file: CvcaReferences { current, previous }.encode(),
            known: vec![(known.name.clone(), known.public_key())],
            selected: None,
            binds_to: binds_to.to_vec(),
            seen: Vec::new(),
        }
    }
}

/// EF.CVCA and terminal authentication under secure messaging; the identifiers are `dynamic` and `static`.
fn run(
    chip: &mut Chip,
    certificates: &TerminalCertificates,
    key: &dyn TerminalKey,
) -> Result<TerminalAuthentication, ChipError> {
    let keys = SessionKeys {
        cipher: Cipher::Aes128,
        encryption: Secret::new([1; 16]),
        mac: Secret::new([2; 16]),
    };
    let mut card_side = CardSide::new(keys.clone());
    let answer = |command: &Command| card_side.answer(command, |inside| chip.answer(inside));
    let channel = AnsweringChip::new(Limits::extended(Link::Contact), answer);
    let mut connection = Connection::new(channel, true);
    connection.secure(SecureMessaging::new(keys));
    let identifiers = Identifiers {
        chip: vec![
            (TerminalBinding::Dynamic, b"dynamic"),
            (TerminalBinding::Static, b"static"),
        ],
        terminal_key: b"Comp(PK)",
    };
    block_on(async {
        let authorities = cvca_references::read(&mut connection, None).await?;
        authenticate(&mut connection, &authorities, certificates, key, &identifiers).await
    })
}

#[test]
fn a_chip_takes_the_chain_and_the_signature_with_every_algorithm() {
    let (sha1, sha256) = (HashAlgorithm::Sha1, HashAlgorithm::Sha256);
    let rsa = [sha1, sha256].map(SignatureAlgorithm::RsaPkcs1v15);
    let pss = [sha1, sha256].map(SignatureAlgorithm::pss);
    let ecdsa = HashAlgorithm::ALL.map(SignatureAlgorithm::Ecdsa);
    for algorithm in rsa.into_iter().chain(pss).chain(ecdsa) {
        let country = Country::new(algorithm);
        let mut chip = Country::chip(&country.new, b"dynamic");
        let proof = run(&mut chip, &country.certificates(), &country.key()).unwrap();
        assert_eq!(proof.authority(), &country.new.name);
        assert_eq!(proof.holder(), &country.terminal.name);
        assert_eq!(proof.binding(), TerminalBinding::Dynamic);
        // The document verifier may let it read the fingers only.
        assert!(proof.may_read(DataGroup::DG3) && !proof.may_read(DataGroup::DG4));
        assert_eq!(
            chip.seen,
            [0xA4, 0xB0, 0x22, 0x2A, 0x22, 0x2A, 0x22, 0x84, 0x82],
            "{algorithm:?}"
        );
    }
}

#[test]
fn a_link_certificate_takes_an_old_chip_to_the_new_generation() {
    let country = Country::new(ECDSA);
    let mut chip = Country::chip(&country.old, b"dynamic");
    let proof = run(&mut chip, &country.certificates(), &country.key()).unwrap();
    assert_eq!(proof.authority(), &country.old.name);
    assert_eq!(chip.known.len(), 4);
}

#[test]
fn binds_to_the_document_number_where_the_chip_wants_that() {
    let country = Country::new(ECDSA);
    let mut chip = Country::chip(&country.new, b"static");
    let proof = run(&mut chip, &country.certificates(), &country.key()).unwrap();
    assert_eq!(proof.binding(), TerminalBinding::Static);
    let mut chip = Country::chip(&country.new, b"another");
    let refused = run(&mut chip, &country.certificates(), &country.key()).unwrap_err();
    assert_eq!(
        (refused.code(), refused.status_word()),
        ("terminal-authentication-failed", Some(0x6300))
    );
}

#[test]
fn says_which_keys_no_chain_begins_under() {
    let country = Country::new(ECDSA);
    let stranger = Party::new("OTHR", "00001", ECDSA, 20);
    let mut chip = Country::chip(&stranger, b"dynamic");
    let error = run(&mut chip, &country.certificates(), &country.key()).unwrap_err();
    assert_eq!(error.code(), "no-certificate-chain");
    assert!(error.to_string().contains("UTOTHR00001"), "{error}");
    // Nothing was presented.
    assert_eq!(chip.seen, [0xA4, 0xB0]);
}

#[test]
fn says_which_certificate_the_chip_refused() {
    let country = Country::new(ECDSA);
    let imposter = Party::new("CVCA", "00002", ECDSA, 21);
    let mut chip = Country::chip(&imposter, b"dynamic");
    let error = run(&mut chip, &country.certificates(), &country.key()).unwrap_err();
    assert_eq!(error.code(), "terminal-certificate-refused");
    assert!(error.to_string().contains("UTDV00001"), "{error}");
    assert_eq!(error.step(), Some("terminal-verify-certificate"));
}

#[test]
fn a_key_that_is_not_the_certificates_fails() {
    let country = Country::new(ECDSA);
    let mut chip = Country::chip(&country.new, b"dynamic");
    let other = Party::new("GATE", "00001", ECDSA, 22);
    let key = SoftwareTerminalKey::new(other.key, randomness(2));
    let error = run(&mut chip, &country.certificates(), &key).unwrap_err();
    assert_eq!(error.code(), "terminal-authentication-failed");

    let rsa = Party::new("GATE", "00001", RSA, 23);
    let mut chip = Country::chip(&country.new, b"dynamic");
    let key = SoftwareTerminalKey::new(rsa.key, randomness(2));
    let error = run(&mut chip, &country.certificates(), &key).unwrap_err();
    assert_eq!(
        error,
        ChipError::TerminalKey {
            error: TerminalKeyError::Unsuitable
        }
    );
    assert_eq!(
        std::format!("{key:?}"),
        "SoftwareTerminalKey(SigningKey(RSA, 1024 bits))"
    );
}

#[test]
fn a_signature_by_a_token_reaches_the_chip_as_it_is() {
    struct Token;
    impl TerminalKey for Token {
        fn sign(&self, algorithm: &SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, TerminalKeyError> {
            assert_eq!(algorithm.hash(), HashAlgorithm::Sha256);
            assert_eq!(message, b"dynamicr.IC 8 bComp(PK)");
            Err(TerminalKeyError::Unavailable)
        }
    }
    let country = Country::new(ECDSA);
    let mut chip = Country::chip(&country.new, b"dynamic");
    let error = run(&mut chip, &country.certificates(), &Token).unwrap_err();
    assert_eq!(error.code(), "terminal-key-failed");
}
