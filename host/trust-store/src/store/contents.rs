//! What the files of the folder bring in, and what of them does not count.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use chipgate_apdu::Timestamp;
use chipgate_crypto::PublicKey;
use chipgate_trust::{Bundle, BundleError, Certificate, MasterList, TrustAnchor, fingerprint};

use super::distrust::Distrust;
use super::lists::{Checked, authenticate, authenticate_defects, read_checked};
use super::{Anchor, Fingerprint, Highest, List, Refused, Store};
use crate::error::{Refusal, StoreError};
use crate::format::{self, Action, Item};
use crate::likeness::Likeness;
use crate::reading;
use crate::transaction::Seen;
use crate::verification::{contradicting, verify_list};

/// Lists that can be judged only when the anchors are there.
#[derive(Default)]
pub(super) struct Lists {
    checked: Checked,
    master: Vec<(PathBuf, Vec<u8>)>,
    defect: Vec<(PathBuf, Vec<u8>)>,
    pub(super) bundle: Option<Seen>,
}

impl Lists {
    pub(super) fn take_checked(&mut self, file: &Path) {
        self.checked.extend(read_checked(file));
    }
}

impl Store {
    /// A file of signers is read when one of them is asked for; that it can't be opened is told at once.
    pub(super) fn take_signer_file(&mut self, seen: Seen) {
        if let Err(error) = File::open(&seen.at) {
            self.refuse(&seen.name, None, reading::refusal(&error));
        }
        self.signer_files.push((seen.name, seen.at));
    }

    pub(super) fn read_bundle_key(&mut self, seen: &Seen) {
        let der = match fs::read(&seen.at) {
            Ok(der) => der,
            Err(error) => return self.refuse(&seen.name, None, reading::refusal(&error)),
        };
        self.bundle_key = PublicKey::from_spki_der(&der).ok();
        if self.bundle_key.is_none() {
            let found = Likeness::Binary;
            self.refuse(&seen.name, None, Refusal::Unrecognised { found });
        }
    }

    pub(super) fn read_bundle_version(&mut self, seen: &Seen) {
        let text = fs::read_to_string(&seen.at).ok();
        let version = text.and_then(|text| text.trim().parse().ok());
        self.highest_bundle = version.map_or(Highest::Unreadable, Highest::Version);
        if version.is_none() {
            self.refuse(&seen.name, None, Refusal::BundleVersion);
        }
    }

    /// Without it nobody could say whom to keep out: the folder is then not read at all.
    pub(super) fn read_distrusted(&mut self, seen: &Seen) -> Result<(), StoreError> {
        let bytes = fs::read(&seen.at).map_err(|source| StoreError::Unreadable {
            path: seen.name.clone(),
            source,
        })?;
        self.distrust = Distrust::from_text(&String::from_utf8_lossy(&bytes));
        if self.distrust.is_damaged() {
            self.refuse(&seen.name, None, Refusal::DistrustDamaged);
        }
        Ok(())
    }

    /// What can be judged only when the anchors are there.
    pub(super) fn add_lists(&mut self, lists: Lists) {
        self.leave_out_distrusted();
        self.refuse_contradicting();
        self.add_master_lists(lists.master, &lists.checked);
        self.index();
        self.add_defect_lists(lists.defect);
        self.open_bundle(lists.bundle);
    }

    fn open_bundle(&mut self, seen: Option<Seen>) {
        let Some(seen) = seen else { return };
        let opened = match (fs::read(&seen.at), &self.bundle_key) {
            (Ok(bytes), Some(key)) => Bundle::open(bytes, key),
            (Ok(_), None) => Err(BundleError::Signature),
            (Err(error), _) => {
                return self.refuse(&seen.name, None, reading::refusal(&error));
            }
        };
        match (opened, self.highest_bundle) {
            // An older one that someone put in the place of the newer.
            (Ok(bundle), Highest::Version(highest)) if bundle.version() < highest => {
                let found = bundle.version();
                self.refuse(&seen.name, None, Refusal::OlderBundle { found, highest });
            }
            (Ok(bundle), _) => self.bundle = Some((seen.name, bundle)),
            (Err(why), _) => self.refuse(&seen.name, None, Refusal::BundleNotUsed(why)),
        }
    }

    fn add_defect_lists(&mut self, lists: Vec<(PathBuf, Vec<u8>)>) {
        for (file, der) in lists {
            match authenticate_defects(&der, &*self) {
                Ok(list) => self.defect_lists.push((file, list, der)),
                Err(fault) => self.refuse(&file, None, Refusal::DefectList { fault }),
            }
        }
    }

    pub(super) fn read(&mut self, seen: &Seen, lists: &mut Lists) {
        let file = seen.name.as_path();
        let items = match format::read(&seen.at) {
            Ok(items) => items,
            Err(why) => return self.refuse(file, None, why),
        };
        let several = items.len() > 1;
        for (index, found) in items.into_iter().enumerate() {
            let part = several.then_some(index + 1);
            let item = match found.what {
                Ok(Action::Take(item) | Action::TakeInstead(item)) => item,
                Ok(Action::Remove(_) | Action::RemoveEntry) => continue,
                Err(why) => {
                    self.refuse(file, part, why);
                    continue;
                }
            };
            match item {
                Item::Certificate(certificate) => match TrustAnchor::new(*certificate) {
                    Ok(anchor) => self.add(file, anchor, false),
                    Err(error) => self.refuse(file, part, error.into()),
                },
                Item::RevocationList(list) => self.revocation.push((file.to_path_buf(), *list)),
                Item::MasterList(der) => lists.master.push((file.to_path_buf(), der)),
                Item::DefectList(der) => lists.defect.push((file.to_path_buf(), der)),
            }
        }
    }

