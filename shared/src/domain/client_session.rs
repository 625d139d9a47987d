//! A client session: what opens a person's own part of the API to that person's phone, until it ends.

use serde::{Deserialize, Serialize};

use super::{
    deletion::{Deletable, Deletion},
    ids::{ClientSessionId, UserIdentityId, WorkspaceId},
    secret::Secret,
    time::Timestamp,
};
use crate::same_secret;

/// A client session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSession {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The session's id.
    pub client_session_id: ClientSessionId,
    /// The only person whose things it opens.
    pub user_identity_id: UserIdentityId,
    /// The customer's own key of the session. Among the sessions of a workspace that are alive, no two have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_identifier_key: Option<String>,
    /// What the phone shows. It stands here in the clear, since the API shows it again to the customer's key.
    pub token: Secret,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends. In the table the plain name is that of the time at which DynamoDB may remove the item.
    #[serde(rename = "session_expires_at")]
    pub expires_at: Timestamp,
    /// When somebody ended it early.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// Its deletion, which is complete at once: nothing hangs on a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
}

/// Why a session opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosedBecause {
    /// It was deleted.
    Deleted,
    /// It was revoked.
    Revoked,
    /// Its time is over.
    Expired,
}

impl ClientSession {
    /// Whether it opens anything at `now`.
    pub fn check(&self, now: Timestamp) -> Result<(), ClosedBecause> {
        if !self.is_wanted() {
            Err(ClosedBecause::Deleted)
        } else if self.revoked_at.is_some() {
            Err(ClosedBecause::Revoked)
        } else if self.expires_at <= now {
            Err(ClosedBecause::Expired)
        } else {
            Ok(())
        }
    }

    /// Whether this is its token. How long that takes tells nothing about where the two differ.
    #[must_use]
    pub fn has_token(&self, token: &str) -> bool {
        same_secret::is_any_of(&[token], [self.token.expose().as_bytes()])
    }

    /// Whether it opens anything at `now`.
    #[must_use]
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.check(now).is_ok()
    }

    /// Whether a phone may be registered in it, `last_deactivation` being when a phone of the person was last put out of use. That phone
    /// may be in the wrong hands and has its session still, which would otherwise enrol any other phone just as well.
    #[must_use]
    pub fn may_register(&self, last_deactivation: Option<Timestamp>) -> bool {
        last_deactivation.is_none_or(|at| at < self.created_at)
    }

    /// Ends it early. Answers whether that is news.
    pub fn revoke(&mut self, now: Timestamp) -> bool {
        let is_news = self.revoked_at.is_none();
        self.revoked_at.get_or_insert(now);
        is_news
    }

    /// Deletes it: its record stays for a while, without what the customer calls its user. Answers whether that is news.
    pub fn delete(&mut self, now: Timestamp) -> bool {
        self.user_identifier_key = None;
        self.request_deletion(now);
        self.complete_deletion(now)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_704_969_745_848);
    const LATER: Timestamp = Timestamp::from_millis(1_704_969_745_849);

    fn session() -> ClientSession {
        ClientSession {
            workspace_id: WorkspaceId::new(Uuid::from_u128(1)),
            client_session_id: ClientSessionId::new(Uuid::from_u128(2)),
            user_identity_id: UserIdentityId::new(Uuid::from_u128(3)),
            user_identifier_key: None,
            token: Secret::new("seam_cst1_"),
            created_at: NOON,
            expires_at: LATER,
            revoked_at: None,
            deletion: None,
        }
    }

    #[test]
    fn a_session_from_before_a_phone_was_lost_registers_none() {
        assert!(session().may_register(None));
        assert!(session().may_register(Some(Timestamp::from_millis(NOON.millis() - 1))));
        assert!(!session().may_register(Some(NOON)) && !session().may_register(Some(LATER)));
    }

    #[test]
    fn only_the_whole_token_is_the_token() {
        for other in ["", "seam_cst1", "seam_cst1_1", "seam_cst2_"] {
            assert!(!session().has_token(other), "{other}");
        }
        assert!(session().has_token("seam_cst1_"));
    }

    #[test]
    fn a_token_is_compared_to_its_end_and_once() {
        for (token, expected) in [("seam_cst1_", true), ("seam_cst1!", false), ("Xeam_cst1_", false)] {
            let outcome = same_secret::comparisons::of(|| session().has_token(token));
            assert_eq!(outcome, (expected, 1), "{token}");
        }
    }

    #[test]
    fn a_session_is_alive_until_it_is_over_or_ended() {
        assert_eq!(session().check(NOON), Ok(()));
        assert_eq!(session().check(LATER), Err(ClosedBecause::Expired));
        let mut ended = session();
        assert!(ended.revoke(NOON) && !ended.revoke(LATER));
        assert_eq!((ended.check(LATER), ended.revoked_at), (Err(ClosedBecause::Revoked), Some(NOON)));
        assert!(ended.delete(NOON) && !ended.delete(LATER) && ended.is_gone());
        assert_eq!(ended.check(NOON), Err(ClosedBecause::Deleted));
    }
}
