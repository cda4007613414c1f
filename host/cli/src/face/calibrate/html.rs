//! The figures as one page: plots as SVG, nothing loaded from anywhere.

use std::fmt::Write;

use super::{
    plot::{across, decades, frame, line, logarithm, round_step, up},
    report::{Report, name, significant},
};

const STYLE: &str = "
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:.2rem 0}table{border-collapse:collapse;margin:1rem 0}
td,th{padding:.25rem .8rem;border-bottom:1px solid #8885;text-align:right}td:first-child,th:first-child{text-align:left}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(26rem,1fr));gap:2rem}figure{margin:0}figcaption{opacity:.7;font-size:.9rem}svg{width:100%;height:auto}
svg text{font-size:13px;fill:currentColor}.grid{stroke:#8886;stroke-width:1}.axis{stroke:currentColor;fill:none}
.a{stroke:#2a7de1;fill:none;stroke-width:2.5}.b{stroke:#d9480f;fill:none;stroke-width:2.5}.fa{fill:#2a7de166}.fb{fill:#d9480f66}
.mark{stroke:#2b8a3e;stroke-width:2;stroke-dasharray:5 4}sup{line-height:0}.note{opacity:.7}";

/// The page.
pub(super) fn page(report: &Report) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Calibration of {0}</title><style>{STYLE}</style>\n<h1>Calibration of {0}</h1>\n\
         <p>{1} people, {2} pictures, {3} genuine pairs, {4} impostor pairs. Failure to acquire {5:.2} %. \
         Rates below one in {6:.0} can't be told from so many pairs.</p>\n",
        escaped(&report.model),
        report.people,
        report.pictures,
        report.rates.genuine(),
        report.rates.impostor(),
        100.0 * report.failure_to_acquire(),
        report.rates.impostor() as f64 / 3.0,
    );
    page.push_str(&table(report));
    page.push_str("<div class=\"plots\">\n");
    page.push_str(&figure(
        "Detection error trade-off",
        &trade_off(report),
        "How many travellers are refused for each rate at which others are taken for them. Dashed: the rate that is wanted.",
    ));
    page.push_str(&figure(
        "Scores",
        &histogram(report),
        "Orange: pairs of two people. Blue: pairs of one person. Dashed: the threshold.",
    ));
    page.push_str(&figure(
        "Error against discard",
        &discard(report),
        "What is left of the refusals at the threshold when the pairs of the poorest quality are left out. A line that does not fall says that quality did not cause them.",
    ));
    page.push_str(&figure(
        "Threshold held against other people",
        &splits(report),
        "The threshold is found on one half of the people, and counted on the other half, ten times.",
    ));
    page.push_str("</div>\n");
    page.push_str(&groups(report));
    page.push_str(&failures(report));
    page.push_str("</html>\n");
    page
}

fn figure(title: &str, svg: &str, caption: &str) -> String {
    format!("<figure><h2>{title}</h2>{svg}<figcaption>{caption}</figcaption></figure>\n")
}

/// A rate as a power of ten, where it is one.
fn power(rate: f64) -> String {
    let plain = name(rate);
    match plain.strip_prefix("1e-") {
        Some(exponent) => format!("10<sup>−{exponent}</sup>"),
        None => plain,
    }
}

fn table(report: &Report) -> String {
    let mut text =
        "<table><tr><th>false accept rate<th>score from<th>true accept rate<th>95 % interval</tr>\n"
            .to_owned();
    for accepted in &report.accepted {
        let told = if accepted.can_be_told {
            ""
        } else {
            " <span class=\"note\">too few pairs to tell</span>"
        };
        let _ = writeln!(
            text,
            "<tr><td>{}{told}<td>{:.4}<td>{:.2} %<td>{:.2} – {:.2} %</tr>",
            power(accepted.rate),
            accepted.threshold,
            100.0 * accepted.share,
            100.0 * accepted.interval.low,
            100.0 * accepted.interval.high
        );
    }
    text.push_str("</table>");
    if let Some((rate, threshold)) = report.eer {
        let _ = write!(
            text,
            "<p>Equal error rate {:.2} %, at a score of {threshold:.4}. ",
            100.0 * rate
        );
    } else {
        text.push_str("<p>");
    }
    let wanted = &report.wanted;
    let _ = writeln!(
        text,
        "Threshold for a false match rate of {}, cautiously, since few people were measured: <b>{:.4}</b>, false non-match rate {:.2} %.</p>",
        power(wanted.rate),
        wanted.threshold,
        100.0 * (1.0 - wanted.share)
    );
    text
}

fn trade_off(report: &Report) -> String {
    let points: Vec<_> = report
        .rates
        .trade_off(160)
        .iter()
        .map(|point| {
            (
                logarithm(point.false_match_rate, 5.0),
                logarithm(point.false_non_match_rate, 4.0),
            )
        })
        .collect();
    let mut svg = frame(
        "false match rate",
        "false non-match rate",
        &decades(5),
        &decades(4),
    );
    svg.push_str(&line(&points, "a"));
    let x = across(logarithm(report.wanted.rate, 5.0));
    let _ = write!(
        svg,
        "<line class=\"mark\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/></svg>",
        up(0.0),
        up(1.0)
    );
    svg
}

fn histogram(report: &Report) -> String {
    const BINS: usize = 60;
    let (genuine, impostor, low, high) = report.rates.histogram(BINS);
    let (low, high) = (f64::from(low), f64::from(high));
    // Fifths lie far enough apart for labels; scores span about one.
    let columns: Vec<_> = (-10..=10)
        .map(|fifth| f64::from(fifth) / 5.0)
        .filter(|score| (low..=high).contains(score))
        .map(|score| ((score - low) / (high - low).max(1e-9), format!("{score:.1}")))
        .collect();
    let mut svg = frame(
        "score",
        "share of pairs (each kind to its highest)",
        &columns,
        &[(0.0, "0".to_owned())],
    );
    for (bins, class) in [(&impostor, "fb"), (&genuine, "fa")] {
        let most = bins.iter().copied().max().unwrap_or(1).max(1) as f64;
        for (index, count) in bins.iter().enumerate().filter(|(_, count)| **count > 0) {
            let (from, to) = (index as f64 / BINS as f64, (index + 1) as f64 / BINS as f64);
            let height = *count as f64 / most * 0.96;
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
                across(from),
                up(height),
                across(to) - across(from),
                up(0.0) - up(height)
            );
        }
    }
    let x = across((f64::from(report.wanted.threshold) - low) / (high - low).max(1e-9));
    let _ = write!(
        svg,
        "<line class=\"mark\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/></svg>",
        up(0.0),
        up(1.0)
    );
    svg
}

fn discard(report: &Report) -> String {
    let highest = report.discard.iter().map(|(_, rate)| *rate).fold(1e-4, f64::max);
    let step = round_step(highest / 3.0);
    let most = 4.0 * step;
    let points: Vec<_> = report
        .discard
        .iter()
        .map(|(share, rate)| (share / 0.5, rate / most))
        .collect();
    let columns: Vec<_> = (0..=5)
        .map(|step| (f64::from(step) / 5.0, format!("{} %", step * 10)))
        .collect();
    let rows: Vec<_> = (0..=4)
        .map(|step| {
            (
                f64::from(step) / 4.0,
                format!("{} %", significant(100.0 * most * f64::from(step) / 4.0)),
            )
        })
        .collect();
    let mut svg = frame(
        "pairs left out for their quality",
        "false non-match rate",
        &columns,
        &rows,
    );
    svg.push_str(&line(&points, "b"));
    svg.push_str("</svg>");
    svg
}

fn splits(report: &Report) -> String {
    let most = report.splits.worst().max(3.0) * 1.1;
    let count = report.splits.found.len().max(1) as f64;
    let rows: Vec<_> = (0..=most as u32)
        .map(|times| (f64::from(times) / most, format!("{times} ×")))
        .collect();
    let mut svg = frame(
        "split of the people into halves",
        "false match rate found, as a multiple of the one wanted",
        &[],
        &rows,
    );
    for (index, rate) in report.splits.found.iter().enumerate() {
        let (from, to) = ((index as f64 + 0.15) / count, (index as f64 + 0.85) / count);
        let height = rate / report.splits.wanted / most;
        let _ = write!(
            svg,
            "<rect class=\"fa\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            across(from),
            up(height),
            across(to) - across(from),
            up(0.0) - up(height)
        );
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.1}</text>",
            across(f64::midpoint(from, to)),
            up(height) - 4.0,
            rate / report.splits.wanted
        );
    }
    let y = up(1.0 / most);
    let _ = write!(
        svg,
        "<line class=\"mark\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/></svg>",
        across(0.0),
        across(1.0)
    );
    svg
}

fn groups(report: &Report) -> String {
    if report.groups.is_empty() {
        return String::new();
    }
    let mut text = "<h2>By group</h2><table><tr><th>group<th>people<th>FMR<th>impostor pairs<th>FNMR<th>genuine pairs</tr>\n".to_owned();
    for group in &report.groups {
        let _ = writeln!(
            text,
            "<tr><td>{}<td>{}<td>{:.1e}<td>{}<td>{:.2} %<td>{}</tr>",
            escaped(&group.name),
            group.people,
            group.false_match_rate,
            group.impostor,
            100.0 * group.false_non_match_rate,
            group.genuine
        );
    }
    text + "</table>\n"
}

fn failures(report: &Report) -> String {
    let mut text = String::new();
    for (file, reason) in &report.failures {
        let _ = writeln!(
            text,
            "<p class=\"note\">{}: {}</p>",
            escaped(file),
            escaped(reason)
        );
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
