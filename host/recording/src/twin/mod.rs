//! A virtual card that answers as the recorded one did, with an invented holder and issuers of its own.
//!
//! Every file keeps its length and its structure. What is personal in it is exchanged for something of the same form;
//! keys are exchanged for fresh ones of the same kind, and signatures are made anew under them. What did not fit, a hash,
//! a signature, a chip's key, does not fit in the twin either.

mod authority;
mod biometric_header;
mod card;
mod chip_keys;
mod data_groups;
mod der;
mod face;
mod face_block;
mod habits;
mod mrz;
mod portrait;
mod signed;
mod text;

use chipgate_apdu::Timestamp;
use chipgate_lds::{DataGroup, File, LdsSecurityObject, parse_card_security, parse_sod};
use chipgate_virtual_card::CardFile;
use rand_core::CryptoRng;

use crate::{Recording, RecordingError, dialogue::Dialogue, redact::rehearse};
use authority::{earlier, later};
use data_groups::Invention;
use mrz::InventedMrz;
use signed::Issuers;
use text::Words;

/// What is known of the issuer of a recorded document; it decides what the twin's anchors are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IssuerKnown {
    /// Its authority is an anchor.
    #[default]
    Anchor,
    /// Its authority is no anchor, though others are.
    Unknown,
    /// Its certificate names an anchor, and another key signed it.
    Forged,
}

/// What is known of the revocation of the document's signer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RevocationKnown {
    /// A list is there, and the signer is not on it.
    #[default]
    Good,
    /// The signer is on the list.
    Revoked,
    /// There is no list.
    NoList,
}

/// How a twin is to be made.
#[derive(Clone, Copy, Debug)]
pub struct TwinOptions {
    /// What is known of the issuer.
    pub issuer: IssuerKnown,
    /// What is known of its revocation list.
    pub revocation: RevocationKnown,
    /// The time: anchors and lists of the twin hold from the time of the recording to years after now.
    pub now: Timestamp,
}

/// A virtual card with its anchors.
pub struct Twin {
    /// The card.
    pub card: CardFile,
    /// The anchors and revocation lists, each with the name of its file.
    pub trust: Vec<(String, Vec<u8>)>,
    pub(crate) passwords: Passwords,
    /// The recorded public keys of chip authentication, each with the twin's.
    pub(crate) agreement: Vec<(Vec<u8>, Vec<u8>)>,
}

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

/// A zone for a recording that holds none: that of a document with this key.
const NO_ZONE: &str =
    "P<UTOTEST<<TEST<<<<<<<<<<<<<<<<<<<<<<<<<<<<<X000000000UTO8001014<3501017<<<<<<<<<<<<<<00";
/// The same of a document whose number is too long for a passport: it goes on behind the tenth character.
const NO_ZONE_OF_A_LONG_NUMBER: &str =
    "I<UTOX00000000<<<<<<<<<<<<<<<<8001014<3501017UTO<<<<<<<<<<<0TEST<<TEST<<<<<<<<<<<<<<<<<<<<";
/// How long the MRZ information is for a number of nine characters (Doc 9303-11, 9.7.2), and for the longest.
const SHORT_INFORMATION: usize = 24;
const LONGEST_INFORMATION: usize = 37;

