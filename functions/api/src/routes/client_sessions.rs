//! `/client_sessions/*`: what the phones of a person log in with.

use fobless::{
    domain::{
        aggregate::Versioned,
        client_session::ClientSession,
        deletion::Deletable,
        ids::{ClientSessionId, UserIdentityId},
    },
    store::{Collection, Key, UniqueKey, UniqueKind},
};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::create_client_session::{create, get_or_create};
use crate::{
    endpoint::{Accepts, Call, Endpoint, endpoint},
    envelope::Answer,
    fields::Fields,
    page::{Page, PageRequest},
    problem::Problem,
    scoped_call::ScopedCall,
    wire::client_session::ClientSessionObject,
};

/// How often ids are taken for one page, see `listing`.
const MOST_ROUNDS: u32 = 25;
/// How many sessions are deleted at once.
const DELETIONS_AT_ONCE: usize = 8;

pub(crate) fn routes() -> Vec<Endpoint> {
    vec![
        endpoint("/client_sessions/create", Accepts::Put, create),
        endpoint("/client_sessions/get", Accepts::Read, get),
        endpoint("/client_sessions/get_or_create", Accepts::Create, get_or_create),
        endpoint("/client_sessions/list", Accepts::Read, list),
        endpoint("/client_sessions/delete", Accepts::Delete, delete),
        endpoint("/client_sessions/revoke", Accepts::Create, revoke),
    ]
}

/// Which session is asked for.
struct Named {
    id: Option<ClientSessionId>,
    user_identifier_key: Option<String>,
}

/// An API key names a session. A session may ask about itself, named or not.
async fn get(call: ScopedCall) -> Result<Answer, Problem> {
    let named = call.read(|fields| {
        Some(Named {
            id: fields.id("client_session_id"),
            user_identifier_key: fields.text("user_identifier_key"),
        })
    })?;
    let session = match &call {
        ScopedCall::Person(call) => Some(call.session().clone()),
        ScopedCall::Workspace(call) => match (named.id, &named.user_identifier_key) {
            (Some(id), _) => find(call, id).await?,
            (None, Some(key)) => with_key(call, key).await?,
            (None, None) => return Err(Problem::invalid("client_session_id or user_identifier_key is needed")),
        }
        .map(|found| found.record),
    };
    let is_meant = |session: &ClientSession| {
        named.id.is_none_or(|id| id == session.client_session_id)
            && (named.user_identifier_key.is_none() || session.user_identifier_key == named.user_identifier_key)
    };
    let session = session.filter(is_meant).ok_or_else(not_found)?;
    let aggregate = call.load(session.user_identity_id).await?;
    let shown = ClientSessionObject::of(&session, &aggregate).ok_or_else(not_found)?;
    Answer::of("client_session", &shown)
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("client_session_not_found", "There is no such client session")
}

/// The session with this id, be it over or not.
async fn find(call: &Call, id: ClientSessionId) -> Result<Option<Versioned<ClientSession>>, Problem> {
    match call.find(Collection::ClientSessions, id.uuid()).await? {
        Some(key) => Ok(call.store.get(key).await?),
        None => Ok(None),
    }
}

/// The session that has this key of the customer's, be it over or not.
pub(super) async fn with_key(call: &Call, key: &str) -> Result<Option<Versioned<ClientSession>>, Problem> {
    let claim = Key::unique(call.workspace_id, UniqueKind::UserIdentifierKey, key);
    let Some(claim) = call.store.get::<UniqueKey>(claim).await? else {
        return Ok(None);
    };
    let found: Option<Versioned<ClientSession>> = call.store.get(claim.record.holder()).await?;
    // One that gave its key up has it no more, though nobody took it since.
    Ok(found.filter(|found| found.record.user_identifier_key.as_deref() == Some(key)))
}

/// Which sessions are asked for.
struct Filter {
    id: Option<ClientSessionId>,
    user_identity_id: Option<UserIdentityId>,
    user_identifier_key: Option<String>,
    is_without_key: bool,
    /// Connect Webviews are something that there is not, so no session has one.
    is_of_connect_webview: bool,
    page: PageRequest,
}

impl Filter {
    #[expect(clippy::unnecessary_wraps, reason = "it is what reading parameters looks like")]
    fn read(fields: &Fields<'_>) -> Option<Self> {
        Some(Self {
            id: fields.id("client_session_id"),
            user_identity_id: fields.id("user_identity_id"),
            user_identifier_key: fields.text("user_identifier_key"),
            is_without_key: fields.flag("without_user_identifier_key").unwrap_or(false),
            is_of_connect_webview: fields.text("connect_webview_id").is_some(),
            page: PageRequest::read(fields, "client_sessions"),
        })
    }

