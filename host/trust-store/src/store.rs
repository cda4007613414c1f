//! The folder as trust anchors.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use chipgate_apdu::{Timestamp, tlv};
use chipgate_crypto::PublicKey;
use chipgate_trust::{
    Authentication, Bundle, BundleError, Certificate, CertificateName, DefectList, KnownDefect, MasterList,
    MemoryAnchors, PathOptions, RevocationList, SignerIdentifier, StepResult, TrustAnchor, TrustAnchors,
    TrustError, TrustFault, UnverifiedMasterList, ValidityTime, Wanted, authenticate_defect_list,
    authenticate_master_list, fingerprint,
};

use crate::error::{Refusal, StoreError};
use crate::format::{self, Item, Likeness};
use crate::listing::parse_fingerprint;
use crate::transaction::{self, Seen};
use crate::verification::verify_list;

/// SHA-256 of a certificate's DER.
pub type Fingerprint = [u8; 32];

/// Trust anchors and revocation lists in a folder.
///
/// Certificates count because someone put them there. A master list counts only if it verifies against one of
/// *those* certificates: what a master list brings in vouches for documents, never for further master lists.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    pub(crate) anchors: Vec<Anchor>,
    pub(crate) revocation: Vec<(PathBuf, RevocationList)>,
    pub(crate) master_lists: Vec<List>,
    pub(crate) defect_lists: Vec<(PathBuf, DefectList, Vec<u8>)>,
    /// Files of signers' certificates, one after another; looked into when one is asked for.
    pub(crate) signer_files: Vec<(PathBuf, PathBuf)>,
    pub(crate) bundle: Option<(PathBuf, Bundle<Vec<u8>>)>,
    pub(crate) bundle_key: Option<PublicKey>,
    pub(crate) highest_bundle: Highest,
    pub(crate) refused: Vec<Refused>,
    by_name: BTreeMap<CertificateName, Vec<usize>>,
}

/// The highest version of a bundle that was ever taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Highest {
    /// None was, as far as is written down.
    None,
    /// This one.
    Version(u64),
    /// The record cannot be read.
    Unreadable,
}

/// A master list that counts.
#[derive(Debug, Clone)]
pub(crate) struct List {
    pub(crate) file: PathBuf,
    pub(crate) signer: Certificate,
    pub(crate) signing_time: Option<Timestamp>,
    pub(crate) entries: BTreeSet<Fingerprint>,
}

/// One anchor and where it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Anchor {
    pub(crate) file: PathBuf,
    pub(crate) from_master_list: bool,
    pub(crate) trusted: TrustAnchor,
}

/// A file of the folder, or a part of it, that does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The file.
    pub file: PathBuf,
    /// Which part of the file, counted from 1, where it holds several.
    pub part: Option<usize>,
    /// SHA-256 of an entry of a list, in hexadecimal digits.
    pub fingerprint: Option<String>,
    /// Whose certificate it is, if it is one.
    pub subject: Option<String>,
    /// Why.
    pub why: Refusal,
}

/// Whether a store can do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreState {
    /// There is no anchor, and nothing was refused: nobody has imported anything yet.
    Empty,
    /// There is no anchor, though there are files: each was refused, or only revokes.
    NothingUsable,
    /// There is at least one anchor.
    Ready,
}

