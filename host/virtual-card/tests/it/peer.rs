//! The card before a reader that no one here wrote: `dmrtd`, which has BAC, PACE, secure messaging, active and passive
//! authentication of its own. A mistake that this project made on both sides would show here.

use chipgate_lds::Mrz;
use chipgate_virtual_card::{CardFile, Fault, MasterFile, Profile, VirtualCard};
use chrono::NaiveDate;
use dmrtd::{
    auth::passive::{self, DataGroup, PassiveAuthError, TrustAnchor},
    com::{TransceiveError, Transceiver},
    passport::{Passport, PassportError},
    proto::{can_key::CanKey, dba_key::DBAKey},
};

use crate::common::{PKI, card_file, insert};

struct InHand(VirtualCard);

impl Transceiver for InHand {
    fn transceive(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiveError> {
        Ok(self.0.respond(command))
    }
}

type Reader = Passport<InHand>;

fn reader(card: &CardFile) -> Reader {
    Passport::new(InHand(insert(card)))
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

fn reads_everything(reader: &mut Reader, card: &CardFile) {
    reader.read_ef_com().unwrap();
    reader.read_ef_dg1().unwrap();
    reader.read_ef_dg2().unwrap();
    reader.read_ef_dg15().unwrap();
    reader.read_ef_sod().unwrap();
    if card.file("DG14").is_some() {
        reader.read_ef_dg14().unwrap();
    }
}

#[test]
fn opens_and_reads_by_basic_access() {
    for profile in [Profile::VnCccd, Profile::Td3Bac] {
        let card = card_file(profile, &[]);
        let mut reader = reader(&card);
        reader.start_session(mrz_key(&card, false)).unwrap();
        reads_everything(&mut reader, &card);
    }
}

#[test]
fn opens_and_reads_by_pace_with_mrz_and_with_can() {
    for card in [
        card_file(Profile::Td3Pace, &[]),
        citizen_card_with_a_master_file(),
    ] {
        let mut by_mrz = reader(&card);
        let card_access = by_mrz.read_ef_card_access().unwrap();
        by_mrz
            .start_session_pace(mrz_key(&card, true), &card_access)
            .unwrap();
        reads_everything(&mut by_mrz, &card);

        let mut by_can = reader(&card);
        let can = CanKey::new(card.passwords.can.as_ref().unwrap().as_str()).unwrap();
        by_can.start_session_pace(can, &card_access).unwrap();
        reads_everything(&mut by_can, &card);
    }
}

#[test]
fn a_wrong_can_opens_nothing() {
    let card = card_file(Profile::Td3Pace, &[]);
    let mut reader = reader(&card);
    let card_access = reader.read_ef_card_access().unwrap();
    reader
        .start_session_pace(CanKey::new("000000").unwrap(), &card_access)
        .unwrap_err();
    reader.read_ef_dg1().unwrap_err();
}

fn proves_its_key(card: &CardFile) -> Result<(), PassportError> {
    let mut reader = reader(card);
    let card_access = reader.read_ef_card_access().unwrap();
    reader
        .start_session_pace(mrz_key(card, true), &card_access)
        .unwrap();
    reader.verify_active_authentication(&[1, 2, 3, 4, 5, 6, 7, 8])
}

#[test]
fn believes_the_chip_and_not_its_copy() {
    proves_its_key(&card_file(Profile::Td3Pace, &[])).unwrap();
    proves_its_key(&card_file(Profile::Td3Pace, &[Fault::CopiedChip])).unwrap_err();
}

/// Whether the data are the issuer's; the anchors are those of the PKI.
fn is_authentic(card: &CardFile) -> Result<bool, PassiveAuthError> {
    let groups: Vec<DataGroup<'_>> = [1, 2, 15]
        .into_iter()
        .map(|number| DataGroup {
            number,
            bytes: card.file(&format!("DG{number}")).unwrap(),
        })
        .collect();
    let anchors: Vec<TrustAnchor> = PKI
        .anchors()
        .iter()
        .filter_map(|anchor| TrustAnchor::from_certificate(anchor).ok())
        .collect();
    passive::verify(card.file("EF.SOD").unwrap(), &groups, &anchors).map(|proof| proof.is_authentic())
}

#[test]
fn believes_the_issuers_data_and_no_others() {
    for profile in [Profile::Td3Bac, Profile::Td3Pace] {
        assert_eq!(is_authentic(&card_file(profile, &[])), Ok(true), "{profile}");
        for fault in [
            Fault::AlteredDataGroup,
            Fault::AlteredPortrait,
            Fault::AlteredSod,
            Fault::BrokenSignature,
        ] {
            is_authentic(&card_file(profile, &[fault])).unwrap_err();
        }
        for fault in [Fault::ForeignSod, Fault::ForgedSigner] {
            assert_eq!(
                is_authentic(&card_file(profile, &[fault])),
                Ok(false),
                "{profile} {fault}"
            );
        }
    }
}
