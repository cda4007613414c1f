use alloc::vec::Vec;
use core::fmt;

use chipgate_apdu::{Channel, Command, StatusWord};
use chipgate_lds::{DataGroup, File, SecurityInfos};
use rand_core::CryptoRng;

use crate::{
    Access, AccessOptions, ActiveAuthentication, ChipAuthentication, ChipError, Step, TerminalAuthentication,
    TerminalCertificates, TerminalKey, Unsupported, active_authentication, chip_authentication,
    connection::Connection,
    cvca_references,
    open::{select_application, select_file},
    read::{self, PartialFile, Reading, Sizes, Target},
    terminal_authentication,
};

/// A session with the application of a travel document, under secure messaging.
///
/// After an error of secure messaging or of the reader its keys are wiped and every further command is refused
/// ([`ChipError::SessionClosed`]): open the chip again.
pub struct Session<C> {
    connection: Connection<C>,
    access: Access,
    sizes: Sizes,
    short_identifiers: ShortIdentifiers,
    longest_file: usize,
    /// Comp() of the reader's key of chip authentication, once that was done.
    chip_authentication_key: Option<Vec<u8>>,
    /// What came of the file that was on its way when the last error arose.
    partial: Option<PartialFile>,
}

/// Whether the chip reads files by their short identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ShortIdentifiers {
    Untried,
    Work,
    Fail,
}

/// How far the reading of a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Which file.
    pub file: File,
    /// How many bytes have been read.
    pub read: usize,
    /// How many bytes it has.
    pub total: usize,
}

/// What came of reading a file. What it read does not appear in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum ReadOutcome {
    /// Its bytes, as they are on the chip.
    Read(Vec<u8>),
    /// The chip has no such file.
    NotFound,
    /// The chip does not let this session read it: DG3 and DG4 want terminal authentication.
    Denied,
}

impl fmt::Debug for ReadOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(bytes) => write!(f, "Read({} bytes)", bytes.len()),
            Self::NotFound => f.write_str("NotFound"),
            Self::Denied => f.write_str("Denied"),
        }
    }
}

impl<C: Channel> Session<C> {
    pub(crate) const fn new(
        connection: Connection<C>,
        access: Access,
        options: &AccessOptions,
        sizes: Sizes,
    ) -> Self {
        let short_identifiers = if options.short_identifiers {
            ShortIdentifiers::Untried
        } else {
            ShortIdentifiers::Fail
        };
        Self {
            connection,
            access,
            sizes,
            short_identifiers,
            longest_file: options.longest_file,
            chip_authentication_key: None,
            partial: None,
        }
    }

    /// How long a file may be from now on: less than [`AccessOptions::longest_file`] where much is kept already.
    pub const fn set_longest_file(&mut self, bytes: usize) {
        self.longest_file = bytes;
    }

    /// How the chip was opened.
    pub const fn access(&self) -> &Access {
        &self.access
    }

    /// Whether an error has ended the session: every further command is refused.
    pub const fn is_closed(&self) -> bool {
        self.connection.is_closed()
    }

    /// The channel, for the next session.
    pub fn into_channel(self) -> C {
        self.connection.into_channel()
    }

    /// What came of the file that was on its way when an error ended the session; for [`resume`](crate::resume).
    pub const fn take_partial(&mut self) -> Option<PartialFile> {
        self.partial.take()
    }

    /// Reading of this file goes on behind these bytes.
    pub(crate) fn go_on_with(&mut self, partial: Option<PartialFile>) {
        self.partial = partial;
    }

