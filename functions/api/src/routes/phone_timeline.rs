//! `/phones/timeline`: what happened to one phone and what it waits for. Of every phone whose record is there, also of one that is out
//! of use or whose person is gone: that is when somebody asks.

use fobless::{
    domain::{ids::DeviceId, timeline::timeline},
    store::Collection,
};

use crate::{
    endpoint::{Accepts, Call, Endpoint, endpoint},
    envelope::Answer,
    problem::Problem,
    routes::phones::not_found,
    wire::phone_timeline::PhoneTimelineObject,
};

pub(crate) fn routes() -> Vec<Endpoint> {
    vec![endpoint("/phones/timeline", Accepts::Read, explain)]
}

async fn explain(call: Call) -> Result<Answer, Problem> {
    let id: DeviceId = call.read(|fields| fields.required_id("device_id"))?;
    let aggregate = call.load_owner_of(Collection::Phones, id.uuid()).await?;
    let told = aggregate.and_then(|aggregate| timeline(&aggregate, id, call.now));
    let told = told.ok_or_else(|| not_found(id))?;
    Answer::of("phone_timeline", &PhoneTimelineObject::from(told))
}
