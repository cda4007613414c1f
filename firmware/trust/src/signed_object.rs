//! A signed object of any kind: its signatures, its content, and the path of a signer.

use alloc::vec::Vec;

use chipgate_apdu::Timestamp;
use der::asn1::ObjectIdentifier;

use crate::anchors::TrustAnchors;
use crate::authentication::{Authentication, Chain};
use crate::certificate::Certificate;
use crate::fault::TrustFault;
use crate::path::{PathOptions, Purpose};
use crate::signed_data::{Signed, SignedData};

/// What is asked of a signed object.
pub(crate) struct Asked<'a> {
    pub(crate) content_types: &'a [ObjectIdentifier],
    pub(crate) purpose: Purpose,
    pub(crate) anchors: &'a dyn TrustAnchors,
    pub(crate) now: Timestamp,
    pub(crate) options: &'a PathOptions,
}

/// Checks the signatures, reads the content, and looks for a path from an anchor to a signer. `read` reads the content;
/// `tell` puts together what is verified, from the content, the signer that stands, and its issuers.
pub(crate) fn authenticate<C, T>(
    cms: &SignedData<'_>,
    asked: &Asked<'_>,
    read: impl FnOnce(&[u8]) -> Result<C, TrustFault>,
    tell: impl FnOnce(C, Signed, &[Certificate]) -> T,
) -> Authentication<T> {
    let (content, signers) = match cms.verify(asked.content_types, asked.anchors, asked.options) {
        Ok(verified) => verified,
        Err(refused) => return Authentication::unsigned(refused.fault, refused.signer),
    };
    let content = match read(content) {
        Ok(content) => content,
        Err(fault) => {
            let signer = signers.into_iter().next().map(|signed| signed.signer);
            return Authentication::unsigned(fault, signer);
        }
    };
    match standing(cms, signers, asked) {
        Some((signed, chain)) => {
            Authentication::signed(signed, chain, |signed, issuers| tell(content, signed, issuers))
        }
        None => Authentication::unsigned(TrustFault::NotSigned, None),
    }
}

/// The first signer that is trusted, with its path. Where none is, the one that comes nearest; the first of equals.
fn standing(cms: &SignedData<'_>, signers: Vec<Signed>, asked: &Asked<'_>) -> Option<(Signed, Chain)> {
    let mut best: Option<(Signed, Chain)> = None;
    for signed in signers {
        let chain = Chain::check(
            &signed,
            &cms.certificates,
            asked.purpose,
            asked.anchors,
            asked.now,
            asked.options,
        );
        let standing = chain.standing();
        if best.as_ref().is_none_or(|(_, other)| standing > other.standing()) {
            best = Some((signed, chain));
        }
        if standing == Chain::TRUSTED {
            break;
        }
    }
    best
}
