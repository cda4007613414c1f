//! A report's way to the verifier and back.

use std::time::Instant;

use chipgate_apdu::Clock as _;
use chipgate_gate::{Delivery, Device, VerifierClient};
use chipgate_verifier::Registry;
use chipgate_virtual_card::{IssueOptions, Pki, Profile, issue};

use super::figures::{Figures, median};
use crate::{
    cli_error::CliError,
    clock::SystemClock,
    demo::Central,
    inspect::{InspectArguments, ReportArguments, inspect},
    source::CardArguments,
};

/// Signed reports of one card, made beforehand, to a verifier on this machine.
pub(super) fn measure(repeat: usize, figures: &mut Figures) -> Result<(), CliError> {
    let folder = std::env::temp_dir().join(format!("chipgate-bench-reports-{}", std::process::id()));
    let made = measure_in(&folder, repeat, figures);
    // What could not be removed is in the system's own temporary folder.
    let _ = std::fs::remove_dir_all(&folder);
    made
}

fn measure_in(folder: &std::path::Path, repeat: usize, figures: &mut Figures) -> Result<(), CliError> {
    std::fs::create_dir_all(folder).map_err(|error| CliError::file(folder, error))?;
    let now = SystemClock.now();
    let pki = Pki::generate(&mut rand::rng(), now)?;
    pki.write(&folder.join("pki"))?;
    let card = folder.join("card.json");
    issue(
        Profile::VnCccd,
        &pki,
        &IssueOptions::default(),
        &mut rand::rng(),
        now,
    )?
    .write(&card)?;
    let key = folder.join("device.key");
    let device = Device::create(&key, Some("bench"), &mut rand::rng())?;
    Registry::open(&folder.join("data"))?.add(device.name(), &device.public_key_pem()?)?;
    let central = Central::run(&folder.join("data"), &folder.join("pki/trust"))?;
    let verifier = VerifierClient::new(&central.address, None)?;
    let (mut times, mut length) = (Vec::new(), 0);
    for number in 0..repeat {
        let file = folder.join(format!("{number}.cose"));
        let arguments = InspectArguments {
            card: CardArguments {
                card: Some(card.clone()),
                ..CardArguments::default()
            },
            trust: Some(folder.join("pki/trust")),
            report: ReportArguments {
                device_key: Some(key.clone()),
                outbox: Some(folder.join("outbox")),
                report_file: Some(file.clone()),
                ..ReportArguments::default()
            },
            json: true,
            ..InspectArguments::default()
        };
        inspect(&arguments, &mut |_| {})?;
        let report = std::fs::read(&file).map_err(|error| CliError::file(&file, error))?;
        length = report.len();
        let begun = Instant::now();
        if !matches!(verifier.send(&report), Delivery::Accepted(_)) {
            return Err(CliError::Environment(
                "the verifier did not take the report".to_owned(),
            ));
        }
        times.push(begun.elapsed());
    }
    figures.time(
        "report: to the verifier, checked again, stored, and back",
        median(times),
        format!("{length} bytes; SQLite, written through to the disk"),
    );
    Ok(())
}
