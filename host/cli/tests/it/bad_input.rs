//! Bad input has its own error, and no verdict.

use crate::workplace::{Workplace, picture};

/// The code of the error that the program ended with.
fn code(workplace: &Workplace, arguments: &[&str]) -> String {
    let ran = workplace.run(arguments);
    assert_eq!(ran.status, 1, "{}{}", ran.stdout, ran.stderr);
    let json = ran.json();
    assert!(json.get("verdict").is_none(), "{json}");
    let message = json["error"]["message"].as_str().unwrap();
    assert!(message.len() > 20, "{message}");
    json["error"]["code"].as_str().unwrap().to_owned()
}

fn with_card() -> Workplace {
    let workplace = Workplace::with_pki();
    workplace.issue("vn-cccd", &[], "card.json");
    workplace
}

fn inspect<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [
        &["inspect", "--json", "--trust", "pki/trust", "--card", "card.json"][..],
        more,
    ]
    .concat()
}

#[test]
fn a_wrong_can_is_its_own_error_and_no_fall_back() {
    let workplace = with_card();
    let can = workplace.succeed(&["card", "show", "card.json", "--json"]).json()["can"]
        .as_str()
        .unwrap()
        .to_owned();
    let wrong = if can == "000000" { "000001" } else { "000000" };
    assert_eq!(code(&workplace, &inspect(&["--can", wrong])), "wrong-password");
}

#[test]
fn a_wrong_mrz_is_a_wrong_password_under_bac_too() {
    let workplace = Workplace::with_pki();
    workplace.issue("td3-bac", &[], "card.json");
    assert_eq!(
        code(&workplace, &inspect(&["--mrz", "L898902C3,740812,120415"])),
        "wrong-password"
    );
}

