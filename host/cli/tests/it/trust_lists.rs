//! Lists that the test PKI or OpenSSL signs, from their import to a verdict.

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::workplace::{Workplace, check};

const DEFECT_LIST: &str = "0.4.0.127.0.7.3.1.5";
const MASTER_LIST: &str = "2.23.136.1.1.2";
/// id-sha256.
const SHA_256: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01";
/// id-CertRevoked of TR-03129-2, 7.3.1.1.
const CERTIFICATE_REVOKED: &[u8] = b"\x06\x0A\x04\x00\x7F\x00\x07\x03\x01\x05\x01\x01";

const EXTENSIONS: &str = "[defects]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,0.4.0.127.0.7.3.11.2.1.2
authorityKeyIdentifier = keyid
[authority]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = 01020304
[req]
distinguished_name = name
prompt = no
[name]
C = UT
";

fn has_openssl() -> bool {
    let is_there = Command::new("openssl").arg("version").output().is_ok();
    if !is_there {
        println!("skipped: openssl is not installed");
    }
    is_there
}

fn openssl(workplace: &Workplace, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(workplace.path("."))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{arguments}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = match content.len() {
        short @ 0..128 => vec![short as u8],
        middle @ 128..256 => vec![0x81, middle as u8],
        long => vec![0x82, (long >> 8) as u8, long as u8],
    };
    [&[tag], &length[..], &content].concat()
}

/// A defect list that says of one signer that it is revoked, signed under the authority of UT for this purpose.
fn defect_list(workplace: &Workplace, signer: &[u8]) {
    let known = tlv(0x30, &[CERTIFICATE_REVOKED, b"\x0A\x01\x00"]);
    let digest = chipgate_trust::fingerprint(signer);
    let defect = tlv(0x30, &[&tlv(4, &[&digest]), &tlv(0x31, &[&known])]);
    let content = tlv(0x30, &[b"\x02\x01\x00", SHA_256, &tlv(0x31, &[&defect])]);
    fs::write(workplace.path("defects"), content).unwrap();
    fs::write(workplace.path("c.cnf"), EXTENSIONS).unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -config c.cnf";
    openssl(
        workplace,
        &format!("req -new {key} -subj /C=UT/CN=Defects -keyout d.key -out d.csr"),
    );
    openssl(
        workplace,
        "x509 -req -in d.csr -CA pki/UT/csca.der -CAform DER -CAkey pki/UT/csca.key -CAkeyform DER -set_serial 99 \
         -days 30 -extfile c.cnf -extensions defects -out d.pem",
    );
    openssl(
        workplace,
        &format!(
            "cms -sign -binary -nosmimecap -nodetach -econtent_type {DEFECT_LIST} -md sha256 -outform DER -in defects \
             -signer d.pem -inkey d.key -out defects.dfl"
        ),
    );
}

/// Where the certificate of the one who signed EF.SOD is: it came with the card's PKI.
fn signer_of(workplace: &Workplace, sod: &str) -> Vec<u8> {
    let found = workplace
        .run(&["trust", "check", sod, "--trust", "pki/trust", "--json"])
        .json();
    let wanted = found["path"][0]["fingerprint"].as_str().unwrap().to_owned();
    let files = fs::read_dir(workplace.path("pki/UT")).unwrap();
    let mut files = files.map(|file| fs::read(file.unwrap().path()).unwrap());
    files
        .find(|der| hex::encode(chipgate_trust::fingerprint(der)) == wanted)
        .unwrap()
}

