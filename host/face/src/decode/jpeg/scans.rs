//! Whether exactly the blocks of the picture are coded in a JPEG: a walk over every code of every scan, without pixels.
//!
//! A decoder goes on where bytes are missing, and shows grey or shifted blocks. After a loss the codes mostly fall into step again, but
//! there are fewer blocks than the frame header says, or more coded data than blocks: what a scan leaves over or lacks at its end, and at
//! each restart marker, tells it. So do codes that no table has, and means beyond black and white.

use super::{
    bits::{Bits, Huffman},
    blocks::{Coding, Running},
    broken,
    frame::Frame,
};
use crate::{FaceError, decode::Limits};

/// Encoders write about ten.
const MOST_SCANS: u32 = 100;

const START_OF_IMAGE: u8 = 0xD8;
const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;
const RESTART: core::ops::RangeInclusive<u8> = 0xD0..=0xD7;

/// The tables as the segments before a scan have set them.
#[derive(Default)]
struct Walk {
    frame: Option<Frame>,
    direct: [Option<Huffman>; 4],
    alternating: [Option<Huffman>; 4],
    /// Of each quantisation table, the step of the DC coefficient.
    quantisation: [Option<u16>; 4],
    /// Units from one restart marker to the next; 0 for none.
    restart: usize,
}

/// Walks the segments (B.1.1) and scans to the end of the image.
pub(super) fn check(bytes: &[u8], limits: &Limits) -> Result<(), FaceError> {
    let mut walk = Walk::default();
    let (mut at, mut scans) = (0, 0);
    loop {
        let marker = next_marker(bytes, &mut at).ok_or_else(truncated)?;
        if marker == START_OF_IMAGE || marker == 0x01 || RESTART.contains(&marker) {
            continue;
        }
        if marker == END_OF_IMAGE {
            return match &walk.frame {
                Some(frame) if frame.is_whole() => Ok(()),
                _ => Err(broken("it ends before all of its picture was coded")),
            };
        }
        let length = bytes
            .get(at..)
            .and_then(|rest| rest.first_chunk())
            .ok_or_else(truncated)?;
        let length = usize::from(u16::from_be_bytes(*length)).max(2);
        let segment = bytes.get(at + 2..at + length).ok_or_else(truncated)?;
        at += length;
        match marker {
            0xC4 => walk.huffman(segment)?,
            0xDB => walk.quantisation(segment)?,
            0xDD => {
                walk.restart = segment
                    .first_chunk()
                    .map_or(0, |units| usize::from(u16::from_be_bytes(*units)));
            }
            0xC0..=0xCF if marker != 0xC8 && marker != 0xCC => {
                if walk.frame.is_some() {
                    return Err(broken("it has a second frame"));
                }
                walk.frame = Some(Frame::read(marker, segment, limits)?);
            }
            START_OF_SCAN => {
                scans += 1;
                if scans > MOST_SCANS {
                    return Err(broken("it has more scans than pictures have"));
                }
                at = walk.scan(segment, bytes, at)?;
            }
            _ => {}
        }
    }
}

fn truncated() -> FaceError {
    broken("it ends before its end marker")
}

/// The code of the next marker; fill bytes before it are skipped.
fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    let rest = bytes.get(*at..)?;
    let start = rest
        .windows(2)
        .position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xFF))?;
    *at += start + 2;
    rest.get(start + 1).copied()
}

