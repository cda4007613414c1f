//! What a reason means and what to do about it, in the languages of those who have to.
//!
//! The pages of `docs/` are the one source: they are compiled in, and their rows are what programs and pages show. A test
//! holds both pages against [`Reason::ALL`].

use crate::reason::Reason;

/// A language that reasons are explained in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Vietnamese.
    Vietnamese,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::English, Self::Vietnamese];

    /// Its code (ISO 639-1), as in `LANG` and in `Accept-Language`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Vietnamese => "vi",
        }
    }

    /// The language of a tag such as `vi`, `vi-VN` or `vi_VN.UTF-8`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let code = tag
            .split(|character: char| !character.is_ascii_alphanumeric())
            .next()?;
        Self::ALL
            .into_iter()
            .find(|language| language.code().eq_ignore_ascii_case(code))
    }

    const fn page(self) -> &'static str {
        match self {
            Self::English => include_str!("../../../docs/reasons.md"),
            Self::Vietnamese => include_str!("../../../docs/reasons.vi.md"),
        }
    }
}

impl Reason {
    /// One sentence on what it means.
    #[must_use]
    pub fn meaning_in(self, language: Language) -> &'static str {
        self.cell(language, 1)
    }

    /// What an operator should do. Names of checks and commands stand between backticks.
    #[must_use]
    pub fn advice(self, language: Language) -> &'static str {
        self.cell(language, 2)
    }

    /// A cell of the reason's row, counted from the one of the checks.
    fn cell(self, language: Language, column: usize) -> &'static str {
        let of_row = |line: &'static str| {
            let row = line
                .strip_prefix("| `")?
                .strip_prefix(self.name())?
                .strip_prefix("` |")?;
            row.split('|').nth(column)
        };
        // That there is a row, with this cell, is what the test of the pages proves.
        language
            .page()
            .lines()
            .find_map(of_row)
            .unwrap_or_default()
            .trim_ascii()
    }
}
