//! OpenSSL and Python's `cryptography` agree on each signature of the generated set: on the sound ones and on altered ones.

use std::fmt::Write;
use std::io::Write as _;
use std::process::{Command, Stdio};

use chipgate_apdu::tlv::{Reader, Tag};
use chipgate_crypto::{HashAlgorithm, SignatureAlgorithm};

use crate::pki::{Algorithm, Plan};

/// One signature: key, algorithm, what was signed, the signature.
struct Signature {
    algorithm: Algorithm,
    key: Vec<u8>,
    message: Vec<u8>,
    value: Vec<u8>,
}

/// The signature of EF.SOD and the one on its signer's certificate, in each algorithm.
fn signatures() -> Vec<Signature> {
    let mut signatures = Vec::new();
    for plan in Plan::all() {
        let made = plan.make();
        let certificate = Reader::new(&made.signer).expect(Tag(0x30)).unwrap().value;
        let mut parts = Reader::new(certificate);
        let tbs = parts.expect(Tag(0x30)).unwrap().raw.to_vec();
        parts.expect(Tag(0x30)).unwrap();
        let value = parts.expect(Tag(3)).unwrap().value[1..].to_vec();
        signatures.push(Signature {
            algorithm: plan.authority_algorithm,
            key: made.authority_key.public_key().to_spki_der(),
            message: tbs,
            value,
        });
        signatures.push(Signature {
            algorithm: plan.algorithm,
            key: made.signer_key.public_key().to_spki_der(),
            message: made.message.clone(),
            value: made.signature.clone(),
        });
    }
    signatures
}

fn hash_name(hash: HashAlgorithm) -> &'static str {
    match hash {
        HashAlgorithm::Sha1 => "sha1",
        HashAlgorithm::Sha224 => "sha224",
        HashAlgorithm::Sha256 => "sha256",
        HashAlgorithm::Sha384 => "sha384",
        HashAlgorithm::Sha512 => "sha512",
    }
}

#[test]
fn openssl_agrees_on_each_signature() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: openssl is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    for signature in signatures() {
        std::fs::write(file("key"), &signature.key).unwrap();
        std::fs::write(file("signature"), &signature.value).unwrap();
        let verify = |message: &[u8]| {
            std::fs::write(file("message"), message).unwrap();
            let mut command = Command::new("openssl");
            command.current_dir(folder.path()).args([
                "dgst",
                &format!("-{}", hash_name(signature.algorithm.signature.hash())),
                "-keyform",
                "DER",
                "-verify",
                "key",
                "-signature",
                "signature",
            ]);
            if let SignatureAlgorithm::RsaPss { salt_length, .. } = signature.algorithm.signature {
                command.args(["-sigopt", "rsa_padding_mode:pss"]);
                command.args(["-sigopt", &format!("rsa_pss_saltlen:{salt_length}")]);
            }
            command.arg("message").output().unwrap().status.success()
        };
        assert!(verify(&signature.message), "{:?}", signature.algorithm);
        assert!(
            !verify(&[&signature.message[..], b"!"].concat()),
            "{:?}",
            signature.algorithm
        );
    }
}

const SCRIPT: &str = "
import sys
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
for line in sys.stdin:
    kind, name, salt, key, message, value = line.split()
    digest = getattr(hashes, name.upper())()
    try:
        key = serialization.load_der_public_key(bytes.fromhex(key))
    except (UnsupportedAlgorithm, ValueError):
        print('unsupported')
        continue
    message, value = bytes.fromhex(message), bytes.fromhex(value)
    def check(message):
        try:
            if kind == 'ec':
                key.verify(value, message, ec.ECDSA(digest))
            elif kind == 'pss':
                key.verify(value, message, padding.PSS(padding.MGF1(digest), int(salt)), digest)
            else:
                key.verify(value, message, padding.PKCS1v15(), digest)
            return True
        except InvalidSignature:
            return False
    print('agreed' if check(message) and not check(message + b'!') else 'differs')
";

#[test]
fn pythons_cryptography_agrees_on_each_signature() {
    let probe = Command::new("python3")
        .args(["-c", "import cryptography"])
        .output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        println!("skipped: python3 with cryptography is not installed");
        return;
    }
    let mut python = Command::new("python3")
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let hex = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
    };
    let all = signatures();
    let mut lines = String::new();
    for signature in &all {
        let (kind, salt) = match signature.algorithm.signature {
            SignatureAlgorithm::Ecdsa(_) => ("ec", 0),
            SignatureAlgorithm::RsaPss { salt_length, .. } => ("pss", salt_length),
            SignatureAlgorithm::RsaPkcs1v15(_) => ("pkcs1", 0),
        };
        writeln!(
            lines,
            "{kind} {} {salt} {} {} {}",
            hash_name(signature.algorithm.signature.hash()),
            hex(&signature.key),
            hex(&signature.message),
            hex(&signature.value)
        )
        .unwrap();
    }
    let mut input = python.stdin.take().unwrap();
    let writing = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
    let output = python.wait_with_output().unwrap();
    writing.join().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<_> = answers.lines().collect();
    assert_eq!(answers.len(), all.len());
    let mut unsupported = std::collections::BTreeSet::new();
    for (answer, signature) in answers.iter().zip(&all) {
        if *answer == "unsupported" {
            unsupported.insert(signature.algorithm.curve.map(chipgate_crypto::Curve::name));
        } else {
            assert_eq!(*answer, "agreed", "{:?}", signature.algorithm);
        }
    }
    println!("not carried by python's cryptography: {unsupported:?}");
    assert!(unsupported.len() <= 2, "{unsupported:?}");
}
