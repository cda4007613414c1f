//! Taking files into the store: looked at, checked, and copied under names that say what they are, all of them by one change
//! of the folder.

mod authorities;
mod lists;
mod removal;
mod result;
mod signers;
mod staging;

use std::path::{Path, PathBuf};

use chipgate_apdu::Timestamp;

use self::staging::Staging;
use crate::error::{Refusal, StoreError};
use crate::format::{self, Action, Found, Item};
use crate::store::{Fingerprint, Store};
use crate::transaction::{Disk, RealDisk};

pub use self::result::{ImportResult, Imported};

impl Store {
    /// Imports certificates, revocation lists, master, defect and deviation lists, and LDIF with any of them; every one of
    /// them is reported.
    ///
    /// Nothing is trusted on first use: an authority's certificate is taken if its fingerprint is given, or if an anchor that
    /// is in the folder as a certificate issued it or certified its key. A list is taken if it verifies against such an
    /// anchor; if it brings along a CSCA certificate with one of the `fingerprints`, that one is taken as an anchor first. A
    /// signer's certificate is taken if a path leads to it, a revocation list if one of the anchors signed it.
    /// Certificates are taken before lists, whatever the order of the files; what a file removes or replaces is removed after
    /// what the files before it brought in. The folder changes at once: a crash leaves what was there before, or all of the
    /// import. A revocation list that is dated after `now` takes no other one's place yet.
    pub fn import<P: AsRef<Path>>(
        &mut self,
        files: &[P],
        fingerprints: &[Fingerprint],
        now: Timestamp,
    ) -> Result<Vec<Imported>, StoreError> {
        self.import_on(&RealDisk, files, fingerprints, now)
    }

    fn import_on<P: AsRef<Path>>(
        &mut self,
        disk: &dyn Disk,
        files: &[P],
        fingerprints: &[Fingerprint],
        now: Timestamp,
    ) -> Result<Vec<Imported>, StoreError> {
        let mut staging = Staging::new(self, fingerprints, now);
        let imported = carry_out(&mut staging, files.iter().map(|file| read(file.as_ref())));
        let change = staging.into_change();
        self.change_on(disk, &change)?;
        Ok(imported)
    }

    /// What an import of a file with these bytes would come to. Nothing is changed by it, neither here nor on the disk.
    pub fn rehearse(&self, bytes: &[u8], fingerprints: &[Fingerprint], now: Timestamp) -> Vec<Imported> {
        let mut store = self.clone();
        let mut staging = Staging::new(&mut store, fingerprints, now);
        carry_out(&mut staging, [objects(Path::new(""), format::items(bytes))])
    }
}

/// Takes what the files name, each file's objects in the order in which they are best taken.
fn carry_out(staging: &mut Staging<'_>, files: impl IntoIterator<Item = Vec<Object>>) -> Vec<Imported> {
    let mut imported = Vec::new();
    for mut group in groups(files) {
        group.sort_by_key(|object| rank(&object.found));
        let first = imported.len();
        for object in group {
            let (result, others) = staging.carry_out(object.found.what, object.found.dn.as_deref());
            let results = [Some(result), others].into_iter().flatten();
            imported.extend(results.map(|result| Imported {
                from: object.from.clone(),
                part: object.part,
                line: object.found.line,
                result,
                entry: object.found.dn.clone(),
            }));
        }
        staging.withdraw_revoked(imported.get_mut(first..).unwrap_or_default());
    }
    imported
}

/// One object of one file.
struct Object {
    from: PathBuf,
    part: Option<usize>,
    found: Found,
}

/// The objects that may be taken in any order: those of all files up to one that removes or replaces what was there.
fn groups(files: impl IntoIterator<Item = Vec<Object>>) -> Vec<Vec<Object>> {
    let mut groups = vec![Vec::new()];
    for objects in files {
        let changes = |object: &Object| !matches!(object.found.what, Ok(Action::Take(_)) | Err(_));
        match groups.last_mut() {
            Some(group) if !objects.iter().any(changes) => group.extend(objects),
            _ => groups.push(objects),
        }
    }
    groups
}

fn read(file: &Path) -> Vec<Object> {
    objects(file, format::read(file))
}

fn objects(file: &Path, found: Result<Vec<Found>, Refusal>) -> Vec<Object> {
    let found = match found {
        Ok(found) => found,
        Err(why) => vec![Found {
            dn: None,
            line: None,
            what: Err(why),
        }],
    };
    let several = found.len() > 1;
    let objects = found.into_iter().enumerate().map(|(index, found)| Object {
        from: file.to_path_buf(),
        part: several.then_some(index + 1),
        found,
    });
    objects.collect()
}

/// What goes, goes before what came in its place. Authorities before master lists before signers and other lists: each needs
/// the ones before it. Of authorities, those that sign themselves come first, since they vouch for links.
fn rank(found: &Found) -> u8 {
    let item = match &found.what {
        Ok(Action::Remove(_) | Action::RemoveEntry) => return 0,
        Ok(Action::Take(item) | Action::TakeInstead(item)) => item,
        Err(_) => return 5,
    };
    match item {
        Item::Certificate(certificate) if certificate.is_authority() => {
            1 + u8::from(!certificate.is_self_issued())
        }
        Item::MasterList(_) => 3,
        Item::Certificate(_) => 4,
        Item::RevocationList(_) | Item::DefectList(_) => 5,
    }
}

#[cfg(test)]
mod tests;
