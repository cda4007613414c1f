//! What an operator sees: what to do, in their language, on a terminal of eighty columns.

use std::process::Command;

use crate::workplace::{Workplace, check};

/// A genuine card and a copy of one.
fn cards() -> Workplace {
    let workplace = Workplace::with_pki();
    workplace.issue("vn-cccd", &[], "card.json");
    workplace.issue("vn-cccd", &["copied-chip"], "copy.json");
    workplace
}

const INSPECT: [&str; 5] = ["inspect", "--trust", "pki/trust", "--card", "copy.json"];

#[test]
fn what_to_do_stands_beside_the_verdict_in_the_operators_language() {
    let workplace = cards();
    let english = workplace.run(&INSPECT);
    assert_eq!(english.status, 20);
    let shown = unwrapped(&english.stdout);
    assert!(shown.contains("VERDICT refuse, stopped by"), "{shown}");
    assert!(
        shown.contains("TO DO Refuse; keep the document for examination"),
        "{shown}"
    );

    let vietnamese = workplace.run(&[&INSPECT[..], &["--language", "vi"]].concat());
    let shown = unwrapped(&vietnamese.stdout);
    assert!(shown.contains("KẾT LUẬN từ chối, dừng ở"), "{shown}");
    assert!(
        shown.contains("CẦN LÀM Từ chối; giữ giấy tờ để giám định"),
        "{shown}"
    );
    assert!(!shown.contains("Refuse"), "{shown}");

    let mut command = workplace.command();
    command.args(INSPECT).env("LC_ALL", "vi_VN.UTF-8");
    let by_environment = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(by_environment.contains("CẦN LÀM"), "{by_environment}");
    assert_eq!(
        workplace
            .run(&[&INSPECT[..], &["--language", "xx"]].concat())
            .status,
        2
    );
}

#[test]
fn advice_stands_beside_what_speaks_against_the_document_and_beside_all_when_asked_for() {
    let workplace = cards();
    let inspect = [
        "inspect",
        "--trust",
        "pki/trust",
        "--card",
        "card.json",
        "--language",
        "en",
    ];
    let shown = unwrapped(&workplace.succeed(&inspect).stdout);
    assert!(shown.contains("terminal-authentication-not-tried"), "{shown}");
    assert!(!shown.contains("Nothing, unless"), "{shown}");
    let shown = unwrapped(&workplace.succeed(&[&inspect[..], &["--verbose"]].concat()).stdout);
    assert!(shown.contains("Nothing, unless"), "{shown}");
}

#[test]
fn no_line_of_an_inspection_is_wider_than_a_terminal() {
    let workplace = cards();
    for language in ["en", "vi"] {
        for card in ["card.json", "copy.json"] {
            let ran = workplace.run(&[
                "inspect",
                "--trust",
                "pki/trust",
                "--card",
                card,
                "--language",
                language,
            ]);
            for line in ran.stdout.lines() {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
    }
}

#[test]
fn a_program_gets_the_advice_of_each_check_in_every_language() {
    let workplace = cards();
    let found = workplace.run(&[&INSPECT[..], &["--json"]].concat()).json();
    for outcome in found["checks"].as_array().unwrap() {
        let advice = &outcome["advice"];
        assert_eq!(advice.is_null(), outcome["reason"].is_null(), "{outcome}");
        if outcome["reason"].is_string() {
            for language in ["en", "vi"] {
                assert!(advice[language].as_str().unwrap().len() > 5, "{outcome}");
            }
        }
    }
    let chip = check(&found, "chip-authenticity");
    assert!(
        chip["advice"]["en"].as_str().unwrap().starts_with("Refuse"),
        "{chip}"
    );
}

/// What is shown, its lines as one.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A terminal's screen after it was written to: as much of ECMA-48 as progress bars use.
fn screen(written: &str) -> Vec<String> {
    let (mut lines, mut row, mut column) = (vec![Vec::new()], 0_usize, 0_usize);
    let mut characters = written.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => column = 0,
            '\n' => row += 1,
            '\u{1b}' if characters.peek() == Some(&'[') => {
                characters.next();
                let (mut number, mut kind) = (String::new(), ' ');
                for next in characters.by_ref() {
                    if next.is_ascii_alphabetic() {
                        kind = next;
                        break;
                    }
                    number.push(next);
                }
                let count = number.parse().unwrap_or(1);
                match kind {
                    'A' => row = row.saturating_sub(count),
                    'B' => row += count,
                    'K' => lines[row].clear(),
                    'J' => lines.truncate(row + 1),
                    _ => {}
                }
            }
            _ => {
                let line: &mut Vec<char> = &mut lines[row];
                line.resize(line.len().max(column + 1), ' ');
                line[column] = character;
                column += 1;
            }
        }
        lines.resize(lines.len().max(row + 1), Vec::new());
    }
    let text = |line: Vec<char>| line.into_iter().collect::<String>().trim_end().to_owned();
    lines.into_iter().map(text).collect()
}

#[test]
fn nothing_of_the_progress_stays_above_the_result() {
    let workplace = cards();
    let program = env!("CARGO_BIN_EXE_chipgate");
    let inspect = format!("{program} inspect --trust pki/trust --card card.json --language en");
    let script = Command::new("script")
        .args(["-qec", &inspect, "/dev/null"])
        .current_dir(workplace.path(""))
        .env("TERM", "xterm")
        .output();
    let Ok(output) = script else {
        println!("skipped: progress on a terminal, since there is no `script` here");
        return;
    };
    let written = String::from_utf8(output.stdout).unwrap();
    assert!(written.contains("EF.SOD"), "there was progress: {written}");
    let screen = screen(&written);
    let first = screen.iter().find(|line| !line.is_empty()).unwrap();
    assert!(first.starts_with("  Document"), "{screen:#?}");
    assert!(!screen.iter().any(|line| line.contains('█')), "{screen:#?}");
}
