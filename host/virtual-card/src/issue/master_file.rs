//! The files around the application: EF.CardAccess, EF.ATR/INFO, EF.DIR; and EF.CVCA.

use chipgate_apdu::tlv::{self, Tag};
use chipgate_lds::{File, LDS_APPLICATION};

use super::{Plan, chip_keys::ChipSecurity, design::Terminals};
use crate::{CardFile, HexBytes, Pki, TerminalAuthenticationSettings};

/// EF.CVCA's length, filled up with zeros (TR-03110-3, A.7.2.4).
const CVCA_LENGTH: usize = 36;
/// CAR: the name of an authority's key.
const AUTHORITY_REFERENCE: Tag = Tag(0x42);

/// The files in the master file that nobody signs.
pub(super) fn files(plan: &Plan, security: &ChipSecurity) -> Vec<(File, Vec<u8>)> {
    let mut files = Vec::new();
    files.extend(
        security
            .card_access
            .clone()
            .map(|bytes| (File::CardAccess, bytes)),
    );
    if plan.design.master_file {
        files.push((File::Attributes, attributes()));
        let name = tlv::encode(Tag(0x4F), &LDS_APPLICATION);
        files.push((File::Directory, tlv::encode(Tag(0x61), &name)));
    }
    files
}

/// EF.ATR/INFO: command chaining and extended length, and how long commands and responses may be (Doc 9303-10, 3.11.1).
fn attributes() -> Vec<u8> {
    let capabilities = tlv::encode(Tag(0x47), &[0x80, 0x00, 0xC0]);
    let longest_command = tlv::encode(Tag(0x02), &[0x08, 0x00]);
    let longest_response = tlv::encode(Tag(0x02), &[0x01, 0x00, 0x00]);
    let lengths = tlv::encode(Tag(0x7F66), &[longest_command, longest_response].concat());
    [capabilities, lengths].concat()
}

/// Gives the chip the authority of the test PKI, and EF.CVCA with its name.
pub(super) fn trust_terminals(plan: &Plan, pki: &Pki, card: &mut CardFile) {
    if plan.design.terminals != Terminals::Trusted {
        return;
    }
    let authority = &pki.terminals.authority;
    card.chip.terminal_authentication = Some(TerminalAuthenticationSettings {
        trust_points: vec![HexBytes(authority.certificate.clone())],
        current_date: plan.signing_time.mrz(),
        static_binding: false,
    });
    let file = cvca_file(&[authority.reference.clone().into_bytes()]);
    card.files.insert("EF.CVCA".to_owned(), HexBytes(file));
}

/// EF.CVCA: the names of the authorities, the most recent one first.
pub(crate) fn cvca_file(references: &[Vec<u8>]) -> Vec<u8> {
    let names = references
        .iter()
        .take(2)
        .map(|name| tlv::encode(AUTHORITY_REFERENCE, name));
    let mut file = names.collect::<Vec<_>>().concat();
    file.resize(CVCA_LENGTH.max(file.len()), 0);
    file
}
