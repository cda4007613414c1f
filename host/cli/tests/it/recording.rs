//! A replay gives the same report, to the byte.

use std::fs;

use chipgate_recording::{Entry, Recording};
use serde_json::Value;

use crate::workplace::{Ran, Workplace, assert_described, check, schema};

fn recorded(profile: &str, faults: &[&str]) -> (Workplace, Ran) {
    let workplace = Workplace::with_pki();
    workplace.issue(profile, faults, "card.json");
    workplace.succeed(&["report", "key", "--out", "device.key", "--device", "gate"]);
    let first = workplace.inspect(
        "card.json",
        &[
            "--record",
            "exchange.jsonl",
            "--device-key",
            "device.key",
            "--outbox",
            "outbox",
            "--report-file",
            "first.cose",
        ],
    );
    (workplace, first)
}

fn replay(workplace: &Workplace, more: &[&str]) -> Ran {
    let arguments = [
        "inspect",
        "--replay",
        "exchange.jsonl",
        "--trust",
        "pki/trust",
        "--json",
    ];
    workplace.run(&[&arguments[..], more].concat())
}

#[test]
fn a_replay_gives_the_same_verdict_and_the_same_report_to_the_byte() {
    for (profile, faults) in [
        ("vn-cccd", &[][..]),
        ("vn-cccd", &["copied-chip"]),
        ("td3-bac", &[]),
        ("td3-pace", &["altered-data-group"]),
    ] {
        let (workplace, first) = recorded(profile, faults);
        // The card is gone: only the recording is left.
        fs::remove_file(workplace.path("card.json")).unwrap();
        let again = replay(
            &workplace,
            &["--device-key", "device.key", "--report-file", "again.cose"],
        );
        assert_eq!(again.status, first.status, "{}{}", again.stdout, again.stderr);
        let (first, again) = (first.json(), again.json());
        assert_eq!(again["checks"], first["checks"]);
        assert_eq!(again["document"], first["document"]);
        let read = |name| fs::read(workplace.path(name)).unwrap();
        assert!(
            read("first.cose") == read("again.cose"),
            "the reports differ for {profile} {faults:?}"
        );
    }
}

#[test]
fn a_recording_that_was_changed_does_not_replay() {
    let (workplace, _) = recorded("vn-cccd", &[]);
    let path = workplace.path("exchange.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    // Another random number makes other commands.
    let (index, line) = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.contains("\"random\""))
        .nth(1)
        .unwrap();
    let digit = line.find("\":\"").unwrap() + 3;
    let other = if &line[digit..=digit] == "0" { "1" } else { "0" };
    let changed = format!("{}{other}{}", &line[..digit], &line[digit + 1..]);
    let lines: Vec<_> = text
        .lines()
        .enumerate()
        .map(|(at, line)| if at == index { &changed } else { line })
        .collect();
    fs::write(&path, lines.join("\n")).unwrap();
    let ran = replay(&workplace, &[]);
    assert_eq!(
        (ran.status, ran.json()["error"]["code"].as_str()),
        (1, Some("recording")),
        "{}",
        ran.stdout
    );
}

#[test]
fn shows_the_exchange_by_the_names_of_its_commands() {
    let (workplace, _) = recorded("vn-cccd", &[]);
    let shown = workplace.succeed(&["record", "show", "exchange.jsonl"]).stdout;
    for name in [
        "GENERAL AUTHENTICATE",
        "READ BINARY",
        "INTERNAL AUTHENTICATE",
        "secure messaging",
    ] {
        assert!(shown.contains(name), "{name} is missing in\n{shown}");
    }
    let replayed = workplace.run(&[
        "record",
        "replay",
        "exchange.jsonl",
        "--trust",
        "pki/trust",
        "--json",
    ]);
    assert_eq!(replayed.status, 0, "{}{}", replayed.stdout, replayed.stderr);
}

#[test]
fn the_many_commands_that_read_one_portrait_are_one_line() {
    let workplace = Workplace::with_pki();
    let recording = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../test-vectors/recordings/td3-pace-bac-short-lengths/exchange.jsonl"
    );
    let show = |more: &[&str]| {
        workplace
            .succeed(&[&["record", "show", recording][..], more].concat())
            .stdout
    };
    let (folded, all) = (show(&[]), show(&["--data"]));
    let reads = |shown: &str| shown.matches("READ BINARY DG2").count();
    assert!(reads(&all) > 5, "{all}");
    assert_eq!(reads(&folded), 1, "{folded}");
    let more = format!("and {} more that read on in it", reads(&all) - 1);
    assert!(folded.contains(&more), "{folded}");
}

