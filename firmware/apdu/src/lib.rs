//! ISO/IEC 7816-4: commands, responses, status words, BER-TLV, and the Channel to a chip.
#![no_std]
extern crate alloc;
