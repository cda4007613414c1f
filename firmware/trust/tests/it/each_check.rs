//! One document for each check that nothing else would stop: with the check left out, it would pass.

use chipgate_apdu::{Timestamp, tlv::Reader};
use chipgate_crypto::{Curve, HashAlgorithm, SignatureAlgorithm};
use chipgate_trust::StepResult::{Failed, Successful, Undetermined};
use chipgate_trust::{
    Certificate, MemoryAnchors, PassiveAuthentication, PathOptions, RevocationList, SignerIdentifier,
    StepResult, TrustAnchor, TrustFault, Wanted, authenticate_card_security, authenticate_defect_list,
    authenticate_security_object, read_unverified_defect_list,
};

use crate::cms::digest_identifier;
use crate::fixtures::NOW;
use crate::judged::{anchors, authenticate, judge, options};
use crate::pki::{self, Algorithm, KEY_USAGE, Made, Plan, der, extension, name, oid, sequence};

const MASTER_LIST_SIGNING: &str = "2.23.136.1.1.3";
const DEFECT_LIST: &str = "0.4.0.127.0.7.3.1.5";
const DEFECT_LIST_SIGNING: &str = "0.4.0.127.0.7.3.11.2.1.2";

fn plan() -> Plan {
    Plan::new(Algorithm::ecdsa(Curve::P256, HashAlgorithm::Sha256))
}

fn issuer_certificate(plan: &Plan) -> StepResult {
    authenticate(plan).issuer_certificate()
}

/// Doc 9303-12, 7.1.1: that all names lack a country does not make them agree.
#[test]
fn a_path_without_any_country_does_not_agree_on_one() {
    let nameless = |common: &str| {
        let attribute = sequence(&[&oid("2.5.4.3"), &der(0x0C, &[common.as_bytes()])]);
        sequence(&[&der(0x31, &[&attribute])])
    };
    let mut plan = plan();
    plan.authority.subject = nameless("CSCA Example");
    plan.authority.issuer = plan.authority.subject.clone();
    plan.signer.issuer = plan.authority.subject.clone();
    plan.signer.subject = nameless("Signer");
    assert_eq!(issuer_certificate(&plan), Failed(TrustFault::CountryMismatch));
}

/// RFC 5280, 4.2.
#[test]
fn an_extension_that_stands_there_twice_forbids_the_certificate() {
    let mut plan = plan();
    let first = plan.signer.extensions[2].clone();
    plan.signer.extensions.push(first);
    assert_eq!(
        issuer_certificate(&plan),
        Failed(TrustFault::CertificateMalformed)
    );
}

/// RFC 5280, 6.1.3 (a)(4): the key alone does not make an issuer.
#[test]
fn an_anchor_of_another_name_is_no_issuer_though_its_key_signed() {
    let mut plan = plan();
    plan.signer.issuer = name("VN", "CSCA Another");
    assert_eq!(issuer_certificate(&plan), Undetermined(TrustFault::NoIssuerFound));
}

/// What the path to a signer comes to whose issuer's certificate is this one, signed by an older anchor.
fn by_link(plan: &Plan, change: impl FnOnce(&mut pki::Certificate)) -> StepResult {
    let made = plan.make();
    let mut old = Plan::new(Algorithm::ecdsa(Curve::P384, HashAlgorithm::Sha384));
    old.authority.subject = name("VN", "CSCA Former");
    old.authority.issuer = old.authority.subject.clone();
    let old_made = old.make();
    let mut link = plan.authority.clone();
    link.issuer.clone_from(&old.authority.subject);
    change(&mut link);
    let spki = made.authority_key.public_key().to_spki_der();
    let link = link.sign(&spki, &old_made.authority_key, old.algorithm.signature);
    let link = Certificate::from_der(&link).unwrap();
    let mut anchors: MemoryAnchors = [TrustAnchor::from_der(&old_made.authority).unwrap()]
        .into_iter()
        .collect();
    anchors.add_known(link);
    judge(&made.sod(), &anchors).issuer_certificate()
}

#[test]
fn a_link_has_the_issuers_name_and_is_an_authoritys() {
    let missing = Undetermined(TrustFault::NoIssuerFound);
    assert_eq!(by_link(&plan(), |_| {}), Successful);
    assert_eq!(
        by_link(&plan(), |link| link.subject = name("VN", "CSCA Another")),
        missing
    );
    let no_authority = |link: &mut pki::Certificate| drop(link.extensions.pop());
    assert_eq!(by_link(&plan(), no_authority), missing);
    let no_certificates = |link: &mut pki::Certificate| {
        link.extensions[2] = extension(KEY_USAGE, true, &[3, 2, 1, 2]);
    };
    assert_eq!(by_link(&plan(), no_certificates), missing);
}

