//! The text of a client session's token: `seam_cst1_`, where the session's record is, and a secret. Since the token itself tells
//! where to look, one read finds the session, and no index has to hold anything of a token.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::{
    ids::{ClientSessionId, UserIdentityId, WorkspaceId},
    secret::{Secret, note},
};

/// Clients take whatever begins so for a client session's token.
pub const TOKEN_PREFIX: &str = "seam_cst";

/// The kind of token that this version makes and understands.
const VERSION_PREFIX: &str = "seam_cst1_";
/// Three ids of 16 bytes, in base64.
const PLACE_LENGTH: usize = 64;

/// Where a session's record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientSessionPlace {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// Whose session it is.
    pub user_identity_id: UserIdentityId,
    /// The session.
    pub client_session_id: ClientSessionId,
}

impl ClientSessionPlace {
    /// The token of a new session with this secret.
    #[must_use]
    pub fn token(&self, secret: [u8; 32]) -> Secret {
        let ids = [
            self.workspace_id.uuid(),
            self.user_identity_id.uuid(),
            self.client_session_id.uuid(),
        ];
        let place = URL_SAFE_NO_PAD.encode(ids.map(Uuid::into_bytes).concat());
        Secret::new(format!("{VERSION_PREFIX}{place}_{}", URL_SAFE_NO_PAD.encode(secret)))
    }

    /// Where a token says that its session is. Whether the session's token is this one is seen only there.
    #[must_use]
    pub fn of_token(token: &str) -> Option<Self> {
        let (place, secret) = token.strip_prefix(VERSION_PREFIX)?.split_at_checked(PLACE_LENGTH)?;
        let ids = URL_SAFE_NO_PAD.decode(place).ok()?;
        secret.strip_prefix('_').filter(|secret| !secret.is_empty())?;
        note(token);
        let id = |index: usize| Uuid::from_slice(ids.get(index * 16..(index + 1) * 16)?).ok();
        Some(Self {
            workspace_id: WorkspaceId::new(id(0)?),
            user_identity_id: UserIdentityId::new(id(1)?),
            client_session_id: ClientSessionId::new(id(2)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> ClientSessionPlace {
        ClientSessionPlace {
            workspace_id: WorkspaceId::new(Uuid::from_u128(1)),
            user_identity_id: UserIdentityId::new(Uuid::from_u128(u128::MAX)),
            client_session_id: ClientSessionId::new(Uuid::from_u128(3)),
        }
    }

    #[test]
    fn a_token_tells_where_its_session_is() {
        let token = place().token([255; 32]);
        assert!(token.expose().starts_with(TOKEN_PREFIX) && token.expose().len() < 128);
        assert_eq!(ClientSessionPlace::of_token(token.expose()), Some(place()));
    }

    #[test]
    fn what_is_no_token_tells_nothing() {
        let token = place().token([7; 32]);
        let without_secret = &token.expose()[..=VERSION_PREFIX.len() + PLACE_LENGTH];
        let odd = "seam_cst1_".to_owned() + &"ü".repeat(60);
        for text in [
            "",
            "seam_cst",
            "seam_cst1_",
            "seam_cst1_token",
            without_secret,
            "seam_cst2_AAAA_BBBB",
            odd.as_str(),
        ] {
            assert_eq!(ClientSessionPlace::of_token(text), None, "{text}");
        }
    }
}