#[test]
fn a_recording_of_a_reported_inspection_replays_without_the_device_key() {
    let workplace = Workplace::with_pki();
    workplace.issue("vn-cccd", &["copied-chip"], "card.json");
    workplace.succeed(&["report", "key", "--out", "keys/device.key", "--device", "gate"]);
    fs::create_dir_all(workplace.path("outbox")).unwrap();
    // A beacon from which the challenge follows: it is the recording's, not this machine's.
    fs::write(workplace.path("outbox/beacon.cose"), b"beacon").unwrap();
    let more = [
        "--record",
        "exchange.jsonl",
        "--device-key",
        "keys/device.key",
        "--outbox",
        "outbox",
    ];
    let first = workplace.inspect("card.json", &more);
    let again = replay(&workplace, &[]);
    assert_eq!(
        (first.status, again.status),
        (20, 20),
        "{}{}",
        again.stdout,
        again.stderr
    );
    assert_eq!(again.json()["checks"], first.json()["checks"]);
}

#[test]
fn a_recorded_reading_is_shown_redacted_and_replayed_and_an_inspection_of_it_says_why_not() {
    let workplace = Workplace::with_pki();
    workplace.issue("vn-cccd", &[], "card.json");
    let read = ["read", "--card", "card.json", "--record", "exchange.jsonl"];
    let first = workplace.succeed(&[&read[..], &["--out", "first", "--json"]].concat());
    fs::remove_file(workplace.path("card.json")).unwrap();
    for command in [&["read", "--replay"][..], &["record", "replay"]] {
        let folder = command[0];
        let again = workplace.succeed(&[command, &["exchange.jsonl", "--out", folder, "--json"]].concat());
        assert_eq!(again.json(), first.json());
        let files = |folder: &str| {
            let entries = fs::read_dir(workplace.path(folder)).unwrap();
            let file = |entry: fs::DirEntry| (entry.file_name(), fs::read(entry.path()).unwrap());
            let files = entries.map(|entry| file(entry.unwrap()));
            files.collect::<std::collections::BTreeMap<_, _>>()
        };
        assert!(
            files("first").len() > 5 && files("first") == files(folder),
            "{folder}"
        );
    }
    workplace.succeed(&["record", "show", "exchange.jsonl"]);

    let refused = replay(&workplace, &[]);
    let message = refused.json()["error"]["message"].as_str().unwrap().to_owned();
    assert_eq!(refused.status, 2);
    assert!(
        message.contains("was recorded by `chipgate read`") && message.contains("read --replay"),
        "{message}"
    );
    let nowhere = workplace.run(&["record", "replay", "exchange.jsonl"]);
    assert!(
        nowhere.status == 2 && nowhere.stderr.contains("--out"),
        "{}",
        nowhere.stderr
    );

    let redacted = [
        "record",
        "redact",
        "exchange.jsonl",
        "--out",
        "redacted.jsonl",
        "--json",
    ];
    let redacted = workplace.succeed(&[&redacted[..], &["--trust", "pki/trust"]].concat());
    let redacted = redacted.json();
    assert_eq!(
        redacted["outcome"]["verdict"], redacted["recorded"]["verdict"],
        "{redacted}"
    );
    assert_eq!(
        redacted["outcome"]["reason"], redacted["recorded"]["reason"],
        "{redacted}"
    );
    workplace.succeed(&["read", "--replay", "redacted.jsonl", "--out", "other"]);
}

/// What the print says is part of what is judged: the recording keeps it.
#[test]
fn a_replay_compares_the_same_qr_code_with_the_chip() {
    let workplace = Workplace::with_pki();
    workplace.issue("vn-cccd", &[], "card.json");
    let card: Value =
        serde_json::from_str(&fs::read_to_string(workplace.path("card.json")).unwrap()).unwrap();
    let qr = card["passwords"]["qr"].as_str().unwrap();
    // Another name and date of birth than on the chip, and the same number.
    let fields: Vec<_> = qr.split('|').collect();
    let other = [
        fields[0],
        "",
        "LÊ VĂN KHÁC",
        fields[3],
        "Nam",
        fields[5],
        fields[6],
    ]
    .join("|");
    for (qr, result) in [(qr, "successful"), (&other, "failed")] {
        let more = ["--qr", qr, "--record", "exchange.jsonl"];
        let _ = fs::remove_file(workplace.path("exchange.jsonl"));
        let first = workplace.inspect("card.json", &more);
        let again = replay(&workplace, &[]);
        let agreement = check(&first.json(), "printed-electronic-agreement").clone();
        assert_eq!(agreement["result"], result, "{agreement}");
        assert_eq!(
            (again.json()["checks"].clone(), again.status),
            (first.json()["checks"].clone(), first.status)
        );
        let redact = [
            "record",
            "redact",
            "--force",
            "exchange.jsonl",
            "--out",
            "redacted.jsonl",
            "--json",
        ];
        let redacted = workplace
            .succeed(&[&redact[..], &["--trust", "pki/trust"]].concat())
            .json();
        for name in ["verdict", "stopped_by", "reason"] {
            assert_eq!(
                redacted["outcome"][name], redacted["recorded"][name],
                "{redacted}"
            );
        }
        let text = fs::read_to_string(workplace.path("redacted.jsonl")).unwrap();
        assert!(text.contains("\"qr\"") && !text.contains(fields[0]) && !text.contains("KHÁC"));
        fs::remove_dir_all(workplace.path("redacted.jsonl.trust")).unwrap();
    }
}

