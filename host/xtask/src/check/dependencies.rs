//! Which crate may use which: the arrows of docs/architecture.md, held against cargo's own answer.

use crate::command::{Failure, cargo, output};

/// Crates, and those of ours that they must never use, directly or through another.
const FORBIDDEN: [(&str, &[&str]); 6] = [
    ("chipgate-chip", &["chipgate-trust", "chipgate-inspection"]),
    ("chipgate-trust", &["chipgate-chip", "chipgate-inspection"]),
    (
        "chipgate-inspection",
        &["chipgate-trust-store", "chipgate-gate", "chipgate-face"],
    ),
    // The card's side is written apart from the reader's, so that one mistake can't hide in both.
    (
        "chipgate-virtual-card",
        &["chipgate-chip", "chipgate-trust", "chipgate-inspection"],
    ),
    (
        "chipgate-face",
        &["chipgate-chip", "chipgate-trust", "chipgate-inspection"],
    ),
    (
        "chipgate-verifier",
        &["chipgate-gate", "chipgate-face", "chipgate-virtual-card"],
    ),
];

/// Fails with the first arrow that points the wrong way.
pub(crate) fn check() -> Result<(), Failure> {
    println!("▸ which crate may use which");
    for (name, forbidden) in FORBIDDEN {
        let mut tree = cargo();
        tree.args([
            "tree",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--package",
            name,
        ]);
        let used = output(&mut tree).ok_or_else(|| Failure(format!("`cargo tree` failed for {name}")))?;
        let used: Vec<&str> = used.lines().filter_map(|line| line.split(' ').next()).collect();
        if let Some(wrong) = forbidden.iter().find(|wrong| used.contains(wrong)) {
            return Err(Failure(format!(
                "{name} must not use {wrong}: see docs/architecture.md"
            )));
        }
    }
    Ok(())
}
