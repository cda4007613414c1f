//! What a change took away that nobody asked to remove.

use std::collections::BTreeMap;

use chipgate_trust_store::{Listed, LossCause, Lost};
use serde_json::{Value, json};

use super::text::fingerprint_line;
use crate::prose::{counted, wrapped};

/// How many of those with one reason are named.
const MOST_NAMED: usize = 10;

/// Whether an operator must look at it. That the anchors of a list go with it is what was asked for.
pub(super) fn is_to_be_looked_at(lost: &[Lost]) -> bool {
    lost.iter()
        .any(|one| !matches!(one.why, LossCause::ListGone { .. }))
}

/// Those with one reason together.
pub(super) fn to_text(lost: &[Lost]) -> String {
    let mut by_reason: BTreeMap<&LossCause, Vec<&Listed>> = BTreeMap::new();
    for one in lost {
        by_reason.entry(&one.why).or_default().push(&one.certificate);
    }
    let mut text = String::new();
    for (why, certificates) in by_reason {
        let count = counted(certificates.len(), "certificate");
        let says = format!("{count} that counted before: {why}");
        text += &wrapped("lost           ", &" ".repeat(15), &says);
        for item in certificates.iter().take(MOST_NAMED) {
            text += &wrapped("    ", "      ", &format!("{} {}", item.kind, item.subject));
            text += &fingerprint_line(&item.fingerprint);
        }
        if certificates.len() > MOST_NAMED {
            let more = certificates.len() - MOST_NAMED;
            text += &wrapped("    ", "      ", &format!("and {more} more, which --json names"));
        }
    }
    text
}

pub(super) fn to_json(lost: &[Lost]) -> Value {
    let lost = lost.iter().map(|one| {
        json!({ "kind": one.certificate.kind.to_string(), "subject": one.certificate.subject,
                "fingerprint": one.certificate.fingerprint, "why": one.why.to_string() })
    });
    lost.collect()
}
