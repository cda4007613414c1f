//! Which protocols a chip speaks, with which keys, and what its signed files claim.

use chipgate_crypto::{AgreementPublicKey, PublicKey};
use chipgate_lds::{
    LdsError, SecurityInfo, SecurityInfos, oid, parse_card_access, parse_card_security, parse_dg14,
    parse_dg15, parse_sod,
};
use chipgate_trust::claimed_data_groups;
use serde_json::{Value, json};

pub(super) fn card_access(file: &[u8]) -> Result<Value, LdsError> {
    parse_card_access(file).map(|infos| security_infos(&infos))
}

pub(super) fn dg14(file: &[u8]) -> Result<Value, LdsError> {
    parse_dg14(file).map(|infos| security_infos(&infos))
}

pub(super) fn card_security(file: &[u8]) -> Result<Value, LdsError> {
    parse_card_security(file).map(|content| json!({ "bytes": content.len() }))
}

pub(super) fn sod(file: &[u8]) -> Result<Value, LdsError> {
    let content = parse_sod(file)?;
    let claimed: Vec<&str> = claimed_data_groups(file)
        .iter()
        .map(|group| group.name())
        .collect();
    Ok(json!({ "claimed_data_groups": claimed, "bytes": content.len() }))
}

pub(super) fn dg15(file: &[u8]) -> Result<Value, LdsError> {
    parse_dg15(file).map(|key| public_key(&key))
}

fn security_infos(infos: &SecurityInfos) -> Value {
    let all: Value = infos.all().iter().map(security_info).collect();
    json!({ "security_infos": all })
}

fn security_info(info: &SecurityInfo) -> Value {
    let protocol = info.protocol();
    let mut value = json!({ "protocol": protocol.to_string(), "name": oid::name(&protocol) });
    let mut put = |key: &str, field: Value| value[key] = field;
    match info {
        SecurityInfo::Pace(info) => {
            put("version", json!(info.version));
            put("parameter_id", json!(info.parameter_id));
        }
        SecurityInfo::PaceDomainParameters(info) => {
            put("parameter_id", json!(info.parameter_id));
            put(
                "domain_parameters",
                json!(hex::encode(&info.domain_parameters_der)),
            );
        }
        SecurityInfo::ChipAuthentication(info) => {
            put("version", json!(info.version));
            put("key_id", json!(info.key_id.as_ref().map(hex::encode)));
        }
        SecurityInfo::ChipAuthenticationPublicKey(info) => {
            put("key_id", json!(info.key_id.as_ref().map(hex::encode)));
            put("public_key", public_key(&info.public_key_der));
        }
        SecurityInfo::TerminalAuthentication(info) => {
            let file = info.cvca_file.as_ref();
            put("version", json!(info.version));
            put(
                "cvca_file",
                json!(file.map(|file| format!("{:04x}", file.identifier))),
            );
            put(
                "cvca_short_identifier",
                json!(file.and_then(|file| file.short_identifier)),
            );
        }
        SecurityInfo::ActiveAuthentication(info) => {
            let algorithm = info.signature_algorithm;
            put("version", json!(info.version));
            put("signature_algorithm", json!(algorithm.to_string()));
            put("signature_algorithm_name", json!(oid::name(&algorithm)));
        }
        SecurityInfo::Unknown { raw, .. } => put("bytes", json!(raw.len())),
    }
    value
}

/// What kind of key it is; one that is not known here shows its DER.
fn public_key(der: &[u8]) -> Value {
    match PublicKey::from_spki_der(der) {
        Ok(PublicKey::Rsa(key)) => json!({ "kind": "RSA", "bits": key.bits() }),
        Ok(PublicKey::Ec(point)) => json!({ "kind": "EC", "curve": point.curve().name() }),
        Err(_) => match AgreementPublicKey::from_spki_der(der) {
            Ok(AgreementPublicKey::Dh(key)) => {
                json!({ "kind": "DH", "group": key.group().domain_parameter_id() })
            }
            Ok(AgreementPublicKey::Ecdh(point)) => json!({ "kind": "EC", "curve": point.curve().name() }),
            Err(_) => json!({ "kind": null, "der": hex::encode(der) }),
        },
    }
}
