//! The machine readable zone of the recorded document, as far as the recording has it.

use chipgate_lds::{DataGroup, File};

use super::{der, mrz};
use crate::{Recording, dialogue::Dialogue};

/// A zone for a recording that holds none: that of a document with this key.
const NO_ZONE: &str =
    "P<UTOTEST<<TEST<<<<<<<<<<<<<<<<<<<<<<<<<<<<<X000000000UTO8001014<3501017<<<<<<<<<<<<<<00";
/// The same of a document whose number is too long for a passport: it goes on behind the tenth character.
const NO_ZONE_OF_A_LONG_NUMBER: &str =
    "I<UTOX00000000<<<<<<<<<<<<<<<<8001014<3501017UTO<<<<<<<<<<<0TEST<<TEST<<<<<<<<<<<<<<<<<<<<";
/// How long the MRZ information is for a number of nine characters (Doc 9303-11, 9.7.2), and for the longest.
const SHORT_INFORMATION: usize = 24;
const LONGEST_INFORMATION: usize = 37;

/// The machine readable zone on the chip, else the printed one, else one with the recorded key.
pub(super) fn zone(recording: &Recording, dialogue: &Dialogue) -> String {
    let header = &recording.header;
    let on_chip = dialogue.file(File::DataGroup(DataGroup::DG1)).and_then(mrz_text);
    if let Some(text) = on_chip.or_else(|| header.get("mrz").map(str::to_owned)) {
        return text;
    }
    header
        .get("mrz-key")
        .filter(|key| key.is_ascii())
        .map_or_else(|| NO_ZONE.to_owned(), zone_of_key)
}

/// A zone with the fields that the MRZ information has, each with its check digit.
fn zone_of_key(key: &str) -> String {
    mrz::with_composite_digit(match key.len() {
        SHORT_INFORMATION => {
            let mut zone = NO_ZONE.to_owned();
            zone.replace_range(44..54, &key[..10]);
            zone.replace_range(57..64, &key[10..17]);
            zone.replace_range(65..72, &key[17..]);
            zone
        }
        length @ 25..=LONGEST_INFORMATION => {
            let mut zone = NO_ZONE_OF_A_LONG_NUMBER.to_owned();
            let (number, dates) = key.split_at(length - 14);
            let (start, rest) = number.split_at(9);
            zone.replace_range(5..14, start);
            zone.replace_range(15..15 + rest.len(), rest);
            zone.replace_range(30..37, &dates[..7]);
            zone.replace_range(38..45, &dates[7..]);
            zone
        }
        _ => NO_ZONE.to_owned(),
    })
}

/// The characters in DG1, whatever is right or wrong with them.
fn mrz_text(dg1: &[u8]) -> Option<String> {
    let place = der::all(dg1, &(0..dg1.len()), 0)
        .into_iter()
        .find(|node| node.tag == 0x5F1F)?;
    let text = core::str::from_utf8(&dg1[place.value]).ok()?;
    matches!(text.len(), 72 | 88 | 90).then(|| text.to_owned())
}
