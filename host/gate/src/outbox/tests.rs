use super::{ChainPosition, Contents, Outbox};
use crate::GateError;

#[test]
fn numbers_reports_without_gaps_and_chains_them_by_hash() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(folder.path()).unwrap();
    assert_eq!(outbox.position("gate").unwrap(), ChainPosition::START);
    outbox.put("gate", 1, b"first").unwrap();
    let next = ChainPosition {
        sequence: 2,
        previous: Some(super::chain::hash(b"first")),
    };
    assert_eq!(outbox.position("gate").unwrap(), next);
}

#[test]
fn goes_on_with_the_chain_after_everything_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(folder.path()).unwrap();
    let report = outbox.put("gate", 1, b"first").unwrap();
    outbox.remove(&report).unwrap();
    drop(outbox);
    let outbox = Outbox::open(folder.path()).unwrap();
    assert!(outbox.waiting(10).unwrap().is_empty());
    assert_eq!(outbox.position("gate").unwrap().sequence, 2);
}

#[test]
fn a_number_is_never_given_out_twice_even_if_the_power_failed_before_the_chain_moved_on() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(folder.path()).unwrap();
    outbox.position("gate").unwrap();
    let before = std::fs::read(folder.path().join("chain.json")).unwrap();
    let report = outbox.put("gate", 1, b"first").unwrap();
    drop(outbox);
    std::fs::write(folder.path().join("chain.json"), before).unwrap();
    // Another program opens it, and delivers the report.
    let outbox = Outbox::open(folder.path()).unwrap();
    outbox.remove(&report).unwrap();
    let next = ChainPosition {
        sequence: 2,
        previous: Some(super::chain::hash(b"first")),
    };
    assert_eq!(outbox.position("gate").unwrap(), next);
    assert!(matches!(
        outbox.position("other"),
        Err(GateError::ForeignOutbox { .. })
    ));
}

#[test]
fn a_sequence_number_that_no_verifier_takes_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("18446744073709551615.cose"), "").unwrap();
    let outbox = Outbox::open(folder.path()).unwrap();
    assert!(matches!(
        outbox.position("gate"),
        Err(GateError::BrokenChain { .. })
    ));
}

#[test]
fn hands_out_waiting_reports_oldest_first() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(folder.path()).unwrap();
    for sequence in [1, 2, 10] {
        outbox.put("gate", sequence, &[sequence as u8]).unwrap();
    }
    let waiting: Vec<_> = outbox
        .waiting(10)
        .unwrap()
        .iter()
        .map(|report| report.bytes[0])
        .collect();
    assert_eq!(waiting, [1, 2, 10]);
}

#[test]
fn refuses_another_devices_outbox() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(folder.path()).unwrap();
    outbox.put("gate", 1, b"first").unwrap();
    assert!(matches!(
        outbox.position("other"),
        Err(GateError::ForeignOutbox { .. })
    ));
}

#[test]
fn a_report_that_is_refused_is_kept_aside() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(folder.path()).unwrap();
    let report = outbox.put("gate", 1, b"first").unwrap();
    let path = outbox.set_aside(&report).unwrap();
    assert!(outbox.waiting(10).unwrap().is_empty());
    assert_eq!(std::fs::read(path).unwrap(), b"first");
}

#[test]
fn a_chain_that_was_lost_or_broken_begins_anew_after_what_the_verifier_has() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("chain.json"), "{").unwrap();
    assert_eq!(Outbox::restart(folder.path(), "gate", 41).unwrap(), 42);
    let outbox = Outbox::open(folder.path()).unwrap();
    let position = outbox.position("gate").unwrap();
    assert_eq!((position.sequence, position.previous), (42, Some([0; 32])));
    outbox.put("gate", 42, b"next").unwrap();
    drop(outbox);
    assert_eq!(
        Outbox::restart(folder.path(), "gate", 7).unwrap(),
        43,
        "a number is never given out twice"
    );
    assert!(matches!(
        Outbox::restart(folder.path(), "other", 41),
        Err(GateError::ForeignOutbox { .. })
    ));
    assert_eq!(Outbox::restart(&folder.path().join("new"), "gate", 0).unwrap(), 1);
}

#[test]
fn looking_waits_for_nobody_and_tells_what_lies_there() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(folder.path()).unwrap();
    let report = outbox.put("gate", 1, b"first").unwrap();
    outbox.put("gate", 2, b"second").unwrap();
    outbox.set_aside(&report).unwrap();
    let contents = Contents {
        waiting: 1,
        refused: 1,
    };
    assert_eq!(Outbox::look(folder.path(), Some("gate")).unwrap(), contents);
    assert!(matches!(
        Outbox::look(folder.path(), Some("other")),
        Err(GateError::ForeignOutbox { .. })
    ));
    std::fs::write(folder.path().join("chain.json"), "{").unwrap();
    assert!(matches!(
        Outbox::look(folder.path(), None),
        Err(GateError::BrokenChain { .. })
    ));
}

#[test]
fn a_chain_file_that_cannot_be_read_is_an_error_and_not_a_new_chain() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("chain.json"), "{").unwrap();
    assert!(matches!(
        Outbox::open(folder.path()),
        Err(GateError::BrokenChain { .. })
    ));
}
