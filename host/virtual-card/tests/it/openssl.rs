//! Certificates, revocation lists and signed data before OpenSSL.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use chipgate_apdu::tlv::{self, Reader, Tag};
use chipgate_crypto::Curve;
use chipgate_virtual_card::{
    Fault, IssueOptions, Pki, PkiOptions, Profile, SignerAlgorithm, issue, profiles,
};
use rand::{SeedableRng, rngs::StdRng};
use tempfile::TempDir;

use crate::common::{NOW, PKI, card_file};

fn openssl(arguments: &[&str], dir: &Path) -> Option<Output> {
    match Command::new("openssl").args(arguments).current_dir(dir).output() {
        Ok(output) => Some(output),
        Err(error) => {
            println!("skipped: openssl cannot be run ({error})");
            None
        }
    }
}

/// Runs OpenSSL, and fails if it does; `None` where there is no OpenSSL.
fn succeeds(arguments: &str, dir: &Path) -> Option<String> {
    let output = openssl(&arguments.split(' ').collect::<Vec<_>>(), dir)?;
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "openssl {arguments}: {text}");
    Some(text)
}

fn fails(arguments: &str, dir: &Path) -> Option<String> {
    let output = openssl(&arguments.split(' ').collect::<Vec<_>>(), dir)?;
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!output.status.success(), "openssl {arguments}: {text}");
    Some(text)
}

fn written() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    PKI.write(dir.path()).unwrap();
    dir
}

/// The anchor and its revocation list as PEM, for options that take nothing else.
fn pem(dir: &Path, state: &str) -> Option<PathBuf> {
    succeeds(
        &format!("x509 -inform DER -in {state}/csca.der -out {state}/csca.pem"),
        dir,
    )?;
    succeeds(
        &format!("crl -inform DER -in {state}/csca.crl -out {state}/crl.pem"),
        dir,
    )?;
    Some(dir.join(state))
}

fn verify(state: &str, certificate: &str) -> String {
    let time = NOW.seconds();
    format!(
        "verify -attime {time} -crl_check -CAfile {state}/csca.pem -CRLfile {state}/crl.pem {state}/{certificate}.der"
    )
}

#[test]
fn openssl_accepts_every_sound_signer_and_its_revocation_list() {
    let dir = written();
    for state in ["VN", "UT"] {
        if pem(dir.path(), state).is_none() {
            return;
        }
        let crl = format!("crl -inform DER -in {state}/csca.crl -CAfile {state}/csca.pem -noout");
        assert!(succeeds(&crl, dir.path()).unwrap().contains("verify OK"));
    }
    let mut signers = vec!["ds".to_owned(), "ds-rsa".into(), "ds-rsa-pkcs1".into()];
    signers.extend(Curve::ALL.map(|curve| format!("ds-{}", curve.name())));
    for signer in signers {
        succeeds(&verify("UT", &signer), dir.path());
    }
}

#[test]
fn openssl_follows_the_link_to_an_authoritys_next_key() {
    let dir = written();
    if pem(dir.path(), "UT").is_none() {
        return;
    }
    for name in ["csca-link", "ds-next"] {
        let command = format!("x509 -inform DER -in UT/{name}.der -out UT/{name}.pem");
        succeeds(&command, dir.path());
    }
    let time = NOW.seconds();
    let verify = format!("verify -attime {time} -CAfile UT/csca.pem");
    succeeds(
        &format!("{verify} -untrusted UT/csca-link.pem UT/ds-next.pem"),
        dir.path(),
    );
    fails(&format!("{verify} UT/ds-next.pem"), dir.path());
    succeeds(
        "x509 -inform DER -in UT/csca-next.der -out UT/csca-next.pem",
        dir.path(),
    );
    let crl = "crl -inform DER -in UT/csca-next.crl -CAfile UT/csca-next.pem -noout";
    assert!(succeeds(crl, dir.path()).unwrap().contains("verify OK"));
}

