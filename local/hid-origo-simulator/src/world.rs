//! The organization as it is: its records, the indexes over them, what is still to happen, and the events that nobody was told yet.
//!
//! The rules of each concept are in the module named after it, as further methods of [`World`].

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::clock::{Clock, Timestamp};
use crate::options::Options;
use crate::persistence::{DataFile, DataFileError};
use crate::records::{
    Callback, Container, Credential, CredentialStatus, Event, Filter, Invitation, InvitationStatus, Pool, Token, User, UserStatus,
};
use crate::schedule::{Schedule, Work};
use crate::settings::Settings;
use crate::table::{Change, Table};

/// Each kind of id starts somewhere else, so that one can never pass for another.
const FIRST_USER: i64 = 2_000_001;
const FIRST_INVITATION: i64 = 4_000_001;
const FIRST_CONTAINER: i64 = 6_000_001;
const FIRST_CREDENTIAL: i64 = 8_000_001;

/// The organization as it is.
pub(crate) struct World {
    pub(crate) organization_id: String,
    /// Where the simulator is reached, for `meta.location`.
    pub(crate) base_url: String,
    pub(crate) settings: Settings,
    /// The time of the present change.
    pub(crate) now: Timestamp,
    pub(crate) users: Table<i64, User>,
    pub(crate) invitations: Table<i64, Invitation>,
    pub(crate) containers: Table<i64, Container>,
    pub(crate) credentials: Table<i64, Credential>,
    pub(crate) pools: Table<u32, Pool>,
    pub(crate) filters: Table<String, Filter>,
    pub(crate) callbacks: Table<String, Callback>,
    pub(crate) tokens: Table<String, Token>,
    pub(crate) events: Table<u64, Event>,
    pub(crate) index: Index,
    pub(crate) schedule: Schedule,
    /// Events of the present change, to be sent once it is written.
    pub(crate) untold: Vec<Arc<Event>>,
}

/// Ways to find records without looking at all of them.
#[derive(Default)]
pub(crate) struct Index {
    /// By the address in lower case; deleted users are left out.
    pub(crate) user_by_email: HashMap<String, i64>,
    /// Several users may have the same external id: that HID refuses it is not established.
    pub(crate) users_by_external_id: HashMap<String, BTreeSet<i64>>,
    pub(crate) invitation_by_code: HashMap<String, i64>,
    pub(crate) invitations_of_user: HashMap<i64, Vec<i64>>,
    pub(crate) containers_of_user: HashMap<i64, Vec<i64>>,
    pub(crate) credentials_of_container: HashMap<i64, Vec<i64>>,
    pub(crate) credentials_of_user: HashMap<i64, Vec<i64>>,
    pub(crate) pool_by_part_number: HashMap<String, u32>,
}

impl World {
    /// The organization as the data file has it, with the pools of `options` that are new to it.
    pub(crate) fn load(options: &Options, base_url: String, file: Option<&DataFile>) -> Result<Self, DataFileError> {
        let mut world = Self {
            organization_id: options.organization_id.clone(),
            base_url,
            settings: Settings::from(options),
            now: Clock::of(options).now(),
            users: Table::new("user"),
            invitations: Table::new("invitation"),
            containers: Table::new("container"),
            credentials: Table::new("credential"),
            pools: Table::new("pool"),
            filters: Table::new("filter"),
            callbacks: Table::new("callback"),
            tokens: Table::new("token"),
            events: Table::new("event"),
            index: Index::default(),
            schedule: Schedule::default(),
            untold: Vec::new(),
        };
        if let Some(file) = file {
            file.load(&mut world.users)?;
            file.load(&mut world.invitations)?;
            file.load(&mut world.containers)?;
            file.load(&mut world.credentials)?;
            file.load(&mut world.pools)?;
            file.load(&mut world.filters)?;
            file.load(&mut world.callbacks)?;
            file.load(&mut world.tokens)?;
            file.load(&mut world.events)?;
            world.build_index();
            world.build_schedule();
        }
        for part_number in &options.part_numbers {
            world.add_pool(part_number);
        }
        Ok(world)
    }

    fn build_index(&mut self) {
        let index = &mut self.index;
        for user in self.users.values() {
            index.add_user(user);
        }
        for invitation in self.invitations.values() {
            index.add_invitation(invitation);
        }
        for container in self.containers.values() {
            index.add_container(container);
        }
        for credential in self.credentials.values() {
            index.add_credential(credential);
        }
        for pool in self.pools.values() {
            index.pool_by_part_number.insert(pool.part_number.clone(), pool.id);
        }
    }

