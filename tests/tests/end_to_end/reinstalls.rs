//! The app is installed again on a phone: it is another endpoint then, and what the former one held goes.

use fobless_tests::Stack;

use crate::lifecycle::{LONG, plenty, served, told_of};

#[tokio::test]
async fn an_app_that_was_installed_again_gets_its_credential_and_then_the_old_one_goes() {
    let stack = Stack::start_with(plenty()).await;
    let (parent, phone) = served(&stack).await;
    let other = stack.register("of the same model").await;
    let other_endpoint = stack.redeem_code_of(other).await;
    let children = stack.issued(parent, 2).await;
    let endpoint_of = |children: &[fobless_local::walk::Child], device| {
        let child = children.iter().find(|child| child.device_id == device).unwrap();
        (child.endpoint_id().to_owned(), child.card_number.clone())
    };
    let before = endpoint_of(&children, phone);

    stack.register("one").await;
    let new_endpoint = stack.redeem_code_of(phone).await;
    let look = async || {
        let children = stack.children(parent).await?;
        let is_moved = children
            .iter()
            .any(|child| child.device_id == phone && child.is_issued && child.endpoint_id() == new_endpoint);
        Ok(is_moved.then_some(children))
    };
    let children = stack.wait_for("the credential on the new endpoint", LONG, look).await.unwrap();
    assert_ne!(endpoint_of(&children, phone).1, before.1, "a number belongs to one endpoint");
    assert_eq!(endpoint_of(&children, other).0, other_endpoint, "the other phone keeps its own");
    let look = async || {
        let ledger = stack.ledger().await?;
        let live: Vec<String> = ledger
            .credentials
            .iter()
            .filter(|found| found.is_live())
            .map(|found| found.container_id.to_string())
            .collect();
        Ok((live.len() == 2 && !live.contains(&before.0)).then_some(()))
    };
    stack.wait_for("the old endpoint's credential to go", LONG, look).await.unwrap();
    told_of(&stack, "acs_credential.reissued").await;
}

#[tokio::test]
async fn an_app_that_is_installed_again_before_it_held_anything_leaves_no_endpoint_behind() {
    let stack = Stack::start_with(plenty()).await;
    stack.launch_automation().await.unwrap();
    let phone = stack.register("one").await;
    stack.redeem_code_of(phone).await;
    let look = async || {
        let shown = stack.phone(phone).await?;
        let is_active = shown.is_some_and(|shown| shown.enrollment().is_some_and(|enrollment| enrollment.status == "active"));
        Ok(is_active.then_some(()))
    };
    stack.wait_for("the phone to be enrolled", LONG, look).await.unwrap();
    stack.register("one").await;
    let new_endpoint = stack.redeem_code_of(phone).await;
    let look = async || {
        let containers = stack.ledger().await?.containers;
        let active: Vec<String> = containers
            .iter()
            .filter(|found| found.status == "ACTIVE")
            .map(|found| found.id.to_string())
            .collect();
        Ok((active == [new_endpoint.clone()]).then_some(()))
    };
    stack.wait_for("the old endpoint to go", LONG, look).await.unwrap();
}
