//! The page that lists the reports.

use askama::Template;
use serde::Deserialize;

use super::{Choice, labels};
use crate::disagreement::Disagreement;
use crate::store::{Filter, ReportLine, Tally};
use crate::time::Utc;

/// How many reports a page shows.
const ROWS: u32 = 50;

/// What the filter's form sends. Empty means all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct ListQuery {
    verdict: String,
    device: String,
    agreement: String,
    before: Option<u64>,
}

impl ListQuery {
    /// What the store is asked: one row more than is shown tells whether there are older ones.
    pub(crate) fn filter(&self) -> Filter {
        let chosen = |value: &String| (!value.is_empty()).then(|| value.clone());
        Filter {
            verdict: chosen(&self.verdict),
            device: chosen(&self.device),
            agrees: match self.agreement.as_str() {
                "agrees" => Some(true),
                "disagrees" => Some(false),
                _ => None,
            },
            before: self.before,
            limit: ROWS + 1,
        }
    }

    fn is_empty(&self) -> bool {
        self.verdict.is_empty() && self.device.is_empty() && self.agreement.is_empty()
    }

    /// The address of the page with the reports before `number`. Values that are no plain name are left out.
    fn older(&self, number: u64) -> String {
        let mut address = format!("/?before={number}");
        for (name, value) in [
            ("verdict", &self.verdict),
            ("device", &self.device),
            ("agreement", &self.agreement),
        ] {
            if !value.is_empty() && crate::device::is_name(value) {
                address.extend(["&", name, "=", value]);
            }
        }
        address
    }
}

#[derive(Debug, Template)]
#[template(path = "list.html")]
pub(crate) struct ListPage {
    tally: Tally,
    verdicts: Vec<Choice>,
    devices: Vec<Choice>,
    agreements: Vec<Choice>,
    filtered: bool,
    rows: Vec<Row>,
    older: Option<String>,
    refused: usize,
}

#[derive(Debug)]
struct Row {
    id: String,
    received: String,
    made: String,
    verdict: String,
    tone: &'static str,
    gate_verdict: String,
    /// Whether something contradicts the gate.
    alert: bool,
    agreement: &'static str,
    device: String,
    issuing_state: String,
    issuer_known: bool,
    stopped_by: String,
    stopped_by_name: String,
    flags: usize,
}

impl ListPage {
    /// The page for `query`, given what the store found, the devices' names, today's counts, and how many kinds of
    /// refusals there were today.
    pub(crate) fn new(
        query: &ListQuery,
        lines: &[ReportLine],
        devices: &[String],
        tally: Tally,
        refused: usize,
    ) -> Self {
        let shown = &lines[..lines.len().min(ROWS as usize)];
        let older = (lines.len() > shown.len()).then(|| shown.last().map(|line| query.older(line.number)));
        let same = |name: &str| (name.to_owned(), name.to_owned());
        let verdicts = ["accept", "refer", "refuse"].map(|v| (v.to_owned(), labels::verdict(v).to_owned()));
        let agreements = ["agrees", "disagrees"].map(same);
        Self {
            tally,
            verdicts: choices(verdicts, &query.verdict),
            devices: choices(devices.iter().map(|name| same(name)), &query.device),
            agreements: choices(agreements, &query.agreement),
            filtered: !query.is_empty(),
            rows: shown.iter().map(row).collect(),
            older: older.flatten(),
            refused,
        }
    }

    #[expect(clippy::unused_self, reason = "the layout asks every page")]
    fn section(&self) -> &'static str {
        "reports"
    }
}

fn choices(options: impl IntoIterator<Item = (String, String)>, chosen: &str) -> Vec<Choice> {
    let choice = |(value, label)| Choice {
        chosen: value == chosen,
        value,
        label,
    };
    options.into_iter().map(choice).collect()
}

fn row(line: &ReportLine) -> Row {
    Row {
        id: hex::encode(line.id),
        received: Utc(line.received_at).short(),
        made: Utc(line.made_at).short(),
        verdict: labels::verdict(&line.verdict).to_owned(),
        tone: labels::tone(&line.verdict),
        gate_verdict: labels::verdict(&line.gate_verdict).to_owned(),
        alert: matches!(
            line.disagreement,
            Some(Disagreement::Contradiction | Disagreement::Anchors)
        ),
        agreement: labels::disagreement_word(line.disagreement),
        device: line.device.clone(),
        issuing_state: line.issuing_state.clone().unwrap_or_default(),
        issuer_known: line.issuer_known,
        stopped_by_name: line.stopped_by.clone().unwrap_or_default(),
        stopped_by: line
            .stopped_by
            .as_deref()
            .map(|check| labels::check(check).0.to_owned())
            .unwrap_or_default(),
        flags: line.flags,
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn shows_the_newest_reports_and_what_stopped_them() {
        let page = ListPage::new(
            &ListQuery::default(),
            &samples::lines(),
            &samples::device_names(),
            samples::tally(),
            2,
        );
        insta::assert_snapshot!(page.render().unwrap());
    }

    #[test]
    fn says_that_no_report_has_arrived() {
        let page = ListPage::new(&ListQuery::default(), &[], &[], Tally::default(), 0);
        assert!(page.render().unwrap().contains("No report has arrived yet"));
    }

    #[test]
    fn leads_to_older_reports_with_the_same_filter() {
        let lines: Vec<_> = samples::lines().into_iter().cycle().take(51).collect();
        let query = ListQuery {
            verdict: "refuse".into(),
            ..ListQuery::default()
        };
        let page = ListPage::new(&query, &lines, &[], Tally::default(), 0);
        assert!(
            page.older
                .is_some_and(|address| address.ends_with("&verdict=refuse"))
        );
        assert_eq!(page.rows.len(), 50);
    }

    #[test]
    fn escapes_what_a_browser_sends() {
        let query = ListQuery {
            device: "\"><script>".into(),
            ..ListQuery::default()
        };
        let page = ListPage::new(&query, &samples::lines(), &["<b>".into()], Tally::default(), 0);
        let html = page.render().unwrap();
        assert!(!html.contains("<script>") && !html.contains("<b>\n"), "{html}");
        assert_eq!(query.older(3), "/?before=3");
    }
}
