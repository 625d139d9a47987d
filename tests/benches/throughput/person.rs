//! A person with one phone and a person with fifty: what the webhooks of one more phone cost, one phone at a time.
//!
//! HID Origo takes five phones of a person. So fifty phones are 45 that were used and signed out, with all the records that they leave behind
//! in the person's partition, and the five that have room, which are measured one after the other: the 46th to the 50th. What the 45 would
//! have left at HID Origo is not there: they are written into the table and never were elsewhere.

use std::time::Duration;

use fobless::{
    domain::{
        effort::Effort,
        enrollment::{Enrollment, EnrollmentState},
        ids::{AcsCredentialId, ConnectedAccountId, DeviceId, EndpointId, InvitationId, RemoteCredentialId},
        limits::PHONES_PER_USER,
        phone::Presence,
        phone_credential::{PhoneCredential, PhoneCredentialState},
    },
    store::PartitionOwner,
};
use fobless_local::seed;
use fobless_tests::{PATIENCE, Stack};

use crate::{
    far_side::FarSide,
    fill::{settle, settled_phone},
    measuring::moments::now,
    people::{Person, people, what_is_wrong},
    report::{Figure, Report},
};

const MANY: usize = 50;

/// How long nobody asks for anything after a webhook, so that looking does not slow down what is looked at.
const QUIET: Duration = Duration::from_millis(100);

/// Times in microseconds, one of each kind for each phone.
#[derive(Default)]
struct Times {
    registration: Vec<i64>,
    invitation: Vec<i64>,
    callback: Vec<i64>,
    issue: Vec<i64>,
}

/// Measures so many phones, each its person's only one; then as many of people with many.
pub(crate) async fn measure(stack: &Stack, far_side: &FarSide, samples: usize, report: &mut Report) {
    let with_one = people(stack, far_side, "one-phone", samples).await;
    let mut times = Times::default();
    for person in &with_one {
        times.add(stack, far_side, person, 1).await;
    }
    settle(stack).await;
    report.wrong(what_is_wrong("a person with one phone", &with_one, 1, far_side).await);
    times.report(1, report);

    let with_many = people(stack, far_side, "many-phones", samples.div_ceil(PHONES_PER_USER)).await;
    for person in &with_many {
        write_past_phones(stack, person, MANY - PHONES_PER_USER).await;
    }
    settle(stack).await;
    let mut times = Times::default();
    for in_use in 1..=PHONES_PER_USER {
        for person in &with_many {
            times.add(stack, far_side, person, in_use).await;
        }
    }
    settle(stack).await;
    report.wrong(what_is_wrong("a person with many phones", &with_many, PHONES_PER_USER, far_side).await);
    times.report(MANY, report);
}

impl Times {
    /// One more phone of a person, from its registration until it holds its credential.
    async fn add(&mut self, stack: &Stack, far_side: &FarSide, person: &Person, in_use: usize) {
        let external_id = person.external_id();
        let before = far_side.ledger().await;
        let before = before
            .newest_invitations()
            .get(external_id.as_str())
            .map(|invitation| invitation.id);
        let sent = now();
        person.register(&format!("in-use-{in_use}")).await;
        let answered = now();
        self.registration.push(answered - sent);
        let invitation = far_side
            .wait_for("an invitation", QUIET, |ledger| {
                let newest = ledger.newest_invitations().remove(external_id.as_str());
                newest.filter(|newest| Some(newest.id) != before)
            })
            .await;
        self.invitation.push(invitation.made_at - answered);

        let endpoint = person.redeem(invitation).await;
        tokio::time::sleep(QUIET).await;
        let (sent, answered) = far_side.tell_active(&endpoint).await;
        self.callback.push(answered - sent);
        let endpoints = [endpoint];
        let mut issued = far_side
            .wait_for("a credential on the phone", QUIET, |ledger| ledger.issued_to(&endpoints))
            .await;
        let issued = issued.remove(&endpoints[0].id).unwrap();
        self.issue.push(issued.asked_for_at - answered);

        // Brought to its end, so that the next phone has the machine for itself.
        far_side.tell_issued(&endpoints[0], &issued).await;
        let look = async || Ok((person.issued().await.len() == in_use).then_some(()));
        stack.wait_for("an issued credential", PATIENCE, look).await.unwrap();
    }

    fn report(self, phones_of_person: usize, report: &mut Report) {
        for (what, micros) in [
            ("phone.registered until its answer", self.registration),
            ("phone.registered answered until invitation made", self.invitation),
            ("ENDPOINT_ACTIVE until its answer", self.callback),
            ("ENDPOINT_ACTIVE answered until issue call", self.issue),
        ] {
            report.add(Figure {
                what,
                phones_of_person: Some(phones_of_person),
                micros,
                ..Figure::default()
            });
        }
    }
}

/// Phones that the person used and signed out, as the issuer leaves them behind: the phone, its enrollment, its credential.
async fn write_past_phones(stack: &Stack, person: &Person, count: usize) {
    let (store, at) = (stack.store(), stack.now());
    let owner = PartitionOwner {
        workspace_id: seed::WORKSPACE,
        user_identity_id: person.client.user_identity(),
    };
    for number in 0..count {
        let phone = settled_phone(owner, &format!("past-{number}"), Presence::Deactivated, at);
        let device = phone.device_id;
        store.insert(phone).await.unwrap();
        // Ids that the credential manager never gives.
        let endpoint = EndpointId::new(format!("past-{number}"));
        let enrollment = Enrollment {
            invitations: 1,
            answered_registration: Some(at),
            former_endpoints: vec![endpoint.clone()],
            former_invitations: vec![InvitationId::new(format!("past-{number}"))],
            state: EnrollmentState::Deactivated { at },
            ..Enrollment::begun(owner.workspace_id, owner.user_identity_id, device, person.automation, at)
        };
        store.insert(enrollment).await.unwrap();
        store.insert(revoked(stack, person, device, endpoint)).await.unwrap();
    }
}

fn revoked(stack: &Stack, person: &Person, device_id: DeviceId, endpoint_id: EndpointId) -> PhoneCredential {
    let at = stack.now();
    let remote_id = Some(RemoteCredentialId::new(endpoint_id.as_str()));
    PhoneCredential {
        workspace_id: seed::WORKSPACE,
        user_identity_id: person.client.user_identity(),
        acs_credential_id: AcsCredentialId::generate(),
        parent_acs_credential_id: person.parent,
        device_id,
        enrollment_automation_id: person.automation,
        endpoint_id,
        acs_user_id: person.client.acs_user(),
        acs_system_id: seed::ACS_SYSTEM,
        connected_account_id: ConnectedAccountId::generate(),
        acs_credential_pool_id: Some(seed::CREDENTIAL_POOL),
        allocation: None,
        allocations: 1,
        is_left_revoked: false,
        former: Vec::new(),
        retirement: Effort::default(),
        created_at: at,
        state: PhoneCredentialState::Revoked { at, remote_id },
        effort: Effort::default(),
    }
}
