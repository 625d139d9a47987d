//! What becomes of what trusted callbacks said and is not so.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use fobless::{
    credential_manager::{CredentialManager, Endpoint},
    domain::{
        enrollment::{Enrollment, EnrollmentState},
        ids::{EndpointId, InvitationId, RemoteUserId},
        phone_credential::PhoneCredentialState,
        time::Timestamp,
        trusted_news::TrustedNews,
    },
    reconcile::{Outcome, Reconciler},
    store::{Store, UserHints},
};
use fobless_simulation::{ledger::FarEndpoint, manager::Fault};

use crate::{runtime, table, world::World};

/// The phone of somebody else.
const THIEF: usize = 9;
const FORGED: &str = "endpoint-of-the-thief";

struct Trusting {
    world: World,
    reconciler: Reconciler,
}

impl Trusting {
    /// A person who is to have a credential, and whose phone was invited and has not redeemed its code.
    async fn begin(store: Store) -> Self {
        let mut world = World::begin(&store, true).await;
        world.person.create_parent(0).await;
        world.person.launch().await;
        world.person.hear_of_phone(world.person.event(0, true, 0)).await;
        world.come_to_rest().await.unwrap();
        let manager = Arc::clone(&world.person.manager) as Arc<dyn CredentialManager>;
        let managers = BTreeMap::from([(world.person.names.manager, manager)]);
        let person = &world.person;
        let reconciler = Reconciler::over(person.store.clone(), person.time.clock(), managers, BTreeMap::new());
        Self { world, reconciler }
    }

    async fn reconcile(&self) {
        let person = &self.world.person;
        let until = person.time.now().plus(Duration::from_hours(1));
        let outcome = self.reconciler.reconcile(person.names.owner, until).await.unwrap();
        assert_eq!(outcome, Outcome::NothingLeft);
    }

    async fn user(&self) -> RemoteUserId {
        let loaded = self.world.load().await.0;
        loaded.automations[0].record.remote_user_id.clone().unwrap()
    }

    async fn open_invitation(&self) -> InvitationId {
        let loaded = self.world.load().await.0;
        loaded.enrollments[0].record.open_invitation_id().unwrap().clone()
    }

    async fn say(&self, news: TrustedNews) {
        let hints = UserHints {
            trusted: vec![news],
            ..UserHints::default()
        };
        let (person, user) = (&self.world.person, self.user().await);
        person.store.record_hints(person.names.manager, &user, &hints).await.unwrap();
    }

    /// An endpoint of somebody else in the same organization is said to be the phone's.
    async fn be_told_of_a_forged_endpoint(&self) {
        let endpoint = FarEndpoint {
            user: RemoteUserId::new("user-of-the-thief"),
            invitation: InvitationId::new("invitation-of-the-thief"),
            phone: THIEF,
            shown_from: Timestamp::from_millis(0),
            shown: Endpoint {
                id: EndpointId::new(FORGED),
                active: true,
                manufacturer: None,
                model: None,
                credentials: Vec::new(),
            },
        };
        self.world.person.manager.ledger().endpoints.push(endpoint);
        let invitation_id = self.open_invitation().await;
        let endpoint_id = EndpointId::new(FORGED);
        self.say(TrustedNews::Redeemed {
            invitation_id,
            endpoint_id,
        })
        .await;
    }

    /// The phone redeems its code, and a callback tells so.
    async fn redeem_and_tell(&mut self) {
        let invitation_id = self.open_invitation().await;
        self.world.person.redeem(0).await;
        let endpoint_id = self.world.person.manager.ledger().endpoints[0].shown.id.clone();
        self.say(TrustedNews::Redeemed {
            invitation_id,
            endpoint_id,
        })
        .await;
    }

    /// Whether the lost phone is done with within so long, looked at each minute.
    async fn is_let_go_within(&self, most: Duration) -> bool {
        let end = self.world.person.time.now().plus(most);
        while self.world.person.time.now() < end {
            let loaded = self.world.load().await.0;
            if matches!(loaded.enrollments[0].record.state, EnrollmentState::Deactivated { .. }) {
                return true;
            }
            self.world.person.time.pass(Duration::from_mins(1));
            self.reconcile().await;
        }
        false
    }

    fn has_endpoint_of(&self, phone: usize) -> bool {
        let ledger = self.world.person.manager.ledger();
        ledger.endpoints.iter().any(|endpoint| endpoint.phone == phone)
    }

    fn live_on(&self, phone: usize) -> usize {
        let ledger = self.world.person.manager.ledger();
        ledger.live().filter(|(endpoint, _)| endpoint.phone == phone).count()
    }
}

#[test]
fn an_endpoint_that_was_believed_and_is_not_the_persons_loses_its_credential_within_minutes() {
    let store = table::store();
    runtime().block_on(async {
        let trusting = Trusting::begin(store).await;
        trusting.be_told_of_a_forged_endpoint().await;
        trusting.reconcile().await;
        assert_eq!(trusting.live_on(THIEF), 1, "this is what trust gives up");
        // What is on its way is looked at; the thief's own news are of another user, and fit nothing here.
        trusting.world.person.manager.ledger().fetch();
        trusting.world.person.time.pass(Duration::from_mins(11));
        trusting.reconcile().await;
        assert_eq!(trusting.live_on(THIEF), 0);
        let loaded = trusting.world.load().await.0;
        let is_invited_anew = |enrollment: &Enrollment| enrollment.open_invitation_id().is_some();
        assert!(is_invited_anew(&loaded.enrollments[0].record), "{:#?}", loaded.enrollments);
    });
}

