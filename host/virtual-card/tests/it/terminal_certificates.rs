//! When a chip takes a terminal's certificates, and what they make of its date and its trust points (TR-03110-3, 2.5).

use chipgate_apdu::{
    Command, StatusWord,
    tlv::{self, Tag},
};
use chipgate_crypto::{Curve, HashAlgorithm, SignatureAlgorithm, SigningKey};
use chipgate_lds::{
    CertificateRole, CvCertificate, CvCertificateBody, CvPublicKey, DataGroup, Date, HolderAuthorization,
    PublicKeyReference,
};
use chipgate_virtual_card::{HexBytes, Profile};
use rand::{SeedableRng, rngs::StdRng};

use crate::{
    common::card_file,
    terminal::{Terminal, ok},
    terminal_authentication::ready,
};

use CertificateRole::{
    Cvca as Authority, DomesticDocumentVerifier as Domestic, ForeignDocumentVerifier as Foreign,
    Terminal as InspectionSystem,
};

/// Year and month; all certificates begin and end on the first.
type Month = (u16, u8);
const REFUSED: Result<(), StatusWord> = Err(StatusWord::NO_INFORMATION);

/// A key and the certificate by which its authority makes it known.
struct Holder {
    reference: PublicKeyReference,
    key: SigningKey,
    certificate: CvCertificate,
}

fn first((year, month): Month) -> Date {
    Date::new(year, month, 1).unwrap()
}

impl Holder {
    /// An authority with its own, first certificate.
    fn root(from: Month, to: Month) -> Self {
        Self::new("CVCA", "00001", Authority, None, [from, to])
    }

    fn certify(&self, mnemonic: &str, number: &str, role: CertificateRole, valid: [Month; 2]) -> Self {
        Self::new(mnemonic, number, role, Some(self), valid)
    }

    /// The authority's next key, with the link to it.
    fn link(&self, number: &str, from: Month, to: Month) -> Self {
        self.certify("CVCA", number, Authority, [from, to])
    }

    fn verifier(&self, role: CertificateRole, from: Month, to: Month) -> Self {
        self.certify("DV", "00001", role, [from, to])
    }

    fn terminal(&self, from: Month, to: Month) -> Self {
        self.certify("IS", "00001", InspectionSystem, [from, to])
    }

    fn new(
        mnemonic: &str,
        number: &str,
        role: CertificateRole,
        issuer: Option<&Self>,
        [from, to]: [Month; 2],
    ) -> Self {
        let algorithm = SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256);
        let seed = u64::from(number.as_bytes()[4]) + 256 * u64::from(mnemonic.as_bytes()[0]);
        let key = SigningKey::generate_ec(Curve::BrainpoolP256r1, &mut StdRng::seed_from_u64(seed)).unwrap();
        let reference = PublicKeyReference::new("UT", mnemonic, number).unwrap();
        let authority = issuer.map_or(&reference, |issuer| &issuer.reference);
        let body = CvCertificateBody {
            authority: authority.clone(),
            public_key: CvPublicKey::new(&algorithm, &key.public_key(), role == Authority).unwrap(),
            holder: reference.clone(),
            authorization: HolderAuthorization::inspection_system(role, &[DataGroup::DG3]),
            effective_date: first(from),
            expiration_date: first(to),
            extensions: Vec::new(),
        };
        let signer = issuer.map_or(&key, |issuer| &issuer.key);
        let signature = signer.sign_plain(HashAlgorithm::Sha256, &body.encode()).unwrap();
        Self {
            certificate: CvCertificate::new(body, signature),
            reference,
            key,
        }
    }
}

/// A chip that trusts these and takes this for today, opened and its chip authenticated.
fn chip(trusted: &[&Holder], today: &str) -> Terminal {
    let mut file = card_file(Profile::Td3Eac, &[]);
    let settings = file.chip.terminal_authentication.as_mut().unwrap();
    let certificates = trusted.iter().map(|holder| HexBytes(holder.certificate.encode()));
    settings.trust_points = certificates.collect();
    settings.current_date = today.into();
    ready(&file, false)
}

/// MSE:Set DST and PSO: Verify Certificate.
fn show(terminal: &mut Terminal, holder: &Holder) -> Result<(), StatusWord> {
    let authority = tlv::encode(Tag(0x83), holder.certificate.body().authority.as_bytes());
    ok(terminal.send(&Command::new(0, 0x22, 0x81, 0xB6).with_data(authority)))?;
    let content = holder.certificate.encode_value();
    ok(terminal.send(&Command::new(0, 0x2A, 0x00, 0xBE).with_data(content))).map(|_| ())
}

/// EF.CVCA: the names of the keys that the chip trusts.
fn trusted(terminal: &mut Terminal) -> Vec<String> {
    let file = ok(terminal.send(&Command::new(0, 0xB0, 0x9C, 0).expecting(36))).unwrap();
    let mut reader = tlv::Reader::new(&file);
    let mut names = Vec::new();
    while let Ok(name) = reader.expect(Tag(0x42)) {
        names.push(String::from_utf8(name.value.to_vec()).unwrap());
    }
    names
}

