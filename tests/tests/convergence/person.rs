//! A person with all that is wished of them, written through the store as the functions write it.

use std::{sync::Arc, time::Duration};

use fobless::{
    domain::{
        acs::AcsUser, aggregate::Versioned, deletion::Deletable, enrollment::EnrollmentState, enrollment_automation::EnrollmentAutomation,
        ids::AcsCredentialId, multi_phone_sync_credential::MultiPhoneSyncCredential, phone_metadata::PhoneMetadata, time::Timestamp,
        user_identity::UserIdentity,
    },
    store::{Key, PhoneFact, PhoneFactKind, Record, Store, UserHints},
};

use fobless_simulation::{
    records::Names,
    wishes::{PhoneEvent, WishedParent, Wishes},
};

use crate::{line::Manager, time::VirtualTime};

/// The person of a case.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) store: Store,
    pub(crate) time: VirtualTime,
    pub(crate) names: Names,
    pub(crate) wishes: Wishes,
    pub(crate) manager: Arc<Manager>,
}

impl Person {
    pub(crate) async fn seen<R: Record>(&self, key: Key) -> Option<Versioned<R>> {
        self.store.get(key).await.unwrap()
    }

    async fn change<R: Record>(&self, key: Key, mut change: impl FnMut(&mut R) -> bool + Send) {
        if let Some(found) = self.seen::<R>(key).await {
            self.store.amend(found, &mut change).await.unwrap();
        }
    }

    pub(crate) async fn hear_of_phone(&mut self, event: PhoneEvent) {
        self.wishes.phone_events.push(event);
        let kind = if event.is_registration {
            PhoneFactKind::Registered {
                installation_id: Names::installation(event.phone),
                metadata: PhoneMetadata::default(),
            }
        } else {
            PhoneFactKind::Deactivated
        };
        let fact = PhoneFact {
            owner: self.names.owner,
            device_id: self.names.device(event.phone),
            occurred_at: event.occurred_at,
            kind,
        };
        self.store.record_phone_fact(&fact, self.time.now()).await.unwrap();
    }

    pub(crate) async fn create_parent(&mut self, slot: usize) {
        self.create_parent_with(slot, |_| {}).await;
    }

    /// As [`Self::create_parent`], of a parent that is `change`d before.
    pub(crate) async fn create_parent_with(&mut self, slot: usize, change: impl FnOnce(&mut MultiPhoneSyncCredential)) {
        if self.wishes.is_deleted || self.wishes.parent(slot).is_some() {
            return;
        }
        let (id, holder, now) = (AcsCredentialId::generate(), self.names.acs_users[0], self.time.now());
        let mut parent = self.names.parent(id, slot, holder, now);
        change(&mut parent);
        self.store.insert(parent).await.unwrap();
        self.wishes.parents.push(WishedParent {
            slot,
            id,
            holder: Some(holder),
            ends_at: None,
            is_deleted: false,
            assigned_at: vec![now],
        });
    }

    async fn change_parent(
        &mut self,
        slot: usize,
        wish: impl FnOnce(&mut WishedParent),
        mut change: impl FnMut(&mut MultiPhoneSyncCredential) + Send,
    ) {
        let Some(parent) = self.wishes.parent(slot) else { return };
        wish(parent);
        let key = self.names.owner.credential(parent.id);
        self.change(key, |parent: &mut MultiPhoneSyncCredential| {
            let before = parent.clone();
            change(parent);
            *parent != before
        })
        .await;
    }

    pub(crate) async fn delete_parent(&mut self, slot: usize) {
        let now = self.time.now();
        let change = |parent: &mut MultiPhoneSyncCredential| {
            parent.request_deletion(now);
        };
        self.change_parent(slot, |parent| parent.is_deleted = true, change).await;
    }

