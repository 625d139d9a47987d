//! A secret in memory, understood once, and read anew when it may have changed.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{SecretId, SecretsManager};
use crate::{
    clock::Clock,
    config::{ConfigError, SecretPlace, SecretSetting},
    domain::{secret::Secret, time::Timestamp},
    start::StartError,
};

/// How long what was read is used without another look.
const TIME_TO_LIVE: Duration = Duration::from_mins(5);

/// How long after a look there is no other. Whoever sends what does not match, as any stranger may, must not make us ask each time; and
/// a Secrets Manager that fails is not asked by every request.
const PAUSE: Duration = Duration::from_secs(15);

/// What a secret says. Cheap to clone; all clones share what was read.
#[derive(Clone)]
pub struct Cached<T> {
    kept: Arc<Mutex<Kept<T>>>,
    /// `None`: it stays as it is for the life of the process.
    source: Option<Arc<Source<T>>>,
}

struct Kept<T> {
    value: Arc<T>,
    /// As it was read: the same text is the same value.
    text: Option<Secret>,
    /// When it was last asked for, with or without success.
    asked_at: Timestamp,
    /// When it was last read.
    read_at: Timestamp,
}

struct Source<T> {
    id: SecretId,
    understand: fn(&str) -> Result<T, ConfigError>,
    secrets_manager: SecretsManager,
    clock: Clock,
}

impl<T> Cached<T> {
    /// What never changes: a secret in the environment, or a test's.
    #[must_use]
    pub fn fixed(value: impl Into<Arc<T>>) -> Self {
        let long_ago = Timestamp::from_millis(0);
        Self {
            kept: Arc::new(Mutex::new(Kept {
                value: value.into(),
                text: None,
                asked_at: long_ago,
                read_at: long_ago,
            })),
            source: None,
        }
    }

    /// Reads a setting for the first time; where it can't be read or understood, there is no start. `secrets_manager` is asked for
    /// only if the setting is kept there.
    pub async fn open(
        setting: SecretSetting<T>,
        secrets_manager: impl FnOnce() -> Result<SecretsManager, ConfigError>,
        clock: &Clock,
    ) -> Result<Self, StartError> {
        let id = match setting.place {
            SecretPlace::Here(text) => return Ok(Self::fixed(Arc::new((setting.understand)(text.expose())?))),
            SecretPlace::SecretsManager(id) => id,
        };
        let source = Source {
            id,
            understand: setting.understand,
            secrets_manager: secrets_manager()?,
            clock: clock.clone(),
        };
        let text = source.secrets_manager.read(&source.id).await?;
        let value = Arc::new((source.understand)(text.expose())?);
        let now = clock.now();
        Ok(Self {
            kept: Arc::new(Mutex::new(Kept {
                value,
                text: Some(text),
                asked_at: now,
                read_at: now,
            })),
            source: Some(Arc::new(source)),
        })
    }

    /// What it says, as it was at most five minutes ago, or longer ago where it can't be read since.
    pub async fn get(&self) -> Arc<T> {
        let kept = self.kept().value.clone();
        self.look(TIME_TO_LIVE).await.unwrap_or(kept)
    }

    /// What it says now, since `seen` did not do. `None`: nothing new, or somebody has just looked.
    pub async fn newer_than(&self, seen: &Arc<T>) -> Option<Arc<T>> {
        let kept = self.kept().value.clone();
        let newer = if Arc::ptr_eq(&kept, seen) { self.look(PAUSE).await? } else { kept };
        (!Arc::ptr_eq(&newer, seen)).then_some(newer)
    }

    /// Reads it anew, if it was last read at least `age` ago and nobody has asked just now.
    async fn look(&self, age: Duration) -> Option<Arc<T>> {
        let source = self.source.as_ref()?;
        let now = source.clock.now();
        {
            let mut kept = self.kept();
            if now < kept.read_at.plus(age) || now < kept.asked_at.plus(PAUSE) {
                return None;
            }
            // Who comes meanwhile goes on with what is known.
            kept.asked_at = now;
        }
        match source.secrets_manager.read(&source.id).await {
            Ok(text) => self.take(source, text, now),
            Err(error) => {
                tracing::warn!(secret.id = %source.id, %error, "a secret can't be read anew; what it was is used on");
                None
            }
        }
    }

    /// What was read, if it is another text than before and can be understood.
    fn take(&self, source: &Source<T>, text: Secret, now: Timestamp) -> Option<Arc<T>> {
        let mut kept = self.kept();
        kept.read_at = now;
        if kept.text.as_ref() == Some(&text) {
            return None;
        }
        match (source.understand)(text.expose()) {
            Ok(value) => {
                tracing::info!(secret.id = %source.id, "a secret has changed; the new one is used from now on");
                kept.value = Arc::new(value);
                kept.text = Some(text);
                Some(Arc::clone(&kept.value))
            }
            Err(error) => {
                tracing::error!(secret.id = %source.id, %error, "a secret has changed to what can't be used; what it was is used on");
                None
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept<T>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> fmt::Debug for Cached<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cached(redacted)")
    }
}
