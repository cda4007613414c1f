//! A certificate by itself: does a path lead from an anchor to it?

use chipgate_apdu::Timestamp;

use crate::anchors::TrustAnchors;
use crate::authentication::{Authentication, Chain};
use crate::certificate::Certificate;
use crate::path::{PathOptions, Purpose};
use crate::signed_data::Signed;

/// Looks for a path to a certificate, and judges it. There is no signature over anything else here: that step is successful,
/// since the certificate was read.
pub fn authenticate_certificate(
    certificate: &Certificate,
    anchors: &dyn TrustAnchors,
    now: Timestamp,
    options: &PathOptions,
) -> Authentication<Certificate> {
    let signed = Signed {
        signer: certificate.clone(),
        signing_time: None,
    };
    let chain = Chain::check(&signed, &[], Purpose::Any, anchors, now, options);
    Authentication::signed(signed, chain, |signed, _| signed.signer)
}
