//! Parsers. Where what was read can be written again, it must be read as the same.

use chipgate_apdu::{
    Command, Response, Timestamp,
    tlv::{Reader, header},
};
use chipgate_inspection::{Policy, Report, SignedReport};
use chipgate_lds::{
    Attributes, Com, CvCertificate, CvcaReferences, Dg1, Dg2, Dg3, Dg4, Dg5, Dg7, Dg11, Dg12, Dg13Vietnam,
    Dg16, LdsSecurityObject, Mrz, SecurityInfos, parse_card_access, parse_dg14, parse_dg15, parse_directory,
    vietnam::CitizenQr,
};
use chipgate_recording::{Capture, Detail, Imported, Recording, import, pcapng, show, show_json};
use chipgate_virtual_card::{CardFile, VirtualCard};
use rand::{SeedableRng, rngs::StdRng};

/// 2026-07-01.
const NOW: Timestamp = Timestamp::from_seconds(1_782_864_000);

pub(crate) fn tlv(bytes: &[u8]) {
    let _ = header(bytes);
    let mut reader = Reader::new(bytes);
    while let Ok(Some(element)) = reader.next() {
        assert!(element.raw.len() >= element.value.len() + 2);
    }
}

pub(crate) fn apdu(bytes: &[u8]) {
    if let Ok(command) = Command::parse(bytes) {
        assert_eq!(Command::parse(&command.encode().unwrap()), Ok(command));
    }
    if let Ok(response) = Response::parse(bytes) {
        assert_eq!(response.encode(), bytes);
    }
}

/// The first byte chooses the structure.
pub(crate) fn lds(bytes: &[u8]) {
    let Some((kind, file)) = bytes.split_first() else {
        return;
    };
    match kind % 16 {
        0 => drop(Com::parse(file)),
        1 => drop(Dg1::parse(file)),
        2 => drop(Dg2::parse(file)),
        3 => drop(Dg3::parse(file)),
        4 => drop(Dg4::parse(file)),
        5 => drop(Dg5::parse(file)),
        6 => drop(Dg7::parse(file)),
        7 => drop(Dg11::parse(file)),
        8 => drop(Dg12::parse(file)),
        9 => drop(Dg13Vietnam::parse(file)),
        10 => drop(Dg16::parse(file)),
        11 => drop(LdsSecurityObject::parse(file)),
        12 => drop(CvCertificate::parse(file)),
        13 => drop(CvcaReferences::parse(file)),
        14 => drop(Attributes::parse(file)),
        _ => drop(parse_directory(file)),
    }
}

pub(crate) fn security_infos(bytes: &[u8]) {
    let _ = SecurityInfos::parse(bytes);
    let _ = parse_card_access(bytes);
    let _ = parse_dg14(bytes);
    let _ = parse_dg15(bytes);
}

pub(crate) fn mrz(bytes: &[u8]) {
    let _ = Mrz::parse(&String::from_utf8_lossy(bytes));
}

pub(crate) fn qr(bytes: &[u8]) {
    let _ = CitizenQr::parse(&String::from_utf8_lossy(bytes));
}

pub(crate) fn card_file(bytes: &[u8]) {
    if let Ok(card) = CardFile::from_json(&String::from_utf8_lossy(bytes)) {
        let _ = VirtualCard::new(&card, StdRng::seed_from_u64(1));
        assert!(CardFile::from_json(&card.to_json().unwrap()).unwrap() == card);
    }
}

/// A recording as it is, and a trace that becomes one.
pub(crate) fn recording(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let imported = import(&text, &Imported::default(), NOW);
    for recording in [Recording::parse(&text), imported].into_iter().flatten() {
        let _ = show(&recording, Detail::Data);
        let _ = show_json(&recording, Detail::Data);
        let _ = pcapng(&recording, Capture::Opened);
    }
}

pub(crate) fn policy(bytes: &[u8]) {
    let _ = Policy::parse(&String::from_utf8_lossy(bytes));
}

pub(crate) fn report(bytes: &[u8]) {
    let _ = SignedReport::decode(bytes);
    if let Ok(report) = Report::decode(bytes)
        && let Ok(encoded) = report.encode()
    {
        assert!(Report::decode(&encoded).is_ok());
    }
}

pub(crate) fn image(bytes: &[u8]) {
    if let Ok(picture) = chipgate_face::decode(bytes) {
        assert!(picture.width() > 0 && picture.height() > 0);
    }
}
