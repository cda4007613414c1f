//! The heap, and how much of it was ever held at once.

#![allow(unsafe_code, reason = "an allocator is unsafe by its trait")]

use core::{
    alloc::{GlobalAlloc, Layout},
    mem::MaybeUninit,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use embedded_alloc::LlffHeap;

/// All that there is, in bytes; more than is needed, so that the peak can be measured.
const SIZE: usize = 256 * 1024;

struct Counted {
    heap: LlffHeap,
    held: AtomicUsize,
    peak: AtomicUsize,
}

#[global_allocator]
static HEAP: Counted = Counted {
    heap: LlffHeap::empty(),
    held: AtomicUsize::new(0),
    peak: AtomicUsize::new(0),
};

// SAFETY: each call goes to the allocator that does the work; counting touches no memory of it.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = self.held.load(Relaxed) + layout.size();
        self.held.store(held, Relaxed);
        self.peak.store(held.max(self.peak.load(Relaxed)), Relaxed);
        // SAFETY: the caller keeps the trait's contract.
        unsafe { self.heap.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        self.held.store(self.held.load(Relaxed) - layout.size(), Relaxed);
        // SAFETY: the caller keeps the trait's contract.
        unsafe { self.heap.dealloc(pointer, layout) }
    }
}

/// Makes the heap; to be called once, before anything is allocated.
pub(crate) fn make() {
    static mut MEMORY: [MaybeUninit<u8>; SIZE] = [MaybeUninit::uninit(); SIZE];
    // SAFETY: main calls it first, and once, and nothing else knows this memory.
    unsafe { HEAP.heap.init(&raw mut MEMORY as usize, SIZE) }
}

/// From here on the peak is counted anew.
pub(crate) fn forget_peak() {
    HEAP.peak.store(HEAP.held.load(Relaxed), Relaxed);
}

/// The most that was held at once, in bytes.
pub(crate) fn peak() -> usize {
    HEAP.peak.load(Relaxed)
}
