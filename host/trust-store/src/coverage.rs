//! What the store covers, state by state, and what contradicts itself in it.

use std::collections::{BTreeMap, BTreeSet};

use chipgate_apdu::Timestamp;
use chipgate_trust::{Certificate, RevocationList};

use crate::listing::{Kind, Listed};
use crate::store::{Distrusted, Fingerprint, Store};

/// What there is of one state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Certificates of authorities, links included.
    pub anchors: usize,
    /// Different keys among them: the generations of the authority.
    pub generations: usize,
    /// How many of the anchors are valid now, and can be used.
    pub valid_anchors: usize,
    /// The anchors that can't be used, by name and fingerprint, and why: revoked, or of a kind that is not carried here.
    pub unusable: Vec<UnusableAnchor>,
    /// Certificates of document signers.
    pub signers: usize,
    /// When the newest revocation list was issued that can clear anyone.
    pub crl_issued: Option<Timestamp>,
    /// Until when it counts, if it says so.
    pub crl_until: Option<Timestamp>,
    /// When the next of the anchors that are valid now expires.
    pub next_expiry: Option<Timestamp>,
    /// When the last of them expires: from then on nothing of this state can be proven.
    pub last_expiry: Option<Timestamp>,
}

/// An anchor that proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusableAnchor {
    /// Its name.
    pub subject: String,
    /// SHA-256 of its DER, in lower-case hexadecimal digits.
    pub fingerprint: String,
    /// Why it can't be used.
    pub why: String,
}

/// Something in the store that contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conflict {
    /// One key stands under two names.
    SameKeyTwoNames {
        /// The names, with the fingerprint of a certificate each.
        names: Vec<(String, String)>,
    },
    /// Two keys have one identifier.
    SameIdentifierTwoKeys {
        /// The identifier, in hexadecimal digits.
        identifier: String,
        /// The certificates, by name and fingerprint.
        certificates: Vec<(String, String)>,
    },
    /// A newer list of the same state no longer has an anchor that an older one has.
    Withdrawn {
        /// The anchor, by name and fingerprint.
        certificate: (String, String),
        /// The list that has it.
        has: String,
        /// The newer one that has not.
        has_not: String,
    },
}

impl Store {
    /// What the store covers at this moment, by the states' two letters; `—` for names without one.
    pub fn coverage(&self, now: Timestamp) -> BTreeMap<String, Coverage> {
        let mut states: BTreeMap<String, Coverage> = BTreeMap::new();
        let mut keys: BTreeMap<String, BTreeSet<Vec<u8>>> = BTreeMap::new();
        let state_of = |country: Option<&str>| country.unwrap_or("—").to_owned();
        let revocation = self.revocation_lists(now);
        for certificate in self.authorities() {
            let unusable = self.why_unusable(&certificate, &revocation);
            let state = state_of(certificate.subject().country());
            keys.entry(state.clone())
                .or_default()
                .insert(key_of(&certificate));
            states
                .entry(state)
                .or_default()
                .count(&certificate, unusable, now);
        }
        for signer in self.readable_signers(None) {
            let state = state_of(signer.issuer().country());
            states.entry(state).or_default().signers += 1;
        }
        if let Some(bundle) = self.bundle() {
            let own = self.readable_signers(None);
            for signer in bundle.other_certificates() {
                if !signer.is_authority() && !own.contains(&signer) {
                    let state = state_of(signer.issuer().country());
                    states.entry(state).or_default().signers += 1;
                }
            }
        }
        for list in &revocation {
            let state = state_of(list.issuer().country());
            let has = states.entry(state).or_default();
            if self.why_not_clearing(list).is_none() {
                has.take_list(list);
            }
        }
        for (state, keys) in keys {
            states.entry(state).or_default().generations = keys.len();
        }
        states
    }

    /// Every certificate of an authority, those of the bundle included.
    fn authorities(&self) -> Vec<Certificate> {
        let own = self
            .anchors
            .iter()
            .map(|anchor| anchor.trusted.certificate().clone());
        let mut all: Vec<_> = own.collect();
        let known: BTreeSet<_> = all.iter().map(Certificate::fingerprint).collect();
        let more = self
            .anchors_of_bundle()
            .map(|anchor| anchor.certificate().clone());
        all.extend(more.filter(|certificate| !known.contains(&certificate.fingerprint())));
        all
    }

    pub(crate) fn revocation_lists(&self, now: Timestamp) -> Vec<RevocationList> {
        let own = self.revocation.iter().map(|(_, list)| list.clone());
        let of_bundle = self
            .bundle()
            .into_iter()
            .flat_map(chipgate_trust::Bundle::revocation_lists);
        self.without_superseded(own.chain(of_bundle).collect(), now)
    }

