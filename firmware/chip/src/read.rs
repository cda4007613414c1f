//! Reading a transparent file (Doc 9303-10, 3.6.4; ISO/IEC 7816-4, 11.3).

use alloc::vec::Vec;
use core::fmt;

use chipgate_apdu::{
    Channel, Command, Response, StatusWord,
    tlv::{self, Tag, TlvError},
};
use chipgate_lds::{DataGroup, File};

use crate::{ChipError, Malformation, Progress, Step, Unsupported, connection::Connection};

/// How much is asked for at a time, from the largest on; the next is tried where one does not work.
const SIZES: [usize; 6] = [4096, 1024, 256, 224, 160, 112];
/// As much of a file as tells its length.
const HEADER: usize = 4;
/// A chip gives more than this at a time, whatever its buffers are like.
const LEAST_A_ROUND: usize = 64;
/// Rounds in which the reader finds out how long the file is, and how much the chip gives at a time.
const MORE_ROUNDS: usize = 32;
/// The longest header of a file: a tag of two bytes and a length of five.
const LONGEST_HEADER: usize = 7;
/// The first offset that READ BINARY with an even instruction does not reach.
const ODD_INSTRUCTION_FROM: usize = 0x8000;
/// The offset of READ BINARY with an odd instruction.
const OFFSET: Tag = Tag(0x54);
/// The data that READ BINARY with an odd instruction brings.
const DISCRETIONARY_DATA: Tag = Tag(0x53);
/// The longest header of that object.
const DISCRETIONARY_DATA_HEADER: usize = 4;

/// The longest file that holds no picture: certificates, keys and lists take a few kilobytes.
const LONGEST_WITHOUT_PICTURE: usize = 32 * 1024;

/// How long a file may be, where `limit` is what any may have: only the holder's data may hold pictures.
pub(crate) fn longest(file: File, limit: usize) -> usize {
    match file {
        File::DataGroup(DataGroup::DG14 | DataGroup::DG15) => limit.min(LONGEST_WITHOUT_PICTURE),
        File::DataGroup(_) => limit,
        _ => limit.min(LONGEST_WITHOUT_PICTURE),
    }
}

/// How the first READ BINARY names the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// The file that is selected.
    Current,
    /// A short file identifier, which also selects the file.
    ShortIdentifier(u8),
}

/// How much this chip gives at a time, as far as it has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sizes {
    /// The index into [`SIZES`].
    index: usize,
    /// Whether a file's header is read by itself, since the chip refuses to be asked for more than a file holds.
    pub(crate) header_first: bool,
}

/// Reads the file to the end that its own header tells.
///
/// Every round of the loop brings at least one byte, or asks for less than the one before it; and there are no more
/// rounds than a file of its length takes, so that a chip that gives one byte at a time does not hold the reader.
pub(crate) async fn read<C: Channel>(
    connection: &mut Connection<C>,
    reading: &mut Reading<'_>,
    target: Target,
) -> Result<(), ChipError> {
    loop {
        if reading.is_complete() {
            return Ok(());
        }
        reading.begin_round()?;
        let length = reading.next_length(connection.most_data());
        let command = read_binary(target, reading.data.len(), length)?;
        let response = connection.send_for_data(reading.step, &command).await?;
        if reading.take(&response, length, command.instruction & 1 == 1)? {
            reading.measure()?;
            reading.tell();
        }
    }
}

/// READ BINARY of `length` bytes from `offset` on.
fn read_binary(target: Target, offset: usize, length: usize) -> Result<Command, ChipError> {
    if offset >= ODD_INSTRUCTION_FROM {
        let bytes = u32::try_from(offset).unwrap_or(u32::MAX).to_be_bytes();
        let written = match bytes {
            [0, 0, ..] => &bytes[2..],
            [0, ..] => &bytes[1..],
            _ => {
                return Err(ChipError::Unsupported {
                    what: Unsupported::Offset,
                });
            }
        };
        return Ok(Command::new(0x00, 0xB1, 0x00, 0x00)
            .with_data(tlv::encode(OFFSET, written))
            .expecting(length + DISCRETIONARY_DATA_HEADER));
    }
    let [_, .., high, low] = offset.to_be_bytes();
    let (p1, p2) = match target {
        Target::ShortIdentifier(identifier) if offset == 0 => (0x80 | identifier, 0),
        _ => (high, low),
    };
    Ok(Command::new(0x00, 0xB0, p1, p2).expecting(length))
}

