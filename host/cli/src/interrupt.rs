//! Ctrl-C: what runs ends between two commands to the chip, with the error `cancelled`.

use std::sync::OnceLock;

use chipgate_apdu::Cancellation;

/// What a shell shows for a program that SIGINT ended.
const INTERRUPTED: i32 = 130;

/// The wish of whoever presses Ctrl-C (or sends SIGTERM). Pressed twice, the program ends at once.
pub(crate) fn cancellation() -> Cancellation {
    static CANCELLATION: OnceLock<Cancellation> = OnceLock::new();
    CANCELLATION
        .get_or_init(|| {
            let cancellation = Cancellation::new();
            let wish = cancellation.clone();
            let installed = ctrlc::set_handler(move || {
                if wish.is_cancelled() {
                    std::process::exit(INTERRUPTED);
                }
                eprintln!("chipgate: cancelling …");
                wish.cancel();
            });
            if let Err(error) = installed {
                eprintln!("chipgate: Ctrl-C will end the program at once ({error})");
            }
            cancellation
        })
        .clone()
}
