//! Sequences that once did not end as they should.

use std::time::Duration;

use fobless_simulation::manager::Fault;

use crate::{
    action::{Action, Case, beginning},
    converged, runtime, table, told,
    world::{Checked, World},
};

fn case(keeps_numbers: bool, actions: Vec<Action>) -> Case {
    Case {
        seed: 0,
        keeps_numbers,
        actions,
    }
}

#[test]
fn a_number_that_arrives_after_its_parent_was_assigned_anew_never_goes_to_the_former_acs_user() {
    let mut actions = beginning();
    actions.push(Action::Assign(0, 1));
    let store = table::store();
    let checked: Checked = runtime().block_on(async {
        let mut world = World::played(&store, &case(true, actions)).await?;
        world.rest(Duration::from_hours(1)).await?;
        told::check(&world).await
    });
    assert_eq!(checked, Ok(()));
}

/// A removal whose reply was lost has closed the doors. Its number came back under the same allocation, which the system took for a repeat.
#[test]
fn a_number_that_comes_back_to_the_acs_user_that_it_was_leaving_opens_the_doors_again() {
    for lost in [Fault::After, Fault::Before] {
        let mut actions = beginning();
        actions.extend([
            Action::Reconcile,
            Action::Assign(0, 1),
            Action::Faults(vec![lost]),
            Action::Reconcile,
            Action::Assign(0, 0),
        ]);
        let store = table::store();
        let checked: Checked = runtime().block_on(async {
            let mut world = World::played(&store, &case(false, actions)).await?;
            world.rest(Duration::from_hours(2)).await?;
            converged::check(&world).await
        });
        assert_eq!(checked, Ok(()), "{lost:?}");
    }
}

#[test]
fn an_invitation_whose_reply_was_lost_is_cancelled_when_its_phone_is_gone() {
    let actions = vec![
        Action::Launch,
        Action::Reconcile,
        Action::Faults(vec![Fault::After]),
        Action::RegisterPhone(0),
        Action::Reconcile,
        Action::DeactivatePhone(0),
    ];
    let store = table::store();
    let checked: Checked = runtime().block_on(async {
        let mut world = World::played(&store, &case(true, actions)).await?;
        world.rest(Duration::from_hours(2)).await?;
        let aggregate = world.load().await.0;
        converged::check_invitations(&world, &aggregate)
    });
    assert_eq!(checked, Ok(()));
}

#[test]
fn a_phone_that_was_to_be_invited_anew_rests_once_its_automation_is_deleted() {
    let mut actions = beginning();
    actions.extend([
        Action::Faults(vec![Fault::Before]),
        Action::RegisterPhone(0),
        Action::Reconcile,
        Action::DeleteAutomation,
    ]);
    let store = table::store();
    let checked: Checked = runtime().block_on(async {
        let mut world = World::played(&store, &case(true, actions)).await?;
        world.rest(Duration::from_hours(2)).await?;
        let now = world.person.time.now();
        let overdue = world.load().await.overdue(now);
        overdue.map_or(Ok(()), |due| Err(format!("due since {due}")))
    });
    assert_eq!(checked, Ok(()));
}

#[test]
fn a_late_call_leaves_nothing_on_the_phone_though_a_later_one_worked_and_was_revoked_by_name() {
    let actions = vec![
        Action::Launch,
        Action::RegisterPhone(0),
        Action::Reconcile,
        Action::RedeemOpenCode(0),
        Action::DeliverCallbacks,
        Action::Reconcile,
        Action::CreateParent(0),
        // After a look at the pool the first issue is given up, and happens a minute later.
        Action::Faults(vec![Fault::Fine, Fault::Late]),
        Action::Reconcile,
        Action::Faults(Vec::new()),
        Action::PassTime(10),
        Action::Reconcile,
        Action::FetchCredentials,
        Action::DeliverCallbacks,
        Action::Reconcile,
        Action::DeleteParent(0),
        Action::Reconcile,
        Action::FetchCredentials,
        Action::PassTime(60),
    ];
    let store = table::store();
    let checked: Checked = runtime().block_on(async {
        let mut world = World::played(&store, &case(true, actions)).await?;
        world.rest(Duration::from_hours(2)).await?;
        converged::check(&world).await
    });
    assert_eq!(checked, Ok(()));
}

/// A person whose imports were given up, and happen a minute later.
fn with_late_imports() -> Vec<Action> {
    let mut actions = beginning();
    actions.extend([
        Action::DeliverCallbacks,
        // There is a look at the credential manager before them.
        Action::Faults(vec![Fault::Fine, Fault::Late, Fault::Late, Fault::Late, Fault::Late]),
        Action::Reconcile,
        Action::Faults(Vec::new()),
    ]);
    actions
}

fn behind_a_connector(actions: Vec<Action>) -> Checked {
    let store = table::store();
    runtime().block_on(async {
        let mut world = World::played(&store, &case(false, actions)).await?;
        world.rest(Duration::from_hours(2)).await?;
        converged::check(&world).await
    })
}

