//! An inspection on a microcontroller, to measure what it takes. `cargo xtask size` builds and runs it; docs/size.md has the result.
//!
//! The chip is a recording of test-vectors/, so that everything happens as on a host, to the byte: [`replay`] demands the recorded
//! commands. Each feature adds a part of an inspection; with none of them it is the empty program that the others are held against.
//! The verdict is the exit code, by semihosting.

#![no_std]
#![no_main]

extern crate alloc;

#[cfg(feature = "files")]
#[cfg_attr(
    not(feature = "verdict"),
    allow(
        dead_code,
        unused_imports,
        unused_variables,
        reason = "some parts are left out"
    )
)]
mod document;
mod heap;
#[cfg(feature = "access")]
mod inspection;
mod measure;
#[cfg(feature = "passive-authentication")]
#[cfg_attr(
    not(feature = "verdict"),
    allow(dead_code, reason = "the verdict alone looks at what was found")
)]
mod passive;
mod recording;
mod replay;
mod stack;
mod timer;
#[cfg(feature = "verdict")]
mod verdict;

use core::{
    future::Future,
    hint::black_box,
    panic::PanicInfo,
    pin::pin,
    task::{Context, Poll, Waker},
};

use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use replay::Replay;

#[entry]
fn main() -> ! {
    heap::make();
    timer::start();
    // Each program holds them, whether it uses them or not, so that they don't count as its own.
    black_box((recording::CERTIFICATES, recording::REVOCATION_LISTS));
    let replay = Replay::new();
    let outcome = inspect(&replay);
    match outcome {
        Ok(()) if replay.is_finished() => end(true),
        Ok(()) => hprintln!("failed: the replay went another way at line {}", replay.line()),
        Err(step) => hprintln!("failed: {}, before line {} of the recording", step, replay.line()),
    }
    end(false)
}

#[cfg(feature = "access")]
use inspection::inspect;

/// Nothing is done, with all that the others use.
#[cfg(not(feature = "access"))]
fn inspect(replay: &Replay) -> Result<(), &'static str> {
    use chipgate_apdu::Channel;
    use rand_core::Rng;

    use crate::{
        measure::measured,
        replay::{ReplayChannel, ReplayRng},
    };

    measured("nothing", || {
        let mut buffer = alloc::vec![0; 258];
        ReplayRng(replay).fill_bytes(&mut buffer);
        let sent = black_box(replay.now()).0.to_be_bytes();
        let answer = block_on(ReplayChannel(replay).transmit(&sent, &mut buffer));
        answer.map(|_| ()).map_err(|_| "nothing")
    })
}

/// Runs a future to its end. The recorded chip answers at once, so that there is nothing to wait for.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// Ends QEMU, too.
fn end(success: bool) -> ! {
    debug::exit(if success {
        debug::EXIT_SUCCESS
    } else {
        debug::EXIT_FAILURE
    });
    loop {
        cortex_m::asm::wfi();
    }
}

#[panic_handler]
fn panicked(info: &PanicInfo<'_>) -> ! {
    hprintln!("failed: {}", info);
    end(false)
}
