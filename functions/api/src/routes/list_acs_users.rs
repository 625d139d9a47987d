//! `/acs/users/list`: the people inside the access control systems, those among them who are linked to nobody too.

use std::collections::BTreeMap;

use fobless::{
    domain::{
        acs::{AcsSystem, AcsUser},
        aggregate::Aggregate,
        ids::{AcsSystemId, AcsUserId, UserIdentityId},
        time::Timestamp,
        user_identity::UserIdentity,
    },
    store::{Collection, Key, UniqueKind},
};
use uuid::Uuid;

use super::named_user_identity::load_by;
use crate::{
    endpoint::Call, envelope::Answer, fields::Fields, page::PageRequest, problem::Problem, shown::Shown, wire::acs_user::AcsUserObject,
};

/// Which ACS users are asked for.
struct Filter {
    acs_system_id: Option<AcsSystemId>,
    person: Person,
    created_before: Option<Timestamp>,
    search: Option<String>,
    page: PageRequest,
}

/// Whose ACS users are asked for: all that is named is to be one and the same person's.
struct Person {
    id: Option<UserIdentityId>,
    email_address: Option<String>,
    phone_number: Option<String>,
}

impl Person {
    /// Everything about the person, where somebody is named; nothing where nobody is all that.
    async fn load(&self, call: &Call) -> Result<Option<Aggregate>, Problem> {
        let mut found: Option<Aggregate> = None;
        if let Some(id) = self.id {
            found = Some(call.store.load(call.owner(id)).await?);
        }
        let values = [
            (UniqueKind::EmailAddress, &self.email_address),
            (UniqueKind::PhoneNumber, &self.phone_number),
        ];
        for (kind, value) in values {
            let Some(value) = value else { continue };
            let holder = load_by(call, kind, value).await?;
            let is_another = found.as_ref().is_some_and(|found| id_of_person(found) != id_of_person(&holder));
            found = Some(if is_another { Aggregate::default() } else { holder });
        }
        Ok(found)
    }
}

fn id_of_person(aggregate: &Aggregate) -> Option<UserIdentityId> {
    aggregate.shown_identity().map(|identity| identity.user_identity_id)
}

/// The systems of the workspace.
type Systems = BTreeMap<AcsSystemId, AcsSystem>;

impl Filter {
    #[expect(clippy::unnecessary_wraps, reason = "it is what reading parameters looks like")]
    fn read(fields: &Fields<'_>) -> Option<Self> {
        Some(Self {
            acs_system_id: fields.id("acs_system_id"),
            person: Person {
                id: fields.id("user_identity_id"),
                email_address: fields.text("user_identity_email_address"),
                phone_number: fields.text("user_identity_phone_number"),
            },
            created_before: fields.moment("created_before"),
            search: fields.text("search").map(|text| text.to_lowercase()),
            page: PageRequest::read(fields, "acs_users"),
        })
    }

    /// The ACS user, if it is asked for. `aggregate` is everything about its person.
    fn show(&self, user: &AcsUser, aggregate: &Aggregate, systems: &Systems) -> Option<(Uuid, AcsUserObject)> {
        let is_wanted = self.acs_system_id.is_none_or(|wanted| user.acs_system_id == wanted)
            && self.created_before.is_none_or(|limit| user.created_at < limit)
            && self
                .search
                .as_ref()
                .is_none_or(|text| is_found(user, aggregate.shown_identity(), text));
        is_wanted.then(|| {
            let system = systems.get(&user.acs_system_id);
            (user.acs_user_id.uuid(), AcsUserObject::of(user, system, aggregate.shown_identity()))
        })
    }
}

fn is_found(user: &AcsUser, identity: Option<&UserIdentity>, text: &str) -> bool {
    let searched = [
        identity.and_then(|identity| Some(identity.full_name.as_ref()?.to_lowercase())),
        identity.and_then(|identity| identity.phone_number.clone()),
        Some(user.full_name.to_lowercase()),
        user.email_address.as_ref().map(|address| address.to_lowercase()),
        user.phone_number.clone(),
        user.user_identity_id.map(|id| id.to_string()),
        Some(user.acs_user_id.to_string()),
    ];
    searched.iter().flatten().any(|searched| searched.contains(text))
}

pub(super) async fn list(call: Call) -> Result<Answer, Problem> {
    let filter = call.read(Filter::read)?;
    let systems = call.store.acs_systems(call.workspace_id).await?;
    let systems: Systems = systems.into_iter().map(|system| (system.acs_system_id, system)).collect();
    let page = if let Some(aggregate) = filter.person.load(&call).await? {
        let users = aggregate.shown_acs_users();
        filter
            .page
            .cut(users.filter_map(|user| filter.show(user, &aggregate, &systems)).collect())
    } else {
        let show = |key: &Key, aggregate: &Aggregate| filter.show(aggregate.shown_acs_user(id_of(key)?)?, aggregate, &systems);
        call.page(Collection::AcsUsers, &filter.page, show).await?
    };
    Answer::of("acs_users", &page.items)?.and("pagination", &filter.page.pagination(page.next))
}

/// An ACS user who is nobody's has its id in the partition's name.
fn id_of(key: &Key) -> Option<AcsUserId> {
    let named = key.item.rsplit_once('#').or_else(|| key.partition.rsplit_once('#'));
    named?.1.parse().ok()
}
