//! Writes the first inputs of each target: what virtual cards hold, and whole cards that are read undisturbed.
//!
//!     cargo run --package chipgate-fuzz --example seed-corpus

mod trust;

use std::{fs, path::Path};

use chipgate_apdu::Timestamp;
use chipgate_inspection::Policy;
use chipgate_virtual_card::{CardFile, IssueOptions, Pki, SILHOUETTE, issue, profiles};
use rand::{SeedableRng, rngs::StdRng};

pub(crate) type Failure = Box<dyn std::error::Error>;

/// 2026-07-01.
const NOW: Timestamp = Timestamp::from_seconds(1_782_864_000);

fn main() -> Result<(), Failure> {
    let mut rng = StdRng::seed_from_u64(7);
    let pki = Pki::generate(&mut rng, NOW)?;
    for (number, &profile) in profiles().iter().enumerate() {
        let card = issue(profile, &pki, &IssueOptions::default(), &mut rng, NOW)?;
        seed_card(&card, profile.name(), u8::try_from(number)?)?;
    }
    let folder = std::env::temp_dir().join(format!("chipgate-seed-{}", std::process::id()));
    pki.write(&folder)?;
    for entry in fs::read_dir(Pki::trust_folder(&folder))? {
        let file = entry?.path();
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        seed("certificate", &name, &fs::read(&file)?)?;
    }
    trust::seed_all(&folder)?;
    fs::remove_dir_all(&folder)?;
    seed("report", "empty-map", &[0xA0])?;
    seed("image", "silhouette.jpg", SILHOUETTE)?;
    for name in ["document", "airport", "counter", "lab"] {
        seed(
            "policy",
            name,
            Policy::shipped_text(name).unwrap_or_default().as_bytes(),
        )?;
    }
    seed(
        "apdu",
        "select",
        &[0, 0xA4, 4, 0x0C, 7, 0xA0, 0, 0, 2, 0x47, 0x10, 1],
    )?;
    seed(
        "qr",
        "citizen",
        b"001099012345|123456789|NGUYEN VAN MAU|01021999|Nam|1 Pho Mau, Ha Noi|01022024",
    )?;
    seed(
        "reader-answers",
        "no-application",
        &[
            2, 0x90, 0, 2, 0x6A, 0x82, 2, 0x6A, 0x82, 2, 0x6A, 0x82, 2, 0x6A, 0x82,
        ],
    )?;
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors/recordings");
    seed(
        "recording",
        "vn-cccd",
        &fs::read(recordings.join("vn-cccd-genuine/exchange.jsonl"))?,
    )?;
    Ok(())
}

fn seed_card(card: &CardFile, profile: &str, number: u8) -> Result<(), Failure> {
    seed("reader-card", profile, &[number, 0xFF, 0, 0])?;
    seed(
        "reader-card",
        &format!("{profile}-altered"),
        &[number, 0xFF, 0, 0, 20, 0, 128, 1],
    )?;
    seed("mrz", profile, card.passwords.mrz.as_str().as_bytes())?;
    // A card file holds pictures, which are another target's.
    let mut slim = card.clone();
    slim.files.retain(|name, _| name == "EF.COM");
    seed("card-file", profile, slim.to_json()?.as_bytes())?;
    for (name, bytes) in &card.files {
        let of = |target| seed(target, &format!("{profile}-{}", name.replace('/', "-")), &bytes.0);
        match name.as_str() {
            "EF.SOD" => of("security-object")?,
            "EF.CardSecurity" => of("card-security")?,
            "EF.CardAccess" | "DG14" | "DG15" => of("security-infos")?,
            _ => {}
        }
        if let Some(kind) = kind(name) {
            let input = [&[kind][..], &bytes.0].concat();
            seed("lds", &format!("{profile}-{}", name.replace('/', "-")), &input)?;
        }
        if name == "EF.COM" {
            of("tlv")?;
        }
    }
    Ok(())
}

/// The number of the structure in the target `lds`.
fn kind(name: &str) -> Option<u8> {
    let names = [
        "EF.COM",
        "DG1",
        "DG2",
        "DG3",
        "DG4",
        "DG5",
        "DG7",
        "DG11",
        "DG12",
        "DG13",
        "DG16",
        "-",
        "-",
        "EF.CVCA",
        "EF.ATR/INFO",
        "EF.DIR",
    ];
    names
        .iter()
        .position(|known| *known == name)
        .and_then(|kind| u8::try_from(kind).ok())
}

pub(crate) fn seed(target: &str, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), bytes)?;
    Ok(())
}
