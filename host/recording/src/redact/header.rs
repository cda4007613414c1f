//! The first line of a recording, with invented passwords and traces.

use std::collections::BTreeMap;

use rand_core::CryptoRng;

use crate::{Header, twin::Twin};

/// Whether a piece of context says nothing of a holder, and of nothing by which a report can be found: one of the words that it can be.
fn is_harmless(name: &str, value: &str) -> bool {
    let is_made_of = |is: fn(u8) -> bool| value.len() <= LONGEST_IDENTIFIER && value.bytes().all(is);
    match name {
        "command" => matches!(value, "inspect" | "read"),
        "pace" => is_made_of(|byte| byte.is_ascii_digit() || byte == b'.'),
        "allow-bac-after-pace" | "terminal" => value == "yes",
        "sequence" => is_made_of(|byte| byte.is_ascii_digit()),
        "freshness" => matches!(value, "none" | "online" | "offline"),
        _ => false,
    }
}

/// The longest object identifier of a protocol, and the longest number.
const LONGEST_IDENTIFIER: usize = 32;

/// Context by which the verifier, or whoever has its reports, would find the holder.
const TRACEABLE: [&str; 4] = ["previous", "nonce", "beacon", "challenge"];

/// The header with invented passwords and traces. What is not known to be harmless is left out.
pub(super) fn header(recorded: &Header, twin: &Twin, traces: &Traces) -> Header {
    let mut header = Header {
        secrets: false,
        context: BTreeMap::new(),
        ..recorded.clone()
    };
    let passwords = &twin.passwords;
    let invented = [
        ("mrz", &passwords.printed),
        ("mrz-key", &passwords.mrz_key),
        ("qr", &passwords.qr),
        ("can", &passwords.can),
        ("pin", &passwords.pin),
        ("puk", &passwords.puk),
    ];
    for (name, value) in recorded.context() {
        let value = match invented.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => value.as_deref(),
            None if is_harmless(name, value) => Some(value),
            None if TRACEABLE.contains(&name) => traces.in_place_of(value),
            None => None,
        };
        if let Some(value) = value {
            header = header.with(name, value);
        }
    }
    header
}

/// Hexadecimal traces of a report in the header, and what is invented for each: where two were the same they still are.
pub(super) struct Traces(BTreeMap<String, String>);

impl Traces {
    pub(super) fn new(recorded: &Header, rng: &mut impl CryptoRng) -> Self {
        let mut invented = BTreeMap::new();
        for trace in TRACEABLE.into_iter().filter_map(|name| recorded.get(name)) {
            invented.entry(trace.to_owned()).or_insert_with(|| {
                let mut bytes = vec![0; trace.len() / 2];
                rng.fill_bytes(&mut bytes);
                hex::encode(bytes)
            });
        }
        Self(invented)
    }

    fn in_place_of(&self, trace: &str) -> Option<&str> {
        self.0.get(trace).map(String::as_str)
    }

    /// The challenge that the chip was sent, in place of the recorded one.
    pub(super) fn challenge(&self, sent: &[u8]) -> Option<Vec<u8>> {
        hex::decode(self.in_place_of(&hex::encode(sent))?).ok()
    }
}