fn revocation(plan: &Plan, list: &[u8]) -> StepResult {
    let made = plan.make();
    let mut anchors = MemoryAnchors::new();
    anchors.add(TrustAnchor::from_der(&made.authority).unwrap());
    anchors.add_revocation(RevocationList::from_der(list).unwrap());
    judge(&made.sod(), &anchors).revocation()
}

/// RFC 5280, 5.2.5: lists for some reasons, for others' certificates, and for attribute certificates clear nobody.
#[test]
fn a_list_of_a_part_clears_nobody() {
    let plan = plan();
    let parts: [&[u8]; 3] = [&[0x83, 2, 1, 0x40], &[0x84, 1, 0xFF], &[0x85, 1, 0xFF]];
    for part in parts {
        let scope = extension("2.5.29.28", true, &sequence(&[part]));
        let list = pki::revocation_list(&plan, &plan.make(), &[], &[scope]);
        let found = revocation(&plan, &list);
        assert_eq!(found, Undetermined(TrustFault::CrlUnsupported), "{part:?}");
    }
    // An unknown extension that is critical, of the list.
    let unknown = extension("1.3.6.1.4.1.99999.1", true, &[5, 0]);
    let list = pki::revocation_list(&plan, &plan.make(), &[], &[unknown]);
    assert_eq!(revocation(&plan, &list), Undetermined(TrustFault::CrlUnsupported));
}

/// Doc 9303-12, CSCA profile: cRLSign.
#[test]
fn a_list_by_a_key_that_may_not_sign_lists_clears_nobody() {
    let mut plan = plan();
    plan.authority.extensions[2] = extension(KEY_USAGE, true, &[3, 2, 2, 4]);
    let list = pki::revocation_list(&plan, &plan.make(), &[], &[]);
    assert_eq!(
        revocation(&plan, &list),
        Undetermined(TrustFault::CrlSignatureInvalid)
    );
}

/// The signed part of a certificate or a list, with ecdsa-with-SHA512 where it names ecdsa-with-SHA256.
fn naming_another_algorithm(object: &[u8]) -> Vec<u8> {
    let whole = Reader::new(object).next().unwrap().unwrap().value;
    let mut tbs = Reader::new(whole).next().unwrap().unwrap().raw.to_vec();
    let algorithm = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2];
    let at = tbs.windows(8).position(|window| window == algorithm).unwrap();
    tbs[at + 7] = 4;
    tbs
}

/// RFC 5280, 4.1.1.2 and 5.1.1.2: both fields name one algorithm. The signatures themselves hold.
#[test]
fn an_algorithm_that_is_signed_and_another_one_that_is_used_are_told() {
    let plan = plan();
    let made = plan.make();
    let signature = plan.algorithm.signature;
    let list = pki::revocation_list(&plan, &made, &[], &[]);
    let list = pki::signed(&naming_another_algorithm(&list), &made.authority_key, signature);
    assert_eq!(
        revocation(&plan, &list),
        Undetermined(TrustFault::CrlSignatureInvalid)
    );
    let signer = pki::signed(
        &naming_another_algorithm(&made.signer),
        &made.authority_key,
        signature,
    );
    let found = judge(&made.sod_with(&[&signer]), &anchors(&plan, &made, &[]));
    assert_eq!(
        found.issuer_certificate(),
        Failed(TrustFault::CertificateMalformed)
    );
}

/// RFC 5280, 5.2.3 and 4.1.2.2: a serial number names a certificate of one issuer only.
#[test]
fn a_signer_is_named_by_issuer_and_serial_number_together() {
    let signer = Certificate::from_der(&plan().make().signer).unwrap();
    let mut other = plan();
    other.signer.issuer = name("VN", "CSCA Another");
    let other = Certificate::from_der(&other.make().signer).unwrap();
    assert_eq!(signer.serial_number(), other.serial_number());
    let named = |issuer: &Certificate, serial: &[u8]| {
        SignerIdentifier::IssuerAndSerialNumber(issuer.issuer().clone(), serial.to_vec())
    };
    assert!(Wanted::Signer(&named(&signer, signer.serial_number())).is(&signer));
    assert!(!Wanted::Signer(&named(&other, signer.serial_number())).is(&signer));
    assert!(!Wanted::Signer(&named(&signer, &[8])).is(&signer));
}

fn with_purpose(content_type: &'static str, content: Vec<u8>, purpose: &str) -> (Plan, Made) {
    let mut plan = plan();
    plan.content_type = content_type;
    plan.content = content;
    let usage = extension("2.5.29.37", true, &sequence(&[&oid(purpose)]));
    plan.signer.extensions.push(usage);
    let made = plan.make();
    (plan, made)
}

