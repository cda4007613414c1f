//! Reading a policy file, with the line of whatever is wrong in it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;

use chipgate_trust::{PathOptions, ValidityTime};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::check::{Check, CheckResult};
use crate::effect::{Effect, Weight};
use crate::policy::Rule;
use crate::policy_error::PolicyError;
use crate::reason::Reason;
use crate::report_cbor::LONGEST_TEXT;

const A_NAME: &str = "a text of 1 to 64 bytes";
const A_TABLE: &str = "a table";
const A_WEIGHT: &str = "\"mandatory\", \"optional\" or \"recorded\"";
const A_MOMENT: &str = "\"inspection\" or \"signing\"";
const TRUE_OR_FALSE: &str = "true or false";
const A_CHOICE: &str = "\"accept\" or \"refuse\"";
const AN_EFFECT: &str = "\"accept\", \"refer\" or \"refuse\"";

/// A table of the file, and what is needed to say where something in it is wrong.
struct Section<'a, 'i> {
    text: &'a str,
    path: String,
    line: usize,
    table: &'a DeTable<'i>,
}

/// The policy's name, how it judges certificates, and its rule for each check in the order of [`Check::ALL`].
type Parsed = (String, PathOptions, Vec<(Check, Rule)>);

/// Reads a policy file.
pub(crate) fn parse(text: &str) -> Result<Parsed, PolicyError> {
    let parsed = DeTable::parse(text).map_err(|error| PolicyError::NotToml {
        line: line_of(text, &error.span().unwrap_or(0..0)),
        message: error.message().to_string(),
    })?;
    let root = Section {
        text,
        path: String::new(),
        line: 1,
        table: parsed.get_ref(),
    };
    root.allow_only(|key| key == "name" || key == "certificates" || key == "checks")?;
    let name = root.text_of("name", A_NAME)?;
    if name.is_empty() || name.len() > LONGEST_TEXT {
        return Err(PolicyError::Invalid {
            line: 1,
            key: "name".into(),
            expected: A_NAME,
        });
    }
    let options = match root.get("certificates") {
        Some(_) => certificates(&root.table_of("certificates")?)?,
        None => PathOptions::default(),
    };
    Ok((name.to_string(), options, checks(&root.table_of("checks")?)?))
}

/// `valid_at` and `sha1`; what is not given is as strict as can be.
fn certificates(section: &Section<'_, '_>) -> Result<PathOptions, PolicyError> {
    section.allow_only(|key| key == "valid_at" || key == "sha1")?;
    let mut options = PathOptions::default();
    if section.get("valid_at").is_some() {
        options.validity_at = section.one_of("valid_at", A_MOMENT, |name| match name {
            "inspection" => Some(ValidityTime::Inspection),
            "signing" => Some(ValidityTime::Signing),
            _ => None,
        })?;
    }
    if section.get("sha1").is_some() {
        options.accept_sha1 = section.one_of("sha1", A_CHOICE, |name| match name {
            "accept" => Some(true),
            "refuse" => Some(false),
            _ => None,
        })?;
    }
    Ok(options)
}

fn checks(section: &Section<'_, '_>) -> Result<Vec<(Check, Rule)>, PolicyError> {
    for key in section.table.keys() {
        if Check::from_name(key.get_ref()).is_none() {
            let line = line_of(section.text, &key.span());
            return Err(PolicyError::UnknownCheck {
                line,
                name: key.get_ref().to_string(),
            });
        }
    }
    Check::ALL
        .into_iter()
        .map(|check| match section.get(check.name()) {
            None => Err(PolicyError::CheckNotNamed { check }),
            Some(_) => Ok((check, rule(check, &section.table_of(check.name())?)?)),
        })
        .collect()
}

fn rule(check: Check, section: &Section<'_, '_>) -> Result<Rule, PolicyError> {
    let may_challenge = check == Check::AttackDetection;
    section.allow_only(|key| match key {
        "weight" | "reasons" => true,
        "challenge" => may_challenge,
        key => CheckResult::from_name(key).is_some(),
    })?;
    let weight = section.one_of("weight", A_WEIGHT, Weight::from_name)?;
    let mut effects = [Effect::Refuse; 5];
    for result in CheckResult::ALL {
        effects[usize::from(result.number())] =
            section.one_of(result.name(), AN_EFFECT, Effect::from_name)?;
    }
    let reasons = match section.get("reasons") {
        Some(_) => reasons(&section.table_of("reasons")?)?,
        None => Vec::new(),
    };
    let challenge = match section.get("challenge") {
        Some(_) => section.bool_of("challenge")?,
        None => false,
    };
    let rule = Rule {
        weight,
        effects,
        reasons,
        challenge,
    };
    match contradiction(&rule) {
        Some(why) => Err(PolicyError::Contradiction {
            line: section.line,
            check,
            weight,
            rule: why,
        }),
        None => Ok(rule),
    }
}

