//! Reading the files, and what proves them and the chip.

use alloc::vec::Vec;

use chipgate_apdu::Timestamp;
use chipgate_chip::Session;
use chipgate_lds::{Com, DataGroup, File, SecurityInfos, parse_dg14};

use crate::{
    block_on,
    measure::measured,
    replay::{ReplayChannel, ReplayRng},
};

/// The read plan of an inspection: EF.CardSecurity where PACE was one with chip authentication mapping, and the data groups that
/// EF.COM lists.
pub(crate) fn check(
    session: Session<ReplayChannel<'_>>,
    rng: &mut ReplayRng<'_>,
    challenge: [u8; 8],
    now: Timestamp,
) -> Result<(), &'static str> {
    let mut document = Document {
        session,
        files: Vec::new(),
    };
    if document.session.access().chip_authentication_mapping().is_some() {
        document.read(File::CardSecurity)?;
    }
    document.read(File::Com)?;
    document.read(File::Sod)?;
    document.read(File::DataGroup(DataGroup::DG14))?;
    #[cfg(feature = "chip-authentication")]
    let chip = document.authenticate_chip(rng)?;
    for group in [DataGroup::DG1, DataGroup::DG2, DataGroup::DG15] {
        document.read(File::DataGroup(group))?;
    }
    #[cfg(feature = "active-authentication")]
    let active = document.authenticate_active(challenge)?;
    #[cfg(feature = "passive-authentication")]
    let signed = crate::passive::authenticate(&document, now)?;
    #[cfg(feature = "verdict")]
    crate::verdict::reach(&document, chip.as_ref(), active.as_ref(), &signed, now)?;
    Ok(())
}

/// An open chip, and what was read of it.
pub(crate) struct Document<'r> {
    pub(crate) session: Session<ReplayChannel<'r>>,
    pub(crate) files: Vec<(File, Vec<u8>)>,
}

impl Document<'_> {
    pub(crate) fn bytes(&self, file: File) -> Option<&[u8]> {
        let found = self.files.iter().find(|(of, _)| *of == file);
        found.map(|(_, bytes)| &bytes[..])
    }

    /// Reads a file, unless it is a data group that EF.COM does not list.
    fn read(&mut self, file: File) -> Result<(), &'static str> {
        use chipgate_chip::ReadOutcome;

        if let File::DataGroup(group) = file
            && !self.lists(group)
        {
            return Ok(());
        }
        let session = &mut self.session;
        let read = measured("files", || block_on(session.read_file(file, &mut |_| {})));
        match read {
            Ok(ReadOutcome::Read(bytes)) => {
                self.files.push((file, bytes));
                Ok(())
            }
            Ok(ReadOutcome::NotFound | ReadOutcome::Denied) => Ok(()),
            Err(_) => Err("files"),
        }
    }

    fn lists(&self, group: DataGroup) -> bool {
        let com = self.bytes(File::Com).and_then(|com| Com::parse(com).ok());
        com.is_some_and(|com| com.data_groups.contains(&group))
    }

    #[cfg(any(feature = "chip-authentication", feature = "active-authentication"))]
    fn dg14(&self) -> Option<SecurityInfos> {
        self.bytes(File::DataGroup(DataGroup::DG14))
            .and_then(|dg14| parse_dg14(dg14).ok())
    }

    /// Chip authentication, where DG14 has a key for it.
    #[cfg(feature = "chip-authentication")]
    fn authenticate_chip(
        &mut self,
        rng: &mut ReplayRng<'_>,
    ) -> Result<Option<chipgate_chip::ChipAuthentication>, &'static str> {
        let offers = |dg14: &SecurityInfos| !dg14.chip_authentication_keys().is_empty();
        let Some(dg14) = self.dg14().filter(offers) else {
            return Ok(None);
        };
        let session = &mut self.session;
        let proven = measured("chip-authentication", || {
            block_on(session.authenticate_chip(&dg14, rng))
        });
        proven.map(Some).map_err(|_| "chip-authentication")
    }

    /// Active authentication, where there is a key in DG15.
    #[cfg(feature = "active-authentication")]
    fn authenticate_active(
        &mut self,
        challenge: [u8; 8],
    ) -> Result<Option<chipgate_chip::ActiveAuthentication>, &'static str> {
        let dg14 = self.dg14();
        let dg15 = self.bytes(File::DataGroup(DataGroup::DG15));
        let Some(key) = dg15.and_then(|dg15| chipgate_lds::parse_dg15(dg15).ok()) else {
            return Ok(None);
        };
        let session = &mut self.session;
        let proven = measured("active-authentication", || {
            block_on(session.authenticate_active(&key, dg14.as_ref(), challenge))
        });
        proven.map(Some).map_err(|_| "active-authentication")
    }
}
