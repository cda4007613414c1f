use alloc::vec::Vec;

use super::{ChipAuthenticationPublicKeyInfo, PaceInfo, SecurityInfos};
use crate::asn1::{Components, SEQUENCE, single};
use crate::oid;

/// The highest number of standardised domain parameters, given out or reserved (TR-03110-3, table 4).
const LAST_STANDARDISED: u8 = 31;

/// Over which domain parameters a chip runs PACE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaceParameters {
    /// Those with this number in TR-03110-3, table 4 (Doc 9303-11, 9.5.1).
    Standardised(u8),
    /// The chip's own: an AlgorithmIdentifier, DER as it stood. Whether they are known ones is for the cryptography to say.
    Explicit(Vec<u8>),
}

impl SecurityInfos {
    /// The domain parameters that belong to a [`PaceInfo`] (Doc 9303-11, 9.2.1 and 9.2.2). Explicit ones with its mapping and its identifier
    /// come first, then its number in the table. `None` if the chip says neither, which it must not.
    pub fn parameters_for(&self, pace: &PaceInfo) -> Option<PaceParameters> {
        // Chip authentication mapping takes the parameters of generic mapping, which the standard names no others for.
        let mapping = pace.protocol.parent().map(|mapping| match mapping {
            oid::id_PACE_ECDH_CAM => oid::id_PACE_ECDH_GM,
            mapping => mapping,
        });
        let own = self.pace_domain_parameters();
        let explicit = own
            .into_iter()
            .find(|info| Some(info.protocol) == mapping && info.parameter_id == pace.parameter_id);
        match (explicit, pace.parameter_id) {
            (Some(info), _) => match standardised_parameters(&info.domain_parameters_der) {
                Some(id) => Some(PaceParameters::Standardised(id)),
                None => Some(PaceParameters::Explicit(info.domain_parameters_der)),
            },
            (None, Some(id)) if id <= LAST_STANDARDISED => Some(PaceParameters::Standardised(id)),
            (None, _) => None,
        }
    }
}

impl ChipAuthenticationPublicKeyInfo {
    /// The number of the standardised domain parameters of the key, where its AlgorithmIdentifier names them so and not by X.509's identifiers
    /// (TR-03110-3, A.2.1.1).
    pub fn standardised_parameters(&self) -> Option<u8> {
        let key = single("SubjectPublicKeyInfo", &self.public_key_der, SEQUENCE).ok()?;
        let algorithm = Components::new("SubjectPublicKeyInfo", key)
            .expect(SEQUENCE)
            .ok()?;
        standardised_parameters(algorithm.raw)
    }
}

/// The number in an AlgorithmIdentifier of `standardizedDomainParameters` (TR-03110-3, A.2.1.1); `None` for any other.
///
/// ```
/// use chipgate_lds::standardised_parameters;
///
/// let brainpool_p256r1 = [0x30, 12, 6, 7, 4, 0, 0x7F, 0, 7, 1, 2, 2, 1, 13];
/// assert_eq!(standardised_parameters(&brainpool_p256r1), Some(13));
/// ```
pub fn standardised_parameters(algorithm_identifier: &[u8]) -> Option<u8> {
    const STRUCTURE: &str = "AlgorithmIdentifier";
    let value = single(STRUCTURE, algorithm_identifier, SEQUENCE).ok()?;
    let mut components = Components::new(STRUCTURE, value);
    let algorithm = components.object_identifier("the algorithm").ok()?;
    let id = components
        .small_integer("the number of the domain parameters")
        .ok()?;
    components.finish().ok()?;
    (algorithm == oid::standardizedDomainParameters).then_some(id)
}
