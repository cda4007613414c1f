//! What the files say of people.

use chipgate_lds::{
    Date, Dg1, Dg11, Dg13, Dg16, FullDate, LdsError, MrzDate, MrzKind, Sex, Text, WrittenDate,
    vietnam::{CitizenField, CitizenValue, Dg13Vietnam},
};
use serde_json::{Value, json};

pub(super) fn dg1(file: &[u8], today: Option<Date>) -> Result<Value, LdsError> {
    let mrz = Dg1::parse(file)?.mrz;
    let day = |date: &MrzDate, full: Option<Date>| json!({ "mrz": date.as_str(), "date": full.map(|date| date.to_string()) });
    let birth = today.and_then(|today| mrz.birth_date.as_birth_date(today));
    let expiry = today.and_then(|today| mrz.expiry_date.as_expiry_date(today));
    Ok(json!({
        "kind": match mrz.kind { MrzKind::Td1 => "TD1", MrzKind::Td2 => "TD2", MrzKind::Td3 => "TD3" },
        "document_code": mrz.document_code,
        "issuing_state": mrz.issuing_state,
        "document_number": mrz.document_number,
        "nationality": mrz.nationality,
        "birth_date": day(&mrz.birth_date, birth),
        "sex": match mrz.sex { Sex::Female => "F", Sex::Male => "M", Sex::Unspecified => "X" },
        "expiry_date": day(&mrz.expiry_date, expiry),
        "optional_data": mrz.optional_data,
        "optional_data_2": mrz.optional_data_2,
        "primary_identifier": mrz.names.primary,
        "secondary_identifier": mrz.names.secondary,
        "names_may_be_cut": mrz.names_may_be_cut(),
        "lines": mrz.lines().collect::<Vec<_>>(),
    }))
}

/// A text, or the bytes of one in another code.
pub(super) fn text(text: &Text) -> Value {
    match text {
        Text::Clear(text) => json!(text),
        Text::Opaque(bytes) => json!({ "opaque": hex::encode(bytes) }),
    }
}

pub(super) fn optional(field: Option<&Text>) -> Value {
    field.map_or(Value::Null, text)
}

pub(super) fn texts(fields: &[Text]) -> Value {
    fields.iter().map(text).collect()
}

/// As much of it as is known, `1974-08-12`, `1974-08`, `1974`; or the bytes of one in another form.
pub(super) fn date(date: Option<&WrittenDate>) -> Value {
    let FullDate { year, month, day } = match date {
        None => return Value::Null,
        Some(WrittenDate::Opaque(bytes)) => return json!({ "opaque": hex::encode(bytes) }),
        Some(WrittenDate::Clear(date)) => *date,
    };
    json!(match (month, day) {
        (Some(month), Some(day)) => format!("{year:04}-{month:02}-{day:02}"),
        (Some(month), None) => format!("{year:04}-{month:02}"),
        (None, _) => format!("{year:04}"),
    })
}

pub(super) fn dg11(file: &[u8]) -> Result<Value, LdsError> {
    let details = Dg11::parse(file)?;
    Ok(json!({
        "name": optional(details.name.as_ref()),
        "other_names": texts(&details.other_names),
        "personal_number": optional(details.personal_number.as_ref()),
        "birth_date": date(details.birth_date.as_ref()),
        "birth_place": optional(details.birth_place.as_ref()),
        "address": optional(details.address.as_ref()),
        "telephone": optional(details.telephone.as_ref()),
        "profession": optional(details.profession.as_ref()),
        "title": optional(details.title.as_ref()),
        "summary": optional(details.summary.as_ref()),
        "proof_of_citizenship_bytes": details.proof_of_citizenship.map(|picture| picture.len()),
        "other_documents": optional(details.other_documents.as_ref()),
        "custody": optional(details.custody.as_ref()),
    }))
}

pub(super) fn dg13(file: &[u8]) -> Result<Value, LdsError> {
    Ok(match Dg13::parse(file)? {
        Dg13::Vietnam(details) => {
            json!({ "layout": "Vietnamese citizen card", "fields": citizen_fields(&details) })
        }
        Dg13::Other(bytes) => json!({ "layout": null, "bytes": bytes.len() }),
    })
}

fn citizen_fields(details: &Dg13Vietnam) -> Value {
    let fields = details.fields.iter().map(|(number, value)| {
        let value = match value {
            CitizenValue::Empty => Value::Null,
            CitizenValue::Text(value) | CitizenValue::Opaque(value) => text(value),
            CitizenValue::Texts(values) => texts(values),
        };
        json!({ "number": number, "name": citizen_field(*number), "value": value })
    });
    fields.collect()
}

fn citizen_field(number: u8) -> Option<&'static str> {
    const NAMES: [(CitizenField, &str); 16] = [
        (CitizenField::Number, "number"),
        (CitizenField::Name, "name"),
        (CitizenField::BirthDate, "birth date"),
        (CitizenField::Sex, "sex"),
        (CitizenField::Nationality, "nationality"),
        (CitizenField::Ethnicity, "ethnicity"),
        (CitizenField::Religion, "religion"),
        (CitizenField::Origin, "place of origin"),
        (CitizenField::Residence, "residence"),
        (CitizenField::Features, "identifying features"),
        (CitizenField::IssueDate, "issue date"),
        (CitizenField::ExpiryDate, "expiry date"),
        (CitizenField::Parents, "parents"),
        (CitizenField::Spouse, "spouse"),
        (CitizenField::OldNumber, "old number"),
        (CitizenField::Disputed, "disputed"),
    ];
    let known = NAMES.iter().find(|(field, _)| *field as u8 == number);
    known.map(|(_, name)| *name)
}

pub(super) fn dg16(file: &[u8]) -> Result<Value, LdsError> {
    let persons = Dg16::parse(file)?.persons;
    let persons = persons.iter().map(|person| {
        json!({
            "recorded": date(person.recorded.as_ref()),
            "name": optional(person.name.as_ref()),
            "telephone": optional(person.telephone.as_ref()),
            "address": optional(person.address.as_ref()),
        })
    });
    Ok(json!({ "persons": persons.collect::<Value>() }))
}
