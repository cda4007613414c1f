//! The central verifier of the demo: a process of its own.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use chipgate_gate::Device;
use chipgate_verifier::Registry;

use super::{Talk, stage::Stage};
use crate::{cli_error::CliError, inspect::Found};

/// How the verifier's pages name their style sheet.
const STYLE_SHEET: &str = r#"<link rel="stylesheet" href="/style.css">"#;

/// A running verifier; dropping it stops the process.
pub(crate) struct Central {
    process: Child,
    pub(crate) address: String,
}

impl Central {
    /// Gives the verifier anchors and a register of its own, and starts it on a free port of this machine.
    pub(super) fn start(stage: &Stage) -> Result<Self, CliError> {
        let (data, trust) = (stage.out.join("verifier/data"), stage.out.join("verifier/trust"));
        copy_files(&stage.out.join("pki/trust"), &trust)?;
        let device = Device::read(&stage.out.join("device.key"))?;
        Registry::open(&data)?.add(device.name(), &device.public_key_pem()?)?;
        Self::run(&data, &trust)
    }

    /// Starts a verifier on a free port of this machine.
    pub(crate) fn run(data: &Path, trust: &Path) -> Result<Self, CliError> {
        let failed = |error: std::io::Error| {
            CliError::Environment(format!("the verifier could not be started: {error}"))
        };
        let mut process = Command::new(std::env::current_exe().map_err(failed)?)
            .args(["verifier", "run", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .arg("--trust")
            .arg(trust)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line).map_err(failed)?;
        }
        let address = line.split_whitespace().find(|word| word.starts_with("http://"));
        let address = address.map(|address| address.trim_end_matches('/').to_owned());
        if let Some(address) = address {
            return Ok(Self { process, address });
        }
        let _ = process.kill(); // it has ended, or never will by itself
        let _ = process.wait();
        Err(CliError::Environment(
            "the verifier ended before it listened: its message stands above".to_owned(),
        ))
    }

    /// Keeps the pages as files that any browser opens: the list, the devices, and each report of the demo.
    pub(super) fn save_pages(&self, found: &[&Found], out: &Path) -> Result<PathBuf, CliError> {
        let folder = out.join("pages");
        fs::create_dir_all(folder.join("reports")).map_err(|error| CliError::file(&folder, error))?;
        let style = format!("<style>{}</style>", self.page("/style.css")?);
        let keep = |path: &str, file: &str, up: &str| {
            let mut text = without_what_needs_a_server(&self.page(path)?.replace(STYLE_SHEET, &style));
            for (address, page) in [("/", "index.html"), ("/devices", "devices.html")] {
                text = text.replace(&format!("href=\"{address}\""), &format!("href=\"{up}{page}\""));
            }
            for id in found.iter().filter_map(|found| found.report.as_ref()?.id()) {
                text = text.replace(
                    &format!("href=\"/reports/{id}\""),
                    &format!("href=\"{up}reports/{id}.html\""),
                );
            }
            save(&folder.join(file), &text)
        };
        keep("/", "index.html", "")?;
        keep("/devices", "devices.html", "")?;
        for id in found.iter().filter_map(|found| found.report.as_ref()?.id()) {
            keep(&format!("/reports/{id}"), &format!("reports/{id}.html"), "../")?;
        }
        Ok(folder.join("index.html"))
    }

    fn page(&self, path: &str) -> Result<String, CliError> {
        chipgate_gate::fetch_page(&format!("{}{path}", self.address)).map_err(CliError::from)
    }

    /// Keeps running until the process is interrupted.
    pub(super) fn wait(mut self, talk: Talk) {
        talk.say(&format!(
            "The verifier goes on at {}/ until Ctrl-C.",
            self.address
        ));
        // It ends by the same Ctrl-C.
        let _ = self.process.wait();
    }
}

impl Drop for Central {
    fn drop(&mut self) {
        // Asked to end, it closes its database; killed, its journal would do that at the next start.
        let id = self.process.id().to_string();
        let asked = Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .is_ok_and(|status| status.success());
        if !asked {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

/// The page without its filter and without its links to the programs' interface.
fn without_what_needs_a_server(page: &str) -> String {
    let mut page = page.to_owned();
    for (from, to) in [
        ("<form class=\"filter\"", "</form>"),
        ("<p class=\"pages\">", "</p>"),
    ] {
        while let Some(start) = page.find(from) {
            let end = page[start..]
                .find(to)
                .map_or(page.len(), |end| start + end + to.len());
            page.replace_range(start..end, "");
        }
    }
    page
}

fn save(file: &Path, text: &str) -> Result<(), CliError> {
    fs::write(file, text).map_err(|error| CliError::file(file, error))
}

fn copy_files(from: &Path, to: &Path) -> Result<(), CliError> {
    fs::create_dir_all(to).map_err(|error| CliError::file(to, error))?;
    for entry in fs::read_dir(from).map_err(|error| CliError::file(from, error))? {
        let entry = entry.map_err(|error| CliError::file(from, error))?;
        let copy = to.join(entry.file_name());
        fs::copy(entry.path(), &copy).map_err(|error| CliError::file(&copy, error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::without_what_needs_a_server;

    #[test]
    fn a_saved_page_has_no_button_and_no_link_that_leads_nowhere() {
        let page = "<h1>Reports</h1><form class=\"filter\" action=\"/\"><button>Show</button></form><p>x</p>\
                    <p class=\"pages\"><a href=\"/v1/reports/1\">This report as JSON</a></p>";
        assert_eq!(without_what_needs_a_server(page), "<h1>Reports</h1><p>x</p>");
    }
}
