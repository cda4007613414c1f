//! What can go wrong with the folder or a file, and what to do about it.

use std::path::PathBuf;

use chipgate_trust::{TrustError, TrustFault};
use thiserror::Error;

use crate::advice::of_file;
use crate::likeness::Likeness;

/// The folder itself cannot be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// There is nothing at that path.
    #[error("{}: there is no trust folder: create it, or import a certificate into it", folder.display())]
    NotFound {
        /// The folder that was named.
        folder: PathBuf,
    },
    /// The path is a file.
    #[error("{}: not a folder: name the folder that holds the anchors", folder.display())]
    NotAFolder {
        /// The path that was named.
        folder: PathBuf,
    },
    /// The folder or a file in it cannot be read.
    #[error("{}: cannot be read ({source}): check its permissions", path.display())]
    Unreadable {
        /// What could not be read.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of signers' certificates of the folder is damaged: writing it again would lose what cannot be read.
    #[error(
        "{}: is damaged at byte {at}: move it away, and import the signers of its state again", path.display()
    )]
    DamagedSigners {
        /// The file.
        path: PathBuf,
        /// Where what is there is no certificate.
        at: usize,
    },
    /// There is no such file.
    #[error("{}: there is no such file: check its name", file.display())]
    NoSuchFile {
        /// The file that was named.
        file: PathBuf,
    },
    /// There is nothing with that fingerprint.
    #[error("nothing here has the fingerprint {fingerprint}: `chipgate trust list` shows what there is")]
    NotThere {
        /// What was looked for.
        fingerprint: String,
    },
    /// There is nothing of that state.
    #[error("nothing here is of the state {state}: `chipgate trust coverage` shows which there are")]
    NothingOf {
        /// Its two letters.
        state: String,
    },
    /// It was removed before, and is kept out.
    #[error(
        "{fingerprint} is distrusted already: no list and no bundle brings it in, until `chipgate trust import FILE --fingerprint` takes it back"
    )]
    AlreadyDistrusted {
        /// What was to be removed.
        fingerprint: String,
    },
    /// It came with the bundle, and cannot be removed by itself.
    #[error("{fingerprint} came with the bundle {}: take in a newer one without it by `chipgate trust update`", file.display())]
    PartOfBundle {
        /// What was to be removed.
        fingerprint: String,
        /// The bundle.
        file: PathBuf,
    },
    /// It stands with others in a file that can't be written again without it.
    #[error("{}: has it beside others, and is no PEM: import what is to stay of it, and remove the file", file.display())]
    InOneFile {
        /// The file.
        file: PathBuf,
    },
    /// A bundle that is not used.
    #[error("the bundle is not used: {0}")]
    Bundle(#[from] chipgate_trust::BundleError),
    /// A bundle whose signer's key nobody named.
    #[error("this trust folder knows no key that bundles are signed with: name it by --key")]
    NoBundleKey,
    /// A bundle that is older than one that is or was there.
    #[error(
        "the bundle has version {found}, and version {present} was taken in here: an older one is not taken"
    )]
    OlderBundle {
        /// The version of the file.
        found: u64,
        /// The highest version that was ever here.
        present: u64,
    },
    /// Another bundle of the version that is there.
    #[error("another bundle of version {version} is here: make the new one with a higher number")]
    AnotherBundle {
        /// The version of both.
        version: u64,
    },
    /// The record of the highest version is damaged, so that nobody can say whether a bundle is older.
    #[error("{}: does not say which version was here last: compare the bundle's version, and remove this file to take it", file.display())]
    UnknownBundleVersion {
        /// The record.
        file: PathBuf,
    },
    /// A file cannot be written into the folder. What was there before is untouched.
    #[error("{}: cannot be written ({source}): check permissions and space", path.display())]
    NotWritable {
        /// What could not be written.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What to name instead of a file that is of none of these kinds.
const WHAT_IS_TAKEN: &str =
    "name an X.509 certificate or CRL (DER, PEM), a master, defect or deviation list (CMS), or LDIF";

/// Why a file, or a part of it, was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The file is something else than its name or its use promises.
    #[error("looks like {found}: {}", found.what_to_do().unwrap_or(WHAT_IS_TAKEN))]
    Unrecognised {
        /// What it looks like.
        found: Likeness,
    },
    /// The file is larger than anything of its kind.
    #[error("has more than {limit} bytes, which no file of its kind has: check that it is the right file")]
    TooLarge {
        /// How many bytes were read of it, at most.
        limit: u64,
    },
    /// A value of an LDIF entry that is no Base64.
    #[error("its value is no Base64: obtain the file again")]
    NotBase64,
    /// A certificate that says it was signed by a key that is at hand, and was not.
    #[error("its signature does not hold: it was altered, or put together wrongly: obtain a sound one")]
    BrokenSignature,
    /// There is no such file.
    #[error("there is no such file: check its name")]
    Missing,
    /// The file cannot be read.
    #[error("cannot be read ({kind}): check its permissions")]
    Unreadable {
        /// What the system said.
        kind: std::io::ErrorKind,
    },
    /// It has the right form, and cannot be used.
    #[error(transparent)]
    Unusable(#[from] TrustError),
    /// A master list that does not verify, or not under an anchor that is there.
    #[error(
        "the master list is not trusted: {}",
        of_file(*fault, "import its signer's CSCA first, or name that one's fingerprint")
    )]
    MasterList {
        /// Why.
        fault: TrustFault,
    },
    /// A master list under an authority that it brings along, and that nobody has named.
    #[error(
        "the master list is signed under {subject}, which is no anchor here: compare that one's SHA-256 fingerprint {fingerprint} with one from a source you trust, and give it by --fingerprint"
    )]
    MasterListAuthority {
        /// The authority's name.
        subject: String,
        /// SHA-256 of its DER, in hexadecimal digits.
        fingerprint: String,
    },
    /// A single certificate that no anchor vouches for.
    #[error(
        "nothing here vouches for it: compare its SHA-256 fingerprint {fingerprint} with one from a source you trust, and give it by --fingerprint"
    )]
    NotVouched {
        /// SHA-256 of the DER, in hexadecimal digits.
        fingerprint: String,
    },
    /// An anchor that an operator took the trust from.
    #[error("`chipgate trust remove` took the trust from it: `--fingerprint {fingerprint}` takes it back")]
    Distrusted {
        /// SHA-256 of the DER, in hexadecimal digits.
        fingerprint: String,
    },
    /// The record of what is distrusted has a line that is no fingerprint.
    #[error(
        "has a line that is no fingerprint, so that no anchor of a list or a bundle counts: mend or remove that line"
    )]
    DistrustDamaged,
    /// A link certificate that an anchor issued with SHA-1, which can be forged.
    #[error(
        "an anchor here issued it with SHA-1, which vouches for nothing: compare its SHA-256 fingerprint {fingerprint} with one from a source you trust, and give it by --fingerprint"
    )]
    WeakLink {
        /// SHA-256 of the DER, in hexadecimal digits.
        fingerprint: String,
    },
    /// An authority's certificate that its issuer revoked.
    #[error(
        "its issuer revoked it: ask the state which certificate took its place; SHA-256 fingerprint {fingerprint}"
    )]
    RevokedAuthority {
        /// SHA-256 of the DER, in hexadecimal digits.
        fingerprint: String,
    },
    /// A certificate whose fingerprint was named, and that is no authority's.
    #[error(
        "its fingerprint was named, but it can't be an anchor: it has no basicConstraints with cA, or may not sign certificates \
         (Doc 9303-12, 7.1.1): check that it is a CSCA's, or ask the issuing state for one of X.509 version 3"
    )]
    NamedIsNoAuthority,
    /// A signer's certificate to which no path leads.
    #[error("the signer's certificate is not trusted: {}", of_file(*fault, "import its issuer's CSCA first"))]
    Signer {
        /// Why.
        fault: TrustFault,
    },
    /// A signer whose state's file cannot be read, so that adding to it or removing from it would lose what is in it.
    #[error("the signers of its state that are here would be lost: {why}")]
    StoredSigners {
        /// Which file, what is wrong with it, and what to do.
        why: String,
    },
    /// A defect or deviation list that does not verify under an anchor that is there.
    #[error("the defect list is not trusted: {}", of_file(*fault, "import its signer's CSCA first"))]
    DefectList {
        /// Why.
        fault: TrustFault,
    },
    /// A deletion of an entry that is not here.
    #[error("what is to be deleted is not here: `chipgate trust remove` takes fingerprints")]
    NotHere,
    /// A deletion of an authority's certificate, which a person placed here.
    #[error("an authority's certificate goes only by `chipgate trust remove {fingerprint}`")]
    AuthorityStays {
        /// SHA-256 of the DER, in hexadecimal digits.
        fingerprint: String,
    },
    /// A bundle that is damaged or not signed by the key that is named here.
    #[error("the bundle is not used: {0}")]
    BundleNotUsed(chipgate_trust::BundleError),
    /// A bundle that is older than one that was taken in before.
    #[error(
        "the bundle has version {found}, and version {highest} was taken in here: take in a newer one by `chipgate trust update`"
    )]
    OlderBundle {
        /// Its version.
        found: u64,
        /// The highest version that was ever here.
        highest: u64,
    },
    /// The record of the highest version of a bundle is damaged.
    #[error(
        "does not say which version of a bundle was here last: compare the bundle's version, and remove this file"
    )]
    BundleVersion,
    /// A revocation list that does not verify under an anchor that is there.
    #[error("the revocation list is not trusted: {}", of_file(*fault, "import its issuer's CSCA first"))]
    RevocationList {
        /// Why.
        fault: TrustFault,
    },
}