impl Walk {
    /// B.2.4.2: tables follow each other in a segment.
    fn huffman(&mut self, mut segment: &[u8]) -> Result<(), FaceError> {
        let wrong = || broken("a Huffman table is not one");
        while let Some((class, rest)) = segment.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or_else(wrong)?;
            let total = counts.iter().map(|count| usize::from(*count)).sum();
            let (symbols, rest) = rest.split_at_checked(total).ok_or_else(wrong)?;
            let tables = if class >> 4 == 0 {
                &mut self.direct
            } else {
                &mut self.alternating
            };
            let place = tables.get_mut(usize::from(class & 15)).ok_or_else(wrong)?;
            *place = Some(Huffman::new(counts, symbols).ok_or_else(wrong)?);
            segment = rest;
        }
        Ok(())
    }

    /// B.2.4.1: 64 values of one or two bytes, the DC coefficient's first.
    fn quantisation(&mut self, mut segment: &[u8]) -> Result<(), FaceError> {
        let wrong = || broken("a quantisation table is not one");
        while let Some((class, rest)) = segment.split_first() {
            let wide = class >> 4 != 0;
            let (values, rest) = rest
                .split_at_checked(if wide { 128 } else { 64 })
                .ok_or_else(wrong)?;
            let step = match values {
                [high, low, ..] if wide => u16::from_be_bytes([*high, *low]),
                [step, ..] => u16::from(*step),
                [] => 0,
            };
            *self
                .quantisation
                .get_mut(usize::from(class & 15))
                .ok_or_else(wrong)? = Some(step);
            segment = rest;
        }
        Ok(())
    }

    /// Walks a scan (B.2.3): its header, and its coded data from `at` on. Returns where the next marker is.
    fn scan(&mut self, header: &[u8], bytes: &[u8], at: usize) -> Result<usize, FaceError> {
        let wrong = || broken("a scan header is not one");
        let frame = self.frame.as_mut().ok_or_else(wrong)?;
        let (count, rest) = header.split_first().ok_or_else(wrong)?;
        let (parts, rest) = rest.split_at_checked(2 * usize::from(*count)).ok_or_else(wrong)?;
        let &[start, end, approximation, ..] = rest else {
            return Err(wrong());
        };
        let coding = if frame.is_progressive {
            Coding {
                is_progressive: true,
                start: usize::from(start),
                end: usize::from(end),
                refines: approximation >> 4 != 0,
                missing_bits: approximation & 15,
            }
        } else {
            Coding {
                is_progressive: false,
                start: 0,
                end: 63,
                refines: false,
                missing_bits: 0,
            }
        };
        let (mut places, mut running) = (Vec::new(), Vec::new());
        for part in parts.chunks_exact(2) {
            let place = frame.component(part[0]).ok_or_else(wrong)?;
            let component = frame.components.get_mut(place).ok_or_else(wrong)?;
            coding.advance(&mut component.missing_bits, approximation >> 4)?;
            let table =
                |tables: &[Option<Huffman>; 4], which: u8| tables.get(usize::from(which)).cloned().flatten();
            let needs = |is_needed: bool, table: Option<Huffman>| match table {
                None if is_needed => Err(broken("a Huffman table is missing")),
                table => Ok(table.unwrap_or_default()),
            };
            let direct = table(&self.direct, part[1] >> 4);
            let alternating = table(&self.alternating, part[1] & 15);
            let step = self
                .quantisation
                .get(usize::from(component.quantisation))
                .copied()
                .flatten();
            running.push(Running {
                direct: needs(coding.start == 0 && !coding.refines, direct)?,
                alternating: needs(coding.end > 0, alternating)?,
                quantisation: step.ok_or_else(|| broken("a quantisation table is missing"))?,
                mean: 0,
            });
            places.push(place);
        }
        if places.is_empty() {
            return Err(wrong());
        }
        walk_units(frame, &coding, &places, &mut running, self.restart, bytes, at)
    }
}

impl Coding {
    /// Notes what the scan codes of a component, which has to follow on what was coded of it before (G.1.1.1).
    fn advance(&self, missing: &mut [Option<u8>; 64], before: u8) -> Result<(), FaceError> {
        let wrong = || broken("a scan does not follow on the ones before it");
        // DC and AC coefficients of a progressive frame are in different scans.
        if self.is_progressive && self.start == 0 && self.end > 0 {
            return Err(wrong());
        }
        let expected = self.refines.then_some(before);
        for bits in missing.get_mut(self.start..=self.end).ok_or_else(wrong)? {
            if *bits != expected || (self.refines && before != self.missing_bits + 1) {
                return Err(wrong());
            }
            *bits = Some(self.missing_bits);
        }
        Ok(())
    }
}

/// Takes the codes of all units of a scan.
fn walk_units(
    frame: &mut Frame,
    coding: &Coding,
    places: &[usize],
    running: &mut [Running],
    restart: usize,
    bytes: &[u8],
    at: usize,
) -> Result<usize, FaceError> {
    let alone = places.len() == 1;
    let units = match places {
        [place] => frame.components[*place].blocks,
        _ => frame.units,
    };
    let mut bits = Bits::new(bytes, at);
    let mut ended = 0;
    let mut unused = 0;
    for unit in 0..units[0] * units[1] {
        if restart > 0 && unit > 0 && unit % restart == 0 {
            bits = next_interval(bits, ended, bytes, unit / restart - 1)?;
            for of_component in running.iter_mut() {
                of_component.mean = 0;
            }
        }
        let (column, row) = (unit % units[0], unit / units[0]);
        for (place, running) in places.iter().zip(running.iter_mut()) {
            let component = &mut frame.components[*place];
            let [across, down] = if alone { [1, 1] } else { component.sampling };
            for index in 0..across * down {
                let block = [column * across + index % across, row * down + index / across];
                let nonzero = component.nonzero.get_mut(block[1] * component.row + block[0]);
                coding.block(&mut bits, running, &mut ended, nonzero.unwrap_or(&mut unused))?;
            }
        }
    }
    finished(bits, ended)
}

/// Goes over the restart marker (B.2.1), which are counted modulo eight.
fn next_interval<'a>(
    bits: Bits<'a>,
    ended: u32,
    bytes: &'a [u8],
    number: usize,
) -> Result<Bits<'a>, FaceError> {
    let mut at = finished(bits, ended)?;
    let marker = next_marker(bytes, &mut at);
    if marker != Some(RESTART.start() + (number % 8) as u8) {
        return Err(broken("a restart marker is missing"));
    }
    Ok(Bits::new(bytes, at))
}

fn finished(bits: Bits<'_>, ended: u32) -> Result<usize, FaceError> {
    if ended > 0 {
        return Err(broken("more blocks are coded than it has"));
    }
    bits.end()
}
