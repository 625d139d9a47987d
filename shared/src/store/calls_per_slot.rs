//! Calls per slot of time as one short text, `852484872:3,1:2,4:1`: slot and calls, each slot as its distance from the one before. As a
//! list of numbers they would take three write units for each lease of calls, and this takes one.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

pub(super) fn serialize<S: Serializer>(calls: &[(i64, u32)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut before = 0;
    let slots = calls.iter().map(|(slot, calls)| {
        let distance = slot - std::mem::replace(&mut before, *slot);
        format!("{distance}:{calls}")
    });
    serializer.serialize_str(&slots.collect::<Vec<_>>().join(","))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(i64, u32)>, D::Error> {
    let text = String::deserialize(deserializer)?;
    read(&text).ok_or_else(|| D::Error::custom("no calls per slot"))
}

fn read(text: &str) -> Option<Vec<(i64, u32)>> {
    let mut slot = 0_i64;
    let slots = text.split(',').filter(|part| !part.is_empty());
    slots
        .map(|part| {
            let (distance, calls) = part.split_once(':')?;
            slot = slot.checked_add(distance.parse().ok()?)?;
            Some((slot, calls.parse().ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Held(#[serde(with = "super")] Vec<(i64, u32)>);

    proptest! {
        #[test]
        fn what_is_written_is_read_again(calls in prop::collection::vec((0..2_000_000_000_i64, any::<u32>()), 0..200)) {
            let text = serde_json::to_string(&Held(calls.clone())).unwrap();
            prop_assert_eq!(serde_json::from_str::<Held>(&text).unwrap().0, calls);
        }
    }

    #[test]
    fn a_full_window_fits_into_one_write_unit() {
        let window: Vec<(i64, u32)> = (0..154).map(|slot| (852_484_872 + slot, 20)).collect();
        assert!(serde_json::to_string(&Held(window)).unwrap().len() < 900);
    }

    #[test]
    fn what_is_no_such_text_is_refused() {
        for text in ["1", "1:", ":1", "1:-1", "a:1", "9223372036854775807:1,9:1"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
