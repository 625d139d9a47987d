//! Plays a case: what happens to the person happens, the reconciler does its work in between, and at last everything is left alone
//! until it comes to rest.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use fobless::{
    access_control::AccessControl,
    credential_manager::CredentialManager,
    domain::{acs::AcsSystemKind, aggregate::Aggregate, time::Timestamp},
    reconcile::{Outcome, Reconciler},
    store::{Record, Store},
};
use fobless_simulation::{records::Names, wishes::Wishes};

use crate::{
    action::{Action, Case, PARENTS},
    converged,
    doors::Doors,
    faults::Faults,
    line::{FaultyLine, Manager},
    person::Person,
    time::VirtualTime,
    told, uncovered,
};

/// How long everything is left alone at the end: reviews come once a day.
const REST: Duration = Duration::from_hours(60);
/// How many reconciles in a row may leave something to do.
const MOST_RECONCILES: u32 = 3;

/// Everything about one case.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) person: Person,
    pub(crate) doors: Option<Arc<Doors>>,
    pub(crate) faults: Arc<Faults>,
    reconciler: Reconciler,
}

/// What must be, and was not.
pub(crate) type Checked = Result<(), String>;

/// Plays the case, leaves everything alone until it came to rest, and says what went wrong.
pub(crate) async fn play(store: &Store, case: &Case) -> Checked {
    let mut world = World::played(store, case).await?;
    world.rest(REST).await?;
    converged::check(&world).await?;
    told::check(&world).await
}

impl World {
    /// The world after everything happened.
    pub(crate) async fn played(store: &Store, case: &Case) -> Result<Self, String> {
        fastrand::seed(case.seed);
        let mut world = Self::begin(store, case.keeps_numbers).await;
        for action in &case.actions {
            world.person.time.pass(Duration::from_secs(1));
            world.happen(action).await?;
            world.check_always()?;
        }
        Ok(world)
    }

    pub(crate) async fn begin(store: &Store, keeps_numbers: bool) -> Self {
        let (names, time, faults) = (Names::generated(), VirtualTime::begin(), Arc::<Faults>::default());
        let store = store.clone().with_clock(time.clock());
        let manager = Arc::new(Manager::new(FaultyLine::new(Arc::clone(&faults), time.clone())));
        let doors = (!keeps_numbers).then(|| Arc::new(Doors::new(Arc::clone(&faults), time.clone())));
        let managers = BTreeMap::from([(names.manager, Arc::clone(&manager) as Arc<dyn CredentialManager>)]);
        let systems = doors.iter().map(|doors| (names.doors, Arc::clone(doors) as Arc<dyn AccessControl>));
        let reconciler = Reconciler::over(store.clone(), time.clock(), managers, systems.collect());
        let now = time.now();
        let kind = if keeps_numbers {
            AcsSystemKind::Ledger
        } else {
            AcsSystemKind::Bridge
        };
        store.insert(names.identity(now)).await.unwrap();
        store
            .insert(names.system(names.manager, AcsSystemKind::HidOrigo, now))
            .await
            .unwrap();
        store.insert(names.system(names.doors, kind, now)).await.unwrap();
        for slot in 0..PARENTS {
            store.insert(names.pool(slot, now)).await.unwrap();
        }
        for user in names.acs_users {
            store.insert(names.acs_user(user, now)).await.unwrap();
        }
        let person = Person {
            store,
            time,
            names,
            wishes: Wishes::default(),
            manager,
        };
        Self {
            person,
            doors,
            faults,
            reconciler,
        }
    }

    async fn happen(&mut self, action: &Action) -> Checked {
        let person = &mut self.person;
        match *action {
            Action::RegisterPhone(phone) => person.hear_of_phone(person.event(phone, true, 0)).await,
            Action::DeactivatePhone(phone) => person.hear_of_phone(person.event(phone, false, 0)).await,
            Action::RepeatPhoneEvent(which) => {
                let events = &person.wishes.phone_events;
                if let Some(event) = events.get(which % events.len().max(1)).copied() {
                    person.hear_of_phone(event).await;
                }
            }
            Action::LatePhoneEvent {
                phone,
                is_registration,
                seconds,
            } => person.hear_of_phone(person.event(phone, is_registration, seconds)).await,
            Action::CreateParent(slot) => person.create_parent(slot).await,
            Action::DeleteParent(slot) => person.delete_parent(slot).await,
            Action::SetEnd(slot, seconds) => {
                let now = person.time.now().millis();
                let end = seconds.map(|seconds| Timestamp::from_millis(now + i64::from(seconds) * 1000));
                person.set_end(slot, end).await;
            }
            Action::SuspendUser(user) => person.suspend(user, true).await,
            Action::UnsuspendUser(user) => person.suspend(user, false).await,
            Action::Assign(slot, user) => person.assign(slot, Some(user)).await,
            Action::Unassign(slot) => person.assign(slot, None).await,
            Action::DeleteAutomation => person.delete_automation().await,
            Action::Launch => person.launch().await,
            Action::DeleteIdentity => person.delete_identity().await,
            Action::RedeemOpenCode(phone) => person.redeem(phone).await,
            Action::FetchCredentials => person.manager.ledger().fetch(),
            Action::RevokeByHand(which) => person.revoke_by_hand(which),
            Action::DeliverCallbacks => person.deliver_callbacks().await,
            Action::DropCallbacks => person.manager.ledger().callbacks.clear(),
            Action::PassTime(seconds) => person.time.pass(Duration::from_secs(seconds.into())),
            Action::Faults(ref plan) => self.faults.set(plan),
            Action::Reconcile => {
                self.reconcile().await?;
            }
        }
        Ok(())
    }