#[test]
fn a_credential_that_was_believed_there_too_is_taken_back_by_the_next_review() {
    let store = table::store();
    runtime().block_on(async {
        let trusting = Trusting::begin(store).await;
        trusting.world.person.manager.ledger().tells_numbers_at_once = true;
        trusting.be_told_of_a_forged_endpoint().await;
        trusting.reconcile().await;
        let loaded = trusting.world.load().await.0;
        let remote_id = loaded.phone_credentials[0].record.remote_id().unwrap().clone();
        trusting.say(TrustedNews::Issued { remote_id }).await;
        trusting.reconcile().await;
        let loaded = trusting.world.load().await.0;
        assert!(
            matches!(loaded.phone_credentials[0].record.state, PhoneCredentialState::Issued { .. }),
            "this too"
        );
        trusting.world.person.time.pass(Duration::from_hours(25));
        trusting.reconcile().await;
        assert_eq!(trusting.live_on(THIEF), 0);
        let loaded = trusting.world.load().await.0;
        assert_eq!(loaded.phone_credentials[0].record.allocation, None);
    });
}

#[test]
fn an_endpoint_that_was_believed_and_is_somebody_elses_stays_there_when_the_phone_is_lost() {
    let store = table::store();
    runtime().block_on(async {
        let mut trusting = Trusting::begin(store).await;
        trusting.be_told_of_a_forged_endpoint().await;
        trusting.reconcile().await;
        let lost = trusting.world.person.event(0, false, 0);
        trusting.world.person.hear_of_phone(lost).await;
        trusting.reconcile().await;
        assert_eq!(trusting.live_on(THIEF), 0, "what was issued to it is taken away by its name");
        assert!(trusting.is_let_go_within(Duration::from_mins(1)).await);
        for _ in 0..60 {
            trusting.world.person.time.pass(Duration::from_mins(1));
            trusting.reconcile().await;
        }
        assert!(trusting.has_endpoint_of(THIEF));
        let loaded = trusting.world.load().await.0;
        assert!(
            loaded.enrollments[0].record.abandoned_endpoints.is_empty(),
            "and it is not asked for for ever"
        );
    });
}

#[test]
fn an_endpoint_that_was_believed_and_left_for_another_is_removed_only_if_it_is_shown() {
    for phone in [0, THIEF] {
        let store = table::store();
        runtime().block_on(async {
            let mut trusting = Trusting::begin(store).await;
            if phone == THIEF {
                trusting.be_told_of_a_forged_endpoint().await;
            } else {
                trusting.redeem_and_tell().await;
            }
            trusting.reconcile().await;
            let registered_anew = trusting.world.person.event(0, true, 0);
            trusting.world.person.hear_of_phone(registered_anew).await;
            trusting.reconcile().await;
            let loaded = trusting.world.load().await.0;
            let renewal = loaded.enrollments[0]
                .record
                .renewal
                .clone()
                .expect("the app may have been installed again");
            let now = trusting.world.person.time.now();
            trusting.world.person.manager.ledger().redeem(&renewal.invitation_code, 0, now);
            for _ in 0..30 {
                trusting.world.person.time.pass(Duration::from_mins(1));
                trusting.world.person.manager.ledger().fetch();
                trusting.reconcile().await;
            }
            let ledger = trusting.world.person.manager.ledger();
            let first = ledger
                .endpoints
                .iter()
                .filter(|endpoint| endpoint.invitation != renewal.invitation_id);
            let kept: Vec<usize> = first.map(|endpoint| endpoint.phone).collect();
            assert_eq!(kept, if phone == THIEF { vec![THIEF] } else { Vec::new() });
        });
    }
}

#[test]
fn an_endpoint_that_was_believed_and_is_shown_late_goes_with_its_lost_phone() {
    let store = table::store();
    runtime().block_on(async {
        let mut trusting = Trusting::begin(store).await;
        trusting.world.person.manager.ledger().shows_endpoints_late = true;
        trusting.redeem_and_tell().await;
        trusting.reconcile().await;
        let lost = trusting.world.person.event(0, false, 0);
        trusting.world.person.hear_of_phone(lost).await;
        trusting.reconcile().await;
        assert!(trusting.has_endpoint_of(0), "nothing is removed that was not shown");
        assert!(trusting.is_let_go_within(Duration::from_mins(1)).await);
        trusting.world.person.time.pass(Duration::from_mins(2));
        trusting.reconcile().await;
        assert!(!trusting.has_endpoint_of(0));
    });
}

#[test]
fn an_issue_to_an_endpoint_that_was_believed_is_not_repeated_before_it_is_shown() {
    let store = table::store();
    runtime().block_on(async {
        let trusting = Trusting::begin(store).await;
        // It would take a second one, so that only not asking for it helps.
        trusting.world.person.manager.ledger().takes_repeats = true;
        trusting.be_told_of_a_forged_endpoint().await;
        // The level of the pool is read first, and then the answer to the issue is lost.
        trusting.world.faults.set(&[Fault::Fine, Fault::After]);
        trusting.reconcile().await;
        assert_eq!(trusting.live_on(THIEF), 1);
        for _ in 0..10 {
            trusting.world.person.time.pass(Duration::from_mins(1));
            trusting.reconcile().await;
        }
        assert_eq!(trusting.live_on(THIEF), 1, "none but the one whose answer was lost");
        let loaded = trusting.world.load().await.0;
        assert!(
            loaded.enrollments[0].record.open_invitation_id().is_some(),
            "{:#?}",
            loaded.enrollments
        );
    });
}
