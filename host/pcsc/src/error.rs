use chipgate_apdu::ChannelError;

/// Why no card could be reached through PC/SC.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PcscError {
    /// The PC/SC service does not run.
    #[error(
        "the smart-card service does not answer: start it (Linux: `sudo systemctl start pcscd`, or `pcscd --foreground`)"
    )]
    NoService,
    /// No reader is connected.
    #[error("no smart-card reader is connected: plug one in, then look with `chipgate readers`")]
    NoReader,
    /// No reader of this name is connected.
    #[error("there is no reader {wanted:?}; connected: {}", list(connected))]
    UnknownReader {
        /// The name asked for.
        wanted: String,
        /// The names of the connected ones.
        connected: Vec<String>,
    },
    /// No card came in time.
    #[error("no card was laid on {} within {seconds} s", list(readers))]
    NoCard {
        /// How long it was waited.
        seconds: u64,
        /// The readers that were looked at.
        readers: Vec<String>,
    },
    /// A card lies there but does not answer.
    #[error("the card does not answer in {reader:?}: turn it around, or lay it again")]
    UnresponsiveCard {
        /// The reader it lies on.
        reader: String,
    },
    /// Another program holds the card.
    #[error("another program uses the card in {reader:?}: close it and try again")]
    InUse {
        /// The reader it lies on.
        reader: String,
    },
    /// Someone wished to stop while a card was waited for.
    #[error("cancelled while a card was waited for")]
    Cancelled,
    /// The service failed in another way; its own code.
    #[error("the smart-card service failed: {0}")]
    Service(pcsc::Error),
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

impl From<pcsc::Error> for PcscError {
    fn from(error: pcsc::Error) -> Self {
        match error {
            pcsc::Error::NoService | pcsc::Error::ServiceStopped => Self::NoService,
            pcsc::Error::NoReadersAvailable => Self::NoReader,
            other => Self::Service(other),
        }
    }
}

/// What a failed exchange means to whoever talks to the chip.
pub(crate) fn channel_error(error: pcsc::Error) -> ChannelError {
    match error {
        pcsc::Error::RemovedCard | pcsc::Error::NoSmartcard | pcsc::Error::ResetCard => {
            ChannelError::CardLost
        }
        // A chip that left the field mid-command shows as one of these, depending on the driver.
        pcsc::Error::NotTransacted | pcsc::Error::UnpoweredCard => ChannelError::CardLost,
        pcsc::Error::Timeout => ChannelError::TimedOut,
        pcsc::Error::InsufficientBuffer => ChannelError::TooLong,
        other => ChannelError::Broken(other as u32),
    }
}

#[cfg(test)]
mod tests {
    use super::{PcscError, channel_error};
    use chipgate_apdu::ChannelError;

    #[test]
    fn a_missing_service_says_how_to_start_it() {
        let error = PcscError::from(pcsc::Error::NoService);
        assert_eq!(error, PcscError::NoService);
        assert!(error.to_string().contains("pcscd"));
    }

    #[test]
    fn an_unknown_reader_lists_the_connected_ones() {
        let error = PcscError::UnknownReader {
            wanted: "A".into(),
            connected: vec!["B".into(), "C".into()],
        };
        assert_eq!(error.to_string(), "there is no reader \"A\"; connected: B, C");
    }

    #[test]
    fn a_card_that_left_is_lost_and_everything_unknown_keeps_its_code() {
        assert_eq!(channel_error(pcsc::Error::RemovedCard), ChannelError::CardLost);
        assert_eq!(
            channel_error(pcsc::Error::CommError),
            ChannelError::Broken(0x8010_0013)
        );
    }
}
