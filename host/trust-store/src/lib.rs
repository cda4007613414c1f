//! Trust anchors on disk: a folder of certificates, revocation lists, master lists, defect lists, and a signed bundle of them.
//!
//! [`Store::open`] reads the folder and says what of it does not count, and why. The store is the `TrustAnchors` of
//! passive authentication. [`Store::import`] takes files in under names that say what they are, each change made at
//! once or not at all; [`Store::list`] shows what is there, [`Store::coverage`] what it is good for, and
//! [`Store::conflicts`] what contradicts itself in it.
//!
//! Who is trusted is decided by people: a certificate counts because someone put it into the folder, or named its
//! fingerprint when it was imported. A master list
//! counts only if it verifies against such a certificate. What it brings in vouches for documents, never for
//! further master lists: a state that may name other states' authorities for its own list must not thereby be able
//! to name whole lists.
//!
//! ```
//! use chipgate_trust_store::{Store, StoreError, StoreState};
//!
//! let now = chipgate_apdu::Timestamp::from_seconds(1_790_000_000);
//! let folder = tempfile::tempdir()?;
//! let mut store = Store::open(folder.path())?;
//! assert_eq!(store.state(), StoreState::Empty);
//!
//! let download = folder.path().join("CSCA.html");
//! std::fs::write(&download, "<html>please log in</html>")?;
//! let imported = store.import(&[download], &[], now)?;
//! // refused: looks like a web page: the download failed, or wants a log-in …
//! println!("{:?}", imported[0].result);
//!
//! assert!(matches!(Store::open("/no/such/folder"), Err(StoreError::NotFound { .. })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod advice;
mod bundling;
mod clearing;
mod coverage;
mod directory;
mod error;
mod format;
mod import;
mod ldif;
mod likeness;
mod listing;
mod look;
mod outline;
mod pem;
mod reading;
mod removal;
mod sighting;
mod standing;
mod store;
mod transaction;
mod usability;
mod verification;

pub use bundling::BundlingError;
pub use coverage::{Conflict, Coverage, UnusableAnchor};
pub use error::{Refusal, StoreError};
pub use format::{count_pem_blocks, der_of, first_pem_block};
pub use import::{ImportResult, Imported};
pub use likeness::Likeness;
pub use listing::{Kind, Listed, SignedList, parse_fingerprint};
pub use look::look_at;
pub use outline::Object;
pub use reading::read_file;
pub use removal::Removed;
pub use sighting::{Sighting, sightings};
pub use standing::{LossCause, Lost, Standing};
pub use store::{Distrusted, Fingerprint, Refused, Store, StoreState};
pub use verification::{Verification, verify_list};
