//! The demo's cards, pictures and gate.

use std::path::{Path, PathBuf};

use chipgate_apdu::Clock as _;
use chipgate_gate::Device;
use chipgate_inspection::{Check, Policy, Verdict};
use chipgate_pcsc::Readers;
use chipgate_virtual_card::{CardFile, Fault, IssueOptions, Pki, Profile, VirtualCard, issue};
use rand::{SeedableRng, rngs::StdRng};

use super::{Talk, central::Central, fresh_folder};
use crate::{
    cli_error::CliError,
    clock::SystemClock,
    inspect::{self, Found, InspectArguments, ReportArguments},
    source::{CardArguments, PasswordArguments},
    virtual_reader::{self, Presented, VIRTUAL_READER},
};

/// One card at the gate.
pub(super) struct Run {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    fault: Option<Fault>,
    /// The picture at the camera, by its name in models/manifests/pictures.toml.
    live: &'static str,
    pub(super) verdict: Verdict,
    pub(super) stopped_by: Option<Check>,
}

/// The picture on every card.
const PORTRAIT: &str = "obama";

pub(super) const RUNS: [Run; 4] = [
    Run {
        name: "genuine",
        title: "A genuine citizen card and its holder",
        fault: None,
        live: "obama2",
        verdict: Verdict::Accept,
        stopped_by: None,
    },
    Run {
        name: "forged",
        title: "A forged card: the name on the chip was altered",
        fault: Some(Fault::AlteredDataGroup),
        live: "obama2",
        verdict: Verdict::Refuse,
        stopped_by: Some(Check::DataGroupIntegrity),
    },
    Run {
        name: "copied",
        title: "A copied card: all files are genuine, but the chip lacks the private keys",
        fault: Some(Fault::CopiedChip),
        live: "obama2",
        verdict: Verdict::Refuse,
        stopped_by: Some(Check::ChipAuthenticity),
    },
    Run {
        name: "another-face",
        title: "A genuine card in another person's hand",
        fault: None,
        live: "biden",
        verdict: Verdict::Refuse,
        stopped_by: Some(Check::Face),
    },
];

/// How long a card may take to show in the reader, in seconds.
const PATIENCE: u64 = 20;

/// Everything that is there before the first card comes.
pub(super) struct Stage {
    pub(super) out: PathBuf,
    pki: Pki,
    portrait: Vec<u8>,
    /// Whether cards go through the PC/SC service.
    pcsc: bool,
}

impl Stage {
    pub(super) fn set(out: &Path, in_process: bool, talk: Talk) -> Result<Self, CliError> {
        let pcsc = !in_process && has_virtual_reader(talk)?;
        fresh_folder(out)?;
        talk.say("Making a test PKI: authorities, document signers, revocation lists.");
        let pki = Pki::generate(&mut rand::rng(), SystemClock.now())?;
        pki.write(&out.join("pki"))?;
        let policy = out.join("policy.toml");
        let text = Policy::shipped_text("document").unwrap_or_default();
        std::fs::write(&policy, text).map_err(|error| CliError::file(&policy, error))?;
        Device::create(&out.join("device.key"), Some("demo-gate"), &mut rand::rng())?;
        let portrait = picture(PORTRAIT)?;
        let portrait = std::fs::read(&portrait).map_err(|error| CliError::file(&portrait, error))?;
        Ok(Self {
            out: out.to_owned(),
            pki,
            portrait,
            pcsc,
        })
    }

    pub(super) const fn is_pcsc(&self) -> bool {
        self.pcsc
    }

    /// Issues the run's card, lays it on the reader, and inspects it.
    pub(super) fn perform(&self, run: &Run, central: &Central, json: bool) -> Result<Found, CliError> {
        let options = IssueOptions {
            portrait: Some(self.portrait.clone()),
            faults: run.fault.into_iter().collect(),
            ..IssueOptions::default()
        };
        let card = issue(
            Profile::VnCccd,
            &self.pki,
            &options,
            &mut rand::rng(),
            SystemClock.now(),
        )?;
        let file = self.out.join(format!("{}.card.json", run.name));
        card.write(&file)?;
        let arguments = self.arguments(run, central, &card, file, json)?;
        let _presented = self.pcsc.then(|| present(&card)).transpose()?;
        inspect::inspect(&arguments, &mut |_| {})
    }

    fn arguments(
        &self,
        run: &Run,
        central: &Central,
        card: &CardFile,
        file: PathBuf,
        json: bool,
    ) -> Result<InspectArguments, CliError> {
        let reader = self.pcsc.then(|| VIRTUAL_READER.to_owned());
        let can = card.passwords.can.as_ref().map(|can| can.as_str().to_owned());
        let mrz = Some(card.passwords.mrz.as_str().to_owned());
        Ok(InspectArguments {
            card: CardArguments {
                card: reader.is_none().then_some(file),
                reader,
                timeout: PATIENCE,
                pace: None,
                terminal: None,
                password: PasswordArguments {
                    can,
                    mrz,
                    ..PasswordArguments::default()
                },
            },
            face: vec![picture(run.live)?],
            trust: Some(self.out.join("pki/trust")),
            policy: self.out.join("policy.toml").display().to_string(),
            report: ReportArguments {
                report: Some(central.address.clone()),
                device_key: Some(self.out.join("device.key")),
                outbox: Some(self.out.join("outbox")),
                report_file: Some(self.out.join(format!("{}.cose", run.name))),
                report_ca: None,
            },
            record: Some(self.out.join(format!("{}.jsonl", run.name))),
            json,
            ..InspectArguments::default()
        })
    }
}

fn present(card: &CardFile) -> Result<Presented, CliError> {
    Presented::begin(VirtualCard::new(card, StdRng::from_rng(&mut rand::rng()))?)
}

/// Whether the cards go through PC/SC. Someone else's card in the virtual reader ends the demo.
fn has_virtual_reader(talk: Talk) -> Result<bool, CliError> {
    let readers = match Readers::connect() {
        Ok(readers) => readers,
        Err(error) => {
            talk.say(&format!("The cards are presented in-process: {error}."));
            return Ok(false);
        }
    };
    let free = virtual_reader::is_free(&readers)?;
    talk.say(if free {
        "The PC/SC service runs with its virtual reader: the cards go through it."
    } else {
        "The PC/SC service has no virtual reader (vsmartcard-vpcd): the cards are presented in-process."
    });
    Ok(free)
}

fn picture(name: &str) -> Result<PathBuf, CliError> {
    let path =
        chipgate_models::picture_path(name).map_err(|error| CliError::Environment(error.to_string()))?;
    if path.exists() {
        Ok(path)
    } else {
        Err(CliError::Environment(format!(
            "{} is not there: fetch the pictures with `cargo xtask models`",
            path.display()
        )))
    }
}