#[test]
fn each_password_that_a_card_shows_opens_it() {
    let workplace = with_card();
    let shown = workplace.succeed(&["card", "show", "card.json", "--json"]).json();
    for name in ["can", "mrz", "qr"] {
        let value = shown[name].as_str().unwrap();
        let ran = workplace.run(&inspect(&[&format!("--{name}"), value]));
        assert_eq!(ran.status, 0, "{name}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn a_pin_and_a_puk_open_a_card_that_takes_them_and_a_wrong_one_says_what_is_left() {
    let workplace = Workplace::with_pki();
    workplace.issue("td1", &[], "card.json");
    let shown = workplace.succeed(&["card", "show", "card.json", "--json"]).json();
    for name in ["pin", "puk"] {
        let (option, value) = (format!("--{name}"), shown[name].as_str().unwrap());
        let ran = workplace.run(&inspect(&[&option, value]));
        assert_eq!(ran.status, 0, "{name}: {}{}", ran.stdout, ran.stderr);
        let ran = workplace.run(&inspect(&[&option, "999999999"]));
        let error = &ran.json()["error"];
        assert_eq!(
            (ran.status, &error["code"]),
            (1, &"wrong-password".into()),
            "{error}"
        );
        assert!(
            error["message"].as_str().unwrap().contains("tries left"),
            "{error}"
        );
    }
    let value = |name: &str| shown[name].as_str().unwrap().to_owned();
    let (can, pin, puk) = (value("can"), value("pin"), value("puk"));
    for revived in [["--pin", &pin, "--can", &can], ["--pin", &pin, "--puk", &puk]] {
        let ran = workplace.run(&inspect(&revived));
        assert_eq!(ran.status, 0, "{revived:?}: {}{}", ran.stdout, ran.stderr);
    }
    let both = workplace.run(&inspect(&["--can", &can, "--puk", &puk]));
    assert_eq!(both.status, 2);
    workplace.issue("td3-bac", &[], "card.json");
    assert_eq!(
        code(&workplace, &inspect(&["--pin", "123456"])),
        "password-not-usable"
    );
}

#[test]
fn what_is_missing_or_of_another_kind_says_what_it_is_and_what_to_do() {
    let workplace = with_card();
    let ran = workplace.run(&["record", "show", "card.json"]);
    assert!(
        ran.stderr.contains("card.json is no recording but a card file"),
        "{}",
        ran.stderr
    );
    let ran = workplace.run(&[
        "card",
        "issue",
        "--profile",
        "td1",
        "--pki",
        "nopki",
        "--out",
        "new.json",
    ]);
    assert!(
        ran.stderr.contains("chipgate card pki --out nopki"),
        "{}",
        ran.stderr
    );
    for missing in [
        &["inspect", "--card", "none.json"][..],
        &["card", "serve", "none.json"],
        &["trust", "bundle", "trust.bundle", "--key", "bundle-key.pem"],
    ] {
        let ran = workplace.run(missing);
        assert!(
            ran.stderr.contains("it is not there") && !ran.stderr.contains("os error"),
            "{missing:?}: {}",
            ran.stderr
        );
    }
    let ran = workplace.run(&inspect(&["--qr", "foo"]));
    let message = ran.json()["error"]["message"].to_string();
    assert!(
        message.contains("twelve digits") && !message.contains("damaged"),
        "{message}"
    );
}

#[test]
fn files_that_are_none_of_their_kind_are_named() {
    let workplace = with_card();
    std::fs::write(workplace.path("noise"), [0x42; 100]).unwrap();
    assert_eq!(code(&workplace, &inspect(&["--policy", "noise"])), "policy");
    assert_eq!(code(&workplace, &inspect(&["--face", "noise"])), "picture");
    assert_eq!(
        code(&workplace, &inspect(&["--device-key", "noise"])),
        "device-key"
    );
    assert_eq!(
        code(&workplace, &["inspect", "--json", "--card", "noise"]),
        "card-file"
    );
    assert_eq!(
        code(&workplace, &["inspect", "--json", "--replay", "noise"]),
        "recording"
    );
    assert_eq!(
        code(&workplace, &["inspect", "--json", "--files", "nowhere"]),
        "files"
    );
    let foreign = ["inspect", "--json", "--card", "card.json", "--trust", "nowhere"];
    assert_eq!(code(&workplace, &foreign), "trust-store");
}

#[test]
fn a_picture_without_a_face_goes_to_a_person() {
    let workplace = with_card();
    let Some(_) = picture("obama") else { return };
    // A plain grey picture: it decodes, and no face is in it. That is a result, and no error.
    let grey = [b"P5 320 240 255\n".to_vec(), vec![0x80; 320 * 240]].concat();
    std::fs::write(workplace.path("grey.pgm"), grey).unwrap();
    let ran = workplace.run(&inspect(&["--face", "grey.pgm"]));
    let found = ran.json();
    let face = crate::workplace::check(&found, "face");
    assert_ne!(face["result"], "successful", "{found}");
    assert_eq!(found["verdict"], "refer", "{found}");
}

#[test]
fn missing_face_models_take_no_verdict_away() {
    let workplace = with_card();
    let grey = [b"P5 320 240 255\n".to_vec(), vec![0x80; 320 * 240]].concat();
    std::fs::write(workplace.path("grey.pgm"), grey).unwrap();
    let mut command = workplace.command();
    let empty = workplace.path("no-models");
    command
        .env("XDG_CACHE_HOME", &empty)
        .env("CHIPGATE_MODELS", &empty);
    let output = command.args(inspect(&["--face", "grey.pgm"])).output().unwrap();
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let face = crate::workplace::check(&found, "face");
    assert_eq!(
        (&face["result"], &face["reason"]),
        (&"undetermined".into(), &"face-unavailable".into()),
        "{found}"
    );
    assert_eq!(output.status.code(), Some(10));
    assert!(String::from_utf8_lossy(&output.stderr).contains("FACES WILL NOT BE COMPARED"));
}

#[test]
fn a_policy_that_is_not_there_is_answered_with_those_that_are() {
    let workplace = with_card();
    let ran = workplace.run(&inspect(&["--policy", "airprot"]));
    assert_eq!(ran.status, 2);
    let message = ran.json()["error"]["message"].to_string();
    assert!(message.contains("document, airport, counter, lab"), "{message}");
}

#[test]
fn a_malformed_password_is_wrong_usage_whichever_it_is_and_small_letters_will_do() {
    let workplace = with_card();
    for malformed in [
        ["--can", "12"],
        ["--mrz", "foo"],
        ["--qr", "foo"],
        ["--mrz", "A,B,C"],
    ] {
        let ran = workplace.run(&inspect(&malformed));
        assert_eq!(ran.status, 2, "{malformed:?}: {}", ran.stdout);
        let message = ran.json()["error"]["message"].to_string();
        assert!(message.matches("machine readable zone").count() < 2, "{message}");
    }
    let card: serde_json::Value =
        serde_json::from_slice(&std::fs::read(workplace.path("card.json")).unwrap()).unwrap();
    let zone = card["passwords"]["mrz"].as_str().unwrap().to_ascii_lowercase();
    assert_eq!(workplace.run(&inspect(&["--mrz", &zone])).status, 0, "{zone}");
}

#[test]
fn no_recording_is_written_over_another_one() {
    let workplace = with_card();
    let arguments = inspect(&["--record", "exchange.jsonl"]);
    workplace.succeed(&arguments);
    assert_eq!(workplace.run(&arguments).status, 2);
}

#[test]
fn an_inspection_says_when_by_which_policy_and_by_which_version() {
    let workplace = with_card();
    let found = workplace.succeed(&inspect(&["--policy", "counter"])).json();
    assert!(
        found["time"]
            .as_u64()
            .is_some_and(|time| time > 1_700_000_000_000),
        "{found}"
    );
    assert_eq!(found["policy"]["name"], "counter");
    assert_eq!(found["policy"]["sha256"].as_str().map(str::len), Some(64));
    assert!(found["software"].as_str().unwrap().starts_with("chipgate "));
}

#[test]
fn what_a_person_sees_fits_a_terminal_of_eighty_columns() {
    let workplace = with_card();
    let ran = workplace.succeed(&["inspect", "--card", "card.json", "--trust", "pki/trust"]);
    let checks = ran
        .stdout
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("  D"));
    for line in checks {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(
        ran.stdout.contains("PACE (ECDH, generic mapping, AES-128)"),
        "{}",
        ran.stdout
    );
}

#[test]
fn the_doctor_looks_at_key_outbox_and_verifier() {
    let workplace = with_card();
    workplace.succeed(&["report", "key", "--out", "device.key", "--device", "gate-07"]);
    std::fs::create_dir(workplace.path("outbox")).unwrap();
    std::fs::write(workplace.path("outbox/000000000001.refused"), "report").unwrap();
    let arguments = [
        "doctor",
        "--json",
        "--device-key",
        "device.key",
        "--outbox",
        "outbox",
    ];
    let ran = workplace.run(&[&arguments[..], &["--report", "http://127.0.0.1:9"]].concat());
    let findings = ran.json();
    let of = |what: &str| {
        let findings = findings["findings"].as_array().unwrap();
        findings
            .iter()
            .find(|finding| finding["what"] == what)
            .unwrap()
            .clone()
    };
    assert_eq!(of("device-key")["fine"], true, "{findings}");
    assert_eq!(
        of("outbox")["fine"],
        false,
        "what was refused is said: {findings}"
    );
    assert_eq!(of("verifier")["fine"], false, "{findings}");
}

#[test]
fn wrong_usage_is_exit_status_2() {
    let workplace = with_card();
    let ran = workplace.run(&["inspect", "--json", "--card", "card.json", "--can", "12"]);
    assert_eq!(
        (ran.status, ran.json()["error"]["code"].as_str()),
        (2, Some("usage"))
    );
    assert_eq!(
        workplace.run(&["card", "pki", "--out", "pki"]).status,
        2,
        "a PKI is never overwritten"
    );
    let workplace = Workplace::new();
    assert_eq!(workplace.run(&["inspect", "--nonsense"]).status, 2);
    assert_eq!(
        workplace
            .run(&["card", "issue", "--profile", "no-such", "--out", "x"])
            .status,
        2
    );
}

#[test]
fn a_report_that_cannot_be_kept_does_not_take_the_verdict_away() {
    let workplace = with_card();
    workplace.succeed(&["report", "key", "--out", "device.key"]);
    let more = [
        "--device-key",
        "device.key",
        "--outbox",
        "outbox",
        "--report-file",
        "/no/such/folder/report",
    ];
    let ran = workplace.run(&inspect(&more));
    let found = ran.json();
    assert_eq!(
        (ran.status, found["verdict"].as_str()),
        (0, Some("accept")),
        "{found}"
    );
    assert!(
        found["report"]["note"]
            .as_str()
            .unwrap()
            .contains("could not be written"),
        "{found}"
    );
    assert!(workplace.path("outbox/000000000001.cose").exists());
}

#[test]
fn a_reader_of_the_output_that_goes_does_not_change_the_verdict() {
    let workplace = with_card();
    let mut command = workplace.command();
    let mut child = command
        .args(inspect(&[]))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn two_documents_never_get_into_one_folder() {
    let workplace = with_card();
    workplace.issue("vn-cccd", &[], "other.json");
    let read = |card| workplace.run(&["read", "--json", "--card", card, "--out", "files"]);
    let files = || {
        let entries = std::fs::read_dir(workplace.path("files")).unwrap();
        let mut files: Vec<_> = entries
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.clone(), std::fs::read(path).unwrap()))
            .collect();
        files.sort();
        files
    };
    assert_eq!(read("card.json").status, 0);
    let first = files();
    let other = read("other.json");
    assert_eq!(other.status, 2, "{}", other.stdout);
    assert!(
        other.stdout.contains("another document: its EF.SOD differs"),
        "{}",
        other.stdout
    );
    assert_eq!(files(), first, "nothing of the other one");
    std::fs::remove_file(workplace.path("files/DG14.bin")).unwrap();
    assert_eq!(read("card.json").status, 0, "the same document is no other one");
    assert_eq!(files(), first, "and what was missing is there again");
}

#[test]
fn no_command_writes_over_a_file_that_it_was_not_told_to() {
    let workplace = with_card();
    workplace.succeed(&[&inspect(&["--record", "exchange.jsonl"])[..]].concat());
    let kept = |arguments: &[&str], name: &str, may_force: bool| {
        std::fs::write(workplace.path(name), "a thesis").unwrap();
        let ran = workplace.run(arguments);
        assert_eq!(ran.status, 2, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        let content = || std::fs::read(workplace.path(name)).unwrap();
        assert_eq!(content(), b"a thesis", "{arguments:?}");
        let forced = workplace.run(&[arguments, &["--force"]].concat());
        assert_eq!(
            forced.status == 0,
            may_force,
            "{arguments:?}: {}{}",
            forced.stdout,
            forced.stderr
        );
        assert_eq!(content() == b"a thesis", !may_force, "{arguments:?}");
    };
    kept(
        &["card", "issue", "--profile", "vn-cccd", "--out", "t"],
        "t",
        true,
    );
    kept(&["record", "pcapng", "exchange.jsonl", "--out", "t"], "t", true);
    kept(&["record", "redact", "exchange.jsonl", "--out", "r"], "r", true);
    kept(&["record", "twin", "exchange.jsonl", "--out", "u"], "u", true);
    kept(
        &["trust", "coverage", "--trust", "pki/trust", "--svg", "t"],
        "t",
        true,
    );
    kept(&["report", "key", "--out", "k"], "k", false);
    kept(&["report", "key", "--out", "m"], "m.pub", false);
    kept(
        &["read", "--card", "card.json", "--out", "files", "--record", "t"],
        "t",
        false,
    );
    kept(&["inspect", "--card", "card.json", "--record", "t"], "t", false);
    assert!(!workplace.path("m").exists(), "half a pair of keys is none");
}

#[test]
fn a_card_that_nobody_takes_is_not_said_to_be_presented() {
    let workplace = with_card();
    // A port that nothing listens at.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let ran = workplace.run(&["card", "serve", "card.json", "--vpcd", &port.to_string()]);
    assert_eq!(ran.status, 1);
    assert!(!ran.stdout.contains("Presenting"), "{}", ran.stdout);
    assert!(
        ran.stderr.contains("pcscd") && ran.stderr.contains("--vpcd"),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_address_without_tls_on_another_machine_is_refused_before_anything_is_sent() {
    let workplace = with_card();
    workplace.succeed(&["report", "key", "--out", "device.key"]);
    for (address, expected) in [
        ("http://verifier.example", "plain-http"),
        ("not-an-address", "no-address"),
        ("127.0.0.1:8460", "no-address"),
    ] {
        let arguments = inspect(&["--device-key", "device.key", "--report", address]);
        let ran = workplace.run(&arguments);
        assert_eq!(ran.json()["error"]["code"], expected, "{address}");
        assert_eq!(ran.status, 2, "{address}");
    }
}
