//! What the program says on standard output. A reader that has gone, as in `chipgate … | head`, must not end an inspection.

use std::{fmt::Arguments, io::Write};

/// Writes text and a line break.
macro_rules! say {
    ($($argument:tt)*) => { $crate::output::write(format_args!("{}\n", format_args!($($argument)*))) };
}

pub(crate) use say;

/// Writes text as it is.
pub(crate) fn write(text: Arguments<'_>) {
    let mut output = std::io::stdout().lock();
    // Whoever closed the pipe wants no more; what the command came to stands in its exit status.
    let _ = output.write_fmt(text).and_then(|()| output.flush());
}
