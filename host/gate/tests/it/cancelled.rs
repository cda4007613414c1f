//! Someone wishes to stop before each single command in turn.

use chipgate_apdu::{Cancellation, Channel, ChannelError, Limits};
use chipgate_virtual_card::Profile;

use crate::common::{Link, Meddling, Stage, presented};

/// A link on which someone wishes to stop while this command is on its way.
struct Impatient {
    link: Link<'static>,
    at: usize,
    cancellation: Cancellation,
}

impl Channel for Impatient {
    async fn transmit<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
    ) -> Result<&'a [u8], ChannelError> {
        if self.link.exchanges.len() == self.at {
            self.cancellation.cancel();
        }
        self.link.transmit(command, response).await
    }

    async fn reset(&mut self) -> Result<(), ChannelError> {
        self.link.reset().await
    }

    fn limits(&self) -> Limits {
        self.link.limits()
    }
}

#[test]
fn nothing_is_sent_any_more_and_the_error_says_so() {
    let card = Stage::get().card(Profile::VnCccd);
    let mut at = 0;
    loop {
        let cancellation = Cancellation::new();
        let mut channel = Impatient {
            link: Link::new(presented(card), Meddling::None),
            at,
            cancellation: cancellation.clone(),
        };
        let outcome = Stage::get().inspect(card, &mut channel, &cancellation, &mut |_| {});
        let Err(error) = outcome else {
            break; // the last command was on its way already
        };
        assert_eq!(error.code(), "cancelled", "at command {at}: {error}");
        assert_eq!(channel.link.exchanges.len(), at + 1);
        at += 1;
    }
    assert!(at > 15, "only {at} commands");
}

#[test]
fn a_wish_to_stop_ends_the_waiting_for_a_lost_card() {
    let card = Stage::get().card(Profile::VnCccd);
    let cancellation = Cancellation::new();
    let mut link = Link::new(presented(card), Meddling::Lose(15));
    link.next = vec![presented(card)];
    let outcome = Stage::get().inspect(card, &mut link, &cancellation, &mut |event| {
        if event == chipgate_gate::Event::CardLost {
            cancellation.cancel();
        }
    });
    assert_eq!(outcome.unwrap_err().code(), "cancelled");
}
