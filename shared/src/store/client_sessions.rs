//! Client sessions: found by their token's own word, listed by person and by workspace.

use std::time::Duration;

use super::{
    Store,
    error::StoreError,
    item::{Record, Subject, from_item},
    keys::{Collection, Key, Listing, PartitionOwner},
    records::TOMBSTONE_LIFE,
    unique::UniqueKey,
};
use crate::domain::{aggregate::Versioned, client_session::ClientSession, deletion::Deletable, time::Timestamp};

/// How long the record of a session that is over is kept: its token is told that it is expired, and not that it never was.
const KEPT_AFTER_EXPIRY: Duration = Duration::from_hours(7 * 24);

impl Record for ClientSession {
    fn key(&self) -> Key {
        owner(self).client_session(self.client_session_id)
    }

    fn listing(&self) -> Option<Listing> {
        Some(Listing::new(
            Collection::ClientSessions,
            self.workspace_id,
            self.client_session_id.uuid(),
        ))
    }

    fn expires_at(&self) -> Option<Timestamp> {
        let gone_at = self.deletion.and_then(|deletion| deletion.gone_at);
        Some(gone_at.map_or(self.expires_at.plus(KEPT_AFTER_EXPIRY), |gone_at| gone_at.plus(TOMBSTONE_LIFE)))
    }

    fn claims(&self) -> Vec<UniqueKey> {
        UniqueKey::of_client_session(self)
            .into_iter()
            .filter(|_| self.is_wanted())
            .collect()
    }

    fn holds_until(&self) -> Option<Timestamp> {
        // Not since it was revoked: whoever did that may have had a clock that is ahead of the next one's.
        let holds_nothing = self.user_identifier_key.is_none() || self.revoked_at.is_some();
        Some(if holds_nothing { self.created_at } else { self.expires_at })
    }

    fn subject(&self) -> Option<Subject> {
        Some(Subject {
            workspace_id: self.workspace_id,
            user_identity_id: Some(self.user_identity_id),
        })
    }
}

fn owner(session: &ClientSession) -> PartitionOwner {
    PartitionOwner {
        workspace_id: session.workspace_id,
        user_identity_id: session.user_identity_id,
    }
}

impl Store {
    /// All sessions of one person that are on record, oldest first, strongly consistent.
    pub async fn client_sessions(&self, owner: PartitionOwner) -> Result<Vec<Versioned<ClientSession>>, StoreError> {
        let items = self.query_partition(owner.client_sessions(), "").await?;
        items.into_iter().map(from_item).collect()
    }
}
