//! What a card is to be, before anything of it is made.

use rand_core::CryptoRng;

use super::holder::Holder;
use crate::{
    MasterFile, Profile,
    calendar::Moment,
    pki::{IssuingState, SignerKind},
};

/// What a card is to be. Faults that lie in what is signed change the plan.
pub(crate) struct Plan {
    pub(crate) profile: Profile,
    pub(crate) holder: Holder,
    pub(crate) signer: (IssuingState, SignerKind),
    pub(crate) signing_time: Moment,
    pub(crate) has_portrait: bool,
    pub(crate) has_chip_keys: bool,
}

impl Plan {
    pub(crate) fn new(profile: Profile, now: Moment, rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let holder = Holder::invent(profile, now, rng);
        let kind = match profile {
            Profile::Td3Bac => SignerKind::Rsa,
            Profile::VnCccd | Profile::Td3Pace => SignerKind::Current,
        };
        Self {
            profile,
            signer: (holder.state, kind),
            holder,
            signing_time: now,
            has_portrait: true,
            has_chip_keys: true,
        }
    }

    /// Lets the document have expired four months ago.
    pub(crate) fn expire(&mut self) {
        let expired = self.signing_time.plus_days(-120);
        let holder = &mut self.holder;
        (holder.issued, holder.expires) = (expired.plus_years(-10), expired);
    }

    /// Whether the chip has fingerprints, which it refuses to every reader here.
    pub(crate) const fn has_fingerprints(&self) -> bool {
        matches!(self.profile, Profile::VnCccd)
    }

    /// Whether the security object is of version 1, which repeats the versions of EF.COM.
    pub(crate) const fn signs_versions(&self) -> bool {
        matches!(self.profile, Profile::Td3Pace)
    }

    /// How the chip answers SELECT of the master file.
    pub(crate) const fn master_file(&self) -> MasterFile {
        match self.profile {
            Profile::VnCccd => MasterFile::Refused,
            Profile::Td3Bac | Profile::Td3Pace => MasterFile::Selectable,
        }
    }
}
