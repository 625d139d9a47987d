//! What is done about a thing that can't be worked on: an item of a newer version, one that cannot be understood, one that outgrew what
//! the table takes. It is left alone as it is, marked for an operator and counted; everything else goes on.

use crate::{
    clock::Clock,
    store::{Store, StoreError},
    telemetry::{Measure, Telemetry},
};

/// Marks what `name` names. Whoever could not work on it counts it as done, unless the mark itself could not be written.
pub async fn leave_alone(store: &Store, clock: &Clock, telemetry: &Telemetry, name: &str, reason: &str) -> Result<(), StoreError> {
    tracing::error!(item.name = name, reason, "left alone, since something of it can't be used");
    let now = clock.now();
    telemetry.measure(Measure::LeftAlone);
    store.mark_unusable(name, reason, now).await
}
