//! Files in shapes that cost whoever trusts them: as long as any may be, deep, of many parts, or of a length that lies.

use chipgate_apdu::tlv::{self, Tag};
use chipgate_lds::{
    Attributes, Com, CvcaReferences, DataGroup, Dg1, Dg2, Dg3, Dg4, Dg5, Dg7, Dg11, Dg12, Dg13Vietnam, Dg16,
    File, LdsSecurityObject, parse_card_access, parse_card_security, parse_dg14, parse_dg15, parse_directory,
    parse_sod,
};
use chipgate_trust::claimed_data_groups;

/// The longest data group, and the longest file without a picture, that a reader takes: see `AccessOptions::longest_file`.
const LONGEST: usize = 1 << 20;
const LONGEST_WITHOUT_PICTURE: usize = 32 << 10;
/// The bytes of a header with a length field of five.
const HEADER: usize = 6;

/// PaceInfo (Doc 9303-11, 9.2.1): id-PACE-ECDH-GM-AES-CBC-CMAC-128, version 2, domain parameters 13.
const INFO: [u8; 20] = [
    0x30, 0x12, 0x06, 0x0A, 0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04, 0x02, 0x02, 0x02, 0x01, 0x02,
    0x02, 0x01, 0x0D,
];
/// A face record of ISO/IEC 19794-5 that claims 65,535 faces in 4 GiB.
const FACES: [u8; 14] = *b"FAC\x00010\0\xFF\xFF\xFF\xFF\xFF\xFF";

pub(crate) fn read_by_an_inspection() -> Vec<File> {
    let groups = [DataGroup::DG1, DataGroup::DG2, DataGroup::DG14, DataGroup::DG15];
    [File::CardAccess, File::CardSecurity, File::Com, File::Sod]
        .into_iter()
        .chain(groups.map(File::DataGroup))
        .collect()
}

pub(crate) fn with_a_parser() -> Vec<File> {
    File::all().collect()
}

/// EF.COM that lists every data group.
pub(crate) fn com_with_everything() -> Vec<u8> {
    let tags: Vec<u8> = DataGroup::all().map(DataGroup::tag).collect();
    let parts = [
        tlv::encode(Tag(0x5F01), b"0107"),
        tlv::encode(Tag(0x5F36), b"040000"),
        tlv::encode(Tag(0x5C), &tags),
    ];
    tlv::encode(Tag(0x60), &parts.concat())
}

fn is_long(file: File) -> bool {
    matches!(file, File::DataGroup(group) if !matches!(group.number(), 14 | 15))
}

/// The file in each shape, the plainest first.
pub(crate) fn shapes(file: File) -> Vec<(&'static str, Vec<u8>)> {
    let longest = if is_long(file) {
        LONGEST
    } else {
        LONGEST_WITHOUT_PICTURE
    };
    let room = longest - HEADER;
    let tag = file.tag().unwrap_or(0x61);
    let file = |value: &[u8]| with_length(tag, value.len() as u32, value);
    let repeated = |part: &[u8]| {
        part.iter()
            .copied()
            .cycle()
            .take(room / part.len() * part.len())
            .collect::<Vec<_>>()
    };
    let infos = repeated(&INFO);
    let fewer = &infos[INFO.len()..];
    let mut shapes = vec![
        ("zeros", file(&vec![0; room])),
        ("nested", file(&nested(0x30, room))),
        ("many small parts", file(&repeated(&[0x30, 0x00]))),
        ("many numbers", file(&repeated(&[0x02, 0x01, 0x00]))),
        ("many SecurityInfos", file(&infos)),
        (
            "many SecurityInfos in a SET",
            file(&with_length(0x31, fewer.len() as u32, fewer)),
        ),
        ("many texts", file(&repeated(&[0x0C, 0x01, b'A']))),
        (
            "many tags",
            file(&with_length(
                0x5C,
                (room - HEADER) as u32,
                &vec![0x75; room - HEADER],
            )),
        ),
        ("many entries", file(&entries(room))),
        ("many templates", file(&templates(room))),
    ];
    for claimed in [0x7FFF_FFFF, 0xFFFF_FFFF] {
        shapes.push(("a length of gigabytes", with_length(tag, claimed, &[0x5F; 200])));
        let inside = with_length(0x30, claimed, &[0; 200]);
        shapes.push(("a length of gigabytes inside", file(&inside)));
    }
    shapes
}

