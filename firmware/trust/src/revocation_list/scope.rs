use alloc::vec::Vec;

use der::{Decode, Encode};
use x509_cert::ext::pkix::crl::dp::IssuingDistributionPoint;
use x509_cert::ext::pkix::name::DistributionPointName;

use crate::certificate::Certificate;
use crate::fault::TrustFault;

/// Which of the issuer's certificates a list covers (RFC 5280, 5.2.5): all of them, unless it says otherwise.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    only_signers: bool,
    only_authorities: bool,
    only_some_reasons: bool,
    /// The names of the distribution point that it is for, each in DER; `None` if it is for all.
    point: Option<Vec<Vec<u8>>>,
}

impl Scope {
    /// Reads issuingDistributionPoint. An indirect list names certificates of other issuers, and a list of attribute
    /// certificates has serial numbers of its own: neither is used here.
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, TrustFault> {
        let read = IssuingDistributionPoint::from_der(der).map_err(|_| TrustFault::CrlUnsupported)?;
        if read.indirect_crl
            || read.only_contains_attribute_certs
            || (read.only_contains_user_certs && read.only_contains_ca_certs)
        {
            return Err(TrustFault::CrlUnsupported);
        }
        Ok(Self {
            only_signers: read.only_contains_user_certs,
            only_authorities: read.only_contains_ca_certs,
            only_some_reasons: read.only_some_reasons.is_some(),
            point: read.distribution_point.as_ref().map(names),
        })
    }

    /// Whether a list of this scope that doesn't name the certificate says that it isn't revoked. A list for one
    /// distribution point is complete only for certificates that name this point.
    pub(crate) fn check(&self, certificate: &Certificate) -> Result<(), TrustFault> {
        if self.only_some_reasons {
            return Err(TrustFault::CrlUnsupported);
        }
        let is_authority = certificate.extensions().is_authority();
        let of_other_kind = (self.only_signers && is_authority) || (self.only_authorities && !is_authority);
        let points = &certificate.extensions().distribution_points;
        let at_its_point = |names: &Vec<Vec<u8>>| names.iter().any(|name| points.contains(name));
        if of_other_kind || !self.point.as_ref().is_none_or(at_its_point) {
            return Err(TrustFault::CrlOutOfScope);
        }
        Ok(())
    }
}

/// The names of a distribution point, each in DER. One that is named relative to the list's issuer matches nothing here.
pub(crate) fn names(point: &DistributionPointName) -> Vec<Vec<u8>> {
    match point {
        DistributionPointName::FullName(names) => {
            names.iter().filter_map(|name| name.to_der().ok()).collect()
        }
        DistributionPointName::NameRelativeToCRLIssuer(_) => Vec::new(),
    }
}
