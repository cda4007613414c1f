//! What a step takes: stack, heap and instructions.

use cortex_m_semihosting::hprintln;

use crate::{heap, stack, timer};

/// Carries out a step and prints `measured NAME STACK DEPTH HEAP INSTRUCTIONS`: the stack that it used itself, how deep the stack went
/// with what was on it before, and the most of the heap that was held at once, what was held before included; all in bytes.
#[inline(never)]
pub(crate) fn measured<T>(name: &str, step: impl FnOnce() -> T) -> T {
    let pointer = stack::pointer();
    stack::paint(pointer);
    heap::forget_peak();
    let started = timer::now();
    let result = below(step);
    let instructions = timer::instructions_since(started);
    let Some(lowest) = stack::lowest_touched() else {
        hprintln!("failed: the stack went below its paint in {}", name);
        crate::end(false);
    };
    let (own, depth) = (pointer - lowest, stack::beginning() - lowest);
    hprintln!(
        "measured {} {} {} {} {}",
        name,
        own,
        depth,
        heap::peak(),
        instructions
    );
    result
}

/// In a frame of its own, so that all of it lies below the pointer that was noted.
#[inline(never)]
fn below<T>(step: impl FnOnce() -> T) -> T {
    step()
}
