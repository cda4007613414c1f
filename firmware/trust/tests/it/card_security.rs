//! EF.CardSecurity.

use chipgate_trust::StepResult::{Failed, Undetermined};
use chipgate_trust::{MemoryAnchors, TrustFault, authenticate_card_security};

use crate::fixtures::NOW;
use crate::judged::{anchors, options};
use crate::pki::{self, Plan, der, sequence};

#[test]
fn card_security_gives_the_chips_keys_only_as_they_were_signed() {
    let algorithm = Plan::citizen_card().algorithm;
    let key = Plan::new(algorithm).make().signer_key.public_key().to_spki_der();
    let mut plan = Plan::new(algorithm);
    plan.content_type = "0.4.0.127.0.7.3.2.1";
    // ChipAuthenticationPublicKeyInfo ::= SEQUENCE { id-PK-ECDH, SubjectPublicKeyInfo }
    plan.content = der(0x31, &[&sequence(&[&pki::oid("0.4.0.127.0.7.2.2.1.2"), &key])]);
    let made = plan.make();
    let anchors = anchors(&plan, &made, &[]);
    let check =
        |file: &[u8], anchors: &MemoryAnchors| authenticate_card_security(file, anchors, NOW, &options());
    let found = check(&made.cms, &anchors);
    assert!(found.signature().is_successful() && found.issuer_certificate().is_successful());
    let keys = found.verified().unwrap().chip_authentication_keys();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].public_key_der, key);

    let found = check(&made.cms, &MemoryAnchors::new());
    assert_eq!(found.issuer_certificate(), Undetermined(TrustFault::NoAnchors));
    assert!(found.verified().is_none());
    let sod = Plan::new(algorithm).make().cms;
    assert_eq!(
        check(&sod, &anchors).signature(),
        Failed(TrustFault::WrongContentType)
    );
    for length in 0..made.cms.len() {
        let found = check(&made.cms[..length], &anchors);
        assert_eq!(found.signature(), Failed(TrustFault::Unreadable));
    }
}
