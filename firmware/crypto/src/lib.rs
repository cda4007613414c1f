//! The cryptographic primitives of travel documents under their standards' names.
#![no_std]
extern crate alloc;
