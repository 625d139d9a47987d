//! The single writes of webhooks: a fact about a phone, hints about a credential manager's user. Each is one conditional
//! update that does not read first, costs one write unit, and can be repeated and reordered without harm.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};

use super::{
    Store,
    capacity::WriteUnits,
    error::{StoreError, WriteError},
    item::{attribute, key_attributes},
    keys::{Collection, Key, Listing, PartitionOwner},
    records::RemoteUserLink,
    single_update,
};
use crate::domain::{
    ids::{AcsSystemId, DeviceId, EndpointId, InstallationId, InvitationId, RemoteUserId},
    phone::Presence,
    phone_metadata::PhoneMetadata,
    time::Timestamp,
    trusted_news::TrustedNews,
};

/// What an event said about a phone.
#[derive(Clone, Debug)]
pub struct PhoneFact {
    /// Whose phone.
    pub owner: PartitionOwner,
    /// Which phone.
    pub device_id: DeviceId,
    /// When it happened at its source.
    pub occurred_at: Timestamp,
    /// What happened.
    pub kind: PhoneFactKind,
}

/// What happened to a phone.
#[derive(Clone, Debug)]
pub enum PhoneFactKind {
    /// It is in use.
    Registered {
        /// The app's own name for its installation.
        installation_id: InstallationId,
        /// What phone it is.
        metadata: PhoneMetadata,
    },
    /// It is lost, sold or signed out.
    Deactivated,
}

/// Who told a fact.
#[derive(Clone, Copy, Debug)]
enum Told {
    /// A webhook, which writes once, and one unit only: the issuer lists the phone.
    ByAnEvent,
    /// Somebody who calls the API.
    ByACaller,
    /// The phone itself, in a session that began then.
    InASession {
        /// When its person logged in.
        logged_in_at: Timestamp,
    },
}

/// What became of a fact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FactOutcome {
    /// It is written.
    Recorded(WriteUnits),
    /// It was known, or something newer is: nothing was written.
    AlreadyKnown,
}

/// What callbacks hinted about one user of a credential manager.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserHints {
    /// How many were about invitations and endpoints.
    pub enrollment: u64,
    /// How many were about credentials.
    pub credential: u64,
    /// Which endpoint came from which invitation.
    pub pairings: Vec<(EndpointId, InvitationId)>,
    /// What they said that is trusted. It is not counted above.
    pub trusted: Vec<TrustedNews>,
}

impl UserHints {
    /// The same without a word of what they are about: all of it counts.
    fn nameless(&self) -> Self {
        let redeemed = |news: &&TrustedNews| matches!(news, TrustedNews::Redeemed { .. });
        let redeemed = u64::try_from(self.trusted.iter().filter(redeemed).count()).unwrap_or(u64::MAX);
        let trusted = u64::try_from(self.trusted.len()).unwrap_or(u64::MAX);
        Self {
            enrollment: self.enrollment.saturating_add(redeemed),
            credential: self.credential.saturating_add(trusted - redeemed),
            ..Self::default()
        }
    }
}

/// What became of hints.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HintOutcome {
    /// They are written.
    Recorded(WriteUnits),
    /// The user is none of ours.
    UnknownUser,
}

/// So many endpoints that callbacks named may wait to be looked at. A person has up to five phones; each read takes away what it has seen.
const MOST_PAIRINGS: usize = 100;
/// So many trusted news may wait to be believed, for the same reason.
const MOST_TRUSTED: usize = 100;

fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn value(value: &impl serde::Serialize) -> Result<AttributeValue, StoreError> {
    serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(value).map_err(|error| StoreError::Unwritable(error.to_string()))
}

impl Store {
    /// Records what an event said about a phone, unless something at least as new is known. The newest event wins, whatever
    /// order they come in; of two from the same moment the deactivation does, since losing access is the safer mistake.
    pub async fn record_phone_fact(&self, fact: &PhoneFact, now: Timestamp) -> Result<FactOutcome, StoreError> {
        self.record_fact(fact, now, Told::ByAnEvent).await
    }

    /// The same for what the API's caller says. It costs more than an event may: the phone can be found by its id at once.
    pub async fn record_phone_fact_of_caller(&self, fact: &PhoneFact, now: Timestamp) -> Result<FactOutcome, StoreError> {
        self.record_fact(fact, now, Told::ByACaller).await
    }

    /// The same for what a phone says itself, in a session that began at `logged_in_at`: unless the phone was deactivated since then.
    /// Whoever found the phone has its session too, so that session must not bring it back.
    pub async fn record_phone_fact_in_session(
        &self,
        fact: &PhoneFact,
        now: Timestamp,
        logged_in_at: Timestamp,
    ) -> Result<FactOutcome, StoreError> {
        self.record_fact(fact, now, Told::InASession { logged_in_at }).await
    }

