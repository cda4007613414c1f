//! A folder with everything that a test needs: a PKI, cards, the user's own folders.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

/// A folder of its own for one test.
pub struct Workplace {
    folder: tempfile::TempDir,
}

/// What the program wrote, and its exit status.
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The JSON object that it wrote.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }
}

impl Workplace {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// One with a test PKI.
    pub fn with_pki() -> Self {
        let workplace = Self::new();
        workplace.succeed(&["card", "pki", "--out", "pki"]);
        workplace
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chipgate"));
        command.current_dir(self.folder.path());
        command.env("LC_ALL", "C.UTF-8");
        for (variable, folder) in [("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state")] {
            command.env(variable, self.path(folder));
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command().args(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran {
            status: status.code().unwrap(),
            stdout: text(stdout),
            stderr: text(stderr),
        }
    }

    /// Runs a command that must succeed.
    pub fn succeed(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.status, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        ran
    }

    /// Issues a card from the test PKI.
    pub fn issue(&self, profile: &str, faults: &[&str], out: &str) {
        let mut arguments = vec![
            "card",
            "issue",
            "--profile",
            profile,
            "--pki",
            "pki",
            "--force",
            "--out",
            out,
        ];
        for fault in faults {
            arguments.extend(["--fault", fault]);
        }
        self.succeed(&arguments);
    }

    /// Inspects a card against the anchors of the test PKI.
    pub fn inspect(&self, card: &str, more: &[&str]) -> Ran {
        let mut arguments = vec!["inspect", "--card", card, "--trust", "pki/trust", "--json"];
        arguments.extend(more);
        self.run(&arguments)
    }
}

/// One check of an inspection.
pub fn check<'a>(inspection: &'a Value, name: &str) -> &'a Value {
    inspection["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == name)
        .unwrap()
}

/// A portrait of the demo, if the pictures were fetched; says by name what is skipped otherwise.
pub fn picture(name: &str) -> Option<PathBuf> {
    let path = chipgate_models::picture_path(name)
        .ok()
        .filter(|path: &PathBuf| Path::exists(path));
    let models = chipgate_models::models_dir().is_ok_and(|folder| folder.is_dir());
    if path.is_none() || !models {
        println!("skipped: the faces, since the models and pictures are not there (`cargo xtask models`)");
        return None;
    }
    path
}

/// Every key of the value and what is in it is in its schema.
pub fn assert_described(root: &Value, schema: &Value, value: &Value, path: &str) {
    let schema = match schema["$ref"]
        .as_str()
        .and_then(|reference| reference.strip_prefix('#'))
    {
        Some(pointer) => root.pointer(pointer).unwrap(),
        None => schema,
    };
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let described = &schema["properties"][key];
                assert!(described.is_object(), "{path}.{key} is not in the schema");
                assert_described(root, described, member, &format!("{path}.{key}"));
            }
        }
        Value::Array(items) => {
            for item in items.iter().filter(|item| item.is_object()) {
                assert_described(root, &schema["items"], item, path);
            }
        }
        _ => {}
    }
}

/// A schema of docs/schemas.
pub fn schema(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas");
    let text = std::fs::read_to_string(folder.join(format!("{name}.schema.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}
