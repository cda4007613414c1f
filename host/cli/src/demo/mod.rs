//! `chipgate demo`: the main job from end to end, four times.

mod central;
mod stage;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use chipgate_inspection::Language;
use clap::Args;

use crate::output::say;
use crate::{cli_error::CliError, folders, inspect, table::Table};
pub(crate) use central::Central;
use stage::{RUNS, Run, Stage};

#[derive(Args)]
pub(crate) struct DemoArguments {
    /// The folder that everything goes to (without it: the user's state folder); what an earlier demo left there is
    /// replaced
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Present the cards in-process even where PC/SC is there
    #[arg(long)]
    in_process: bool,
    /// Keep the verifier running at the end, so that its pages can be looked at, until Ctrl-C
    #[arg(long, conflicts_with = "json")]
    keep: bool,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// What one run came to.
struct Shown {
    run: &'static Run,
    found: inspect::Found,
}

pub(crate) fn run(arguments: &DemoArguments) -> Result<ExitCode, CliError> {
    let out = arguments.out.clone().map_or_else(folders::demo, Ok)?;
    let talk = Talk {
        shown: !arguments.json,
    };
    let stage = Stage::set(&out, arguments.in_process, talk)?;
    let central = Central::start(&stage)?;
    talk.say(&format!(
        "The central verifier runs as a process of its own at {}, with its own anchors.",
        central.address
    ));
    let mut results = Vec::new();
    for run in &RUNS {
        talk.heading(run.title);
        let found = stage.perform(run, &central, arguments.json)?;
        talk.say(&inspect::verdict_text(
            &found.inspection,
            Language::English,
            false,
        ));
        if let Some(report) = &found.report {
            talk.say(&inspect::report_text(report, Language::English));
        }
        results.push(Shown { run, found });
    }
    let pages = central.save_pages(
        &results.iter().map(|result| &result.found).collect::<Vec<_>>(),
        &out,
    )?;
    let as_expected = results.iter().all(Shown::is_as_expected);
    if arguments.json {
        say!("{}", json(&results, &out));
    } else {
        crate::output::write(format_args!(
            "{}",
            summary(&results, &out, &pages, stage.is_pcsc())
        ));
        if arguments.keep {
            central.wait(talk);
        }
    }
    // A demo that does not show what it promises has failed.
    Ok(if as_expected {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Shown {
    /// Whether gate and verifier came to what the demo promises.
    fn is_as_expected(&self) -> bool {
        let decision = &self.found.inspection.decision;
        let receipt = self
            .found
            .report
            .as_ref()
            .and_then(inspect::ReportOutcome::receipt);
        let central = receipt.and_then(|receipt| receipt["verdict"].as_str());
        decision.verdict == self.run.verdict
            && decision.stopped_by == self.run.stopped_by
            && central == Some(self.run.verdict.name())
    }
}

/// What the demo tells a person; silent where a program listens.
#[derive(Clone, Copy)]
struct Talk {
    shown: bool,
}

impl Talk {
    fn say(self, text: &str) {
        if self.shown {
            say!("{text}");
        }
    }

    fn heading(self, text: &str) {
        self.say(&format!("\n━━ {text}\n"));
    }
}

fn json(results: &[Shown], out: &Path) -> serde_json::Value {
    let runs: Vec<_> = results
        .iter()
        .map(|result| {
            let decision = &result.found.inspection.decision;
            serde_json::json!({
                "name": result.run.name,
                "verdict": decision.verdict,
                "stopped_by": decision.stopped_by,
                "report": result.found.report.as_ref().map(inspect::ReportOutcome::to_json),
            })
        })
        .collect();
    serde_json::json!({ "runs": runs, "out": out })
}

fn summary(results: &[Shown], out: &Path, pages: &Path, is_pcsc: bool) -> String {
    let mut table = Table::new(["card", "verdict at the gate", "stopped by", "at the verifier"]);
    for result in results {
        let decision = &result.found.inspection.decision;
        let receipt = result
            .found
            .report
            .as_ref()
            .and_then(inspect::ReportOutcome::receipt);
        let central = receipt
            .and_then(|receipt| receipt["verdict"].as_str())
            .unwrap_or("not reported");
        let stopped_by = decision.stopped_by.map_or("—", |check| check.name());
        table.row([result.run.name, decision.verdict.name(), stopped_by, central]);
    }
    let how = if is_pcsc {
        "through pcscd and its virtual reader"
    } else {
        "in-process"
    };
    format!(
        "\n━━ What came of it\n\nThe cards were presented {how}.\n\n{}\n\
         The verifier's page:   {}\n\
         The recordings:        {}\n\
         To look at the pages live: {} verifier run --data {} --trust {}\n",
        table.render(),
        pages.display(),
        out.join("*.jsonl").display(),
        std::env::current_exe()
            .unwrap_or_else(|_| "chipgate".into())
            .display(),
        out.join("verifier/data").display(),
        out.join("verifier/trust").display(),
    )
}

/// An empty folder at `out`. Only what an earlier demo made is removed.
fn fresh_folder(out: &Path) -> Result<(), CliError> {
    let mark = out.join(".chipgate-demo");
    let failed = |error| CliError::file(out, error);
    let is_empty = fs::read_dir(out).map_or(true, |mut entries| entries.next().is_none());
    if !is_empty {
        if !mark.exists() {
            return Err(CliError::Usage(format!(
                "{} is not empty and no earlier demo's: name another folder",
                out.display()
            )));
        }
        fs::remove_dir_all(out).map_err(failed)?;
    }
    fs::create_dir_all(out).map_err(failed)?;
    fs::write(mark, "").map_err(failed)
}
