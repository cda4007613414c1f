//! Trust material of the invented PKI, and lists and bundles put together from it.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chipgate_apdu::tlv::{self, Reader, Tag};
use chipgate_crypto::ObjectIdentifier;
use chipgate_trust::{Certificate, CertificateName, RevocationList};

use crate::{Failure, seed};

const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const SHA_256: &str = "2.16.840.1.101.3.4.2.1";
const ECDSA_WITH_SHA_256: &str = "1.2.840.10045.4.3.2";
const DEFECT_LIST: &str = "0.4.0.127.0.7.3.1.5";
const DEVIATION_LIST: &str = "2.23.136.1.1.7";

/// Everything below the folder that a PKI was written to.
pub(crate) fn seed_all(pki: &Path) -> Result<(), Failure> {
    let read = |name: &str| fs::read(pki.join(name));
    let (authority, signer) = (read("UT/csca.der")?, read("UT/ds.der")?);
    let list = read("UT/csca.crl")?;
    let master_list = read("masterlist.ml")?;
    seed("revocation-list", "csca-UT.crl", &list)?;
    seed("master-list", "UT.ml", &master_list)?;
    let ber = |der: &[u8]| -> Result<Vec<u8>, Failure> {
        let (_, header, _) = tlv::header(der)?;
        Ok([&[0x30, 0x80], der.get(header..).unwrap_or_default(), &[0, 0]].concat())
    };
    seed("master-list", "UT-indefinite.ml", &ber(&master_list)?)?;
    let (defects, deviations) = (defect_list(&signer)?, deviation_list(&signer)?);
    seed("defect-list", "defects", &defects)?;
    seed("defect-list", "deviations", &deviations)?;
    seed("defect-list", "defects-indefinite", &ber(&defects)?)?;
    seed(
        "bundle",
        "one-of-each",
        &bundle(&authority, &signer, &list, &defects)?,
    )?;

    seed("trust-file", "csca-UT.der", &authority)?;
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        STANDARD.encode(&authority)
    );
    seed("trust-file", "csca-UT.pem", pem.as_bytes())?;
    let entry = |dn: &str, attribute: &str, der: &[u8]| {
        format!(
            "dn: {dn},c=UT,dc=data\n{attribute}:: {}\n\n",
            folded(&STANDARD.encode(der))
        )
    };
    let complete = [
        "version: 1\n# an invented state\n\n".to_owned(),
        entry("o=ml", "cACertificate;binary", &authority),
        entry("cn=1+sn=1,o=dsc", "userCertificate;binary", &signer),
        entry("cn=2,o=crl", "certificateRevocationList;binary", &list),
    ];
    seed("trust-file", "complete.ldif", complete.concat().as_bytes())?;
    let delta = "dn: cn=1+sn=1,o=dsc,c=UT,dc=data\nchangetype: modify\ndelete: userCertificate;binary\n-\n\
                 replace: userCertificate;binary\nuserCertificate;binary:: AQID\n-\n\n\
                 dn: cn=2,o=crl,c=UT,dc=data\nchangetype: delete\n";
    seed("trust-file", "delta.ldif", delta.as_bytes())
}

/// RFC 2849, note 2.
fn folded(text: &str) -> String {
    let lines: Vec<&str> = (0..text.len())
        .step_by(76)
        .filter_map(|start| text.get(start..text.len().min(start + 76)))
        .collect();
    lines.join("\n ")
}

fn der(tag: u32, parts: &[&[u8]]) -> Vec<u8> {
    tlv::encode(Tag(tag), &parts.concat())
}

fn oid(dotted: &str) -> Result<Vec<u8>, Failure> {
    Ok(der(6, &[ObjectIdentifier::new(dotted)?.as_bytes()]))
}

/// Serial number and issuer of a certificate, each as it is encoded, as `IssuerAndSerialNumber` has them.
fn issuer_and_serial_number(certificate: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut outer = Reader::new(certificate);
    let whole = outer.next()?.ok_or("no certificate")?.value;
    let tbs = Reader::new(whole).next()?.ok_or("no certificate")?.value;
    let mut fields = Reader::new(tbs);
    let mut raw = Vec::new();
    while let Some(field) = fields.next()? {
        raw.push(field.raw);
    }
    match raw.as_slice() {
        [_, serial, _, issuer, ..] => Ok([*issuer, *serial].concat()),
        _ => Err("a certificate without fields".into()),
    }
}

