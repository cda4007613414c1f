//! Passive authentication against certificates, lists and security objects that OpenSSL made
//! (`tests/data/make.py`), and against the certificates that states publish.

mod fixtures;
mod mutations;
mod paths;
mod published;
mod revocation;
mod signatures;