    /// What was under way when the simulator stopped continues.
    fn build_schedule(&mut self) {
        let schedule = &mut self.schedule;
        for user in self.users.values().filter(|user| user.status == UserStatus::DeleteInitiated) {
            schedule.add(user.deleted_at.unwrap_or(self.now), Work::FinishUserDeletion(user.id));
        }
        for invitation in self
            .invitations
            .values()
            .filter(|invitation| invitation.status == InvitationStatus::Pending)
        {
            schedule.add(invitation.expires_at, Work::ExpireInvitation(invitation.id));
        }
        for credential in self.credentials.values() {
            let work = match credential.status {
                CredentialStatus::IssueInitiated => Work::FetchCredential(credential.id),
                CredentialStatus::RevokeInitiated => Work::DropCredential(credential.id),
                CredentialStatus::Issued | CredentialStatus::Revoked => continue,
            };
            if let Some(due_at) = credential.due_at {
                schedule.add(due_at, work);
            }
        }
    }

    /// Does what has become due. It runs before each change and each read, so that nobody sees a state that time has overtaken.
    pub(crate) fn catch_up(&mut self) {
        while let Some(work) = self.schedule.take_due(self.now) {
            match work {
                Work::FetchCredential(id) => self.fetch_credential(id),
                Work::DropCredential(id) => self.drop_credential(id),
                Work::ExpireInvitation(id) => self.expire_invitation(id),
                Work::FinishUserDeletion(id) => self.finish_user_deletion(id),
            }
        }
    }

    /// When a phone will have fetched, or dropped, what it is told of now.
    pub(crate) fn fetch_at(&self) -> Timestamp {
        self.now.plus(self.settings.fetch_delay)
    }

    /// What is not in the data file yet.
    pub(crate) fn changes(&self) -> Result<Vec<Change>, serde_json::Error> {
        let mut changes = Vec::new();
        self.users.collect_changes(&mut changes)?;
        self.invitations.collect_changes(&mut changes)?;
        self.containers.collect_changes(&mut changes)?;
        self.credentials.collect_changes(&mut changes)?;
        self.pools.collect_changes(&mut changes)?;
        self.filters.collect_changes(&mut changes)?;
        self.callbacks.collect_changes(&mut changes)?;
        self.tokens.collect_changes(&mut changes)?;
        self.events.collect_changes(&mut changes)?;
        Ok(changes)
    }

    /// All changes are in the data file, or there is none.
    pub(crate) fn forget_changes(&mut self) {
        self.users.forget_changes();
        self.invitations.forget_changes();
        self.containers.forget_changes();
        self.credentials.forget_changes();
        self.pools.forget_changes();
        self.filters.forget_changes();
        self.callbacks.forget_changes();
        self.tokens.forget_changes();
        self.events.forget_changes();
    }

    pub(crate) fn next_user_id(&self) -> i64 {
        self.users.last_id().map_or(FIRST_USER, |id| id + 1)
    }

    pub(crate) fn next_invitation_id(&self) -> i64 {
        self.invitations.last_id().map_or(FIRST_INVITATION, |id| id + 1)
    }

    pub(crate) fn next_container_id(&self) -> i64 {
        self.containers.last_id().map_or(FIRST_CONTAINER, |id| id + 1)
    }

    pub(crate) fn next_credential_id(&self) -> i64 {
        self.credentials.last_id().map_or(FIRST_CREDENTIAL, |id| id + 1)
    }
}

impl Index {
    pub(crate) fn add_user(&mut self, user: &User) {
        if user.status == UserStatus::Deleted {
            return;
        }
        for email in &user.emails {
            self.user_by_email.insert(email.to_lowercase(), user.id);
        }
        if let Some(external_id) = &user.external_id {
            self.users_by_external_id.entry(external_id.clone()).or_default().insert(user.id);
        }
    }

    /// For a user that is deleted, or about to be changed and added again.
    pub(crate) fn remove_user(&mut self, user: &User) {
        for email in &user.emails {
            self.user_by_email.remove(&email.to_lowercase());
        }
        if let Some(users) = user
            .external_id
            .as_ref()
            .and_then(|external_id| self.users_by_external_id.get_mut(external_id))
        {
            users.remove(&user.id);
        }
    }

    pub(crate) fn add_invitation(&mut self, invitation: &Invitation) {
        self.invitation_by_code.insert(invitation.code.clone(), invitation.id);
        self.invitations_of_user.entry(invitation.user_id).or_default().push(invitation.id);
    }

    pub(crate) fn add_container(&mut self, container: &Container) {
        self.containers_of_user.entry(container.user_id).or_default().push(container.id);
    }

    pub(crate) fn add_credential(&mut self, credential: &Credential) {
        self.credentials_of_user.entry(credential.user_id).or_default().push(credential.id);
        if let Some(container_id) = credential.container_id {
            self.credentials_of_container.entry(container_id).or_default().push(credential.id);
        }
    }
}

/// The ids under a key; none is as good as an empty list.
pub(crate) fn ids_of(index: &HashMap<i64, Vec<i64>>, id: i64) -> &[i64] {
    index.get(&id).map_or(&[], Vec::as_slice)
}
