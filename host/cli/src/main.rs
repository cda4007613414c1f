//! `chipgate`: reads chip-based identity documents, proves them, matches the face, decides and reports.
//!
//! One file a command; [`cli_error`] is the one way in which a command ends without a verdict.

mod bench;
mod card;
mod cli_error;
mod clock;
mod decode;
mod demo;
mod doctor;
mod document_folder;
mod face;
mod folders;
mod inspect;
mod interrupt;
mod language;
mod output;
mod overwrite;
mod private;
mod progress;
mod prose;
mod read;
mod readers;
mod record;
mod redact;
mod report;
mod source;
mod table;
mod terminal;
mod time;
mod trust;
mod verifier;
mod virtual_reader;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Reads chip-based identity documents, proves them, matches the face, decides and reports.
#[derive(Parser)]
#[command(name = "chipgate", version, max_term_width = 110, after_help = EXIT_STATUS)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_STATUS: &str = "Exit status: 0 accept or done, 10 refer, 20 refuse, 1 error, 2 wrong usage.";

#[derive(Subcommand)]
enum Command {
    /// Inspect a document: read it, prove it, match the face, decide, report
    Inspect(Box<inspect::InspectArguments>),
    /// Read a document's files as they are on the chip
    Read(read::ReadArguments),
    /// Make, show and present virtual cards and their test PKI
    #[command(subcommand)]
    Card(card::CardCommand),
    /// Keep the trust anchors that documents are proven against
    #[command(subcommand)]
    Trust(trust::TrustCommand),
    /// Find, rate and compare faces, look for attacks, and measure thresholds
    #[command(subcommand)]
    Face(face::FaceCommand),
    /// Show and replay recordings of exchanges
    #[command(subcommand)]
    Record(record::RecordCommand),
    /// Run the central verifier and keep its devices
    #[command(subcommand)]
    Verifier(verifier::VerifierCommand),
    /// Make a device key, and send the reports that wait
    #[command(subcommand)]
    Report(report::ReportCommand),
    /// List the smart-card readers
    Readers(readers::ReadersArguments),
    /// Look at reader, service, trust, models and clock: what is wrong, and what to do
    Doctor(doctor::DoctorArguments),
    /// Inspect four virtual cards from end to end: a genuine one, a forged one, a copy, and another person's face
    Demo(demo::DemoArguments),
    /// Measure speed and memory on this machine
    Bench(bench::BenchArguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Read(arguments) => read::run(&arguments),
        Command::Card(command) => card::run(&command),
        Command::Trust(command) => trust::run(&command),
        Command::Face(command) => face::run(&command),
        Command::Record(command) => record::run(&command),
        Command::Verifier(command) => verifier::run(command),
        Command::Report(command) => report::run(&command),
        Command::Readers(arguments) => readers::run(&arguments),
        Command::Doctor(arguments) => Ok(doctor::run(&arguments)),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
    };
    match result {
        Ok(status) => status,
        Err(error) => {
            // The command line was understood, so that this can only be the flag.
            if std::env::args().any(|argument| argument == "--json") {
                output::say!("{}", error.to_json());
            } else {
                eprintln!("chipgate: {error}");
            }
            ExitCode::from(error.exit_status())
        }
    }
}
