//! How deep the stack went: it is painted, and later the lowest touched word is looked for.

#![allow(unsafe_code, reason = "it looks at memory below the stack pointer")]

use core::ptr::{read_volatile, write_volatile};

const PAINT: u32 = 0xC1C1_C1C1;
/// How far below its beginning the stack is painted, in bytes.
const PAINTED: usize = 256 * 1024;
/// What the painter itself may use.
const OWN: usize = 64;

unsafe extern "C" {
    /// Where the stack begins, by the linker script of cortex-m-rt; it grows downwards.
    static _stack_start: u32;
}

/// The address where the stack begins.
pub(crate) fn beginning() -> usize {
    &raw const _stack_start as usize
}

/// Where it stands now.
#[inline]
pub(crate) fn pointer() -> usize {
    cortex_m::register::msp::read() as usize
}

/// Paints what lies below `pointer`.
#[inline(never)]
pub(crate) fn paint(pointer: usize) {
    let lowest = beginning() - PAINTED;
    for address in (lowest..pointer - OWN).step_by(4) {
        // SAFETY: aligned memory between the heap and the stack pointer, which no one uses while this runs.
        unsafe { write_volatile(address as *mut u32, PAINT) }
    }
}

/// The lowest address that was written to since; `None` if the paint was not enough.
#[inline(never)]
pub(crate) fn lowest_touched() -> Option<usize> {
    let lowest = beginning() - PAINTED;
    // SAFETY: as above, and only read.
    let is_painted = |address: &usize| unsafe { read_volatile(*address as *const u32) } == PAINT;
    let mut below = (lowest..beginning()).step_by(4);
    let touched = below.find(|address| !is_painted(address))?;
    (touched != lowest).then_some(touched)
}
