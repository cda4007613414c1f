//! Removing what is no longer trusted, by its fingerprint.

use std::collections::BTreeSet;
use std::path::Path;

use crate::bundling::BUNDLE;
use crate::error::StoreError;
use crate::format::{self, Action, Found};
use crate::reading::read_file;
use crate::store::{DISTRUSTED, Fingerprint, Store, signers_in};
use crate::transaction::Change;

/// A fingerprint as people name it: in whole, or by at least its first 8 digits.
struct Wanted(String);

impl Wanted {
    fn new(text: &str) -> Self {
        Self(text.replace([':', ' '], "").to_ascii_lowercase())
    }

    fn is(&self, fingerprint: &Fingerprint) -> bool {
        self.is_text(&hex::encode(fingerprint))
    }

    fn is_text(&self, fingerprint: &str) -> bool {
        self.0.len() >= 8 && fingerprint.starts_with(&self.0)
    }

    /// The fingerprint of an object of a file, if it is the one.
    fn is_found(&self, found: &Found) -> Option<Fingerprint> {
        let Ok(Action::Take(item) | Action::TakeInstead(item)) = &found.what else {
            return None;
        };
        Some(item.fingerprint()).filter(|fingerprint| self.is(fingerprint))
    }
}

/// What a removal came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// How many certificates and lists no longer count.
    pub count: usize,
    /// Those anchors among them that a list or the bundle still holds, by their fingerprints in hexadecimal digits: they are
    /// distrusted from now on.
    pub distrusted: Vec<String>,
}

impl Store {
    /// Removes the certificate or the list with this fingerprint, given in whole or by at least its first 8 digits, from each
    /// file that has it. What else a file has stays in it. An anchor that a master list or the bundle brings in is distrusted
    /// from now on, whatever brings it in again.
    pub fn remove(&mut self, fingerprint: &str) -> Result<Removed, StoreError> {
        let wanted = Wanted::new(fingerprint);
        let mut change = Change::default();
        let objects = self.remove_objects(&wanted, &mut change)?;
        let signers = self.remove_signers(&wanted, &mut change)?;
        let brought_in: BTreeSet<_> = self.brought_in(&wanted).collect();
        let removed = Removed {
            count: objects.union(&brought_in).count() + signers,
            distrusted: brought_in.iter().map(hex::encode).collect(),
        };
        if removed.count == 0 {
            return Err(self.not_removed(&wanted, fingerprint));
        }
        if !brought_in.is_empty() {
            let mut distrust = self.distrust.clone();
            for one in brought_in {
                distrust.add(one);
            }
            change
                .write
                .push((DISTRUSTED.to_owned(), distrust.to_text().into_bytes()));
        }
        self.change(&change)?;
        Ok(removed)
    }

    /// The anchors that a list or the bundle brings in, whether a file holds them, too.
    fn brought_in(&self, wanted: &Wanted) -> impl Iterator<Item = Fingerprint> {
        let of_bundle = self
            .anchors_of_bundle()
            .map(|anchor| anchor.certificate().fingerprint());
        let of_files = self.anchors.iter().filter(|anchor| {
            let fingerprint = anchor.trusted.certificate().fingerprint();
            let mut lists = self.master_lists.iter();
            anchor.from_master_list || lists.any(|list| list.entries.contains(&fingerprint))
        });
        let of_files = of_files.map(|anchor| anchor.trusted.certificate().fingerprint());
        of_files
            .chain(of_bundle)
            .filter(|fingerprint| wanted.is(fingerprint))
    }

    /// Writes each file again without the objects; one that has nothing else goes.
    fn remove_objects(
        &self,
        wanted: &Wanted,
        change: &mut Change,
    ) -> Result<BTreeSet<Fingerprint>, StoreError> {
        let mut removed = BTreeSet::new();
        for seen in self.files()? {
            let name = file_name(&seen.name).filter(|_| format::has_known_extension(&seen.name));
            let Some((name, bytes)) = name.zip(read_file(&seen.at).ok()) else {
                continue;
            };
            let found = format::items(&bytes).unwrap_or_default();
            let objects = found.iter().map(|found| wanted.is_found(found));
            let gone: Vec<Option<Fingerprint>> = objects.collect();
            if gone.iter().all(Option::is_none) {
                continue;
            }
            if gone.iter().all(Option::is_some) {
                // What was found out of a list when it was imported goes with it.
                let checked = format!("{name}.checked");
                change.remove.extend(
                    [checked]
                        .into_iter()
                        .filter(|name| self.folder().join(name).exists()),
                );
                change.remove.push(name);
            } else {
                let places = gone.iter().enumerate().filter(|(_, gone)| gone.is_some());
                let places = places.map(|(place, _)| place).collect();
                let left = format::without(&bytes, &places).ok_or_else(|| StoreError::InOneFile {
                    file: seen.name.clone(),
                })?;
                change.write.push((name, left));
            }
            removed.extend(gone.into_iter().flatten());
        }
        Ok(removed)
    }

    /// Signers stand together in one file a state, which is written again without them. How many they are.
    fn remove_signers(&self, wanted: &Wanted, change: &mut Change) -> Result<usize, StoreError> {
        let mut removed = 0;
        for (file, at) in &self.signer_files {
            let all = signers_in(at)?;
            let left: Vec<_> = all
                .iter()
                .filter(|signer| !wanted.is(&signer.fingerprint()))
                .collect();
            let Some(name) = file_name(file).filter(|_| left.len() < all.len()) else {
                continue;
            };
            removed += all.len() - left.len();
            if left.is_empty() {
                change.remove.push(name);
                continue;
            }
            let der: Vec<_> = left.iter().map(|signer| signer.der()).collect();
            change.write.push((name, der.concat()));
        }
        Ok(removed)
    }

    /// Why there is nothing to remove.
    fn not_removed(&self, wanted: &Wanted, fingerprint: &str) -> StoreError {
        let fingerprint = fingerprint.to_owned();
        if self
            .distrusted()
            .iter()
            .any(|one| wanted.is_text(&one.fingerprint))
        {
            StoreError::AlreadyDistrusted { fingerprint }
        } else if self.bundle_has(wanted) {
            StoreError::PartOfBundle {
                fingerprint,
                file: self.folder().join(BUNDLE),
            }
        } else {
            StoreError::NotThere { fingerprint }
        }
    }

    fn bundle_has(&self, wanted: &Wanted) -> bool {
        self.bundle().is_some_and(|bundle| {
            let others = bundle.other_certificates().map(|other| other.fingerprint());
            let lists = bundle.revocation_lists().map(|list| list.fingerprint());
            let defects = bundle.defect_lists().map(chipgate_trust::fingerprint);
            others.chain(lists).chain(defects).any(|one| wanted.is(&one))
        })
    }
}

fn file_name(path: &Path) -> Option<String> {
    path.file_name().and_then(|name| name.to_str()).map(str::to_owned)
}
