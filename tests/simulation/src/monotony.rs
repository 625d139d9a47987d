//! Nothing goes backwards: seen on every record of the stream, which shows every change of every item.

use serde_json::Value;

/// The efforts of the records, whose fencing tokens only rise.
const EFFORTS: [&str; 4] = ["effort", "retirement", "ensure_user", "read"];
/// What belongs to a person for good.
const KEPT: [&str; 4] = ["AUTOMATION#", "PHONE#", "ENROLLMENT#", "PHONE_CREDENTIAL#"];

/// Says what went backwards, if something did.
pub(crate) fn check(record: &Value) -> Result<(), String> {
    let change = &record["dynamodb"];
    let (old, new) = (&change["OldImage"], &change["NewImage"]);
    let key = &change["Keys"]["sk"]["S"];
    let failed = |what: &str| Err(format!("{what} of {key}: {old} became {new}"));
    if old.is_null() {
        return Ok(());
    }
    if new.is_null() {
        let is_kept = key.as_str().is_some_and(|key| KEPT.iter().any(|kept| key.starts_with(kept)));
        return if is_kept { failed("the end") } else { Ok(()) };
    }
    if number(&old["version"]) > number(&new["version"]) {
        return failed("the version");
    }
    for effort in EFFORTS {
        let token = |image: &Value| number(&image[effort]["M"]["attempt"]);
        if token(old) > token(new) {
            return failed("the fencing token");
        }
    }
    let is_gone = |image: &Value| !image["deletion"]["M"]["gone_at"].is_null();
    if is_gone(old) && !is_gone(new) {
        return failed("the completed deletion");
    }
    Ok(())
}

fn number(value: &Value) -> Option<i64> {
    value["N"].as_str()?.parse().ok()
}
