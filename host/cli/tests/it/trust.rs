//! `chipgate trust`, as an operator uses it.

use std::fs;
use std::process::Command;

use crate::workplace::Workplace;

/// The first authority of the test PKI, and its fingerprint.
fn authority(workplace: &Workplace, state: &str) -> (String, String) {
    let listed = workplace
        .succeed(&["trust", "list", "--trust", "pki/trust", "--json"])
        .json();
    let items = listed["items"].as_array().unwrap();
    let item = items
        .iter()
        .find(|item| item["kind"] == "CSCA" && item["country"] == state)
        .unwrap();
    let text = |key: &str| item[key].as_str().unwrap().to_owned();
    (text("file"), text("fingerprint"))
}

#[test]
fn a_certificate_is_trusted_by_its_fingerprint_and_never_on_first_use() {
    let workplace = Workplace::with_pki();
    let (file, fingerprint) = authority(&workplace, "VN");
    let refused = workplace.run(&["trust", "import", &file]);
    assert_eq!(refused.status, 1);
    assert!(refused.stdout.contains(&fingerprint), "{}", refused.stdout);
    let added = workplace.succeed(&["trust", "import", &file, "--fingerprint", &fingerprint]);
    assert!(added.stdout.starts_with("added"), "{}", added.stdout);
    let again = workplace.succeed(&["trust", "import", &file, "--json"]).json();
    assert_eq!(again["imported"][0]["result"], "already-there");
    let shown = workplace.succeed(&["trust", "show", "vn"]);
    assert!(shown.stdout.contains(&fingerprint));
    let differs = workplace
        .succeed(&["trust", "diff", "pki/trust", "--json"])
        .json();
    assert_eq!(differs["only_here"].as_array().unwrap().len(), 0);
    assert!(!differs["only_there"].as_array().unwrap().is_empty());
    workplace.succeed(&["trust", "remove", &fingerprint[..16]]);
    assert_eq!(workplace.run(&["trust", "show", "vn"]).status, 1);
}

#[test]
fn looking_makes_no_trust_folder() {
    let workplace = Workplace::with_pki();
    workplace.issue("td3-pace", &[], "card.json");
    workplace.run(&["doctor"]);
    workplace.run(&["inspect", "--card", "card.json"]);
    for looking in [&["trust", "list"][..], &["trust", "coverage"]] {
        workplace.succeed(looking);
    }
    assert!(!workplace.path("config/chipgate/trust").exists());
}

#[test]
fn an_ef_sod_is_checked_step_by_step_and_its_data_groups_with_it() {
    let workplace = Workplace::with_pki();
    workplace.issue("vn-cccd", &[], "card.json");
    workplace.succeed(&["read", "--card", "card.json", "--out", "files"]);
    let check = |more: &[&str]| {
        let mut arguments = vec!["trust", "check", "files/EF.SOD.bin", "--dg", "files", "--json"];
        arguments.extend(more);
        workplace.run(&arguments)
    };
    let sound = check(&["--trust", "pki/trust"]);
    let found = sound.json();
    assert_eq!((sound.status, &found["trusted"]), (0, &true.into()), "{found}");
    assert_eq!(found["path"].as_array().unwrap().len(), 2);
    let groups = found["data_groups"].as_array().unwrap();
    assert!(
        groups.len() == 5 && groups.iter().all(|group| group["agrees"] == true),
        "{found}"
    );

    let without = check(&[]);
    let found = without.json();
    assert_eq!((without.status, &found["trusted"]), (1, &false.into()));
    assert_eq!(found["steps"][0]["result"], "successful");
    assert_eq!(found["steps"][1]["fault"], "no-anchors");

    let missing = workplace.path("files/DG2.bin");
    let face = fs::read(&missing).unwrap();
    fs::remove_file(&missing).unwrap();
    let fewer = check(&["--trust", "pki/trust"]);
    // DG3 is for terminals that prove themselves, so that nobody read it.
    assert_eq!(
        fewer.json()["missing_data_groups"],
        serde_json::json!(["DG2", "DG3"])
    );
    fs::write(&missing, face).unwrap();
    fs::create_dir(workplace.path("nothing")).unwrap();
    for folder in ["no-such-folder", "nothing"] {
        let sod = [
            "trust",
            "check",
            "files/EF.SOD.bin",
            "--trust",
            "pki/trust",
            "--dg",
            folder,
        ];
        let ran = workplace.run(&sod);
        assert_eq!(ran.status, 1, "{folder}: {}{}", ran.stdout, ran.stderr);
    }

    fs::write(workplace.path("files/DG2.bin"), b"another face").unwrap();
    let altered = check(&["--trust", "pki/trust"]);
    assert_eq!(altered.status, 1);
    assert!(altered.stdout.contains("it is not what was signed"));
}

