use core::{fmt, future::poll_fn, pin::pin, task::Poll};

/// A way to a chip, for complete APDUs.
///
/// Whatever lies below settles `61xx` and `6Cxx` under T=0, so that one command has one response. On a host a reader
/// blocks inside `transmit`; on a microcontroller it waits by interrupt.
#[allow(
    async_fn_in_trait,
    reason = "no one needs the future to be Send: a reader belongs to one thread"
)]
pub trait Channel {
    /// Sends `command` and returns the response, status word included, as a part of `response`.
    async fn transmit<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
    ) -> Result<&'a [u8], ChannelError>;

    /// The same, and does `work` while the chip is busy with the command: what is computed meanwhile costs no time. A channel
    /// that blocks in `transmit` and can't do both at once does one after the other; whatever becomes of the command, the
    /// work is done.
    async fn transmit_while<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
        work: &mut dyn FnMut(),
    ) -> Result<&'a [u8], ChannelError> {
        let mut answer = pin!(self.transmit(command, response));
        // A channel that waits by interrupt has sent the command when it is asked for the first time.
        let first = poll_fn(|context| Poll::Ready(answer.as_mut().poll(context))).await;
        work();
        match first {
            Poll::Ready(answer) => answer,
            Poll::Pending => answer.await,
        }
    }

    /// Resets the chip; every security state on it is gone. After [`ChannelError::CardLost`] a channel that can bring a
    /// card back waits here until one lies on the reader again, as long as it was told to; whether it is the same card
    /// is for the caller to find out.
    async fn reset(&mut self) -> Result<(), ChannelError>;

    /// What fits through this channel.
    fn limits(&self) -> Limits;
}

impl<C: Channel + ?Sized> Channel for &mut C {
    async fn transmit<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
    ) -> Result<&'a [u8], ChannelError> {
        (**self).transmit(command, response).await
    }

    async fn transmit_while<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
        work: &mut dyn FnMut(),
    ) -> Result<&'a [u8], ChannelError> {
        (**self).transmit_while(command, response, work).await
    }

    async fn reset(&mut self) -> Result<(), ChannelError> {
        (**self).reset().await
    }

    fn limits(&self) -> Limits {
        (**self).limits()
    }
}

/// Why an exchange with a chip came to nothing. Closed, so that it can be recorded, replayed and matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// The card left the reader.
    #[error("the card left the reader: lay it back and keep it still")]
    CardLost,
    /// The chip did not answer in time.
    #[error("the chip did not answer in time: lay the card again")]
    TimedOut,
    /// The command or the response does not fit the channel.
    #[error("the command or its response does not fit the reader: ask for less at a time")]
    TooLong,
    /// The reader or what lies below it failed, with its own code.
    #[error("the reader failed with code {0:#010X}: unplug it and plug it in again")]
    Broken(u32),
}

/// What a channel carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest command in bytes; 261 where only short length fields pass.
    pub command: usize,
    /// The longest response in bytes with its status word; 258 where only short length fields pass.
    pub response: usize,
    /// What the link is.
    pub link: Link,
}

impl Limits {
    /// Short length fields only (ISO/IEC 7816-4, 5.2): 255 bytes of data out, 256 in.
    #[must_use]
    pub const fn short(link: Link) -> Self {
        Self {
            command: 261,
            response: 258,
            link,
        }
    }

    /// Extended length fields: 65,535 bytes of data out, 65,536 in.
    #[must_use]
    pub const fn extended(link: Link) -> Self {
        Self {
            command: 65_544,
            response: 65_538,
            link,
        }
    }
}

/// What kind of link a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// A virtual card in the same process.
    InProcess,
    /// A contact reader (ISO/IEC 7816-3).
    Contact,
    /// A contactless reader (ISO/IEC 14443-4).
    Contactless,
    /// A recording.
    Replay,
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InProcess => "in-process",
            Self::Contact => "contact",
            Self::Contactless => "contactless",
            Self::Replay => "replay",
        })
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;
    use core::future::pending;

    use super::*;

    /// A chip whose answer takes a while: it is there when it is asked for the second time.
    struct Busy<'t> {
        trace: &'t Cell<&'static str>,
        interrupts: bool,
    }

    impl Channel for Busy<'_> {
        async fn transmit<'a>(&mut self, _: &[u8], response: &'a mut [u8]) -> Result<&'a [u8], ChannelError> {
            self.trace.set("sent");
            let mut asked = false;
            poll_fn(|context| {
                if asked || !self.interrupts {
                    return Poll::Ready(());
                }
                asked = true;
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
            self.trace.set(match self.trace.get() {
                "worked" => "worked, then answered",
                _ => "answered",
            });
            response[..2].copy_from_slice(&[0x90, 0x00]);
            Ok(&response[..2])
        }

        async fn reset(&mut self) -> Result<(), ChannelError> {
            pending().await
        }

        fn limits(&self) -> Limits {
            Limits::short(Link::InProcess)
        }
    }

    fn transmit_while(interrupts: bool) -> (bool, &'static str, &'static str) {
        let trace = Cell::new("");
        let mut chip = Busy {
            trace: &trace,
            interrupts,
        };
        let (mut buffer, mut before) = ([0; 258], "");
        let mut work = || {
            before = trace.get();
            trace.set("worked");
        };
        let answered = pollster::block_on(Channel::transmit_while(
            &mut &mut chip,
            &[0; 4],
            &mut buffer,
            &mut work,
        )) == Ok(&[0x90, 0x00][..]);
        (answered, before, trace.get())
    }

    #[test]
    fn work_is_done_while_a_chip_that_interrupts_is_busy() {
        assert_eq!(transmit_while(true), (true, "sent", "worked, then answered"));
    }

    #[test]
    fn work_is_done_after_a_channel_that_blocks() {
        assert_eq!(transmit_while(false), (true, "answered", "worked"));
    }
}
