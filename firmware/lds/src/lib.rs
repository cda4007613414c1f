//! The logical data structure: what is on the chip.
#![no_std]
extern crate alloc;
