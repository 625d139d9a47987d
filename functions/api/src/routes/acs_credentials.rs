//! `/acs/credentials/*`: multi-phone sync credentials and the children that phones hold of them.

use fobless::{
    domain::{
        aggregate::Aggregate,
        ids::{AcsCredentialId, AcsSystemId, AcsUserId, UserIdentityId},
        time::Timestamp,
    },
    store::{Collection, Key, PartitionOwner, Store},
};
use uuid::Uuid;

use super::{
    assign_acs_credential::{assign, unassign},
    create_acs_credential::create,
    delete_acs_credential::delete,
    update_acs_credential::update,
};
use crate::{
    endpoint::{Accepts, Call, Endpoint, endpoint},
    envelope::Answer,
    fields::Fields,
    page::{Page, PageRequest},
    problem::Problem,
    scoped_call::ScopedCall,
    shown::Shown,
    wire::acs_credential::AcsCredentialObject,
};

pub(crate) fn routes() -> Vec<Endpoint> {
    vec![
        endpoint("/acs/credentials/create", Accepts::Create, create),
        endpoint("/acs/credentials/get", Accepts::Read, get),
        endpoint("/acs/credentials/list", Accepts::Read, list),
        endpoint("/acs/credentials/update", Accepts::Update, update),
        endpoint("/acs/credentials/assign", Accepts::Update, assign),
        endpoint("/acs/credentials/unassign", Accepts::Update, unassign),
        endpoint("/acs/credentials/delete", Accepts::Delete, delete),
    ]
}

/// Which credentials are asked for.
struct Filter {
    acs_user_id: Option<AcsUserId>,
    acs_system_id: Option<AcsSystemId>,
    user_identity_id: Option<UserIdentityId>,
    is_multi_phone_sync_credential: Option<bool>,
    created_before: Option<Timestamp>,
    search: Option<String>,
    page: PageRequest,
}

impl Filter {
    #[expect(clippy::unnecessary_wraps, reason = "it is what reading parameters looks like")]
    fn read(fields: &Fields<'_>) -> Option<Self> {
        Some(Self {
            acs_user_id: fields.id("acs_user_id"),
            acs_system_id: fields.id("acs_system_id"),
            user_identity_id: fields.id("user_identity_id"),
            is_multi_phone_sync_credential: fields.flag("is_multi_phone_sync_credential"),
            created_before: fields.moment("created_before"),
            search: fields.text("search").map(|text| text.to_lowercase()),
            page: PageRequest::read(fields, "acs_credentials"),
        })
    }

    /// The credential with this id, if it is asked for.
    fn show(&self, id: AcsCredentialId, aggregate: &Aggregate) -> Option<(Uuid, AcsCredentialObject)> {
        let shown = shown(id, aggregate)?;
        let is_wanted = self.acs_user_id.is_none_or(|wanted| shown.acs_user_id == Some(wanted))
            && self.acs_system_id.is_none_or(|wanted| shown.acs_system_id == wanted)
            && self.user_identity_id.is_none_or(|wanted| shown.user_identity_id == wanted)
            && self
                .is_multi_phone_sync_credential
                .is_none_or(|wanted| shown.is_multi_phone_sync_credential == wanted)
            && self
                .created_before
                .is_none_or(|limit| created_at(id, aggregate).is_some_and(|created_at| created_at < limit))
            && self.search.as_ref().is_none_or(|text| is_found(&shown, text));
        is_wanted.then_some((id.uuid(), shown))
    }
}

fn is_found(credential: &AcsCredentialObject, text: &str) -> bool {
    let card_number = credential
        .child
        .as_ref()
        .and_then(|child| child.card_number.clone())
        .unwrap_or_default();
    let searched = [
        credential.display_name.to_lowercase(),
        card_number.to_lowercase(),
        credential.acs_user_id.map(|id| id.to_string()).unwrap_or_default(),
        credential.acs_credential_id.to_string(),
    ];
    searched.iter().any(|searched| searched.contains(text))
}

pub(super) fn shown(id: AcsCredentialId, aggregate: &Aggregate) -> Option<AcsCredentialObject> {
    match aggregate.shown_parent(id) {
        Some(parent) => Some(AcsCredentialObject::of_parent(parent, aggregate)),
        None => AcsCredentialObject::of_child(aggregate.shown_child(id)?, aggregate),
    }
}

fn created_at(id: AcsCredentialId, aggregate: &Aggregate) -> Option<Timestamp> {
    let of_parent = aggregate.credential(id).map(|parent| parent.record.created_at);
    of_parent.or_else(|| aggregate.phone_credential(id).map(|child| child.record.created_at))
}

async fn get(call: Call) -> Result<Answer, Problem> {
    let id: AcsCredentialId = call.read(|fields| fields.required_id("acs_credential_id"))?;
    let aggregate = call.load_owner_of_credential(id).await?;
    let found = aggregate.and_then(|aggregate| shown(id, &aggregate));
    let credential = found.ok_or_else(|| not_found(id))?;
    Answer::of("acs_credential", &credential)
}

pub(super) fn not_found(id: AcsCredentialId) -> Problem {
    Problem::not_found("acs_credential_not_found", format!("There is no credential {id}"))
}

async fn list(call: ScopedCall) -> Result<Answer, Problem> {
    let filter = call.read(Filter::read)?;
    let page = match &call {
        ScopedCall::Workspace(call) => of_workspace(call, &filter).await?,
        ScopedCall::Person(call) => of_identity(call.own_store(), &filter, Some(call.owner())).await?,
    };
    Answer::of("acs_credentials", &page.items)?.and("pagination", &filter.page.pagination(page.next))
}

/// A page of the workspace's credentials, or of those of the person whom the filter names.
async fn of_workspace(call: &Call, filter: &Filter) -> Result<Page<AcsCredentialObject>, Problem> {
    match (filter.user_identity_id, filter.acs_user_id) {
        (Some(user_identity_id), _) => of_identity(&call.store, filter, Some(call.owner(user_identity_id))).await,
        (None, Some(acs_user_id)) => {
            let holder = call.acs_user(acs_user_id).await?;
            let owner = holder.and_then(|found| found.user.record.user_identity_id).map(|id| call.owner(id));
            of_identity(&call.store, filter, owner).await
        }
        (None, None) => {
            let show = |key: &Key, aggregate: &Aggregate| filter.show(id_of(key)?, aggregate);
            call.page(Collection::AcsCredentials, &filter.page, show).await
        }
    }
}

/// A page of one person's credentials, strongly consistent.
async fn of_identity(store: &Store, filter: &Filter, owner: Option<PartitionOwner>) -> Result<Page<AcsCredentialObject>, Problem> {
    let Some(owner) = owner else {
        return Ok(filter.page.cut(Vec::new()));
    };
    let aggregate = store.load(owner).await?;
    let parents = aggregate.credentials.iter().map(|parent| parent.record.acs_credential_id);
    let children = aggregate.phone_credentials.iter().map(|child| child.record.acs_credential_id);
    Ok(filter
        .page
        .cut(parents.chain(children).filter_map(|id| filter.show(id, &aggregate)).collect()))
}

fn id_of(key: &Key) -> Option<AcsCredentialId> {
    key.item.rsplit('#').next()?.parse().ok()
}
