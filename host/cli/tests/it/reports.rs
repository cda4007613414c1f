//! Reports at the verifier, a process of its own: accepted, refused, recognised, and waiting while it is away.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use serde_json::Value;

use crate::workplace::{Workplace, check};

/// A running verifier with the anchors of the workplace's PKI.
struct Verifier {
    process: Child,
    address: String,
}

impl Verifier {
    fn start(workplace: &Workplace) -> Self {
        let mut command = workplace.command();
        command.args([
            "verifier",
            "run",
            "--listen",
            "127.0.0.1:0",
            "--data",
            "central",
            "--trust",
            "pki/trust",
        ]);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .split_whitespace()
            .find(|word| word.starts_with("http"))
            .expect("an address")
            .to_owned();
        Self { process, address }
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// A workplace whose gate is registered at the verifier.
fn gate() -> Workplace {
    let workplace = Workplace::with_pki();
    workplace.succeed(&["report", "key", "--out", "device.key", "--device", "gate-07"]);
    workplace.succeed(&[
        "verifier",
        "device",
        "add",
        "gate-07",
        "--key",
        "device.key.pub",
        "--data",
        "central",
    ]);
    workplace
}

fn inspect(workplace: &Workplace, card: &str, address: &str) -> Value {
    let more = [
        "--report",
        address,
        "--device-key",
        "device.key",
        "--outbox",
        "outbox",
    ];
    workplace.inspect(card, &more).json()
}

#[test]
fn a_genuine_card_is_proven_again_and_a_forged_one_is_refused_there_too() {
    let workplace = gate();
    let verifier = Verifier::start(&workplace);
    workplace.issue("vn-cccd", &[], "genuine.json");
    workplace.issue("vn-cccd", &["copied-chip"], "copied.json");
    let genuine = inspect(&workplace, "genuine.json", &verifier.address);
    assert_eq!(genuine["report"]["accepted_by_verifier"], true, "{genuine}");
    let receipt = &genuine["report"]["receipt"];
    assert_eq!(
        (&receipt["verdict"], &receipt["agrees"]),
        (&"accept".into(), &true.into()),
        "{receipt}"
    );
    let findings = receipt["findings"].as_array().unwrap();
    let finding = |name: &str| findings.iter().find(|finding| finding["check"] == name).unwrap();
    assert_eq!(finding("chip-authenticity.active")["basis"], "proven");
    assert_eq!(finding("chip-access")["basis"], "claimed");

    let copied = inspect(&workplace, "copied.json", &verifier.address);
    assert_eq!(copied["report"]["receipt"]["verdict"], "refuse", "{copied}");
    assert_eq!(check(&copied, "chip-authenticity")["result"], "failed");
}

#[test]
fn a_report_waits_while_the_verifier_is_away_and_goes_out_later() {
    let workplace = gate();
    workplace.issue("vn-cccd", &[], "card.json");
    let waiting = inspect(&workplace, "card.json", "http://127.0.0.1:9");
    assert_eq!(waiting["verdict"], "accept");
    assert_eq!(waiting["report"]["accepted_by_verifier"], Value::Null);
    let verifier = Verifier::start(&workplace);
    let sent = workplace
        .succeed(&[
            "report",
            "send",
            &verifier.address,
            "--outbox",
            "outbox",
            "--json",
        ])
        .json();
    assert_eq!(sent["sent"].as_array().unwrap().len(), 1, "{sent}");
    assert_eq!(sent["sent"][0]["id"], waiting["report"]["id"]);
    let again = workplace
        .succeed(&[
            "report",
            "send",
            &verifier.address,
            "--outbox",
            "outbox",
            "--json",
        ])
        .json();
    assert_eq!(
        again["sent"].as_array().unwrap().len(),
        0,
        "nothing is sent twice: {again}"
    );
}

#[test]
fn away_after_a_beacon_the_challenge_is_still_fresh() {
    let workplace = gate();
    workplace.issue("vn-cccd", &[], "card.json");
    let verifier = Verifier::start(&workplace);
    inspect(&workplace, "card.json", &verifier.address);
    let offline = inspect(&workplace, "card.json", "http://127.0.0.1:9");
    assert_eq!(offline["report"]["accepted_by_verifier"], Value::Null);
    let sent = workplace
        .succeed(&[
            "report",
            "send",
            &verifier.address,
            "--outbox",
            "outbox",
            "--json",
        ])
        .json();
    let findings = sent["sent"][0]["findings"].as_array().unwrap();
    let active = findings
        .iter()
        .find(|finding| finding["check"] == "chip-authenticity.active")
        .unwrap();
    assert_eq!(
        (&active["result"], &active["basis"]),
        (&"successful".into(), &"proven".into()),
        "{sent}"
    );
}

#[test]
fn altered_unknown_and_repeated_reports_are_refused_or_recognised() {
    let workplace = gate();
    workplace.issue("vn-cccd", &[], "card.json");
    inspect(&workplace, "card.json", "http://127.0.0.1:9");
    let file = workplace.path("outbox/000000000001.cose");
    let report = fs::read(&file).unwrap();
    let verifier = Verifier::start(&workplace);
    let deliver = || {
        workplace
            .run(&[
                "report",
                "send",
                &verifier.address,
                "--outbox",
                "outbox",
                "--json",
            ])
            .json()
    };

    let mut altered = report.clone();
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    fs::write(&file, &altered).unwrap();
    let refused = deliver();
    assert_eq!(refused["refused"].as_array().unwrap().len(), 1, "{refused}");

    for _ in 0..2 {
        fs::write(&file, &report).unwrap();
        let sent = deliver();
        assert_eq!(
            sent["sent"].as_array().unwrap().len(),
            1,
            "the same report twice is one report: {sent}"
        );
    }

    workplace.succeed(&["report", "key", "--out", "stranger.key", "--device", "stranger"]);
    let ran = workplace.inspect(
        "card.json",
        &[
            "--report",
            &verifier.address,
            "--device-key",
            "stranger.key",
            "--outbox",
            "elsewhere",
        ],
    );
    assert_eq!(ran.json()["error"]["code"], "verifier-refuses", "{}", ran.stdout);
}
