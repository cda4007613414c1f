//! Every recording below test-vectors/recordings replays to its expected outcome. Anyone can add one: the test finds it.

use std::{fs, path::Path};

use serde_json::Value;

use crate::workplace::{Workplace, check};

#[test]
fn every_recording_replays_to_its_expected_outcome() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors/recordings");
    let mut found = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let recording = entry.unwrap().path();
        if !recording.is_dir() {
            continue;
        }
        replay(&recording);
        found += 1;
    }
    assert!(found >= 4, "only {found} recordings in {}", folder.display());
}

fn replay(recording: &Path) {
    let text = fs::read_to_string(recording.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let workplace = Workplace::new();
    let path = |name: &str| recording.join(name).to_str().unwrap().to_owned();
    let (exchange, trust) = (path("exchange.jsonl"), path("trust"));
    let ran = workplace.run(&["inspect", "--replay", &exchange, "--trust", &trust, "--json"]);
    let found = ran.json();
    let name = recording.display();
    assert_eq!(found["verdict"], expected["verdict"], "{name}: {found}");
    assert_eq!(found["stopped_by"], expected["stopped_by"], "{name}: {found}");
    if let Some(stopped_by) = expected["stopped_by"].as_str() {
        assert_eq!(
            check(&found, stopped_by)["reason"],
            expected["reason"],
            "{name}: {found}"
        );
    }
}
