//! A contactless link and the chip behind it, as far as their time goes.
//!
//! The model, after ISO/IEC 14443-3 (type A) and 14443-4:
//!
//! - 424 kbit/s both ways; a byte takes nine bits, its parity among them: 21.2 µs.
//! - Frames of at most 256 bytes, three of which are the block's own (PCB and CRC). A longer command or response is
//!   chained, and each block of the chain but the last is acknowledged by a block of three bytes.
//! - 100 µs between a frame and the one that answers it.
//! - The chip computes 3 ms over a command, 60 ms over a step of GENERAL AUTHENTICATE or EXTERNAL AUTHENTICATE, 150 ms over
//!   a signature, and takes 4 µs over each byte that it reads and protects.
//!
//! What the card in this process computes is a part of the chip's time, not added to it.

use std::{
    thread,
    time::{Duration, Instant},
};

use chipgate_apdu::{Channel, ChannelError, Limits};

/// Nine bits at 424 kbit/s.
const BYTE: Duration = Duration::from_nanos(21_226);
/// The bytes of a frame that carry the command or response.
const PAYLOAD: usize = 253;
/// PCB and CRC.
const OVERHEAD: usize = 3;
/// Between a frame and its answer.
const TURN: Duration = Duration::from_micros(100);
const COMMAND: Duration = Duration::from_millis(3);
const AGREEMENT: Duration = Duration::from_millis(60);
const SIGNATURE: Duration = Duration::from_millis(150);
const PROTECTED_BYTE: Duration = Duration::from_micros(4);
/// A sleep may end so much too late; the rest is waited for awake.
const LATE: Duration = Duration::from_micros(200);

/// A channel that takes the time of the modelled link and chip.
#[derive(Debug)]
pub struct ModelledLink<C> {
    channel: C,
    spent: Duration,
}

impl<C: Channel> ModelledLink<C> {
    /// Puts the model around a channel.
    pub const fn new(channel: C) -> Self {
        Self {
            channel,
            spent: Duration::ZERO,
        }
    }

    /// The time that link and chip have taken so far: no reader is faster.
    pub const fn spent(&self) -> Duration {
        self.spent
    }
}

impl<C: Channel> Channel for ModelledLink<C> {
    async fn transmit<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
    ) -> Result<&'a [u8], ChannelError> {
        self.transmit_while(command, response, &mut || {}).await
    }

    /// The work is done within the time that the model takes.
    async fn transmit_while<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
        work: &mut dyn FnMut(),
    ) -> Result<&'a [u8], ChannelError> {
        let begun = Instant::now();
        let answer = self.channel.transmit_while(command, response, work).await?;
        let time = frames(command.len()) + chip(command, answer.len()) + frames(answer.len());
        self.spent += time;
        wait_until(begun + time);
        Ok(answer)
    }

    async fn reset(&mut self) -> Result<(), ChannelError> {
        self.channel.reset().await
    }

    fn limits(&self) -> Limits {
        self.channel.limits()
    }
}

/// How long so many bytes are on their way, in a chain of frames.
fn frames(length: usize) -> Duration {
    let frames = length.div_ceil(PAYLOAD).max(1);
    let acknowledged = frames - 1;
    let bytes = length + (frames + acknowledged) * OVERHEAD;
    BYTE * count(bytes) + TURN * count(frames + acknowledged)
}

/// How long the chip takes over a command.
fn chip(command: &[u8], answer: usize) -> Duration {
    let work = match command.get(1) {
        Some(0x82 | 0x86) => AGREEMENT,
        Some(0x88) => SIGNATURE,
        _ => COMMAND,
    };
    work + PROTECTED_BYTE * count(answer)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn wait_until(end: Instant) {
    thread::sleep(end.saturating_duration_since(Instant::now()).saturating_sub(LATE));
    while Instant::now() < end {
        std::hint::spin_loop();
    }
}

#[cfg(test)]
mod tests {
    use super::{BYTE, OVERHEAD, TURN, chip, frames};
    use std::time::Duration;

    #[test]
    fn a_short_command_is_one_frame_and_a_long_one_a_chain() {
        assert_eq!(frames(5), BYTE * (5 + OVERHEAD as u32) + TURN);
        // Two frames, and the acknowledgement between.
        assert_eq!(frames(254), BYTE * (254 + 3 * OVERHEAD as u32) + TURN * 3);
        // 20 KB at 424 kbit/s.
        let portrait = frames(20 * 1024).as_secs_f64();
        assert!((0.43..0.48).contains(&portrait), "{portrait}");
    }

    #[test]
    fn a_signature_takes_longer_than_reading() {
        assert!(chip(&[0, 0x88], 258) > chip(&[0, 0x86], 69));
        assert_eq!(chip(&[0, 0xB0], 0), Duration::from_millis(3));
    }
}
