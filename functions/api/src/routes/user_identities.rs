//! `/user_identities/*`: the people who use the mobile app.

use fobless::{
    domain::{
        aggregate::{Aggregate, Versioned},
        deletion::Deletable,
        ids::{AcsSystemId, UserIdentityId},
        time::Timestamp,
        user_identity::UserIdentity,
    },
    store::Collection,
};
use uuid::Uuid;

use super::{
    acs_of_user_identity::{list_acs_systems, list_acs_users},
    client_sessions::delete_all_of,
    create_user_identity::create,
    link_acs_user::add_acs_user,
    named_user_identity::{NamedUserIdentity, not_found},
    unlink_acs_user::remove_acs_user,
    update_user_identity::update,
};
use crate::{
    endpoint::{Accepts, Call, Endpoint, endpoint},
    envelope::Answer,
    fields::Fields,
    page::PageRequest,
    problem::Problem,
    scoped_call::ScopedCall,
    shown::Shown,
    wire::user_identity::UserIdentityObject,
};

pub(crate) fn routes() -> Vec<Endpoint> {
    vec![
        endpoint("/user_identities/create", Accepts::Create, create),
        endpoint("/user_identities/get", Accepts::Read, get),
        endpoint("/user_identities/list", Accepts::Read, list),
        endpoint("/user_identities/update", Accepts::Update, update),
        endpoint("/user_identities/delete", Accepts::Delete, delete),
        endpoint("/user_identities/add_acs_user", Accepts::Put, add_acs_user),
        endpoint("/user_identities/remove_acs_user", Accepts::Delete, remove_acs_user),
        endpoint("/user_identities/list_acs_users", Accepts::Read, list_acs_users),
        endpoint("/user_identities/list_acs_systems", Accepts::Read, list_acs_systems),
    ]
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
        let page = PageRequest::read(fields, "user_identities");
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

async fn get(call: Call) -> Result<Answer, Problem> {
    let named = call.read(NamedUserIdentity::read)?;
    let identity = UserIdentityObject::of_aggregate(&named.load(&call).await?).ok_or_else(not_found)?;
    Answer::of("user_identity", &identity)
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
