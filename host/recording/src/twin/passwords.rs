//! What opens a twin, in place of what opened the recorded card.

use rand_core::CryptoRng;

use super::{mrz::InventedMrz, text::Words};
use crate::Recording;

/// What opens the twin, and what it replaces.
pub(crate) struct Passwords {
    pub(crate) mrz: String,
    pub(crate) can: Option<String>,
    pub(crate) pin: Option<String>,
    pub(crate) puk: Option<String>,
    /// The MRZ information in place of the recorded one.
    pub(crate) mrz_key: Option<String>,
    /// The printed lines in place of the recorded ones.
    pub(crate) printed: Option<String>,
    /// The QR code in place of the recorded one.
    pub(crate) qr: Option<String>,
    pub(crate) is_citizen_card: bool,
}

impl Passwords {
    /// The MRZ information that opens the twin (Doc 9303-11, 9.7.2).
    pub(crate) fn information(&self) -> Option<String> {
        if let Some(key) = &self.mrz_key {
            return Some(key.clone());
        }
        let mrz = chipgate_lds::Mrz::parse(self.printed.as_ref().unwrap_or(&self.mrz)).ok()?;
        let information = chipgate_lds::MrzKey::from(&mrz).information();
        String::from_utf8(information.as_bytes().to_vec()).ok()
    }
}

pub(super) fn passwords(
    recording: &Recording,
    mrz: &InventedMrz,
    words: &mut Words,
    rng: &mut impl CryptoRng,
) -> Passwords {
    let header = &recording.header;
    let citizen = mrz.citizen_access_number();
    let is_citizen_card = citizen.is_some();
    let can = header.get("can").map(|can| match &citizen {
        Some((old, new)) if old == can => new.clone(),
        _ => words.invent(can, rng),
    });
    let mut digits = |name: &str| header.get(name).map(|digits| words.invent(digits, rng));
    let (pin, puk) = (digits("pin"), digits("puk"));
    let printed = header.get("mrz").and_then(|printed| {
        let flat: Vec<u8> = printed
            .bytes()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        let other = String::from_utf8(mrz.apply(&flat)?).ok()?;
        let length = printed.lines().next().map_or(flat.len(), str::len);
        let lines: Vec<_> = other
            .as_bytes()
            .chunks(length.max(1))
            .map(String::from_utf8_lossy)
            .collect();
        Some(lines.join("\n"))
    });
    Passwords {
        mrz: mrz.lines(),
        can,
        pin,
        puk,
        mrz_key: header.get("mrz-key").map(|key| mrz.information(key)),
        printed,
        qr: header.get("qr").map(|text| qr(text, mrz, words, rng)),
        is_citizen_card,
    }
}

/// The QR code of the invented holder: a name that was the zone's is, sex and empty fields stay.
fn qr(recorded: &str, mrz: &InventedMrz, words: &mut Words, rng: &mut impl CryptoRng) -> String {
    const SEXES: [&str; 2] = ["Nam", "Nữ"];
    let fields = recorded.split('|').map(|field| match field.trim() {
        "" => String::new(),
        sex if SEXES.contains(&sex) => sex.to_owned(),
        name if mrz.has_name(name) => mrz.name(),
        other => words.invent(other, rng),
    });
    fields.collect::<Vec<_>>().join("|")
}
