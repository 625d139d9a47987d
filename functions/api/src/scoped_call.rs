//! What a client session may see and do: what belongs to its person, and nothing else. A handler says by the type of its argument who
//! may call it: [`Call`] an API key, [`SessionCall`] a client session, [`ScopedCall`] both. The latter two give the table out only
//! together with the person whom it is about, so that no handler can forget whom it serves.

use fobless::{
    domain::{
        aggregate::{Aggregate, Versioned},
        client_session::ClientSession,
        ids::UserIdentityId,
        time::Timestamp,
    },
    store::{Collection, Key, PartitionOwner, Record, Store},
};
use uuid::Uuid;

use crate::{
    authentication::{Access, Caller},
    endpoint::{Admitted, Call},
    fields::Fields,
    problem::Problem,
};

/// A request of a phone, in the name of one person.
#[derive(Debug)]
pub(crate) struct SessionCall {
    call: Call,
    session: ClientSession,
}

/// A request of an API key about its workspace, or of a client session about its person.
#[derive(Debug)]
pub(crate) enum ScopedCall {
    /// About anything in the workspace.
    Workspace(Call),
    /// About one person.
    Person(SessionCall),
}

impl Admitted for SessionCall {
    const ACCESS: Access = Access::Session;

    fn admit(call: Call, caller: Caller) -> Result<Self, Problem> {
        match caller {
            Caller::Key(_) => Err(Problem::key_instead_of_session()),
            Caller::Session(session) => Ok(Self { call, session: *session }),
        }
    }
}

impl Admitted for ScopedCall {
    const ACCESS: Access = Access::KeyOrSession;

    fn admit(call: Call, caller: Caller) -> Result<Self, Problem> {
        match caller {
            Caller::Key(_) => Ok(Self::Workspace(call)),
            Caller::Session(_) => SessionCall::admit(call, caller).map(Self::Person),
        }
    }
}

impl SessionCall {
    /// Reads the parameters.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Fields<'_>) -> Option<T>) -> Result<T, Problem> {
        self.call.read(read)
    }

    /// What a handler that takes no parameters does in place of reading them.
    pub(crate) fn read_nothing(&self) -> Result<(), Problem> {
        self.call.read_nothing()
    }

    /// When the request came.
    pub(crate) const fn now(&self) -> Timestamp {
        self.call.now
    }

    /// The session.
    pub(crate) const fn session(&self) -> &ClientSession {
        &self.session
    }

    /// The person.
    pub(crate) const fn owner(&self) -> PartitionOwner {
        self.call.owner(self.session.user_identity_id)
    }

    /// The table, for what belongs to the session's own person.
    pub(crate) const fn own_store(&self) -> &Store {
        &self.call.store
    }

    /// Everything about the person.
    pub(crate) async fn load(&self) -> Result<Aggregate, Problem> {
        Ok(self.call.store.load(self.owner()).await?)
    }

    /// Whether the workspace is a sandbox.
    pub(crate) async fn is_sandbox(&self) -> Result<bool, Problem> {
        Ok(self.call.store.is_sandbox(self.call.workspace_id).await?)
    }
}

impl ScopedCall {
    /// Reads the parameters.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Fields<'_>) -> Option<T>) -> Result<T, Problem> {
        match self {
            Self::Workspace(call) => call.read(read),
            Self::Person(call) => call.read(read),
        }
    }

    /// When the request came.
    pub(crate) const fn now(&self) -> Timestamp {
        match self {
            Self::Workspace(call) => call.now,
            Self::Person(call) => call.now(),
        }
    }

    /// A person whom the request may be about, and the table to read it from; `None` looks as if there were no such person.
    pub(crate) fn person(&self, id: UserIdentityId) -> Option<(PartitionOwner, &Store)> {
        match self {
            Self::Workspace(call) => Some((call.owner(id), &call.store)),
            Self::Person(call) => (call.session.user_identity_id == id).then(|| (call.owner(), call.own_store())),
        }
    }

    /// Everything about a person; nothing about one whom the request may not be about.
    pub(crate) async fn load(&self, id: UserIdentityId) -> Result<Aggregate, Problem> {
        match self.person(id) {
            Some((owner, store)) => Ok(store.load(owner).await?),
            None => Ok(Aggregate::default()),
        }
    }

    /// The record of a person's thing with this id, whose key in a person's partition is `own`. A session looks nowhere but there, and
    /// so finds also what the index does not know yet.
    pub(crate) async fn find<R: Record>(
        &self,
        collection: Collection,
        id: Uuid,
        own: impl FnOnce(PartitionOwner) -> Key + Send,
    ) -> Result<Option<Versioned<R>>, Problem> {
        match self {
            Self::Workspace(call) => match call.find(collection, id).await? {
                Some(key) => Ok(call.store.get(key).await?),
                None => Ok(None),
            },
            Self::Person(call) => Ok(call.own_store().get(own(call.owner())).await?),
        }
    }
}
