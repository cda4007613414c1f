//! `chipgate readers`.

use std::process::ExitCode;

use chipgate_pcsc::Readers;
use clap::Args;

use crate::cli_error::CliError;
use crate::output::say;

#[derive(Args)]
pub(crate) struct ReadersArguments {
    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &ReadersArguments) -> Result<ExitCode, CliError> {
    let readers = Readers::connect()?;
    let (names, with_card) = (readers.names()?, readers.with_card()?);
    if arguments.json {
        say!(
            "{}",
            serde_json::json!({ "readers": names, "with_card": with_card })
        );
    } else if names.is_empty() {
        say!("No smart-card reader is connected.");
    }
    if !arguments.json {
        for name in &names {
            say!(
                "{name}{}",
                if with_card.contains(name) {
                    " (a card lies on it)"
                } else {
                    ""
                }
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}
