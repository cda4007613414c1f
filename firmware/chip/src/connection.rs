use alloc::{vec, vec::Vec};

use chipgate_apdu::{Cancellation, Channel, ChannelError, Command, Response, StatusWord};
use chipgate_crypto::CryptoError;

use crate::{
    ChipError, Malformation, SecureMessagingFault, Step, Unsupported,
    secure_messaging::{SecureMessaging, ends_the_session},
};

/// The longest response, status word included, to a command with short length fields.
const SHORT_RESPONSE: usize = 258;
/// INS of GET RESPONSE (ISO/IEC 7816-4, 11.7.1).
const GET_RESPONSE: u8 = 0xC0;
/// In how many parts a chip may bring one response: 64 KiB come in 256.
const MOST_PARTS: usize = 300;

/// What is computed while the chip is busy.
pub(crate) type Work<'w> = &'w mut dyn FnMut();

/// A channel, and the secure messaging on it. After any error of secure messaging its keys are gone and nothing is
/// sent any more (Doc 9303-11, 9.8.7.4).
pub(crate) struct Connection<C> {
    channel: C,
    buffer: Vec<u8>,
    protection: Protection,
    extended: ExtendedLength,
    cancellation: Cancellation,
}

enum Protection {
    Plain,
    Secure(SecureMessaging),
    Closed,
}

/// Whether card and reader carry extended length fields.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ExtendedLength {
    Untried,
    Works,
    Fails,
}

impl<C: Channel> Connection<C> {
    pub(crate) fn new(channel: C, extended_length: bool) -> Self {
        let limits = channel.limits();
        let possible = extended_length && limits.response > SHORT_RESPONSE && limits.command > 261;
        Self {
            buffer: vec![0; limits.response.max(SHORT_RESPONSE)],
            channel,
            protection: Protection::Plain,
            extended: if possible {
                ExtendedLength::Untried
            } else {
                ExtendedLength::Fails
            },
            cancellation: Cancellation::new(),
        }
    }

    /// The same connection, which sends nothing any more once someone wishes to stop.
    pub(crate) fn cancelled_by(mut self, cancellation: &Cancellation) -> Self {
        self.cancellation = cancellation.clone();
        self
    }

    pub(crate) fn into_channel(self) -> C {
        self.channel
    }

    /// The channel as it stands.
    #[cfg(test)]
    pub(crate) const fn channel(&self) -> &C {
        &self.channel
    }

    /// As if extended length fields had been tried, where the channel carries them.
    #[cfg(test)]
    pub(crate) fn assume_extended_length(&mut self) {
        if self.extended == ExtendedLength::Untried {
            self.extended = ExtendedLength::Works;
        }
    }

    /// Whether an error has ended it.
    pub(crate) const fn is_closed(&self) -> bool {
        matches!(self.protection, Protection::Closed)
    }

    /// The keys of secure messaging, while there are any.
    #[cfg(test)]
    pub(crate) const fn keys(&self) -> Option<&chipgate_crypto::SessionKeys> {
        match &self.protection {
            Protection::Secure(messaging) => Some(messaging.keys()),
            Protection::Plain | Protection::Closed => None,
        }
    }

    /// From here on everything is protected with these keys; older ones are wiped.
    pub(crate) fn secure(&mut self, messaging: SecureMessaging) {
        self.protection = Protection::Secure(messaging);
    }

    /// Begins anew on the same chip: a reset, and plain commands after it.
    pub(crate) async fn restart(&mut self, step: Step) -> Result<(), ChipError> {
        self.unsecure();
        self.channel
            .reset()
            .await
            .map_err(|error| ChipError::channel(step, error))
    }

    /// Whether an access protocol has succeeded: commands go by secure messaging.
    pub(crate) const fn is_secured(&self) -> bool {
        matches!(self.protection, Protection::Secure(_))
    }

    /// Back to plain commands, for another access protocol after one that failed.
    pub(crate) fn unsecure(&mut self) {
        self.protection = Protection::Plain;
    }

    /// The most bytes of response data that one command brings here.
    pub(crate) fn most_data(&self) -> usize {
        let limit = match self.extended {
            ExtendedLength::Works => self.channel.limits().response,
            _ => self.channel.limits().response.min(SHORT_RESPONSE),
        };
        match &self.protection {
            Protection::Secure(messaging) => messaging.most_data(limit),
            Protection::Plain | Protection::Closed => limit.saturating_sub(2),
        }
    }

    /// Sends a command, protected if there are keys, and returns the response inside.
    pub(crate) async fn send(&mut self, step: Step, command: &Command) -> Result<Response, ChipError> {
        self.send_expecting(step, command, false, None).await
    }

    /// The same, with `work` done while the chip is busy; it is not done if the command is not sent.
    pub(crate) async fn send_while(
        &mut self,
        step: Step,
        command: &Command,
        work: Work<'_>,
    ) -> Result<Response, ChipError> {
        self.send_expecting(step, command, false, Some(work)).await
    }

    /// The same for a command that brings much data: with extended length fields if they are needed and work.
    pub(crate) async fn send_for_data(
        &mut self,
        step: Step,
        command: &Command,
    ) -> Result<Response, ChipError> {
        self.send_expecting(step, command, self.extended == ExtendedLength::Works, None)
            .await
    }

