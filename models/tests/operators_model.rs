//! A model that an operator adds by a manifest in a folder of their own, as docs/faces.md shows it.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::{fs, path::PathBuf, process::Command};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

const WEIGHTS: &[u8] = b"what the operator's network is made of";

struct Site {
    folder: TempDir,
}

impl Site {
    /// The operator's file, and the manifest of docs/faces.md for it.
    fn new() -> Self {
        let site = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::write(site.path("weights.onnx"), WEIGHTS).unwrap();
        fs::create_dir(site.path("manifests")).unwrap();
        let weights = site.path("weights.onnx").display().to_string();
        let text = example()
            .replace("/srv/chipgate/site-embedder.onnx", &weights)
            .replace("SHA256", &hex::encode(Sha256::digest(WEIGHTS)));
        fs::write(site.path("manifests/site-embedder.toml"), text).unwrap();
        site
    }

    /// Changes something in the manifest.
    fn change(&self, from: &str, to: &str) {
        let file = self.path("manifests/site-embedder.toml");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(file, text.replace(from, to)).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Fetches it: whether that went well, and what was said.
    fn fetch(&self) -> (bool, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_chipgate-models"))
            .args(["fetch", "site-embedder"])
            .env("CHIPGATE_MANIFESTS", self.path("manifests"))
            .env("CHIPGATE_CACHE", self.path("cache"))
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    fn fetched(&self) -> PathBuf {
        self.path("cache/models/site-embedder.onnx")
    }
}

/// The manifest in docs/faces.md.
fn example() -> String {
    let page = include_str!("../../docs/faces.md");
    let begins = page.find("    # site-embedder.toml").unwrap();
    let block = page[begins..]
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with("    "));
    block
        .flat_map(|line| [line.strip_prefix("    ").unwrap_or(line), "\n"])
        .collect()
}

#[test]
fn the_manifest_of_the_documentation_brings_a_file_from_the_disk() {
    let site = Site::new();
    let (fine, said) = site.fetch();
    assert!(fine, "{said}");
    assert_eq!(fs::read(site.fetched()).unwrap(), WEIGHTS);
}

#[test]
fn another_file_than_the_pinned_one_is_refused_with_both_hashes() {
    let site = Site::new();
    fs::write(site.path("weights.onnx"), b"something else").unwrap();
    let (fine, said) = site.fetch();
    assert!(!fine && !site.fetched().exists(), "{said}");
    for bytes in [WEIGHTS, b"something else"] {
        assert!(said.contains(&hex::encode(Sha256::digest(bytes))), "{said}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let site = Site::new();
    fs::remove_file(site.path("weights.onnx")).unwrap();
    let (fine, said) = site.fetch();
    assert!(!fine && said.contains("weights.onnx"), "{said}");
}

#[test]
fn what_a_manifest_must_not_say_is_told_with_its_file() {
    let wrong = [
        ("\"aligned-embedder\"", "\"crooked-embedder\"", "crooked-embedder"),
        ("length = 128", "width = 128", "width"),
        ("length = 128", "length = \"long\"", "length"),
        ("\n[embedder]", "\n[embedder]]", "[embedder]]"),
        ("conversion = \"none\"", "conversion = \"melt\"", "melt"),
        ("\"site-embedder\"", "\"\"", "1 to 40 bytes"),
    ];
    for (from, to, expected) in wrong {
        let site = Site::new();
        site.change(from, to);
        let (fine, said) = site.fetch();
        assert!(!fine && !site.fetched().exists(), "{said}");
        assert!(
            said.contains("manifests/site-embedder.toml") && said.contains(expected),
            "{to}: {said}"
        );
    }
}

#[test]
fn a_reference_beside_the_manifest_has_to_be_of_that_model() {
    let site = Site::new();
    let reference = "model = \"another\"\nsize = [150, 150]\nby = []\n";
    fs::write(site.path("manifests/site-embedder.reference.toml"), reference).unwrap();
    let (fine, said) = site.fetch();
    assert!(!fine && said.contains("it is of `another`"), "{said}");
}
