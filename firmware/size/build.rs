//! Turns a recording of test-vectors/ into constants, and tells the linker where memory is.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// Another recording than the usual one, by its folder's name.
const RECORDING: &str = "CHIPGATE_SIZE_RECORDING";
const USUAL: &str = "vn-cccd-genuine";

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-env-changed={RECORDING}");
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rustc-link-search={}", here.display());
    println!("cargo::rustc-link-arg-bins=-Tlink.x");

    let recordings = here.join("../../test-vectors/recordings");
    let folder = recordings.join(env::var(RECORDING).unwrap_or_else(|_| USUAL.to_owned()));
    let exchange = read(&folder.join("exchange.jsonl"))?;
    let expected = read(&folder.join("expected.json"))?;
    let expected: Value = serde_json::from_str(&expected)?;
    let mut constants = constants(&exchange)?;
    let verdict = expected["verdict"].as_str().unwrap_or_default();
    writeln!(constants, "pub(crate) const VERDICT: &str = {verdict:?};")?;
    anchors(&mut constants, &recordings.join("trust"))?;
    fs::write(out.join("recording.rs"), constants)?;
    Ok(())
}

fn read(file: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", file.display());
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()).into())
}

/// The entries in their order (docs/recordings.md), and what opens the chip. The last line, with the hash, is left out: what was
/// altered must be found on the microcontroller.
fn constants(exchange: &str) -> Result<String, Box<dyn Error>> {
    let mut lines = exchange.lines().map(serde_json::from_str::<Value>);
    let header = lines.next().ok_or("the recording is empty")??;
    let mut text = String::from("pub(crate) static ENTRIES: &[Entry] = &[\n");
    for line in lines {
        let line = line?;
        if line.get("end").is_some() {
            continue;
        }
        writeln!(text, "    {},", entry(&line)?)?;
    }
    text.push_str("];\n");
    let password = password(&header["context"])?;
    writeln!(text, "pub(crate) const OPENER: Opener = {password};")?;
    Ok(text)
}

fn entry(line: &Value) -> Result<String, Box<dyn Error>> {
    if let Some(random) = line["random"].as_str() {
        return Ok(format!("Entry::Random(&{:?})", hex::decode(random)?));
    }
    if let Some(clock) = line["clock"].as_u64() {
        return Ok(format!("Entry::Clock({clock})"));
    }
    match (line["command"].as_str(), line["response"].as_str()) {
        (Some(command), Some(response)) => Ok(format!(
            "Entry::Exchange(&{:?}, &{:?})",
            hex::decode(command)?,
            hex::decode(response)?
        )),
        _ => Err(format!("neither random numbers, time nor an answered command: {line}").into()),
    }
}

/// The CAN, or document number and dates of the MRZ information (Doc 9303-11, 9.7.2).
fn password(context: &Value) -> Result<String, Box<dyn Error>> {
    if let Some(can) = context["can"].as_str() {
        return Ok(format!("Opener::Can({can:?})"));
    }
    let key = context["mrz-key"]
        .as_str()
        .filter(|key| key.len() == 24 && key.is_ascii());
    let key = key.ok_or("the recording names neither a CAN nor a key from the MRZ")?;
    Ok(format!(
        "Opener::Mrz({:?}, {:?}, {:?})",
        &key[..9],
        &key[10..16],
        &key[17..23]
    ))
}

/// Every certificate and revocation list of the folder, as a host takes them.
fn anchors(text: &mut String, folder: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.sort();
    for (name, extension) in [("CERTIFICATES", "der"), ("REVOCATION_LISTS", "crl")] {
        writeln!(text, "pub(crate) static {name}: &[&[u8]] = &[")?;
        for file in files
            .iter()
            .filter(|file| file.extension().is_some_and(|is| is == extension))
        {
            writeln!(text, "    include_bytes!({:?}),", file.display().to_string())?;
        }
        text.push_str("];\n");
    }
    Ok(())
}