/// A file of which the first bytes have come, and its length with them. What came does not appear in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct PartialFile {
    file: File,
    data: Vec<u8>,
    total: usize,
}

impl PartialFile {
    /// Which file.
    #[must_use]
    pub const fn file(&self) -> File {
        self.file
    }

    /// How many of its bytes have come.
    #[must_use]
    pub const fn read(&self) -> usize {
        self.data.len()
    }
}

impl fmt::Debug for PartialFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PartialFile({}: {} of {} bytes)",
            self.file,
            self.read(),
            self.total
        )
    }
}

/// One file on its way.
pub(crate) struct Reading<'a> {
    file: File,
    step: Step,
    limit: usize,
    sizes: &'a mut Sizes,
    progress: &'a mut dyn FnMut(Progress),
    data: Vec<u8>,
    /// The length of the file, once its header has told it.
    total: Option<usize>,
    /// The length that the chip asked to be asked for (6Cxx).
    exact: Option<usize>,
    /// How often READ BINARY was sent.
    rounds: usize,
}

impl<'a> Reading<'a> {
    pub(crate) const fn new(
        (file, step): (File, Step),
        limit: usize,
        sizes: &'a mut Sizes,
        progress: &'a mut dyn FnMut(Progress),
    ) -> Self {
        Self {
            file,
            step,
            limit,
            sizes,
            progress,
            data: Vec::new(),
            total: None,
            exact: None,
            rounds: 0,
        }
    }

    /// Goes on behind the bytes that came earlier.
    pub(crate) fn going_on(mut self, earlier: PartialFile) -> Self {
        self.data = earlier.data;
        self.total = Some(earlier.total);
        self
    }

    /// Whether nothing has come yet.
    pub(crate) const fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// What has come so far, if the file's length is among it.
    pub(crate) fn into_partial(self) -> Option<PartialFile> {
        Some(PartialFile {
            file: self.file,
            total: self.total?,
            data: self.data,
        })
    }

    /// The file, which takes no more memory than it has bytes: many are kept.
    pub(crate) fn into_data(mut self) -> Vec<u8> {
        self.data.shrink_to_fit();
        self.data
    }

    /// Whether all of it has come; what a chip gave beyond its end is cut off.
    fn is_complete(&mut self) -> bool {
        let Some(total) = self.total.filter(|&total| self.data.len() >= total) else {
            return false;
        };
        self.data.truncate(total);
        true
    }

    /// Tells how far it has come.
    fn tell(&mut self) {
        if let Some(total) = self.total {
            (self.progress)(Progress {
                file: self.file,
                read: self.data.len().min(total),
                total,
            });
        }
    }

    /// Counts this READ BINARY, and gives up on a chip that has taken too many for what it gave.
    fn begin_round(&mut self) -> Result<(), ChipError> {
        self.rounds += 1;
        let total = self.total.unwrap_or(0);
        if self.rounds > total / LEAST_A_ROUND + MORE_ROUNDS {
            return Err(self.truncated(total));
        }
        Ok(())
    }

    /// How much to ask for now, at least one byte and at most what the channel brings; that says nothing of what the
    /// chip gives when the channel brings more.
    fn next_length(&mut self, most: usize) -> usize {
        let most = match ODD_INSTRUCTION_FROM.checked_sub(self.data.len()) {
            None | Some(0) => most.saturating_sub(DISCRETIONARY_DATA_HEADER),
            // Some chips refuse an even instruction that goes beyond its last offset (Doc 9303-10, 3.6.6, note 1).
            Some(reach) => most.min(reach),
        };
        let wanted = match (self.exact.take(), self.total) {
            (Some(length), _) => length,
            (None, Some(total)) => (total - self.data.len()).min(SIZES[self.sizes.index]),
            (None, None) if self.sizes.header_first || !self.data.is_empty() => HEADER,
            (None, None) => SIZES[self.sizes.index],
        };
        wanted.min(most).max(1)
    }

