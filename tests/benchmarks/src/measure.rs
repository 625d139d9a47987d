//! How long a function takes and how much memory it has, by the machine's clock: to compare within one run, not to hold to a budget.

use std::time::Duration;

use crate::{runtime_api::RuntimeApi, subject::Subject, webhooks::registration};

/// One life of a function.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// From its start until it asked for its first event.
    pub(crate) init: Duration,
    /// The first webhook.
    pub(crate) first: Duration,
    /// From its start until that was answered.
    pub(crate) cold_start: Duration,
    /// Those after it.
    pub(crate) warm: Vec<Duration>,
    /// Each of those, as far as the function itself is at work: what the table takes is the same for all.
    pub(crate) warm_processor: Duration,
    /// The most memory that it had at once, in bytes.
    pub(crate) peak_memory: u64,
}

/// Starts it and sends it one webhook, and then so many more.
pub(crate) async fn measure(subject: &Subject, warm: u32) -> Result<Measured, String> {
    let told = |error: String| format!("{}: {error}", subject.name);
    let mut runtime_api = RuntimeApi::start().await;
    let running = subject.start(&runtime_api.address());
    let init = runtime_api.asked().await.map_err(told)?.duration_since(running.started);
    let mut took = Vec::new();
    let (mut cold_start, mut after_first) = (Duration::ZERO, Duration::ZERO);
    for phone in 0..=warm {
        let answered = runtime_api.invoke(registration(phone)).await.map_err(told)?;
        if answered.body["statusCode"] != 200 {
            return Err(told(format!("a webhook was answered: {}", answered.body)));
        }
        took.push(answered.took);
        runtime_api.asked().await.map_err(told)?;
        if phone == 0 {
            cold_start = answered.at.duration_since(running.started);
            after_first = running.processor_time();
        }
    }
    let warm_processor = running.processor_time().saturating_sub(after_first) / warm;
    let first = took.remove(0);
    let peak_memory = running.peak_memory();
    Ok(Measured {
        init,
        first,
        cold_start,
        warm: took,
        warm_processor,
        peak_memory,
    })
}
