//! A virtual card as a channel in the same process.

use std::thread;

use chipgate_apdu::{Channel, ChannelError, Limits, Link};

use crate::VirtualCard;

/// A channel to a card in the same process. It gives the card power, and takes its time where the card wants it.
#[derive(Debug)]
pub struct InProcess {
    card: VirtualCard,
}

impl InProcess {
    /// Gives the card power.
    pub fn new(mut card: VirtualCard) -> Self {
        card.power_on();
        Self { card }
    }

    /// The card.
    pub const fn card(&self) -> &VirtualCard {
        &self.card
    }

    /// Takes the card out again.
    pub fn into_card(mut self) -> VirtualCard {
        self.card.power_off();
        self.card
    }
}

impl Channel for InProcess {
    async fn transmit<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
    ) -> Result<&'a [u8], ChannelError> {
        if self.card.is_gone() {
            return Err(ChannelError::CardLost);
        }
        thread::sleep(self.card.delay(command));
        let answer = self.card.respond(command);
        if self.card.is_gone() && answer.is_empty() {
            return Err(ChannelError::CardLost);
        }
        if answer.is_empty() {
            return Err(ChannelError::TimedOut);
        }
        let place = response.get_mut(..answer.len()).ok_or(ChannelError::TooLong)?;
        place.copy_from_slice(&answer);
        Ok(place)
    }

    async fn reset(&mut self) -> Result<(), ChannelError> {
        if self.card.is_gone_for_good() {
            return Err(ChannelError::CardLost);
        }
        self.card.reset();
        Ok(())
    }

    fn limits(&self) -> Limits {
        if self.card.takes_extended_length() {
            Limits::extended(Link::InProcess)
        } else {
            Limits::short(Link::InProcess)
        }
    }
}
