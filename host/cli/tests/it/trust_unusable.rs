//! What is taken in and can't be used is told where it is taken in, and wherever it is shown.

use std::fs;
use std::process::Command;

use crate::workplace::Workplace;

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const CONFIGURATION: &str = "[ca]
default_ca = all
[all]
database = index
crlnumber = number
default_md = sha256
default_crl_days = 30
[delta]
2.5.29.27 = critical,ASN1:INTEGER:1
";

#[test]
fn a_delta_list_is_added_and_told_and_revocation_stays_unknown() {
    let workplace = Workplace::with_pki();
    let openssl = |arguments: &str| {
        let run = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(workplace.path("."))
            .output();
        run.is_ok_and(|output| output.status.success())
    };
    if !openssl("version") {
        println!("skipped: openssl is not installed");
        return;
    }
    for (file, content) in [("ca.cnf", CONFIGURATION), ("index", ""), ("number", "02\n")] {
        fs::write(workplace.path(file), content).unwrap();
    }
    assert!(openssl("x509 -inform DER -in pki/UT/csca.der -out csca.pem"));
    assert!(openssl("pkey -inform DER -in pki/UT/csca.key -out key.pem"));
    assert!(openssl(
        "ca -gencrl -config ca.cnf -crlexts delta -cert csca.pem -keyfile key.pem -out delta.crl"
    ));
    let der = fs::read(workplace.path("pki/UT/csca.der")).unwrap();
    let fingerprint = hex::encode(chipgate_trust::fingerprint(&der));
    workplace.succeed(&[
        "trust",
        "import",
        "pki/UT/csca.der",
        "--fingerprint",
        &fingerprint,
    ]);
    let says = "it can't clear anyone: it is a delta list";
    let added = workplace.succeed(&["trust", "import", "delta.crl"]);
    assert!(
        words(&added.stdout).contains(&format!("added, but {says}")),
        "{}",
        added.stdout
    );
    for command in [&["trust", "list"][..], &["trust", "show", "UT"]] {
        let shown = workplace.succeed(command);
        assert!(words(&shown.stdout).contains(says), "{}", shown.stdout);
    }
    workplace.issue("td3-pace", &[], "card.json");
    workplace.succeed(&["read", "--card", "card.json", "--out", "files"]);
    let checked = workplace.succeed(&["trust", "check", "files/EF.SOD.bin"]);
    let headline = checked.stdout.lines().next().unwrap();
    assert!(
        headline.ends_with("EF.SOD, trusted, revocation unknown"),
        "{headline}"
    );
}

#[test]
fn an_authority_on_a_curve_that_is_not_carried_is_added_told_and_not_counted_as_valid() {
    let workplace = Workplace::new();
    let made = Command::new("openssl")
        .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:secp256k1 -nodes -keyout k -subj".split(' '))
        .args([
            "/C=UT/CN=Other curve",
            "-days",
            "30",
            "-outform",
            "DER",
            "-out",
            "csca.der",
        ])
        .args(["-addext", "keyUsage=critical,keyCertSign,cRLSign"])
        .current_dir(workplace.path("."))
        .output();
    let Ok(made) = made else {
        println!("skipped: openssl is not installed");
        return;
    };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let der = fs::read(workplace.path("csca.der")).unwrap();
    let fingerprint = hex::encode(chipgate_trust::fingerprint(&der));
    let says = "can't be used: its key is on the curve 1.3.132.0.10 (secp256k1)";
    let added = workplace.succeed(&["trust", "import", "csca.der", "--fingerprint", &fingerprint]);
    assert!(
        words(&added.stdout).contains(&format!("added, but {says}")),
        "{}",
        added.stdout
    );
    for command in [
        &["trust", "list"][..],
        &["trust", "show", "UT"],
        &["trust", "coverage", "--svg", "map.svg"],
    ] {
        let ran = workplace.succeed(command);
        let text = words(&ran.stdout);
        assert!(text.contains("1.3.132.0.10 (secp256k1)"), "{command:?}: {text}");
    }
    let found = workplace.succeed(&["trust", "coverage", "--json"]).json();
    let state = &found["states"]["UT"];
    assert_eq!(
        (&state["anchors"], &state["valid_anchors"]),
        (&1.into(), &0.into()),
        "{found}"
    );
    assert_eq!(state["unusable"][0]["fingerprint"], fingerprint, "{found}");
    let picture = fs::read_to_string(workplace.path("map.svg")).unwrap();
    assert!(picture.contains("0 of 1 valid") && picture.contains("1 can't be used"));
}