    fn is_meant(&self, session: &ClientSession) -> bool {
        session.is_wanted()
            && !self.is_of_connect_webview
            && self.id.is_none_or(|id| id == session.client_session_id)
            && self.user_identity_id.is_none_or(|id| id == session.user_identity_id)
            && (self.user_identifier_key.is_none() || session.user_identifier_key == self.user_identifier_key)
            && (!self.is_without_key || session.user_identifier_key.is_none())
    }

    fn of_few(&self, found: impl Iterator<Item = Versioned<ClientSession>>) -> Page<ClientSession> {
        Page {
            items: found.map(|found| found.record).filter(|session| self.is_meant(session)).collect(),
            next: None,
        }
    }

    /// What is left out leaves a page shorter, but not empty while there is something near.
    async fn of_workspace(&self, call: &Call) -> Result<Page<ClientSession>, Problem> {
        let limit = u16::try_from(self.page.limit).unwrap_or(u16::MAX);
        let mut page = Page {
            items: Vec::new(),
            next: self.page.after,
        };
        for _ in 0..MOST_ROUNDS {
            let listed = call.store.list(Collection::ClientSessions, call.workspace_id, page.next, limit);
            let listed = listed.await?;
            page.items
                .extend(listed.records.into_iter().filter(|session| self.is_meant(session)));
            page.next = listed.next;
            if page.next.is_none() || !page.items.is_empty() {
                break;
            }
        }
        Ok(page)
    }
}

/// Those of a whole workspace come in pages, which Seam does not know of. Those of a person come at once.
async fn list(call: Call) -> Result<Answer, Problem> {
    let filter = call.read(Filter::read)?;
    let Page { items: sessions, next } = match &filter {
        Filter { id: Some(id), .. } => filter.of_few(find(&call, *id).await?.into_iter()),
        Filter {
            user_identity_id: Some(user),
            ..
        } => filter.of_few(call.store.client_sessions(call.owner(*user)).await?.into_iter()),
        Filter {
            user_identifier_key: Some(key),
            ..
        } => filter.of_few(with_key(&call, key).await?.into_iter()),
        _ => filter.of_workspace(&call).await?,
    };
    let owner_of = |session: &ClientSession| call.owner(session.user_identity_id);
    let people = call.load_all(sessions.iter().map(owner_of)).await?;
    let shown = sessions
        .iter()
        .filter_map(|session| ClientSessionObject::of(session, people.get(&owner_of(session))?));
    Answer::of("client_sessions", &shown.collect::<Vec<_>>())?.and("pagination", &filter.page.pagination(next))
}

/// Its token opens nothing any more. Deleting twice is fine: clients repeat a delete whose answer got lost.
async fn delete(call: Call) -> Result<Answer, Problem> {
    let found = named(&call).await?;
    call.store.amend(found, |session| session.delete(call.now)).await?;
    Ok(Answer::done())
}

/// Deletes what a person logs in with. Since the person is not wanted any more it opens nothing already; this tells the customer, and
/// lets go of what the sessions say about the person. Where it is cut off, a repeated deletion goes on.
pub(super) async fn delete_all_of(call: &Call, person: UserIdentityId) -> Result<(), Problem> {
    let sessions = call.store.client_sessions(call.owner(person)).await?;
    let wanted = sessions.into_iter().filter(|found| found.record.is_wanted());
    let deletions = stream::iter(wanted).map(|found| call.store.amend(found, |session| session.delete(call.now)));
    let mut deleted = deletions.buffer_unordered(DELETIONS_AT_ONCE);
    while deleted.try_next().await?.is_some() {}
    Ok(())
}

/// As a deletion, but the session stays on record. Revoking twice is fine too.
async fn revoke(call: Call) -> Result<Answer, Problem> {
    let found = named(&call).await?;
    if found.record.is_gone() {
        return Err(not_found());
    }
    call.store.amend(found, |session| session.revoke(call.now)).await?;
    Ok(Answer::done())
}

async fn named(call: &Call) -> Result<Versioned<ClientSession>, Problem> {
    let id = call.read(|fields| fields.required_id("client_session_id"))?;
    find(call, id).await?.ok_or_else(not_found)
}
