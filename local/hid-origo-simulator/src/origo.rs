//! The running simulator behind all its routes: the world under its lock, written before anyone hears of a change.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::calls::Calls;
use crate::clock::Clock;
use crate::delivery::Deliveries;
use crate::failure::Failure;
use crate::faults::Faults;
use crate::options::Options;
use crate::persistence::{DataFile, DataFileError};
use crate::rate_limit::RateLimits;
use crate::world::World;

/// The running simulator behind all its routes.
pub(crate) struct Origo {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) application_id: String,
    pub(crate) clock: Clock,
    pub(crate) limits: RateLimits,
    pub(crate) faults: Arc<Faults>,
    pub(crate) calls: Calls,
    pub(crate) deliveries: Deliveries,
    kept: Mutex<Kept>,
    schedule_changed: Notify,
}

struct Kept {
    world: World,
    file: Option<DataFile>,
    stopped: bool,
}

impl Origo {
    pub(crate) fn new(options: &Options, world: World, file: Option<DataFile>, faults: Arc<Faults>, deliveries: Deliveries) -> Self {
        Self {
            client_id: options.client_id.clone(),
            client_secret: options.client_secret.clone(),
            application_id: options.application_id.clone(),
            clock: Clock::of(options),
            limits: RateLimits::new(options.calls_per_5_minutes),
            faults,
            calls: Calls::default(),
            deliveries,
            kept: Mutex::new(Kept {
                world,
                file,
                stopped: false,
            }),
            schedule_changed: Notify::new(),
        }
    }

    /// Acts on the world as it is now. What changed is in the data file, and its events are on their way, when this returns.
    pub(crate) fn act<T>(&self, act: impl FnOnce(&mut World) -> Result<T, Failure>) -> Result<T, Failure> {
        let mut kept = self.lock();
        let kept = &mut *kept;
        if kept.stopped {
            return Err(Failure::internal());
        }
        kept.world.now = self.clock.now();
        kept.world.catch_up();
        let next_at = kept.world.schedule.next_at();
        let outcome = act(&mut kept.world);
        if let Err(error) = kept.write() {
            // Nobody is told of what is not written; the next change tries to write it again.
            tracing::error!(%error, "the data file cannot be written");
            return Err(Failure::internal());
        }
        for event in kept.world.untold.drain(..) {
            self.deliveries.send(&event);
        }
        if kept.world.schedule.next_at() != next_at {
            self.schedule_changed.notify_one();
        }
        outcome
    }

    /// Does what becomes due, at the time it does, as long as the simulator runs.
    pub(crate) async fn keep_up(&self) {
        loop {
            let next = self.act(|world| Ok(world.schedule.next_at().map(|at| at.after(world.now))));
            match next {
                Ok(Some(wait)) => {
                    let _ = tokio::time::timeout(wait, self.schedule_changed.notified()).await;
                }
                Ok(None) => self.schedule_changed.notified().await,
                Err(_) => tokio::time::sleep(std::time::Duration::from_secs(1)).await,
            }
        }
    }

    /// Ends all deliveries and lets go of the data file; whatever is still under way fails.
    pub(crate) fn stop(&self) {
        self.deliveries.stop_all();
        let mut kept = self.lock();
        kept.stopped = true;
        kept.file = None;
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn write(&mut self) -> Result<(), DataFileError> {
        if let Some(file) = &mut self.file {
            file.write(&self.world.changes()?)?;
        }
        self.world.forget_changes();
        Ok(())
    }
}
