//! What the management API's listings cost: as much as the page has, however much lies behind it.

use fobless::store::PartitionOwner;
use fobless_local::seed;
use fobless_tests::{Cost, Crowd, MeteredApi, Stack};
use serde_json::json;

const FEW: usize = 40;
const MANY: usize = 400;
const PAGE: usize = 10;

#[tokio::test]
async fn a_page_costs_the_same_however_many_people_there_are() {
    let stack = Stack::start().await;
    let pattern = stack.another_person("pattern").await;
    let parent = pattern.create_credential().await.unwrap();
    let owner = PartitionOwner {
        workspace_id: seed::WORKSPACE,
        user_identity_id: pattern.user_identity(),
    };
    let ids = [
        pattern.user_identity().to_string(),
        pattern.acs_user().to_string(),
        parent.to_string(),
    ];
    let crowd = Crowd::of(&stack.ready().dynamodb, &owner.partition(), ids.to_vec()).await;
    let api = MeteredApi::over(&stack).await;
    let mut costs = Vec::new();
    for more in [FEW, MANY] {
        crowd.add(more).await;
        let mut of_size: Vec<(&str, Cost)> = Vec::new();
        for path in ["/user_identities/list", "/acs/credentials/list", "/acs/users/list"] {
            let cost = api.cost_of(path, &json!({"limit": PAGE})).await;
            // Each person of the page is read once, and the index once; one person more than shown tells that there is a next page.
            assert!(cost.read <= 3.0 * f64::from(u32::try_from(PAGE).unwrap()), "{path}: {cost:?}");
            assert!(cost.write.abs() < f64::EPSILON, "{path}: {cost:?}");
            of_size.push((path, cost));
        }
        costs.push(of_size);
    }
    assert_eq!(costs[0], costs[1]);
}
