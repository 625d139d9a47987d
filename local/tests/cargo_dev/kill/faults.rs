//! What goes wrong at the credential manager during a life. All of it passes: what needs a person to mend it is not for this test.

use fastrand::Rng;
use serde_json::{Value, json};

/// A few faults, drawn anew for each life.
pub(crate) fn draw(rng: &mut Rng) -> Value {
    let all: [(&str, &str, u64); 8] = [
        ("*", "status", 503),
        ("*", "status", 500),
        ("POST", "lost_reply", 0),
        ("*", "lost_reply", 0),
        ("*", "delay", 800),
        ("*", "lost_callback", 0),
        ("*", "double_callback", 0),
        ("*", "reorder_callbacks", 300),
    ];
    let set = all.iter().filter_map(|(route, kind, value)| {
        let probability = f64::from(rng.u32(1..30)) / 100.0;
        rng.bool()
            .then(|| json!({"route": route, "kind": kind, "value": value, "probability": probability, "seed": rng.u32(..)}))
    });
    Value::Array(set.collect())
}
