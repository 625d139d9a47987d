//! Conditions of writes: whoever was overtaken is told so, and nothing is changed.

use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld;
use serde_json::{Value, json};

use crate::{
    case::cases,
    difference::{Outcome, refused, same, so},
    item::{item, plain},
    table::{Table, with_key},
};

cases! { conditions:
    a_put_where_nothing_may_be_is_refused_where_something_is,
    a_put_over_a_version_goes_over_that_version_only,
    a_refused_write_changes_nothing,
    what_stands_in_the_way_is_shown_to_whoever_asks,
    an_update_of_what_must_be_there_makes_nothing,
    a_deletion_of_what_must_be_there_is_refused_where_nothing_is,
}

const REFUSED: &str = "ConditionalCheckFailedException";

async fn a_put_where_nothing_may_be_is_refused_where_something_is(table: Table) -> Outcome {
    let put = |number: u32| {
        table
            .put("a", json!({"n": number}))
            .condition_expression("attribute_not_exists(pk)")
    };
    put(1).send().await?;
    refused("the second put", REFUSED, put(2).send().await)?;
    same("what is there", &table.attributes("a").await?, &json!({"n": 1}))
}

async fn a_put_over_a_version_goes_over_that_version_only(table: Table) -> Outcome {
    let over = |seen: u32| table.put_if("a", json!({"version": seen + 1}), "version = :seen", json!({":seen": seen}));
    refused("a put over nothing", REFUSED, over(1).send().await)?;
    table.put("a", json!({"version": 1})).send().await?;
    over(1).send().await?;
    refused("a put over what was overwritten", REFUSED, over(1).send().await)?;
    same("what is there", &table.attributes("a").await?, &json!({"version": 2}))
}

async fn a_refused_write_changes_nothing(table: Table) -> Outcome {
    table.put("a", json!({"n": 1})).send().await?;
    let (never, with) = ("n = :n", json!({":n": 7}));
    let put = table.put_if("a", json!({"n": 2}), never, with.clone()).send().await;
    refused("a put", REFUSED, put)?;
    let update = table
        .update("a", "SET n = :two", json!({":n": 7, ":two": 2}))
        .condition_expression(never);
    refused("an update", REFUSED, update.send().await)?;
    refused("a deletion", REFUSED, table.delete_if("a", never, with).send().await)?;
    same("what is there", &table.attributes("a").await?, &json!({"n": 1}))
}

async fn what_stands_in_the_way_is_shown_to_whoever_asks(table: Table) -> Outcome {
    let present = with_key("a", json!({"n": 1, "deep": {"series": ["x", true, null]}}));
    table.put_item(item(present.clone())).send().await?;
    let (never, with) = ("n = :n", json!({":n": 7}));

    let put = table
        .put_if("a", json!({}), never, with.clone())
        .return_values_on_condition_check_failure(AllOld);
    let update = table.update("a", "SET m = :n", with.clone()).condition_expression(never);
    let update = update.return_values_on_condition_check_failure(AllOld);
    let delete = table
        .delete_if("a", never, with.clone())
        .return_values_on_condition_check_failure(AllOld);
    let shown = [
        ("a put", refused("a put", REFUSED, put.send().await)?.shown()),
        ("an update", refused("an update", REFUSED, update.send().await)?.shown()),
        ("a deletion", refused("a deletion", REFUSED, delete.send().await)?.shown()),
    ];
    for (what, shown) in shown {
        same(what, &shown.map(plain).transpose()?, &Some(present.clone()))?;
    }
    let unasked = refused("a put", REFUSED, table.put_if("a", json!({}), never, with.clone()).send().await)?;
    same("to who does not ask", &unasked.shown(), &None)?;
    let of_nothing = table
        .put_if("b", json!({}), never, with)
        .return_values_on_condition_check_failure(AllOld);
    let of_nothing = refused("a put over nothing", REFUSED, of_nothing.send().await)?;
    so(
        "where nothing is, nothing is shown",
        of_nothing.shown().is_none_or(|item| item.is_empty()),
    )
}

/// The item that a refusal shows.
trait Shown {
    fn shown(self) -> Option<crate::item::Item>;
}

macro_rules! shown {
    ($($operation:ident :: $error:ident),+) => {$(
        impl Shown for aws_sdk_dynamodb::operation::$operation::$error {
            fn shown(self) -> Option<crate::item::Item> {
                match self {
                    Self::ConditionalCheckFailedException(refusal) => refusal.item,
                    _ => None,
                }
            }
        }
    )+};
}

shown!(put_item::PutItemError, update_item::UpdateItemError, delete_item::DeleteItemError);

async fn an_update_of_what_must_be_there_makes_nothing(table: Table) -> Outcome {
    let update = table
        .update("a", "SET n = :n", json!({":n": 1}))
        .condition_expression("attribute_exists(pk)");
    refused("an update of nothing", REFUSED, update.clone().send().await)?;
    same("what is there", &table.attributes("a").await?, &Value::Null)?;
    table.put("a", json!({})).send().await?;
    update.send().await?;
    same("what is there then", &table.attributes("a").await?, &json!({"n": 1}))
}

async fn a_deletion_of_what_must_be_there_is_refused_where_nothing_is(table: Table) -> Outcome {
    let delete = || table.delete_if("a", "seen_at = :seen", json!({":seen": 5}));
    refused("a deletion of nothing", REFUSED, delete().send().await)?;
    table.delete("a").send().await?;
    table.put("a", json!({"seen_at": 6})).send().await?;
    refused("a deletion of what was met again", REFUSED, delete().send().await)?;
    table.put("a", json!({"seen_at": 5})).send().await?;
    delete().send().await?;
    same("what is there", &table.attributes("a").await?, &Value::Null)
}
