//! The first timer of Arm's CMSDK. QEMU, told to count instructions, lets a nanosecond pass with each.

#![allow(unsafe_code, reason = "the timer's registers stand at fixed addresses")]

use core::ptr::{read_volatile, write_volatile};

/// Arm DDI 0479, 4.3: control, value and reload of the timer, at AN386's address.
const CONTROL: *mut u32 = 0x4000_0000 as *mut u32;
const VALUE: *mut u32 = 0x4000_0004 as *mut u32;
const RELOAD: *mut u32 = 0x4000_0008 as *mut u32;
const ENABLE: u32 = 1;
/// It counts at 25 MHz.
const INSTRUCTIONS_A_TICK: u64 = 40;

/// Starts it; it counts down.
pub(crate) fn start() {
    // SAFETY: the registers of a timer that nothing else uses.
    unsafe {
        write_volatile(RELOAD, u32::MAX);
        write_volatile(VALUE, u32::MAX);
        write_volatile(CONTROL, ENABLE);
    }
}

/// Its value.
pub(crate) fn now() -> u32 {
    // SAFETY: reading the value has no effect.
    unsafe { read_volatile(VALUE) }
}

/// How many instructions ran since then, to within a tick; at most 171 billion.
pub(crate) fn instructions_since(earlier: u32) -> u64 {
    u64::from(earlier.wrapping_sub(now())) * INSTRUCTIONS_A_TICK
}
