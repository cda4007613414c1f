//! The language in which a person is told what to do.

use chipgate_inspection::Language;

/// What names a person's language, the first before the others (POSIX, "Internationalization Variables").
const VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// The language that was named, else that of the environment, else English.
pub(crate) fn or_environment(named: Option<Language>) -> Language {
    let set = |variable| std::env::var(variable).ok().filter(|tag| !tag.is_empty());
    named
        .or_else(|| Language::from_tag(&VARIABLES.into_iter().find_map(set)?))
        .unwrap_or_default()
}

/// A language of the command line.
pub(crate) fn parse(tag: &str) -> Result<Language, String> {
    Language::from_tag(tag).ok_or_else(|| {
        let codes: Vec<_> = Language::ALL.iter().map(|language| language.code()).collect();
        format!("there is {}", codes.join(" and "))
    })
}
