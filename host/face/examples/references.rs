//! Holds each fetched model against its reference outputs: `cargo run -p chipgate-face --example references`

use std::{error::Error, process::ExitCode};

use chipgate_face::check_reference;
use chipgate_models::{manifests, models_dir};

fn main() -> ExitCode {
    match check() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("references: {error}");
            ExitCode::FAILURE
        }
    }
}

fn check() -> Result<(), Box<dyn Error>> {
    let folder = models_dir()?;
    for manifest in manifests()? {
        if !folder.join(&manifest.file).is_file() {
            continue;
        }
        let agreed = check_reference(&manifest, &folder)?;
        match agreed[..] {
            [] => println!(
                "{}: no reference outputs stand beside its manifest",
                manifest.name
            ),
            _ => println!("{} computes what these do: {}", manifest.name, agreed.join(", ")),
        }
    }
    Ok(())
}
