//! ministack 1.5.

use super::Because;

pub(super) const DIFFERENCES: &[Because] = &[
    Because {
        reason: "It counts a read as one unit, however much it reads.",
        cases: &[
            (
                "capacity::a_read_costs_one_unit_for_each_4_kilobytes_and_half_of_that_when_it_may_be_old",
                r#"more: found "1""#,
            ),
            ("capacity::a_query_costs_by_the_sum_of_what_it_reads", r#"9,000 bytes: found "1""#),
        ],
    },
    Because {
        reason: "It takes some requests that DynamoDB refuses. Nothing of ours sends them.",
        cases: &[
            ("updates::a_sum_with_a_text_is_refused", "a sum: done"),
            (
                "updates::two_changes_of_one_place_are_refused",
                "SET tree.x = :v REMOVE tree.x: done",
            ),
            (
                "values::a_key_of_an_index_may_not_be_too_long",
                "a partition of an index of 2,049 bytes: done",
            ),
            ("queries::a_query_names_its_whole_partition_key", "pk = :v OR pk = :v: done"),
            ("refusals::an_expression_that_can_not_be_read_is_refused", r#""SET": done"#),
            (
                "refusals::a_type_has_the_functions_that_suit_it",
                "a number as a beginning: refused with ConditionalCheckFailedException",
            ),
        ],
    },
];
