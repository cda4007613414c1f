//! The edge: the inspection flow, the device's key and the outbox.
//!
//! [`Inspector`] holds what is there before a card arrives: anchors, policy, face models, clock. Its
//! [`inspect_chip`](Inspector::inspect_chip) carries out [`READ_PLAN`] with whatever [`Channel`](chipgate_apdu::Channel) it gets, checks the
//! signature and embeds the faces while the chip is read, and comes back with an [`Inspection`]. A [`Device`] signs what
//! it found as a report; [`Outbox`] keeps reports until [`VerifierClient`] has delivered them.
//!
//! ```no_run
//! use chipgate_gate::{Device, Outbox};
//!
//! let device = Device::read("device.key".as_ref())?;
//! let outbox = Outbox::open("outbox".as_ref())?;
//! println!("{} has {} reports waiting", device.name(), outbox.numbers()?.len());
//! # Ok::<(), chipgate_gate::GateError>(())
//! ```

mod client;
mod device;
mod error;
mod files_folder;
mod input;
mod inspection;
mod inspector;
mod live;
mod matching;
mod outbox;
mod read_chip;
mod read_plan;
mod reporting;

pub use client::{Delivery, Nonce, VerifierClient, fetch_page};
pub use device::Device;
pub use error::GateError;
pub use files_folder::read_files_folder;
pub use input::{LONGEST_INPUT, LONGEST_PICTURE, read_at_most, read_text_at_most};
pub use inspection::{Inspection, Timings};
pub use inspector::{ChipRequest, Inspector};
pub use live::Live;
pub use outbox::{ChainPosition, Contents, Outbox, WaitingReport};
pub use read_chip::read_chip;
pub use read_plan::{
    ChipRead, Event, READ_AS_TERMINAL, READ_EVERYTHING, READ_PLAN, ReadRequest, ReadStep, Terminal,
};
pub use reporting::{ReportContext, SOFTWARE};
