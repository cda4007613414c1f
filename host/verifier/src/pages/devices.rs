//! The page of the devices.

use askama::Template;
use sha2::{Digest as _, Sha256};

use super::labels;
use crate::store::{DeviceActivity, Refused};
use crate::time::Utc;

#[derive(Debug, Template)]
#[template(path = "devices.html")]
pub(crate) struct DevicesPage {
    rows: Vec<Row>,
    refused: Vec<RefusedRow>,
}

#[derive(Debug)]
struct RefusedRow {
    device: String,
    code: String,
    meaning: &'static str,
    times: u64,
    first: String,
    last: String,
}

#[derive(Debug)]
struct Row {
    name: String,
    revoked: String,
    reports: u64,
    last_sequence: String,
    last_received: String,
    added: String,
    key: String,
}

impl DevicesPage {
    pub(crate) fn new(devices: &[DeviceActivity], refused: &[Refused]) -> Self {
        Self {
            rows: devices.iter().map(row).collect(),
            refused: refused.iter().map(refused_row).collect(),
        }
    }

    #[expect(clippy::unused_self, reason = "the layout asks every page")]
    fn section(&self) -> &'static str {
        "devices"
    }
}

fn row(activity: &DeviceActivity) -> Row {
    let device = &activity.device;
    let fingerprint = hex::encode(Sha256::digest(&device.public_key));
    Row {
        name: device.name.clone(),
        revoked: device.revoked_at.map(|at| Utc(at).short()).unwrap_or_default(),
        reports: activity.reports,
        last_sequence: activity
            .last_sequence
            .map(|number| number.to_string())
            .unwrap_or_default(),
        last_received: activity
            .last_received
            .map(|at| Utc(at).short())
            .unwrap_or_default(),
        added: Utc(device.added_at).short(),
        key: format!("{}…", &fingerprint[..12]),
    }
}

fn refused_row(refused: &Refused) -> RefusedRow {
    RefusedRow {
        device: refused.device.clone(),
        code: refused.code.clone(),
        meaning: labels::refusal(&refused.code),
        times: refused.times,
        first: Utc(refused.first_at).short(),
        last: Utc(refused.last_at).short(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn shows_active_and_revoked_devices() {
        insta::assert_snapshot!(
            DevicesPage::new(&samples::devices(), &samples::refused())
                .render()
                .unwrap()
        );
    }
}