/// One byte of tag, five of length.
fn with_length(tag: u8, length: u32, value: &[u8]) -> Vec<u8> {
    [&[tag, 0x84][..], &length.to_be_bytes(), value].concat()
}

/// Objects in one another, to the end.
fn nested(tag: u8, room: usize) -> Vec<u8> {
    let levels = room / HEADER;
    let level = |level| with_length(tag, ((levels - level - 1) * HEADER) as u32, &[]);
    (0..levels).flat_map(level).collect()
}

/// A list of numbered texts, as DG13 of the Vietnamese card has it.
fn entries(room: usize) -> Vec<u8> {
    let entry = [0x30, 0x06, 0x02, 0x01, 0x02, 0x0C, 0x01, b'A'];
    let identifier = [0x02, 0x01, 0x01, 0x06, 0x05, 0x2A, 0x03, 0x04, 0x05, 0x06];
    let list: Vec<u8> = entry.iter().copied().cycle().take((room - 64) / 8 * 8).collect();
    let list = with_length(0x31, list.len() as u32, &list);
    let parts = [&identifier[..], &list].concat();
    with_length(0x30, parts.len() as u32, &parts)
}

/// As many biometric templates as a number of one byte can name, each of many faces.
fn templates(room: usize) -> Vec<u8> {
    let each = room / 127 - 24;
    let mut record = FACES.to_vec();
    record.resize(each.max(FACES.len()), 0);
    let parts = [
        tlv::encode(Tag(0xA1), &[0x88, 0x02, 0x00, 0x08]),
        tlv::encode(Tag(0x5F2E), &record),
    ];
    let template = tlv::encode(Tag(0x7F60), &parts.concat());
    let number = tlv::encode(Tag(0x02), &[127]);
    tlv::encode(Tag(0x7F61), &[number, template.repeat(127)].concat())
}

/// A security object with its certificates again and again, up to the longest file.
pub(crate) fn with_many_certificates(sod: &[u8]) -> Vec<u8> {
    let parts = |value: &[u8]| {
        let mut reader = tlv::Reader::new(value);
        core::iter::from_fn(|| {
            reader
                .next()
                .unwrap()
                .map(|element| (element.tag, element.value.to_vec()))
        })
        .collect::<Vec<_>>()
    };
    let write = |parts: &[(Tag, Vec<u8>)]| {
        let each = parts.iter().flat_map(|(tag, value)| tlv::encode(*tag, value));
        each.collect::<Vec<_>>()
    };
    let info = parts(parse_sod(sod).unwrap()).remove(0).1;
    let mut info = parts(&info);
    let mut explicit = parts(&info[1].1);
    let mut data = parts(&explicit[0].1);
    let certificates = data.iter_mut().find(|(tag, _)| *tag == Tag(0xA0)).unwrap();
    let times = (LONGEST_WITHOUT_PICTURE - sod.len() - 64) / certificates.1.len();
    certificates.1 = certificates.1.repeat(times);
    assert!(times > 10, "{times}");
    explicit[0].1 = write(&data);
    info[1].1 = write(&explicit);
    tlv::encode(Tag(0x77), &tlv::encode(Tag(0x30), &write(&info)))
}

/// Everything that is made of a file's bytes.
pub(crate) fn parse(file: File, bytes: &[u8]) {
    match file {
        File::CardAccess => drop(parse_card_access(bytes)),
        File::CardSecurity => drop(parse_card_security(bytes)),
        File::Directory => drop(parse_directory(bytes)),
        File::Attributes => drop(Attributes::parse(bytes)),
        File::Cvca => drop(CvcaReferences::parse(bytes)),
        File::Com => drop(Com::parse(bytes)),
        File::Sod => {
            drop(claimed_data_groups(bytes));
            drop(LdsSecurityObject::parse(bytes));
        }
        File::DataGroup(group) => match group.number() {
            1 => drop(Dg1::parse(bytes)),
            2 => drop(Dg2::parse(bytes)),
            3 => drop(Dg3::parse(bytes)),
            4 => drop(Dg4::parse(bytes)),
            5 => drop(Dg5::parse(bytes)),
            7 => drop(Dg7::parse(bytes)),
            11 => drop(Dg11::parse(bytes)),
            12 => drop(Dg12::parse(bytes)),
            13 => drop(Dg13Vietnam::parse(bytes)),
            14 => drop(parse_dg14(bytes)),
            15 => drop(parse_dg15(bytes)),
            16 => drop(Dg16::parse(bytes)),
            _ => {}
        },
    }
}