/// Each key and hash that a signer may have, under an authority of the same kind.
#[test]
fn openssl_verifies_a_pki_of_every_algorithm() {
    let mut rng = StdRng::seed_from_u64(3);
    let kinds = SignerAlgorithm::all().filter(|kind| {
        !matches!(
            kind,
            SignerAlgorithm::RsaPss { .. } | SignerAlgorithm::RsaPkcs1 { .. }
        )
    });
    let rsa = ["rsa-2048-pss-sha384", "rsa-1024-pkcs1-sha1"].map(|name| name.parse().unwrap());
    for kind in kinds.chain(rsa) {
        let dir = tempfile::tempdir().unwrap();
        let options = PkiOptions {
            authority: Some(kind),
            signer: Some(kind),
            ..PkiOptions::default()
        };
        let pki = Pki::generate_with(&options, &mut rng, NOW).unwrap();
        pki.write(dir.path()).unwrap();
        assert_eq!(Pki::read(dir.path()).unwrap().anchors(), pki.anchors(), "{kind}");
        if pem(dir.path(), "UT").is_none() {
            return;
        }
        // Security level 0: some of these algorithms are older than OpenSSL's defaults.
        let command = verify("UT", "ds").replacen("verify", "verify -auth_level 0", 1);
        succeeds(&command, dir.path());
        let card = issue(Profile::Td3Pace, &pki, &IssueOptions::default(), &mut rng, NOW).unwrap();
        let sod = tlv::single(card.file("EF.SOD").unwrap(), Tag(0x77)).unwrap();
        fs::write(dir.path().join("sod"), sod).unwrap();
        succeeds(
            "cms -verify -inform DER -in sod -noverify -out content",
            dir.path(),
        );
    }
}

#[test]
fn openssl_names_what_is_wrong_with_the_other_signers() {
    let dir = written();
    if pem(dir.path(), "UT").is_none() {
        return;
    }
    for (signer, complaint) in [
        ("ds-expired", "certificate has expired"),
        ("ds-early", "certificate is not yet valid"),
        ("ds-revoked", "certificate revoked"),
        ("ds-foreign", "unable to get local issuer certificate"),
        ("ds-forged", "certificate signature failure"),
    ] {
        let text = fails(&verify("UT", signer), dir.path()).unwrap();
        assert!(text.contains(complaint), "{signer}: {text}");
    }
}

/// OpenSSL builds no path over a certificate with explicit curve parameters, as Doc 9303-12 wants them; the
/// signatures it does check.
#[test]
fn openssl_verifies_the_signatures_on_certificates_with_explicit_parameters() {
    let dir = written();
    if succeeds(
        "x509 -inform DER -in VN/csca.der -noout -pubkey -out VN/csca.pub",
        dir.path(),
    )
    .is_none()
    {
        return;
    }
    for (name, sound) in [
        ("csca", true),
        ("ds", true),
        ("ds-revoked", true),
        ("ds-forged", false),
    ] {
        let certificate = fs::read(dir.path().join(format!("VN/{name}.der"))).unwrap();
        let mut reader = Reader::new(tlv::single(&certificate, Tag(0x30)).unwrap());
        let signed = reader.expect(Tag(0x30)).unwrap().raw;
        reader.expect(Tag(0x30)).unwrap();
        let signature = &reader.expect(Tag(0x03)).unwrap().value[1..];
        fs::write(dir.path().join("signed"), signed).unwrap();
        fs::write(dir.path().join("signature"), signature).unwrap();
        let command = "dgst -sha384 -verify VN/csca.pub -signature signature signed";
        if sound {
            succeeds(command, dir.path())
        } else {
            fails(command, dir.path())
        };
    }
}

