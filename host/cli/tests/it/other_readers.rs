//! The virtual card before readers that no one here wrote, through the real PC/SC service.

use std::{path::Path, process::Command};

use crate::{
    pcsc::{Served, is_there, place},
    workplace::Workplace,
};

/// What a program printed, if it is installed.
fn printed(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
}

/// Builds what stands between mrtdreader, which knows only libnfc, and PC/SC.
fn build_libnfc_over_pcsc(workplace: &Workplace) -> Option<String> {
    let flags = printed(Command::new("pkg-config").args(["--cflags", "--libs", "libpcsclite"]))?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/libnfc_over_pcsc.c");
    let library = workplace.path("libnfc_over_pcsc.so");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(source)
        .args(flags.split_whitespace())
        .status()
        .ok()?;
    built.success().then(|| library.display().to_string())
}

#[test]
fn pcsc_mrtdreader_reads_the_passport_and_saves_its_portrait() {
    let workplace = Workplace::with_pki();
    if printed(&mut Command::new("mrtdreader")).is_none() {
        println!("skipped: mrtdreader as another reader, since it is not installed");
        return;
    }
    if !is_there(&workplace) {
        return;
    }
    let Some(libnfc) = build_libnfc_over_pcsc(&workplace) else {
        println!("skipped: mrtdreader as another reader, since there is no C compiler or no libpcsclite");
        return;
    };
    let _place = place();
    workplace.issue("td3-bac", &[], "card.json");
    let shown = workplace.succeed(&["card", "show", "card.json", "--json"]).json();
    let mrz = shown["mrz"].as_str().unwrap();
    let second_line = mrz.lines().nth(1).unwrap();
    let _served = Served::begin(&workplace, "card.json");
    // It waits for the card, which the service sees up to 0.4 s after it is there.
    let said = printed(
        Command::new("mrtdreader")
            .arg(second_line)
            .current_dir(workplace.path("."))
            .env("LD_PRELOAD", libnfc),
    )
    .unwrap();
    assert!(said.contains("Challenge successful!"), "{said}");
    assert!(said.contains(&mrz.replace('\n', "")), "{said}");
    workplace.succeed(&["read", "--card", "card.json", "--out", "files"]);
    let portrait = std::fs::read(workplace.path("image.jpg")).unwrap();
    let group = std::fs::read(workplace.path("files/DG2.bin")).unwrap();
    assert!(portrait.starts_with(&[0xFF, 0xD8]) && group.ends_with(&portrait));
}