/// The removal was answered, or not, and the number came after it.
#[test]
fn a_number_that_reaches_the_doors_after_its_phone_was_lost_is_removed_again() {
    for end in [
        vec![Action::DeactivatePhone(0), Action::DeactivatePhone(1)],
        vec![Action::Assign(0, 1)],
    ] {
        for removal in [Fault::Fine, Fault::After, Fault::Deadly] {
            let mut actions = with_late_imports();
            actions.extend(end.clone());
            actions.extend([
                Action::Faults(vec![removal]),
                Action::Reconcile,
                Action::PassTime(130),
                Action::Faults(Vec::new()),
                Action::Reconcile,
            ]);
            assert_eq!(behind_a_connector(actions), Ok(()), "{end:?}, {removal:?}");
        }
    }
}

/// What a connector was told last is not always what it was told for good.
#[test]
fn a_credential_whose_time_changes_counts_for_the_new_time_whatever_becomes_of_the_call() {
    use Fault::{After, Before, Deadly, Fine, Late};
    for telling in [vec![Before], vec![After], vec![Late], vec![Deadly]] {
        let mut actions = beginning();
        actions.extend([
            Action::DeliverCallbacks,
            Action::Reconcile,
            Action::SetEnd(0, Some(100_000)),
            Action::Faults(telling.clone()),
            Action::Reconcile,
        ]);
        // Told for the first end late, it must not go on counting for that, whatever comes of the second.
        for second in [Fine, Before, After, Deadly] {
            let mut actions = actions.clone();
            actions.extend([
                Action::SetEnd(0, Some(200_000)),
                Action::Faults(vec![second]),
                Action::PassTime(5),
                Action::Reconcile,
                Action::Faults(Vec::new()),
                Action::PassTime(5),
                Action::Reconcile,
            ]);
            assert_eq!(behind_a_connector(actions.clone()), Ok(()), "{telling:?}, {second:?}");
            actions.extend([Action::DeactivatePhone(0), Action::DeactivatePhone(1), Action::Reconcile]);
            assert_eq!(behind_a_connector(actions), Ok(()), "{telling:?}, {second:?}, and lost");
        }
    }
}

#[test]
fn a_phone_that_is_lost_right_after_it_redeemed_its_code_takes_no_room_at_the_credential_manager() {
    let alone = vec![
        Action::Launch,
        Action::RegisterPhone(0),
        Action::Reconcile,
        Action::RedeemOpenCode(0),
        Action::DropCallbacks,
        Action::DeactivatePhone(0),
    ];
    // Here a read alone leaves open which of the two endpoints is the lost phone.
    let beside_another = vec![
        Action::Launch,
        Action::RegisterPhone(0),
        Action::RegisterPhone(1),
        Action::Reconcile,
        Action::RedeemOpenCode(1),
        Action::RedeemOpenCode(0),
        Action::DropCallbacks,
        Action::DeactivatePhone(0),
    ];
    for actions in [alone, beside_another] {
        let store = table::store();
        let checked: Checked = runtime().block_on(async {
            let mut world = World::played(&store, &case(true, actions)).await?;
            world.rest(Duration::from_hours(2)).await?;
            converged::check(&world).await
        });
        assert_eq!(checked, Ok(()));
    }
}

/// Phone 0 was to be invited anew when the reply was lost, and then nobody enrolled it any more: phone 2 waited for ever until it was known what
/// became of that.
#[test]
fn an_unanswered_invitation_that_nobody_asks_for_any_more_holds_up_no_other_phones_end() {
    let actions = vec![
        Action::Launch,
        Action::RegisterPhone(0),
        Action::RegisterPhone(1),
        Action::CreateParent(0),
        Action::Reconcile,
        Action::RedeemOpenCode(0),
        Action::RedeemOpenCode(1),
        Action::DeliverCallbacks,
        Action::Reconcile,
        Action::FetchCredentials,
        Action::DeliverCallbacks,
        Action::RepeatPhoneEvent(16),
        Action::LatePhoneEvent {
            phone: 0,
            is_registration: false,
            seconds: 438,
        },
        Action::RegisterPhone(0),
        Action::RegisterPhone(2),
        Action::Launch,
        Action::Faults(vec![Fault::After, Fault::Fine, Fault::Fine]),
        Action::Unassign(0),
        Action::Reconcile,
        Action::RegisterPhone(2),
        Action::Unassign(0),
        Action::DeleteAutomation,
        Action::RegisterPhone(0),
        Action::PassTime(12),
        Action::Reconcile,
    ];
    let store = table::store();
    let checked: Checked = runtime().block_on(async {
        let case = Case {
            seed: 2_573_921_238_674_475_885,
            ..case(true, actions)
        };
        let mut world = World::played(&store, &case).await?;
        world.rest(Duration::from_hours(2)).await?;
        converged::check(&world).await
    });
    assert_eq!(checked, Ok(()));
}