#[test]
fn a_defect_list_goes_by_a_bundle_to_a_gate_and_changes_its_verdict() {
    if !has_openssl() {
        return;
    }
    let workplace = Workplace::with_pki();
    workplace.issue("td3-pace", &[], "card.json");
    workplace.succeed(&["read", "--card", "card.json", "--out", "files"]);
    let signer = signer_of(&workplace, "files/EF.SOD.bin");
    defect_list(&workplace, &signer);
    openssl(
        &workplace,
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
    );
    openssl(&workplace, "pkey -in key.pem -pubout -out public.pem");
    let inspect = || workplace.run(&["inspect", "--card", "card.json", "--json"]);
    let bundle = |number: &str, file: &str| {
        let made = [
            "trust",
            "bundle",
            file,
            "--key",
            "key.pem",
            "--number",
            number,
            "--trust",
            "pki/trust",
        ];
        workplace.succeed(&made);
    };

    bundle("1", "before");
    workplace.succeed(&["trust", "update", "before", "--key", "public.pem"]);
    let before = inspect();
    assert_eq!(
        (before.status, &before.json()["verdict"]),
        (0, &"accept".into()),
        "{}",
        before.stdout
    );

    let checked = workplace.succeed(&["trust", "check", "defects.dfl", "--trust", "pki/trust", "--json"]);
    assert_eq!(checked.json()["kind"], "defect list");
    let imported = workplace.succeed(&["trust", "import", "defects.dfl", "--trust", "pki/trust", "--json"]);
    assert_eq!(imported.json()["imported"][0]["detail"]["defects"], 1);
    let listed = workplace.succeed(&["trust", "list", "--trust", "pki/trust"]);
    assert!(
        listed.stdout.contains("defect list with 1 entries"),
        "{}",
        listed.stdout
    );
    bundle("2", "after");
    workplace.succeed(&["trust", "update", "after"]);
    let after = inspect();
    assert_ne!(after.status, 0, "{}", after.stdout);
    let found = after.json();
    assert_eq!(found["verdict"], "refuse", "{found}");
    let named = found["checks"].as_array().unwrap().iter().any(|outcome: &Value| {
        outcome["reason"] == "known-defect" && outcome["detail"].to_string().contains("certificate-revoked")
    });
    assert!(named, "{found}");
    assert_eq!(check(&found, "security-object")["result"], "successful");

    // The same from the command line, step by step.
    let sod = workplace.run(&["trust", "check", "files/EF.SOD.bin"]);
    assert_eq!(sod.status, 1);
    assert!(
        sod.stdout.contains("known defect: certificate-revoked (0)"),
        "{}",
        sod.stdout
    );
}

#[test]
fn an_ef_card_security_and_a_master_list_are_checked_step_by_step() {
    let workplace = Workplace::with_pki();
    workplace.issue("td3-pace-cam", &[], "card.json");
    workplace.succeed(&["read", "--card", "card.json", "--out", "files"]);
    // It is read only for its keys, and not kept: the card file has it.
    let card: Value = serde_json::from_slice(&fs::read(workplace.path("card.json")).unwrap()).unwrap();
    let security = card["files"]["EF.CardSecurity"].as_str().unwrap();
    fs::write(workplace.path("EF.CardSecurity"), hex::decode(security).unwrap()).unwrap();
    for (file, kind) in [
        ("EF.CardSecurity", "EF.CardSecurity"),
        ("pki/masterlist.ml", "master list"),
    ] {
        let sound = workplace
            .succeed(&["trust", "check", file, "--trust", "pki/trust", "--json"])
            .json();
        assert_eq!(
            (&sound["kind"], &sound["trusted"]),
            (&kind.into(), &true.into()),
            "{sound}"
        );
        assert_eq!(sound["path"].as_array().unwrap().len(), 2, "{sound}");
        let without = workplace.run(&["trust", "check", file]);
        assert_eq!(without.status, 1);
        assert!(
            without.stdout.contains("not trusted") && without.stdout.contains("missing"),
            "{}",
            without.stdout
        );
        assert_fits(&without.stdout);

        let whole = fs::read(workplace.path(file)).unwrap();
        let mut altered = whole.clone();
        *altered.last_mut().unwrap() ^= 1;
        fs::write(workplace.path("altered"), altered).unwrap();
        let altered = workplace.run(&["trust", "check", "altered", "--trust", "pki/trust", "--json"]);
        assert_eq!(
            (altered.status, &altered.json()["steps"][0]["result"]),
            (1, &"failed".into()),
            "{}",
            altered.stdout
        );
        fs::write(workplace.path("cut"), &whole[..whole.len() / 2]).unwrap();
        for command in ["check", "import"] {
            let cut = workplace.run(&["trust", command, "cut", "--trust", "pki/trust"]);
            assert_ne!(cut.status, 0);
            let says = cut.stdout + &cut.stderr;
            let says = says.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                says.contains(kind) && says.contains("cut short"),
                "{command} {file}: {says}"
            );
        }
    }
    let imported = workplace.run(&["trust", "import", "EF.CardSecurity", "files/EF.SOD.bin"]);
    assert_eq!(imported.status, 1);
    let says = imported.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(says.matches("`chipgate trust check`").count(), 2, "{says}");
    for (file, says) in [
        (
            "pki/UT/csca.crl",
            "a revocation list (CRL): `chipgate trust import`",
        ),
        ("pki/UT/csca.key", "a private key: it does not belong here"),
        (
            "pki/cvca/cvca.cvcert",
            "a CV certificate of terminal authentication",
        ),
        ("files/DG1.bin", "the data group DG1"),
    ] {
        let ran = workplace.run(&["trust", "check", file]);
        assert_eq!(ran.status, 2);
        assert!(ran.stderr.contains(says), "{file}: {}", ran.stderr);
    }
}

