use alloc::vec::Vec;

use chipgate_apdu::tlv::{self, Tag};

use crate::LdsError;
use crate::asn1::{Components, find};

const STRUCTURE: &str = "EF.DIR";
const APPLICATION_TEMPLATE: Tag = Tag(0x61);
const APPLICATION_IDENTIFIER: Tag = Tag(0x4F);
const APPLICATION_LABEL: Tag = Tag(0x50);
/// The longest name of an application (ISO/IEC 7816-4, 12.2.3).
const LONGEST_IDENTIFIER: usize = 16;

/// An application that EF.DIR names (Doc 9303-10, 3.11.2; ISO/IEC 7816-4, 12.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its name, 1 to 16 bytes, with which it is selected: 4F.
    pub identifier: Vec<u8>,
    /// What it is called, for people: 50.
    pub label: Option<Vec<u8>>,
}

/// Reads EF.DIR: the chip's applications. Nothing holds the file together, so one that is cut off behind an application is as whole as a
/// longer one; zeros at its end are padding.
///
/// ```text
/// 61 { 4F name   50 label, optional   … } …
/// ```
pub fn parse_directory(file: &[u8]) -> Result<Vec<Application>, LdsError> {
    let end = file
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(0, |last| last + 1);
    // A value may end in zeros of its own: the padding starts behind the last object.
    let mut components = Components::new(STRUCTURE, file);
    let mut applications = Vec::new();
    let mut position = 0;
    while position < end {
        let Some(element) = components.next()? else { break };
        position += element.raw.len();
        if element.tag == APPLICATION_TEMPLATE {
            applications.push(application(&components, element.value)?);
        }
    }
    Ok(applications)
}

fn application(components: &Components<'_>, template: &[u8]) -> Result<Application, LdsError> {
    let invalid = components.invalid("an application's name");
    let identifier = find(STRUCTURE, template, APPLICATION_IDENTIFIER)?.ok_or(invalid)?;
    if !(1..=LONGEST_IDENTIFIER).contains(&identifier.len()) {
        return Err(invalid);
    }
    Ok(Application {
        identifier: identifier.to_vec(),
        label: find(STRUCTURE, template, APPLICATION_LABEL)?.map(<[u8]>::to_vec),
    })
}

/// Writes EF.DIR.
pub fn encode_directory(applications: &[Application]) -> Vec<u8> {
    let templates: Vec<Vec<u8>> = applications
        .iter()
        .map(|application| {
            let mut value = tlv::encode(APPLICATION_IDENTIFIER, &application.identifier);
            if let Some(label) = &application.label {
                value.extend(tlv::encode(APPLICATION_LABEL, label));
            }
            tlv::encode(APPLICATION_TEMPLATE, &value)
        })
        .collect();
    templates.concat()
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

    use super::{Application, encode_directory, parse_directory};
    use crate::LDS_APPLICATION;

    #[test]
    fn lists_the_applications() {
        let file =
            hex::decode("61094f07a000000247100161 0a4f08a000000247200100 0000".replace(' ', "")).unwrap();
        let applications = parse_directory(&file).unwrap();
        assert_eq!(applications[0].identifier, LDS_APPLICATION);
        assert_eq!(applications.len(), 2);
        assert_eq!(encode_directory(&applications), file[..file.len() - 2]);
        assert_eq!(parse_directory(&[0; 20]), Ok(Vec::new()));
    }

    #[test]
    fn refuses_an_application_without_a_name() {
        for file in [
            "6100",
            "61024f00",
            "61045002aabb",
            "61124f1000112233445566778899aabbccddee",
        ] {
            assert!(parse_directory(&hex::decode(file).unwrap()).is_err(), "{file}");
        }
    }

    fn applications() -> impl Strategy<Value = Application> {
        let label = prop::option::of(prop::collection::vec(any::<u8>(), 0..20));
        (prop::collection::vec(any::<u8>(), 1..17), label)
            .prop_map(|(identifier, label)| Application { identifier, label })
    }

    proptest! {
        #[test]
        fn survives_a_round_trip(applications in prop::collection::vec(applications(), 0..4)) {
            prop_assert_eq!(parse_directory(&encode_directory(&applications)), Ok(applications));
        }

        #[test]
        fn fails_on_every_truncation_inside_an_application(application in applications()) {
            let file = encode_directory(&[application]);
            for length in 1..file.len() {
                prop_assert!(parse_directory(&file[..length]).is_err());
            }
        }
    }
}
