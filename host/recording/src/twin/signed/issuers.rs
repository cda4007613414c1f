//! The authorities that a twin's certificates name.

use chipgate_crypto::SignatureAlgorithm;
use rand_core::CryptoRng;

use crate::{RecordingError, twin::authority::Authority};

/// The twin's issuers, and what it says of them.
pub(in crate::twin) struct Issuers {
    pub(in crate::twin) authorities: Vec<Authority>,
    /// Whether certificates are signed by another key than the one of the authority that they name.
    pub(in crate::twin) forged: bool,
    /// The serial numbers of certificates that sign documents.
    pub(in crate::twin) serials: Vec<Vec<u8>>,
}

impl Issuers {
    pub(super) fn authority(
        &mut self,
        name: Vec<u8>,
        kind: (SignatureAlgorithm, usize),
        rng: &mut impl CryptoRng,
    ) -> Result<&mut Authority, RecordingError> {
        let known = self
            .authorities
            .iter()
            .position(|authority| authority.name == name);
        let index = if let Some(index) = known {
            index
        } else {
            self.authorities.push(Authority::new(name, kind, rng)?);
            self.authorities.len() - 1
        };
        Ok(&mut self.authorities[index])
    }
}
