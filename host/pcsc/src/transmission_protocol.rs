//! T=0, where one command APDU can take several exchanges (ISO/IEC 7816-3, 12.2).

use chipgate_apdu::{ChannelError, Command, Response};

/// INS of GET RESPONSE (ISO/IEC 7816-4, 11.7.1).
const GET_RESPONSE: u8 = 0xC0;
/// How many times a chip may point on with 61xx or 6Cxx in one command; 64 KiB come in 256 parts.
const MAXIMUM_EXCHANGES: usize = 300;

/// Carries one command through T=0: `61xx` is followed by GET RESPONSE, `6Cxx` by the same command with that Le.
pub(crate) fn exchange<'a>(
    mut send: impl FnMut(&[u8]) -> Result<Vec<u8>, ChannelError>,
    command: &[u8],
    response: &'a mut [u8],
) -> Result<&'a [u8], ChannelError> {
    let command = Command::parse(command).map_err(|_| ChannelError::TooLong)?;
    if command.is_extended() {
        return Err(ChannelError::TooLong);
    }
    let mut data = Vec::new();
    let mut next = first_exchange(&command);
    for _ in 0..MAXIMUM_EXCHANGES {
        let bytes = next.encode().map_err(|_| ChannelError::TooLong)?;
        let answer = Response::parse(&send(&bytes)?).map_err(|_| ChannelError::Broken(0))?;
        data.extend_from_slice(&answer.data);
        match (answer.status.waiting_length(), answer.status.exact_length()) {
            (Some(length), _) => next = get_response(command.class, length),
            (_, Some(length)) => next = next.expecting(length),
            _ => return write(&Response::new(data, answer.status).encode(), response),
        }
    }
    Err(ChannelError::Broken(0))
}

/// In T=0 a command with data carries no Le (ISO/IEC 7816-3, 12.2.4).
fn first_exchange(command: &Command) -> Command {
    let mut first = command.clone();
    if !first.data.is_empty() {
        first.expected = None;
    }
    first
}

fn get_response(class: u8, length: usize) -> Command {
    // GET RESPONSE leaves the chaining bit off.
    Command::new(class & !0x10, GET_RESPONSE, 0, 0).expecting(length)
}

fn write<'a>(bytes: &[u8], response: &'a mut [u8]) -> Result<&'a [u8], ChannelError> {
    let part = response.get_mut(..bytes.len()).ok_or(ChannelError::TooLong)?;
    part.copy_from_slice(bytes);
    Ok(part)
}

#[cfg(test)]
mod tests {
    use super::exchange;
    use chipgate_apdu::ChannelError;

    /// A chip that expects these commands in turn and gives these answers.
    fn script(
        steps: &'static [(&'static [u8], &'static [u8])],
    ) -> impl FnMut(&[u8]) -> Result<Vec<u8>, ChannelError> {
        let mut steps = steps.iter();
        move |command| {
            let (expected, answer) = steps.next().expect("a further exchange");
            assert_eq!(command, *expected);
            Ok(answer.to_vec())
        }
    }

    #[test]
    fn fetches_what_the_chip_announces() {
        let send = script(&[
            (&[0, 0xA4, 4, 0, 1, 0xA0], &[0x61, 2]),
            (&[0, 0xC0, 0, 0, 2], &[1, 2, 0x61, 1]),
            (&[0, 0xC0, 0, 0, 1], &[3, 0x90, 0]),
        ]);
        let mut buffer = [0; 258];
        let response = exchange(send, &[0, 0xA4, 4, 0, 1, 0xA0, 0], &mut buffer);
        assert_eq!(response, Ok(&[1, 2, 3, 0x90, 0][..]));
    }

    #[test]
    fn asks_again_with_the_length_that_the_chip_wants() {
        let send = script(&[
            (&[0, 0xB0, 0, 0, 0], &[0x6C, 1]),
            (&[0, 0xB0, 0, 0, 1], &[7, 0x90, 0]),
        ]);
        let mut buffer = [0; 258];
        assert_eq!(
            exchange(send, &[0, 0xB0, 0, 0, 0], &mut buffer),
            Ok(&[7, 0x90, 0][..])
        );
    }

    #[test]
    fn ends_with_a_chip_that_never_stops_pointing_on() {
        let mut buffer = [0; 258];
        let response = exchange(|_| Ok(vec![0x61, 0]), &[0, 0xB0, 0, 0, 0], &mut buffer);
        assert_eq!(response, Err(ChannelError::Broken(0)));
    }
}
