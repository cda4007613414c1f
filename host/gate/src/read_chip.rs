//! Carries out a read plan, and goes on with it when the card was lost in the middle and comes back.

use chipgate_apdu::{Channel, ChannelError};
use chipgate_chip::{
    Access, AccessProtocol, ActiveAuthentication, ChipAuthentication, ChipError, Interrupted, PartialFile,
    Session, Step as ChipStep, TerminalAuthentication, open, resume,
};
use chipgate_inspection::{FileObservation, Files};
use chipgate_lds::{Com, DataGroup, File, SecurityInfos, parse_dg14, parse_dg15};
use chipgate_trust::claimed_data_groups;
use rand_core::CryptoRng;

use crate::{ChipRead, Event, ReadRequest, ReadStep};

/// How often a card that is lost is waited for: a hand that can't keep it still, but not for ever.
const MOST_LOSSES: usize = 16;
/// How long all files of a document may be together. Portraits, fingers and irises take some hundred thousand bytes; what is kept
/// of a hostile card must not take all memory.
const LONGEST_DOCUMENT: usize = 8 << 20;

/// Carries out the plan of `request`. `finished` gets each file the moment that it is complete.
///
/// A card that is lost is waited for as long as the channel waits in [`Channel::reset`]. When it is back it is opened
/// again, and must be the same one; what it had proven counts no more and is proven again; and reading goes on at the
/// byte where it stopped. What had been read before EF.SOD was complete is read again, since nothing tells yet which
/// card it came from; `finished` then gets it once more.
///
/// An error means that there is nothing to judge: the card is gone, the password is wrong, secure messaging broke.
/// What the document lacks, or can't prove, stands in the result.
pub async fn read_chip<C: Channel>(
    mut channel: C,
    request: &ReadRequest<'_>,
    rng: &mut impl CryptoRng,
    watch: &mut dyn FnMut(Event),
    finished: &mut dyn FnMut(File, &[u8]),
) -> Result<ChipRead, ChipError> {
    let mut reader = Reader {
        request,
        watch,
        finished,
        done: 0,
        losses: 0,
        early_losses: 0,
        partial: None,
        access: None,
        files: Files::new(),
        unreadable: Vec::new(),
        chip_authentication: None,
        active_authentication: None,
        terminal_authentication: None,
    };
    loop {
        match reader.attempt(&mut channel, rng).await {
            Ok(access) => return Ok(reader.into_read(access)),
            Err(error @ ChipError::CardLost { .. }) => reader.wait_for_card(&mut channel, error).await?,
            Err(error) => return Err(error),
        }
    }
}

struct Reader<'a, 'r> {
    request: &'a ReadRequest<'r>,
    watch: &'a mut dyn FnMut(Event),
    finished: &'a mut dyn FnMut(File, &[u8]),
    /// How many steps of the plan are done.
    done: usize,
    /// How often the card was lost.
    losses: usize,
    /// How often the card was lost before a file of the application was whole. Chips are known that leave the field at extended
    /// length fields (Doc 9303-11, 9.3.1.2, wants EF.ATR/INFO asked before): the second time it is read without them.
    early_losses: usize,
    /// The file that was on its way when the card was lost.
    partial: Option<PartialFile>,
    /// How the chip was opened, once it was.
    access: Option<Access>,
    files: Files,
    unreadable: Vec<(File, ChipError)>,
    chip_authentication: Option<Result<ChipAuthentication, ChipError>>,
    active_authentication: Option<Result<ActiveAuthentication, ChipError>>,
    terminal_authentication: Option<Result<TerminalAuthentication, ChipError>>,
}

/// The session of one attempt; it is taken only while the chip is opened again.
type Running<'c, C> = Option<Session<&'c mut C>>;

impl Reader<'_, '_> {
    /// The plan from where it stands to its end, with the card that lies there now.
    async fn attempt<C: Channel>(
        &mut self,
        channel: &mut C,
        rng: &mut impl CryptoRng,
    ) -> Result<Access, ChipError> {
        let sod = self.files.bytes(File::Sod).map(<[u8]>::to_vec);
        let session = self.open(channel, sod.as_deref(), rng).await?;
        let access = self.note_access(session.access());
        let mut running = Some(session);
        let outcome = self.carry_out(&mut running, rng).await;
        self.partial = running.as_mut().and_then(Session::take_partial);
        outcome.map(|()| self.access.clone().unwrap_or(access))
    }