#[test]
fn certificates_say_what_doc_9303_12_wants() {
    let dir = written();
    let show = |name: &str| {
        succeeds(
            &format!("x509 -inform DER -in {name}.der -noout -text"),
            dir.path(),
        )
    };
    let Some(authority) = show("VN/csca") else { return };
    for part in [
        "Issuer: C = VN, O = chipgate test PKI, CN = CSCA Vietnam TEST",
        "ecdsa-with-SHA384",
        "CA:TRUE, pathlen:0",
        "Certificate Sign, CRL Sign",
        "Private Key Usage Period",
    ] {
        assert!(authority.contains(part), "{part} is not in {authority}");
    }
    let signer = show("VN/ds").unwrap();
    for part in [
        "Digital Signature",
        "Field Type: prime-field",
        "Not Before: Oct 25",
        "Subject Key Identifier",
    ] {
        assert!(signer.contains(part), "{part} is not in {signer}");
    }
    assert!(!signer.contains("Extended Key Usage"));
    assert!(show("UT/ds").unwrap().contains("2.23.136.1.1.6.2"));
}

#[test]
fn openssl_verifies_the_master_list() {
    let dir = written();
    if pem(dir.path(), "UT").is_none() {
        return;
    }
    let time = NOW.seconds();
    let command = format!(
        "cms -verify -inform DER -in masterlist.ml -CAfile UT/csca.pem -purpose any -attime {time} -out content"
    );
    succeeds(&command, dir.path());
    let content = fs::read(dir.path().join("content")).unwrap();
    let list = tlv::single(&content, Tag(0x30)).unwrap();
    let certificates = tlv::find(list, Tag(0x31)).unwrap().unwrap();
    for anchor in PKI.anchors() {
        assert!(certificates.windows(anchor.len()).any(|window| window == anchor));
    }
}

#[test]
fn openssl_verifies_the_security_object_of_every_profile() {
    let dir = written();
    for profile in profiles() {
        let vietnam = matches!(profile, Profile::VnCccd | Profile::VnChild);
        let state = if vietnam { "VN" } else { "UT" };
        if pem(dir.path(), state).is_none() {
            return;
        }
        let card = card_file(*profile, &[]);
        let sod = tlv::single(card.file("EF.SOD").unwrap(), Tag(0x77)).unwrap();
        fs::write(dir.path().join("sod"), sod).unwrap();
        let time = NOW.seconds();
        // No path over explicit curve parameters (see above): there, the signature alone.
        let path = if state == "VN" {
            "-noverify"
        } else {
            "-purpose any"
        };
        let command = format!(
            "cms -verify -inform DER -in sod -CAfile {state}/csca.pem {path} -attime {time} -out content"
        );
        succeeds(&command, dir.path());
        let text = succeeds("cms -cmsout -print -inform DER -in sod", dir.path()).unwrap();
        for part in ["signingTime", "2.23.136.1.1.1", "issuerAndSerialNumber"] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
}

#[test]
fn openssl_refuses_an_altered_security_object() {
    let dir = written();
    for fault in [Fault::AlteredSod, Fault::BrokenSignature, Fault::ForeignSod] {
        if pem(dir.path(), "UT").is_none() {
            return;
        }
        let card = card_file(Profile::Td3Pace, &[fault]);
        let sod = tlv::single(card.file("EF.SOD").unwrap(), Tag(0x77)).unwrap();
        fs::write(dir.path().join("sod"), sod).unwrap();
        let time = NOW.seconds();
        fails(
            &format!(
                "cms -verify -inform DER -in sod -CAfile UT/csca.pem -purpose any -attime {time} -out content"
            ),
            dir.path(),
        );
    }
}

#[test]
fn a_pki_survives_its_folder_and_keeps_its_keys_private() {
    use std::os::unix::fs::PermissionsExt;
    let dir = written();
    let read = Pki::read(dir.path()).unwrap();
    assert_eq!(read.anchors(), PKI.anchors());
    assert_eq!(read.revocation_lists(), PKI.revocation_lists());
    assert_eq!(read.master_list(), PKI.master_list());
    for key in [
        "VN/csca.key",
        "UT/ds.key",
        "masterlist-signer.key",
        "terminal/is.key",
        "cvca/cvca.key",
    ] {
        let mode = fs::metadata(dir.path().join(key)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{key}");
    }
    let trusted = fs::read_dir(Pki::trust_folder(dir.path())).unwrap().count();
    assert_eq!(
        trusted, 8,
        "two authorities, their links, and two revocation lists each"
    );
}