fn reasons(section: &Section<'_, '_>) -> Result<Vec<(Reason, Effect)>, PolicyError> {
    let read = |key: &Spanned<toml::de::DeString<'_>>| {
        let name = key.get_ref();
        let reason = Reason::from_name(name).ok_or_else(|| PolicyError::UnknownReason {
            line: line_of(section.text, &key.span()),
            name: name.to_string(),
        })?;
        Ok((reason, section.one_of(name, AN_EFFECT, Effect::from_name)?))
    };
    section.table.keys().map(read).collect()
}

/// A mandatory check's failure is never accepted, and a recorded check never acts.
fn contradiction(rule: &Rule) -> Option<&'static str> {
    let failed = rule.effects[usize::from(CheckResult::Failed.number())];
    let acts = rule
        .effects
        .iter()
        .chain(rule.reasons.iter().map(|(_, effect)| effect));
    match rule.weight {
        Weight::Mandatory if failed == Effect::Accept => Some("a mandatory check's `failed` is not `accept`"),
        Weight::Recorded if acts.into_iter().any(|effect| *effect != Effect::Accept) => {
            Some("a recorded check has only the effect `accept`")
        }
        Weight::Recorded if rule.challenge => Some("a recorded check wants no challenge"),
        _ => None,
    }
}

impl<'a, 'i> Section<'a, 'i> {
    fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'i>>> {
        self.table
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_string()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    fn allow_only(&self, allowed: impl Fn(&str) -> bool) -> Result<(), PolicyError> {
        match self.table.keys().find(|key| !allowed(key.get_ref())) {
            None => Ok(()),
            Some(key) => Err(PolicyError::UnknownKey {
                line: line_of(self.text, &key.span()),
                key: self.path_of(key.get_ref()),
            }),
        }
    }

    fn require(&self, key: &str, expected: &'static str) -> Result<&'a Spanned<DeValue<'i>>, PolicyError> {
        self.get(key).ok_or_else(|| PolicyError::Missing {
            line: self.line,
            key: self.path_of(key),
            expected,
        })
    }

    fn invalid(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: &'static str) -> PolicyError {
        PolicyError::Invalid {
            line: line_of(self.text, &value.span()),
            key: self.path_of(key),
            expected,
        }
    }

    fn text_of(&self, key: &str, expected: &'static str) -> Result<&'a str, PolicyError> {
        let value = self.require(key, expected)?;
        value
            .get_ref()
            .as_str()
            .ok_or_else(|| self.invalid(key, value, expected))
    }

    fn bool_of(&self, key: &str) -> Result<bool, PolicyError> {
        let value = self.require(key, TRUE_OR_FALSE)?;
        value
            .get_ref()
            .as_bool()
            .ok_or_else(|| self.invalid(key, value, TRUE_OR_FALSE))
    }

    fn one_of<T>(
        &self,
        key: &str,
        expected: &'static str,
        from_name: impl Fn(&str) -> Option<T>,
    ) -> Result<T, PolicyError> {
        let value = self.require(key, expected)?;
        value
            .get_ref()
            .as_str()
            .and_then(from_name)
            .ok_or_else(|| self.invalid(key, value, expected))
    }

    fn table_of(&self, key: &str) -> Result<Section<'a, 'i>, PolicyError> {
        let value = self.require(key, A_TABLE)?;
        let table = value
            .get_ref()
            .as_table()
            .ok_or_else(|| self.invalid(key, value, A_TABLE))?;
        let line = line_of(self.text, &value.span());
        Ok(Section {
            text: self.text,
            path: self.path_of(key),
            line,
            table,
        })
    }
}

/// The line of a place in the text, counted from 1.
fn line_of(text: &str, span: &Range<usize>) -> usize {
    text.get(..span.start).unwrap_or(text).matches('\n').count() + 1
}
