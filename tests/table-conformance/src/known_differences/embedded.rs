//! dynoxide 3.2.

use super::Because;

pub(super) const DIFFERENCES: &[Because] = &[
    Because {
        reason: "It looks at no image. The pump of `cargo dev` drops such a record before any function sees it.",
        cases: &[(
            "streams::a_write_that_changes_nothing_leaves_no_record",
            r#"found ["INSERT a", "MODIFY a", "MODIFY a"]"#,
        )],
    },
    Because {
        reason: "It bounds the keys of the table alone. Those of the indexes are ids and names of ours, of 100 bytes at most.",
        cases: &[(
            "values::a_key_of_an_index_may_not_be_too_long",
            "a partition of an index of 2,049 bytes: done",
        )],
    },
];
