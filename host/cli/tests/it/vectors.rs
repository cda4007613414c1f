//! Every recording below test-vectors/recordings replays to its expected outcome. Anyone can add one: the test finds it.
//!
//! `cargo xtask vectors` makes those of the virtual cards again: with `CHIPGATE_WRITE_VECTORS` set, [`written`] writes them.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
};

use serde_json::{Value, json};

use crate::workplace::{Ran, Workplace, check};

/// With it the recordings are written again.
const WRITE: &str = "CHIPGATE_WRITE_VECTORS";
/// The anchors of all recordings that bring none of their own.
const TRUST: &str = "trust";
const EXCHANGE: &str = "exchange.jsonl";
const EXPECTED: &str = "expected.json";
/// The kind of card that personalities are shown with.
const OF_PERSONALITIES: &str = "td3-pace-bac";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors/recordings")
}

fn recordings() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).unwrap();
    let folders = entries.map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = folders
        .filter(|path| path.is_dir() && !path.ends_with(TRUST))
        .collect();
    found.sort();
    found
}

#[test]
fn every_recording_replays_to_its_expected_outcome() {
    let found = recordings();
    assert!(
        found.len() > 100,
        "only {} recordings in {}",
        found.len(),
        folder().display()
    );
    let wrong = thread::scope(|scope| {
        let parts = found.chunks(found.len().div_ceil(2));
        let tasks: Vec<_> = parts
            .map(|part| {
                scope.spawn(|| {
                    part.iter()
                        .filter_map(|path| replayed(path).err())
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        tasks
            .into_iter()
            .flat_map(|task| task.join().unwrap())
            .collect::<Vec<_>>()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every kind of card and every fault that there is has its recording.
#[test]
fn every_kind_of_card_every_fault_and_every_personality_is_recorded() {
    let workplace = Workplace::new();
    let recorded: Vec<Value> = recordings().iter().map(|path| expected(path)).collect();
    let has = |key: &str, name: &str| recorded.iter().any(|expected| expected[key] == name);
    for (list, key) in [
        ("profiles", "profile"),
        ("faults", "fault"),
        ("personalities", "personality"),
    ] {
        for name in names(&workplace, list) {
            assert!(
                has(key, &name),
                "no recording of {key} {name}: `cargo xtask vectors` makes one"
            );
        }
    }
}

fn expected(recording: &Path) -> Value {
    let text = fs::read_to_string(recording.join(EXPECTED));
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", recording.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", recording.display()))
}

fn trust(recording: &Path) -> PathBuf {
    let own = recording.join(TRUST);
    if own.is_dir() { own } else { folder().join(TRUST) }
}

/// Verdict, the check that stopped, its reason, and the error's code.
fn outcome(ran: &Ran) -> [Value; 4] {
    let found = ran.json();
    let reason = found["stopped_by"].as_str().map_or(Value::Null, |stopped_by| {
        check(&found, stopped_by)["reason"].clone()
    });
    let part = |name: &str| found.get(name).cloned().unwrap_or_default();
    [
        part("verdict"),
        part("stopped_by"),
        reason,
        found["error"]["code"].clone(),
    ]
}

fn replayed(recording: &Path) -> Result<(), String> {
    let expected = expected(recording);
    let trust = trust(recording);
    let exchange = recording.join(EXCHANGE);
    let ran = Workplace::new().run(&[
        "inspect",
        "--replay",
        exchange.to_str().unwrap(),
        "--trust",
        trust.to_str().unwrap(),
        "--json",
    ]);
    let wanted = ["verdict", "stopped_by", "reason", "error"]
        .map(|name| expected.get(name).cloned().unwrap_or_default());
    if outcome(&ran) == wanted {
        return Ok(());
    }
    Err(format!("{}: {}{}", recording.display(), ran.stdout, ran.stderr))
}

#[test]
fn every_recording_is_redacted_and_doubled_and_comes_to_the_same_outcome() {
    let found = recordings();
    let wrong = thread::scope(|scope| {
        let parts = found.chunks(found.len().div_ceil(2));
        let tasks: Vec<_> = parts
            .map(|part| scope.spawn(|| part.iter().flat_map(|path| exchanged(path)).collect::<Vec<_>>()))
            .collect();
        tasks
            .into_iter()
            .flat_map(|task| task.join().unwrap())
            .collect::<Vec<_>>()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a redacted recording and a twin come to otherwise than the recorded card.
fn exchanged(recording: &Path) -> Vec<String> {
    let name = recording.file_name().unwrap().to_str().unwrap();
    let workplace = Workplace::new();
    let (exchange, trust) = (recording.join(EXCHANGE), trust(recording));
    let command = |command: &str| {
        let (exchange, trust) = (exchange.to_str().unwrap(), trust.to_str().unwrap());
        let ran = workplace.run(&[
            "record", command, exchange, "--trust", trust, "--out", command, "--json",
        ]);
        let found = ran.json();
        let same = ran.status == 0 && found["recorded"] == found["outcome"];
        (!same).then(|| format!("{command} of {name}: {}", ran.stdout))
    };
    ["redact", "twin"].into_iter().filter_map(command).collect()
}

fn names(workplace: &Workplace, list: &str) -> Vec<String> {
    let found = workplace.succeed(&["card", list, "--json"]).json();
    let mut names = Vec::new();
    for item in found.as_array().unwrap() {
        let name = item["name"].as_str().unwrap().to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A recording to make: its card, and what must come of it.
struct Wanted {
    folder: String,
    profile: String,
    fault: Option<String>,
    personality: Option<String>,
    outcome: Value,
}

impl Wanted {
    fn accepted(folder: String, profile: &str, personality: Option<String>) -> Self {
        Self {
            folder,
            profile: profile.to_owned(),
            fault: None,
            personality,
            outcome: json!({ "verdict": "accept", "stopped_by": null, "reason": null, "error": null }),
        }
    }

    fn about(&self) -> String {
        let what = match (&self.fault, &self.personality) {
            (Some(fault), _) => format!("with the fault {fault}"),
            (None, Some(personality)) => format!("genuine, with the personality {personality}"),
            (None, None) => "genuine".to_owned(),
        };
        format!("a virtual card of the profile {}, {what}", self.profile)
    }
}

/// Each kind of card, each fault with the first kind that it fits, each personality.
fn all_wanted(workplace: &Workplace) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = names(workplace, "profiles")
        .into_iter()
        .map(|profile| Wanted::accepted(format!("{profile}-genuine"), &profile, None))
        .collect();
    let faults = workplace.succeed(&["card", "faults", "--json"]).json();
    for fault in faults.as_array().unwrap() {
        let (name, profile) = (
            fault["name"].as_str().unwrap(),
            fault["profile"].as_str().unwrap(),
        );
        if wanted.iter().any(|wanted| wanted.fault.as_deref() == Some(name)) {
            continue;
        }
        let outcome = ["verdict", "stopped_by", "reason", "error"].map(|key| (key, fault[key].clone()));
        wanted.push(Wanted {
            folder: format!("{profile}-{name}"),
            profile: profile.to_owned(),
            fault: Some(name.to_owned()),
            personality: None,
            outcome: outcome
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        });
    }
    let personalities = names(workplace, "personalities").into_iter();
    wanted.extend(personalities.map(|name| {
        let folder = format!("{OF_PERSONALITIES}-{name}");
        let gives_up = name == "loses-session";
        let mut wanted = Wanted::accepted(folder, OF_PERSONALITIES, Some(name));
        if gives_up {
            wanted.outcome["verdict"] = Value::Null;
            wanted.outcome["error"] = "secure-messaging-broken".into();
        }
        wanted
    }));
    wanted
}

/// Writes the recordings of the virtual cards again, with one PKI that is thrown away. What others added stays.
#[test]
fn written() {
    if std::env::var_os(WRITE).is_none() {
        println!("skipped: writing the recordings again (`cargo xtask vectors`)");
        return;
    }
    let workplace = Workplace::with_pki();
    let trust = folder().join(TRUST);
    let _ = fs::remove_dir_all(&trust);
    fs::create_dir_all(&trust).unwrap();
    for entry in fs::read_dir(workplace.path("pki/trust")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, trust.join(path.file_name().unwrap())).unwrap();
    }
    for wanted in all_wanted(&workplace) {
        write(&workplace, &wanted);
    }
    write_first_version();
}

fn write(workplace: &Workplace, wanted: &Wanted) {
    let mut issue = vec![
        "card",
        "issue",
        "--pki",
        "pki",
        "--out",
        "card.json",
        "--force",
        "--profile",
        &wanted.profile,
    ];
    for (option, name) in [("--fault", &wanted.fault), ("--personality", &wanted.personality)] {
        if let Some(name) = name {
            issue.extend([option, name]);
        }
    }
    workplace.succeed(&issue);
    // A recording is never written over.
    let _ = fs::remove_file(workplace.path(EXCHANGE));
    workplace.inspect("card.json", &["--record", EXCHANGE]);
    let mut expected = json!({
        "about": wanted.about(),
        "profile": wanted.profile,
        "fault": wanted.fault,
        "personality": wanted.personality,
    });
    for (name, value) in wanted.outcome.as_object().unwrap() {
        expected[name] = value.clone();
    }
    let text = fs::read_to_string(workplace.path(EXCHANGE)).unwrap();
    put(&wanted.folder, &text, &expected);
}

/// The first version of the format had no last line; its recordings are still read.
fn write_first_version() {
    let recording = folder().join("vn-cccd-genuine");
    let text = fs::read_to_string(recording.join(EXCHANGE)).unwrap();
    let end = text.trim_end().rfind('\n').unwrap() + 1;
    let text = text[..end].replacen("\"version\":2", "\"version\":1", 1);
    let mut expected = expected(&recording);
    expected["about"] = "vn-cccd-genuine in the first version of the format".into();
    put("version-1", &text, &expected);
}

fn put(name: &str, exchange: &str, expected: &Value) {
    let recording = folder().join(name);
    fs::create_dir_all(&recording).unwrap();
    fs::write(recording.join(EXCHANGE), exchange).unwrap();
    let expected = serde_json::to_string_pretty(expected).unwrap() + "\n";
    fs::write(recording.join(EXPECTED), expected).unwrap();
}
