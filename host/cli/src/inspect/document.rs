//! The document, as DG1 says it, for the officer's screen.

use chipgate_gate::Inspection;
use chipgate_lds::{DataGroup, Date, Dg1, File, Mrz, MrzDate, MrzKind, Sex};

/// The holder's and the document's data, and whether the issuer vouches for them.
pub(crate) struct Document {
    pub(crate) mrz: Mrz,
    /// Whether DG1 is what a verified security object lists.
    pub(crate) verified: bool,
    today: Option<Date>,
}

impl Document {
    /// What DG1 says; `None` if it was not read, or can't be.
    pub(crate) fn of(inspection: &Inspection) -> Option<Self> {
        let dg1 = inspection.files.bytes(File::DataGroup(DataGroup::DG1))?;
        let mrz = Dg1::parse(dg1).ok()?.mrz;
        let object = inspection.passive.as_ref().and_then(|passive| passive.verified());
        let verified = object.is_some_and(|object| object.data_group(DataGroup::DG1, dg1).is_ok());
        Some(Self {
            mrz,
            verified,
            today: Date::from_timestamp(inspection.time),
        })
    }

    pub(crate) fn birth_date(&self) -> String {
        self.date(&self.mrz.birth_date, MrzDate::as_birth_date)
    }

    pub(crate) fn expiry_date(&self) -> String {
        self.date(&self.mrz.expiry_date, MrzDate::as_expiry_date)
    }

    /// The whole date where it is one, else the six characters of the zone.
    fn date(&self, date: &MrzDate, resolve: fn(&MrzDate, Date) -> Option<Date>) -> String {
        let whole = self.today.and_then(|today| resolve(date, today));
        whole.map_or_else(
            || date.as_str().to_owned(),
            |day| format!("{:04}-{:02}-{:02}", day.year, day.month, day.day),
        )
    }

    pub(crate) const fn kind(&self) -> &'static str {
        match self.mrz.kind {
            MrzKind::Td1 => "TD1",
            MrzKind::Td2 => "TD2",
            MrzKind::Td3 => "TD3",
        }
    }

    pub(crate) const fn sex(&self) -> &'static str {
        match self.mrz.sex {
            Sex::Female => "F",
            Sex::Male => "M",
            Sex::Unspecified => "X",
        }
    }

    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "verified": self.verified,
            "kind": self.kind(),
            "document_code": self.mrz.document_code,
            "issuing_state": self.mrz.issuing_state,
            "document_number": self.mrz.document_number,
            "nationality": self.mrz.nationality,
            "primary_identifier": self.mrz.names.primary,
            "secondary_identifier": self.mrz.names.secondary,
            "birth_date": self.birth_date(),
            "sex": self.sex(),
            "expiry_date": self.expiry_date(),
        })
    }
}