#[test]
fn a_replay_takes_the_recorded_pace_protocol() {
    let workplace = Workplace::with_pki();
    workplace.issue("td3-pace-cam", &[], "card.json");
    let pace = [
        "--pace",
        "id-PACE-ECDH-GM-AES-CBC-CMAC-128",
        "--record",
        "exchange.jsonl",
    ];
    let first = workplace.inspect("card.json", &pace);
    let again = replay(&workplace, &[]);
    assert_eq!(again.json()["checks"], first.json()["checks"], "{}", again.stdout);
}

#[test]
fn a_recording_of_a_report_is_replayed_to_the_same_report_by_its_short_command() {
    let (workplace, _) = recorded("td3-pace", &[]);
    let replay = ["record", "replay", "exchange.jsonl", "--trust", "pki/trust"];
    workplace.succeed(
        &[
            &replay[..],
            &["--device-key", "device.key", "--report-file", "again.cose"],
        ]
        .concat(),
    );
    let read = |name| fs::read(workplace.path(name)).unwrap();
    assert!(read("first.cose") == read("again.cose"));
}

#[test]
fn what_record_writes_as_json_is_in_its_schema() {
    let (workplace, _) = recorded("vn-cccd", &[]);
    let schema = schema("record");
    let described = |name: &str, ran: &Ran| {
        let value = ran.json();
        assert_described(&schema, &schema["$defs"][name], &value, name);
        for key in schema["$defs"][name]["required"].as_array().unwrap() {
            assert!(value.get(key.as_str().unwrap()).is_some(), "{name} lacks {key}");
        }
    };
    let show = ["record", "show", "exchange.jsonl", "--json"];
    described("show", &workplace.succeed(&show));
    described("show", &workplace.succeed(&[&show[..], &["--data"]].concat()));
    let trust = ["exchange.jsonl", "--json", "--trust", "pki/trust", "--out"];
    for (command, out) in [("redact", "redacted.jsonl"), ("twin", "twin.json")] {
        described(
            command,
            &workplace.succeed(&[&["record", command][..], &trust, &[out]].concat()),
        );
    }
}

/// Every kind of card: its twin, of an invented holder under invented issuers, is accepted as it was, and so is the redacted exchange.
#[test]
fn the_twin_and_the_redacted_recording_of_every_kind_of_card_are_accepted() {
    let workplace = Workplace::with_pki();
    let profiles = workplace.succeed(&["card", "profiles", "--json"]).json();
    for profile in profiles.as_array().unwrap() {
        let profile = profile["name"].as_str().unwrap();
        workplace.issue(profile, &[], "card.json");
        let exchange = format!("{profile}.jsonl");
        let first = workplace.inspect("card.json", &["--record", &exchange]).json();
        let (redacted, twin) = (format!("{profile}.redacted"), format!("{profile}.twin"));
        for (command, out) in [("redact", &redacted), ("twin", &twin)] {
            let ran = workplace.succeed(&["record", command, &exchange, "--out", out, "--json"]);
            assert_eq!(
                ran.json()["outcome"]["verdict"],
                "accept",
                "{profile}: {}",
                ran.stdout
            );
        }
        let trust = format!("{redacted}.trust");
        let again = workplace
            .run(&["inspect", "--replay", &redacted, "--trust", &trust, "--json"])
            .json();
        // The same results of the same checks, and another document.
        let results = |found: &Value| {
            let checks = found["checks"].as_array().unwrap().iter();
            let check = |check: &Value| {
                (
                    check["name"].clone(),
                    check["result"].clone(),
                    check["reason"].clone(),
                )
            };
            checks.map(check).collect::<Vec<_>>()
        };
        assert_eq!(results(&again), results(&first), "{profile}");
        assert_ne!(
            again["document"]["document_number"], first["document"]["document_number"],
            "{profile}"
        );
    }
}

