//! Whether a certificate is revoked (RFC 5280, 6.3; Doc 9303-12, 7.1.4).

use alloc::vec::Vec;

use chipgate_apdu::Timestamp;

use crate::anchors::TrustAnchors;
use crate::certificate::Certificate;
use crate::fault::TrustFault;
use crate::path::{PathOptions, revocation_signers};
use crate::revocation_list::{RevocationList, Scope};

/// Whether the path's certificates are revoked: the signer's, the links and, by a list of its own, the anchor.
pub(crate) fn check(
    signer: &Certificate,
    issuers: &[Certificate],
    anchors: &dyn TrustAnchors,
    now: Timestamp,
    options: &PathOptions,
) -> Result<(), TrustFault> {
    let mut found = check_certificate(signer, issuers, anchors, now, options);
    let links = issuers.split_last().map_or(&[][..], |(_, links)| links);
    for link in links {
        let of_link = check_certificate(link, issuers, anchors, now, options).map_err(|fault| match fault {
            TrustFault::Revoked => TrustFault::IssuerRevoked,
            other => other,
        });
        let decides = matches!(of_link, Err(TrustFault::IssuerRevoked)) && found != Err(TrustFault::Revoked);
        if found.is_ok() || decides {
            found = of_link;
        }
    }
    found
}

/// Whether one certificate is revoked. A list that names it or the anchor decides even when it is out of date; only a
/// current one that names neither, by an authority that is not revoked itself, clears it.
fn check_certificate(
    certificate: &Certificate,
    issuers: &[Certificate],
    anchors: &dyn TrustAnchors,
    now: Timestamp,
    options: &PathOptions,
) -> Result<(), TrustFault> {
    let issuer = certificate.issuer();
    let mut lists = anchors.revocation(issuer, now);
    lists.retain(|list| list.issuer() == issuer);
    if lists.is_empty() {
        return Err(TrustFault::NoCrl);
    }
    let signers = revocation_signers(issuer, issuers, anchors);
    let anchor = issuers.last();
    let mut said: Vec<_> = lists
        .iter()
        .map(|list| (list, says(list, certificate, anchor, now, options)))
        .collect();
    // What a list says counts if its issuer signed it. Signatures are what takes the time here, so that the lists that can
    // decide come first, and nothing more is verified once one has.
    said.sort_by_key(|(_, result)| rank(*result));
    let mut nearest = TrustFault::NoCrl;
    for (list, result) in said {
        let signed = match result {
            Err(fault) if is_revocation(fault) => check_signature(list, &signers),
            _ => check_signature(list, &unrevoked(&signers, &lists)),
        };
        match signed.and(result) {
            Err(fault) if !is_revocation(fault) => {
                // Of several unusable lists, the one that came nearest to being usable is told.
                if nearest == TrustFault::NoCrl || nearness(fault) >= nearness(nearest) {
                    nearest = fault;
                }
            }
            decided => return decided,
        }
    }
    Err(nearest)
}

/// The authorities whose lists can clear: whoever holds the key of a revoked one would clear what it signed with it.
fn unrevoked(signers: &[Certificate], lists: &[RevocationList]) -> Vec<Certificate> {
    let is_revoked = |signer: &Certificate| {
        lists.iter().any(|list| {
            list.issuer() == signer.issuer()
                && may_revoke(list).is_ok()
                && list.lists(signer.serial_number())
                && check_signature(list, signers).is_ok()
        })
    };
    signers
        .iter()
        .filter(|signer| !is_revoked(signer))
        .cloned()
        .collect()
}

/// Which lists are looked at first: one that revokes decides even against one that clears.
fn rank(said: Result<(), TrustFault>) -> u8 {
    match said {
        Err(fault) if is_revocation(fault) => 0,
        Ok(()) => 1,
        Err(_) => 2,
    }
}

const fn is_revocation(fault: TrustFault) -> bool {
    matches!(fault, TrustFault::Revoked | TrustFault::IssuerRevoked)
}

fn nearness(fault: TrustFault) -> u8 {
    match fault {
        TrustFault::CrlExpired => 3,
        TrustFault::WeakHash | TrustFault::CrlOutOfScope => 4,
        TrustFault::CrlNotYetValid => 2,
        TrustFault::CrlUnsupported | TrustFault::UnsupportedAlgorithm | TrustFault::UnknownCurve => 1,
        _ => 0,
    }
}

/// What the list says of the certificate, whoever signed it.
fn says(
    list: &RevocationList,
    certificate: &Certificate,
    anchor: Option<&Certificate>,
    now: Timestamp,
    options: &PathOptions,
) -> Result<(), TrustFault> {
    let scope = may_revoke(list)?;
    if list.lists(certificate.serial_number()) {
        return Err(TrustFault::Revoked);
    }
    let of_anchor = anchor.filter(|anchor| anchor.issuer() == list.issuer());
    if of_anchor.is_some_and(|anchor| list.lists(anchor.serial_number())) {
        return Err(TrustFault::IssuerRevoked);
    }
    if list.is_delta() {
        return Err(TrustFault::CrlUnsupported);
    }
    scope.check(certificate)?;
    if let Some(hash) = list.signature_hash() {
        options.check_hash(hash)?;
    }
    list.check_age(now, options)
}

/// Whether what stands on the list is a certificate of its issuer, and revoked.
fn may_revoke(list: &RevocationList) -> Result<Scope, TrustFault> {
    list.check_critical()?;
    list.scope()
}

/// RFC 5280, 6.3.3 (g): the list's own signature, by the issuer; by the key that it names (5.2.1), if that does, else by
/// another one, since issuers are known that name it wrongly. Where none verifies and one could not be tried, that one may
/// have signed.
fn check_signature(list: &RevocationList, signers: &[Certificate]) -> Result<(), TrustFault> {
    let named = list.authority_key_identifier();
    let is_named =
        |signer: &&Certificate| named.is_some() && signer.subject_key_identifier() == named.as_deref();
    let others = signers.iter().filter(|signer| !is_named(signer));
    let mut fault = TrustFault::CrlSignatureInvalid;
    for signer in signers.iter().filter(is_named).chain(others) {
        match signer.public_key().and_then(|key| list.verify_signature(&key)) {
            Ok(()) => return Ok(()),
            Err(found @ (TrustFault::UnsupportedAlgorithm | TrustFault::UnknownCurve)) => fault = found,
            Err(_) => {}
        }
    }
    Err(fault)
}
