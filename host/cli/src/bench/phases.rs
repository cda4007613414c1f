//! Commands, bytes and times of an inspection, by its phases: the steps of the read plan.

use std::{cell::RefCell, time::Duration};

use chipgate_apdu::{Channel, ChannelError, Limits};

/// A command and its response.
pub(super) type Exchange = (Vec<u8>, Vec<u8>);

/// A step of the read plan, and what was exchanged in it.
#[derive(Debug, Default, Clone)]
pub(super) struct Phase {
    pub(super) name: String,
    pub(super) exchanges: Vec<Exchange>,
}

impl Phase {
    /// Bytes both ways.
    pub(super) fn bytes(&self) -> usize {
        self.exchanges
            .iter()
            .map(|(command, response)| command.len() + response.len())
            .sum()
    }

    /// Its commands, if each file came in one: what is no READ BINARY, and one READ BINARY for each run of them.
    pub(super) fn least_commands(&self) -> usize {
        let starts_file = |command: &[u8]| {
            // By its short identifier a file begins with its own command; a file that was selected, behind its selection.
            matches!(command, [_, 0xB0, p1, ..] if p1 & 0x80 != 0)
        };
        let reads = |command: &[u8]| matches!(command, [_, 0xB0 | 0xB1, ..]);
        let mut last_was_read = false;
        let mut least = 0;
        for (command, _) in &self.exchanges {
            if !reads(command) || starts_file(command) || !last_was_read {
                least += 1;
            }
            last_was_read = reads(command);
        }
        least
    }
}

/// What is exchanged, phase by phase.
#[derive(Debug, Default)]
pub(super) struct Phases {
    phases: RefCell<Vec<Phase>>,
}

impl Phases {
    /// What is exchanged from here on belongs to this phase.
    pub(super) fn begin(&self, name: &str) {
        self.phases.borrow_mut().push(Phase {
            name: name.to_owned(),
            exchanges: Vec::new(),
        });
    }

    /// A channel whose exchanges are kept here.
    pub(super) const fn channel<C>(&self, channel: C) -> Watched<'_, C> {
        Watched {
            channel,
            phases: self,
        }
    }

    /// The phases in which something was exchanged.
    pub(super) fn into_vec(self) -> Vec<Phase> {
        let mut phases = self.phases.into_inner();
        phases.retain(|phase| !phase.exchanges.is_empty());
        phases
    }
}

/// A channel whose exchanges are kept by phase.
pub(super) struct Watched<'p, C> {
    channel: C,
    phases: &'p Phases,
}

impl<C: Channel> Channel for Watched<'_, C> {
    async fn transmit<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
    ) -> Result<&'a [u8], ChannelError> {
        self.transmit_while(command, response, &mut || {}).await
    }

    async fn transmit_while<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
        work: &mut dyn FnMut(),
    ) -> Result<&'a [u8], ChannelError> {
        let answer = self.channel.transmit_while(command, response, work).await?;
        if let Some(phase) = self.phases.phases.borrow_mut().last_mut() {
            phase.exchanges.push((command.to_vec(), answer.to_vec()));
        }
        Ok(answer)
    }

    async fn reset(&mut self) -> Result<(), ChannelError> {
        self.channel.reset().await
    }

    fn limits(&self) -> Limits {
        self.channel.limits()
    }
}

/// Times of one phase, and of the whole, of several runs.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// Of each run, the time of each phase.
    runs: Vec<Vec<Duration>>,
}

impl Times {
    pub(super) fn add(&mut self, run: Vec<Duration>) {
        self.runs.push(run);
    }

    /// The median of this phase.
    pub(super) fn of_phase(&self, index: usize) -> Duration {
        super::figures::median(
            self.runs
                .iter()
                .filter_map(|run| run.get(index).copied())
                .collect(),
        )
    }

    /// The median of the whole.
    pub(super) fn whole(&self) -> Duration {
        super::figures::median(self.runs.iter().map(|run| run.iter().sum()).collect())
    }
}
