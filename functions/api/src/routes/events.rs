//! `/events/*`: what happened in the last 30 days, for clients that ask instead of waiting to be told.

use fobless::{
    domain::{event::Event, ids::EventId},
    store::EventWindow,
    wire::event::EventObject,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    endpoint::{Accepts, Call, Endpoint, endpoint},
    envelope::Answer,
    fields::Fields,
    problem::Problem,
};

const USUAL_LIMIT: u16 = 500;
const MOST: u16 = 1000;

/// Parameters that name the one value of the event's field of the same name.
const IDS: [&str; 6] = [
    "device_id",
    "acs_system_id",
    "acs_user_id",
    "acs_credential_id",
    "user_identity_id",
    "connected_account_id",
];
/// Parameters that list values of an event's field.
const LISTS_OF_IDS: [(&str, &str); 3] = [
    ("event_ids", "event_id"),
    ("device_ids", "device_id"),
    ("acs_system_ids", "acs_system_id"),
];
const EVENT_TYPE: &str = "event_type";
const EVENT_TYPES: &str = "event_types";
/// Ids of what there is not here, so no event is about it. Who asks for events about it gets none, and not all the others.
const IDS_OF_NOTHING: [&str; 8] = [
    "access_code_id",
    "access_grant_id",
    "access_method_id",
    "acs_access_group_id",
    "acs_encoder_id",
    "acs_entrance_id",
    "connect_webview_id",
    "space_id",
];
/// The same for lists of ids.
const LISTS_OF_NOTHING: [&str; 4] = ["access_code_ids", "access_grant_ids", "access_method_ids", "space_ids"];
/// A customer of the customer's: there is none here.
const CUSTOMER_KEY: &str = "customer_key";

pub(crate) fn routes() -> Vec<Endpoint> {
    vec![
        endpoint("/events/get", Accepts::Read, get),
        endpoint("/events/list", Accepts::Read, list),
    ]
}

/// What an event has to be: each condition has to hold.
struct Filter(Vec<Condition>);

/// The field of the event, and the values that it may have.
struct Condition {
    field: &'static str,
    one_of: Vec<String>,
}

/// Which event is asked for.
struct Wanted {
    id: Option<EventId>,
    filter: Filter,
}

/// Which events are asked for.
struct Listing {
    window: EventWindow,
    filter: Filter,
    /// So many of the first are left out.
    offset: usize,
    limit: usize,
    /// It is asked for events about what there is not here.
    is_about_nothing: bool,
}

async fn get(call: Call) -> Result<Answer, Problem> {
    let Wanted { id, filter } = call.read(Wanted::read)?;
    let found = match id {
        Some(id) => call
            .store
            .event(call.workspace_id, id)
            .await?
            .filter(|event| filter.lets_through(event)),
        None => {
            call.store
                .newest_event(call.workspace_id, |event| filter.lets_through(event))
                .await?
        }
    };
    let event = found.ok_or_else(|| Problem::not_found("event_not_found", "There is no such event in the last 30 days"))?;
    Answer::of("event", &EventObject::of(&event))
}

async fn list(call: Call) -> Result<Answer, Problem> {
    let listing = call.read(Listing::read)?;
    let events = listing.events(&call).await?;
    let shown: Vec<EventObject<'_>> = events.iter().skip(listing.offset).map(EventObject::of).collect();
    Answer::of("events", &shown)
}

impl Wanted {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        if !["event_id", EVENT_TYPE, "device_id"].iter().any(|name| fields.is_given(name)) {
            fields.issue("event_id", "Required unless event_type or device_id is given");
            return None;
        }
        let conditions = [Condition::event_type(fields), Condition::id(fields, "device_id")];
        Some(Self {
            id: fields.id("event_id"),
            filter: Filter(conditions.into_iter().flatten().collect()),
        })
    }
}

