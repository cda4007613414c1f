//! The data groups, from the plan.

use std::collections::BTreeMap;

use chipgate_apdu::tlv::{self, Tag};
use chipgate_lds::{DataGroup, Dg1, Dg2, FaceImage, File};

use super::{ChipSecurity, Plan, Portrait, SILHOUETTE, holder::Holder, vietnam};
use crate::{CardError, calendar::Moment};

/// The data groups that the card carries.
pub(super) fn data_groups(
    plan: &Plan,
    security: &ChipSecurity,
    portrait: Option<&[u8]>,
) -> Result<BTreeMap<File, Vec<u8>>, CardError> {
    let mut groups = BTreeMap::new();
    let mut put = |group: DataGroup, bytes: Option<Vec<u8>>| {
        groups.extend(bytes.map(|bytes| (File::DataGroup(group), bytes)));
    };
    let mrz = plan.holder.mrz()?;
    put(DataGroup::DG1, Some(Dg1 { mrz }.encode()));
    put(DataGroup::DG2, dg2(plan.design.portrait, portrait)?);
    for number in plan.design.more {
        let group = DataGroup::try_from(*number)?;
        put(group, further(group, &plan.holder));
    }
    if plan.odd_dates {
        let (birth, issued) = (plan.holder.birth.mrz(), plan.holder.issued.mrz());
        let details = personal_details(&plan.holder, birth.as_bytes());
        put(
            DataGroup::DG11,
            Some(tlv::encode(Tag(DataGroup::DG11.tag().into()), &details)),
        );
        let details = document_details(&dashed(&issued));
        put(
            DataGroup::DG12,
            Some(tlv::encode(Tag(DataGroup::DG12.tag().into()), &details)),
        );
    }
    put(DataGroup::DG14, security.dg14.clone());
    put(DataGroup::DG15, security.dg15.clone());
    Ok(groups)
}

fn dg2(kind: Portrait, portrait: Option<&[u8]>) -> Result<Option<Vec<u8>>, CardError> {
    let faces = match kind {
        Portrait::No => return Ok(None),
        Portrait::Empty => Vec::new(),
        Portrait::Yes => {
            let picture = portrait.unwrap_or(SILHOUETTE).to_vec();
            vec![FaceImage::new(picture).map_err(|_| CardError::UnusablePortrait)?]
        }
    };
    Ok(Some(Dg2 { faces }.encode()?))
}

/// A data group beside DG1, DG2, and what the keys need (Doc 9303-10, 4.7).
fn further(group: DataGroup, holder: &Holder) -> Option<Vec<u8>> {
    let content = match group {
        DataGroup::DG3 => biometric_templates(&FINGER_HEADER, &finger()),
        DataGroup::DG4 => biometric_templates(&IRIS_HEADER, &iris()),
        DataGroup::DG5 => several(&[tlv::encode(Tag(0x5F40), SILHOUETTE)]),
        DataGroup::DG7 => several(&[tlv::encode(Tag(0x5F43), SILHOUETTE)]),
        DataGroup::DG11 => personal_details(holder, &date(holder.birth)),
        DataGroup::DG12 => document_details(&date(holder.issued)),
        DataGroup::DG13 if holder.citizen_number.is_some() => return Some(vietnam::dg13(holder)),
        DataGroup::DG13 => b"optional details of Utopia".to_vec(),
        DataGroup::DG16 => person_to_notify(holder),
        DataGroup::DG6 | DataGroup::DG8 | DataGroup::DG9 | DataGroup::DG10 => {
            several(&[tlv::encode(Tag(0x5F2E), b"a feature of the test document")])
        }
        _ => return None,
    };
    Some(tlv::encode(Tag(group.tag().into()), &content))
}

/// The number of instances, and the instances.
fn several(instances: &[Vec<u8>]) -> Vec<u8> {
    let count = tlv::encode(Tag(0x02), &[instances.len() as u8]);
    [count, instances.concat()].concat()
}

/// CBEFF's header for fingers: type 08, format 0007 (ISO/IEC 19794-4).
const FINGER_HEADER: [u8; 15] = [
    0x80, 2, 0x01, 0x01, 0x81, 1, 0x08, 0x87, 2, 0x01, 0x01, 0x88, 2, 0x00, 0x07,
];
/// CBEFF's header for irises: type 10, format 0009 (ISO/IEC 19794-6).
const IRIS_HEADER: [u8; 15] = [
    0x80, 2, 0x01, 0x01, 0x81, 1, 0x10, 0x87, 2, 0x01, 0x01, 0x88, 2, 0x00, 0x09,
];

/// One biometric information template in its group template (Doc 9303-10, 4.7.3).
fn biometric_templates(header: &[u8], record: &[u8]) -> Vec<u8> {
    let header = tlv::encode(Tag(0xA1), header);
    let block = tlv::encode(Tag(0x5F2E), record);
    let template = tlv::encode(Tag(0x7F60), &[header, block].concat());
    tlv::encode(Tag(0x7F61), &several(&[template]))
}

/// Side of the invented pictures in pixels.
const SIDE: u8 = 32;

