//! What only the Vietnamese citizen card carries: DG13 and the QR code.

use chipgate_apdu::tlv::{self, Tag};
use chipgate_crypto::ObjectIdentifier;

use super::holder::Holder;
use crate::{calendar::Moment, pki::der};

/// What DG13's template starts with.
const CONTENT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.0.10646.1.0.8");
const DG13: Tag = Tag(0x6D);
const ADDRESS: &str = "Số 0 Phố Mẫu, Phường Mẫu, Thành phố Mẫu";

/// DG13: what the card shows, as numbered fields.
pub(super) fn dg13(holder: &Holder) -> Vec<u8> {
    let texts = texts(holder);
    let mut fields: Vec<Vec<u8>> = texts
        .iter()
        .map(|(number, text)| field(*number, &[&string(text)]))
        .collect();
    let (father, mother) = (
        der::sequence(&[&string("TRẦN VĂN THỬ")]),
        der::sequence(&[&string("LÊ THỊ NGHIỆM")]),
    );
    fields.push(field(13, &[&father, &mother]));
    fields.push(field(14, &[])); // no spouse
    fields.push(field(16, &[&string("0000000000000000")]));
    let set = tlv::encode(Tag(0x31), &fields.concat());
    tlv::encode(
        DG13,
        &der::sequence(&[&der::unsigned(&[1]), &der::object_identifier(&CONTENT), &set]),
    )
}

/// The fields that are one string.
fn texts(holder: &Holder) -> [(u8, String); 12] {
    let number = holder.citizen_number.clone().unwrap_or_default();
    [
        (1, number),
        (2, holder.full_name.into()),
        (3, holder.birth.vietnamese()),
        (4, "Nữ".into()),
        (5, "Việt Nam".into()),
        (6, "Kinh".into()),
        (7, "Không".into()),
        (8, "Phường Mẫu, Thành phố Mẫu".into()),
        (9, ADDRESS.into()),
        (10, "Không có".into()),
        (11, holder.issued.vietnamese()),
        (12, holder.expires.vietnamese()),
    ]
}

fn field(number: u8, parts: &[&[u8]]) -> Vec<u8> {
    der::sequence(&[&der::unsigned(&[number]), &parts.concat()])
}

/// A string in the narrower of the two types that the cards use.
fn string(text: &str) -> Vec<u8> {
    let printable = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte));
    if printable {
        der::printable(text)
    } else {
        der::utf8(text)
    }
}

/// The QR code on the card's face: number, old number, name, birth, sex, address, issued.
pub(super) fn qr(holder: &Holder) -> Option<String> {
    let number = holder.citizen_number.as_ref()?;
    let (birth, issued) = (day(holder.birth), day(holder.issued));
    Some(format!(
        "{number}||{}|{birth}|Nữ|{ADDRESS}|{issued}",
        holder.full_name
    ))
}

/// DDMMYYYY.
fn day(moment: Moment) -> String {
    moment.vietnamese().replace('/', "")
}