    pub(crate) async fn set_end(&mut self, slot: usize, ends_at: Option<Timestamp>) {
        let now = self.time.now();
        let change = |parent: &mut MultiPhoneSyncCredential| {
            parent.ends_at = ends_at;
            parent.next_change_at = parent.next_change(now);
        };
        self.change_parent(slot, |parent| parent.ends_at = ends_at, change).await;
    }

    pub(crate) async fn assign(&mut self, slot: usize, user: Option<usize>) {
        let (holder, now) = (user.map(|user| self.names.acs_users[user]), self.time.now());
        let wish = |parent: &mut WishedParent| {
            parent.holder = holder;
            parent.assigned_at.push(now);
        };
        self.change_parent(slot, wish, |parent| parent.acs_user_id = holder).await;
    }

    pub(crate) async fn suspend(&mut self, user: usize, is_suspended: bool) {
        let (id, now) = (self.names.acs_users[user], self.time.now());
        self.wishes.suspended.retain(|known| *known != id);
        self.wishes.suspended.extend(is_suspended.then_some(id));
        let change = |user: &mut AcsUser| std::mem::replace(&mut user.suspended_at, is_suspended.then_some(now)).is_some() != is_suspended;
        self.change(self.names.owner.acs_user(id), change).await;
    }

    pub(crate) async fn launch(&mut self) {
        if self.wishes.is_deleted {
            return;
        }
        self.wishes.is_enrolling = true;
        let wanted = self.names.automation(self.time.now());
        if self.store.insert(wanted.clone()).await.is_ok() {
            return;
        }
        let relaunch = |automation: &mut EnrollmentAutomation| {
            let was_deleted = !automation.is_running();
            automation.deleted_at = None;
            automation.ensure_user.not_before = None;
            automation.created_at = wanted.created_at;
            automation.review_at = wanted.review_at;
            was_deleted
        };
        self.change(self.names.owner.automation(self.names.automation_id()), relaunch).await;
    }

    pub(crate) async fn delete_automation(&mut self) {
        self.wishes.is_enrolling = false;
        let now = self.time.now();
        let delete = |automation: &mut EnrollmentAutomation| {
            let was_running = automation.is_running();
            automation.deleted_at.get_or_insert(now);
            was_running
        };
        self.change(self.names.owner.automation(self.names.automation_id()), delete).await;
    }

    pub(crate) async fn delete_identity(&mut self) {
        self.wishes.is_deleted = true;
        let now = self.time.now();
        self.change(self.names.owner.identity(), |identity: &mut UserIdentity| {
            identity.request_deletion(now)
        })
        .await;
    }

    /// The phone's app asks for its code and redeems it.
    pub(crate) async fn redeem(&mut self, phone: usize) {
        let aggregate = self.store.load(self.names.owner).await.unwrap();
        let enrollment = aggregate.enrollment(self.names.automation_id(), self.names.device(phone));
        if let Some(EnrollmentState::Invited { invitation_code, .. }) = enrollment.map(|found| &found.record.state) {
            self.manager.ledger().redeem(invitation_code, phone, self.time.now());
        }
    }

    pub(crate) async fn deliver_callbacks(&self) {
        let callbacks = std::mem::take(&mut self.manager.ledger().callbacks);
        for (user, hints) in callbacks {
            let hints = UserHints {
                trusted: Vec::new(),
                ..hints
            };
            self.store.record_hints(self.names.manager, &user, &hints).await.unwrap();
        }
    }

    /// Somebody revokes a live credential at the far side.
    pub(crate) fn revoke_by_hand(&self, which: usize) {
        let mut ledger = self.manager.ledger();
        let live: Vec<_> = ledger.live().map(|(_, credential)| credential.id.clone()).collect();
        if let Some(credential) = live.get(which % live.len().max(1)) {
            ledger.revoke(credential).unwrap();
        }
    }

    pub(crate) fn event(&self, phone: usize, is_registration: bool, age: u32) -> PhoneEvent {
        PhoneEvent {
            phone,
            occurred_at: self.time.now().minus(Duration::from_secs(age.into())),
            is_registration,
        }
    }
}
