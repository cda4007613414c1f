//! The read plan: which file is read when, and what is done between (Doc 9303-11, 4.2).

use chipgate_apdu::Channel;
use chipgate_chip::{
    Access, AccessOptions, ActiveAuthentication, ChipAuthentication, ChipError, Password, Progress, Session,
    Step as ChipStep, open,
};
use chipgate_inspection::{FileObservation, Files};
use chipgate_lds::{Com, DataGroup, File, SecurityInfos, parse_dg14, parse_dg15};
use chipgate_trust::claimed_data_groups;
use rand_core::CryptoRng;

/// A step of the plan. The order is that of [`READ_PLAN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadStep {
    /// PACE or BAC.
    Open,
    /// Reads a file.
    Read(File),
    /// Proves the chip by the key in DG14, so that what follows travels under its keys.
    ChipAuthentication,
    /// Lets the chip sign a challenge by the key in DG15.
    ActiveAuthentication,
}

/// What an inspection does with a chip, in order. Data groups that neither EF.SOD nor EF.COM lists are left out.
///
/// The portrait is the slow part. Active authentication comes after it, so that the face is embedded while the chip signs.
pub const READ_PLAN: [ReadStep; 9] = [
    ReadStep::Open,
    ReadStep::Read(File::Com),
    ReadStep::Read(File::Sod),
    ReadStep::Read(File::DataGroup(DataGroup::DG14)),
    ReadStep::ChipAuthentication,
    ReadStep::Read(File::DataGroup(DataGroup::DG1)),
    ReadStep::Read(File::DataGroup(DataGroup::DG2)),
    ReadStep::Read(File::DataGroup(DataGroup::DG15)),
    ReadStep::ActiveAuthentication,
];

/// What happens while a chip is read, for a person to watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A step begins.
    Begin(ReadStep),
    /// Bytes of a file have come.
    Progress(Progress),
}

/// What a chip gave and proved.
#[derive(Debug)]
pub struct ChipRead {
    /// How it was opened.
    pub access: Access,
    /// Its files.
    pub files: Files,
    /// What came of chip authentication, if it was tried.
    pub chip_authentication: Option<Result<ChipAuthentication, ChipError>>,
    /// What came of active authentication, if it was tried.
    pub active_authentication: Option<Result<ActiveAuthentication, ChipError>>,
}

/// How a chip is read.
pub struct ReadRequest<'a> {
    /// What opens it.
    pub password: &'a Password,
    /// How it is opened and read.
    pub options: &'a AccessOptions,
    /// What the chip signs in active authentication.
    pub challenge: [u8; 8],
}

/// Carries out [`READ_PLAN`]. `finished` gets each file the moment that it is complete.
///
/// An error means that there is nothing to judge: the card is gone, the password is wrong, secure messaging broke.
/// What the document lacks, or can't prove, stands in the result.
pub async fn read_chip<C: Channel>(
    channel: C,
    request: &ReadRequest<'_>,
    rng: &mut impl CryptoRng,
    watch: &mut dyn FnMut(Event),
    finished: &mut dyn FnMut(File, &[u8]),
) -> Result<ChipRead, ChipError> {
    watch(Event::Begin(ReadStep::Open));
    let session = open(channel, request.password, request.options, rng).await?;
    let chip = ChipRead {
        access: session.access().clone(),
        files: Files::new(),
        chip_authentication: None,
        active_authentication: None,
    };
    let mut reader = Reader {
        session: Some(session),
        chip,
        request,
        watch,
        finished,
    };
    if let Some(card_access) = reader.chip.access.card_access().map(<[u8]>::to_vec) {
        reader.keep(File::CardAccess, FileObservation::Read(card_access));
    }
    for step in READ_PLAN {
        reader.step(step, rng).await?;
    }
    Ok(reader.chip)
}

struct Reader<'a, 'r, C> {
    /// Taken only while the chip is opened again.
    session: Option<Session<C>>,
    chip: ChipRead,
    request: &'a ReadRequest<'r>,
    watch: &'a mut dyn FnMut(Event),
    finished: &'a mut dyn FnMut(File, &[u8]),
}

impl<C: Channel> Reader<'_, '_, C> {
    async fn step(&mut self, step: ReadStep, rng: &mut impl CryptoRng) -> Result<(), ChipError> {
        match step {
            ReadStep::Open => Ok(()), // it was, or there would be no session
            ReadStep::Read(File::DataGroup(group)) if !self.is_listed(group) => Ok(()),
            ReadStep::Read(file) => self.read(file).await,
            ReadStep::ChipAuthentication => self.authenticate_chip(rng).await,
            ReadStep::ActiveAuthentication => self.authenticate_active().await,
        }
    }