    /// One reconcile, unless it dies over a call. `None`: it did.
    async fn reconcile(&self) -> Result<Option<Outcome>, String> {
        let until = self.person.time.now().plus(Duration::from_hours(1));
        let died = async {
            self.faults.death().await;
            // Requests to the table that are under way arrive.
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let outcome = tokio::select! {
            biased;
            outcome = self.reconciler.reconcile(self.person.names.owner, until) => Some(outcome.map_err(|error| error.to_string())?),
            () = died => None,
        };
        self.check_always()?;
        if outcome == Some(Outcome::NothingLeft) {
            self.check_at_rest().await?;
        }
        Ok(outcome)
    }

    /// Everything is answered, the phones fetch what is there, no callback comes: only alarm clocks go off.
    pub(crate) async fn rest(&mut self, length: Duration) -> Checked {
        self.faults.set(&[]);
        let begin = self.person.time.now();
        let mut is_awake = true;
        while self.person.time.now() < begin.plus(length) {
            self.person.manager.ledger().fetch();
            self.person.manager.ledger().callbacks.clear();
            if is_awake {
                self.come_to_rest().await?;
            }
            let now = self.person.time.now();
            let due = self.load().await.due();
            let Some(due) = due else { break };
            // The alarm clock is looked at ever more rarely.
            self.person
                .time
                .set(due.max(now.plus(now.since(begin) / 4)).max(now.plus(Duration::from_secs(1))));
            is_awake = due <= self.person.time.now();
        }
        self.come_to_rest().await?;
        let before = self.load().await;
        self.come_to_rest().await?;
        let after = self.load().await;
        if before.0 == after.0 {
            Ok(())
        } else {
            Err("a reconcile with nothing to do changed something".to_owned())
        }
    }

    pub(crate) async fn come_to_rest(&self) -> Checked {
        for _ in 0..MOST_RECONCILES {
            if self.reconcile().await? == Some(Outcome::NothingLeft) {
                return Ok(());
            }
        }
        Err("it does not come to rest".to_owned())
    }

    /// What must be true at every moment.
    fn check_always(&self) -> Checked {
        let far = self.person.manager.ledger().violations.clone();
        let doors = self.doors.as_ref().map(|doors| doors.numbers().violations.clone());
        let violations: Vec<String> = far.into_iter().chain(doors.unwrap_or_default()).collect();
        if violations.is_empty() {
            Ok(())
        } else {
            Err(violations.join("; "))
        }
    }

    /// What must be true whenever nothing is left to do for now.
    async fn check_at_rest(&self) -> Checked {
        let loaded = self.load().await;
        let now = self.person.time.now();
        // After something went wrong a try may be due that has to wait for another one: the sweeper asks about once a minute.
        if let Some(due) = loaded.overdue(now).filter(|_| !self.faults.were_on()) {
            return Err(format!(
                "nothing is left to do at {now}, and yet something is due since {due}: {:#?}",
                loaded.0
            ));
        }
        uncovered::check(self, &loaded.0)
    }

    pub(crate) async fn load(&self) -> Loaded {
        Loaded(self.person.store.load(self.person.names.owner).await.unwrap())
    }
}

/// The person's records.
pub(crate) struct Loaded(pub(crate) Aggregate);

impl Loaded {
    /// Since when something is due, if something is.
    pub(crate) fn overdue(&self, now: Timestamp) -> Option<Timestamp> {
        self.due().filter(|due| *due <= now)
    }

    /// The next alarm, of those that ever go off.
    fn due(&self) -> Option<Timestamp> {
        fn due<R: Record>(records: &[fobless::domain::aggregate::Versioned<R>]) -> impl Iterator<Item = Timestamp> {
            records.iter().filter_map(|found| found.record.due_at())
        }
        let Aggregate {
            automations,
            credentials,
            phones,
            enrollments,
            phone_credentials,
            ..
        } = &self.0;
        let of_wishes = due(automations).chain(due(credentials)).chain(due(phones));
        let all = of_wishes.chain(due(enrollments)).chain(due(phone_credentials));
        all.filter(|due| *due < Timestamp::MAX).min()
    }
}