    async fn send_expecting(
        &mut self,
        step: Step,
        command: &Command,
        extended: bool,
        work: Option<Work<'_>>,
    ) -> Result<Response, ChipError> {
        let protected = match &mut self.protection {
            Protection::Plain => return self.exchange_whole(step, command, work).await,
            Protection::Closed => return Err(ChipError::SessionClosed { step }),
            Protection::Secure(messaging) => messaging.protect(command, extended),
        };
        let response = match protected {
            Ok(protected) => self.send_protected(step, &protected, work).await,
            Err(error) => Err(cipher_error(step, error)),
        };
        if response.is_err() {
            self.protection = Protection::Closed;
        }
        response
    }

    /// One command, in a chain of short ones where it needs extended length fields and they do not work here
    /// (Doc 9303-10, 3.6.5). Secure messaging protects the whole, and the chain is in plain; what the response is longer
    /// than a short Le asks for, the chip hands out in parts.
    async fn exchange_whole(
        &mut self,
        step: Step,
        command: &Command,
        work: Option<Work<'_>>,
    ) -> Result<Response, ChipError> {
        if self.extended != ExtendedLength::Fails || !command.is_extended() {
            return self.exchange(step, &encode(step, command)?, work).await;
        }
        let (last, rest) = command.short_chain();
        for link in rest {
            let response = self.transmit(step, &encode(step, &link)?, None).await?;
            if response.status != StatusWord::SUCCESS || !response.data.is_empty() {
                return Err(ChipError::Unsupported {
                    what: Unsupported::LongCommand(step),
                });
            }
        }
        self.exchange(step, &encode(step, &last)?, work).await
    }

    async fn send_protected(
        &mut self,
        step: Step,
        command: &Command,
        work: Option<Work<'_>>,
    ) -> Result<Response, ChipError> {
        let response = self.exchange_whole(step, command, work).await?;
        let Protection::Secure(messaging) = &mut self.protection else {
            return Err(ChipError::SessionClosed { step });
        };
        let inside = messaging
            .unprotect(&response)
            .map_err(|fault| ChipError::SecureMessaging { step, fault })?;
        if ends_the_session(inside.status) {
            let fault = SecureMessagingFault::Ended(inside.status);
            return Err(ChipError::SecureMessaging { step, fault });
        }
        Ok(inside)
    }

    /// SELECT in plain: with extended length fields while it is unknown whether they work, else with short ones. What
    /// it finds out decides how much is read at a time.
    pub(crate) async fn select(&mut self, step: Step, command: &Command) -> Result<StatusWord, ChipError> {
        if self.extended == ExtendedLength::Untried && matches!(self.protection, Protection::Plain) {
            match self.exchange(step, &encode_extended(command), None).await {
                Ok(response) if response.status.is_success() => {
                    self.extended = ExtendedLength::Works;
                    return Ok(response.status);
                }
                Err(error @ (ChipError::CardLost { .. } | ChipError::Cancelled { .. })) => return Err(error),
                // Chip or reader does not carry them, or the selection itself fails: the short ones tell.
                Ok(_) | Err(_) => {}
            }
            let status = self.send(step, command).await?.status;
            if status.is_success() {
                self.extended = ExtendedLength::Fails;
            }
            return Ok(status);
        }
        Ok(self.send(step, command).await?.status)
    }

    /// One command and the whole response to it, which a chip whose length fields are short may hand out in parts
    /// (ISO/IEC 7816-4, 5.3.4): secure messaging protects it as a whole, and each part is asked for in plain.
    async fn exchange(
        &mut self,
        step: Step,
        bytes: &[u8],
        work: Option<Work<'_>>,
    ) -> Result<Response, ChipError> {
        let mut response = self.transmit(step, bytes, work).await?;
        for _ in 0..MOST_PARTS {
            let Some(waiting) = response.status.waiting_length() else {
                return Ok(response);
            };
            let get_response = Command::new(0x00, GET_RESPONSE, 0x00, 0x00).expecting(waiting);
            let part = self.transmit(step, &encode(step, &get_response)?, None).await?;
            response.data.extend_from_slice(&part.data);
            response.status = part.status;
        }
        Err(ChipError::channel(step, ChannelError::TooLong))
    }

    async fn transmit(
        &mut self,
        step: Step,
        bytes: &[u8],
        work: Option<Work<'_>>,
    ) -> Result<Response, ChipError> {
        if self.cancellation.is_cancelled() {
            return Err(ChipError::Cancelled { step });
        }
        if bytes.len() > self.channel.limits().command {
            return Err(ChipError::channel(step, ChannelError::TooLong));
        }
        let response = match work {
            Some(work) => self.channel.transmit_while(bytes, &mut self.buffer, work).await,
            None => self.channel.transmit(bytes, &mut self.buffer).await,
        };
        let response = response.map_err(|error| ChipError::channel(step, error))?;
        Response::parse(response).map_err(|error| ChipError::malformed(step, Malformation::Apdu(error)))
    }
}

fn encode(step: Step, command: &Command) -> Result<Vec<u8>, ChipError> {
    command
        .encode()
        .map_err(|error| ChipError::malformed(step, Malformation::Apdu(error)))
}

/// A command without Le, with extended length fields although short ones would do.
fn encode_extended(command: &Command) -> Vec<u8> {
    let mut bytes = command.header().to_vec();
    bytes.push(0);
    bytes.extend_from_slice(&(command.data.len() as u16).to_be_bytes());
    bytes.extend_from_slice(&command.data);
    bytes
}

const fn cipher_error(step: Step, error: CryptoError) -> ChipError {
    ChipError::SecureMessaging {
        step,
        fault: SecureMessagingFault::Cipher(error),
    }
}
