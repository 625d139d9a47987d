//! People with an enrollment automation and a multi-phone sync credential, and what must be true of their phones in the end.

use std::{collections::BTreeSet, time::Duration};

use fobless::domain::{
    ids::{AcsCredentialId, DeviceId, EnrollmentAutomationId},
    phone_metadata::PhoneMetadata,
};
use fobless_local::walk::{Child, Client};
use fobless_tests::Stack;
use futures_util::{StreamExt as _, stream};

use crate::{
    far_side::{Endpoint, FarSide, Invitation},
    fill::settle,
};

const AT_ONCE: usize = 8;
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Somebody whose phones are to hold a credential.
pub(crate) struct Person {
    pub(crate) client: Client,
    pub(crate) parent: AcsCredentialId,
    pub(crate) automation: EnrollmentAutomationId,
}

/// So many people whom the credential manager knows, and none of whom has a phone.
pub(crate) async fn people(stack: &Stack, far_side: &FarSide, name: &str, count: usize) -> Vec<Person> {
    let known = far_side.ledger().await.people();
    let people = stream::iter(0..count).map(async |number| Person::new(stack, &format!("{name}-{number}")).await);
    let people: Vec<Person> = people.buffer_unordered(AT_ONCE).collect().await;
    far_side
        .wait_for("everybody at the credential manager", LOOK_EVERY, |ledger| {
            (ledger.people() == known + count).then_some(())
        })
        .await;
    settle(stack).await;
    people
}

impl Person {
    async fn new(stack: &Stack, name: &str) -> Self {
        let client = stack.another_person(name).await;
        let automation = client.launch_automation().await.unwrap();
        let parent = client.create_credential().await.unwrap();
        Self {
            client,
            parent,
            automation,
        }
    }

    /// What the credential manager knows the person by.
    pub(crate) fn external_id(&self) -> String {
        self.client.user_identity().to_string()
    }

    pub(crate) async fn register(&self, installation: &str) -> DeviceId {
        self.client.register_phone(installation, PhoneMetadata::default()).await.unwrap()
    }

    /// The phone redeems its code.
    pub(crate) async fn redeem(&self, invitation: Invitation) -> Endpoint {
        let id = self.client.redeem(&invitation.code, "Maker", "Model").await.unwrap();
        Endpoint { id, invitation }
    }

    /// The credentials that the API shows as issued.
    pub(crate) async fn issued(&self) -> Vec<Child> {
        let mut children = self.client.children(self.parent).await.unwrap();
        children.retain(|child| child.is_issued);
        children
    }
}

/// What contradicts "one credential for each phone": in the API, of people with so many phones in use each, and in all that was ever
/// made at the credential manager.
pub(crate) async fn what_is_wrong(run: &str, people: &[Person], phones_each: usize, far_side: &FarSide) -> Vec<String> {
    let issued = stream::iter(people).map(Person::issued).buffered(AT_ONCE);
    let issued: Vec<Vec<Child>> = issued.collect().await;
    let mut problems = Vec::new();
    for (number, children) in issued.iter().enumerate() {
        let phones: BTreeSet<DeviceId> = children.iter().map(|child| child.device_id).collect();
        if (children.len(), phones.len()) != (phones_each, phones_each) {
            let credentials = children.len();
            problems.push(format!(
                "{run}: person {number} has {credentials} credentials on {} of {phones_each} phones",
                phones.len()
            ));
        }
    }
    let counts = far_side.ledger().await.credentials_per_endpoint();
    for (endpoint, count) in counts.into_iter().filter(|(_, count)| *count != 1) {
        problems.push(format!("{run}: endpoint {endpoint} got {count} credentials"));
    }
    problems
}
