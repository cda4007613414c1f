//! What a file holds, by its content; the name only says whether to look at it.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::path::Path;

use chipgate_trust::{
    Certificate, RevocationList, TrustError, UnverifiedMasterList, fingerprint, read_unverified_defect_list,
};

use crate::error::Refusal;
use crate::ldif::EntryChange;
use crate::likeness::Likeness;
use crate::look::{look_at, look_at_block, look_at_der};
use crate::pem::{self, Block};
use crate::reading::Opened;
use crate::store::Fingerprint;
use crate::{directory, ldif, reading};

/// File names that are looked at in a trust folder.
pub(crate) const EXTENSIONS: [&str; 8] = ["der", "cer", "crt", "pem", "crl", "ml", "dfl", "dvl"];

/// One object that a file holds.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    Certificate(Box<Certificate>),
    RevocationList(Box<RevocationList>),
    /// Its DER; trusted or not is another question.
    MasterList(Vec<u8>),
    /// Its DER; trusted or not is another question.
    DefectList(Vec<u8>),
}

impl Item {
    /// SHA-256 of its DER.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::Certificate(certificate) => certificate.fingerprint(),
            Self::RevocationList(list) => list.fingerprint(),
            Self::MasterList(der) | Self::DefectList(der) => fingerprint(der),
        }
    }
}

/// What is to be done with an object of a file.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    /// To take it.
    Take(Item),
    /// To take it in the place of what the entry of the directory had.
    TakeInstead(Item),
    /// To remove this very one.
    Remove(Item),
    /// To remove what the entry of the directory had.
    RemoveEntry,
}

/// One object that a file names, or why it can't be read.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The entry of the directory that it belongs to.
    pub(crate) dn: Option<String>,
    /// At which line of LDIF it begins, counted from 1.
    pub(crate) line: Option<usize>,
    pub(crate) what: Result<Action, Refusal>,
}

impl Found {
    fn alone(item: Result<Item, Refusal>) -> Self {
        Self {
            dn: None,
            line: None,
            what: item.map(Action::Take),
        }
    }
}

/// Whether a folder's file is looked at, by the ending of its name.
pub(crate) fn has_known_extension(path: &Path) -> bool {
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .map(str::to_ascii_lowercase);
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

/// Reads a file and recognises what it holds.
pub(crate) fn read(path: &Path) -> Result<Vec<Found>, Refusal> {
    match reading::open(path).map_err(|error| reading::refusal(&error))? {
        Opened::Ldif(reader) => ldif_items(reader),
        Opened::Whole(bytes) => items(&bytes),
    }
}

/// Recognises what the bytes hold: one DER object, or one object for each PEM block or LDIF value.
pub(crate) fn items(bytes: &[u8]) -> Result<Vec<Found>, Refusal> {
    if ldif::starts(bytes) {
        return ldif_items(bytes);
    }
    if bytes.first() == Some(&0x30)
        && let Ok(item) = recognise(bytes)
    {
        return Ok(vec![Found::alone(item)]);
    }
    let blocks = pem::blocks(bytes);
    if !blocks.is_empty() {
        return Ok(blocks.iter().map(|block| Found::alone(pem_item(block))).collect());
    }
    Err(Refusal::Unrecognised {
        found: look_at(bytes),
    })
}

/// The bytes without some of the objects that [`items`] finds in them, by their places, counted from 0; all else stays as it is.
/// `None` if the bytes are no PEM.
pub(crate) fn without(bytes: &[u8], places: &BTreeSet<usize>) -> Option<Vec<u8>> {
    let is_der = bytes.first() == Some(&0x30) && recognise(bytes).is_ok();
    if ldif::starts(bytes) || is_der {
        return None;
    }
    let blocks = pem::blocks(bytes).into_iter().enumerate();
    let (mut left, mut at) = (Vec::new(), 0);
    for (_, block) in blocks.filter(|(place, _)| places.contains(place)) {
        left.extend_from_slice(bytes.get(at..block.span.start)?);
        at = block.span.end;
    }
    left.extend_from_slice(bytes.get(at..)?);
    Some(left)
}

/// How many PEM blocks the bytes hold.
pub fn count_pem_blocks(bytes: &[u8]) -> usize {
    pem::blocks(bytes).len()
}

/// The content of the first PEM block, if the bytes are PEM.
pub fn first_pem_block(bytes: &[u8]) -> Option<Vec<u8>> {
    pem::blocks(bytes).into_iter().next()?.content
}

/// The bytes, or what the first PEM block in them holds.
pub fn der_of(bytes: &[u8]) -> Vec<u8> {
    first_pem_block(bytes).unwrap_or_else(|| bytes.to_vec())
}

fn ldif_items(reader: impl BufRead) -> Result<Vec<Found>, Refusal> {
    let mut found = Vec::new();
    for record in ldif::records(reader) {
        let record = record.map_err(|error| reading::refusal_of_ldif(&error))?;
        for (line, change) in record.changes {
            found.push(Found {
                what: action(&record.dn, change),
                dn: Some(record.dn.clone()),
                line: Some(line),
            });
        }
    }
    if found.is_empty() {
        return Err(Refusal::Unrecognised {
            found: Likeness::EmptyLdif,
        });
    }
    Ok(found)
}

fn action(dn: &str, change: EntryChange) -> Result<Action, Refusal> {
    let item = |value: Option<Vec<u8>>| item(&value.ok_or(Refusal::NotBase64)?);
    match change {
        EntryChange::Add(value) => item(value).map(Action::Take),
        EntryChange::Replace(value) => item(value).map(Action::TakeInstead),
        EntryChange::Delete(value) => item(value).map(Action::Remove),
        EntryChange::DeleteAttribute(kind) if directory::kind_of_entry(dn) != Some(kind) => {
            Err(Refusal::NotHere)
        }
        EntryChange::DeleteAttribute(_) | EntryChange::DeleteEntry => Ok(Action::RemoveEntry),
    }
}

fn pem_item(block: &Block) -> Result<Item, Refusal> {
    let unrecognised = || Refusal::Unrecognised {
        found: look_at_block(block),
    };
    let der = block.content.as_deref().ok_or_else(unrecognised)?;
    recognise(der).unwrap_or_else(|NotTaken| Err(unrecognised()))
}

fn item(der: &[u8]) -> Result<Item, Refusal> {
    recognise(der).unwrap_or_else(|NotTaken| {
        Err(Refusal::Unrecognised {
            found: look_at_der(der),
        })
    })
}

/// It is none of the kinds that are taken.
struct NotTaken;

/// One of the kinds that are taken, sound or with the reason why it is not.
fn recognise(der: &[u8]) -> Result<Result<Item, Refusal>, NotTaken> {
    match Certificate::from_der(der) {
        Ok(certificate) => return Ok(Ok(Item::Certificate(Box::new(certificate)))),
        Err(TrustError::NotACertificate) => {}
        Err(other) => return Ok(Err(other.into())),
    }
    if let Ok(list) = RevocationList::from_der(der) {
        return Ok(Ok(Item::RevocationList(Box::new(list))));
    }
    if UnverifiedMasterList::from_der(der).is_ok() {
        return Ok(Ok(Item::MasterList(der.to_vec())));
    }
    match read_unverified_defect_list(der) {
        Ok(_) => Ok(Ok(Item::DefectList(der.to_vec()))),
        Err(_) => Err(NotTaken),
    }
}
