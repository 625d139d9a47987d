//! `/phones/*`.

use fobless::{
    domain::{
        aggregate::Aggregate,
        ids::{AcsCredentialId, DeviceId, UserIdentityId},
        phone::Phone,
        phone_credential::PhoneCredentialState,
    },
    store::{Collection, Key, PhoneFact, PhoneFactKind},
};

use super::create_sandbox_phone::create_sandbox_phone;

use crate::{
    endpoint::{Accepts, Call, Endpoint, endpoint},
    envelope::Answer,
    fields::Fields,
    page::{Page, PageRequest},
    problem::Problem,
    scoped_call::ScopedCall,
    wire::phone::PhoneObject,
};

pub(crate) fn routes() -> Vec<Endpoint> {
    vec![
        endpoint("/phones/get", Accepts::Read, get),
        endpoint("/phones/list", Accepts::Read, list),
        endpoint("/phones/deactivate", Accepts::Delete, deactivate),
        endpoint("/phones/simulate/create_sandbox_phone", Accepts::Create, create_sandbox_phone),
    ]
}

struct Filter {
    owner: Option<UserIdentityId>,
    credential: Option<AcsCredentialId>,
    page: PageRequest,
}

impl Filter {
    #[expect(clippy::unnecessary_wraps, reason = "it is what reading parameters looks like")]
    fn read(fields: &Fields<'_>) -> Option<Self> {
        Some(Self {
            owner: fields.id("owner_user_identity_id"),
            credential: fields.id("acs_credential_id"),
            page: PageRequest::read(fields, "phones"),
        })
    }
}

async fn get(call: Call) -> Result<Answer, Problem> {
    let id: DeviceId = call.read(|fields| fields.required_id("device_id"))?;
    let aggregate = call.load_owner_of(Collection::Phones, id.uuid()).await?;
    let found = aggregate.and_then(|aggregate| PhoneObject::of(&aggregate.phone(id)?.record, &aggregate));
    let phone = found.ok_or_else(|| not_found(id))?;
    Answer::of("phone", &phone)
}

pub(super) fn not_found(id: DeviceId) -> Problem {
    Problem::not_found("phone_not_found", format!("There is no phone {id}"))
}

/// Records the same fact as a webhook that tells that the phone is out of use. One that comes later may tell the contrary. A session may
/// do that for any of its person's phones, unless one of them was put out of use since it began: that one may be in the wrong hands.
async fn deactivate(call: ScopedCall) -> Result<Answer, Problem> {
    let id: DeviceId = call.read(|fields| fields.required_id("device_id"))?;
    let found = call.find::<Phone>(Collection::Phones, id.uuid(), |owner| owner.phone(id)).await?;
    let phone = found.ok_or_else(|| not_found(id))?.record;
    let (owner, store) = call.person(phone.user_identity_id).ok_or_else(|| not_found(id))?;
    if let ScopedCall::Person(call) = &call
        // A repeated deactivation is fine: clients repeat one whose answer got lost.
        && phone.is_registered()
        && !call.session().may_register(call.load().await?.last_deactivation())
    {
        return Err(Problem::session_outdated());
    }
    let fact = PhoneFact {
        owner,
        device_id: id,
        occurred_at: call.now(),
        kind: PhoneFactKind::Deactivated,
    };
    // Where something as new was known, the phone is deactivated, or registered anew since the request came.
    store.record_phone_fact_of_caller(&fact, call.now()).await?;
    Ok(Answer::done())
}

/// Those of a whole workspace come in pages, which Seam does not know of. Those of a person are few, and come at once.
async fn list(call: Call) -> Result<Answer, Problem> {
    let filter = call.read(Filter::read)?;
    let page = match (filter.owner, filter.credential) {
        (None, None) => {
            let show = |key: &Key, aggregate: &Aggregate| {
                let id: DeviceId = key.item.rsplit('#').next()?.parse().ok()?;
                Some((id.uuid(), PhoneObject::of(&aggregate.phone(id)?.record, aggregate)?))
            };
            call.page(Collection::Phones, &filter.page, show).await?
        }
        (Some(owner), credential) => of_identity(&call.store.load(call.owner(owner)).await?, credential),
        (None, Some(credential)) => {
            let aggregate = call.load_owner_of_credential(credential).await?.unwrap_or_default();
            of_identity(&aggregate, Some(credential))
        }
    };
    Answer::of("phones", &page.items)?.and("pagination", &filter.page.pagination(page.next))
}

/// The phones of one person, in the order in which they came; with `credential` only those that hold it or a child of it.
fn of_identity(aggregate: &Aggregate, credential: Option<AcsCredentialId>) -> Page<PhoneObject> {
    let mut phones: Vec<_> = aggregate.phones.iter().map(|found| &found.record).collect();
    phones.sort_by_key(|phone| (phone.created_at, phone.device_id));
    phones.retain(|phone| credential.is_none_or(|credential| holds(aggregate, phone.device_id, credential)));
    let shown = phones.into_iter().filter_map(|phone| PhoneObject::of(phone, aggregate));
    Page {
        items: shown.collect(),
        next: None,
    }
}

fn holds(aggregate: &Aggregate, device: DeviceId, credential: AcsCredentialId) -> bool {
    let mut children = aggregate.phone_credentials.iter().map(|found| &found.record);
    children.any(|child| {
        let is_meant = child.acs_credential_id == credential || child.parent_acs_credential_id == credential;
        is_meant && child.device_id == device && !matches!(child.state, PhoneCredentialState::Revoked { .. })
    })
}
