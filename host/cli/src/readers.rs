//! `chipgate readers`.

use std::process::ExitCode;

use chipgate_pcsc::Readers;
use clap::Args;

use crate::cli_error::CliError;

#[derive(Args)]
pub(crate) struct ReadersArguments {
    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &ReadersArguments) -> Result<ExitCode, CliError> {
    let names = Readers::connect()?.names()?;
    if arguments.json {
        println!("{}", serde_json::json!({ "readers": names }));
    } else if names.is_empty() {
        println!("No smart-card reader is connected.");
    } else {
        names.iter().for_each(|name| println!("{name}"));
    }
    Ok(ExitCode::SUCCESS)
}
