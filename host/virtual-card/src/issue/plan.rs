//! What a card is to be, before anything of it is made.

use chipgate_crypto::HashAlgorithm;
use rand_core::CryptoRng;

use super::{
    IssueOptions,
    design::{Design, Terminals},
    holder::Holder,
};
use crate::{
    MasterFile, Profile, SignerAlgorithm,
    calendar::Moment,
    pki::{IssuingState, SignerKind},
};

/// What a card is to be. Faults that lie in what is signed change the plan.
pub(crate) struct Plan {
    pub(crate) profile: Profile,
    pub(crate) design: Design,
    pub(crate) holder: Holder,
    pub(crate) signer: (IssuingState, SignerKind),
    /// A signer of its own for this card, with a key of this kind.
    pub(crate) own_signer: Option<SignerAlgorithm>,
    pub(crate) hash: HashAlgorithm,
    pub(crate) signing_time: Moment,
    /// Whether DG11 and DG12 are there, with dates as no standard has them.
    pub(crate) odd_dates: bool,
}

impl Plan {
    pub(crate) fn new(
        profile: Profile,
        options: &IssueOptions,
        now: Moment,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Self {
        let design = profile.design();
        let holder = Holder::invent(&design, now, rng);
        let signer = if options.next_authority {
            SignerKind::Next
        } else {
            design.signer
        };
        Self {
            profile,
            signer: (holder.state, signer),
            own_signer: options.signer,
            hash: options
                .hash
                .map_or(HashAlgorithm::Sha256, crate::HashName::algorithm),
            holder,
            design,
            signing_time: now,
            odd_dates: false,
        }
    }

    /// Lets the document have expired four months ago.
    pub(crate) fn expire(&mut self) {
        let expired = self.signing_time.plus_days(-120);
        let holder = &mut self.holder;
        (holder.issued, holder.expires) = (expired.plus_years(-10), expired);
    }

    /// Leaves BAC alone, where the chip has it.
    pub(crate) fn forget_pace(&mut self) {
        if self.design.basic_access {
            self.design.pace.clear();
        }
    }

    /// Takes the chip's own keys away.
    pub(crate) fn forget_chip_keys(&mut self) {
        (self.design.agreement, self.design.answering) = (Vec::new(), None);
    }

    /// Whether the chip has fingerprints that it refuses to every reader here.
    pub(crate) fn has_unreadable_fingerprints(&self) -> bool {
        self.design.terminals == Terminals::OutOfReach && self.design.portrait == super::design::Portrait::Yes
    }

    /// How the chip answers SELECT of the master file.
    pub(crate) const fn master_file(&self) -> MasterFile {
        if self.design.master_file {
            MasterFile::Selectable
        } else {
            MasterFile::Refused
        }
    }
}
