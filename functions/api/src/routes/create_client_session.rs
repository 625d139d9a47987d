//! `/client_sessions/create` and `/client_sessions/get_or_create`: a session belongs to one person.
//!
//! The customer's own key of a session is unique among the sessions of the workspace that are alive: one that is over, or whose person
//! is to be deleted, stands in nobody's way. Nor does one that may register no phone any more: it goes on for the phones that have it,
//! but who logs in anew gets another.

use std::time::Duration;

use fobless::{
    chance,
    domain::{
        aggregate::Versioned,
        client_session::ClientSession,
        client_session_token::ClientSessionPlace,
        deletion::Deletable,
        ids::{ClientSessionId, UserIdentityId},
        time::Timestamp,
        user_identity::UserIdentity,
    },
    store::{TransactionError, UniqueKind},
};
use http::Method;

use super::client_sessions::{not_found, with_key};
use crate::{endpoint::Call, envelope::Answer, fields::Fields, problem::Problem, wire::client_session::ClientSessionObject};

/// How long a session lasts unless the caller says otherwise, as with Seam.
const USUAL_LIFE: Duration = Duration::from_hours(365 * 24);
/// How often a creation gives way to another one of the same key.
const TRIES: u32 = 3;

const USER_IDENTITY: &str = "user_identity_id";
const USER_IDENTITIES: &str = "user_identity_ids";
const USER_IDENTIFIER_KEY: &str = "user_identifier_key";

/// What other sessions than a person's hang on, and why there is none of that here.
const UNAVAILABLE: [(&str, &str); 4] = [
    (
        "connected_account_ids",
        "A client session opens what belongs to its user identity, and can't be limited to connected accounts",
    ),
    ("connect_webview_ids", "There are no Connect Webviews here"),
    ("customer_key", "There are no customers here: name a user_identity_id"),
    ("customer_id", "There are no customers here: name a user_identity_id"),
];

/// The session that is asked for.
struct Wanted {
    user_identity_id: Option<UserIdentityId>,
    user_identifier_key: Option<String>,
    expires_at: Option<Timestamp>,
}

impl Wanted {
    #[expect(clippy::unnecessary_wraps, reason = "it is what reading parameters looks like")]
    fn read(fields: &Fields<'_>, now: Timestamp) -> Option<Self> {
        for (name, why) in UNAVAILABLE {
            if fields.is_given(name) {
                fields.issue(name, why);
            }
        }
        let expires_at = fields.moment("expires_at");
        if expires_at.is_some_and(|moment| moment <= now) {
            fields.issue("expires_at", "Must be in the future");
        }
        let user_identifier_key = fields.text(USER_IDENTIFIER_KEY);
        let user_identity_id = fields.id(USER_IDENTITY);
        let of_list = fields.only_id(USER_IDENTITIES);
        // Whose a living session with that key is, is known.
        if ![USER_IDENTITY, USER_IDENTITIES, USER_IDENTIFIER_KEY]
            .iter()
            .any(|name| fields.is_given(name))
        {
            fields.issue(USER_IDENTITY, "Required");
        }
        if let (Some(one), Some(other)) = (user_identity_id, of_list)
            && one != other
        {
            fields.issue(USER_IDENTITIES, "user_identity_id names another user identity");
        }
        Some(Self {
            user_identity_id: user_identity_id.or(of_list),
            user_identifier_key,
            expires_at,
        })
    }

    /// The person, who has to be named.
    async fn person(&self, call: &Call) -> Result<UserIdentity, Problem> {
        let id = self
            .user_identity_id
            .ok_or_else(|| Problem::invalid_field(USER_IDENTITY, "Needed to make a client session"))?;
        Ok(call.referenced_identity(USER_IDENTITY, id).await?.record)
    }
}

/// What came of asking for a new session.
enum Creation {
    Made(ClientSession),
    /// A living session has the key already.
    Known(Versioned<ClientSession>),
}

/// POST makes a session, and PUT makes sure that there is one with that key.
pub(super) async fn create(call: Call) -> Result<Answer, Problem> {
    let wanted = call.read(|fields| Wanted::read(fields, call.now))?;
    match create_or_find(&call, &wanted).await? {
        Creation::Made(session) => answer(&call, &session).await,
        Creation::Known(session) if call.method == Method::PUT => {
            let session = lasting(&call, session, wanted.expires_at).await?;
            answer(&call, &session).await
        }
        Creation::Known(_) => Err(Problem::unknown_reference(
            "client_session_token_already_exists",
            "A client session with this user_identifier_key exists already: see /client_sessions/get_or_create",
        )),
    }
}

