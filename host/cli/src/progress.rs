//! What a person sees while a chip is read: a bar a file, and the steps between.

use std::{
    collections::HashMap,
    io::{IsTerminal, stderr},
};

use chipgate_gate::{Event, ReadStep};
use chipgate_lds::File;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Shows the progress of reading on standard error. Silent where that is no terminal.
pub(crate) struct Watch {
    bars: MultiProgress,
    files: HashMap<&'static str, ProgressBar>,
    shown: bool,
}

impl Watch {
    pub(crate) fn new(wanted: bool) -> Self {
        Self {
            bars: MultiProgress::new(),
            files: HashMap::new(),
            shown: wanted && stderr().is_terminal(),
        }
    }

    pub(crate) fn event(&mut self, event: Event) {
        if !self.shown {
            return;
        }
        match event {
            Event::Begin(ReadStep::Open) => self.say("opening the chip"),
            Event::Begin(ReadStep::ChipAuthentication) => self.say("chip authentication"),
            Event::Begin(ReadStep::ActiveAuthentication) => self.say("active authentication"),
            Event::Begin(ReadStep::Read(_)) => {}
            Event::Progress(progress) => self.advance(progress.file, progress.read, progress.total),
        }
    }

    fn say(&self, text: &str) {
        // A terminal that can't be written to must not end an inspection.
        let _ = self.bars.println(format!("  {text}"));
    }

    fn advance(&mut self, file: File, read: usize, total: usize) {
        let bar = self.files.entry(file.name()).or_insert_with(|| {
            let bar = self.bars.add(ProgressBar::new(total as u64));
            bar.set_style(style());
            bar.set_message(file.name());
            bar
        });
        bar.set_position(read as u64);
        if read >= total {
            bar.finish();
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("  {msg:14} {bar:32} {bytes:>10} of {total_bytes}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
