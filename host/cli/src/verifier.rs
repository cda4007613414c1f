//! `chipgate verifier`.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use chipgate_verifier::{Config, Registry};
use clap::{Args, Subcommand};

use chipgate_gate::{LONGEST_INPUT, read_text_at_most};

use crate::output::say;
use crate::{cli_error::CliError, folders, table::Table, time};

#[derive(Subcommand)]
pub(crate) enum VerifierCommand {
    /// Run the central verifier until it is stopped
    Run(RunArguments),
    /// Keep the register of devices whose reports are taken
    #[command(subcommand)]
    Device(DeviceCommand),
}

#[derive(Args)]
pub(crate) struct RunArguments {
    /// Where it listens; another address than loopback needs --behind-proxy
    #[arg(long, value_name = "ADDRESS", default_value = Config::LISTEN)]
    listen: SocketAddr,
    /// Where it keeps its database and its keys (without it: the user's state folder)
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The folder with its own trust anchors (without it: the user's configuration folder)
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Its policy: document, airport, counter, lab, or a policy file; the same as its gates', as a rule (without it: document)
    #[arg(long, value_name = "POLICY")]
    policy: Option<PathBuf>,
    /// A proxy that speaks TLS stands in front, so that other machines may reach it
    #[arg(long)]
    behind_proxy: bool,
}

#[derive(Subcommand)]
pub(crate) enum DeviceCommand {
    /// Register a device by its public key
    Add {
        /// Its name, as `chipgate report key` gave it
        name: String,
        /// Its public key (PEM), as `chipgate report key` wrote it
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        #[command(flatten)]
        data: DataArguments,
    },
    /// Give a registered device another key, and lift its revocation
    Replace {
        /// Its name
        name: String,
        /// Its new public key (PEM), as `chipgate report key` wrote it
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        #[command(flatten)]
        data: DataArguments,
    },
    /// Take a device out that has never reported, such as one whose name was mistyped; its key is free again
    Remove {
        /// Its name
        name: String,
        #[command(flatten)]
        data: DataArguments,
    },
    /// List the devices and what came from them
    List {
        #[command(flatten)]
        data: DataArguments,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Refuse a device's reports from now on
    Revoke {
        /// Its name
        name: String,
        #[command(flatten)]
        data: DataArguments,
    },
}

#[derive(Args)]
pub(crate) struct DataArguments {
    /// Where the verifier keeps its data (without it: the user's state folder)
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl DataArguments {
    fn registry(&self) -> Result<Registry, CliError> {
        Ok(Registry::open(
            &self.data.clone().map_or_else(folders::verifier, Ok)?,
        )?)
    }
}

pub(crate) fn run(command: VerifierCommand) -> Result<ExitCode, CliError> {
    match command {
        VerifierCommand::Run(arguments) => serve(arguments),
        VerifierCommand::Device(command) => device(&command),
    }
}

fn serve(arguments: RunArguments) -> Result<ExitCode, CliError> {
    let data = arguments.data.map_or_else(folders::verifier, Ok)?;
    let trust = arguments.trust.map_or_else(folders::trust, Ok)?;
    let mut config = Config::new(data, trust);
    config.listen = arguments.listen;
    config.policy = arguments.policy;
    config.behind_proxy = arguments.behind_proxy;
    chipgate_verifier::run_blocking(config, |server| {
        say!("The verifier listens at http://{}/", server.address());
        say!("{}", server.judges_by());
    })?;
    Ok(ExitCode::SUCCESS)
}

fn device(command: &DeviceCommand) -> Result<ExitCode, CliError> {
    match command {
        DeviceCommand::Add { name, key, data } => {
            let text = read_text_at_most(key, LONGEST_INPUT).map_err(|error| CliError::file(key, error))?;
            let device = data.registry()?.add(name, &text)?;
            say!("Registered {}", device.name);
        }
        DeviceCommand::Replace { name, key, data } => {
            let text = read_text_at_most(key, LONGEST_INPUT).map_err(|error| CliError::file(key, error))?;
            let registry = data.registry()?;
            registry.replace(name, &text)?;
            say!("{name} has another key now, and may report");
            say!(
                "Reports that still wait there were signed with the old key, and will be refused as bad-signature"
            );
            let last = registry
                .list()?
                .into_iter()
                .find(|activity| activity.device.name == *name);
            if let Some(last) = last.and_then(|activity| activity.last_sequence) {
                say!("Where its outbox was lost: chipgate report restart --after {last} --device-key FILE");
            }
        }
        DeviceCommand::Remove { name, data } => {
            data.registry()?.remove(name)?;
            say!("Removed {name}: nothing had come from it, and its key is free");
        }
        DeviceCommand::Revoke { name, data } => {
            data.registry()?.revoke(name)?;
            say!("Revoked {name}: its reports are refused from now on, what it sent before stays");
        }
        DeviceCommand::List { data, json } => list(&data.registry()?, *json)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(registry: &Registry, json: bool) -> Result<(), CliError> {
    let devices = registry.list()?;
    if json {
        let rows: Vec<_> = devices
            .iter()
            .map(|activity| {
                serde_json::json!({
                    "name": activity.device.name,
                    "added": activity.device.added_at.0,
                    "revoked": activity.device.revoked_at.map(|moment| moment.0),
                    "reports": activity.reports,
                    "last_sequence": activity.last_sequence,
                    "last_received": activity.last_received.map(|moment| moment.0),
                })
            })
            .collect();
        say!("{}", serde_json::Value::from(rows));
        return Ok(());
    }
    let mut table = Table::new(["device", "added", "reports", "last", "state"]);
    for activity in &devices {
        let state = activity.device.revoked_at.map_or("active".to_owned(), |moment| {
            format!("revoked {}", time::date(moment))
        });
        let last = activity.last_received.map_or("—".to_owned(), time::date);
        table.row([
            &activity.device.name,
            &time::date(activity.device.added_at),
            &activity.reports.to_string(),
            &last,
            &state,
        ]);
    }
    crate::output::write(format_args!("{}", table.render()));
    Ok(())
}
