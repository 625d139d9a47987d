//! Numbers: exact, and always written in one way.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use crate::{
    case::cases,
    difference::{Difference, Outcome, refused, same},
    item::item,
    table::{Table, with_key},
};

cases! { numbers:
    a_number_comes_back_in_its_shortest_form,
    numbers_are_equal_by_value,
    numbers_have_the_order_of_their_values,
    moments_and_versions_are_kept_to_the_last_digit,
    what_is_no_number_is_refused,
    more_than_38_digits_are_refused,
}

const INVALID: &str = "ValidationException";

fn number(text: &str) -> AttributeValue {
    AttributeValue::N(text.to_owned())
}

async fn put(table: &Table, text: &str) -> Outcome {
    let mut item = item(with_key("a", json!({})));
    item.insert("n".to_owned(), number(text));
    table.put_item(item).send().await?;
    Ok(())
}

async fn written(table: &Table) -> Result<String, Difference> {
    let found = table.found("a").await?.unwrap_or_default();
    Ok(found.get("n").and_then(|n| n.as_n().ok()).cloned().unwrap_or_default())
}

async fn a_number_comes_back_in_its_shortest_form(table: Table) -> Outcome {
    for (given, kept) in [
        ("1.0", "1"),
        ("007", "7"),
        ("-0.50", "-0.5"),
        ("1e3", "1000"),
        ("12E-1", "1.2"),
        ("-0", "0"),
        ("100", "100"),
        ("0.001", "0.001"),
        ("+5", "5"),
    ] {
        put(&table, given).await?;
        same(given, &written(&table).await?, &kept.to_owned())?;
    }
    Ok(())
}

async fn numbers_are_equal_by_value(table: Table) -> Outcome {
    put(&table, "1.50").await?;
    for other in ["1.5", "15e-1", "01.500"] {
        let put = table.put("a", json!({"n": 1.5})).condition_expression("n = :v");
        put.expression_attribute_values(":v", number(other)).send().await?;
    }
    Ok(())
}

async fn numbers_have_the_order_of_their_values(table: Table) -> Outcome {
    table
        .put("a", json!({"nine": 9, "ten": 10, "below": -10, "half": 0.5}))
        .send()
        .await?;
    for (condition, holds) in [
        ("nine < ten", true),
        ("below < half", true),
        ("half < nine", true),
        ("below > ten", false),
    ] {
        same(condition, &table.holds("a", condition, json!({})).await?, &holds)?;
    }
    Ok(())
}

async fn moments_and_versions_are_kept_to_the_last_digit(table: Table) -> Outcome {
    for text in [
        "18446744073709551615",
        "-9223372036854775808",
        "253402300799999",
        "12345678901234567890123456789012345678",
    ] {
        put(&table, text).await?;
        same("what is kept", &written(&table).await?, &text.to_owned())?;
    }
    table.update("a", "SET n = :v", json!({":v": u64::MAX})).send().await?;
    table.update("a", "ADD n :v", json!({":v": 1})).send().await?;
    same("one more", &written(&table).await?, &"18446744073709551616".to_owned())
}

async fn what_is_no_number_is_refused(table: Table) -> Outcome {
    for text in ["", "x", "1,5", "0x10", "NaN", "Infinity", "1 2"] {
        let mut item = item(with_key("a", json!({})));
        item.insert("n".to_owned(), number(text));
        refused(&format!("{text:?}"), INVALID, table.put_item(item).send().await)?;
    }
    Ok(())
}

async fn more_than_38_digits_are_refused(table: Table) -> Outcome {
    let digits = "123456789012345678901234567890123456789";
    let mut item = item(with_key("a", json!({})));
    item.insert("n".to_owned(), number(digits));
    refused("a number of 39 digits", INVALID, table.put_item(item).send().await).map(drop)
}
