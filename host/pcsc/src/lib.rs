//! PC/SC readers as channels, and card events.
//!
//! [`Readers`] is the connection to the PC/SC service; it lists readers and waits for a card, which comes as a
//! [`PcscChannel`]. The service under Linux is `pcscd`.
//!
//! ```no_run
//! use core::time::Duration;
//! use chipgate_pcsc::Readers;
//!
//! let readers = Readers::connect()?;
//! println!("readers: {:?}", readers.names()?);
//! let card = readers.wait_for_card(None, Duration::from_secs(30))?;
//! println!("a card in {}, answer to reset {:02X?}", card.reader(), card.answer_to_reset());
//! # Ok::<(), chipgate_pcsc::PcscError>(())
//! ```

mod channel;
mod error;
mod readers;
mod transmission_protocol;

pub use channel::PcscChannel;
pub use error::PcscError;
pub use readers::Readers;
