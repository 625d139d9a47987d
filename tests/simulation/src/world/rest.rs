//! How a world comes to rest: nothing goes wrong any more, and time goes on until all is as wished, or never will be.

use std::time::Duration;

use fobless::domain::time::Timestamp;

use super::World;
use crate::{judge, mail::Letter, script::PHONES, store::TABLE};

/// When everything has to be as wished, at the latest: some failures are tried again after hours.
const PATIENCE: Duration = Duration::from_hours(60);
/// What the far side does late is done by then.
const QUIET: Duration = Duration::from_mins(5);

impl World {
    /// Nothing goes wrong any more, phones fetch what is there, and the sweeper comes when something is due: until all is as wished.
    pub(crate) fn rest(&mut self) -> Result<(), String> {
        self.calm();
        let begin = self.now();
        loop {
            self.go_on(None)?;
            for phone in 0..PHONES {
                if self.shared.chance().happens(700) {
                    self.redeem(phone);
                }
            }
            // What is issued to a phone that has just been set up is fetched at once, too.
            for _ in 0..2 {
                self.manager.ledger().fetch();
                self.collect_callbacks();
                self.go_on(None)?;
            }
            let waited = self.now().since(begin);
            let checked = judge::check(&self.names, &self.wishes, &self.manager.ledger(), self.shared.time(), self.load());
            match checked {
                Ok(()) if waited > QUIET => return Ok(()),
                Err(problem) if waited > PATIENCE => return Err(problem),
                _ => {}
            }
            let due = self.next_due().unwrap_or(Timestamp::MAX);
            // The alarm clock is looked at ever more rarely, and never later than once what is late is done.
            let next = due.max(self.now().plus(waited / 4)).max(self.now().plus(Duration::from_secs(1)));
            let late = begin.plus(QUIET).plus(Duration::from_secs(1));
            let next = if waited <= QUIET { next.min(late) } else { next };
            if next >= Timestamp::MAX {
                return checked;
            }
            self.shared.time().go_on(next);
            // A sweep that finds nothing takes a tenth of a world's time.
            if due <= next {
                self.mail.push((next, Letter::Sweep));
            }
        }
    }

    /// When the next item of the person is due.
    fn next_due(&self) -> Option<Timestamp> {
        let due = self.database.attribute(TABLE, "due_at");
        due.iter()
            .filter_map(|due| due["N"].as_str()?.parse().ok())
            .map(Timestamp::from_millis)
            .min()
    }
}
