//! Reports at the verifier, a process of its own: accepted, refused, recognised, and waiting while it is away.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Stdio},
    sync::mpsc::{Sender, channel},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::workplace::{Ran, Workplace, check};

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
}

/// The text of an inspection that reports.
fn inspect_as_text(workplace: &Workplace, address: &str) -> Ran {
    let arguments = [
        "inspect",
        "--card",
        "card.json",
        "--trust",
        "pki/trust",
        "--report",
        address,
    ];
    workplace.run(
        &[
            &arguments[..],
            &["--device-key", "device.key", "--outbox", "outbox"],
        ]
        .concat(),
    )
}

#[test]
fn a_device_that_is_unknown_or_revoked_takes_no_verdict_away() {
    let workplace = gate();
    workplace.issue("vn-cccd", &["copied-chip"], "card.json");
    let verifier = Verifier::start(&workplace);
    workplace.succeed(&["report", "key", "--out", "stranger.key", "--device", "stranger"]);
    let more = [
        "--report",
        &verifier.address,
        "--device-key",
        "stranger.key",
        "--outbox",
        "elsewhere",
    ];
    let unknown = workplace.inspect("card.json", &more).json();
    assert_eq!(unknown["verdict"], "refuse", "{unknown}");
    assert_eq!(unknown["report"]["not_sent"], "unknown-device", "{unknown}");
    let note = unknown["report"]["note"].as_str().unwrap();
    assert!(note.contains("chipgate verifier device add stranger"), "{note}");

    workplace.succeed(&["verifier", "device", "revoke", "gate-07", "--data", "central"]);
    let revoked = inspect(&workplace, "card.json", &verifier.address);
    assert_eq!(
        (&revoked["verdict"], &revoked["report"]["not_sent"]),
        (&"refuse".into(), &"device-revoked".into())
    );
    assert_eq!(
        revoked["report"]["accepted_by_verifier"],
        Value::Null,
        "it waits: {revoked}"
    );
    let text = inspect_as_text(&workplace, &verifier.address);
    assert_eq!(text.status, 20, "{}", text.stderr);
    assert!(text.stdout.contains("NOT SENT"), "{}", text.stdout);
}

