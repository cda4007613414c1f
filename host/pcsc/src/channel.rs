use core::time::Duration;
use std::{panic::resume_unwind, thread};

use chipgate_apdu::{Cancellation, Channel, ChannelError, Limits, Link};
use pcsc::{Card, Disposition, Protocol, Protocols, ShareMode};

use crate::{PcscError, Readers, error::channel_error, transmission_protocol};

/// A card in a PC/SC reader, opened for this program alone. Dropping it resets the card.
pub struct PcscChannel {
    /// `None` only while it is being dropped.
    card: Option<Card>,
    reader: String,
    answer_to_reset: Vec<u8>,
    protocol: Protocol,
    readers: Readers,
    /// How long a card that left is waited for.
    patience: Duration,
    cancellation: Cancellation,
}

impl PcscChannel {
    pub(crate) fn new(card: Card, reader: String, readers: Readers) -> Result<Self, pcsc::Error> {
        let status = card.status2_owned()?;
        let protocol = status.protocol2().unwrap_or(Protocol::T1);
        Ok(Self {
            answer_to_reset: status.atr().to_vec(),
            card: Some(card),
            reader,
            protocol,
            readers,
            patience: Duration::ZERO,
            cancellation: Cancellation::new(),
        })
    }

    /// The same channel, whose [`reset`](Channel::reset) waits so long for a card that left the reader to come back,
    /// or for another one; `cancellation` ends the waiting.
    #[must_use]
    pub fn waiting_for_its_return(mut self, patience: Duration, cancellation: Cancellation) -> Self {
        self.patience = patience;
        self.cancellation = cancellation;
        self
    }

    /// Gives up the card that left, and takes the next one.
    fn wait_for_its_return(&mut self) -> Result<(), ChannelError> {
        // A card that is gone already can't be disconnected, and needs not be.
        let _ = self
            .card
            .take()
            .map(|card| card.disconnect(Disposition::LeaveCard));
        let reader = Some(self.reader.as_str());
        let waited = self
            .readers
            .wait_for_card_unless(reader, self.patience, &self.cancellation);
        let mut next = waited.map_err(|error| match error {
            PcscError::Service(error) => channel_error(error),
            _ => ChannelError::CardLost,
        })?;
        self.card = next.card.take();
        self.protocol = next.protocol;
        self.answer_to_reset = core::mem::take(&mut next.answer_to_reset);
        Ok(())
    }

    /// The name of the reader.
    #[must_use]
    pub fn reader(&self) -> &str {
        &self.reader
    }

    /// The answer to reset, as the reader gives it (PC/SC part 3 for contactless cards).
    #[must_use]
    pub fn answer_to_reset(&self) -> &[u8] {
        &self.answer_to_reset
    }

    /// Sends a command and blocks until the response is there.
    fn exchange<'a>(&mut self, command: &[u8], response: &'a mut [u8]) -> Result<&'a [u8], ChannelError> {
        let protocol = self.protocol;
        let card = self.card()?;
        if protocol == Protocol::T0 {
            let send = |command: &[u8]| {
                let mut buffer = [0; 258];
                let answer = card.transmit(command, &mut buffer).map_err(channel_error)?;
                whole(answer).map(<[u8]>::to_vec)
            };
            return transmission_protocol::exchange(send, command, response);
        }
        whole(card.transmit(command, response).map_err(channel_error)?)
    }

    fn card(&mut self) -> Result<&mut Card, ChannelError> {
        self.card.as_mut().ok_or(ChannelError::CardLost)
    }

    /// Contactless readers make an answer to reset of their own: `3B 8n 80 01 …` (PC/SC part 3, 3.1.3.2.3).
    fn is_contactless(&self) -> bool {
        matches!(self.answer_to_reset[..], [0x3B, t0, 0x80, 0x01, ..] if t0 & 0xF0 == 0x80)
    }
}

impl Channel for PcscChannel {
    async fn transmit<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
    ) -> Result<&'a [u8], ChannelError> {
        self.exchange(command, response)
    }

    /// The service blocks, so that a thread of its own waits for it.
    async fn transmit_while<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
        work: &mut dyn FnMut(),
    ) -> Result<&'a [u8], ChannelError> {
        thread::scope(|scope| {
            let answer = scope.spawn(|| self.exchange(command, response));
            work();
            answer.join().unwrap_or_else(|panic| resume_unwind(panic))
        })
    }

    async fn reset(&mut self) -> Result<(), ChannelError> {
        let reset = self.card().and_then(|card| {
            card.reconnect(ShareMode::Exclusive, Protocols::ANY, Disposition::ResetCard)
                .map_err(channel_error)
        });
        match reset {
            Err(ChannelError::CardLost) if !self.patience.is_zero() => self.wait_for_its_return(),
            reset => reset,
        }
    }

    fn limits(&self) -> Limits {
        let link = if self.is_contactless() {
            Link::Contactless
        } else {
            Link::Contact
        };
        if self.protocol == Protocol::T0 {
            Limits::short(link)
        } else {
            Limits::extended(link)
        }
    }
}

/// A reader that loses the card in the middle of a command can call it a success without an answer. No chip answers
/// without a status word (ISO/IEC 7816-4, 5.1), so this says nothing about the chip.
fn whole(answer: &[u8]) -> Result<&[u8], ChannelError> {
    if answer.len() < 2 {
        return Err(ChannelError::CardLost);
    }
    Ok(answer)
}

impl Drop for PcscChannel {
    fn drop(&mut self) {
        if let Some(card) = self.card.take() {
            // A card that is gone already can't be reset, and needs not be.
            let _ = card.disconnect(Disposition::ResetCard);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::whole;
    use chipgate_apdu::ChannelError;

    #[test]
    fn an_answer_without_a_status_word_is_a_lost_card() {
        assert_eq!(whole(&[]), Err(ChannelError::CardLost));
        assert_eq!(whole(&[0x90]), Err(ChannelError::CardLost));
        assert_eq!(whole(&[0x90, 0x00]), Ok(&[0x90, 0x00][..]));
    }
}