impl Twin {
    /// Makes the twin of a recorded card. The same random numbers give the same twin.
    pub fn of(
        recording: &Recording,
        options: TwinOptions,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, RecordingError> {
        let dialogue = Dialogue::of(recording);
        let mut twin = Self::of_dialogue(recording, &dialogue, options, rng)?;
        rehearse(recording, &dialogue, &mut twin, rng)?;
        Ok(twin)
    }

    pub(crate) fn of_dialogue(
        recording: &Recording,
        dialogue: &Dialogue,
        options: TwinOptions,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, RecordingError> {
        let created = recording.header.created();
        let zone = zone(recording, dialogue);
        let mrz = InventedMrz::new(&zone, created, rng).ok_or(RecordingError::NoTwin {
            what: "a machine readable zone of no known size",
        })?;
        let mut words = Words::new(mrz.pairs());
        let passwords = passwords(recording, &mrz, &mut words, rng);
        let agreement = chip_keys::agreement_keys(dialogue, rng)?;
        let answering = chip_keys::answering_key(dialogue, rng)?;
        let mut invention = Invention {
            mrz: &mrz,
            words,
            rng,
        };
        let mut files = Vec::new();
        for (&file, trace) in &dialogue.files {
            if trace.bytes.is_empty() {
                continue;
            }
            let mut bytes = match (&answering, file) {
                (Some(answering), File::DataGroup(DataGroup::DG15)) => answering.file.clone(),
                _ => invention.file(file, &trace.bytes),
            };
            for key in &agreement {
                der::replace_all(&mut bytes, &key.old, &key.new);
            }
            card::filled(dialogue, file, &mut bytes, invention.rng);
            files.push((file, bytes));
        }
        let trust = sign(dialogue, &mut files, (options, created), rng)?;
        let parts = card::Parts {
            recording,
            dialogue,
            passwords: &passwords,
            files,
            agreement: &agreement,
            answering: answering.as_ref(),
            is_copy: chip_keys::is_copy(dialogue),
        };
        Ok(Self {
            card: card::card(&parts, rng)?,
            trust,
            passwords,
            agreement: agreement.into_iter().map(|key| (key.old, key.new)).collect(),
        })
    }
}

/// The machine readable zone on the chip, else the printed one, else one with the recorded key.
fn zone(recording: &Recording, dialogue: &Dialogue) -> String {
    let header = &recording.header;
    let on_chip = dialogue.file(File::DataGroup(DataGroup::DG1)).and_then(mrz_text);
    if let Some(text) = on_chip.or_else(|| header.get("mrz").map(str::to_owned)) {
        return text;
    }
    header
        .get("mrz-key")
        .filter(|key| key.is_ascii())
        .map_or_else(|| NO_ZONE.to_owned(), zone_of_key)
}

/// A zone with the fields that the MRZ information has, each with its check digit.
fn zone_of_key(key: &str) -> String {
    mrz::with_composite_digit(match key.len() {
        SHORT_INFORMATION => {
            let mut zone = NO_ZONE.to_owned();
            zone.replace_range(44..54, &key[..10]);
            zone.replace_range(57..64, &key[10..17]);
            zone.replace_range(65..72, &key[17..]);
            zone
        }
        length @ 25..=LONGEST_INFORMATION => {
            let mut zone = NO_ZONE_OF_A_LONG_NUMBER.to_owned();
            let (number, dates) = key.split_at(length - 14);
            let (start, rest) = number.split_at(9);
            zone.replace_range(5..14, start);
            zone.replace_range(15..15 + rest.len(), rest);
            zone.replace_range(30..37, &dates[..7]);
            zone.replace_range(38..45, &dates[7..]);
            zone
        }
        _ => NO_ZONE.to_owned(),
    })
}

/// The characters in DG1, whatever is right or wrong with them.
fn mrz_text(dg1: &[u8]) -> Option<String> {
    let place = der::all(dg1, &(0..dg1.len()), 0)
        .into_iter()
        .find(|node| node.tag == 0x5F1F)?;
    let text = core::str::from_utf8(&dg1[place.value]).ok()?;
    matches!(text.len(), 72 | 88 | 90).then(|| text.to_owned())
}

fn passwords(
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

/// Signs EF.CardSecurity and EF.SOD over the exchanged files, and gives the anchors.
fn sign(
    dialogue: &Dialogue,
    files: &mut [(File, Vec<u8>)],
    (options, created): (TwinOptions, Timestamp),
    rng: &mut impl CryptoRng,
) -> Result<Vec<(String, Vec<u8>)>, RecordingError> {
    let mut issuers = Issuers {
        authorities: Vec::new(),
        forged: options.issuer == IssuerKnown::Forged,
        serials: Vec::new(),
    };
    for file in [File::CardSecurity, File::Sod] {
        let Some(original) = dialogue.file(file) else {
            continue;
        };
        let resigned = if file == File::Sod {
            security_object(dialogue, files, original, &mut issuers, rng)?
        } else {
            card_security(files, original, &mut issuers, rng)?
        };
        if let Some((_, bytes)) = files.iter_mut().find(|(name, _)| *name == file) {
            *bytes = resigned;
        }
    }
    anchors(&issuers, options, created, rng)
}

/// EF.SOD over the exchanged files; one that is no signed data keeps its header, and nothing else.
fn security_object(
    dialogue: &Dialogue,
    files: &[(File, Vec<u8>)],
    original: &[u8],
    issuers: &mut Issuers,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, RecordingError> {
    let content = parse_sod(original).ok().and_then(|signed| {
        let content = signed::content(signed)?;
        LdsSecurityObject::parse(content)
            .ok()
            .map(|object| (signed, content, object))
    });
    let Some((signed, content, object)) = content else {
        return Ok(unreadable(original, rng));
    };
    let mut new_content = content.to_vec();
    for (group, hash) in &object.data_groups {
        let file = File::DataGroup(*group);
        let fits = dialogue
            .file(file)
            .is_some_and(|bytes| object.hash.digest(bytes) == *hash);
        let new = match files.iter().find(|(name, _)| *name == file) {
            Some((_, bytes)) if fits => object.hash.digest(bytes),
            _ => {
                let mut random = vec![0; hash.len()];
                rng.fill_bytes(&mut random);
                random
            }
        };
        der::replace_all(&mut new_content, hash, &new);
    }
    let resigned = signed::resign(signed, &new_content, issuers, rng)?;
    Ok(with_inside(original, signed, &resigned))
}

fn card_security(
    files: &[(File, Vec<u8>)],
    original: &[u8],
    issuers: &mut Issuers,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, RecordingError> {
    // The keys in it were exchanged already.
    let exchanged = files.iter().find(|(name, _)| *name == File::CardSecurity);
    let content = exchanged
        .and_then(|(_, bytes)| parse_card_security(bytes).ok())
        .and_then(signed::content)
        .map(<[u8]>::to_vec);
    match (parse_card_security(original), content) {
        (Ok(signed), Some(content)) => {
            let resigned = signed::resign(signed, &content, issuers, rng)?;
            Ok(with_inside(original, signed, &resigned))
        }
        _ => Ok(unreadable(original, rng)),
    }
}

fn with_inside(original: &[u8], inside: &[u8], new: &[u8]) -> Vec<u8> {
    let mut bytes = original.to_vec();
    if let Some(place) = der::find(original, inside) {
        der::put(&mut bytes, &place, new);
    }
    bytes
}

/// The same outer object with random bytes in it.
fn unreadable(original: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
    let mut bytes = original.to_vec();
    let header = chipgate_apdu::tlv::header(original).map_or(0, |(_, header, _)| header);
    if let Some(inside) = bytes.get_mut(header..) {
        rng.fill_bytes(inside);
    }
    bytes
}

fn anchors(
    issuers: &Issuers,
    options: TwinOptions,
    created: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<Vec<(String, Vec<u8>)>, RecordingError> {
    const DAYS_BEFORE: u64 = 10 * 365;
    let (from, now) = (earlier(created, DAYS_BEFORE), later(options.now.max(created), 0));
    let mut trust = Vec::new();
    for (index, authority) in issuers.authorities.iter().enumerate() {
        let stem = format!("csca-{}", index + 1);
        let other;
        let anchor = if options.issuer == IssuerKnown::Unknown {
            // Another authority is an anchor; this one is not.
            other = stranger(authority, rng)?;
            &other
        } else {
            authority
        };
        trust.push((format!("{stem}.der"), anchor.certificate(now, from, rng)?));
        if options.revocation != RevocationKnown::NoList {
            let revoked = match options.revocation {
                RevocationKnown::Revoked => issuers.serials.as_slice(),
                _ => &[],
            };
            let list = anchor.revocation_list(revoked, (earlier(created, 1), now), rng)?;
            trust.push((format!("{stem}.crl"), list));
        }
    }
    Ok(trust)
}

/// An authority of the same kind with another name.
fn stranger(
    authority: &authority::Authority,
    rng: &mut impl CryptoRng,
) -> Result<authority::Authority, RecordingError> {
    let mut name = authority.name.clone();
    // The last letter of the last name is another one.
    if let Some(last) = name.iter_mut().rev().find(|byte| byte.is_ascii_alphabetic()) {
        *last = if *last == b'X' { b'Y' } else { b'X' };
    }
    authority::Authority::like(authority, name, rng)
}