/// No line is wider than a terminal, but for a path, which can't be broken.
pub(crate) fn assert_fits(text: &str) {
    for line in text.lines() {
        let holds_a_path = line.split(' ').any(|word| word.len() > 60 && word.contains('/'));
        assert!(line.chars().count() <= 80 || holds_a_path, "{line}");
    }
}

/// One key under two names, two keys with one identifier, and an anchor that a newer list of the same state lacks.
#[test]
fn coverage_tells_what_contradicts_itself() {
    if !has_openssl() {
        return;
    }
    let workplace = Workplace::with_pki();
    fs::write(workplace.path("c.cnf"), EXTENSIONS).unwrap();
    let certificate = |name: &str, key: &str| {
        openssl(
            &workplace,
            &format!(
                "req -x509 {key} -config c.cnf -extensions authority -subj /C=UT/CN={name} -days 9 -outform DER -out {name}"
            ),
        );
        let fingerprint = hex::encode(chipgate_trust::fingerprint(
            &fs::read(workplace.path(name)).unwrap(),
        ));
        workplace.succeed(&[
            "trust",
            "import",
            name,
            "--fingerprint",
            &fingerprint,
            "--trust",
            "pki/trust",
        ]);
        fingerprint
    };
    let new_key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout";
    let one = certificate("One", &format!("{new_key} one.key"));
    let renamed = certificate("Renamed", "-key one.key");
    let other = certificate("Other", &format!("{new_key} other.key"));

    workplace.succeed(&["trust", "import", "pki/masterlist.ml", "--trust", "pki/trust"]);
    let only = fs::read(workplace.path("pki/VN/csca.der")).unwrap();
    fs::write(
        workplace.path("list"),
        tlv(0x30, &[b"\x02\x01\x00", &tlv(0x31, &[&only])]),
    )
    .unwrap();
    // Signing times have seconds: the newer list is of a later one.
    std::thread::sleep(Duration::from_millis(1100));
    openssl(
        &workplace,
        "x509 -inform DER -in pki/masterlist-signer.der -out signer.pem",
    );
    openssl(
        &workplace,
        &format!(
            "cms -sign -binary -nosmimecap -nodetach -econtent_type {MASTER_LIST} -md sha256 -outform DER -in list \
             -signer signer.pem -inkey pki/masterlist-signer.key -keyform DER -out newer.ml"
        ),
    );
    workplace.succeed(&["trust", "import", "newer.ml", "--trust", "pki/trust"]);
    let coverage =
        |more: &[&str]| workplace.succeed(&[&["trust", "coverage", "--trust", "pki/trust"], more].concat());
    let text = coverage(&[]).stdout;
    assert_fits(&text);
    for says in [
        "one key under several names",
        "several keys with the identifier 01020304",
        "withdrew",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
    let found = coverage(&["--json"]).json();
    let of = |kind: &str| -> Vec<String> {
        let conflicts = found["conflicts"].as_array().unwrap().iter();
        let certificates = conflicts
            .filter(|conflict| conflict["kind"] == kind)
            .flat_map(|conflict| conflict["certificates"].as_array().unwrap());
        certificates
            .map(|one| one["fingerprint"].as_str().unwrap().to_owned())
            .collect()
    };
    let names = of("same-key-two-names");
    assert!(names.contains(&one) && names.contains(&renamed), "{found}");
    let keys = of("same-identifier-two-keys");
    assert!(keys.contains(&other), "{found}");
    let gone = hex::encode(chipgate_trust::fingerprint(
        &fs::read(workplace.path("pki/UT/csca.der")).unwrap(),
    ));
    assert!(of("withdrawn").contains(&gone), "{found}");
}

#[test]
fn a_bundle_without_an_anchor_is_warned_of_where_it_is_made_and_where_it_is_taken() {
    if !has_openssl() {
        return;
    }
    let workplace = Workplace::new();
    openssl(
        &workplace,
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
    );
    openssl(&workplace, "pkey -in key.pem -pubout -out public.pem");
    let made = workplace.succeed(&["trust", "bundle", "empty", "--key", "key.pem", "--json"]);
    assert!(made.stderr.contains("has no anchor"), "{}", made.stderr);
    assert_eq!(made.json()["has"]["anchors"], 0);
    let taken = workplace.succeed(&["trust", "update", "empty", "--key", "public.pem", "--json"]);
    assert!(taken.stderr.contains("has no anchor"), "{}", taken.stderr);
    assert_eq!(taken.json()["anchors"], 0);
}