/// The anchors can't be written: what was invented is there all the same, and the message says what is missing.
#[test]
fn what_was_redacted_is_there_even_where_its_anchors_cannot_be_written() {
    let (workplace, _) = recorded("td3-pace", &[]);
    for (command, out) in [("redact", "redacted.jsonl"), ("twin", "twin.json")] {
        let folder = workplace.path(&format!("{out}.trust"));
        std::os::unix::fs::symlink(workplace.path("nowhere"), &folder).unwrap();
        let arguments = ["record", command, "exchange.jsonl", "--out", out, "--json"];
        let ran = workplace.run(&arguments);
        let error = ran.json()["error"].clone();
        assert_eq!((ran.status, error["code"].as_str()), (1, Some("file")), "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(out) && message.contains("--force"), "{message}");
        assert!(workplace.path(out).exists(), "{out} is lost");
        fs::remove_file(folder).unwrap();
        workplace.succeed(&[&arguments[..], &["--force"]].concat());
    }
    let over_itself = [
        "record",
        "redact",
        "exchange.jsonl",
        "--out",
        "exchange.jsonl",
        "--force",
    ];
    let ran = workplace.run(&over_itself);
    assert!(
        ran.status == 2 && ran.stderr.contains("the recording itself"),
        "{}",
        ran.stderr
    );
}

/// `--force` writes over the anchors of an older one as well; over a folder with anything else in it nothing does.
#[test]
fn the_anchors_of_an_older_one_are_written_over_by_force() {
    let (workplace, _) = recorded("td3-pace", &[]);
    for (command, out) in [("redact", "redacted.jsonl"), ("twin", "twin.json")] {
        let arguments = ["record", command, "exchange.jsonl", "--out", out];
        let forced = [&arguments[..], &["--force"]].concat();
        let anchor = workplace.path(&format!("{out}.trust/csca-1.der"));
        workplace.succeed(&arguments);
        let first = fs::read(&anchor).unwrap();
        assert_eq!(workplace.run(&arguments).status, 2);
        assert_eq!(fs::read(&anchor).unwrap(), first);
        // One more than the new one has.
        fs::write(workplace.path(&format!("{out}.trust/csca-9.der")), b"old").unwrap();
        workplace.succeed(&forced);
        assert!(fs::read(&anchor).unwrap() != first, "{command}");
        assert!(
            !workplace.path(&format!("{out}.trust/csca-9.der")).exists(),
            "{command}"
        );
        let other = workplace.path(&format!("{out}.trust/thesis.txt"));
        fs::write(&other, b"a thesis").unwrap();
        let ran = workplace.run(&forced);
        assert!(ran.status == 2 && ran.stderr.contains(".trust"), "{}", ran.stderr);
        assert_eq!(fs::read(&other).unwrap(), b"a thesis");
    }
}

/// A recording with more exchanges than the command makes is not that command's: the line tells where it went on.
#[test]
fn a_replay_that_leaves_exchanges_over_says_so() {
    let (workplace, _) = recorded("td3-bac", &[]);
    let file = workplace.path("exchange.jsonl");
    workplace.issue("td3-bac", &[], "other.json");
    let read = [
        "read",
        "--card",
        "other.json",
        "--record",
        "reading.jsonl",
        "--out",
        "files",
    ];
    workplace.succeed(&read);
    let replays = [
        ("exchange.jsonl", &["inspect", "--trust", "pki/trust"][..]),
        ("reading.jsonl", &["read", "--out", "again"]),
    ];
    for (name, command) in replays {
        let file = file.with_file_name(name);
        let mut recording = Recording::read(&file).unwrap();
        let exchanges = recording.entries.iter();
        let last = exchanges
            .rev()
            .find(|entry| matches!(entry, Entry::Exchange { .. }));
        let last = last.unwrap().clone();
        recording.entries.extend([last.clone(), last]);
        recording.write(&file).unwrap();
        let ran = workplace.run(&[command, &["--replay", name, "--json"]].concat());
        let error = ran.json()["error"].clone();
        assert_eq!(
            (ran.status, error["code"].as_str()),
            (1, Some("recording")),
            "{error}"
        );
        let line = format!("at line {}", recording.entries.len());
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("2 recorded exchange(s)") && message.contains(&line),
            "{message}"
        );
    }
}