    /// Opens the chip; where it was opened before, the same card must lie there, `sod` on it if that is known.
    async fn open<'c, C: Channel>(
        &mut self,
        channel: &'c mut C,
        sod: Option<&[u8]>,
        rng: &mut impl CryptoRng,
    ) -> Result<Session<&'c mut C>, ChipError> {
        (self.watch)(Event::Begin(ReadStep::Open));
        let password = self.request.password;
        let mut options = self.request.options.clone();
        options.extended_length &= self.early_losses < 2;
        match &self.access {
            None => open(channel, password, &options, rng).await,
            Some(access) => {
                let interrupted = Interrupted::new(access, sod, self.partial.clone());
                resume(channel, password, &options, &interrupted, rng).await
            }
        }
    }

    /// Where a chip was opened in two ways, the weaker one is what counts.
    fn note_access(&mut self, now: &Access) -> Access {
        let keeps = self
            .access
            .as_ref()
            .is_some_and(|earlier| weakness(earlier) > weakness(now));
        if !keeps {
            self.access = Some(now.clone());
        }
        if let Some(card_access) = now.card_access() {
            self.keep(File::CardAccess, FileObservation::Read(card_access.to_vec()));
        }
        now.clone()
    }

    async fn carry_out<C: Channel>(
        &mut self,
        running: &mut Running<'_, C>,
        rng: &mut impl CryptoRng,
    ) -> Result<(), ChipError> {
        // What the chip had proven before it was lost it must prove again.
        if self.chip_authentication.take().is_some() {
            self.authenticate_chip(running, rng).await?;
        }
        if self.terminal_authentication.take().is_some() {
            self.authenticate_terminal(running).await?;
        }
        if self.active_authentication.take().is_some() {
            self.authenticate_active(running).await?;
        }
        while let Some(&step) = self.request.plan.get(self.done) {
            self.step(step, running, rng).await?;
            self.done += 1;
        }
        Ok(())
    }

    async fn step<C: Channel>(
        &mut self,
        step: ReadStep,
        running: &mut Running<'_, C>,
        rng: &mut impl CryptoRng,
    ) -> Result<(), ChipError> {
        match step {
            ReadStep::Open => Ok(()), // it was, or there would be no session
            ReadStep::Read(File::DataGroup(group)) if !self.is_listed(group) => Ok(()),
            ReadStep::Read(File::CardSecurity) if !self.used_mapping() => Ok(()),
            ReadStep::Read(file) => self.read(file, running).await,
            ReadStep::ChipAuthentication => self.authenticate_chip(running, rng).await,
            ReadStep::ActiveAuthentication => self.authenticate_active(running).await,
            ReadStep::TerminalAuthentication => self.authenticate_terminal(running).await,
        }
    }

    /// Whether the chip sent in PACE what EF.CardSecurity is needed for.
    fn used_mapping(&self) -> bool {
        let access = self.access.as_ref();
        access.is_some_and(|access| access.chip_authentication_mapping().is_some())
    }

    /// EF.COM is unsigned, so it can add to the list but not take away from it.
    fn is_listed(&self, group: DataGroup) -> bool {
        let sod = self.files.bytes(File::Sod);
        let signed = sod.is_some_and(|sod| claimed_data_groups(sod).contains(&group));
        let com = self.files.bytes(File::Com).and_then(|com| Com::parse(com).ok());
        signed || com.is_some_and(|com| com.data_groups.contains(&group))
    }

    async fn read<C: Channel>(&mut self, file: File, running: &mut Running<'_, C>) -> Result<(), ChipError> {
        (self.watch)(Event::Begin(ReadStep::Read(file)));
        let room = LONGEST_DOCUMENT.saturating_sub(self.files.length());
        let watch = &mut self.watch;
        let Some(session) = running else {
            return Ok(());
        };
        session.set_longest_file(self.request.options.longest_file.min(room));
        let outcome = session
            .read_file(file, &mut |progress| watch(Event::Progress(progress)))
            .await;
        let state = match outcome {
            Ok(outcome) => FileObservation::from(outcome),
            Err(error) if concerns_one_file(&error) && !session.is_closed() => {
                self.unreadable.push((file, error));
                FileObservation::Unreadable
            }
            Err(error) => return Err(error),
        };
        self.keep(file, state);
        Ok(())
    }

    fn keep(&mut self, file: File, state: FileObservation) {
        if self.files.get(file).is_some() {
            return;
        }
        if let FileObservation::Read(bytes) = &state {
            (self.finished)(file, bytes);
        }
        self.files.insert(file, state);
    }

    fn dg14(&self) -> Option<SecurityInfos> {
        let dg14 = self.files.bytes(File::DataGroup(DataGroup::DG14))?;
        parse_dg14(dg14).ok()
    }

    async fn authenticate_chip<C: Channel>(
        &mut self,
        running: &mut Running<'_, C>,
        rng: &mut impl CryptoRng,
    ) -> Result<(), ChipError> {
        let Some(dg14) = self
            .dg14()
            .filter(|dg14| !dg14.chip_authentication_keys().is_empty())
        else {
            return Ok(());
        };
        (self.watch)(Event::Begin(ReadStep::ChipAuthentication));
        let Some(session) = running else {
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
        self.chip_authentication = Some(result);
        if ends_session {
            self.open_again(running, rng).await
        } else {
            Ok(())
        }
    }

    /// A copied chip can't go on under the new keys. Who it says to be is still worth reading. It has not left the
    /// reader, so that EF.SOD is not read again.
    async fn open_again<C: Channel>(
        &mut self,
        running: &mut Running<'_, C>,
        rng: &mut impl CryptoRng,
    ) -> Result<(), ChipError> {
        let Some(session) = running.take() else {
            return Ok(());
        };
        let channel = session.into_channel();
        let step = ChipStep::SelectApplication;
        channel.reset().await.map_err(|error| match error {
            ChannelError::CardLost => ChipError::CardLost { step },
            error => ChipError::Channel { step, error },
        })?;
        let session = self.open(channel, None, rng).await?;
        self.note_access(session.access());
        *running = Some(session);
        Ok(())
    }

    async fn authenticate_active<C: Channel>(
        &mut self,
        running: &mut Running<'_, C>,
    ) -> Result<(), ChipError> {
        let dg14 = self.dg14();
        let dg15 = self.files.bytes(File::DataGroup(DataGroup::DG15));
        let Some(public_key) = dg15.and_then(|dg15| parse_dg15(dg15).ok()) else {
            return Ok(());
        };
        (self.watch)(Event::Begin(ReadStep::ActiveAuthentication));
        let Some(session) = running else {
            return Ok(());
        };
        let result = session
            .authenticate_active(&public_key, dg14.as_ref(), self.request.challenge)
            .await;
        match result {
            Err(error) if is_about_the_link(&error) => Err(error),
            result => {
                self.active_authentication = Some(result);
                Ok(())
            }
        }
    }

    async fn authenticate_terminal<C: Channel>(
        &mut self,
        running: &mut Running<'_, C>,
    ) -> Result<(), ChipError> {
        let dg14 = self.dg14();
        let offers = |dg14: &SecurityInfos| !dg14.terminal_authentication().is_empty();
        let (Some(terminal), true) = (self.request.terminal, dg14.as_ref().is_some_and(offers)) else {
            return Ok(());
        };
        (self.watch)(Event::Begin(ReadStep::TerminalAuthentication));
        let Some(session) = running else {
            return Ok(());
        };
        let result = session
            .authenticate_terminal(dg14.as_ref(), terminal.certificates, terminal.key)
            .await;
        match result {
            Err(error) if is_about_the_link(&error) || session.is_closed() => Err(error),
            result => {
                self.terminal_authentication = Some(result);
                Ok(())
            }
        }
    }

    /// Waits until a card lies on the reader again; fails with `lost` if none comes.
    async fn wait_for_card<C: Channel>(&mut self, channel: &mut C, lost: ChipError) -> Result<(), ChipError> {
        self.losses += 1;
        if self.losses > MOST_LOSSES {
            return Err(lost);
        }
        (self.watch)(Event::CardLost);
        let is_early = [File::Com, File::Sod]
            .iter()
            .all(|file| self.files.bytes(*file).is_none());
        self.early_losses += usize::from(is_early);
        let waited = channel.reset().await;
        if self.request.options.cancellation.is_cancelled() {
            let step = ChipStep::SelectMasterFile;
            return Err(ChipError::Cancelled { step });
        }
        waited.map_err(|_| lost)?;
        (self.watch)(Event::CardReturned);
        if self.files.bytes(File::Sod).is_none() {
            self.begin_anew();
        }
        Ok(())
    }

    /// Without EF.SOD nothing tells that what was read is of the card that lies there now.
    fn begin_anew(&mut self) {
        self.done = 0;
        self.partial = None;
        self.files = Files::new();
        self.unreadable.clear();
    }

    fn into_read(self, access: Access) -> ChipRead {
        ChipRead {
            access,
            files: self.files,
            unreadable: self.unreadable,
            chip_authentication: self.chip_authentication,
            active_authentication: self.active_authentication,
            terminal_authentication: self.terminal_authentication,
        }
    }
}

/// The higher, the less its way of access protects.
const fn weakness(access: &Access) -> u8 {
    match (access.protocol(), access.fell_back()) {
        (AccessProtocol::Pace { .. }, _) => 0,
        (AccessProtocol::Bac, false) => 1,
        (AccessProtocol::Bac, true) => 2,
        (AccessProtocol::None, _) => 3,
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

/// Whether the link to the chip broke or was broken off, so that nothing is known of the chip.
const fn is_about_the_link(error: &ChipError) -> bool {
    matches!(
        error,
        ChipError::CardLost { .. }
            | ChipError::Channel { .. }
            | ChipError::SessionClosed { .. }
            | ChipError::Cancelled { .. }
    )
}