    /// Takes what came and returns true, or arranges for less to be asked for.
    fn take(&mut self, response: &Response, length: usize, odd: bool) -> Result<bool, ChipError> {
        let data = match response.status {
            StatusWord::SUCCESS | StatusWord::END_OF_FILE => self.unwrap(&response.data, odd)?,
            status => return self.ask_for_less(status, length).map(|()| false),
        };
        if data.is_empty() {
            return match (response.status, self.total) {
                (StatusWord::END_OF_FILE, None) => self.ask_for_less(response.status, length).map(|()| false),
                (StatusWord::END_OF_FILE, Some(total)) => Err(self.truncated(total)),
                _ => Err(ChipError::malformed(self.step, Malformation::Empty)),
            };
        }
        if data.len() > length {
            let fault = Malformation::Length {
                expected: length,
                found: data.len(),
            };
            return Err(ChipError::malformed(self.step, fault));
        }
        self.data.extend_from_slice(data);
        Ok(true)
    }

    /// The data of READ BINARY with an odd instruction stand in an object of their own.
    fn unwrap<'d>(&self, data: &'d [u8], odd: bool) -> Result<&'d [u8], ChipError> {
        if !odd || data.is_empty() {
            return Ok(data);
        }
        tlv::single(data, DISCRETIONARY_DATA)
            .map_err(|error| ChipError::malformed(self.step, Malformation::Tlv(error)))
    }

    /// 6Cxx names the length to ask for; 6700, 6B00 and an empty 6282 mean that less must be asked for: first only a
    /// header, since a file may be shorter than what was asked for, then less and less. Anything else is final.
    fn ask_for_less(&mut self, status: StatusWord, length: usize) -> Result<(), ChipError> {
        let refused = ChipError::Protocol {
            step: self.step,
            status,
        };
        if let Some(exact) = status.exact_length().filter(|&exact| exact < length) {
            self.exact = Some(exact);
            return Ok(());
        }
        let about_length = status.exact_length().is_some()
            || matches!(
                status,
                StatusWord::WRONG_LENGTH | StatusWord::WRONG_OFFSET | StatusWord::END_OF_FILE
            );
        if !about_length {
            return Err(refused);
        }
        if self.total.is_none() {
            if self.sizes.header_first || length <= HEADER {
                return Err(refused);
            }
            self.sizes.header_first = true;
            return Ok(());
        }
        match SIZES[self.sizes.index..].iter().position(|&size| size < length) {
            Some(smaller) => self.sizes.index += smaller,
            None if status == StatusWord::WRONG_OFFSET => return Err(self.truncated(self.total.unwrap_or(0))),
            None => return Err(refused),
        }
        Ok(())
    }

    /// Finds the length of the file in its first bytes.
    fn measure(&mut self) -> Result<(), ChipError> {
        if self.total.is_some() {
            return Ok(());
        }
        let (tag, header, length) = match tlv::header(&self.data) {
            Ok(found) => found,
            Err(TlvError::Truncated { .. }) if self.data.len() < LONGEST_HEADER => return Ok(()),
            Err(error) => return Err(ChipError::malformed(self.step, Malformation::Tlv(error))),
        };
        if self
            .file
            .tag()
            .is_some_and(|expected| u32::from(expected) != tag.0)
        {
            return Err(ChipError::malformed(
                self.step,
                Malformation::WrongTag { found: tag.0 },
            ));
        }
        let total = header.saturating_add(length);
        if total > self.limit {
            return Err(ChipError::FileTooLong {
                file: self.file,
                length: total,
                limit: self.limit,
            });
        }
        self.total = Some(total);
        Ok(())
    }

    const fn truncated(&self, length: usize) -> ChipError {
        ChipError::FileTruncated {
            file: self.file,
            read: self.data.len(),
            length,
        }
    }
}
