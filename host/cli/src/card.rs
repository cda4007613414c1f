//! `chipgate card`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::AtomicBool,
};

use chipgate_apdu::Clock as _;
use chipgate_virtual_card::{
    CardFile, Expectation, Fault, IssueOptions, Pki, PkiOptions, Profile, Quirk, SecretText, SignerAlgorithm,
    VPCD_ADDRESS, VirtualCard, VpcdEvent, faults, issue, profiles, serve_vpcd,
};
use clap::{Args, Subcommand};
use rand::{SeedableRng, rngs::StdRng};

use chipgate_gate::{LONGEST_PICTURE, read_at_most};

use crate::output::say;
use crate::{cli_error::CliError, clock::SystemClock, overwrite::Overwrite, table::Table};

#[derive(Subcommand)]
pub(crate) enum CardCommand {
    /// Make a test PKI: authorities, signers, revocation lists, a master list; the anchors in DIR/trust
    Pki {
        /// The folder that it goes to; it is made if it is not there
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// What the authorities sign with, as in ecdsa-brainpoolP384r1-sha384 (without it: each country's usual)
        #[arg(long, value_name = "ALGORITHM")]
        authority: Option<SignerAlgorithm>,
        /// What the document signers sign with, as in rsa-3072-pss-sha256 (without it: each one's usual)
        #[arg(long, value_name = "ALGORITHM")]
        signer: Option<SignerAlgorithm>,
        /// What CV certificates and the terminal sign with, as in rsa-2048-pss-sha256 (without it: ecdsa-brainpoolP256r1-sha256)
        #[arg(long, value_name = "ALGORITHM")]
        terminal: Option<SignerAlgorithm>,
    },
    /// Issue a virtual card
    Issue(IssueArguments),
    /// Show a virtual card: what it is, and what opens it
    Show {
        /// The card file
        file: PathBuf,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Present a virtual card to pcscd through the virtual reader (vpcd), until interrupted
    Serve {
        /// The card file
        file: PathBuf,
        /// Where vpcd listens
        #[arg(long, value_name = "ADDRESS", default_value = VPCD_ADDRESS)]
        vpcd: String,
    },
    /// List the kinds of cards
    Profiles {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// List how chips can differ and be genuine all the same
    Personalities {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// List what can be wrong with a card, and what an inspection must make of it
    Faults {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
pub(crate) struct IssueArguments {
    /// The kind of card; `chipgate card profiles` lists them
    #[arg(long, value_name = "NAME")]
    profile: Profile,
    /// The test PKI that signs it (without it: a new one, that no anchor knows)
    #[arg(long, value_name = "DIR")]
    pki: Option<PathBuf>,
    /// The portrait, JPEG or JPEG 2000 (without it: a silhouette)
    #[arg(long, value_name = "FILE")]
    portrait: Option<PathBuf>,
    /// Something that is to be wrong with it; may be given several times
    #[arg(long, value_name = "NAME")]
    fault: Vec<Fault>,
    /// How the chip is to differ from a prompt one; may be given several times
    #[arg(long, value_name = "NAME")]
    personality: Vec<Quirk>,
    /// A document signer for this card alone, as in rsa-2048-pkcs1-sha512 (without it: the profile's)
    #[arg(long, value_name = "ALGORITHM")]
    signer: Option<SignerAlgorithm>,
    /// Sign it under the authority's next key, which only the link certificate leads to
    #[arg(long)]
    next_authority: bool,
    /// The card file to write; it holds the card's private keys
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    overwrite: Overwrite,
}

pub(crate) fn run(command: &CardCommand) -> Result<ExitCode, CliError> {
    match command {
        CardCommand::Pki {
            out,
            authority,
            signer,
            terminal,
        } => {
            let options = PkiOptions {
                authority: *authority,
                signer: *signer,
                terminal: *terminal,
            };
            make_pki(out, &options)?;
        }
        CardCommand::Issue(arguments) => issue_card(arguments)?,
        CardCommand::Show { file, json } => show(&CardFile::read(file)?, *json),
        CardCommand::Serve { file, vpcd } => serve(&CardFile::read(file)?, vpcd)?,
        CardCommand::Profiles { json } => list_profiles(*json),
        CardCommand::Personalities { json } => list_personalities(*json),
        CardCommand::Faults { json } => list_faults(*json),
    }
    Ok(ExitCode::SUCCESS)
}

fn make_pki(out: &Path, options: &PkiOptions) -> Result<(), CliError> {
    let is_free = !out.exists() || out.read_dir().is_ok_and(|mut entries| entries.next().is_none());
    if !is_free {
        return Err(CliError::Usage(format!(
            "{} is no empty folder: name another one; cards of a PKI that is in it would come out unknown",
            out.display()
        )));
    }
    Pki::generate_with(options, &mut rand::rng(), SystemClock.now())?.write(out)?;
    say!(
        "Test PKI in {}; its anchors in {}; a terminal's certificates in {}",
        out.display(),
        Pki::trust_folder(out).display(),
        Pki::terminal_folder(out).display()
    );
    Ok(())
}

fn issue_card(arguments: &IssueArguments) -> Result<(), CliError> {
    arguments.overwrite.check([arguments.out.as_path()])?;
    let now = SystemClock.now();
    let mut rng = rand::rng();
    let pki = match &arguments.pki {
        Some(folder) if !folder.is_dir() => {
            return Err(CliError::Usage(format!(
                "there is no test PKI in {0}: make one with `chipgate card pki --out {0}`",
                folder.display()
            )));
        }
        Some(folder) => Pki::read(folder)?,
        None => Pki::generate(&mut rng, now)?,
    };
    let read =
        |file: &PathBuf| read_at_most(file, LONGEST_PICTURE).map_err(|error| CliError::file(file, error));
    let portrait = arguments.portrait.as_ref().map(read).transpose()?;
    let options = IssueOptions {
        portrait,
        faults: arguments.fault.clone(),
        personalities: arguments.personality.clone(),
        signer: arguments.signer,
        next_authority: arguments.next_authority,
        hash: None,
    };
    issue(arguments.profile, &pki, &options, &mut rng, now)?.write(&arguments.out)?;
    say!("{} in {}", arguments.profile, arguments.out.display());
    Ok(())
}

fn show(card: &CardFile, json: bool) {
    let passwords = &card.passwords;
    let secret = |text: Option<&SecretText>| text.map(|text| text.as_str().to_owned());
    let (can, qr) = (secret(passwords.can.as_ref()), secret(passwords.qr.as_ref()));
    let mrz = passwords.mrz.as_str();
    if json {
        let files: serde_json::Map<_, _> = card
            .files
            .iter()
            .map(|(name, bytes)| (name.clone(), bytes.0.len().into()))
            .collect();
        say!(
            "{}",
            serde_json::json!({
                "profile": card.profile, "faults": card.faults, "personalities": card.personalities,
                "can": can, "pin": secret(passwords.pin.as_ref()), "puk": secret(passwords.puk.as_ref()), "mrz": mrz, "qr": qr, "files": files,
            })
        );
        return;
    }
    say!("{}: {}", card.profile, card.profile.description());
    let list = |names: &[String]| match names {
        [] => "none".to_owned(),
        names => names.join(", "),
    };
    say!("Faults: {}", list(&card.faults));
    say!("Quirks: {}", list(&card.personalities));
    say!("CAN:    {}", can.as_deref().unwrap_or("none"));
    for (name, text) in [("PIN", &passwords.pin), ("PUK", &passwords.puk)] {
        if let Some(text) = text {
            say!("{name}:    {}", text.as_str());
        }
    }
    say!("MRZ:    {}", mrz.lines().collect::<Vec<_>>().join("\n        "));
    say!("QR:     {}", qr.as_deref().unwrap_or("none"));
    let mut table = Table::new(["file", "bytes"]);
    for (name, bytes) in &card.files {
        table.row([name, &bytes.0.len().to_string()]);
    }
    crate::output::write(format_args!("{}", table.render()));
}

fn serve(card: &CardFile, vpcd: &str) -> Result<(), CliError> {
    let mut chip = VirtualCard::new(card, StdRng::from_rng(&mut rand::rng()))?;
    let mut tell = |event| match event {
        VpcdEvent::Waiting => eprintln!("chipgate: nothing listens at {vpcd} yet; trying for five seconds"),
        VpcdEvent::Presented => say!("Presenting a {} at {vpcd}; Ctrl-C takes it out", card.profile),
        VpcdEvent::ReaderGone => {
            eprintln!(
                "chipgate: the virtual reader has gone; the card waits until the PC/SC service is back"
            );
        }
    };
    // The process ends by the signal; nothing has to be put away.
    Ok(serve_vpcd(&mut chip, vpcd, &AtomicBool::new(false), &mut tell)?)
}

fn list_profiles(json: bool) {
    if json {
        let rows: Vec<_> = profiles()
            .iter()
            .map(
                |profile| serde_json::json!({ "name": profile.name(), "description": profile.description() }),
            )
            .collect();
        say!("{}", serde_json::Value::from(rows));
        return;
    }
    for profile in profiles() {
        say!("{:16} {}", profile.name(), profile.description());
    }
}

fn list_personalities(json: bool) {
    if json {
        let row =
            |quirk: &Quirk| serde_json::json!({ "name": quirk.name(), "description": quirk.description() });
        say!("{}", Quirk::ALL.iter().map(row).collect::<serde_json::Value>());
        return;
    }
    for quirk in Quirk::ALL {
        say!("{:20} {}", quirk.name(), quirk.description());
    }
}

fn list_faults(json: bool) {
    if json {
        say!("{}", serde_json::json!(faults()));
        return;
    }
    let mut table = Table::new(["fault", "profile", "outcome", "stopped by", "reason"]);
    for fault in faults() {
        table.row(fault_row(fault));
    }
    crate::output::write(format_args!("{}\n", table.render()));
    for fault in Fault::ALL {
        say!("  {:32} {}", fault.name(), fault.description());
    }
}

/// A fault with its verdict, or with the error that it ends in.
fn fault_row(fault: &Expectation) -> [&'static str; 5] {
    let none = "—";
    let reason = fault.error.or(fault.reason).unwrap_or(none);
    [
        fault.name,
        fault.profile.name(),
        fault.verdict.unwrap_or("error"),
        fault.stopped_by.unwrap_or(none),
        reason,
    ]
}
