//! The card before a reader that no one here wrote: `dmrtd`, which has BAC, PACE, secure messaging, active and passive
//! authentication of its own. A mistake that this project made on both sides would show here.
//!
//! It reads each card in the same process, and each through the real PC/SC service too.

use chipgate_lds::Mrz;
use chipgate_virtual_card::{CardFile, Fault, MasterFile, Profile};
use chrono::NaiveDate;
use dmrtd::{
    auth::passive::{self, DataGroup, PassiveAuthError, TrustAnchor},
    com::{TransceiveError, Transceiver},
    passport::{Passport, PassportError},
    proto::{access_key::AccessKey, can_key::CanKey, dba_key::DBAKey},
};

use crate::{
    common::{PKI, card_file, insert},
    pcsc_reader::{Connected, Laid, VirtualReader},
};

/// Sends a command and brings the response.
type Exchange = dyn FnMut(&[u8]) -> Result<Vec<u8>, TransceiveError>;

/// What goes to the card and comes back from it.
struct Link(Box<Exchange>);

impl Transceiver for Link {
    fn transceive(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiveError> {
        (self.0)(command)
    }
}

type Reader = Passport<Link>;

/// How a card comes before the reader.
type Present<'a> = &'a dyn Fn(&CardFile) -> Reader;

fn in_process(card: &CardFile) -> Reader {
    let mut card = insert(card);
    Passport::new(Link(Box::new(move |command| Ok(card.respond(command)))))
}

fn through_pcsc(reader: &VirtualReader, card: &CardFile) -> Reader {
    let card = Connected::to(Laid::in_reader(reader, card));
    Passport::new(Link(Box::new(move |command| {
        card.transmit(command)
            .map_err(|error| TransceiveError::new(error.to_string()))
    })))
}

fn day(yymmdd: &str, century: i32) -> NaiveDate {
    let part = |from: usize| yymmdd[from..from + 2].parse::<u32>().unwrap();
    NaiveDate::from_ymd_opt(century + i32::try_from(part(0)).unwrap(), part(2), part(4)).unwrap()
}

fn mrz_key(card: &CardFile, pace: bool) -> DBAKey {
    let mrz = Mrz::parse(card.passwords.mrz.as_str()).unwrap();
    let (birth, expiry) = (
        day(mrz.birth_date.as_str(), 1900),
        day(mrz.expiry_date.as_str(), 2000),
    );
    DBAKey::new(&mrz.document_number, birth, expiry, pace).unwrap()
}

/// The citizen card with a master file, which this reader insists on.
fn citizen_card_with_a_master_file() -> CardFile {
    let mut card = card_file(Profile::VnCccd, &[]);
    card.chip.master_file = MasterFile::Selectable;
    card
}

/// The files as they came from the card, all of them those that were written to it.
fn reads_everything(reader: &mut Reader, card: &CardFile) {
    // It keeps apart what lies in the application and what does not, and selects the application once.
    reader.read_ef_com().unwrap();
    reader.read_ef_dg1().unwrap();
    reader.read_ef_dg2().unwrap();
    for name in ["EF.SOD", "DG1", "DG2", "DG14", "DG15"] {
        if let Some(written) = card.file(name) {
            assert_eq!(read(reader, name), written, "{} {name}", card.profile);
        }
    }
}

fn read(reader: &mut Reader, name: &str) -> Vec<u8> {
    let short_identifier = match name {
        "EF.SOD" => 0x1D,
        group => group.trim_start_matches("DG").parse().unwrap(),
    };
    reader.api_mut().read_file_by_sfi(short_identifier).unwrap()
}

fn opens_and_reads_by_basic_access(present: Present<'_>) {
    for profile in [Profile::VnCccd, Profile::Td3Bac] {
        let card = card_file(profile, &[]);
        let mut reader = present(&card);
        reader.start_session(mrz_key(&card, false)).unwrap();
        reads_everything(&mut reader, &card);
    }
}

/// Modulo a prime one try in 256 fails: there the reader drops the leading zeros of the shared secret.
fn opened_by_pace<K: AccessKey>(present: Present<'_>, card: &CardFile, key: impl Fn() -> K) -> Reader {
    let tries = if card.profile == Profile::Td3PaceDh { 3 } else { 1 };
    let attempt = |_| {
        let mut reader = present(card);
        let card_access = reader.read_ef_card_access().unwrap();
        let opened = reader.start_session_pace(key(), &card_access);
        opened.is_ok().then_some(reader)
    };
    (0..tries).find_map(attempt).expect("PACE opens the chip")
}

/// With generic mapping, on every curve and modulo a prime as far as the reader goes: not with triple DES.
fn opens_and_reads_by_pace_with_mrz_and_with_can(present: Present<'_>) {
    for card in [
        card_file(Profile::Td3Pace, &[]),
        card_file(Profile::Td3PaceBac, &[]),
        card_file(Profile::Td3PaceDh, &[]),
        citizen_card_with_a_master_file(),
    ] {
        let mut by_mrz = opened_by_pace(present, &card, || mrz_key(&card, true));
        reads_everything(&mut by_mrz, &card);
        drop(by_mrz);

        let Some(can) = &card.passwords.can else { continue };
        let can = || CanKey::new(can.as_str()).unwrap();
        let mut by_can = opened_by_pace(present, &card, can);
        reads_everything(&mut by_can, &card);
    }
}

fn a_wrong_can_opens_nothing(present: Present<'_>) {
    let card = card_file(Profile::Td3Pace, &[]);
    let mut reader = present(&card);
    let card_access = reader.read_ef_card_access().unwrap();
    reader
        .start_session_pace(CanKey::new("000000").unwrap(), &card_access)
        .unwrap_err();
    reader.read_ef_dg1().unwrap_err();
}

/// Active authentication by ECDSA. An RSA signature of 2048 bits doesn't fit the short length fields that this reader asks for
/// it with.
fn believes_the_chip_and_not_its_copy(present: Present<'_>) {
    let proves_its_key = |card: &CardFile| -> Result<(), PassportError> {
        let mut reader = present(card);
        let card_access = reader.read_ef_card_access().unwrap();
        reader
            .start_session_pace(mrz_key(card, true), &card_access)
            .unwrap();
        reader.verify_active_authentication(&[1, 2, 3, 4, 5, 6, 7, 8])
    };
    proves_its_key(&card_file(Profile::Td3Pace, &[])).unwrap();
    proves_its_key(&card_file(Profile::Td3Pace, &[Fault::CopiedChip])).unwrap_err();
}

/// Whether the data that it reads are the issuer's; the anchors are those of the PKI.
fn is_authentic(present: Present<'_>, card: &CardFile) -> Result<bool, PassiveAuthError> {
    let mut reader = present(card);
    if card.profile == Profile::Td3Pace {
        let card_access = reader.read_ef_card_access().unwrap();
        reader
            .start_session_pace(mrz_key(card, true), &card_access)
            .unwrap();
    } else {
        reader.start_session(mrz_key(card, false)).unwrap();
    }
    reader.read_ef_com().unwrap();
    let files = [1, 2, 15].map(|number| (number, read(&mut reader, &format!("DG{number}"))));
    let groups = files.each_ref().map(|(number, bytes)| DataGroup {
        number: *number,
        bytes,
    });
    let anchors: Vec<TrustAnchor> = PKI
        .anchors()
        .iter()
        .filter_map(|anchor| TrustAnchor::from_certificate(anchor).ok())
        .collect();
    let sod = read(&mut reader, "EF.SOD");
    passive::verify(&sod, &groups, &anchors).map(|proof| proof.is_authentic())
}

fn believes_the_issuers_data_and_no_others(present: Present<'_>) {
    for profile in [Profile::Td3Bac, Profile::Td3Pace] {
        let found = |faults: &[Fault]| is_authentic(present, &card_file(profile, faults));
        assert_eq!(found(&[]), Ok(true), "{profile}");
        for fault in [
            Fault::AlteredDataGroup,
            Fault::AlteredPortrait,
            Fault::AlteredSod,
            Fault::BrokenSignature,
        ] {
            found(&[fault]).unwrap_err();
        }
        for fault in [Fault::ForeignSod, Fault::ForgedSigner] {
            assert_eq!(found(&[fault]), Ok(false), "{profile} {fault}");
        }
    }
}

/// Each of them as a test, in the same process and through PC/SC.
macro_rules! in_process_and_through_pcsc {
    ($($name:ident $pcsc:ident;)+) => {
        mod dmrtd_in_process {
            $(#[test] fn $name() { super::$name(&super::in_process); })+
        }
        mod dmrtd_through {
            $(#[test] fn $pcsc() {
                if let Some(reader) = super::VirtualReader::free() {
                    super::$name(&|card| super::through_pcsc(&reader, card));
                }
            })+
        }
    };
}

in_process_and_through_pcsc! {
    opens_and_reads_by_basic_access pcsc_opens_and_reads_by_basic_access;
    opens_and_reads_by_pace_with_mrz_and_with_can pcsc_opens_and_reads_by_pace_with_mrz_and_with_can;
    a_wrong_can_opens_nothing pcsc_a_wrong_can_opens_nothing;
    believes_the_chip_and_not_its_copy pcsc_believes_the_chip_and_not_its_copy;
    believes_the_issuers_data_and_no_others pcsc_believes_the_issuers_data_and_no_others;
}