#[test]
fn a_chip_that_was_long_away_takes_expired_links_and_reaches_todays_verifier() {
    let first = Holder::root((2026, 1), (2028, 1));
    let second = first.link("00002", (2027, 6), (2029, 6));
    let third = second.link("00003", (2029, 1), (2031, 1));
    let verifier = third.verifier(Domestic, (2030, 5), (2031, 1));
    let system = verifier.terminal((2030, 6), (2030, 12));
    // Another application of the chip has seen certificates of 2030; both links but the last have ended.
    let mut terminal = chip(&[&first], "300601");
    for holder in [&second, &third, &verifier, &system] {
        assert_eq!(show(&mut terminal, holder), Ok(()), "{}", holder.reference);
    }
    let names: Vec<String> = [&third, &second]
        .map(|holder| holder.reference.to_string())
        .into();
    assert_eq!(trusted(&mut terminal), names);
}

#[test]
fn an_expired_verifier_and_an_expired_terminal_are_refused() {
    let authority = Holder::root((2026, 1), (2029, 1));
    let (old, new) = (
        authority.verifier(Domestic, (2026, 2), (2027, 1)),
        authority.verifier(Domestic, (2026, 2), (2028, 1)),
    );
    assert_eq!(
        show(&mut chip(&[&authority], "270101"), &old),
        Ok(()),
        "its last day"
    );
    let mut terminal = chip(&[&authority], "270102");
    assert_eq!(show(&mut terminal, &old), REFUSED);
    assert_eq!(show(&mut terminal, &new), Ok(()));
    assert_eq!(show(&mut terminal, &new.terminal((2026, 11), (2027, 1))), REFUSED);
    assert_eq!(show(&mut terminal, &new.terminal((2026, 11), (2027, 2))), Ok(()));
}

#[test]
fn an_expired_trust_point_certifies_its_successor_and_no_verifier() {
    let first = Holder::root((2026, 1), (2028, 1));
    let second = first.link("00002", (2027, 6), (2031, 1));
    for role in [Domestic, Foreign] {
        let mut terminal = chip(&[&first], "300601");
        let verifier = first.verifier(role, (2027, 12), (2031, 1));
        assert_eq!(show(&mut terminal, &verifier), REFUSED);
        assert_eq!(show(&mut terminal, &second), Ok(()));
        assert_eq!(
            show(&mut terminal, &verifier),
            REFUSED,
            "the link changes nothing"
        );
        let verifier = second.verifier(role, (2027, 12), (2031, 1));
        assert_eq!(show(&mut terminal, &verifier), Ok(()));
    }
}

#[test]
fn a_link_moves_the_date_and_disables_what_has_ended_by_then() {
    let first = Holder::root((2026, 1), (2028, 1));
    let verifier = first.verifier(Domestic, (2026, 2), (2031, 1));
    let link = first.link("00002", (2028, 6), (2031, 1));
    let mut terminal = chip(&[&first], "260301");
    assert_eq!(show(&mut terminal, &verifier), Ok(()));
    assert_eq!(show(&mut terminal, &link), Ok(()));
    assert_eq!(show(&mut terminal, &verifier), REFUSED);
}

/// Whether a verifier that ended in March 2027 is still taken after these, by a chip in January of that year.
fn is_before_march(authority: &Holder, shown: &[&Holder]) -> bool {
    let mut terminal = chip(&[authority], "270101");
    for holder in shown {
        show(&mut terminal, holder).unwrap();
    }
    let ended = authority.verifier(Domestic, (2026, 2), (2027, 3));
    show(&mut terminal, &ended).is_ok()
}

#[test]
fn the_date_is_taken_from_links_verifiers_and_domestic_terminals_alone() {
    let authority = Holder::root((2026, 1), (2029, 1));
    let (early, late, end) = ((2027, 2), (2027, 4), (2028, 1));
    for role in [Domestic, Foreign] {
        let verifier = authority.verifier(role, early, end);
        assert!(is_before_march(&authority, &[&verifier]));
        let later = authority.verifier(role, late, end);
        assert!(!is_before_march(&authority, &[&later]), "{role:?}");
        let terminal = verifier.terminal(late, end);
        let moved = !is_before_march(&authority, &[&verifier, &terminal]);
        assert_eq!(moved, role == Domestic, "{role:?}");
    }
    assert!(!is_before_march(
        &authority,
        &[&authority.link("00002", late, end)]
    ));
}

#[test]
fn a_certificate_that_is_refused_moves_no_date() {
    let authority = Holder::root((2026, 1), (2029, 1));
    let stranger = Holder::new("XXCA", "00001", Authority, None, [(2026, 1), (2029, 1)]);
    let mut forged = stranger.verifier(Domestic, (2027, 4), (2028, 1));
    let mut body = forged.certificate.body().clone();
    body.authority = authority.reference.clone();
    forged.certificate = CvCertificate::new(body, forged.certificate.signature().to_vec());
    let mut terminal = chip(&[&authority], "270101");
    assert_eq!(show(&mut terminal, &forged), REFUSED);
    let ended = authority.verifier(Domestic, (2026, 2), (2027, 3));
    assert_eq!(show(&mut terminal, &ended), Ok(()));
}

#[test]
fn the_two_most_recent_authorities_are_kept() {
    let first = Holder::root((2026, 1), (2029, 1));
    let second = first.link("00002", (2027, 1), (2030, 1));
    // A link that was made late and begins early: it is not more recent for coming last.
    let between = first.link("00003", (2026, 6), (2030, 1));
    let mut terminal = chip(&[&first], "260101");
    for holder in [&second, &between] {
        assert_eq!(show(&mut terminal, holder), Ok(()));
    }
    let names: Vec<String> = [&second, &between]
        .map(|holder| holder.reference.to_string())
        .into();
    assert_eq!(trusted(&mut terminal), names);
}