    /// Reads a file to its end.
    pub async fn read_file(
        &mut self,
        file: File,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ReadOutcome, ChipError> {
        match file {
            File::CardAccess => Ok(self.access.card_access().map_or(ReadOutcome::NotFound, |bytes| {
                progress(Progress {
                    file,
                    read: bytes.len(),
                    total: bytes.len(),
                });
                ReadOutcome::Read(bytes.to_vec())
            })),
            File::CardSecurity => self.read_in_master_file(file, progress).await,
            File::Directory | File::Attributes | File::Cvca => Err(ChipError::Unsupported {
                what: Unsupported::File(file),
            }),
            File::Com | File::Sod | File::DataGroup(_) => self.read_in_application(file, progress).await,
        }
    }

    /// By its short identifier, where the chip carries that out, else by SELECT.
    async fn read_in_application(
        &mut self,
        file: File,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ReadOutcome, ChipError> {
        // READ BINARY with a short identifier reaches the first bytes only.
        let goes_on = self
            .partial
            .as_ref()
            .is_some_and(|partial| partial.file() == file);
        if self.short_identifiers == ShortIdentifiers::Fail || goes_on {
            return self.read_selected(file, progress).await;
        }
        let sizes = self.sizes;
        match self
            .read(file, Target::ShortIdentifier(file.short_identifier()), progress)
            .await
        {
            Ok(data) => {
                self.short_identifiers = ShortIdentifiers::Work;
                Ok(ReadOutcome::Read(data))
            }
            Err(ChipError::Protocol { status, .. }) => {
                if self.short_identifiers == ShortIdentifiers::Work
                    && let Some(outcome) = absent(status)
                {
                    return Ok(outcome);
                }
                self.sizes = sizes;
                let outcome = self.read_selected(file, progress).await;
                if matches!(outcome, Ok(ReadOutcome::Read(_))) {
                    self.short_identifiers = ShortIdentifiers::Fail;
                }
                outcome
            }
            Err(error) => Err(error),
        }
    }

    /// SELECT and READ BINARY.
    async fn read_selected(
        &mut self,
        file: File,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ReadOutcome, ChipError> {
        let step = Step::SelectFile;
        let status = self.connection.send(step, &select_file(file)).await?.status;
        if !status.is_success() {
            return absent(status).ok_or(ChipError::Protocol { step, status });
        }
        match self.read(file, Target::Current, progress).await {
            Ok(data) => Ok(ReadOutcome::Read(data)),
            // What the chip takes back in the middle is not denied but broken.
            Err(ChipError::Protocol { status, .. }) if self.partial.is_none() && is_denied(status) => {
                Ok(ReadOutcome::Denied)
            }
            Err(error) => Err(error),
        }
    }

    /// Leaves the application for a file of the master file, and comes back.
    async fn read_in_master_file(
        &mut self,
        file: File,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ReadOutcome, ChipError> {
        let step = Step::SelectMasterFile;
        // Doc 9303-10 (3.6.1, table 1) has it without a data field, and many chips want the identifier in one.
        let without_data = Command::new(0x00, 0xA4, 0x00, 0x0C);
        let with_identifier = without_data.clone().with_data([0x3F, 0x00]);
        let mut status = self.connection.send(step, &with_identifier).await?.status;
        if !status.is_success() {
            status = self.connection.send(step, &without_data).await?.status;
        }
        if !status.is_success() {
            return Err(ChipError::Protocol { step, status });
        }
        let outcome = self.read_selected(file, progress).await?;
        select_application(&mut self.connection).await?;
        Ok(outcome)
    }

    async fn read(
        &mut self,
        file: File,
        target: Target,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<u8>, ChipError> {
        let mut reading = Reading::new(
            (file, Step::ReadBinary),
            read::longest(file, self.longest_file),
            &mut self.sizes,
            progress,
        );
        if let Some(earlier) = self.partial.take().filter(|partial| partial.file() == file) {
            reading = reading.going_on(earlier);
        }
        match read::read(&mut self.connection, &mut reading, target).await {
            Ok(()) => Ok(reading.into_data()),
            Err(error) => {
                if matches!(error, ChipError::CardLost { .. } | ChipError::Protocol { .. }) {
                    self.partial = reading.into_partial();
                }
                Err(error)
            }
        }
    }

    /// Chip authentication with the key of `dg14` (Doc 9303-11, 6.2): the session goes on under new keys.
    ///
    /// It proves something only if DG14 comes from a verified security object.
    pub async fn authenticate_chip(
        &mut self,
        dg14: &SecurityInfos,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<ChipAuthentication, ChipError> {
        // The chip has given DG14, so that it can be selected; EF.COM may not be there.
        let proof = select_file(File::DataGroup(DataGroup::DG14));
        let proven = chip_authentication::authenticate(&mut self.connection, dg14, &proof, rng).await?;
        self.chip_authentication_key = Some(proven.terminal_key().to_vec());
        Ok(proven)
    }

    /// Terminal authentication (Doc 9303-11, 7.1): the chip then gives DG3 and DG4 to a terminal that may read them. Chip
    /// authentication, or PACE with chip authentication mapping, comes before it.
    ///
    /// `dg14` tells where EF.CVCA is. The chain begins under the chip's most recent key that `certificates` lead from.
    pub async fn authenticate_terminal(
        &mut self,
        dg14: Option<&SecurityInfos>,
        certificates: &TerminalCertificates,
        key: &dyn TerminalKey,
    ) -> Result<TerminalAuthentication, ChipError> {
        let infos = dg14.map_or_else(Vec::new, SecurityInfos::terminal_authentication);
        let location = infos
            .iter()
            .find(|info| info.version == 1)
            .and_then(|info| info.cvca_file.as_ref());
        let mut authorities = cvca_references::read(&mut self.connection, location).await?;
        if let Some(pace) = &self.access.pace {
            authorities.extend(pace.authorities.iter().cloned());
        }
        let identifiers = self
            .access
            .identifiers(self.chip_authentication_key.as_deref())
            .ok_or(ChipError::Unsupported {
                what: Unsupported::TerminalBinding,
            })?;
        terminal_authentication::authenticate(
            &mut self.connection,
            &authorities,
            certificates,
            key,
            &identifiers,
        )
        .await
    }

    /// Active authentication with the key of DG15 (Doc 9303-11, 6.1): the chip signs the challenge.
    ///
    /// It proves something only if DG15, and DG14 with its algorithm, come from a verified security object, and only
    /// to whom has chosen the challenge.
    pub async fn authenticate_active(
        &mut self,
        public_key: &[u8],
        dg14: Option<&SecurityInfos>,
        challenge: [u8; 8],
    ) -> Result<ActiveAuthentication, ChipError> {
        active_authentication::authenticate(&mut self.connection, public_key, dg14, challenge).await
    }
}

/// What a refusal to select or to read a file says about it: it is not there (6A82), or this session has not the right
/// to it (6982), or not in this state of the chip (6985).
pub(crate) const fn absent(status: StatusWord) -> Option<ReadOutcome> {
    match status {
        StatusWord::FILE_NOT_FOUND => Some(ReadOutcome::NotFound),
        StatusWord::SECURITY_STATUS_NOT_SATISFIED | StatusWord::CONDITIONS_NOT_SATISFIED => {
            Some(ReadOutcome::Denied)
        }
        _ => None,
    }
}

fn is_denied(status: StatusWord) -> bool {
    matches!(absent(status), Some(ReadOutcome::Denied))
}
