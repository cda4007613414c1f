//! Revocation lists that are complete for some certificates only, and what takes the place of what.

use chipgate_crypto::{Curve, HashAlgorithm};
use chipgate_trust::StepResult::{self, Failed, Successful, Undetermined};
use chipgate_trust::{MemoryAnchors, RevocationList, TrustAnchor, TrustFault};

use crate::judged::judge;
use crate::pki::{self, Algorithm, Made, Plan, extension, sequence, time};

const SIGNER: [u8; 3] = [2, 1, 7];
const DELTA: &str = "2.5.29.27";
const NUMBER: &str = "2.5.29.20";

fn entry(serial: &[u8]) -> Vec<u8> {
    sequence(&[serial, &time("260301000000Z")])
}

/// What comes of the plan's security object where the anchors are these, with these lists.
fn revocation(made: &Made, authorities: &[&Made], lists: &[&RevocationList]) -> StepResult {
    let mut anchors = MemoryAnchors::new();
    for authority in authorities {
        anchors.add(TrustAnchor::from_der(&authority.authority).unwrap());
    }
    for list in lists {
        anchors.add_revocation((*list).clone());
    }
    judge(&made.sod(), &anchors).revocation()
}

/// A distribution point with this name: a uniform resource identifier.
fn point(name: &str) -> Vec<u8> {
    let uri = pki::der(0x86, &[name.as_bytes()]);
    pki::der(0xA0, &[&pki::der(0xA0, &[&uri])])
}

/// RFC 5280, 5.2.5: a list for one distribution point is complete for the certificates that name it, and for no other.
#[test]
fn a_list_for_one_distribution_point_clears_whom_it_is_for() {
    let scope = extension("2.5.29.28", true, &sequence(&[&point("http://example.test/1")]));
    for (named, cleared) in [
        (None, Undetermined(TrustFault::CrlOutOfScope)),
        (
            Some("http://example.test/2"),
            Undetermined(TrustFault::CrlOutOfScope),
        ),
        (Some("http://example.test/1"), Successful),
    ] {
        let mut plan = Plan::citizen_card();
        if let Some(named) = named {
            let points = sequence(&[&sequence(&[&point(named)])]);
            plan.signer
                .extensions
                .push(extension("2.5.29.31", false, &points));
        }
        let made = plan.make();
        let list = |serials: &[&[u8]]| {
            let list = pki::revocation_list(&plan, &made, serials, std::slice::from_ref(&scope));
            RevocationList::from_der(&list).unwrap()
        };
        assert_eq!(revocation(&made, &[&made], &[&list(&[])]), cleared, "{named:?}");
        let revoked = revocation(&made, &[&made], &[&list(&[&SIGNER])]);
        assert_eq!(revoked, Failed(TrustFault::Revoked), "{named:?}");
    }
}

/// RFC 5280, 5.2.5: a list for some reasons revokes, and clears nobody.
#[test]
fn a_list_for_some_reasons_revokes_and_clears_nobody() {
    let plan = Plan::citizen_card();
    let made = plan.make();
    let scope = extension("2.5.29.28", true, &sequence(&[&[0x83, 2, 6, 0x40]]));
    let list = |serials: &[&[u8]]| {
        let list = pki::revocation_list(&plan, &made, serials, std::slice::from_ref(&scope));
        RevocationList::from_der(&list).unwrap()
    };
    let cleared = revocation(&made, &[&made], &[&list(&[])]);
    assert_eq!(cleared, Undetermined(TrustFault::CrlUnsupported));
    let revoked = revocation(&made, &[&made], &[&list(&[&SIGNER])]);
    assert_eq!(revoked, Failed(TrustFault::Revoked));
}

/// RFC 5280, 5.2.4 and 5.3.1: a delta list revokes whom it names, unless it takes them off the list.
#[test]
fn a_delta_list_revokes_and_clears_nobody() {
    let plan = Plan::citizen_card();
    let made = plan.make();
    let delta = extension(DELTA, true, &[2, 1, 1]);
    let list = |entries: &[Vec<u8>]| {
        let list = pki::revocation_list_at(
            "260501000000Z",
            &plan,
            &made,
            entries,
            std::slice::from_ref(&delta),
        );
        RevocationList::from_der(&list).unwrap()
    };
    let cleared = revocation(&made, &[&made], &[&list(&[])]);
    assert_eq!(cleared, Undetermined(TrustFault::CrlUnsupported));
    let revoked = revocation(&made, &[&made], &[&list(&[entry(&SIGNER)])]);
    assert_eq!(revoked, Failed(TrustFault::Revoked));
    let reason = extension("2.5.29.21", false, &[0x0A, 1, 8]);
    let removal = sequence(&[&SIGNER, &time("260301000000Z"), &sequence(&[&reason])]);
    let removed = revocation(&made, &[&made], &[&list(&[removal])]);
    assert_eq!(removed, Undetermined(TrustFault::CrlUnsupported));
}