    /// EF.COM is unsigned, so it can add to the list but not take away from it.
    fn is_listed(&self, group: DataGroup) -> bool {
        let signed = self
            .chip
            .files
            .bytes(File::Sod)
            .is_some_and(|sod| claimed_data_groups(sod).contains(&group));
        let com = self
            .chip
            .files
            .bytes(File::Com)
            .and_then(|com| Com::parse(com).ok());
        signed || com.is_some_and(|com| com.data_groups.contains(&group))
    }

    async fn read(&mut self, file: File) -> Result<(), ChipError> {
        (self.watch)(Event::Begin(ReadStep::Read(file)));
        let watch = &mut self.watch;
        let Some(session) = &mut self.session else {
            return Ok(());
        };
        let state = match session
            .read_file(file, &mut |progress| watch(Event::Progress(progress)))
            .await
        {
            Ok(outcome) => FileObservation::from(outcome),
            Err(error) if concerns_one_file(&error) => FileObservation::Unreadable,
            Err(error) => return Err(error),
        };
        self.keep(file, state);
        Ok(())
    }

    fn keep(&mut self, file: File, state: FileObservation) {
        if let FileObservation::Read(bytes) = &state {
            (self.finished)(file, bytes);
        }
        self.chip.files.insert(file, state);
    }

    fn dg14(&self) -> Option<SecurityInfos> {
        self.chip
            .files
            .bytes(File::DataGroup(DataGroup::DG14))
            .and_then(|dg14| parse_dg14(dg14).ok())
    }

    async fn authenticate_chip(&mut self, rng: &mut impl CryptoRng) -> Result<(), ChipError> {
        let Some(dg14) = self
            .dg14()
            .filter(|dg14| !dg14.chip_authentication_keys().is_empty())
        else {
            return Ok(());
        };
        (self.watch)(Event::Begin(ReadStep::ChipAuthentication));
        let Some(session) = &mut self.session else {
            return Ok(());
        };
        let result = session.authenticate_chip(&dg14, rng).await;
        if let Err(error) = &result
            && is_about_the_link(error)
        {
            return Err(error.clone());
        }
        // Whatever a copy answers, it must not end the inspection without a verdict.
        let ends_session = session.is_closed();
        self.chip.chip_authentication = Some(result);
        if ends_session {
            self.open_again(rng).await
        } else {
            Ok(())
        }
    }

    /// A copied chip can't go on under the new keys. Who it says to be is still worth reading.
    async fn open_again(&mut self, rng: &mut impl CryptoRng) -> Result<(), ChipError> {
        let Some(session) = self.session.take() else {
            return Ok(());
        };
        let mut channel = session.into_channel();
        let lost = |_| ChipError::CardLost {
            step: ChipStep::SelectApplication,
        };
        channel.reset().await.map_err(lost)?;
        let session = open(channel, self.request.password, self.request.options, rng).await?;
        if session.access() != &self.chip.access {
            // It was opened in another way now: the weaker way is what counts, and its EF.CardAccess.
            self.chip.access = session.access().clone();
        }
        self.session = Some(session);
        Ok(())
    }

    async fn authenticate_active(&mut self) -> Result<(), ChipError> {
        let dg14 = self.dg14();
        let Some(public_key) = self
            .chip
            .files
            .bytes(File::DataGroup(DataGroup::DG15))
            .and_then(|dg15| parse_dg15(dg15).ok())
        else {
            return Ok(());
        };
        (self.watch)(Event::Begin(ReadStep::ActiveAuthentication));
        let Some(session) = &mut self.session else {
            return Ok(());
        };
        let result = session
            .authenticate_active(&public_key, dg14.as_ref(), self.request.challenge)
            .await;
        match result {
            Err(error) if is_about_the_link(&error) => Err(error),
            result => {
                self.chip.active_authentication = Some(result);
                Ok(())
            }
        }
    }
}

/// Whether only this file is affected, and the session goes on.
const fn concerns_one_file(error: &ChipError) -> bool {
    matches!(
        error,
        ChipError::FileTooLong { .. }
            | ChipError::FileTruncated { .. }
            | ChipError::Malformed { .. }
            | ChipError::Protocol { .. }
            | ChipError::Unsupported { .. }
    )
}

/// Whether the link to the chip broke, so that nothing is known of the chip.
const fn is_about_the_link(error: &ChipError) -> bool {
    matches!(
        error,
        ChipError::CardLost { .. } | ChipError::Channel { .. } | ChipError::SessionClosed { .. }
    )
}