#[test]
fn whatever_the_test_pki_signs_can_be_checked_and_other_files_are_told_by_their_looks() {
    let workplace = Workplace::with_pki();
    let (file, _) = authority(&workplace, "UT");
    let checked = workplace.succeed(&["trust", "check", &file, "--trust", "pki/trust"]);
    assert!(checked.stdout.contains("certificate"), "{}", checked.stdout);
    let der = fs::read(workplace.path(&file)).unwrap();
    let encoded = String::from_utf8(base64_lines(&der)).unwrap();
    let block = format!("-----BEGIN CERTIFICATE-----\n{encoded}\n-----END CERTIFICATE-----\n");
    fs::write(workplace.path("chain.pem"), block.repeat(2)).unwrap();
    let pem = [
        "trust",
        "check",
        "chain.pem",
        "--trust",
        "pki/trust",
        "--policy",
        "lab",
    ];
    let checked = workplace.succeed(&pem);
    assert!(
        checked.stdout.contains("the first of 2 PEM blocks"),
        "{}",
        checked.stdout
    );
    let unknown = workplace.run(&["trust", "check", "chain.pem", "--policy", "none"]);
    assert_eq!(unknown.status, 2, "{}", unknown.stderr);
    for (name, content, looks) in [
        ("page.html", "<!doctype html><p>log in", "a web page"),
        ("data.json", "{}", "JSON"),
        ("nothing", "", "an empty file"),
    ] {
        fs::write(workplace.path(name), content).unwrap();
        let ran = workplace.run(&["trust", "check", name]);
        assert!(
            ran.status != 0 && ran.stderr.contains(looks),
            "{name}: {}",
            ran.stderr
        );
    }
    let missing = workplace.run(&["trust", "import", "no-such.ml"]);
    assert!(
        missing.stdout.contains("there is no such file"),
        "{}",
        missing.stdout
    );
}

#[test]
fn coverage_is_a_table_and_a_picture() {
    let workplace = Workplace::with_pki();
    let ran = workplace.succeed(&["trust", "coverage", "--trust", "pki/trust", "--svg", "map.svg"]);
    assert!(
        ran.stdout.contains("VN") && ran.stdout.contains("UT"),
        "{}",
        ran.stdout
    );
    let picture = fs::read_to_string(workplace.path("map.svg")).unwrap();
    assert!(picture.starts_with("<svg") && picture.contains(">VN<"));
    let found = workplace
        .succeed(&["trust", "coverage", "--trust", "pki/trust", "--json"])
        .json();
    // The authority's key and the one after it, each with its own certificate.
    assert_eq!(found["states"]["VN"]["valid_anchors"], 2, "{found}");
}

#[test]
fn a_bundle_goes_to_another_folder_and_an_older_one_is_refused() {
    let workplace = Workplace::with_pki();
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: openssl is not installed");
        return;
    }
    let openssl = |arguments: &str| {
        let output = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(workplace.path("."))
            .output();
        assert!(output.unwrap().status.success(), "{arguments}");
    };
    openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem");
    openssl("pkey -in key.pem -pubout -out public.pem");
    let bundle = |number: &str, out: &str| {
        let made = [
            "trust",
            "bundle",
            out,
            "--key",
            "key.pem",
            "--number",
            number,
            "--trust",
            "pki/trust",
        ];
        workplace.succeed(&made);
    };
    bundle("2", "new");
    bundle("1", "old");
    assert_eq!(
        workplace.run(&["trust", "update", "new"]).status,
        1,
        "no key is known"
    );
    workplace.succeed(&["trust", "update", "new", "--key", "public.pem"]);
    let old = workplace.run(&["trust", "update", "old"]);
    assert!(
        old.status == 1 && old.stderr.contains("version 1"),
        "{}",
        old.stderr
    );
    workplace.issue("vn-cccd", &[], "card.json");
    let found = workplace
        .run(&["inspect", "--card", "card.json", "--json"])
        .json();
    let step = |name: &str| crate::workplace::check(&found, name)["result"].clone();
    assert_eq!(
        (step("issuer-certificate"), step("revocation")),
        ("successful".into(), "successful".into())
    );
}

/// Base64 without a crate for it.
fn base64_lines(bytes: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::new();
    for part in bytes.chunks(3) {
        let octet = |at: usize| u32::from(part.get(at).copied().unwrap_or_default());
        let number = octet(0) << 16 | octet(1) << 8 | octet(2);
        for place in 0..4 {
            text.push(if place <= part.len() {
                LETTERS[(number >> (18 - 6 * place) & 63) as usize]
            } else {
                b'='
            });
        }
    }
    text
}
