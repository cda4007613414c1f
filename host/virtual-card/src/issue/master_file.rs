//! The files around the application: EF.CardAccess, EF.ATR/INFO, EF.DIR; and EF.CVCA.

use chipgate_apdu::tlv::{self, Tag};
use chipgate_lds::{Attributes, File, LDS_APPLICATION};

use super::{Plan, chip_keys::ChipSecurity, design::Terminals};
use crate::{CardFile, HexBytes, Pki, TerminalAuthenticationSettings};

/// EF.CVCA's length, filled up with zeros (TR-03110-3, A.7.2.4).
const CVCA_LENGTH: usize = 36;
/// How long commands and responses may be at least; a longer one is no matter to the chip.
const LONGEST_COMMAND: usize = 2048;
const LONGEST_RESPONSE: usize = 65_536;
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
        let name = tlv::encode(Tag(0x4F), &LDS_APPLICATION);
        files.push((File::Directory, tlv::encode(Tag(0x61), &name)));
    }
    files
}

/// EF.ATR/INFO: what the chip can take and give at once (Doc 9303-10, 3.11.1). A chip of short lengths says nothing of extended ones.
pub(super) fn describe_chip(plan: &Plan, card: &mut CardFile) {
    if !plan.design.master_file {
        return;
    }
    let own = &card.personality;
    let attributes = Attributes {
        short_file_identifiers: own.short_identifiers,
        command_chaining: own.chaining,
        extended_length: own.extended_length,
        limits: own.extended_length.then_some((LONGEST_COMMAND, LONGEST_RESPONSE)),
    };
    let name = File::Attributes.name().to_owned();
    card.files.insert(name, HexBytes(attributes.encode()));
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
