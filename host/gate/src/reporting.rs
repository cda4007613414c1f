use chipgate_inspection::{Freshness, Policy, Report, Sender};
use rand_core::CryptoRng;

use crate::{ChainPosition, Device, GateError, Inspection};

/// Name and version of this software, as reports carry it.
pub const SOFTWARE: &str = concat!("chipgate ", env!("CARGO_PKG_VERSION"));

/// What makes an inspection a report, known before the card is read.
pub struct ReportContext<'a> {
    /// Who signs.
    pub device: &'a Device,
    /// The place in the device's chain.
    pub position: ChainPosition,
    /// Where the challenge of active authentication came from.
    pub freshness: Freshness,
}

impl ReportContext<'_> {
    /// Makes and signs the report of an inspection: its identifier and its COSE_Sign1 bytes.
    pub fn report(
        &self,
        inspection: &Inspection,
        policy: &Policy,
        rng: &mut impl CryptoRng,
    ) -> Result<([u8; 16], Vec<u8>), GateError> {
        let mut id = [0; 16];
        rng.fill_bytes(&mut id);
        let sender = Sender {
            id,
            device: self.device.name().to_owned(),
            sequence: self.position.sequence,
            previous: self.position.previous,
            time: inspection.time,
            freshness: self.freshness,
            software: SOFTWARE.to_owned(),
        };
        let report = Report::new(sender, &inspection.evaluation, policy, &inspection.decision);
        let signed = report.sign(self.device.signer());
        Ok((
            id,
            signed.map_err(|error| GateError::Report {
                reason: error.to_string(),
            })?,
        ))
    }
}
