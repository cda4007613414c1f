//! Taking files into the store: looked at, checked, and copied under names that say what they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chipgate_apdu::Timestamp;
use chipgate_trust::{
    Certificate, CertificateName, PathOptions, RevocationList, TrustAnchor, TrustAnchors, TrustFault,
    authenticate_certificate, fingerprint,
};

use crate::error::{Refusal, StoreError};
use crate::format::{self, Item};
use crate::ldif;
use crate::listing::Listed;
use crate::store::{
    Fingerprint, Refused, Store, authenticate, authenticate_defects, carried, checked_text, country_part,
    replaces, signers_stem,
};
use crate::transaction::{self, Change};
use crate::verification::{Verification, contradicts_itself, verify_list};

/// What came of one object of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The file that it came from.
    pub from: PathBuf,
    /// Which part of the file, counted from 1, where it holds several.
    pub part: Option<usize>,
    /// What came of it.
    pub result: ImportResult,
}

/// What came of an object that was to be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportResult {
    /// It is in the store now, in this file.
    Added(Box<Listed>),
    /// A master list is in the store now, in this file, and brought in so many anchors.
    AddedMasterList {
        /// The file that it is in.
        file: PathBuf,
        /// How many anchors are new by it.
        anchors: usize,
        /// What became of the signature on each of its certificates.
        verification: Verification,
        /// Its entries that do not count, and why.
        refused: Vec<Refused>,
    },
    /// A defect or deviation list is in the store now, in this file.
    AddedDefectList {
        /// The file that it is in.
        file: PathBuf,
        /// How many entries it has.
        defects: usize,
        /// How many entries were passed over: they name no signer, or cannot be read.
        passed_over: usize,
        /// How many entries, and known defects of entries that count, cannot be read.
        unreadable: usize,
    },
    /// A document signer's certificate is in the store now.
    AddedSigner(Box<Listed>),
    /// A revocation list is in the store now, in the place of older ones of its issuer.
    Replaced {
        /// The new one.
        list: Box<Listed>,
        /// How many older ones are gone.
        older: usize,
    },
    /// A revocation list in whose place a newer one of its issuer is here already.
    Superseded(Box<Listed>),
    /// What the directory deleted was removed.
    Removed,
    /// It was in the store before.
    AlreadyThere,
    /// It was not taken.
    Refused(Refusal),
}

impl Store {
    /// Imports certificates, revocation lists, master, defect and deviation lists, and LDIF with any of them; every one of
    /// them is reported.
    ///
    /// Nothing is trusted on first use: an authority's certificate is taken if its fingerprint is given, or if an anchor that
    /// is in the folder as a certificate issued it or certified its key. A list is taken if it verifies against such an
    /// anchor; if it brings along a CSCA certificate with one of the `fingerprints`, that one is taken as an anchor first. A
    /// signer's certificate is taken if a path leads to it, a revocation list if one of the anchors signed it.
    /// Certificates are taken before lists, whatever the order of the files.
    pub fn import<P: AsRef<Path>>(
        &mut self,
        files: &[P],
        fingerprints: &[Fingerprint],
    ) -> Result<Vec<Imported>, StoreError> {
        let mut objects = Vec::new();
        for file in files.iter().map(AsRef::as_ref) {
            objects.extend(read(file));
        }
        objects.sort_by_key(|(_, _, item)| rank(item));
        let mut imported = Vec::with_capacity(objects.len());
        let mut signers = Signers::default();
        for (from, part, item) in objects {
            let result = match item {
                Ok(Item::Certificate(certificate)) if !certificate.is_authority() => {
                    signers.import(self, &certificate)
                }
                Ok(Item::Deletion(dn)) => match ldif::list_of(&dn) {
                    Some(entry) => self.delete_list(&dn, &entry)?,
                    None => signers.delete(self, &dn),
                },
                Ok(item) => self.import_item(item, fingerprints)?,
                Err(why) => ImportResult::Refused(why),
            };
            imported.push(Imported { from, part, result });
        }
        self.change(&signers.into_change())?;
        Ok(imported)
    }

    fn import_item(&mut self, item: Item, fingerprints: &[Fingerprint]) -> Result<ImportResult, StoreError> {
        match item {
            Item::Certificate(certificate) => self.import_certificate(*certificate, fingerprints),
            Item::RevocationList(list) => self.import_revocation_list(&list),
            Item::MasterList(der) => self.import_master_list(&der, fingerprints),
            Item::DefectList(der) => self.import_defect_list(&der),
            Item::Deletion(dn) => Ok(ImportResult::Refused(Refusal::NotHere { dn })),
        }
    }

