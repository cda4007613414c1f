//! Times for people.

use chipgate_apdu::Timestamp;
use chipgate_lds::Date;

/// The day, as 2026-11-24 (UTC).
pub(crate) fn date(moment: Timestamp) -> String {
    Date::from_timestamp(moment).map_or_else(
        || "—".to_owned(),
        |day| format!("{:04}-{:02}-{:02}", day.year, day.month, day.day),
    )
}
