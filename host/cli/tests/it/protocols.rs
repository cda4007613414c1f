//! Every protocol of a document, from the command line.

use serde_json::Value;

use crate::workplace::Workplace;

fn inspect(workplace: &Workplace, card: &str, more: &[&str]) -> Value {
    let common = ["inspect", "--card", card, "--trust", "pki/trust", "--json"];
    workplace.run(&[&common[..], more].concat()).json()
}

#[test]
fn a_pace_protocol_that_is_named_is_taken_or_refused() {
    let workplace = Workplace::with_pki();
    workplace.issue("td3-pace", &[], "card.json");
    let by_name = |name| inspect(&workplace, "card.json", &["--pace", name]);
    let found = by_name("id-PACE-ECDH-GM-AES-CBC-CMAC-128");
    assert_eq!(found["verdict"], "accept", "{found}");
    let found = by_name("id-PACE-DH-IM-AES-CBC-CMAC-256");
    assert_eq!(found["error"]["code"], "not-supported", "{found}");
}