impl Store {
    /// Reads the folder: `*.der`, `*.cer`, `*.crt`, `*.pem`, `*.crl` and `*.ml`, by content rather than by name.
    /// Files with other endings are not looked at. An empty folder is no error but [`StoreState::Empty`].
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        let folder = folder.as_ref();
        let mut store = Self::nothing(folder);
        let _guard = transaction::reading(folder);
        let mut lists = Lists::default();
        for seen in files(folder)? {
            match extension(&seen.name).as_str() {
                "dsc" => store.signer_files.push((seen.name, seen.at)),
                "bundle" => lists.bundle = Some(seen),
                "checked" => lists.checked.extend(read_checked(&seen.at)),
                "bundlekey" => store.read_bundle_key(&seen),
                "bundleversion" => store.read_bundle_version(&seen),
                _ => store.read(&seen, &mut lists),
            }
        }
        store.add_master_lists(lists.master, &lists.checked);
        store.index();
        store.add_defect_lists(lists.defect);
        store.open_bundle(lists.bundle);
        Ok(store)
    }

    /// Reads the folder; one that is not there yet is an empty store, and stays away until something is imported.
    pub fn open_or_empty(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        match Self::open(folder.as_ref()) {
            Err(StoreError::NotFound { folder }) => Ok(Self::nothing(&folder)),
            opened => opened,
        }
    }

    fn nothing(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
            anchors: Vec::new(),
            revocation: Vec::new(),
            master_lists: Vec::new(),
            defect_lists: Vec::new(),
            signer_files: Vec::new(),
            bundle: None,
            bundle_key: None,
            highest_bundle: Highest::None,
            refused: Vec::new(),
            by_name: BTreeMap::new(),
        }
    }

    /// Opens the folder, and makes it first if it is not there.
    pub fn create(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = folder.as_ref();
        fs::create_dir_all(path).map_err(|source| StoreError::NotWritable {
            path: path.to_path_buf(),
            source,
        })?;
        Self::open(path)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the store can do its work.
    pub fn state(&self) -> StoreState {
        match (
            TrustAnchors::is_empty(self),
            self.refused.is_empty() && self.revocation.is_empty(),
        ) {
            (false, _) => StoreState::Ready,
            (true, true) => StoreState::Empty,
            (true, false) => StoreState::NothingUsable,
        }
    }

    /// What of the folder does not count, and why.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    fn read_bundle_key(&mut self, seen: &Seen) {
        let key = fs::read(&seen.at).ok();
        self.bundle_key = key.and_then(|der| PublicKey::from_spki_der(&der).ok());
        if self.bundle_key.is_none() {
            let found = Likeness::Binary;
            self.refuse(&seen.name, None, Refusal::Unrecognised { found });
        }
    }

    fn read_bundle_version(&mut self, seen: &Seen) {
        let text = fs::read_to_string(&seen.at).ok();
        let version = text.and_then(|text| text.trim().parse().ok());
        self.highest_bundle = version.map_or(Highest::Unreadable, Highest::Version);
        if version.is_none() {
            self.refuse(&seen.name, None, Refusal::BundleVersion);
        }
    }

    fn open_bundle(&mut self, seen: Option<Seen>) {
        let Some(seen) = seen else { return };
        let opened = match (fs::read(&seen.at), &self.bundle_key) {
            (Ok(bytes), Some(key)) => Bundle::open(bytes, key),
            (Ok(_), None) => Err(BundleError::Signature),
            (Err(error), _) => {
                return self.refuse(&seen.name, None, Refusal::Unreadable { kind: error.kind() });
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

    fn read(&mut self, seen: &Seen, lists: &mut Lists) {
        let file = seen.name.as_path();
        let items = match format::read(&seen.at) {
            Ok(items) => items,
            Err(why) => return self.refuse(file, None, why),
        };
        let several = items.len() > 1;
        for (index, item) in items.into_iter().enumerate() {
            let part = several.then_some(index + 1);
            match item {
                Ok(Item::Certificate(certificate)) => match TrustAnchor::new(*certificate) {
                    Ok(anchor) => self.add(file, anchor, false),
                    Err(error) => self.refuse(file, part, error.into()),
                },
                Ok(Item::RevocationList(list)) => self.revocation.push((file.to_path_buf(), *list)),
                Ok(Item::MasterList(der)) => lists.master.push((file.to_path_buf(), der)),
                Ok(Item::DefectList(der)) => lists.defect.push((file.to_path_buf(), der)),
                Ok(Item::Deletion(_)) => {}
                Err(why) => self.refuse(file, part, why),
            }
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
                Ok((list, found)) => {
                    let entries = list.certificates.iter().map(Certificate::fingerprint).collect();
                    self.master_lists.push(List {
                        file: file.clone(),
                        signer: found.0,
                        signing_time: found.1,
                        entries,
                    });
                    let wrong = match checked.get(&fingerprint(&der)) {
                        Some(wrong) => wrong.clone(),
                        None => verify_list(&list.certificates).wrong.into_iter().collect(),
                    };
                    self.add_all(&file, list, &wrong);
                }
                Err(fault) => self.refuse(&file, None, Refusal::MasterList { fault }),
            }
        }
    }

    /// Takes the entries of a list that verified. An entry that is no authority's, or whose own signature does not hold, is
    /// refused by itself.
    fn add_all(&mut self, file: &Path, list: MasterList, wrong: &BTreeSet<Fingerprint>) {
        let known: BTreeSet<Fingerprint> = self
            .anchors
            .iter()
            .map(|a| a.trusted.certificate().fingerprint())
            .collect();
        for (certificate, place) in list.certificates.into_iter().zip(list.places) {
            let fingerprint = certificate.fingerprint();
            if known.contains(&fingerprint) {
                continue;
            }
            let subject = Some(certificate.subject().to_string());
            if wrong.contains(&fingerprint) {
                self.refuse_entry((file, place), fingerprint, subject, Refusal::BrokenSignature);
                continue;
            }
            match TrustAnchor::new(certificate) {
                Ok(anchor) => self.anchors.push(Anchor {
                    file: file.to_path_buf(),
                    from_master_list: true,
                    trusted: anchor,
                }),
                Err(error) => self.refuse_entry((file, place), fingerprint, subject, error.into()),
            }
        }
        for entry in list.unreadable {
            self.refuse_entry((file, entry.place), entry.fingerprint, None, entry.error.into());
        }
    }

    fn index(&mut self) {
        for (index, anchor) in self.anchors.iter().enumerate() {
            self.by_name
                .entry(anchor.trusted.certificate().subject().clone())
                .or_default()
                .push(index);
        }
    }

    /// The anchors that may vouch for a master list: those that someone put there as certificates, and the
    /// revocation lists.
    pub(crate) fn vouching(&self) -> MemoryAnchors {
        let placed = self.anchors.iter().filter(|anchor| !anchor.from_master_list);
        let mut anchors: MemoryAnchors = placed.map(|anchor| anchor.trusted.clone()).collect();
        self.revocation
            .iter()
            .for_each(|(_, list)| anchors.add_revocation(list.clone()));
        anchors
    }
}

impl TrustAnchors for Store {
    fn candidates(&self, issuer: &CertificateName, key_identifier: Option<&[u8]>) -> Vec<TrustAnchor> {
        let named = self.by_name.get(issuer).into_iter().flatten();
        let mut found: Vec<_> = named
            .filter_map(|index| self.anchors.get(*index))
            .map(|a| a.trusted.clone())
            .collect();
        if let Some((_, bundle)) = &self.bundle {
            let more = bundle.candidates(issuer, key_identifier);
            found.extend(
                more.into_iter()
                    .filter(|anchor| self.anchors.iter().all(|known| known.trusted != *anchor)),
            );
        }
        if key_identifier.is_some() {
            found.sort_by_key(|anchor| anchor.certificate().subject_key_identifier() != key_identifier);
        }
        found
    }

    fn known(&self, wanted: Wanted<'_>) -> Vec<Certificate> {
        let mut known = match wanted {
            // An authority that is here is an anchor.
            Wanted::Authority(_) => Vec::new(),
            Wanted::Signer(SignerIdentifier::IssuerAndSerialNumber(issuer, _)) => {
                self.signers(issuer.country())
            }
            Wanted::Signer(SignerIdentifier::SubjectKeyIdentifier(_)) => self.signers(None),
        };
        known.retain(|certificate| wanted.is(certificate));
        if let Some((_, bundle)) = &self.bundle {
            known.extend(bundle.known(wanted));
        }
        known
    }

    fn revocation(&self, issuer: &CertificateName) -> Vec<RevocationList> {
        let own = self.revocation.iter().map(|(_, list)| list);
        let mut found: Vec<_> = own.filter(|list| list.issuer() == issuer).cloned().collect();
        if let Some((_, bundle)) = &self.bundle {
            found.extend(bundle.revocation(issuer));
        }
        self.without_superseded(found)
    }

    fn defects(&self, signer: &Certificate) -> Vec<KnownDefect> {
        let own = self.defect_lists.iter().flat_map(|(_, list, _)| list.of(signer));
        let of_bundle = self.bundle.iter().flat_map(|(_, bundle)| bundle.defects(signer));
        own.chain(of_bundle).collect()
    }

    fn is_empty(&self) -> bool {
        self.anchors.is_empty() && self.bundle.as_ref().is_none_or(|(_, bundle)| bundle.is_empty())
    }
}

impl Store {
    /// Leaves out each list in whose place another one stands, provided that an anchor signed that one: a list of which nobody
    /// knows whose it is takes no genuine one's place.
    pub(crate) fn without_superseded(&self, lists: Vec<RevocationList>) -> Vec<RevocationList> {
        if lists.len() < 2 {
            return lists;
        }
        let mut newer: Vec<RevocationList> = Vec::new();
        for (index, list) in lists.iter().enumerate() {
            let mut others = lists.iter().enumerate().filter(|(other, _)| *other != index);
            let is_superseded =
                others.any(|(_, other)| replaces(other, list) && self.signed_by_an_anchor(other).is_ok());
            if !is_superseded && !newer.contains(list) {
                newer.push(list.clone());
            }
        }
        newer
    }

    /// The document signers' certificates of a country, or all of them.
    pub(crate) fn signers(&self, country: Option<&str>) -> Vec<Certificate> {
        let files = self.signer_files.iter().filter(|(name, _)| {
            let stem = name
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or_default();
            country.is_none_or(|country| stem == signers_stem(Some(country)))
        });
        files.flat_map(|(_, at)| signers_in(at)).collect()
    }

    /// The bundle that is here.
    pub fn bundle(&self) -> Option<&Bundle<Vec<u8>>> {
        self.bundle.as_ref().map(|(_, bundle)| bundle)
    }
}

/// Whether one list stands in another one's place by now: one that is dated in the future does not yet.
pub(crate) fn replaces(newer: &RevocationList, older: &RevocationList) -> bool {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    newer.this_update().seconds() <= since.as_secs() && newer.supersedes(older)
}

/// `VN-signers`.
pub(crate) fn signers_stem(country: Option<&str>) -> String {
    format!("{}-signers", country_part(country))
}

/// At most three letters or digits of a country's code.
pub(crate) fn country_part(country: Option<&str>) -> String {
    let letters = country.unwrap_or("XX").chars();
    letters.filter(char::is_ascii_alphanumeric).take(3).collect()
}

/// The certificates of a file in which they stand one after another.
pub(crate) fn signers_in(file: &Path) -> Vec<Certificate> {
    let bytes = fs::read(file).unwrap_or_default();
    let mut rest = bytes.as_slice();
    let mut signers = Vec::new();
    while let Ok((_, header, length)) = tlv::header(rest) {
        let Some((der, after)) = rest.split_at_checked(header.saturating_add(length)) else {
            break;
        };
        signers.extend(Certificate::from_der(der).ok());
        rest = after;
    }
    signers
}

/// The entries with a wrong signature of lists that were checked when they were imported, by the lists' fingerprints: so
/// that not each opening checks each signature again.
type Checked = BTreeMap<Fingerprint, BTreeSet<Fingerprint>>;

/// What [`read_checked`] reads: the list's fingerprint, then those of the wrong entries, a line each.
pub(crate) fn checked_text(list: &[u8], wrong: &[Fingerprint]) -> Vec<u8> {
    let of_list = [fingerprint(list)];
    let lines = of_list.iter().chain(wrong).map(|one| hex::encode(one) + "\n");
    lines.collect::<String>().into_bytes()
}

/// `None` if a line is no fingerprint: the list is then checked again.
fn read_checked(file: &Path) -> Option<(Fingerprint, BTreeSet<Fingerprint>)> {
    let text = fs::read_to_string(file).ok()?;
    let mut lines = text.lines().map(parse_fingerprint);
    let of_list = lines.next()??;
    Some((of_list, lines.collect::<Option<_>>()?))
}

/// Lists that can be judged only when the anchors are there.
#[derive(Default)]
struct Lists {
    checked: Checked,
    master: Vec<(PathBuf, Vec<u8>)>,
    defect: Vec<(PathBuf, Vec<u8>)>,
    bundle: Option<Seen>,
}

/// Lists are judged as of their signing, so that they do not end with their signer's certificate.
fn list_options() -> PathOptions {
    PathOptions {
        validity_at: ValidityTime::Signing,
        ..PathOptions::default()
    }
}

/// Checks a defect list, whose signer must have been valid when it signed, and must not be revoked.
pub(crate) fn authenticate_defects(der: &[u8], anchors: &dyn TrustAnchors) -> Result<DefectList, TrustFault> {
    let found = authenticate_defect_list(der, anchors, Timestamp(0), &list_options());
    demand(&found)?;
    found
        .into_verified()
        .map(chipgate_trust::Verified::into_inner)
        .ok_or(TrustFault::NoIssuerFound)
}

/// A list that does not say when it was signed, or whose signer was not valid then, does not count. Revocation may
/// stay open: not every state publishes a list.
fn demand<T>(found: &Authentication<T>) -> Result<(), TrustFault> {
    let demanded = [found.signature(), found.issuer_certificate(), found.validity()];
    if let Some(fault) = demanded.into_iter().find_map(StepResult::fault) {
        return Err(fault);
    }
    match found.revocation() {
        StepResult::Failed(fault) => Err(fault),
        _ => Ok(()),
    }
}

/// Checks a master list; its signer must have been valid when it signed, and must not be revoked. What a list says
/// does not end with its signer's certificate, so that no clock is needed here.
pub(crate) fn authenticate(
    der: &[u8],
    anchors: &dyn TrustAnchors,
) -> Result<(MasterList, (Certificate, Option<Timestamp>)), TrustFault> {
    let found = authenticate_master_list(der, anchors, Timestamp(0), &list_options());
    demand(&found)?;
    let signed = found
        .signer()
        .cloned()
        .map(|signer| (signer, found.signing_time()));
    found
        .into_verified()
        .map(chipgate_trust::Verified::into_inner)
        .zip(signed)
        .ok_or(TrustFault::NoIssuerFound)
}

/// Every certificate that a master list brings along, in it or beside its signature.
pub(crate) fn carried(der: &[u8]) -> Result<Vec<Certificate>, TrustError> {
    let read = UnverifiedMasterList::from_der(der)?;
    Ok(read.beside.into_iter().chain(read.list.certificates).collect())
}

/// The files to look at, in the order of their names, so that a store is the same on every machine.
fn files(folder: &Path) -> Result<Vec<Seen>, StoreError> {
    let unreadable = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => StoreError::NotFound {
            folder: folder.to_path_buf(),
        },
        std::io::ErrorKind::NotADirectory => StoreError::NotAFolder {
            folder: folder.to_path_buf(),
        },
        _ => StoreError::Unreadable {
            path: folder.to_path_buf(),
            source,
        },
    };
    let mut files = transaction::files(folder).map_err(unreadable)?;
    files.retain(|seen| {
        let own = ["dsc", "bundle", "bundlekey", "bundleversion", "checked"]
            .contains(&extension(&seen.name).as_str());
        own || format::has_known_extension(&seen.name)
    });
    Ok(files)
}

fn extension(path: &Path) -> String {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.unwrap_or_default().to_ascii_lowercase()
}