    async fn record_fact(&self, fact: &PhoneFact, now: Timestamp, told: Told) -> Result<FactOutcome, StoreError> {
        let presence = match fact.kind {
            PhoneFactKind::Registered { .. } => Presence::Registered,
            PhoneFactKind::Deactivated => Presence::Deactivated,
        };
        let mut set = "workspace_id = :workspace, user_identity_id = :user, device_id = :device, presence = :presence, \
             occurred_at = :occurred_at, created_at = if_not_exists(created_at, :now)"
            .to_owned();
        let mut condition_for = "(attribute_not_exists(pk) OR occurred_at < :occurred_at)".to_owned();
        let mut request = self
            .client
            .update_item()
            .table_name(&self.table)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match &fact.kind {
            PhoneFactKind::Registered { installation_id, metadata } => {
                set.push_str(", installation_id = :installation, metadata = :metadata, registered_at = :occurred_at");
                // The same registration again must not undo a deactivation that went before it, see below.
                condition_for.push_str(" AND (attribute_not_exists(registered_at) OR registered_at < :occurred_at)");
                request = request.expression_attribute_values(":installation", value(installation_id)?);
                request = request.expression_attribute_values(":metadata", value(metadata)?);
            }
            PhoneFactKind::Deactivated => {
                // Of two from the same moment the deactivation wins; and one must never be lost to a registration that is dated
                // ahead of its time, since nobody repeats it later.
                condition_for.push_str(" OR (presence <> :presence AND (occurred_at = :occurred_at OR occurred_at > :now))");
            }
        }
        if !matches!(told, Told::ByAnEvent) {
            let listing = Listing::new(Collection::Phones, fact.owner.workspace_id, fact.device_id.uuid());
            set.push_str(", is_listed = :listed, #collection = :collection, #collection_id = :collection_id");
            request = request
                .expression_attribute_names("#collection", attribute::COLLECTION)
                .expression_attribute_names("#collection_id", attribute::COLLECTION_ID)
                .expression_attribute_values(":listed", AttributeValue::Bool(true))
                .expression_attribute_values(":collection", AttributeValue::S(listing.collection))
                .expression_attribute_values(":collection_id", AttributeValue::S(listing.id));
        }
        if let Told::InASession { logged_in_at } = told {
            condition_for =
                format!("({condition_for}) AND (attribute_not_exists(pk) OR presence <> :deactivated OR occurred_at < :logged_in_at)");
            request = request
                .expression_attribute_values(":deactivated", value(&Presence::Deactivated)?)
                .expression_attribute_values(":logged_in_at", number(logged_in_at.millis()));
        }
        let update = request
            .set_key(Some(key_attributes(fact.owner.phone(fact.device_id))))
            .update_expression(format!("SET {set} ADD #version :one"))
            .condition_expression(condition_for)
            .expression_attribute_names("#version", attribute::VERSION)
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":workspace", value(&fact.owner.workspace_id)?)
            .expression_attribute_values(":user", value(&fact.owner.user_identity_id)?)
            .expression_attribute_values(":device", value(&fact.device_id)?)
            .expression_attribute_values(":presence", value(&presence)?)
            .expression_attribute_values(":occurred_at", number(fact.occurred_at.millis()))
            .expression_attribute_values(":now", number(now.millis()));
        match single_update::send(update, &self.clock).await {
            Ok(answer) => Ok(FactOutcome::Recorded(WriteUnits::of(answer.consumed_capacity.as_ref()))),
            Err(WriteError::Conflict) => Ok(FactOutcome::AlreadyKnown),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Records that callbacks hinted at news of a credential manager's user.
    pub async fn record_hints(&self, system: AcsSystemId, user: &RemoteUserId, hints: &UserHints) -> Result<HintOutcome, StoreError> {
        match self.record_hints_and_names(system, user, hints).await? {
            // Whoever has the callbacks' secret must not let an item grow without end. The news counts all the same: what it names is
            // read from the credential manager then.
            HintOutcome::UnknownUser if !hints.pairings.is_empty() || !hints.trusted.is_empty() => {
                self.record_hints_and_names(system, user, &hints.nameless()).await
            }
            outcome => Ok(outcome),
        }
    }

    async fn record_hints_and_names(&self, system: AcsSystemId, user: &RemoteUserId, hints: &UserHints) -> Result<HintOutcome, StoreError> {
        let Some(link) = self.get::<RemoteUserLink>(Key::remote_user(system, user)).await? else {
            return Ok(HintOutcome::UnknownUser);
        };
        let link = link.record;
        let owner = PartitionOwner {
            workspace_id: link.workspace_id,
            user_identity_id: link.user_identity_id,
        };
        let mut request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(owner.automation(link.enrollment_automation_id))))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .expression_attribute_names("#version", attribute::VERSION)
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":enrollment", number(hints.enrollment))
            .expression_attribute_values(":credential", number(hints.credential));
        let mut set = Vec::new();
        let mut condition_for = "attribute_exists(pk)".to_owned();
        if !hints.pairings.is_empty() {
            condition_for.push_str(" AND size(hints.pairings) < :most_pairings");
            request = request.expression_attribute_values(":most_pairings", number(MOST_PAIRINGS));
        }
        if !hints.trusted.is_empty() {
            condition_for.push_str(" AND (attribute_not_exists(hints.trusted) OR size(hints.trusted) < :most_trusted)");
            set.push("hints.trusted = list_append(if_not_exists(hints.trusted, :no_news), :news)".to_owned());
            request = request
                .expression_attribute_values(":most_trusted", number(MOST_TRUSTED))
                .expression_attribute_values(":no_news", AttributeValue::L(Vec::new()))
                .expression_attribute_values(":news", value(&hints.trusted)?);
        }
        for (index, (endpoint, invitation)) in hints.pairings.iter().enumerate() {
            set.push(format!("hints.pairings.#endpoint{index} = :invitation{index}"));
            request = request
                .expression_attribute_names(format!("#endpoint{index}"), endpoint.as_str())
                .expression_attribute_values(format!(":invitation{index}"), value(invitation)?);
        }
        // Nested attributes can't be named in ADD, hence the sums.
        set.push("hints.enrollment = hints.enrollment + :enrollment".to_owned());
        set.push("hints.credential = hints.credential + :credential".to_owned());
        let update = request
            .condition_expression(condition_for)
            .update_expression(format!("SET {} ADD #version :one", set.join(", ")));
        match single_update::send(update, &self.clock).await {
            Ok(answer) => Ok(HintOutcome::Recorded(WriteUnits::of(answer.consumed_capacity.as_ref()))),
            Err(WriteError::Conflict) => Ok(HintOutcome::UnknownUser),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}
