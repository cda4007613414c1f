//! Through the real PC/SC service and its virtual reader.

use std::{
    process::{Child, Stdio},
    time::Duration,
};

use crate::workplace::{Workplace, check};

const READER: &str = "Virtual PCD 00 00";

/// Whether the service runs with the virtual reader; says by name what is skipped otherwise.
pub(crate) fn is_there(workplace: &Workplace) -> bool {
    let readers = workplace.run(&["readers", "--json"]);
    let there = readers.stdout.contains(READER);
    // `cargo xtask test` has started it: what it promised must not be skipped unseen.
    assert!(
        there || std::env::var_os("CHIPGATE_REQUIRE_PCSC").is_none(),
        "{}{}",
        readers.stdout,
        readers.stderr
    );
    if !there {
        println!(
            "skipped: the real PC/SC service, since it does not run with vpcd (`cargo xtask test` starts it)"
        );
    }
    there
}

/// A card in the virtual reader. When it goes, this waits until the service has seen it: it looks every 0.4 s, and takes
/// a card that was changed faster for the one before it.
pub(crate) struct Served<'a> {
    workplace: &'a Workplace,
    process: Child,
}

impl<'a> Served<'a> {
    pub(crate) fn begin(workplace: &'a Workplace, card: &str) -> Self {
        let mut command = workplace.command();
        let process = command
            .args(["card", "serve", card])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { workplace, process }
    }
}

impl Drop for Served<'_> {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        for _ in 0..100 {
            if !self
                .workplace
                .run(&["readers"])
                .stdout
                .contains("a card lies on it")
            {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The one place in the virtual reader, for one test at a time.
pub(crate) fn place() -> std::fs::File {
    let file = std::fs::File::create(std::env::temp_dir().join("chipgate-virtual-reader.lock")).unwrap();
    file.lock().unwrap();
    file
}

fn can(workplace: &Workplace) -> String {
    let shown = workplace.succeed(&["card", "show", "card.json", "--json"]).json();
    shown["can"].as_str().unwrap().to_owned()
}

#[test]
fn pcsc_reads_and_accepts_every_genuine_card() {
    let workplace = Workplace::with_pki();
    if !is_there(&workplace) {
        return;
    }
    let _place = place();
    let profiles = workplace.succeed(&["card", "profiles", "--json"]).json();
    for profile in profiles.as_array().unwrap() {
        let profile = profile["name"].as_str().unwrap();
        workplace.issue(profile, &[], "card.json");
        let shown = workplace.succeed(&["card", "show", "card.json", "--json"]).json();
        let mrz = shown["mrz"].as_str().unwrap();
        let served = Served::begin(&workplace, "card.json");
        let ran = workplace.run(&[
            "inspect",
            "--reader",
            READER,
            "--mrz",
            mrz,
            "--trust",
            "pki/trust",
            "--json",
        ]);
        drop(served);
        let found = ran.json();
        assert_eq!(
            (ran.status, found["verdict"].as_str()),
            (0, Some("accept")),
            "{profile}: {found}"
        );
        assert_eq!(
            check(&found, "printed-electronic-agreement")["result"],
            "successful"
        );
    }
}

#[test]
fn pcsc_refuses_a_copied_card() {
    let workplace = Workplace::with_pki();
    if !is_there(&workplace) {
        return;
    }
    let _place = place();
    workplace.issue("vn-cccd", &["copied-chip"], "card.json");
    let can = can(&workplace);
    let _served = Served::begin(&workplace, "card.json");
    let found = workplace
        .run(&[
            "inspect",
            "--reader",
            READER,
            "--can",
            &can,
            "--trust",
            "pki/trust",
            "--json",
        ])
        .json();
    assert_eq!(found["stopped_by"], "chip-authenticity", "{found}");
}

#[test]
fn pcsc_without_a_card_says_so_in_time() {
    let workplace = Workplace::with_pki();
    if !is_there(&workplace) {
        return;
    }
    let _place = place();
    let ran = workplace.run(&[
        "inspect",
        "--reader",
        READER,
        "--can",
        "123456",
        "--timeout",
        "1",
        "--json",
    ]);
    assert_eq!(
        (ran.status, ran.json()["error"]["code"].as_str()),
        (1, Some("no-card")),
        "{}",
        ran.stdout
    );
    let ran = workplace.run(&[
        "inspect",
        "--reader",
        "No such reader",
        "--can",
        "123456",
        "--json",
    ]);
    assert_eq!(ran.json()["error"]["code"], "unknown-reader");
}

#[test]
fn pcsc_a_second_card_and_the_demo_leave_the_first_card_alone() {
    let workplace = Workplace::with_pki();
    if !is_there(&workplace) {
        return;
    }
    let _place = place();
    workplace.issue("vn-cccd", &[], "card.json");
    let _served = Served::begin(&workplace, "card.json");
    while !workplace.run(&["readers"]).stdout.contains("a card lies on it") {
        std::thread::sleep(Duration::from_millis(50));
    }
    let second = workplace.run(&["card", "serve", "card.json"]);
    assert_eq!(second.status, 1, "{}", second.stdout);
    assert!(
        second.stderr.contains("--vpcd 127.0.0.1:35964"),
        "{}",
        second.stderr
    );
    assert!(!second.stdout.contains("Presenting"), "{}", second.stdout);
    for command in [
        &["demo", "--out", "demo"][..],
        &["bench", "--only", "read", "--repeat", "1"],
    ] {
        let ran = workplace.run(command);
        assert_eq!(ran.status, 1, "{}", ran.stdout);
        assert!(
            ran.stderr.contains("a card already lies on Virtual PCD 00 00"),
            "{}",
            ran.stderr
        );
    }
}