/// A key for one kind of object signs no other one.
#[test]
fn a_signer_of_lists_signs_no_card_security_and_no_other_lists() {
    let unfit = Failed(TrustFault::WrongKeyUsage);
    let key = plan().make().signer_key.public_key().to_spki_der();
    let infos = der(0x31, &[&sequence(&[&oid("0.4.0.127.0.7.2.2.1.2"), &key])]);
    let (plan, made) = with_purpose("0.4.0.127.0.7.3.2.1", infos, MASTER_LIST_SIGNING);
    let found = authenticate_card_security(&made.cms, &anchors(&plan, &made, &[]), NOW, &options());
    assert_eq!(
        (found.signature(), found.issuer_certificate()),
        (Successful, unfit)
    );
    let deviations = sequence(&[&[2, 1, 0], &der(0x31, &[])]);
    let (plan, made) = with_purpose("2.23.136.1.1.7", deviations, DEFECT_LIST_SIGNING);
    let found = authenticate_defect_list(&made.cms, &anchors(&plan, &made, &[]), NOW, &options());
    assert_eq!(
        (found.signature(), found.issuer_certificate()),
        (Successful, unfit)
    );
}

/// TR-03129-2, 7.1: by the signer's name, by the hash of its certificate, or by both.
#[test]
fn a_defect_concerns_the_signer_that_it_names_and_no_other() {
    let document = Certificate::from_der(&plan().make().signer).unwrap();
    let known = der(0x31, &[&sequence(&[&oid(&format!("{DEFECT_LIST}.1.3"))])]);
    let hash = der(4, &[&HashAlgorithm::Sha256.digest(document.der())]);
    let other_hash = der(4, &[&[7; 32]]);
    let signer = |serial: u8| sequence(&[&name("VN", "CSCA Example"), &[2, 1, serial]]);
    let concerned = |fields: &[&[u8]]| {
        let defect = sequence(&[&fields.concat(), &known]);
        let content = sequence(&[&[2, 1, 0], &oid("2.16.840.1.101.3.4.2.1"), &der(0x31, &[&defect])]);
        let (_, made) = with_purpose(DEFECT_LIST, content, DEFECT_LIST_SIGNING);
        let (list, _) = read_unverified_defect_list(&made.cms).unwrap();
        !list.of(&document).is_empty()
    };
    for (fields, expected) in [
        (&[&signer(7)[..]][..], true),
        (&[&signer(8)], false),
        (&[&hash], true),
        (&[&other_hash], false),
        (&[&signer(7), &hash], true),
        (&[&signer(7), &other_hash], false),
        (&[&signer(8), &hash], false),
    ] {
        assert_eq!(concerned(fields), expected, "{fields:02X?}");
    }
}

/// RFC 3280, 4.2.1.4: the object says that it was signed on 2026-02-01.
#[test]
fn a_signature_before_or_after_the_keys_own_time_is_told() {
    let within = |period: &[&[u8]]| {
        let mut plan = plan();
        plan.signer.extensions[3] = extension("2.5.29.16", false, &sequence(period));
        authenticate(&plan).key_usage_period()
    };
    let outside = Failed(TrustFault::OutsideKeyUsagePeriod);
    let from = |time: &[u8]| der(0x80, &[time]);
    let until = |time: &[u8]| der(0x81, &[time]);
    assert_eq!(within(&[&from(b"20260201000000Z")]), Successful);
    assert_eq!(within(&[&from(b"20260201000001Z")]), outside);
    assert_eq!(within(&[&until(b"20260201000000Z")]), Successful);
    assert_eq!(within(&[&until(b"20260131235959Z")]), outside);
}

/// A list that does not say when the next one is due counts for the time that the options name, from its issue.
#[test]
fn a_list_without_next_update_ends_with_its_lifetime() {
    let plan = plan();
    let made = plan.make();
    let list = pki::revocation_list(&plan, &made, &[], &[]);
    let whole = Reader::new(&list).next().unwrap().unwrap().value;
    let tbs = Reader::new(whole).next().unwrap().unwrap().value;
    let mut fields = Reader::new(tbs);
    let mut kept: Vec<&[u8]> = Vec::new();
    while let Some(field) = fields.next().unwrap() {
        kept.push(field.raw);
    }
    // version, signature, issuer, thisUpdate, nextUpdate
    kept.remove(4);
    let list = pki::signed(&sequence(&kept), &made.authority_key, plan.algorithm.signature);
    let list = RevocationList::from_der(&list).unwrap();
    assert_eq!(list.next_update(), None);
    let issued = list.this_update();
    let mut anchors = MemoryAnchors::new();
    anchors.add(TrustAnchor::from_der(&made.authority).unwrap());
    anchors.add_revocation(list);
    let options = options();
    let end = issued.0 + u64::try_from(options.crl_lifetime.as_millis()).unwrap();
    let check =
        |at| authenticate_security_object(&made.sod(), &anchors, Timestamp(at), &options).revocation();
    assert_eq!(check(end), Successful);
    assert_eq!(check(end + 1), Undetermined(TrustFault::CrlExpired));
}

