//! `/acs/systems/create`, `/update` and `/delete`: an extension, since elsewhere systems are connected by hand. How a system is reached
//! and by which keys stands in the deployment's settings under the system's id, not here.

use fobless::{
    domain::{
        acs::{AcsCredentialPool, AcsSystem, AcsSystemKind},
        aggregate::Versioned,
        deletion::Deletable,
        ids::{AcsSystemId, ConnectedAccountId},
    },
    store::{Key, WriteError},
};

use super::acs_systems::not_found;
use crate::{change::Change, endpoint::Call, envelope::Answer, fields::Fields, problem::Problem, wire::acs_system::AcsSystemObject};

const PART_NUMBERS: &str = "part_numbers";
/// Each is a write; more come with further calls.
const MOST_PART_NUMBERS: usize = 50;
const LONGEST_TIME_ZONE: usize = 64;

struct Creation {
    name: String,
    kind: AcsSystemKind,
    time_zone: Option<String>,
    part_numbers: Vec<String>,
}

impl Creation {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let name = fields.required_text("name");
        let kind = kind(fields);
        let time_zone = fields.object("location").and_then(|location| time_zone(&location));
        let part_numbers = part_numbers(fields);
        if kind.is_some_and(|kind| kind != AcsSystemKind::HidOrigo) && fields.is_given(PART_NUMBERS) {
            fields.issue(PART_NUMBERS, NO_POOLS);
        }
        Some(Self {
            name: name?,
            kind: kind?,
            time_zone,
            part_numbers: part_numbers?,
        })
    }
}

struct Update {
    id: AcsSystemId,
    name: Option<String>,
    time_zone: Change<String>,
    part_numbers: Vec<String>,
}

impl Update {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let id = fields.required_id("acs_system_id");
        let name = fields.text("name");
        let location = fields.object("location");
        let time_zone = location.map_or(Change::Keep, |location| {
            Change::read(&location, "time_zone", |location, _| time_zone(location))
        });
        let part_numbers = part_numbers(fields);
        Some(Self {
            id: id?,
            name,
            time_zone,
            part_numbers: part_numbers?,
        })
    }

    fn apply(&self, system: &mut AcsSystem) -> bool {
        let before = system.clone();
        if let Some(name) = &self.name {
            system.name.clone_from(name);
        }
        self.time_zone.apply(&mut system.time_zone);
        *system != before
    }
}

fn part_numbers(fields: &Fields<'_>) -> Option<Vec<String>> {
    fields.texts_up_to(PART_NUMBERS, MOST_PART_NUMBERS)
}

const NO_POOLS: &str = "Only a credential manager has credential pools";

fn kind(fields: &Fields<'_>) -> Option<AcsSystemKind> {
    let word = fields.word("kind", &["hid_origo", "ledger", "bridge"]);
    if word.is_none() {
        fields.note_if_missing("kind");
    }
    match word?.as_str() {
        "hid_origo" => Some(AcsSystemKind::HidOrigo),
        "bridge" => Some(AcsSystemKind::Bridge),
        _ => Some(AcsSystemKind::Ledger),
    }
}

/// A name as in `Europe/Berlin`. Whether there is such a zone is not looked up: it is shown, and nothing is reckoned with it.
fn time_zone(location: &Fields<'_>) -> Option<String> {
    location.parsed("time_zone", "Invalid time zone (expected a name such as Europe/Berlin)", |text| {
        let is_clean = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte));
        (is_clean && (1..=LONGEST_TIME_ZONE).contains(&text.len())).then(|| text.to_owned())
    })
}

pub(super) async fn create(call: Call) -> Result<Answer, Problem> {
    let creation = call.read(Creation::read)?;
    let system = AcsSystem {
        workspace_id: call.workspace_id,
        acs_system_id: AcsSystemId::generate(),
        connected_account_id: ConnectedAccountId::generate(),
        name: creation.name,
        kind: creation.kind,
        time_zone: creation.time_zone,
        created_at: call.now,
        deletion: None,
    };
    // The pools first: nobody finds them before there is the system.
    add_pools(&call, &system, &creation.part_numbers).await?;
    call.store.transaction().create(&system)?.write().await?;
    Answer::of("acs_system", &AcsSystemObject::of(&system))
}

pub(super) async fn update(call: Call) -> Result<Answer, Problem> {
    let update = call.read(Update::read)?;
    let found = find(&call, update.id).await?;
    if !found.record.is_wanted() {
        return Err(not_found(update.id));
    }
    if !update.part_numbers.is_empty() && !found.record.is_credential_manager() {
        return Err(Problem::invalid_field(PART_NUMBERS, NO_POOLS));
    }
    add_pools(&call, &found.record, &update.part_numbers).await?;
    call.store.amend(found, |system| update.apply(system)).await?;
    Ok(Answer::done())
}

/// Nothing new is made in the system any more, and it is shown to nobody. What is in it goes on as it is until it is deleted itself: to
/// shut doors on people is a wish of its own. Deleting twice is fine: clients repeat a delete whose answer got lost.
pub(super) async fn delete(call: Call) -> Result<Answer, Problem> {
    let id = call.read(|fields| fields.required_id("acs_system_id"))?;
    let found = find(&call, id).await?;
    let amended = call.store.amend(found, |system| {
        system.request_deletion(call.now);
        system.complete_deletion(call.now)
    });
    amended.await?;
    Ok(Answer::done())
}

async fn find(call: &Call, id: AcsSystemId) -> Result<Versioned<AcsSystem>, Problem> {
    let found = call.store.get(Key::acs_system(call.workspace_id, id)).await?;
    found.ok_or_else(|| not_found(id))
}

/// A part number is one pool, however often it is named.
async fn add_pools(call: &Call, system: &AcsSystem, part_numbers: &[String]) -> Result<(), Problem> {
    for part_number in part_numbers {
        let pool = AcsCredentialPool::named(system, part_number, call.now);
        match call.store.insert(pool).await {
            Ok(_) | Err(WriteError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