fn defect_list(signer: &[u8]) -> Result<Vec<u8>, Failure> {
    let of = der(0x30, &[&issuer_and_serial_number(signer)?]);
    let kind = |arcs: &str| oid(&format!("{DEFECT_LIST}.{arcs}"));
    let known = [
        der(0x30, &[&kind("1.1")?, &[10, 1, 4]]),
        der(0x30, &[&kind("2.1")?, &der(0x31, &[&[2, 1, 2, 2, 1, 14]])]),
        der(0x30, &[&kind("2.5")?, &der(0x13, &[b"UT"])]),
        der(0xA0, &[&kind("1.3")?]),
        der(0x30, &[&[2, 1, 5]]),
    ];
    let defect = der(0x30, &[&of, &der(0x31, &[&known.concat()])]);
    let hashed = der(
        0x30,
        &[&der(4, &[&[7; 32]]), &der(0x31, &[&der(0x30, &[&kind("4.3")?])])],
    );
    let content = der(
        0x30,
        &[
            &[2, 1, 1],
            &oid(SHA_256)?,
            &der(0x31, &[&defect, &hashed, &[2, 1, 5]]),
        ],
    );
    signed(DEFECT_LIST, &content, signer)
}

fn deviation_list(signer: &[u8]) -> Result<Vec<u8>, Failure> {
    let documents = der(
        0x30,
        &[
            &der(0x80, &[b"P<"]),
            &der(0xA1, &[&issuer_and_serial_number(signer)?]),
        ],
    );
    let hash_wrong = der(
        0x30,
        &[
            &der(0x13, &[b"DG2"]),
            &oid(&format!("{DEVIATION_LIST}.2.2"))?,
            &der(0xA0, &[&[2, 1, 2]]),
        ],
    );
    let deviation = der(0x30, &[&documents, &der(0x31, &[&hash_wrong])]);
    let by_key = der(
        0x30,
        &[
            &der(0x30, &[&der(0x82, &[&[1, 2, 3]])]),
            &der(0x31, &[&hash_wrong]),
        ],
    );
    let content = der(0x30, &[&[2, 1, 0], &der(0x31, &[&deviation, &by_key])]);
    signed(DEVIATION_LIST, &content, signer)
}

/// A SignedData whose signature is none: what is read of it is read before that is looked at.
fn signed(content_type: &str, content: &[u8], signer: &[u8]) -> Result<Vec<u8>, Failure> {
    let digest = der(0x30, &[&oid(SHA_256)?]);
    let kind = oid(content_type)?;
    let info = der(
        0x30,
        &[
            &[2, 1, 1],
            &der(0x30, &[&issuer_and_serial_number(signer)?]),
            &digest,
            &der(0x30, &[&oid(ECDSA_WITH_SHA_256)?]),
            &der(4, &[&[0; 64]]),
        ],
    );
    let data = der(
        0x30,
        &[
            &[2, 1, 3],
            &der(0x31, &[&digest]),
            &der(0x30, &[&kind, &der(0xA0, &[&der(4, &[content])])]),
            &der(0xA0, &[signer]),
            &der(0x31, &[&info]),
        ],
    );
    Ok(der(0x30, &[&oid(SIGNED_DATA)?, &der(0xA0, &[&data])]))
}

/// The entries of a bundle, and one of a kind that a later bundle may have.
fn bundle(authority: &[u8], signer: &[u8], list: &[u8], defects: &[u8]) -> Result<Vec<u8>, Failure> {
    let entry = |kind: u8, name: Option<&CertificateName>, der: &[u8]| -> Result<Vec<u8>, Failure> {
        let name = name.map(CertificateName::digest).unwrap_or_default();
        let length = u32::try_from(der.len())?.to_be_bytes();
        Ok([&[kind][..], &name, &length, der].concat())
    };
    let anchor = Certificate::from_der(authority)?;
    let known = Certificate::from_der(signer)?;
    let revocation = RevocationList::from_der(list)?;
    let entries = [
        entry(1, Some(anchor.subject()), authority)?,
        entry(2, Some(known.issuer()), signer)?,
        entry(3, Some(revocation.issuer()), list)?,
        entry(4, None, defects)?,
        entry(9, None, &[1, 2, 3])?,
    ];
    Ok(entries.concat())
}