/// Arcs that look a little like ridges; no finger ever left them.
fn pattern() -> Vec<u8> {
    let pixel = |x: u16, y: u16| if (x * x / 8 + y * 3) % 16 < 8 { 0x30 } else { 0xD0 };
    let side = u16::from(SIDE);
    (0..side)
        .flat_map(|y| (0..side).map(move |x| pixel(x, y)))
        .collect()
}

/// A finger image record (ISO/IEC 19794-4:2005, 7): a right index finger, uncompressed, 500 pixels an inch.
fn finger() -> Vec<u8> {
    let image = pattern();
    let view_length = 14 + image.len();
    let resolution = 500_u16.to_be_bytes();
    let mut record = b"FIR\x00010\x00".to_vec();
    record.extend(&((32 + view_length) as u64).to_be_bytes()[2..]); // six bytes
    record.extend([0, 0]); // the device is not known
    record.extend([0, 31]); // image acquisition level
    record.extend([1, 1]); // one finger; pixels an inch
    for _ in 0..4 {
        record.extend(resolution); // of the scan and of the image, across and down
    }
    record.extend([8, 0, 0, 0]); // eight bits a pixel, uncompressed, reserved
    record.extend((view_length as u32).to_be_bytes());
    record.extend([2, 1, 1, 100, 0]); // right index finger, view 1 of 1, quality, live and plain
    record.extend([0, SIDE, 0, SIDE, 0]);
    record.extend(image);
    record
}

/// An iris image record (ISO/IEC 19794-6:2005, 7): one right eye, uncompressed.
fn iris() -> Vec<u8> {
    let image = pattern();
    let length = 45 + 3 + 11 + image.len();
    let mut record = b"IIR\x00010\x00".to_vec();
    record.extend((length as u32).to_be_bytes());
    record.extend([0, 0]); // the device is not known
    record.extend([1, 0, 45]); // one eye; the length of this header
    record.extend([0, 0]); // properties undefined
    record.extend([0, 0]); // the diameter is not known
    record.extend([0, 2]); // raw, grey
    record.extend([0, SIDE, 0, SIDE, 8, 0]); // size, depth, no transformation
    record.extend([0; 16]); // the device's own name
    record.extend([1, 0, 1]); // right eye, one image
    record.extend([0, 1, 100, 0, 0, 0, 0]); // image 1, quality, rotation unknown
    record.extend((image.len() as u32).to_be_bytes());
    record.extend(image);
    record
}

/// A list of the tags that follow, and the fields.
fn tagged(fields: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let list: Vec<u8> = fields.iter().flat_map(|(tag, _)| tag_bytes(*tag)).collect();
    let fields = fields.iter().map(|(tag, value)| tlv::encode(Tag(*tag), value));
    [vec![tlv::encode(Tag(0x5C), &list)], fields.collect()]
        .concat()
        .concat()
}

fn tag_bytes(tag: u32) -> Vec<u8> {
    let bytes = tag.to_be_bytes();
    bytes.into_iter().skip_while(|byte| *byte == 0).collect()
}

/// YYYYMMDD.
fn date(moment: Moment) -> Vec<u8> {
    moment.generalized().as_bytes()[..8].to_vec()
}

/// 20YY-MM-DD, as no standard has it.
fn dashed(date: &str) -> Vec<u8> {
    let (year, rest) = date.split_at(2);
    let (month, day) = rest.split_at(2);
    format!("20{year}-{month}-{day}").into_bytes()
}

/// DG11 (Doc 9303-10, 4.7.11).
fn personal_details(holder: &Holder, birth: &[u8]) -> Vec<u8> {
    let name = format!("{}<<{}", holder.primary, holder.secondary);
    tagged(&[
        (0x5F0E, name.into_bytes()),
        (0x5F2B, birth.to_vec()),
        (0x5F11, b"AMAUROTE<UTOPIA".to_vec()),
        (0x5F42, b"1 SPECIMEN STREET<AMAUROTE<UTOPIA".to_vec()),
        (0x5F13, b"TEST<PERSON".to_vec()),
    ])
}

/// DG12 (Doc 9303-10, 4.7.12).
fn document_details(issued: &[u8]) -> Vec<u8> {
    tagged(&[
        (0x5F19, b"OFFICE OF TEST DOCUMENTS<AMAUROTE".to_vec()),
        (0x5F26, issued.to_vec()),
        (0x5F1B, b"SPECIMEN".to_vec()),
    ])
}

/// DG16: one person (Doc 9303-10, 4.7.16).
fn person_to_notify(holder: &Holder) -> Vec<u8> {
    let fields = [
        (0x5F50, date(holder.issued)),
        (0x5F51, b"SPECIMEN<<HYTHLODAEUS".to_vec()),
        (0x5F52, b"0000000".to_vec()),
        (0x5F53, b"2 SPECIMEN STREET<AMAUROTE<UTOPIA".to_vec()),
    ];
    let person: Vec<Vec<u8>> = fields
        .iter()
        .map(|(tag, value)| tlv::encode(Tag(*tag), value))
        .collect();
    let count = tlv::encode(Tag(0x02), &[1]);
    [count, tlv::encode(Tag(0xA1), &person.concat())].concat()
}