    /// A certificate that someone put here is no anchor if it says that its own key signed it, and that does not hold, unless
    /// another one that someone put here signed it.
    fn refuse_contradicting(&mut self) {
        let certificates: Vec<_> = self
            .anchors
            .iter()
            .map(|a| a.trusted.certificate().clone())
            .collect();
        let mut contradicting = contradicting(&certificates);
        for certificate in &certificates {
            if contradicting.contains(&certificate.fingerprint()) && self.has_issued(certificate) {
                contradicting.remove(&certificate.fingerprint());
            }
        }
        let (broken, sound): (Vec<_>, Vec<_>) = std::mem::take(&mut self.anchors)
            .into_iter()
            .partition(|anchor| contradicting.contains(&anchor.trusted.certificate().fingerprint()));
        self.anchors = sound;
        for Anchor { file, trusted, .. } in broken {
            let certificate = trusted.certificate();
            self.refused.push(Refused {
                file,
                part: None,
                fingerprint: Some(hex::encode(certificate.fingerprint())),
                subject: Some(certificate.subject().to_string()),
                why: Refusal::BrokenSignature,
            });
        }
    }

    fn add(&mut self, file: &Path, anchor: TrustAnchor, from_master_list: bool) {
        if !self.anchors.iter().any(|known| known.trusted == anchor) {
            self.anchors.push(Anchor {
                file: file.to_path_buf(),
                from_master_list,
                trusted: anchor,
            });
        }
    }

    fn refuse(&mut self, file: &Path, part: Option<usize>, why: Refusal) {
        self.refused.push(Refused {
            file: file.to_path_buf(),
            part,
            fingerprint: None,
            subject: None,
            why,
        });
    }

    /// An entry of a list, which its fingerprint names.
    fn refuse_entry(
        &mut self,
        (file, place): (&Path, usize),
        fingerprint: Fingerprint,
        subject: Option<String>,
        why: Refusal,
    ) {
        self.refused.push(Refused {
            file: file.to_path_buf(),
            part: Some(place),
            fingerprint: Some(hex::encode(fingerprint)),
            subject,
            why,
        });
    }

    fn add_master_lists(&mut self, master_lists: Vec<(PathBuf, Vec<u8>)>, checked: &Checked) {
        let vouching = self.vouching();
        for (file, der) in master_lists {
            match authenticate(&der, &vouching) {
                Ok((list, signed)) => {
                    let wrong = match checked.get(&fingerprint(&der)) {
                        Some(wrong) => wrong.clone(),
                        None => verify_list(&list.certificates).wrong.into_iter().collect(),
                    };
                    self.take_master_list(&file, (fingerprint(&der), list), signed, &wrong);
                }
                Err(fault) => self.refuse(&file, None, Refusal::MasterList { fault }),
            }
        }
    }

    /// Takes a list that verified, and its entries.
    pub(crate) fn take_master_list(
        &mut self,
        file: &Path,
        (fingerprint, list): (Fingerprint, MasterList),
        (signer, signing_time): (Certificate, Option<Timestamp>),
        wrong: &BTreeSet<Fingerprint>,
    ) {
        self.master_lists.push(List {
            file: file.to_path_buf(),
            fingerprint,
            signer,
            signing_time,
            entries: list.certificates.iter().map(Certificate::fingerprint).collect(),
        });
        self.add_all(file, list, wrong);
    }

    /// Takes the entries of a list that verified. An entry that is no authority's, or whose own signature does not hold, is
    /// refused by itself.
    fn add_all(&mut self, file: &Path, list: MasterList, wrong: &BTreeSet<Fingerprint>) {
        let mut known: BTreeSet<Fingerprint> = self
            .anchors
            .iter()
            .map(|a| a.trusted.certificate().fingerprint())
            .collect();
        for (certificate, place) in list.certificates.into_iter().zip(list.places) {
            let fingerprint = certificate.fingerprint();
            if !known.insert(fingerprint) {
                continue;
            }
            let subject = Some(certificate.subject().to_string());
            if wrong.contains(&fingerprint) {
                self.refuse_entry((file, place), fingerprint, subject, Refusal::BrokenSignature);
                continue;
            }
            match TrustAnchor::new(certificate) {
                Ok(trusted) => {
                    let anchor = Anchor {
                        file: file.to_path_buf(),
                        from_master_list: true,
                        trusted,
                    };
                    if self.distrust.keeps_out(&fingerprint) {
                        self.keep_out(anchor);
                    } else {
                        self.anchors.push(anchor);
                    }
                }
                Err(error) => self.refuse_entry((file, place), fingerprint, subject, error.into()),
            }
        }
        for entry in list.unreadable {
            self.refuse_entry((file, entry.place), entry.fingerprint, None, entry.error.into());
        }
    }
}
