//! What the files say of the document and the chip.

use chipgate_lds::{Attributes, Com, CvcaReferences, Dg12, LdsError, parse_directory};
use serde_json::{Value, json};

use super::personal::{date, optional, texts};

pub(super) fn com(file: &[u8]) -> Result<Value, LdsError> {
    let com = Com::parse(file)?;
    let groups: Vec<&str> = com.data_groups.iter().map(|group| group.name()).collect();
    Ok(json!({
        "lds_version": com.lds_version,
        "unicode_version": com.unicode_version,
        "data_groups": groups,
    }))
}

pub(super) fn attributes(file: &[u8]) -> Result<Value, LdsError> {
    let attributes = Attributes::parse(file)?;
    Ok(json!({
        "short_file_identifiers": attributes.short_file_identifiers,
        "command_chaining": attributes.command_chaining,
        "extended_length": attributes.extended_length,
        "longest_command": attributes.limits.map(|(command, _)| command),
        "longest_response": attributes.limits.map(|(_, response)| response),
    }))
}

pub(super) fn directory(file: &[u8]) -> Result<Value, LdsError> {
    let applications = parse_directory(file)?;
    let applications = applications.iter().map(|application| {
        let label = application.label.as_deref().map(String::from_utf8_lossy);
        json!({ "identifier": hex::encode(&application.identifier), "label": label })
    });
    Ok(json!({ "applications": applications.collect::<Value>() }))
}

pub(super) fn cvca(file: &[u8]) -> Result<Value, LdsError> {
    let references = CvcaReferences::parse(file)?;
    Ok(json!({
        "current": references.current.to_string(),
        "previous": references.previous.map(|reference| reference.to_string()),
    }))
}

pub(super) fn dg12(file: &[u8]) -> Result<Value, LdsError> {
    let details = Dg12::parse(file)?;
    Ok(json!({
        "issuing_authority": optional(details.issuing_authority.as_ref()),
        "issue_date": date(details.issue_date.as_ref()),
        "other_persons": texts(&details.other_persons),
        "endorsements": optional(details.endorsements.as_ref()),
        "tax_or_exit_requirements": optional(details.tax_or_exit_requirements.as_ref()),
        "front_bytes": details.front.as_ref().map(Vec::len),
        "rear_bytes": details.rear.as_ref().map(Vec::len),
        "personalisation_time": details.personalisation_digits(),
        "personalisation_system": optional(details.personalisation_system.as_ref()),
    }))
}