/// Whoever holds the lost key of an authority can sign a list that no longer names it.
#[test]
fn a_revoked_authority_clears_nobody() {
    let plan = Plan::citizen_card();
    let made = plan.make();
    let mut newer = Plan::new(Algorithm::ecdsa(Curve::P521, HashAlgorithm::Sha512));
    newer.authority.serial = vec![2, 1, 2];
    newer.authority.extensions[0] = extension("2.5.29.14", false, &[4, 2, 0xCA, 2]);
    newer.authority.extensions[1] = extension("2.5.29.35", false, &sequence(&[&[0x80, 2, 0xCA, 2]]));
    newer.signer.extensions[1] = extension("2.5.29.35", false, &sequence(&[&[0x80, 2, 0xCA, 2]]));
    newer.signer.serial = vec![2, 1, 8];
    let newer_made = newer.make();
    let both = [&made, &newer_made];
    let read = |list: Vec<u8>| RevocationList::from_der(&list).unwrap();
    let revokes_old = read(pki::revocation_list(&newer, &newer_made, &[&[2, 1, 1]], &[]));
    let by_old = read(pki::revocation_list_at("260502000000Z", &plan, &made, &[], &[]));

    let of_old = revocation(&made, &both, &[&revokes_old, &by_old]);
    assert_eq!(of_old, Failed(TrustFault::IssuerRevoked));
    assert_eq!(
        revocation(&newer_made, &both, &[&revokes_old, &by_old]),
        Successful
    );
    // The list that is out of date revokes still, and the revoked authority's own, current one clears nobody.
    let delta = extension(DELTA, true, &[2, 1, 1]);
    let delta = pki::revocation_list(&newer, &newer_made, &[&[2, 1, 1]], &[delta]);
    assert_eq!(
        revocation(&newer_made, &both, &[&read(delta), &by_old]),
        Undetermined(TrustFault::CrlUnsupported)
    );
    // What it revokes stays revoked: to doubt that is the safer way.
    let revokes_new = read(pki::revocation_list(&plan, &made, &[&[2, 1, 8]], &[]));
    assert_eq!(
        revocation(&newer_made, &both, &[&revokes_old, &revokes_new]),
        Failed(TrustFault::Revoked)
    );
}

#[test]
fn a_list_takes_the_place_of_an_earlier_one_by_the_same_key() {
    let plan = Plan::citizen_card();
    let made = plan.make();
    let list = |this_update: &str, number: u8, more: &[Vec<u8>]| {
        let mut extensions = vec![extension(NUMBER, false, &[2, 1, number])];
        extensions.extend_from_slice(more);
        let list = pki::revocation_list_at(this_update, &plan, &made, &[entry(&SIGNER)], &extensions);
        RevocationList::from_der(&list).unwrap()
    };
    let key = |octet: u8| extension("2.5.29.35", false, &sequence(&[&[0x80, 2, 0xCA, octet]]));
    let first = list("260501000000Z", 10, &[key(1)]);
    assert!(list("260502000000Z", 11, &[key(1)]).supersedes(&first));
    assert!(list("260501000000Z", 11, &[key(1)]).supersedes(&first));
    assert!(!list("260501000000Z", 10, &[key(1)]).supersedes(&first));
    assert!(
        !list("260502000000Z", 9, &[key(1)]).supersedes(&first),
        "its number went back"
    );
    assert!(
        !list("260502000000Z", 11, &[key(2)]).supersedes(&first),
        "another key"
    );
    assert!(!list("260502000000Z", 11, &[]).supersedes(&first), "no key named");
    let delta = extension(DELTA, true, &[2, 1, 1]);
    assert!(
        !list("260502000000Z", 11, &[key(1), delta]).supersedes(&first),
        "a delta list"
    );
}
