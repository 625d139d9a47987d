//! `/user_identities/*`: the people who use the mobile app.

use axum::Router;
use fobless::{
    domain::{
        acs::{AcsSystem, AcsUser},
        aggregate::{Aggregate, Versioned},
        deletion::Deletable,
        ids::{AcsSystemId, UserIdentityId},
        time::Timestamp,
        user_identity::UserIdentity,
    },
    store::{Collection, CreateError, Key, PartitionOwner, UniqueKey, UniqueKind},
};
use uuid::Uuid;

use super::{
    acs_users::{claim_of, linked_acs_user},
    client_sessions::delete_all_of,
    contact::{email_address, phone_number},
};
use crate::{
    endpoint::{Accepts, Call, Server, endpoint},
    envelope::Answer,
    fields::Fields,
    page::PageRequest,
    problem::Problem,
    scoped_call::ScopedCall,
    shown::Shown,
    wire::user_identity::UserIdentityObject,
};

/// Everything that one creation writes has to fit into one transaction.
const MOST_ACS_SYSTEMS: usize = 20;

pub(crate) fn routes() -> Router<Server> {
    Router::new()
        .route("/user_identities/create", endpoint(Accepts::Create, create))
        .route("/user_identities/get", endpoint(Accepts::Read, get))
        .route("/user_identities/list", endpoint(Accepts::Read, list))
        .route("/user_identities/delete", endpoint(Accepts::Delete, delete))
}

struct Creation {
    user_identity_key: Option<String>,
    email_address: Option<String>,
    phone_number: Option<String>,
    full_name: Option<String>,
    acs_system_ids: Vec<AcsSystemId>,
}

impl Creation {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let mut acs_system_ids: Option<Vec<AcsSystemId>> = fields.ids("acs_system_ids");
        if let Some(ids) = &mut acs_system_ids {
            ids.sort();
            ids.dedup();
            if ids.len() > MOST_ACS_SYSTEMS {
                fields.issue(
                    "acs_system_ids",
                    format!("Array must contain at most {MOST_ACS_SYSTEMS} element(s)"),
                );
            }
        }
        Some(Self {
            user_identity_key: fields.text("user_identity_key"),
            email_address: email_address(fields, "email_address"),
            phone_number: phone_number(fields, "phone_number"),
            full_name: fields.text("full_name"),
            acs_system_ids: acs_system_ids?,
        })
    }
}

/// Which user identities are asked for.
struct Filter {
    ids: Vec<UserIdentityId>,
    credential_manager: Option<AcsSystemId>,
    created_before: Option<Timestamp>,
    search: Option<String>,
    page: PageRequest,
}

impl Filter {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let ids = fields.ids("user_identity_ids");
        let credential_manager = fields.id("credential_manager_acs_system_id");
        let created_before = fields.moment("created_before");
        let search = fields.text("search").map(|text| text.to_lowercase());
        let page = PageRequest::read(fields);
        Some(Self {
            ids: ids?,
            credential_manager,
            created_before,
            search,
            page,
        })
    }

    fn show(&self, aggregate: &Aggregate) -> Option<(Uuid, UserIdentityObject)> {
        let identity = aggregate.shown_identity()?;
        let mut automations = aggregate
            .automations
            .iter()
            .map(|found| &found.record)
            .filter(|automation| automation.is_running());
        let is_wanted = self.created_before.is_none_or(|limit| identity.created_at < limit)
            && self
                .credential_manager
                .is_none_or(|wanted| automations.any(|automation| automation.credential_manager_acs_system_id == wanted));
        let shown = UserIdentityObject::of_aggregate(aggregate)?;
        let is_found = self.search.as_ref().is_none_or(|text| is_found(&shown, text));
        (is_wanted && is_found).then_some((identity.user_identity_id.uuid(), shown))
    }
}

fn is_found(identity: &UserIdentityObject, text: &str) -> bool {
    let texts = [
        &identity.full_name,
        &identity.email_address,
        &identity.phone_number,
        &identity.user_identity_key,
    ];
    let mut searched = texts.into_iter().flatten().map(|searched| searched.to_lowercase());
    searched.any(|searched| searched.contains(text))
        || identity.display_name.to_lowercase().contains(text)
        || identity.user_identity_id.to_string().contains(text)
}

