//! What a person sees while a chip is read: a bar a file, and the steps between.

use std::{
    collections::HashMap,
    fmt,
    io::{IsTerminal, stderr},
    time::Duration,
};

use chipgate_gate::{Event, ReadStep};
use chipgate_lds::File;
use indicatif::{MultiProgress, ProgressBar, ProgressFinish, ProgressState, ProgressStyle};

/// From here on a person wonders what is going on.
const LONG: Duration = Duration::from_secs(2);

const CARD_LOST: &str = "the card left the reader: lay it back and keep it still";

/// Shows the progress of reading on standard error. Silent where that is no terminal, but for a card that left.
pub(crate) struct Watch {
    bars: MultiProgress,
    files: HashMap<&'static str, ProgressBar>,
    /// How long the step takes that brings no bytes.
    waiting: Option<ProgressBar>,
    shown: bool,
}

impl Watch {
    pub(crate) fn new(wanted: bool) -> Self {
        Self {
            bars: MultiProgress::new(),
            files: HashMap::new(),
            waiting: None,
            shown: wanted && stderr().is_terminal(),
        }
    }

    pub(crate) fn event(&mut self, event: Event) {
        if !self.shown {
            if event == Event::CardLost {
                eprintln!("chipgate: {CARD_LOST}");
            }
            return;
        }
        self.waiting = None;
        match event {
            Event::Begin(ReadStep::Open) => {
                self.wait("opening the chip", "a chip that was tried in vain takes its time");
            }
            Event::Begin(ReadStep::ChipAuthentication) => {
                self.wait("chip authentication", "the chip computes");
            }
            Event::Begin(ReadStep::ActiveAuthentication) => {
                self.wait("active authentication", "the chip computes");
            }
            Event::Begin(ReadStep::TerminalAuthentication) => {
                self.wait("terminal authentication", "the chip checks certificates");
            }
            Event::Begin(ReadStep::Read(_)) => {}
            Event::CardLost => {
                self.say(CARD_LOST);
                self.wait("waiting for the card", "nothing that was read is lost");
            }
            Event::CardReturned => self.say("a card lies on the reader again"),
            Event::Progress(progress) => self.advance(progress.file, progress.read, progress.total),
        }
    }

    fn say(&self, text: &str) {
        // A terminal that can't be written to must not end an inspection.
        let _ = self.bars.println(format!("  {text}"));
    }

    /// Shows what goes on while it goes on; if it takes long, how long and why.
    fn wait(&mut self, text: &'static str, why: &'static str) {
        let bar = ProgressBar::new_spinner().with_finish(ProgressFinish::AndClear);
        let bar = bar.with_style(waiting_style(why)).with_message(text);
        let bar = self.bars.add(bar);
        bar.enable_steady_tick(Duration::from_millis(200));
        self.waiting = Some(bar);
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

impl Drop for Watch {
    /// What was watched is over: the result takes the place of the bars.
    fn drop(&mut self) {
        self.waiting = None;
        for bar in self.files.values() {
            bar.finish_and_clear();
        }
        // A terminal that can't be written to must not end an inspection.
        let _ = self.bars.clear();
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("  {msg:14} {bar:32} {bytes:>10} of {total_bytes}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn waiting_style(why: &'static str) -> ProgressStyle {
    let wait = move |state: &ProgressState, text: &mut dyn fmt::Write| {
        let elapsed = state.elapsed();
        if elapsed >= LONG {
            // It is written to a string.
            let _ = write!(text, ", {} s: {why}", elapsed.as_secs());
        }
    };
    ProgressStyle::with_template("  {msg}{wait}").map_or_else(
        |_| ProgressStyle::default_spinner(),
        |style| style.with_key("wait", wait),
    )
}
