//! The signature on each certificate of a list, checked with all cores.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use chipgate_trust::{Certificate, CertificateName, TrustFault};

use crate::store::Fingerprint;

/// What became of the signatures on the certificates of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// How many verify under their own key or under another one of the list.
    pub verified: usize,
    /// Those whose issuer is not in the list.
    pub without_issuer: Vec<Fingerprint>,
    /// Those whose issuer is in the list, as far as its name or its key identifier tells, but that could not be tried: the
    /// algorithm of the signature or the kind of the issuer's key is not carried here.
    pub not_carried: Vec<(Fingerprint, TrustFault)>,
    /// Those that name an issuer of the list under whose key they do not verify.
    pub wrong: Vec<Fingerprint>,
}

/// Whether a certificate says that its own key signed it, and that does not hold.
pub(crate) fn contradicts_itself(certificate: &Certificate) -> bool {
    let identifier = certificate.authority_key_identifier();
    let names_itself = identifier.is_none() || identifier == certificate.subject_key_identifier();
    let holds = certificate
        .public_key()
        .and_then(|key| certificate.verify_signature(&key));
    certificate.is_self_issued() && names_itself && holds == Err(TrustFault::SignatureInvalid)
}

/// Those of the certificates that contradict themselves.
pub(crate) fn contradicting(certificates: &[Certificate]) -> BTreeSet<Fingerprint> {
    let found = on_all_cores(certificates, contradicts_itself).into_iter();
    let found = found.filter(|(_, contradicts)| *contradicts);
    found.map(|(certificate, _)| certificate.fingerprint()).collect()
}

/// What `find` says of each certificate, in no particular order.
fn on_all_cores<R: Send>(
    certificates: &[Certificate],
    find: impl Fn(&Certificate) -> R + Sync,
) -> Vec<(&Certificate, R)> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let size = certificates.len().div_ceil(threads * 4).max(1);
    let chunks: Vec<&[Certificate]> = certificates.chunks(size).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(chunk) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.extend(chunk.iter().map(|certificate| (certificate, find(certificate))));
        }
        done
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (1..threads.min(chunks.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let mut all = work();
        for worker in workers {
            // A worker does nothing but verify. One that ended early must not leave its part unjudged.
            match worker.join() {
                Ok(done) => all.extend(done),
                Err(why) => std::panic::resume_unwind(why),
            }
        }
        all
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Verified,
    WithoutIssuer,
    NotCarried(TrustFault),
    Wrong,
}

/// Verifies each certificate under the keys of the list that its issuer may have: by name, and (some issuers misspell it)
/// by key identifier.
pub fn verify_list(certificates: &[Certificate]) -> Verification {
    let index = Index::new(certificates);
    let found = on_all_cores(certificates, |certificate| index.verify(certificate));
    let mut verification = Verification::default();
    for (certificate, found) in found {
        match found {
            Found::Verified => verification.verified += 1,
            Found::WithoutIssuer => verification.without_issuer.push(certificate.fingerprint()),
            Found::NotCarried(fault) => verification.not_carried.push((certificate.fingerprint(), fault)),
            Found::Wrong => verification.wrong.push(certificate.fingerprint()),
        }
    }
    verification.without_issuer.sort_unstable();
    verification.not_carried.sort_unstable();
    verification.wrong.sort_unstable();
    verification
}

/// The certificates of a list by name and by key identifier.
struct Index<'a> {
    by_name: BTreeMap<&'a CertificateName, Vec<&'a Certificate>>,
    by_identifier: BTreeMap<&'a [u8], Vec<&'a Certificate>>,
}

impl<'a> Index<'a> {
    fn new(certificates: &'a [Certificate]) -> Self {
        let mut index = Self {
            by_name: BTreeMap::new(),
            by_identifier: BTreeMap::new(),
        };
        for certificate in certificates {
            index
                .by_name
                .entry(certificate.subject())
                .or_default()
                .push(certificate);
            if let Some(identifier) = certificate.subject_key_identifier() {
                index
                    .by_identifier
                    .entry(identifier)
                    .or_default()
                    .push(certificate);
            }
        }
        index
    }

    fn verify(&self, certificate: &Certificate) -> Found {
        let identifier = certificate.authority_key_identifier();
        let by_identifier = identifier.and_then(|identifier| self.by_identifier.get(identifier));
        let by_name = self.by_name.get(certificate.issuer());
        let mut named_its_key = false;
        let mut not_carried = None;
        // By key identifier first: it names one key, and a name may have ten.
        for issuer in by_identifier.into_iter().chain(by_name).flatten() {
            let verified = issuer
                .public_key()
                .and_then(|key| certificate.verify_signature(&key));
            match verified {
                Ok(()) => return Found::Verified,
                Err(TrustFault::SignatureInvalid) => {
                    named_its_key |= identifier.is_none() || issuer.subject_key_identifier() == identifier;
                }
                Err(fault) if fault.is_inconclusive() => not_carried = not_carried.or(Some(fault)),
                Err(_) => {}
            }
        }
        // An issuer that could not be tried may be the right one.
        match (not_carried, named_its_key) {
            (Some(fault), _) => Found::NotCarried(fault),
            (None, true) => Found::Wrong,
            (None, false) => Found::WithoutIssuer,
        }
    }
}
