//! The language in which a page says what to do.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use chipgate_inspection::Language;

/// The language that was chosen on the page, else the one that the browser prefers (RFC 9110, section 12.5.4), else English.
pub(crate) fn language(chosen: Option<&str>, headers: &HeaderMap) -> Language {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    chosen
        .and_then(Language::from_tag)
        .or_else(|| preferred(accepted?))
        .unwrap_or_default()
}

/// The known language with the highest weight, of equals the first.
fn preferred(accepted: &str) -> Option<Language> {
    let mut best = None;
    for range in accepted.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let Some(language) = parts.next().and_then(Language::from_tag) else {
            continue;
        };
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        let weight: f32 = weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
        if weight > 0.0 && best.is_none_or(|(_, least)| weight > least) {
            best = Some((language, weight));
        }
    }
    best.map(|(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_the_browser_prefers_and_what_was_chosen_before_that() {
        for (accepted, expected) in [
            ("vi", Language::Vietnamese),
            ("vi-VN,vi;q=0.9,en;q=0.8", Language::Vietnamese),
            ("en;q=0.4, vi;q=0.5", Language::Vietnamese),
            ("en-US,en;q=0.9,vi;q=0.8", Language::English),
            ("de, vi;q=0", Language::English),
            ("*", Language::English),
            ("", Language::English),
            ("vi;q=much", Language::English),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, accepted.parse().unwrap());
            assert_eq!(language(None, &headers), expected, "{accepted}");
            assert_eq!(language(Some("vi"), &headers), Language::Vietnamese, "{accepted}");
        }
        assert_eq!(language(Some("nonsense"), &HeaderMap::new()), Language::English);
    }
}
