//! What the generated objects come to.

use chipgate_trust::{
    MemoryAnchors, PassiveAuthentication, PathOptions, RevocationList, StepResult, TrustAnchor,
    authenticate_security_object,
};

use crate::fixtures::NOW;
use crate::pki::{self, Made, Plan};

/// As a policy that allows SHA-1.
pub(crate) fn options() -> PathOptions {
    PathOptions {
        accept_sha1: true,
        ..PathOptions::default()
    }
}

/// The plan's authority as an anchor, and its revocation list over these serial numbers.
pub(crate) fn anchors(plan: &Plan, made: &Made, revoked: &[&[u8]]) -> MemoryAnchors {
    let mut anchors = MemoryAnchors::new();
    anchors.add(TrustAnchor::from_der(&made.authority).unwrap());
    let list = pki::revocation_list(plan, made, revoked, &[]);
    anchors.add_revocation(RevocationList::from_der(&list).unwrap());
    anchors
}

/// What this EF.SOD comes to with these anchors.
pub(crate) fn judge(sod: &[u8], anchors: &MemoryAnchors) -> PassiveAuthentication {
    authenticate_security_object(sod, anchors, NOW, &options())
}

/// What the plan's EF.SOD comes to with the plan's anchor.
pub(crate) fn authenticate(plan: &Plan) -> PassiveAuthentication {
    let made = plan.make();
    judge(&made.sod(), &anchors(plan, &made, &[]))
}

pub(crate) fn steps(found: &PassiveAuthentication) -> [StepResult; 5] {
    [
        found.security_object(),
        found.issuer_certificate(),
        found.validity(),
        found.key_usage_period(),
        found.revocation(),
    ]
}