    /// Removes the one list of this kind and state whose issuer the directory names, or the only one that the state has.
    fn delete_list(&mut self, dn: &str, entry: &ldif::ListEntry) -> Result<ImportResult, StoreError> {
        let of_state = |country: Option<&str>| country == Some(entry.country.as_str());
        let lists: Vec<(PathBuf, Vec<&CertificateName>)> = if entry.is_master_list {
            let lists = self.master_lists.iter();
            lists
                .map(|list| {
                    (
                        list.file.clone(),
                        vec![list.signer.issuer(), list.signer.subject()],
                    )
                })
                .collect()
        } else {
            let lists = self.revocation.iter();
            lists
                .map(|(file, list)| (file.clone(), vec![list.issuer()]))
                .collect()
        };
        let mut lists = lists;
        lists.retain(|(_, names)| names.iter().any(|name| of_state(name.country())));
        let named = lists
            .iter()
            .filter(|(_, names)| names.iter().any(|name| entry.names(&name.to_string())));
        let files: BTreeSet<&Path> = named.map(|(file, _)| file.as_path()).collect();
        let only = match (files.len(), lists.as_slice()) {
            (1, _) => files.first().copied(),
            (0, [(only, _)]) => Some(only.as_path()),
            _ => None,
        };
        let name = only.and_then(Path::file_name).and_then(|name| name.to_str());
        let Some(name) = name.map(str::to_owned) else {
            return Ok(ImportResult::Refused(Refusal::NotHere { dn: dn.to_owned() }));
        };
        let checked = format!("{name}.checked");
        self.change(&Change {
            remove: vec![name, checked],
            ..Change::default()
        })?;
        Ok(ImportResult::Removed)
    }

    /// Writes and removes files at once, and reads the folder again.
    pub(crate) fn change(&mut self, change: &Change) -> Result<(), StoreError> {
        if !change.write.is_empty() || !change.remove.is_empty() {
            transaction::commit(self.folder(), change)?;
            *self = Self::open(self.folder())?;
        }
        Ok(())
    }

    fn import_certificate(
        &mut self,
        certificate: Certificate,
        fingerprints: &[Fingerprint],
    ) -> Result<ImportResult, StoreError> {
        let mut there = self
            .anchors
            .iter()
            .filter(|anchor| *anchor.trusted.certificate() == certificate);
        let is_named = fingerprints.contains(&certificate.fingerprint());
        if there.any(|anchor| !anchor.from_master_list || !is_named) {
            return Ok(ImportResult::AlreadyThere);
        }
        let anchor = match TrustAnchor::new(certificate) {
            Ok(anchor) => anchor,
            Err(error) => return Ok(ImportResult::Refused(error.into())),
        };
        let certificate = anchor.certificate();
        let is_vouched = self.vouches_for(certificate);
        if !is_vouched && contradicts_itself(certificate) {
            return Ok(ImportResult::Refused(Refusal::BrokenSignature));
        }
        if !is_named && !is_vouched {
            return Ok(ImportResult::Refused(Refusal::NotVouched {
                fingerprint: hex::encode(certificate.fingerprint()),
            }));
        }
        let name = name(certificate.subject().country(), &certificate.fingerprint(), "cer");
        let added = Listed::certificate(certificate, self.folder().join(&name));
        self.change(&Change {
            write: vec![(name, certificate.der().to_vec())],
            ..Change::default()
        })?;
        Ok(ImportResult::Added(Box::new(added)))
    }

    /// Whether an anchor that someone placed here issued this certificate: a link, or a new one for its own key.
    fn vouches_for(&self, certificate: &Certificate) -> bool {
        let placed = self.vouching();
        let candidates = placed.candidates(certificate.issuer(), certificate.authority_key_identifier());
        let mut keys = candidates
            .iter()
            .filter_map(|anchor| anchor.certificate().public_key().ok());
        let issued = keys.any(|key| certificate.verify_signature(&key).is_ok());
        let same_country = certificate.subject().country() == certificate.issuer().country();
        issued && same_country
    }

