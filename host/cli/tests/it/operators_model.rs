//! A model that an operator adds by a manifest alone, used by its name: the network of dlib under another one. Skipped by name without models.

use std::{fs, os::unix::fs::symlink};

use crate::workplace::{Ran, Workplace, picture};

/// A workplace with the defaults, the operator's network and the manifest that docs/faces.md shows for it.
fn site() -> Option<Workplace> {
    let portrait = picture("obama")?;
    let workplace = Workplace::new();
    let models = chipgate_models::models_dir().unwrap();
    for folder in ["cache/models", "manifests", "set/a", "set/b"] {
        fs::create_dir_all(workplace.path(folder)).unwrap();
    }
    for manifest in chipgate_models::manifests()
        .unwrap()
        .iter()
        .filter(|model| model.default)
    {
        let file = workplace.path("cache/models").join(&manifest.file);
        symlink(models.join(&manifest.file), file).unwrap();
    }
    let network = models.join("dlib-face-recognition.onnx");
    fs::copy(network, workplace.path("cache/models/site-embedder.onnx")).unwrap();
    let page = include_str!("../../../../docs/faces.md");
    let begins = page.find("    # site-embedder.toml").unwrap();
    let block = page[begins..]
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with("    "));
    let text: String = block
        .flat_map(|line| [line.strip_prefix("    ").unwrap_or(line), "\n"])
        .collect();
    let hash = chipgate_models::manifest("dlib-face-recognition").unwrap().sha256;
    fs::write(
        workplace.path("manifests/site-embedder.toml"),
        text.replace("SHA256", &hash),
    )
    .unwrap();
    for (name, at) in [
        ("obama", "set/a/1.jpg"),
        ("obama2", "set/a/2.jpg"),
        ("biden", "set/b/1.jpg"),
        ("biden", "set/b/2.jpg"),
    ] {
        fs::copy(portrait.with_file_name(format!("{name}.jpg")), workplace.path(at)).unwrap();
    }
    Some(workplace)
}

/// Runs the program with the operator's folders.
fn run(workplace: &Workplace, arguments: &[&str]) -> Ran {
    let output = workplace
        .command()
        .args(arguments)
        .env("CHIPGATE_MANIFESTS", workplace.path("manifests"))
        .env("CHIPGATE_CACHE", workplace.path("cache"))
        .output()
        .unwrap();
    Ran {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

const COMPARE: [&str; 6] = [
    "face",
    "compare",
    "set/a/1.jpg",
    "set/a/2.jpg",
    "--model",
    "site-embedder",
];
const CALIBRATE: [&str; 5] = ["face", "calibrate", "set", "--model", "site-embedder"];

#[test]
fn a_manifest_alone_adds_a_model_that_is_calibrated_and_then_compares() {
    let Some(workplace) = site() else { return };
    let ran = run(&workplace, &COMPARE);
    assert!(
        ran.status == 1 && ran.stderr.contains("chipgate face calibrate"),
        "nothing says yet what its scores mean: {}",
        ran.stderr
    );
    let ran = run(
        &workplace,
        &[
            &CALIBRATE[..],
            &["--json", "--manifest", "calibration.toml", "--fmr", "0.8"],
        ]
        .concat(),
    );
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let found = ran.json();
    assert_eq!((&found["genuine"], &found["impostor"]), (&2.into(), &4.into()));
    let model = found["model"].as_str().unwrap();
    assert!(model.starts_with("site-embedder@"), "{model}");
    let calibration = fs::read_to_string(workplace.path("calibration.toml")).unwrap();
    let manifest = workplace.path("manifests/site-embedder.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text + &calibration).unwrap();
    let ran = run(&workplace, &[&COMPARE[..], &["--json"]].concat());
    let site = ran.json();
    assert!(
        site["model"].as_str().unwrap().starts_with("site-embedder@"),
        "{site}"
    );
    let defaults = run(&workplace, &[&COMPARE[..4], &["--json"]].concat()).json();
    assert_eq!(site["score"], defaults["score"], "it is the same network");
    assert_ne!(site["threshold"], defaults["threshold"]);
}
