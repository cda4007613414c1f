use super::{VerifierClient, is_final, protection::check_protection};
use crate::{Delivery, GateError};
use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

#[test]
fn reports_go_over_tls_or_stay_on_this_machine() {
    for protected in [
        "https://verifier.example",
        "http://127.0.0.1:8460",
        "http://localhost:1",
        "http://[::1]:8460",
    ] {
        assert!(check_protection(protected).is_ok(), "{protected}");
    }
    for open in [
        "http://verifier.example",
        "http://127.0.0.1.example",
        "http://10.0.0.1",
    ] {
        let error = check_protection(open);
        assert!(matches!(error, Err(GateError::PlainHttp { .. })), "{open}");
    }
}

#[test]
fn an_address_without_its_scheme_is_called_that() {
    for incomplete in [
        "127.0.0.1:8460",
        "verifier",
        "verifier.example:8460",
        "ftp://localhost",
        "",
    ] {
        let error = check_protection(incomplete).unwrap_err();
        assert!(
            matches!(error, GateError::NoAddress { .. }),
            "{incomplete}: {error}"
        );
        assert!(error.to_string().contains("https://"), "{error}");
    }
}

#[test]
fn a_verifier_that_is_busy_refuses_nothing_for_good() {
    assert!(is_final(403) && is_final(422));
    assert!(!is_final(429) && !is_final(408) && !is_final(500) && !is_final(200));
}

/// What listens on this machine and answers each request with `answer`.
fn answering(answer: &'static str) -> VerifierClient {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(answer.as_bytes());
        }
    });
    VerifierClient::new(&address, None).unwrap()
}

#[test]
fn too_many_nonces_and_a_busy_verifier_are_no_refusal() {
    let answer = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 52\r\nConnection: close\r\n\r\n\
                  {\"error\":{\"code\":\"too-many-nonces\",\"message\":\"wait\"}}";
    let busy = answering(answer).nonce("gate").unwrap_err();
    assert!(matches!(busy, GateError::VerifierBusy { .. }), "{busy}");
    assert!(busy.is_outage());
    let down = answering("HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    assert!(down.nonce("gate").unwrap_err().is_outage());
}

#[test]
fn a_name_that_leads_nowhere_a_port_that_is_shut_and_silence_are_told_apart() {
    let asked = |address: &str| {
        VerifierClient::new(address, None)
            .unwrap()
            .nonce("gate")
            .unwrap_err()
    };
    // A name that never exists (RFC 6761, 6.4).
    let unknown = asked("https://verifier.invalid");
    assert!(matches!(unknown, GateError::UnknownHost { .. }), "{unknown}");
    assert!(!unknown.is_outage(), "no waiting mends a wrong name");

    let shut = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = asked(&format!("http://{shut}"));
    assert!(matches!(refused, GateError::VerifierUnreachable { .. }) && refused.is_outage());
    assert!(refused.to_string().contains("nothing listens"), "{refused}");
    assert!(!refused.to_string().contains("os error"), "{refused}");

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let late = asked(&format!("http://{}", silent.local_addr().unwrap()));
    assert!(
        matches!(late, GateError::VerifierTimedOut { .. }) && late.is_outage(),
        "{late}"
    );
}

#[test]
fn a_wrong_address_is_no_outage() {
    let foreign = answering("HTTP/1.1 404 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    let error = foreign.nonce("gate").unwrap_err();
    assert!(matches!(error, GateError::NotAVerifier { .. }), "{error}");
    assert!(!error.is_outage());
    match foreign.send(b"report") {
        Delivery::Waits(error) => assert!(!error.is_outage(), "{error}"),
        other => panic!("{other:?}"),
    }
    let plain = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let address = plain.address.replace("http://", "https://");
    let error = VerifierClient::new(&address, None)
        .unwrap()
        .nonce("gate")
        .unwrap_err();
    assert!(matches!(error, GateError::TlsFailed { .. }), "{error}");
    let nowhere = VerifierClient::new("https://verifier.invalid", None).unwrap();
    let error = nowhere.nonce("gate").unwrap_err();
    assert!(!matches!(error, GateError::VerifierTimedOut { .. }), "{error}");
}

#[test]
fn a_verifier_that_hangs_is_given_up_soon() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let error = VerifierClient::new(&address, None)
        .unwrap()
        .nonce("gate")
        .unwrap_err();
    assert!(matches!(error, GateError::VerifierTimedOut { .. }), "{error}");
    assert!(error.is_outage());
}
