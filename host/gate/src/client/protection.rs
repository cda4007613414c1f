//! What keeps a report from others on its way: TLS under authorities that are known, or this machine alone.

use std::{net::IpAddr, path::Path};

use ureq::{
    http::Uri,
    tls::{Certificate, PemItem, parse_pem},
};

use crate::{GateError, LONGEST_INPUT, read_at_most};

/// Whoever is on the way must neither read reports nor choose the challenge: they go over TLS, or stay on this machine.
pub(super) fn check_protection(address: &str) -> Result<(), GateError> {
    let named = || address.to_owned();
    let uri: Option<Uri> = address.parse().ok();
    let uri = uri.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some());
    let Some(uri) = uri else {
        return Err(GateError::NoAddress { address: named() });
    };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let on_this_machine = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|host| host.is_loopback());
    if uri.scheme_str() == Some("https") || on_this_machine {
        Ok(())
    } else {
        Err(GateError::PlainHttp { address: named() })
    }
}

/// The authorities in a PEM file.
pub(super) fn read_authorities(file: &Path) -> Result<Vec<Certificate<'static>>, GateError> {
    let unreadable = || GateError::UnreadableAuthorities {
        file: file.to_owned(),
    };
    let pem = read_at_most(file, LONGEST_INPUT).map_err(|_| unreadable())?;
    let certificates: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        Err(unreadable())
    } else {
        Ok(certificates)
    }
}
