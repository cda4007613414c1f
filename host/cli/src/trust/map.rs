//! The picture of `chipgate trust coverage`: a tile for each state.

use std::collections::BTreeMap;
use std::fmt::Write;

use chipgate_apdu::Timestamp;
use chipgate_trust_store::Coverage;

use super::coverage::{DAY, age};
use crate::prose::counted;
use crate::time;

const WIDTH: u64 = 150;
const HEIGHT: u64 = 126;
const COLUMNS: u64 = 6;
const TOP: u64 = 96;

/// A tile a state: green where anchors are valid for more than two years, yellow for less, red where none is valid; a dot
/// for a current revocation list.
pub(super) fn picture(states: &BTreeMap<String, Coverage>, now: Timestamp) -> String {
    let rows = (states.len() as u64).div_ceil(COLUMNS).max(1);
    let (width, height) = (COLUMNS * WIDTH + 32, TOP + rows * HEIGHT + 24);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"16\" y=\"32\" font-size=\"20\" fill=\"#222\">Trust anchors of {} on {}</text>\n",
        counted(states.len(), "state"),
        time::date(now)
    );
    legend(&mut svg);
    for (index, (state, has)) in (0_u64..).zip(states) {
        let (x, y) = (16 + index % COLUMNS * WIDTH, TOP + index / COLUMNS * HEIGHT);
        tile(&mut svg, x, y, state, has, now);
    }
    svg.push_str("</svg>\n");
    svg
}

fn legend(svg: &mut String) {
    let entries = [
        ("#b7dfb9", "valid for more than two years"),
        ("#f6e3a1", "for less"),
        ("#f0b8b0", "no valid anchor"),
    ];
    let mut x = 16;
    for (colour, says) in entries {
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"52\" width=\"16\" height=\"16\" rx=\"3\" fill=\"{colour}\"/>\
             <text x=\"{}\" y=\"65\" font-size=\"13\" fill=\"#444\">{says}</text>",
            x + 22
        );
        x += 60 + 7 * says.len() as u64;
    }
    let _ = writeln!(
        svg,
        "<circle cx=\"{}\" cy=\"60\" r=\"5\" fill=\"#1d6fb8\"/><text x=\"{}\" y=\"65\" font-size=\"13\" fill=\"#444\">\
         current revocation list</text>",
        x + 6,
        x + 18
    );
}

/// What a tile says under the state's letters; each line fits into it.
fn tile_lines(has: &Coverage, now: Timestamp) -> Vec<String> {
    let until = |moment: Option<Timestamp>| moment.map_or_else(|| "expired".to_owned(), time::date);
    let mut lines = vec![
        format!("{} of {} valid", has.valid_anchors, has.anchors),
        format!(
            "{}, {}",
            counted(has.generations, "key"),
            counted(has.signers, "signer")
        ),
        format!("CRL: {}", age(has.crl_issued, now)),
        format!("next: {}", until(has.next_expiry)),
        format!("last: {}", until(has.last_expiry)),
    ];
    if !has.unusable.is_empty() {
        lines.push(format!("{} can't be used", has.unusable.len()));
    }
    lines
}

fn tile(svg: &mut String, x: u64, y: u64, state: &str, has: &Coverage, now: Timestamp) {
    let soon = Timestamp(now.0.saturating_add(730 * DAY));
    let colour = match has.last_expiry {
        None => "#f0b8b0",
        Some(end) if end < soon => "#f6e3a1",
        Some(_) => "#b7dfb9",
    };
    let state: String = state
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '—')
        .take(3)
        .collect();
    let _ = writeln!(
        svg,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"6\" fill=\"{colour}\"/>\
         <text x=\"{}\" y=\"{}\" font-size=\"20\" fill=\"#222\">{state}</text>",
        WIDTH - 6,
        HEIGHT - 6,
        x + 8,
        y + 26,
    );
    for (line, text) in (0_u64..).zip(tile_lines(has, now)) {
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" font-size=\"11\" fill=\"#333\">{text}</text>",
            x + 8,
            y + 44 + line * 14,
        );
    }
    let current = has.crl_issued.is_some() && has.crl_until.is_none_or(|until| until >= now);
    if current {
        let _ = writeln!(
            svg,
            "<circle cx=\"{}\" cy=\"{}\" r=\"5\" fill=\"#1d6fb8\"/>",
            x + WIDTH - 20,
            y + 20
        );
    }
}

#[cfg(test)]
mod tests {
    use chipgate_trust_store::UnusableAnchor;

    use super::*;

    /// At 11 pixels a character of a sans-serif is at most 6 wide on average.
    #[test]
    fn each_line_of_a_tile_fits_into_it_whatever_the_numbers() {
        let moment = Timestamp(u64::MAX / 4096);
        let revoked = UnusableAnchor {
            subject: "C=HU".to_owned(),
            fingerprint: String::new(),
            why: "it is revoked".to_owned(),
        };
        let has = Coverage {
            anchors: 9999,
            generations: 99,
            valid_anchors: 9999,
            unusable: vec![revoked; 9999],
            signers: 9999,
            crl_issued: Some(Timestamp(0)),
            crl_until: None,
            next_expiry: Some(moment),
            last_expiry: Some(moment),
        };
        for line in tile_lines(&has, Timestamp(1_800_000_000_000)) {
            assert!(line.chars().count() as u64 * 6 <= WIDTH - 14, "{line}");
        }
        let states = BTreeMap::from([("HU".to_owned(), has)]);
        let svg = picture(&states, Timestamp(0));
        for part in [
            ">HU<",
            "99 keys",
            "9999 signers",
            "CRL: ",
            "next: ",
            "last: ",
            "9999 can't be used",
        ] {
            assert!(svg.contains(part), "{part}");
        }
    }
}
