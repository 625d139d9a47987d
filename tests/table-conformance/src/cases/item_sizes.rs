//! How large an item and an expression may be.

use serde_json::json;

use crate::{
    case::cases,
    difference::{Outcome, refused, same},
    table::Table,
};

cases! { item_sizes:
    an_item_of_400_kilobytes_is_kept_and_not_one_byte_more,
    an_update_may_not_grow_an_item_beyond_400_kilobytes,
    a_letter_counts_as_many_bytes_as_it_has,
    an_expression_of_more_than_4_kilobytes_is_refused,
}

const INVALID: &str = "ValidationException";
const LARGEST: usize = 400 * 1024;
/// The key, as it counts: `pk` + `p` + `sk` + `a`, and the name of the text.
const REST: usize = 2 + 1 + 2 + 1 + 4;

async fn an_item_of_400_kilobytes_is_kept_and_not_one_byte_more(table: Table) -> Outcome {
    let put = |bytes: usize| table.put("a", json!({"text": "x".repeat(bytes - REST)}));
    refused("one byte more", INVALID, put(LARGEST + 1).send().await)?;
    put(LARGEST).send().await?;
    let found = table.attributes("a").await?;
    same("its text", &found["text"].as_str().map(str::len), &Some(LARGEST - REST))
}

async fn an_update_may_not_grow_an_item_beyond_400_kilobytes(table: Table) -> Outcome {
    table.put("a", json!({"text": "x".repeat(LARGEST - REST - 10)})).send().await?;
    let update = |bytes: usize| table.update("a", "SET more = :more", json!({":more": "x".repeat(bytes)}));
    update(6).send().await?;
    refused("one byte more", INVALID, update(7).send().await)?;
    same("what it has grown by", &table.attributes("a").await?["more"], &json!("xxxxxx"))
}

async fn a_letter_counts_as_many_bytes_as_it_has(table: Table) -> Outcome {
    let put = table.put("a", json!({"text": "é".repeat((LARGEST - REST) / 2 + 1)}));
    refused("more bytes than letters", INVALID, put.send().await).map(drop)
}

async fn an_expression_of_more_than_4_kilobytes_is_refused(table: Table) -> Outcome {
    let condition = |bytes: usize| {
        let shortest = "attribute_not_exists(pk)";
        format!("{shortest}{}", " ".repeat(bytes - shortest.len()))
    };
    refused(
        "4,097 bytes",
        INVALID,
        table.put("a", json!({})).condition_expression(condition(4097)).send().await,
    )?;
    table.put("a", json!({})).condition_expression(condition(4096)).send().await?;
    Ok(())
}
