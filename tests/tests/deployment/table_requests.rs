//! The kinds of requests that the code sends to the table, against what the roles allow. IAM counts each part of a transaction as a
//! request of its own kind, and nothing on this machine asks for permission.

use std::{collections::BTreeSet, fs, path::Path};

use crate::template::{role_of, statements, texts};

/// How a request, or a part of a transaction, is begun in the code, and the action that IAM knows it by.
const REQUESTS: [(&str, &str); 11] = [
    (".get_item()", "dynamodb:GetItem"),
    (".put_item()", "dynamodb:PutItem"),
    (".update_item()", "dynamodb:UpdateItem"),
    (".delete_item()", "dynamodb:DeleteItem"),
    (".query()", "dynamodb:Query"),
    (".scan()", "dynamodb:Scan"),
    (".batch_get_item()", "dynamodb:BatchGetItem"),
    (".batch_write_item()", "dynamodb:BatchWriteItem"),
    ("Put::builder()", "dynamodb:PutItem"),
    ("Delete::builder()", "dynamodb:DeleteItem"),
    ("ConditionCheck::builder()", "dynamodb:ConditionCheckItem"),
];

/// What only an operator does, with rights of their own.
const OF_THE_OPERATOR: &str = "transfer.rs";

/// What the store does for functions.
fn actions_of_the_store() -> BTreeSet<&'static str> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/src/store");
    let mut actions = BTreeSet::new();
    for file in fs::read_dir(folder).expect("the store") {
        let path = file.expect("a file").path();
        if path.ends_with(OF_THE_OPERATOR) {
            continue;
        }
        // However it is broken into lines.
        let code: String = fs::read_to_string(path).expect("text").split_whitespace().collect();
        actions.extend(REQUESTS.iter().filter(|(begin, _)| code.contains(begin)).map(|(_, action)| *action));
    }
    actions
}

fn allowed(function: &str) -> BTreeSet<String> {
    let statements = statements(&role_of(function));
    let actions = statements.iter().flat_map(|statement| texts(&statement["Action"]));
    actions
        .filter(|action| action.starts_with("dynamodb:"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_api_may_send_every_kind_of_request_that_the_store_knows() {
    let (sent, allowed) = (actions_of_the_store(), allowed("ApiFunction"));
    assert!(sent.len() >= 5 && !sent.contains("dynamodb:Scan"), "{sent:?}");
    for action in sent {
        assert!(allowed.contains(action), "the API may not {action}");
    }
}

#[test]
fn who_completes_deletions_and_disables_webhooks_may_write_what_goes_with_it() {
    // A change and the events that it means are one transaction of puts.
    for function in ["CredentialIssuerFunction", "WebhookSenderFunction"] {
        assert!(allowed(function).contains("dynamodb:PutItem"), "{function}");
    }
}
