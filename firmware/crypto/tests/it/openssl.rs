//! Runs the `openssl` command line tool.

use std::path::PathBuf;
use std::process::Command;

/// A folder for one test's files, with the tool beside it.
pub struct OpenSsl {
    folder: tempfile::TempDir,
}

impl OpenSsl {
    /// `None`, and a line that says so, where there is no `openssl`.
    pub fn find(test: &str) -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            println!("skipped: {test} (no openssl)");
            return None;
        }
        Some(Self {
            folder: tempfile::tempdir().unwrap(),
        })
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, content: &[u8]) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// Runs a command line in the folder; its output, or `None` if it failed.
    pub fn run(&self, arguments: &str) -> Option<Vec<u8>> {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        output.status.success().then_some(output.stdout)
    }

    /// Runs a command line that must succeed.
    pub fn output(&self, arguments: &str) -> Vec<u8> {
        self.run(arguments)
            .unwrap_or_else(|| panic!("openssl {arguments}"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
