//! Ids as HID writes them: the same id is a number in a reply, text in an event, and in a search hit perhaps only the last
//! part of a URL. Here all three become the same text. HID's URLs are never followed: our token would go along with it.

use serde_json::Value;

use crate::credential_manager::{CallError, CallResult};

/// No id seen is longer than twenty characters; a longer one is none.
const LONGEST: usize = 64;

/// An id that is a number or text. Events name things that don't exist with the word "undefined".
pub(super) fn from_value(value: &Value) -> Option<String> {
    let id = match value {
        Value::Number(number) if number.is_u64() || number.is_i64() => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    let named = !matches!(id.as_str(), "undefined" | "null");
    (named && is_usable(&id)).then_some(id)
}

/// The id of a thing: its `id`, or else the last part of its `meta.location`, which is all that some search hits have.
pub(super) fn of_resource(resource: &Value) -> Option<String> {
    let written = resource.get("id").and_then(from_value);
    written.or_else(|| last_segment(resource.get("meta")?.get("location")?.as_str()?))
}

fn last_segment(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?.trim_end_matches('/');
    let (_, last) = path.rsplit_once('/')?;
    is_usable(last).then(|| last.to_owned())
}

/// Whether a text can be an id, hence a part of a URL as it is: nothing in it can change which resource the URL names.
pub(super) fn is_usable(id: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    !id.is_empty() && id.len() <= LONGEST && id != "." && id != ".." && id.bytes().all(safe)
}

/// An id on its way into a URL. Ids come from our table, and that got them from HID, but a call that revokes must not trust that.
pub(super) fn segment(id: &str) -> CallResult<&str> {
    if is_usable(id) {
        Ok(id)
    } else {
        Err(CallError::Rejected("this can't be an id of HID; nothing was sent".to_owned()))
    }
}

/// Orders ids by their number, so that the oldest comes first; ids that are no numbers come last.
pub(super) fn by_number(id: &str) -> (u64, &str) {
    (id.parse().unwrap_or(u64::MAX), id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_and_its_text_are_the_same_id() {
        assert_eq!(from_value(&json!(101)), from_value(&json!("101")));
        assert_eq!(from_value(&json!(" 4924_000000 ")), Some("4924_000000".to_owned()));
    }

    #[test]
    fn what_names_nothing_is_no_id() {
        for odd in [
            json!("undefined"),
            json!(""),
            json!(null),
            json!(1.5),
            json!([1]),
            json!("../1"),
            json!(".."),
            json!("a/b"),
            json!("é"),
        ] {
            assert_eq!(from_value(&odd), None, "{odd}");
        }
    }

    #[test]
    fn without_an_id_the_last_part_of_the_location_counts() {
        let hit = |location: &str| of_resource(&json!({ "meta": { "location": location } }));
        assert_eq!(hit("https://elsewhere.example/customer/7/users/42"), Some("42".to_owned()));
        assert_eq!(hit("/users/42/?a=/9"), Some("42".to_owned()));
        assert_eq!(hit("42"), None);
        assert_eq!(
            of_resource(&json!({ "id": 1, "meta": { "location": "/users/2" } })),
            Some("1".to_owned())
        );
    }

    #[test]
    fn ids_are_ordered_as_numbers() {
        let mut ids = ["100", "x", "20", "3"];
        ids.sort_by_key(|id| by_number(id));
        assert_eq!(ids, ["3", "20", "100", "x"]);
    }
}
