//! What the bytes of a file name, before anything is decided about it.

use chipgate_trust::fingerprint;

use crate::error::Refusal;
use crate::format::{self, Action, Item};
use crate::outline::Object;
use crate::store::Fingerprint;

/// One object that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The entry of the directory that it belongs to, in LDIF.
    pub entry: Option<String>,
    /// At which line of LDIF it begins, counted from 1.
    pub line: Option<usize>,
    /// What it is, with SHA-256 of its DER, or why it can't be read; `None` where an entry loses what it had, whatever that is.
    pub object: Result<Option<(Object, Fingerprint)>, Refusal>,
}

/// Each object that these bytes name, of whatever kind the file is: DER, PEM or LDIF. Nothing of it is trusted by that.
///
/// ```
/// use chipgate_trust_store::{Refusal, sightings};
///
/// let found = sightings(b"dn: o=dsc,c=UT\nuserCertificate;binary:: no Base64!\n")?;
/// assert_eq!((found[0].line, &found[0].object), (Some(2), &Err(Refusal::NotBase64)));
/// # Ok::<(), Refusal>(())
/// ```
pub fn sightings(bytes: &[u8]) -> Result<Vec<Sighting>, Refusal> {
    let found = format::items(bytes)?.into_iter().map(|found| Sighting {
        entry: found.dn,
        line: found.line,
        object: found.what.map(|action| match action {
            Action::Take(item) | Action::TakeInstead(item) | Action::Remove(item) => Some(named(&item)),
            Action::RemoveEntry => None,
        }),
    });
    Ok(found.collect())
}

fn named(item: &Item) -> (Object, Fingerprint) {
    match item {
        Item::Certificate(certificate) => (Object::Certificate, certificate.fingerprint()),
        Item::RevocationList(list) => (Object::RevocationList, list.fingerprint()),
        Item::MasterList(der) => (Object::MasterList, fingerprint(der)),
        Item::DefectList(der) => (Object::DefectList, fingerprint(der)),
    }
}
