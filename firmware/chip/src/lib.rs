//! Talking to a chip: access protocols, secure messaging, chip and active authentication, reading files.
#![no_std]
extern crate alloc;