/// A request without a body that comes back.
fn post(address: &str, path: &str, body: &str) -> String {
    let host = address.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_gate_whose_nonces_someone_used_up_goes_on_from_the_beacon() {
    let workplace = gate();
    workplace.issue("vn-cccd", &[], "card.json");
    let verifier = Verifier::start(&workplace);
    let ask = || post(&verifier.address, "/v1/nonces", r#"{"device":"gate-07"}"#);
    while !ask().starts_with("HTTP/1.1 429") {}
    let found = inspect(&workplace, "card.json", &verifier.address);
    assert_eq!(found["verdict"], "accept", "{found}");
    let receipt = &found["report"]["receipt"];
    let findings = receipt["findings"].as_array().unwrap();
    let active = findings
        .iter()
        .find(|finding| finding["check"] == "chip-authenticity.active")
        .unwrap();
    assert_eq!(
        (&active["result"], &active["basis"]),
        (&"successful".into(), &"proven".into()),
        "the beacon's challenge is as good: {found}"
    );
}

#[test]
fn a_gate_that_waits_for_cards_uses_no_nonces_up() {
    let workplace = gate();
    let verifier = Verifier::start(&workplace);
    for _ in 0..3 {
        let arguments = [
            "inspect",
            "--card",
            "nowhere.json",
            "--trust",
            "pki/trust",
            "--report",
            &verifier.address,
        ];
        let ran = workplace.run(
            &[
                &arguments[..],
                &["--device-key", "device.key", "--outbox", "outbox"],
            ]
            .concat(),
        );
        assert_eq!(ran.status, 1, "{}", ran.stderr);
    }
    let mut given = 0;
    while post(&verifier.address, "/v1/nonces", r#"{"device":"gate-07"}"#).starts_with("HTTP/1.1 200") {
        given += 1;
    }
    assert_eq!(given, 64, "none was taken before a card was there");
}

#[test]
fn an_outbox_that_cannot_be_used_takes_no_verdict_away() {
    let workplace = gate();
    workplace.issue("vn-cccd", &["copied-chip"], "card.json");
    fs::create_dir(workplace.path("outbox")).unwrap();
    fs::write(workplace.path("outbox/chain.json"), "{").unwrap();
    let broken = inspect(&workplace, "card.json", "http://127.0.0.1:9");
    assert_eq!(
        (&broken["verdict"], &broken["report"]["error"]),
        (&"refuse".into(), &"broken-chain".into())
    );
    assert_eq!(broken["report"]["id"], Value::Null);
    let more = ["--device-key", "device.key", "--outbox", "/proc/outbox"];
    let ran = workplace.inspect("card.json", &more);
    assert_eq!(ran.json()["report"]["error"], "outbox", "{}", ran.stdout);
    assert!(
        ran.stderr.contains("NO REPORT WILL BE MADE"),
        "it is said at once: {}",
        ran.stderr
    );
}

#[test]
fn a_device_key_that_is_not_there_is_told_before_a_card_is_touched() {
    let workplace = gate();
    workplace.issue("vn-cccd", &[], "card.json");
    let ran = workplace.inspect("card.json", &["--device-key", "nowhere.key"]);
    assert_eq!(
        (ran.status, &ran.json()["error"]["code"]),
        (1, &"device-key".into()),
        "{}",
        ran.stdout
    );
}

/// Something that gives a nonce and then lets the sender of a report wait until it is told to hang up.
fn hanging_verifier() -> (String, Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (release, released) = channel();
    thread::spawn(move || {
        let (mut nonces, _) = listener.accept().unwrap();
        let _ = nonces.read(&mut [0; 4096]);
        let body = r#"{"nonce":"0102030405060708","expires":0}"#;
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        nonces.write_all(format!("{head}{body}").as_bytes()).unwrap();
        drop(nonces);
        let _report = listener.accept().unwrap();
        // Less than the gate's patience: whoever waits for it, waits for nothing.
        let _ = released.recv_timeout(Duration::from_secs(8));
    });
    (address, release)
}

#[test]
fn the_verdict_is_told_before_the_report_is_sent() {
    let workplace = gate();
    workplace.issue("vn-cccd", &[], "card.json");
    let (address, release) = hanging_verifier();
    let mut command = workplace.command();
    command.args([
        "inspect",
        "--card",
        "card.json",
        "--trust",
        "pki/trust",
        "--report",
        &address,
    ]);
    command.args(["--device-key", "device.key", "--outbox", "outbox"]);
    let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let verdict = lines
        .by_ref()
        .map(Result::unwrap)
        .find(|line| line.contains("VERDICT"));
    assert!(verdict.is_some_and(|line| line.contains("accept")));
    assert!(
        workplace.path("outbox/000000000001.cose").exists(),
        "the report is safe by then"
    );
    release
        .send(())
        .expect("the verdict came while the verifier still hung");
    let rest: String = lines.map(Result::unwrap).collect();
    assert!(rest.contains("Report"), "{rest}");
    assert_eq!(process.wait().unwrap().code(), Some(0));
}

#[test]
fn a_lost_outbox_has_a_way_back() {
    let workplace = gate();
    workplace.issue("vn-cccd", &[], "card.json");
    let verifier = Verifier::start(&workplace);
    for _ in 0..2 {
        inspect(&workplace, "card.json", &verifier.address);
    }
    fs::remove_dir_all(workplace.path("outbox")).unwrap();
    let refused = inspect(&workplace, "card.json", &verifier.address);
    assert_eq!(refused["report"]["not_sent"], "sequence-repeated", "{refused}");
    let note = refused["report"]["note"].as_str().unwrap();
    assert!(note.contains("chipgate report restart"), "{note}");
    let arguments = [
        "report",
        "restart",
        "--after",
        "2",
        "--device-key",
        "device.key",
        "--outbox",
        "outbox",
    ];
    workplace.succeed(&arguments);
    let again = inspect(&workplace, "card.json", &verifier.address);
    assert_eq!(again["report"]["accepted_by_verifier"], true, "{again}");
    assert_eq!(
        again["report"]["receipt"]["flags"],
        serde_json::json!(["previous-differs"]),
        "and it is seen"
    );
    let sent = workplace.succeed(&["report", "send", &verifier.address, "--outbox", "outbox"]);
    assert!(sent.stdout.contains("refused before: 1"), "{}", sent.stdout);
}
