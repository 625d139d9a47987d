//! Deleting takes time: what hangs on a thing is undone first, then the thing is gone. Its record is kept for a while after that, so
//! that a client that repeats its request is told that it worked.

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// How far the deletion of something has come. A thing without one is wished for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// When somebody asked for it.
    pub requested_at: Timestamp,
    /// When everything that hung on it was undone. From then on it is shown to nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_at: Option<Timestamp>,
}

impl Deletion {
    /// A deletion that was asked for at `now`.
    #[must_use]
    pub const fn requested(now: Timestamp) -> Self {
        Self {
            requested_at: now,
            gone_at: None,
        }
    }

    /// Whether everything is undone.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.gone_at.is_some()
    }
}

/// Something that can be deleted.
pub trait Deletable {
    /// How far that has come; `None`: nobody asked for it.
    fn deletion(&self) -> Option<&Deletion>;

    /// The same, to be changed.
    fn deletion_mut(&mut self) -> &mut Option<Deletion>;

    /// Whether nobody asked for its deletion.
    fn is_wanted(&self) -> bool {
        self.deletion().is_none()
    }

    /// Whether it is to be shown to nobody any more.
    fn is_gone(&self) -> bool {
        self.deletion().is_some_and(Deletion::is_complete)
    }

    /// Asks for the deletion. Answers whether that is news.
    fn request_deletion(&mut self, now: Timestamp) -> bool {
        let is_news = self.is_wanted();
        self.deletion_mut().get_or_insert(Deletion::requested(now));
        is_news
    }

    /// Everything that hung on it is undone. Answers whether that is news.
    fn complete_deletion(&mut self, now: Timestamp) -> bool {
        match self.deletion_mut() {
            Some(deletion) if deletion.gone_at.is_none() => {
                deletion.gone_at = Some(now);
                true
            }
            _ => false,
        }
    }
}

macro_rules! deletable {
    ($record:ty) => {
        impl Deletable for $record {
            fn deletion(&self) -> Option<&Deletion> {
                self.deletion.as_ref()
            }

            fn deletion_mut(&mut self) -> &mut Option<Deletion> {
                &mut self.deletion
            }
        }
    };
}

deletable!(super::acs::AcsSystem);
deletable!(super::acs::AcsUser);
deletable!(super::client_session::ClientSession);
deletable!(super::multi_phone_sync_credential::MultiPhoneSyncCredential);
deletable!(super::user_identity::UserIdentity);
deletable!(super::webhook::Webhook);
