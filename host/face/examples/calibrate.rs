//! Measures the threshold: all pairs of a folder with one folder of pictures a person.
//!
//! `cargo run --release -p chipgate-face --example calibrate -- FOLDER [MODELS]`
//!
//! It prints the similarity thresholds for false match rates of 10⁻² to 10⁻⁴ with the share of genuine pairs that
//! reach them. What it prints for 10⁻³ goes into the manifest of the embedder.

use std::{error::Error, fs, path::Path, path::PathBuf};

use chipgate_face::{Engine, Template, decode};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().ok_or("usage: calibrate FOLDER [MODELS]")?;
    let models = arguments.next().map_or_else(chipgate_models::models_dir, Ok)?;
    let engine = Engine::load(&models)?;
    let (templates, without_face) = templates(&engine, &folder)?;
    println!("{} pictures with a face, {without_face} without", templates.len());
    let (mut genuine, mut impostor) = scores(&templates);
    genuine.sort_by(f32::total_cmp);
    impostor.sort_by(|a, b| b.total_cmp(a));
    println!(
        "{} genuine pairs, {} impostor pairs",
        genuine.len(),
        impostor.len()
    );
    for rate in [1e-2, 1e-3, 1e-4] {
        let threshold = threshold(&impostor, rate);
        let accepted = genuine.iter().filter(|score| **score >= threshold).count();
        println!(
            "FMR {rate:e}: score from {threshold:.4} up, TAR {:.2} %",
            share(accepted, genuine.len())
        );
    }
    println!("EER {:.2} %", equal_error_rate(&genuine, &impostor));
    Ok(())
}

/// A template with its person's index.
type Labelled = (usize, Template);

/// The templates of all pictures, each with its person's index.
fn templates(engine: &Engine, folder: &Path) -> Result<(Vec<Labelled>, usize), Box<dyn Error>> {
    let (mut templates, mut without) = (Vec::new(), 0);
    for (person, folder) in sorted(folder)?
        .into_iter()
        .filter(|path| path.is_dir())
        .enumerate()
    {
        for path in sorted(&folder)? {
            match engine.template(&decode(&fs::read(&path)?)?) {
                Ok(located) => templates.push((person, located.template)),
                Err(error) => {
                    eprintln!("{}: {error}", path.display());
                    without += 1;
                }
            }
        }
    }
    Ok((templates, without))
}

fn sorted(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// The similarities of all pairs, of one person and of two.
fn scores(templates: &[Labelled]) -> (Vec<f32>, Vec<f32>) {
    let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
    for (index, (person, template)) in templates.iter().enumerate() {
        for (other_person, other) in &templates[..index] {
            let Some(distance) = template.distance(other) else {
                continue;
            };
            let list = if person == other_person {
                &mut genuine
            } else {
                &mut impostor
            };
            list.push(1.0 - distance);
        }
    }
    (genuine, impostor)
}

/// The lowest score, to 10⁻⁴, that at most `rate` of the impostor pairs reach. `impostor` is sorted, highest first.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "counts of pairs"
)]
fn threshold(impostor: &[f32], rate: f64) -> f32 {
    let allowed = (impostor.len() as f64 * rate).floor() as usize;
    let first_refused = impostor.get(allowed).copied().unwrap_or(-1.0);
    ((first_refused * 1e4).floor() + 1.0) / 1e4
}

#[expect(clippy::cast_precision_loss, reason = "counts of pairs")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64 * 100.0
}

/// Where as many genuine pairs are refused as impostor pairs are accepted, in per cent.
fn equal_error_rate(genuine: &[f32], impostor: &[f32]) -> f64 {
    let at = |score: f32| {
        let refused = share(genuine.partition_point(|g| *g < score), genuine.len());
        let accepted = share(impostor.partition_point(|i| *i >= score), impostor.len());
        (refused, accepted)
    };
    let crossing = genuine
        .iter()
        .map(|score| at(*score))
        .find(|(refused, accepted)| refused >= accepted);
    crossing.map_or(0.0, |(refused, accepted)| f64::midpoint(refused, accepted))
}