/// The person's living session with that key, or without one; made if there is none.
pub(super) async fn get_or_create(call: Call) -> Result<Answer, Problem> {
    let wanted = call.read(|fields| Wanted::read(fields, call.now))?;
    let found = if wanted.user_identifier_key.is_some() {
        create_or_find(&call, &wanted).await?
    } else {
        let person = wanted.person(&call).await?;
        match newest_without_key(&call, &person).await? {
            Some(session) => Creation::Known(session),
            None => create_or_find(&call, &wanted).await?,
        }
    };
    let session = match found {
        Creation::Made(session) => session,
        Creation::Known(session) => lasting(&call, session, wanted.expires_at).await?,
    };
    answer(&call, &session).await
}

async fn answer(call: &Call, session: &ClientSession) -> Result<Answer, Problem> {
    let aggregate = call.store.load(call.owner(session.user_identity_id)).await?;
    let shown = ClientSessionObject::of(session, &aggregate).ok_or_else(not_found)?;
    Answer::of("client_session", &shown)
}

async fn create_or_find(call: &Call, wanted: &Wanted) -> Result<Creation, Problem> {
    for _ in 0..TRIES {
        let present = match &wanted.user_identifier_key {
            Some(key) => with_key(call, key).await?.filter(|found| found.record.is_alive(call.now)),
            None => None,
        };
        let outdated = match present {
            Some(present) => match judge(call, wanted, present).await? {
                Present::Good(session) => return Ok(Creation::Known(session)),
                Present::Outdated(session) => Some(session),
            },
            None => None,
        };
        let person = wanted.person(call).await?;
        let session = new_session(call, &person, wanted)?;
        if let Some(outdated) = outdated {
            // It gives up its key, and registers no phone any more. Phones in use that share it go on with it.
            let give_up = |outdated: &mut ClientSession| outdated.user_identifier_key.take().is_some();
            call.store.amend(outdated, give_up).await?;
        }
        match call.store.transaction().create(&session)?.write().await {
            Ok(()) => return Ok(Creation::Made(session)),
            // Somebody else was as quick.
            Err(TransactionError::Taken(UniqueKind::UserIdentifierKey)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::internal("a client session's key was taken and was not"))
}

/// A living session that has the key which is asked for.
enum Present {
    /// One to log in with.
    Good(Versioned<ClientSession>),
    /// One that another takes the place of: its person is to be deleted, or a phone was lost since it began.
    Outdated(Versioned<ClientSession>),
}

async fn judge(call: &Call, wanted: &Wanted, present: Versioned<ClientSession>) -> Result<Present, Problem> {
    let session = &present.record;
    let aggregate = call.store.load(call.owner(session.user_identity_id)).await?;
    if !aggregate.identity.as_ref().is_some_and(|person| person.record.is_wanted()) {
        return Ok(Present::Outdated(present));
    }
    if wanted.user_identity_id.is_some_and(|id| id != session.user_identity_id) {
        let message = "The client session with this key belongs to another user identity";
        return Err(Problem::invalid_field(USER_IDENTIFIER_KEY, message));
    }
    Ok(if session.may_register(aggregate.last_deactivation()) {
        Present::Good(present)
    } else {
        Present::Outdated(present)
    })
}

async fn newest_without_key(call: &Call, person: &UserIdentity) -> Result<Option<Versioned<ClientSession>>, Problem> {
    let owner = call.owner(person.user_identity_id);
    let last_deactivation = call.store.load(owner).await?.last_deactivation();
    let sessions = call.store.client_sessions(owner).await?;
    let is_meant = |session: &ClientSession| {
        session.is_alive(call.now) && session.user_identifier_key.is_none() && session.may_register(last_deactivation)
    };
    Ok(sessions.into_iter().rfind(|found| is_meant(&found.record)))
}

/// The session, with its end moved if that is wished.
async fn lasting(call: &Call, found: Versioned<ClientSession>, expires_at: Option<Timestamp>) -> Result<ClientSession, Problem> {
    let seen = found.record.clone();
    let Some(expires_at) = expires_at else { return Ok(seen) };
    let moved = call.store.amend(found, |session| {
        // What is over by now stays over.
        let is_news = session.is_alive(call.now) && session.expires_at != expires_at;
        if is_news {
            session.expires_at = expires_at;
        }
        is_news
    });
    Ok(moved.await?.map_or(seen, |moved| moved.record))
}

fn new_session(call: &Call, person: &UserIdentity, wanted: &Wanted) -> Result<ClientSession, Problem> {
    let place = ClientSessionPlace {
        workspace_id: call.workspace_id,
        user_identity_id: person.user_identity_id,
        client_session_id: ClientSessionId::generate(),
    };
    let secret = chance::bytes().map_err(|error| Problem::internal(error.to_string()))?;
    Ok(ClientSession {
        workspace_id: call.workspace_id,
        client_session_id: place.client_session_id,
        user_identity_id: person.user_identity_id,
        user_identifier_key: wanted.user_identifier_key.clone(),
        token: place.token(secret),
        created_at: call.now,
        expires_at: wanted.expires_at.unwrap_or_else(|| call.now.plus(USUAL_LIFE)),
        revoked_at: None,
        deletion: None,
    })
}