impl Listing {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let ids = IDS.into_iter().map(|name| Condition::id(fields, name));
        let lists = LISTS_OF_IDS.into_iter().map(|(name, field)| Condition::ids(fields, name, field));
        let types = [Condition::event_type(fields), Condition::event_types(fields)];
        let filter = Filter(ids.chain(lists).chain(types).flatten().collect());
        let is_about_nothing = is_about_nothing(fields);
        let offset = fields.whole_number("unstable_offset", 0, u16::MAX).unwrap_or(0);
        let limit = fields.whole_number("limit", 1, MOST).unwrap_or(USUAL_LIMIT);
        Some(Self {
            window: window(fields)?,
            filter,
            offset: usize::from(offset),
            limit: usize::from(limit),
            is_about_nothing,
        })
    }

    /// What is asked for, and before it what is left out.
    async fn events(&self, call: &Call) -> Result<Vec<Event>, Problem> {
        if self.is_about_nothing {
            return Ok(Vec::new());
        }
        let wanted = |event: &Event| self.filter.lets_through(event);
        let most = self.offset.saturating_add(self.limit);
        Ok(call.store.events(call.workspace_id, self.window, most, wanted).await?)
    }
}

/// Whether it is asked for events about what there is not here.
fn is_about_nothing(fields: &Fields<'_>) -> bool {
    let ids = IDS_OF_NOTHING.map(|name| fields.id::<Uuid>(name).is_some());
    let lists = LISTS_OF_NOTHING.map(|name| fields.ids::<Uuid>(name).is_some_and(|ids| !ids.is_empty()));
    let is_of_customer = fields.text(CUSTOMER_KEY).is_some();
    is_of_customer || ids.into_iter().chain(lists).any(|is_named| is_named)
}

/// The span of time that is asked for. Who says what they look for need not say when it was.
fn window(fields: &Fields<'_>) -> Option<EventWindow> {
    let lists = LISTS_OF_IDS.iter().map(|(name, _)| name);
    let is_filtered = IDS
        .iter()
        .chain(lists)
        .chain(&IDS_OF_NOTHING)
        .chain(&LISTS_OF_NOTHING)
        .chain(&[EVENT_TYPE, EVENT_TYPES, CUSTOMER_KEY])
        .any(|name| fields.is_given(name));
    match (fields.is_given("since"), fields.is_given("between")) {
        (false, false) if is_filtered => Some(EventWindow::ALL),
        (false, false) => {
            fields.issue("since", "Required unless between or a filter is given");
            None
        }
        (true, true) => {
            fields.issue("between", "Not together with since");
            None
        }
        (true, false) => fields.moment("since").map(|after| EventWindow { after, ..EventWindow::ALL }),
        (false, true) => between(fields),
    }
}

fn between(fields: &Fields<'_>) -> Option<EventWindow> {
    let [after, before] = fields.moment_pair("between")?;
    Some(EventWindow { after, before })
}

impl Condition {
    fn id(fields: &Fields<'_>, name: &'static str) -> Option<Self> {
        Self::any_of(name, fields.id::<Uuid>(name).into_iter())
    }

    fn ids(fields: &Fields<'_>, name: &str, field: &'static str) -> Option<Self> {
        Self::any_of(field, fields.ids::<Uuid>(name)?.into_iter())
    }

    /// Any word may be asked for: a client may be newer than this version and know events that this one does not tell.
    fn event_type(fields: &Fields<'_>) -> Option<Self> {
        Self::any_of(EVENT_TYPE, fields.text(EVENT_TYPE).into_iter())
    }

    fn event_types(fields: &Fields<'_>) -> Option<Self> {
        Self::any_of(EVENT_TYPE, fields.texts(EVENT_TYPES)?.into_iter())
    }

    /// `None`: no value is named, so any will do.
    fn any_of(field: &'static str, values: impl Iterator<Item = impl ToString>) -> Option<Self> {
        let one_of: Vec<String> = values.map(|value| value.to_string()).collect();
        (!one_of.is_empty()).then_some(Self { field, one_of })
    }
}

impl Filter {
    fn lets_through(&self, event: &Event) -> bool {
        // By the names of the fields, which are those of the wire: a field that a kind of event does not have lets none of it through.
        let fields = serde_json::to_value(event).unwrap_or_default();
        let holds = |condition: &Condition| {
            let value = fields.get(condition.field).and_then(Value::as_str);
            value.is_some_and(|value| condition.one_of.iter().any(|wanted| wanted == value))
        };
        self.0.iter().all(holds)
    }
}
