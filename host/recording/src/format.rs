//! The lines of a recording (docs/schemas/recording.cddl).

use std::collections::BTreeMap;

use chipgate_apdu::{ChannelError, Limits, Link, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// The version of the format that is written; older ones, from 1, are read.
pub(crate) const VERSION: u32 = 2;
/// The first version whose files end with a line of their own.
pub(crate) const VERSION_WITH_END: u32 = 2;
/// What the first line calls the format.
pub(crate) const FORMAT: &str = "chipgate-recording";

/// The first line: what the file is, and what a replay must know before the first command.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    pub(crate) format: String,
    pub(crate) version: u32,
    /// Whether it holds passwords, random numbers and personal data of a holder; false only after redaction.
    pub(crate) secrets: bool,
    /// When it was begun, in milliseconds since 1970.
    pub(crate) created: u64,
    pub(crate) command_limit: usize,
    pub(crate) response_limit: usize,
    #[serde(with = "link")]
    pub(crate) link: Link,
    /// What the recording program adds, such as the password and the place of the report in its chain.
    #[serde(default)]
    pub(crate) context: BTreeMap<String, String>,
}

impl Header {
    /// The header of a recording of a channel with these limits, begun at `created`.
    #[must_use]
    pub fn new(limits: Limits, created: Timestamp) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            secrets: true,
            created: created.0,
            command_limit: limits.command,
            response_limit: limits.response,
            link: limits.link,
            context: BTreeMap::new(),
        }
    }

    /// The same with a piece of context.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.context.insert(name.to_owned(), value.into());
        self
    }

    /// A piece of context.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.context.get(name).map(String::as_str)
    }

    /// Every piece of context, by its name.
    pub fn context(&self) -> impl Iterator<Item = (&str, &str)> {
        self.context
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Whether the file holds secrets and personal data of a holder.
    #[must_use]
    pub const fn secrets(&self) -> bool {
        self.secrets
    }

    /// When it was begun.
    #[must_use]
    pub const fn created(&self) -> Timestamp {
        Timestamp(self.created)
    }

    /// What the channel carried. The link is told as it was; a replay is one of its own.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        Limits {
            command: self.command_limit,
            response: self.response_limit,
            link: self.link,
        }
    }
}

/// Shows nothing of the context: the password stands there.
impl core::fmt::Debug for Header {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Header")
            .field("created", &self.created)
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}

/// A line after the first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Entry {
    /// A command and what came of it, `at` microseconds after the beginning, `took` microseconds long.
    Exchange {
        /// When it was sent.
        at: u64,
        /// How long it took.
        took: u64,
        /// The command.
        #[serde(with = "hex")]
        command: Vec<u8>,
        /// What came of it.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// The chip was reset.
    Reset {
        /// When, in microseconds after the beginning.
        reset: u64,
        /// How it failed, if it did.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_error")]
        error: Option<ChannelError>,
    },
    /// Random numbers were drawn.
    Random {
        /// The bytes.
        #[serde(with = "hex")]
        random: Vec<u8>,
    },
    /// The clock was read.
    Clock {
        /// Milliseconds since 1970.
        clock: u64,
    },
}

/// What came of a command.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The response, status word included.
    Response(#[serde(with = "hex")] Vec<u8>),
    /// The exchange failed.
    Error(#[serde(with = "error")] ChannelError),
}

/// The last line of a file: how many lines stand before it, the SHA-256 of their bytes, and the first two bytes of the
/// SHA-256 of each, which tell where a file was changed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct End {
    #[serde(rename = "end")]
    pub(crate) count: usize,
    pub(crate) sha256: String,
    pub(crate) lines: String,
}

/// Makes the last line while the others are written or read.
#[derive(Clone, Default)]
pub(crate) struct Seal {
    count: usize,
    whole: Sha256,
    lines: String,
}

impl Seal {
    /// Takes a line with its end.
    pub(crate) fn line(&mut self, line: &[u8]) {
        self.count += 1;
        self.whole.update(line);
        self.lines.push_str(&hex::encode(&Sha256::digest(line)[..2]));
    }

    pub(crate) fn end(&self) -> End {
        End {
            count: self.count,
            sha256: hex::encode(self.whole.clone().finalize()),
            lines: self.lines.clone(),
        }
    }
}

impl End {
    /// The first line, from 1, that is not as another end has it; the end itself where all the others are.
    pub(crate) fn first_difference(&self, other: &Self) -> usize {
        const DIGITS: usize = 4;
        if self.sha256 == other.sha256 {
            return other.count + 1;
        }
        let (ours, others) = (
            self.lines.as_bytes().chunks(DIGITS),
            other.lines.as_bytes().chunks(DIGITS),
        );
        let same = ours.zip(others).take_while(|(our, other)| our == other);
        same.count() + 1
    }
}

impl Entry {
    /// What it is, for messages.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Exchange { .. } => "a command",
            Self::Reset { .. } => "a reset",
            Self::Random { .. } => "a random number",
            Self::Clock { .. } => "a clock reading",
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
mod link {
    use super::{Deserialize, Deserializer, Link, Serializer};

    const ALL: [(&str, Link); 4] = [
        ("in-process", Link::InProcess),
        ("contact", Link::Contact),
        ("contactless", Link::Contactless),
        ("replay", Link::Replay),
    ];

    pub fn serialize<S: Serializer>(link: &Link, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(link)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Link, D::Error> {
        let name = String::deserialize(deserializer)?;
        let found = ALL.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, link)| *link)
            .ok_or_else(|| serde::de::Error::custom("an unknown link"))
    }
}

/// `card-lost`, `timed-out`, `too-long`, or `broken-` with eight hexadecimal digits.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
mod error {
    use super::{ChannelError, Deserialize, Deserializer, Serializer};

    const BROKEN: &str = "broken-";

    pub fn name(error: ChannelError) -> String {
        match error {
            ChannelError::CardLost => "card-lost".to_owned(),
            ChannelError::TimedOut => "timed-out".to_owned(),
            ChannelError::TooLong => "too-long".to_owned(),
            ChannelError::Broken(code) => format!("{BROKEN}{code:08x}"),
        }
    }

    pub fn parse(name: &str) -> Option<ChannelError> {
        match name {
            "card-lost" => Some(ChannelError::CardLost),
            "timed-out" => Some(ChannelError::TimedOut),
            "too-long" => Some(ChannelError::TooLong),
            _ => u32::from_str_radix(name.strip_prefix(BROKEN)?, 16)
                .ok()
                .map(ChannelError::Broken),
        }
    }

    pub fn serialize<S: Serializer>(error: &ChannelError, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&name(*error))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ChannelError, D::Error> {
        parse(&String::deserialize(deserializer)?).ok_or_else(|| serde::de::Error::custom("an unknown error"))
    }
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    clippy::ref_option,
    reason = "serde passes a reference to the field"
)]
mod optional_error {
    use super::{ChannelError, Deserialize, Deserializer, Serialize, Serializer, error};

    pub fn serialize<S: Serializer>(value: &Option<ChannelError>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(error::name).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ChannelError>, D::Error> {
        let Some(name) = Option::<String>::deserialize(deserializer)? else {
            return Ok(None);
        };
        error::parse(&name)
            .map(Some)
            .ok_or_else(|| serde::de::Error::custom("an unknown error"))
    }
}
