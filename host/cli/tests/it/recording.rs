//! A replay gives the same report, to the byte.

use std::fs;

use crate::workplace::{Ran, Workplace};

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
