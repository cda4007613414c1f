//! The pages that an official reads: plain, without scripts, without anything from elsewhere, without personal data.

mod devices;
mod labels;
mod language;
mod list;
mod report;
#[cfg(test)]
pub(crate) mod samples;

use askama::Template;

pub(crate) use devices::DevicesPage;
pub(crate) use language::language;
pub(crate) use list::{ListPage, ListQuery};
pub(crate) use report::ReportPage;

/// The style sheet of all pages.
pub(crate) const STYLE: &str = include_str!("../../templates/style.css");

/// A page that says one thing.
#[derive(Debug, Template)]
#[template(path = "message.html")]
pub(crate) struct MessagePage {
    title: &'static str,
    message: String,
}

impl MessagePage {
    pub(crate) fn new(title: &'static str, message: String) -> Self {
        Self { title, message }
    }

    #[expect(clippy::unused_self, reason = "the layout asks every page")]
    fn section(&self) -> &'static str {
        ""
    }
}

/// A sentence in which names of checks and commands stand between backticks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Template)]
#[template(
    ext = "html",
    source = "{% for piece in pieces %}{% if piece.code %}<code>{{ piece.text }}</code>{% else %}{{ piece.text }}{% endif %}{% endfor %}"
)]
struct Prose {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    text: &'static str,
    code: bool,
}

impl Prose {
    fn new(text: &'static str) -> Self {
        let pieces = text.split('`').enumerate();
        let pieces = pieces.map(|(index, text)| Piece {
            text,
            code: index % 2 == 1,
        });
        Self {
            pieces: pieces.filter(|piece| !piece.text.is_empty()).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

/// A choice in a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// A line in a list of facts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fact {
    name: &'static str,
    value: String,
    /// Whether the value is for machines.
    code: bool,
}

impl Fact {
    fn text(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            value: value.into(),
            code: false,
        }
    }

    fn code(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            value: value.into(),
            code: true,
        }
    }
}