async fn create(call: Call) -> Result<Answer, Problem> {
    let creation = call.read(Creation::read)?;
    if !creation.acs_system_ids.is_empty() && creation.full_name.is_none() {
        return Err(Problem::unknown_reference(
            "full_name_required",
            "full_name is required to make ACS users",
        ));
    }
    let mut systems: Vec<AcsSystem> = Vec::with_capacity(creation.acs_system_ids.len());
    for id in creation.acs_system_ids {
        systems.push(call.referenced_acs_system(id).await?);
    }
    let identity = UserIdentity {
        workspace_id: call.workspace_id,
        user_identity_id: UserIdentityId::generate(),
        user_identity_key: creation.user_identity_key,
        email_address: creation.email_address,
        phone_number: creation.phone_number,
        full_name: creation.full_name,
        created_at: call.now,
        deletion: None,
    };
    let acs_users: Vec<AcsUser> = systems.iter().map(|system| linked_acs_user(&call, &identity, system)).collect();
    write(&call, &identity, &acs_users).await?;
    Answer::of("user_identity", &UserIdentityObject::of(&identity, &acs_users))
}

/// The person, what only this person may have, and the ACS users: all of it or nothing.
async fn write(call: &Call, identity: &UserIdentity, acs_users: &[AcsUser]) -> Result<(), Problem> {
    let mut creation = call.store.create().record(identity)?.claims(UniqueKey::of_identity(identity))?;
    for user in acs_users {
        creation = creation.record(user)?.claims([claim_of(user, identity.user_identity_id)])?;
    }
    creation.write().await.map_err(|error| match error {
        CreateError::Taken(kind) => match field_of(kind) {
            Some(field) => Problem::invalid_field(field, "Another user identity has the same one"),
            None => Problem::internal("a new person had ACS users"),
        },
        other => other.into(),
    })
}

const fn field_of(kind: UniqueKind) -> Option<&'static str> {
    match kind {
        UniqueKind::UserIdentityKey => Some("user_identity_key"),
        UniqueKind::EmailAddress => Some("email_address"),
        UniqueKind::PhoneNumber => Some("phone_number"),
        UniqueKind::AcsUserOfIdentity | UniqueKind::UserIdentifierKey => None,
    }
}

async fn get(call: Call) -> Result<Answer, Problem> {
    let owner = match call.read(|fields| {
        if fields.is_given("user_identity_key") && !fields.is_given("user_identity_id") {
            fields.text("user_identity_key").map(Err)
        } else {
            fields.required_id("user_identity_id").map(Ok)
        }
    })? {
        Ok(id) => Some(call.owner(id)),
        Err(key) => owner_of_key(&call, &key).await?,
    };
    let aggregate = match owner {
        Some(owner) => call.store.load(owner).await?,
        None => Aggregate::default(),
    };
    let identity = UserIdentityObject::of_aggregate(&aggregate).ok_or_else(not_found)?;
    Answer::of("user_identity", &identity)
}

fn not_found() -> Problem {
    Problem::not_found("user_identity_not_found", "There is no such user identity")
}

/// From now on everything that hangs on the person is undone, and then the person is gone. Deleting twice is fine: clients repeat a
/// delete whose answer got lost.
async fn delete(call: Call) -> Result<Answer, Problem> {
    let id: UserIdentityId = call.read(|fields| fields.required_id("user_identity_id"))?;
    let found: Option<Versioned<UserIdentity>> = call.store.get(call.owner(id).identity()).await?;
    let found = found.ok_or_else(not_found)?;
    call.store.amend(found, |identity| identity.request_deletion(call.now)).await?;
    delete_all_of(&call, id).await?;
    Ok(Answer::done())
}

/// The partition of the person who has this key.
async fn owner_of_key(call: &Call, key: &str) -> Result<Option<PartitionOwner>, Problem> {
    let claim = call
        .store
        .get::<UniqueKey>(Key::unique(call.workspace_id, UniqueKind::UserIdentityKey, key))
        .await?;
    Ok(claim.and_then(|claim| PartitionOwner::of_partition(&claim.record.holder().partition)))
}

async fn list(call: ScopedCall) -> Result<Answer, Problem> {
    let filter = call.read(Filter::read)?;
    let page = match &call {
        ScopedCall::Person(call) => {
            let own = call.load().await?;
            let is_named = filter.ids.is_empty() || filter.ids.contains(&call.owner().user_identity_id);
            filter.page.cut(filter.show(&own).filter(|_| is_named).into_iter().collect())
        }
        ScopedCall::Workspace(call) if filter.ids.is_empty() => {
            call.page(Collection::UserIdentities, &filter.page, |_, aggregate| filter.show(aggregate))
                .await?
        }
        ScopedCall::Workspace(call) => {
            let named = call.load_all(filter.ids.iter().map(|id| call.owner(*id))).await?;
            filter
                .page
                .cut(named.values().filter_map(|aggregate| filter.show(aggregate)).collect())
        }
    };
    Answer::of("user_identities", &page.items)?.and("pagination", &filter.page.pagination(page.next))
}
