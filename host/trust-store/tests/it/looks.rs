//! What else people name instead of a certificate or a list, as OpenSSL and chips write it.

use std::path::Path;
use std::process::Command;

use chipgate_trust_store::{ImportResult, Likeness, Object, Store, look_at};

use crate::fixtures::{NOW, bytes, empty};

/// Everything of a key that OpenSSL writes, by file name.
const COMMANDS: [&str; 16] = [
    "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
    "pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out pkcs8.der",
    "pkcs8 -topk8 -in key.pem -passout pass:x -outform DER -out encrypted.der",
    "pkcs8 -topk8 -in key.pem -passout pass:x -out encrypted.pem",
    "ec -in key.pem -outform DER -out sec1.der",
    "ec -in key.pem -aes128 -passout pass:x -out sec1.pem",
    "genrsa -out rsa.pem 2048",
    "rsa -in rsa.pem -traditional -outform DER -out pkcs1.der",
    "rsa -in rsa.pem -pubout -outform DER -out public.der",
    "rsa -in rsa.pem -RSAPublicKey_out -outform DER -out pkcs1-public.der",
    "req -new -key key.pem -subj /C=UT/CN=One -outform DER -out request.der",
    "req -new -key key.pem -subj /C=UT/CN=One -out request.pem",
    "req -x509 -key key.pem -subj /C=UT/CN=One -days 9 -out certificate.pem",
    "pkcs12 -export -in certificate.pem -inkey key.pem -passout pass:x -out one.p12",
    "crl2pkcs7 -nocrl -certfile certificate.pem -outform DER -out one.p7b",
    "cms -encrypt -in certificate.pem -out sealed.pem -outform PEM certificate.pem",
];

fn make(folder: &Path) -> bool {
    for command in COMMANDS {
        let run = Command::new("openssl")
            .args(command.split(' '))
            .current_dir(folder)
            .output();
        let Ok(output) = run else {
            println!("skipped: openssl is not installed");
            return false;
        };
        assert!(
            output.status.success(),
            "{command}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    true
}

#[test]
fn keys_requests_and_containers_are_told_by_name_and_none_is_taken() {
    let made = empty();
    if !make(made.path()) {
        return;
    }
    let expected = [
        ("pkcs8.der", Object::PrivateKey),
        ("sec1.der", Object::PrivateKey),
        ("pkcs1.der", Object::PrivateKey),
        ("key.pem", Object::PrivateKey),
        ("encrypted.der", Object::EncryptedPrivateKey),
        ("encrypted.pem", Object::EncryptedPrivateKey),
        ("sec1.pem", Object::EncryptedPrivateKey),
        ("public.der", Object::PublicKey),
        ("pkcs1-public.der", Object::PublicKey),
        ("request.der", Object::CertificateRequest),
        ("request.pem", Object::CertificateRequest),
        ("one.p12", Object::Pkcs12),
        ("one.p7b", Object::CertificateBag),
        ("sealed.pem", Object::OtherCms),
    ];
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    for (name, object) in expected {
        let file = made.path().join(name);
        let found = look_at(&std::fs::read(&file).unwrap());
        assert_eq!(found, Likeness::Object(object), "{name}");
        let imported = store.import(&[&file], &[], NOW).unwrap();
        let ImportResult::Refused(why) = &imported[0].result else {
            panic!("{name}: {imported:?}")
        };
        let says = why.to_string();
        assert!(
            says.starts_with(&format!("looks like {object}: ")),
            "{name}: {says}"
        );
        // Whatever a key is, none of it is shown.
        assert!(says.len() < 220, "{name}: {says}");
    }
}

#[test]
fn what_is_cut_says_of_what_it_is_the_beginning() {
    let cases = [
        ("csca", Object::Certificate),
        ("crl", Object::RevocationList),
        ("master_list", Object::MasterList),
        ("sod", Object::Sod),
    ];
    for (name, object) in cases {
        let whole = bytes(name);
        let of = whole.len();
        for cut in [of / 2, of - 1] {
            let expected = Likeness::Cut {
                object,
                bytes: cut,
                of,
            };
            assert_eq!(look_at(&whole[..cut]), expected, "{name}");
        }
        let followed = [&whole[..], b"\r\n"].concat();
        assert_eq!(look_at(&followed), Likeness::Followed { object, by: 2 }, "{name}");
        // However little there is of it, it is never taken for a whole one.
        for cut in 0..of {
            assert!(
                !matches!(look_at(&whole[..cut]), Likeness::Object(_)),
                "{name}, {cut} bytes"
            );
        }
    }
}

#[test]
fn what_is_damaged_says_what_it_was() {
    for (name, object) in [("csca", Object::Certificate), ("crl", Object::RevocationList)] {
        let mut damaged = bytes(name);
        // The last UTCTime is none any longer.
        let at = damaged.windows(2).rposition(|pair| pair == [0x17, 0x0D]).unwrap();
        damaged[at] = 0x05;
        let found = look_at(&damaged);
        assert_eq!(found, Likeness::Damaged(object), "{name}");
    }
}