    fn import_revocation_list(&mut self, list: &RevocationList) -> Result<ImportResult, StoreError> {
        if self.revocation.iter().any(|(_, known)| known == list) {
            return Ok(ImportResult::AlreadyThere);
        }
        if let Err(fault) = self.signed_by_an_anchor(list) {
            return Ok(ImportResult::Refused(Refusal::RevocationList { fault }));
        }
        let name = name(list.issuer().country(), &list.fingerprint(), "crl");
        let known = self.revocation.iter().map(|(_, known)| known);
        let mut newer = known.filter(|known| replaces(known, list));
        if let Some(newer) = newer.find(|newer| self.signed_by_an_anchor(newer).is_ok()) {
            let by = Listed::revocation_list(newer, self.folder().to_path_buf());
            return Ok(ImportResult::Superseded(Box::new(by)));
        }
        let added = Listed::revocation_list(list, self.folder().join(&name));
        let remove = self.files_superseded_by(list);
        let older = remove.len();
        self.change(&Change {
            write: vec![(name, list.der().to_vec())],
            remove,
        })?;
        Ok(match older {
            0 => ImportResult::Added(Box::new(added)),
            older => ImportResult::Replaced {
                list: Box::new(added),
                older,
            },
        })
    }

    /// The files of the lists in whose place this one comes. One that someone put here under another name, perhaps with more
    /// in it, stays, and does not count.
    fn files_superseded_by(&self, list: &RevocationList) -> Vec<String> {
        let older = self.revocation.iter().filter(|(_, known)| replaces(list, known));
        let named =
            older.map(|(file, known)| (file, name(known.issuer().country(), &known.fingerprint(), "crl")));
        named
            .filter(|(file, name)| file.file_name().is_some_and(|of_file| of_file == name.as_str()))
            .map(|(_, name)| name)
            .collect()
    }

    pub(crate) fn signed_by_an_anchor(&self, list: &RevocationList) -> Result<(), TrustFault> {
        let candidates = self.candidates(list.issuer(), None);
        if candidates.is_empty() {
            return Err(TrustFault::NoIssuerFound);
        }
        let keys = candidates
            .iter()
            .filter_map(|anchor| anchor.certificate().public_key().ok());
        let signed = keys
            .map(|key| list.verify_signature(&key))
            .any(|result| result.is_ok());
        if signed {
            Ok(())
        } else {
            Err(TrustFault::CrlSignatureInvalid)
        }
    }

    fn import_defect_list(&mut self, der: &[u8]) -> Result<ImportResult, StoreError> {
        if self.defect_lists.iter().any(|(_, _, known)| known == der) {
            return Ok(ImportResult::AlreadyThere);
        }
        let list = match authenticate_defects(der, &*self) {
            Ok(list) => list,
            Err(fault) => return Ok(ImportResult::Refused(Refusal::DefectList { fault })),
        };
        let name = name(None, &fingerprint(der), "dfl");
        let file = self.folder().join(&name);
        self.change(&Change {
            write: vec![(name, der.to_vec())],
            ..Change::default()
        })?;
        Ok(ImportResult::AddedDefectList {
            file,
            defects: list.defects.len(),
            passed_over: list.passed_over,
            unreadable: list.unreadable,
        })
    }

    fn import_master_list(
        &mut self,
        der: &[u8],
        fingerprints: &[Fingerprint],
    ) -> Result<ImportResult, StoreError> {
        let mut vouching = self.vouching();
        let carried = match carried(der) {
            Ok(carried) => carried.into_iter(),
            Err(error) => return Ok(ImportResult::Refused(error.into())),
        };
        let named: Vec<_> = carried
            .filter(|certificate| fingerprints.contains(&certificate.fingerprint()))
            .filter_map(|certificate| TrustAnchor::new(certificate).ok())
            .collect();
        for anchor in &named {
            vouching.add(anchor.clone());
        }
        let (list, (signer, _)) = match authenticate(der, &vouching) {
            Ok(verified) => verified,
            Err(fault) => return Ok(ImportResult::Refused(Refusal::MasterList { fault })),
        };
        let list_name = name(signer.issuer().country(), &fingerprint(der), "ml");
        let file = self.folder().join(&list_name);
        if self.master_lists.iter().any(|known| known.file == file) {
            return Ok(ImportResult::AlreadyThere);
        }
        let before = self.anchors.len();
        let verification = verify_list(&list.certificates);
        // The named anchor with it: without that one the list would not count when the store is read again.
        let mut write: Vec<_> = named
            .iter()
            .map(TrustAnchor::certificate)
            .map(|anchor| {
                let name = name(anchor.subject().country(), &anchor.fingerprint(), "cer");
                (name, anchor.der().to_vec())
            })
            .collect();
        let checked = checked_text(der, &verification.wrong);
        write.push((format!("{list_name}.checked"), checked));
        write.push((list_name, der.to_vec()));
        self.change(&Change {
            write,
            ..Change::default()
        })?;
        let in_folder = file.clone();
        Ok(ImportResult::AddedMasterList {
            file,
            anchors: self.anchors.len() - before,
            verification,
            refused: {
                let refused = self.refused.iter();
                refused.filter(|entry| entry.file == in_folder).cloned().collect()
            },
        })
    }
}

