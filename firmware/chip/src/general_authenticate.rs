//! GENERAL AUTHENTICATE (ISO/IEC 7816-4, 11.5.5), with which PACE and chip authentication exchange their data.

use alloc::vec::Vec;

use chipgate_apdu::{
    Channel, Command, Response,
    tlv::{self, Tag, TlvError},
};

use crate::{
    ChipError, Malformation, Step,
    connection::{Connection, Work},
};

/// Dynamic authentication data.
const DYNAMIC_DATA: Tag = Tag(0x7C);
/// CLA of a command that is not the last of its chain.
pub(crate) const CLASS_CHAINED: u8 = 0x10;
/// CLA of the last command of a chain.
pub(crate) const CLASS_LAST: u8 = 0x00;
/// What the answer may hold beside one object, headers included.
const OVERHEAD: usize = 16;

/// The objects inside the dynamic authentication data of an answer.
pub(crate) struct Answer {
    step: Step,
    objects: Vec<u8>,
}

impl Answer {
    /// Whether there are none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// The value of the object with this tag; that it is missing is an error.
    pub(crate) fn require(&self, tag: Tag) -> Result<&[u8], ChipError> {
        let missing = TlvError::Missing {
            expected: tag,
            position: 0,
        };
        self.find(tag)?
            .ok_or(ChipError::malformed(self.step, Malformation::Tlv(missing)))
    }

    /// The value of the object with this tag, if it is there.
    pub(crate) fn find(&self, tag: Tag) -> Result<Option<&[u8]>, ChipError> {
        tlv::find(&self.objects, tag)
            .map_err(|error| ChipError::malformed(self.step, Malformation::Tlv(error)))
    }
}

/// Sends `objects` inside the dynamic authentication data. The answer may hold an object of `expected` bytes, which decides
/// whether extended length fields are needed: keys modulo a prime do not fit the short ones.
pub(crate) async fn general_authenticate<C: Channel>(
    connection: &mut Connection<C>,
    step: Step,
    class: u8,
    objects: &[u8],
    expected: usize,
) -> Result<Answer, ChipError> {
    let response = connection.send(step, &command(class, objects, expected)).await?;
    answer(step, &response)
}

/// The same, with `work` done while the chip is busy.
pub(crate) async fn general_authenticate_while<C: Channel>(
    connection: &mut Connection<C>,
    step: Step,
    class: u8,
    objects: &[u8],
    expected: usize,
    work: Work<'_>,
) -> Result<Answer, ChipError> {
    let command = command(class, objects, expected);
    let response = connection.send_while(step, &command, work).await?;
    answer(step, &response)
}

fn command(class: u8, objects: &[u8], expected: usize) -> Command {
    Command::new(class, 0x86, 0x00, 0x00)
        .with_data(tlv::encode(DYNAMIC_DATA, objects))
        .expecting(if expected + OVERHEAD > 256 { 65_536 } else { 256 })
}

fn answer(step: Step, response: &Response) -> Result<Answer, ChipError> {
    if !response.status.is_success() {
        return Err(ChipError::Protocol {
            step,
            status: response.status,
        });
    }
    let objects = tlv::single(&response.data, DYNAMIC_DATA)
        .map_err(|error| ChipError::malformed(step, Malformation::Tlv(error)))?
        .to_vec();
    Ok(Answer { step, objects })
}
