//! The log lines of one input, of every level that a deployment may ask for: no secret may stand in them.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use tracing::Dispatch;
use tracing_subscriber::{filter::EnvFilter, fmt::MakeWriter};

use crate::secrets;

/// Our own crates. What the SDK says costs more time than all else, and is looked at by the whole test suite's log.
const OURS: &str = "off,fobless=debug,api=debug,credential_issuer=debug,phone_webhook=debug,webhook_sender=debug";

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

thread_local! {
    static LOG: (Dispatch, Lines) = {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(OURS))
            .with_ansi(false)
            .without_time()
            .with_writer(lines.clone())
            .finish();
        (Dispatch::new(subscriber), lines)
    };
}

/// Does `work`, and fails if a secret stands in any line that it logs.
pub(crate) fn without_secrets<T>(work: impl FnOnce() -> T) -> T {
    LOG.with(|(dispatch, lines)| {
        let done = tracing::dispatcher::with_default(dispatch, work);
        let written = std::mem::take(&mut *lines.0.lock().unwrap_or_else(PoisonError::into_inner));
        secrets::assert_none_in(&String::from_utf8_lossy(&written));
        done
    })
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