/// What the path of a document comes to where the policy allows no SHA-1.
fn strict(plan: &Plan, anchors: &MemoryAnchors) -> PassiveAuthentication {
    authenticate_security_object(&plan.make().sod(), anchors, NOW, &PathOptions::default())
}

#[test]
fn sha_1_on_a_list_or_on_a_link_is_told_where_it_is_not_allowed() {
    let plan = plan();
    let made = plan.make();
    let sha_1 = Algorithm::ecdsa(Curve::P256, HashAlgorithm::Sha1);
    let weak = Undetermined(TrustFault::WeakHash);
    // By the same key.
    let mut of_list = plan.clone();
    of_list.authority_algorithm = sha_1;
    let list = pki::revocation_list(&of_list, &made, &[], &[]);
    let mut with_list = MemoryAnchors::new();
    with_list.add(TrustAnchor::from_der(&made.authority).unwrap());
    with_list.add_revocation(RevocationList::from_der(&list).unwrap());
    assert_eq!(strict(&plan, &with_list).revocation(), weak);
    assert_eq!(judge(&made.sod(), &with_list).revocation(), Successful);

    let mut old = Plan::new(Algorithm::ecdsa(Curve::P384, HashAlgorithm::Sha384));
    old.authority.subject = name("VN", "CSCA Former");
    old.authority.issuer = old.authority.subject.clone();
    let old_made = old.make();
    let mut link = plan.authority.clone();
    link.issuer = old.authority.subject.clone();
    let spki = made.authority_key.public_key().to_spki_der();
    for (hash, expected) in [(HashAlgorithm::Sha1, weak), (HashAlgorithm::Sha256, Successful)] {
        let link = link.sign(&spki, &old_made.authority_key, SignatureAlgorithm::Ecdsa(hash));
        let mut with_link = MemoryAnchors::new();
        with_link.add(TrustAnchor::from_der(&old_made.authority).unwrap());
        with_link.add_known(Certificate::from_der(&link).unwrap());
        assert_eq!(
            strict(&plan, &with_link).issuer_certificate(),
            expected,
            "{hash:?}"
        );
    }
}

/// RFC 5652, 5.3 and 11: once, and with one value.
#[test]
fn a_signed_attribute_that_is_there_twice_is_none() {
    let sound = plan();
    let digest = sound.algorithm.signature.hash().digest(&sound.content);
    let value = der(4, &[&digest]);
    let two_values = sequence(&[&oid(pki::MESSAGE_DIGEST), &der(0x31, &[&value, &value])]);
    let attributes = sound.sound_attributes();
    let twice = [&attributes[..], &attributes[2..]].concat();
    let of_two_values = [&attributes[..2], &[two_values]].concat();
    for attributes in [twice, of_two_values] {
        let mut plan = sound.clone();
        plan.attributes = Some(attributes);
        assert_eq!(
            authenticate(&plan).security_object(),
            Failed(TrustFault::SignedAttributesMissing)
        );
    }
}

/// The digest over the content and the hash of the signature may differ; either of them may be the weak one.
#[test]
fn sha_1_in_one_place_of_a_signer_info_is_enough_to_be_told() {
    let plan = plan();
    let made = plan.make();
    let (weak, strong) = (HashAlgorithm::Sha1, HashAlgorithm::Sha256);
    for (digest, hash) in [(weak, strong), (strong, weak)] {
        let mut info = plan.signer_info();
        info.digest = digest_identifier(digest);
        info.algorithm = SignatureAlgorithm::Ecdsa(hash);
        info.algorithm_identifier = info.algorithm.to_algorithm_identifier_der();
        let value = der(4, &[&digest.digest(&plan.content)]);
        let mut attributes = plan.sound_attributes();
        attributes[2] = sequence(&[&oid(pki::MESSAGE_DIGEST), &der(0x31, &[&value])]);
        attributes.sort();
        info.attributes = attributes;
        let (_, signed) = info.sign(&plan.content, &made.signer_key);
        let sod = made.sod_signed_by(&[&signed]);
        let anchors = anchors(&plan, &made, &[]);
        assert_eq!(judge(&sod, &anchors).security_object(), Successful);
        let found = authenticate_security_object(&sod, &anchors, NOW, &PathOptions::default());
        assert_eq!(
            found.security_object(),
            Undetermined(TrustFault::WeakHash),
            "{digest:?}"
        );
    }
}
