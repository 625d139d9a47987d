//! What goes into the access control system, and when it is told again: one sentence each.

use super::{
    allocation::{Allocation, Period},
    ids::{AcsUserId, RemoteCredentialId},
    phone_credential::PhoneCredentialState,
    plan::Step,
    plan_lifecycle_tests::{change, import, served},
    scene::at,
};

/// The plan for one phone whose credential is issued and whose number is in the access control system, but for `differs`.
fn planned(differs: impl FnOnce(&mut Allocation)) -> Vec<Step> {
    let scene = change(served(), |scene| {
        scene.aggregate.credentials[0].record.ends_at = Some(at(9_000));
        let child = &mut scene.aggregate.phone_credentials[0].record;
        let mut allocation = Allocation {
            acs_system_id: child.acs_system_id,
            acs_user_id: child.acs_user_id,
            card_number: "56".to_owned(),
            generation: 1,
            is_leaving: false,
            period: Some(ending(Some(9_000))),
            unanswered_at: None,
            overtaken_at: None,
            is_told: true,
        };
        differs(&mut allocation);
        child.allocation = Some(allocation);
    });
    scene.plan()
}

fn ending(second: Option<i64>) -> Period {
    Period {
        starts_at: None,
        ends_at: second.map(at),
    }
}

#[test]
fn a_number_goes_into_the_access_control_system_and_moves_with_its_parent() {
    let importing = PhoneCredentialState::Importing {
        remote_id: RemoteCredentialId::new("C-a"),
        card_number: "56".to_owned(),
        since: at(990),
    };
    let importing = change(served(), |scene| scene.aggregate.phone_credentials[0].record.state = importing);
    assert_eq!(importing.plan(), [import("a")]);
    assert_eq!(planned(|_| {}), []);
    let of_another = AcsUserId::new(uuid::Uuid::from_u128(99));
    assert_eq!(planned(|allocation| allocation.acs_user_id = of_another), [import("a")]);
    assert_eq!(
        planned(|allocation| allocation.is_leaving = true),
        [import("a")],
        "it leaves to the end, and comes back as another allocation"
    );
}

#[test]
fn a_system_behind_a_connector_is_told_a_period_until_it_has_answered_to_it() {
    assert_eq!(planned(|allocation| allocation.is_told = false), [import("a")]);
    for end in [Some(8_000), None] {
        assert_eq!(planned(|allocation| allocation.period = Some(ending(end))), [import("a")]);
    }
    assert_eq!(
        planned(|allocation| allocation.period = None),
        [],
        "one that Fobless keeps is told none"
    );
}
