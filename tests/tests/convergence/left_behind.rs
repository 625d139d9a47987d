//! What an app that was installed again leaves on the endpoint that its phone had before.

use std::time::Duration;

use fobless::{
    credential_manager::{Endpoint, RemoteCredential},
    domain::{
        ids::{EndpointId, InvitationId, RemoteCredentialId},
        phone_credential::{FormerCredential, PhoneCredential},
        remote_user::RemoteCredentialState,
    },
};
use fobless_simulation::{ledger::FarEndpoint, manager::Fault, records::Names};

use crate::{runtime, table, world::World};

const FORMER: &str = "endpoint-before";
const LEFT_BEHIND: &str = "credential-left-behind";
/// Looks show what was made after so long.
const LATENESS: Duration = Duration::from_secs(45);

/// The phone's present credential is issued. Just before, its app was installed again while the former one was on its way: the far side
/// revokes only what has arrived, and does not show it yet.
async fn leave_behind(world: &World) {
    let person = &world.person;
    let now = person.time.now();
    let loaded = world.load().await.0;
    let user = loaded.automations[0].record.remote_user_id.clone().unwrap();
    {
        let mut ledger = person.manager.ledger();
        ledger.lets_apps_be_reinstalled = true;
        ledger.revokes_only_what_arrived = true;
        ledger.endpoints.push(FarEndpoint {
            user,
            invitation: InvitationId::new("invitation-before"),
            phone: 0,
            shown_from: now.plus(LATENESS),
            shown: Endpoint {
                id: EndpointId::new(FORMER),
                active: true,
                manufacturer: None,
                model: None,
                credentials: vec![RemoteCredential {
                    id: RemoteCredentialId::new(LEFT_BEHIND),
                    card_number: None,
                    pool: Some(Names::remote_pool(0)),
                    state: RemoteCredentialState::Issuing,
                }],
            },
        });
    }
    let child = loaded.phone_credentials[0].clone();
    let left = |child: &mut PhoneCredential| {
        child.former.push(FormerCredential {
            endpoint_id: EndpointId::new(FORMER),
            remote_id: RemoteCredentialId::new(LEFT_BEHIND),
            shown_by: Some(now.plus(Duration::from_mins(2))),
            allocation: None,
        });
        true
    };
    person.store.amend(child, left).await.unwrap();
}

#[test]
fn a_credential_that_can_not_be_revoked_yet_and_is_not_shown_yet_is_taken_away_once_it_arrived() {
    let store = table::store();
    runtime().block_on(async {
        let mut world = World::begin(&store, true).await;
        world.person.create_parent(0).await;
        world.person.launch().await;
        world.person.hear_of_phone(world.person.event(0, true, 0)).await;
        world.come_to_rest().await.unwrap();
        world.person.redeem(0).await;
        world.person.deliver_callbacks().await;
        world.come_to_rest().await.unwrap();
        world.person.manager.ledger().fetch();
        world.person.deliver_callbacks().await;
        world.come_to_rest().await.unwrap();

        // A far side that is slow is a fault too: at rest, what is on the alarm clock may still be there.
        world.faults.set(&[Fault::Before]);
        world.faults.set(&[]);
        leave_behind(&world).await;
        world.come_to_rest().await.unwrap();
        world.rest(Duration::from_hours(2)).await.unwrap();

        let ledger = world.person.manager.ledger();
        let live: Vec<_> = ledger.live().map(|(endpoint, _)| endpoint.shown.id.as_str().to_owned()).collect();
        assert_eq!(live.len(), 1, "{live:?}");
        assert_ne!(live, [FORMER]);
    });
}
