//! Passive authentication: CMS, certificates, paths, revocation.
#![no_std]
extern crate alloc;
