//! The frame of a plot as SVG: axes, grid, labels, and where a value lies.

use std::fmt::Write;

const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 320.0;
/// Room for axes: left, bottom.
const MARGIN: f64 = 58.0;

/// A plot's frame: where a value from 0 to 1 lies.
pub(super) fn across(share: f64) -> f64 {
    MARGIN + share.clamp(0.0, 1.0) * (WIDTH - MARGIN - 24.0)
}

pub(super) fn up(share: f64) -> f64 {
    HEIGHT - MARGIN + 16.0 - share.clamp(0.0, 1.0) * (HEIGHT - MARGIN)
}

/// An empty plot with labelled grid lines, each label with its place from 0 to 1.
pub(super) fn frame(below: &str, beside: &str, columns: &[(f64, String)], rows: &[(f64, String)]) -> String {
    let mut svg = format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">");
    for (share, label) in columns {
        let x = across(*share);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/><text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>",
            up(0.0),
            up(1.0),
            up(0.0) + 16.0
        );
    }
    for (share, label) in rows {
        let y = up(*share);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            across(0.0),
            across(1.0),
            across(0.0) - 6.0,
            y + 4.0
        );
    }
    let _ = write!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{below}</text><text x=\"{:.1}\" y=\"13\">{beside}</text>",
        across(0.5),
        HEIGHT - 6.0,
        across(0.0)
    );
    svg
}

pub(super) fn line(points: &[(f64, f64)], class: &str) -> String {
    let places: Vec<_> = points
        .iter()
        .map(|(x, y)| format!("{:.1},{:.1}", across(*x), up(*y)))
        .collect();
    format!("<polyline class=\"{class}\" points=\"{}\"/>", places.join(" "))
}

/// The place of a rate on a logarithmic axis of so many decades up to 1.
pub(super) fn logarithm(rate: f64, decades: f64) -> f64 {
    1.0 + rate.max(1e-12).log10() / decades
}

pub(super) fn decades(count: u8) -> Vec<(f64, String)> {
    (0..=count)
        .map(|power| {
            (
                1.0 - f64::from(power) / f64::from(count),
                if power == 0 {
                    "1".to_owned()
                } else {
                    format!("10<tspan dy=\"-5\" font-size=\"9\">−{power}</tspan>")
                },
            )
        })
        .collect()
}

/// The next of 1, 2, 5, 10 … that is not below `least`, so that labels are short.
pub(super) fn round_step(least: f64) -> f64 {
    let decade = 10f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * decade);
    steps.into_iter().find(|step| *step >= least).unwrap_or(least)
}