/// `VN_0123456789abcdef.cer`: the state, and the first half of the fingerprint.
fn name(country: Option<&str>, fingerprint: &Fingerprint, extension: &str) -> String {
    let digits = hex::encode(fingerprint);
    let half = digits.get(..32).unwrap_or(&digits);
    format!("{}_{half}.{extension}", country_part(country))
}

/// The document signers' certificates of an import, which go to one file a state.
#[derive(Default)]
struct Signers {
    files: BTreeMap<String, (Vec<Certificate>, bool)>,
}

impl Signers {
    fn of(&mut self, store: &Store, country: Option<&str>) -> &mut (Vec<Certificate>, bool) {
        self.files
            .entry(signers_stem(country))
            .or_insert_with(|| (store.signers(Some(country.unwrap_or("XX"))), false))
    }

    fn import(&mut self, store: &Store, certificate: &Certificate) -> ImportResult {
        let country = certificate.issuer().country();
        let (signers, changed) = self.of(store, country);
        if signers.contains(certificate) {
            return ImportResult::AlreadyThere;
        }
        if !certificate.may_sign_objects() {
            let fault = TrustFault::WrongKeyUsage;
            return ImportResult::Refused(Refusal::Signer { fault });
        }
        let found = authenticate_certificate(certificate, store, Timestamp(0), &PathOptions::default());
        if let Some(fault) = found.issuer_certificate().fault() {
            return ImportResult::Refused(Refusal::Signer { fault });
        }
        signers.push(certificate.clone());
        *changed = true;
        let file = store.folder().join(format!("{}.dsc", signers_stem(country)));
        ImportResult::AddedSigner(Box::new(Listed::certificate(certificate, file)))
    }

    fn delete(&mut self, store: &Store, dn: &str) -> ImportResult {
        let not_here = || ImportResult::Refused(Refusal::NotHere { dn: dn.to_owned() });
        let Some((serial, country)) = ldif::signer_of(dn) else {
            return not_here();
        };
        let significant =
            |octets: &[u8]| -> Vec<u8> { octets.iter().copied().skip_while(|octet| *octet == 0).collect() };
        let (signers, changed) = self.of(store, Some(&country));
        let before = signers.len();
        signers.retain(|signer| significant(signer.serial_number()) != significant(&serial));
        if signers.len() == before {
            return not_here();
        }
        *changed = true;
        ImportResult::Removed
    }

    fn into_change(self) -> Change {
        let mut change = Change::default();
        for (stem, (signers, changed)) in self.files {
            let name = format!("{stem}.dsc");
            match (changed, signers.is_empty()) {
                (false, _) => {}
                (true, true) => change.remove.push(name),
                (true, false) => {
                    let der: Vec<_> = signers.iter().map(Certificate::der).collect();
                    change.write.push((name, der.concat()));
                }
            }
        }
        change
    }
}

type Object = (PathBuf, Option<usize>, Result<Item, Refusal>);

fn read(file: &Path) -> Vec<Object> {
    match format::read(file) {
        Err(why) => vec![(file.to_path_buf(), None, Err(why))],
        Ok(items) => {
            let several = items.len() > 1;
            let part = |index: usize| several.then_some(index + 1);
            items
                .into_iter()
                .enumerate()
                .map(|(index, item)| (file.to_path_buf(), part(index), item))
                .collect()
        }
    }
}

/// What the directory deleted goes before what came in its place. Authorities before master lists before signers and other lists: each needs the ones before it. Of authorities, those that
/// sign themselves come first, since they vouch for links.
fn rank(item: &Result<Item, Refusal>) -> u8 {
    match item {
        Ok(Item::Deletion(_)) => 0,
        Ok(Item::Certificate(certificate)) if certificate.is_authority() => {
            1 + u8::from(!certificate.is_self_issued())
        }
        Ok(Item::MasterList(_)) => 3,
        Ok(Item::Certificate(_)) => 4,
        Ok(Item::RevocationList(_) | Item::DefectList(_)) | Err(_) => 5,
    }
}