    /// What contradicts itself.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let authorities = self.authorities();
        let mut conflicts = same_key_two_names(&authorities);
        conflicts.extend(same_identifier_two_keys(&authorities));
        conflicts.extend(self.withdrawn(&authorities));
        conflicts
    }

    /// Two lists by one state are generations of one list: the later one speaks.
    fn withdrawn(&self, authorities: &[Certificate]) -> Vec<Conflict> {
        let mut conflicts = Vec::new();
        let file = |path: &std::path::Path| {
            path.file_name()
                .map_or(String::new(), |name| name.to_string_lossy().into_owned())
        };
        for older in &self.master_lists {
            let newer = self.master_lists.iter().find(|newer| {
                newer.signer.issuer().country() == older.signer.issuer().country()
                    && newer.signing_time > older.signing_time
            });
            let Some(newer) = newer else { continue };
            let gone: BTreeSet<&Fingerprint> = older.entries.difference(&newer.entries).collect();
            let withdrawn = authorities
                .iter()
                .filter(|certificate| gone.contains(&certificate.fingerprint()));
            conflicts.extend(withdrawn.map(|certificate| Conflict::Withdrawn {
                certificate: shown(certificate),
                has: file(&older.file),
                has_not: file(&newer.file),
            }));
        }
        conflicts
    }

    /// Everything that has a fingerprint that starts so, or is of this state.
    pub fn find(&self, what: &str) -> Vec<Listed> {
        let mut found = self.list();
        found.retain(|item| is_it(what, item.country.as_deref(), &item.fingerprint));
        found
    }

    /// What is distrusted of this state, or has a fingerprint that starts so.
    pub fn find_distrusted(&self, what: &str) -> Vec<Distrusted> {
        let mut found = self.distrusted();
        found.retain(|one| {
            let certificate = one.certificate.as_ref();
            is_it(
                what,
                certificate.and_then(|item| item.country.as_deref()),
                &one.fingerprint,
            )
        });
        found
    }

    /// How many the bundle has that are not here otherwise.
    fn defect_lists_of_bundle(&self) -> usize {
        let lists = self
            .bundle()
            .into_iter()
            .flat_map(chipgate_trust::Bundle::defect_lists);
        lists
            .filter(|der| self.defect_lists.iter().all(|(_, _, own)| own != der))
            .count()
    }

    /// How many of each kind there are.
    pub fn counts(&self) -> (usize, usize, usize, usize) {
        let lists = self.list();
        let of = |kind| lists.iter().filter(|item| item.kind == kind).count();
        (
            of(Kind::Csca) + of(Kind::Link),
            of(Kind::Signer),
            of(Kind::RevocationList),
            self.defect_lists.len() + self.defect_lists_of_bundle(),
        )
    }
}

/// Whether two letters are the state, or at least 8 digits the beginning of the fingerprint.
fn is_it(what: &str, state: Option<&str>, fingerprint: &str) -> bool {
    let wanted = what.replace([':', ' '], "").to_ascii_lowercase();
    let is_state = what.len() == 2 && state.is_some_and(|state| state.eq_ignore_ascii_case(what));
    is_state || (wanted.len() >= 8 && fingerprint.starts_with(&wanted))
}

impl Coverage {
    fn count(&mut self, certificate: &Certificate, unusable: Option<String>, now: Timestamp) {
        self.anchors += 1;
        if let Some(why) = unusable {
            let (subject, fingerprint) = shown(certificate);
            self.unusable.push(UnusableAnchor {
                subject,
                fingerprint,
                why,
            });
        } else if certificate.not_before() <= now && now <= certificate.not_after() {
            let end = certificate.not_after();
            self.valid_anchors += 1;
            self.next_expiry = Some(self.next_expiry.map_or(end, |next| next.min(end)));
            self.last_expiry = self.last_expiry.max(Some(end));
        }
    }

    fn take_list(&mut self, list: &RevocationList) {
        if self.crl_issued < Some(list.this_update()) {
            self.crl_issued = Some(list.this_update());
            self.crl_until = list.next_update();
        }
    }
}

fn shown(certificate: &Certificate) -> (String, String) {
    (
        certificate.subject().to_string(),
        hex::encode(certificate.fingerprint()),
    )
}

/// A key in one form, whether its curve is named or written out, and its point compressed or not; one that is not carried here as
/// it stands there.
fn key_of(certificate: &Certificate) -> Vec<u8> {
    let key = certificate.public_key();
    key.map_or_else(|_| certificate.public_key_der(), |key| key.to_spki_der())
}

/// Certificates by something that they have in common.
fn groups<K: Ord>(
    certificates: &[Certificate],
    key: impl Fn(&Certificate) -> Option<K>,
) -> BTreeMap<K, Vec<&Certificate>> {
    let mut groups: BTreeMap<K, Vec<&Certificate>> = BTreeMap::new();
    for certificate in certificates {
        if let Some(key) = key(certificate) {
            groups.entry(key).or_default().push(certificate);
        }
    }
    groups
}

/// One certificate of each kind that `difference` tells apart; none if all are of one kind.
fn different<K: PartialEq>(
    group: &[&Certificate],
    difference: impl Fn(&Certificate) -> K,
) -> Vec<(String, String)> {
    let mut kinds: Vec<(K, &Certificate)> = Vec::new();
    for certificate in group {
        let kind = difference(certificate);
        if kinds.iter().all(|(known, _)| *known != kind) {
            kinds.push((kind, certificate));
        }
    }
    if kinds.len() < 2 {
        return Vec::new();
    }
    kinds.iter().map(|(_, certificate)| shown(certificate)).collect()
}

fn same_key_two_names(certificates: &[Certificate]) -> Vec<Conflict> {
    groups(certificates, |certificate| Some(key_of(certificate)))
        .values()
        .map(|group| different(group, |certificate| certificate.subject().clone()))
        .filter(|names| !names.is_empty())
        .map(|names| Conflict::SameKeyTwoNames { names })
        .collect()
}

fn same_identifier_two_keys(certificates: &[Certificate]) -> Vec<Conflict> {
    groups(certificates, |certificate| {
        certificate.subject_key_identifier().map(<[u8]>::to_vec)
    })
    .into_iter()
    .map(|(identifier, group)| (identifier, different(&group, key_of)))
    .filter(|(_, certificates)| !certificates.is_empty())
    .map(|(identifier, certificates)| Conflict::SameIdentifierTwoKeys {
        identifier: hex::encode(identifier),
        certificates,
    })
    .collect()
}
