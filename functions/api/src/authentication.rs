//! Who asks: a customer's program with an API key, which opens a workspace, or a person's phone with a client session's token, which
//! opens what belongs to that person. Whatever is wrong with a key, the answer is the same; a phone is told why its session is over,
//! since its app has to log in again.

use fobless::{
    api_key::{KEY_PREFIX, hash_api_key},
    domain::{
        client_session::{ClientSession, ClosedBecause},
        client_session_token::{ClientSessionPlace, TOKEN_PREFIX},
        deletion::Deletable,
        ids::WorkspaceId,
        time::Timestamp,
        user_identity::UserIdentity,
    },
    store::{ApiKey, Key, PartitionOwner},
};
use http::{HeaderMap, header::AUTHORIZATION};

use crate::{endpoint::Server, problem::Problem};

/// Longer text is no key and no token, and not worth hashing.
const LONGEST_TOKEN: usize = 256;
/// Where a client session's token may stand beside `authorization`.
const SESSION_HEADERS: [&str; 2] = ["seam-client-session-token", "client-session-token"];

/// Who may call an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Only an API key.
    Key,
    /// An API key, or a client session for what belongs to its person.
    KeyOrSession,
    /// Only a client session: the endpoint is about the phone that calls it.
    Session,
}

/// Who asks.
#[derive(Debug)]
pub(crate) enum Caller {
    /// Somebody with a key of this workspace.
    Key(WorkspaceId),
    /// A phone, with this session that is alive.
    Session(Box<ClientSession>),
}

impl Caller {
    /// One of those whom `access` lets in.
    #[cfg(test)]
    pub(crate) fn somebody(access: Access) -> Self {
        match access {
            Access::Key | Access::KeyOrSession => Self::Key(WorkspaceId::generate()),
            Access::Session => Self::Session(Box::new(ClientSession {
                workspace_id: WorkspaceId::generate(),
                client_session_id: fobless::domain::ids::ClientSessionId::generate(),
                user_identity_id: fobless::domain::ids::UserIdentityId::generate(),
                user_identifier_key: None,
                token: fobless::domain::secret::Secret::new(""),
                created_at: Timestamp::from_millis(0),
                expires_at: Timestamp::from_millis(0),
                revoked_at: None,
                deletion: None,
            })),
        }
    }

    /// The tenant. Nothing outside it exists for this request.
    pub(crate) fn workspace_id(&self) -> WorkspaceId {
        match self {
            Self::Key(workspace) => *workspace,
            Self::Session(session) => session.workspace_id,
        }
    }
}

/// What the request shows of itself.
enum Shown<'a> {
    Key(&'a str),
    SessionToken(&'a str),
}

/// Who asks, if it is one of those whom `access` lets in.
pub(crate) async fn authenticate(server: &Server, headers: &HeaderMap, access: Access, now: Timestamp) -> Result<Caller, Problem> {
    let caller = match shown(headers, access)? {
        Shown::Key(key) => Caller::Key(workspace_of(server, &hash_api_key(key), now).await?),
        Shown::SessionToken(token) => Caller::Session(Box::new(session_of(server, token, now).await?)),
    };
    match header(headers, "seam-workspace") {
        Some(asked) if asked.parse() != Ok(caller.workspace_id()) => Err(Problem::workspace_not_found()),
        _ => Ok(caller),
    }
}

/// Where both are shown, what opens less counts, unless only a key will do.
fn shown(headers: &HeaderMap, access: Access) -> Result<Shown<'_>, Problem> {
    let key = bearer(headers).filter(|token| !token.starts_with(TOKEN_PREFIX));
    match access {
        Access::Key => match key {
            Some(key) => Ok(Shown::Key(key)),
            None if session_token(headers).is_ok_and(|token| token.is_some()) => Err(Problem::session_instead_of_key()),
            None => Err(Problem::unauthorized()),
        },
        Access::KeyOrSession => match (session_token(headers)?, key) {
            (Some(token), _) => Ok(Shown::SessionToken(token)),
            (None, Some(key)) => Ok(Shown::Key(key)),
            (None, None) => Err(Problem::unauthorized()),
        },
        Access::Session => match (session_token(headers)?, key) {
            (Some(token), _) => Ok(Shown::SessionToken(token)),
            (None, Some(_)) => Err(Problem::key_instead_of_session()),
            (None, None) => Err(Problem::session_needed()),
        },
    }
}

/// The client session's token, wherever it stands. Clients write it into several headers, and then into all of them the same.
fn session_token(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut token = bearer(headers).filter(|token| token.starts_with(TOKEN_PREFIX));
    for name in SESSION_HEADERS {
        let Some(named) = header(headers, name) else { continue };
        if !named.starts_with(TOKEN_PREFIX) || named.len() > LONGEST_TOKEN {
            return Err(Problem::invalid_session_token("A client session token begins with seam_cst"));
        }
        if *token.get_or_insert(named) != named {
            return Err(Problem::invalid_session_token("The headers name different client session tokens"));
        }
    }
    Ok(token)
}

async fn workspace_of(server: &Server, hash: &str, now: Timestamp) -> Result<WorkspaceId, Problem> {
    if let Some(known) = server.keys.get(hash, now) {
        return Ok(known);
    }
    let store = &server.state.store;
    let found = store.get::<ApiKey>(Key::api_key(hash)).await?;
    let found = found.filter(|found| found.record.is_open()).ok_or_else(Problem::unauthorized)?;
    if let Err(error) = store.note_use(&found, now).await {
        // Somebody else noted it, or the next request will.
        tracing::warn!(%error, "the use of an API key could not be noted");
    }
    server.keys.put(hash, found.record.workspace_id, now);
    Ok(found.record.workspace_id)
}

/// The session of a token, if it is alive. One of a person who is to be deleted is gone already: nothing about that person may begin.
async fn session_of(server: &Server, token: &str, now: Timestamp) -> Result<ClientSession, Problem> {
    let place = ClientSessionPlace::of_token(token).ok_or_else(unknown_session)?;
    let owner = PartitionOwner {
        workspace_id: place.workspace_id,
        user_identity_id: place.user_identity_id,
    };
    let store = &server.state.store;
    let (session, person) = tokio::try_join!(
        store.get::<ClientSession>(owner.client_session(place.client_session_id)),
        store.get::<UserIdentity>(owner.identity()),
    )?;
    let session = session.map(|found| found.record).filter(|session| session.has_token(token));
    let is_person_wanted = person.is_some_and(|found| found.record.is_wanted());
    let session = session.filter(|_| is_person_wanted).ok_or_else(unknown_session)?;
    match session.check(now) {
        Ok(()) => Ok(session),
        Err(ClosedBecause::Deleted) => Err(unknown_session()),
        Err(ClosedBecause::Revoked) => Err(Problem::session_over("client_session_revoked", "The client session was revoked")),
        Err(ClosedBecause::Expired) => Err(Problem::session_over("client_session_expired", "The client session is expired")),
    }
}

fn unknown_session() -> Problem {
    Problem::session_over("client_session_not_found", "There is no client session with this token")
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = header(headers, AUTHORIZATION.as_str())?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && token.starts_with(KEY_PREFIX) && token.len() <= LONGEST_TOKEN).then_some(token)
}

/// A header's text. Some clients send every header they know, empty where they have nothing to say: empty counts as absent.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
}
