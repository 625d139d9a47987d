//! moto 5.2. It is here as a second opinion and runs nothing of ours.

use super::Because;

const CRASHES: &str = "status 500 without an error that can be read";

pub(super) const DIFFERENCES: &[Because] = &[
    Because {
        reason: "It does not know the token of a transaction.",
        cases: &[
            (
                "transactions::the_same_transaction_twice_happens_once",
                "refused with TransactionCanceledException",
            ),
            ("transactions::a_token_with_another_transaction_is_refused", "another item: done"),
            (
                "streams::the_same_transaction_twice_is_told_once",
                "refused with TransactionCanceledException",
            ),
        ],
    },
    Because {
        reason: "It counts a put as one unit and an update as half of one, whatever they write.",
        cases: &[
            ("capacity::a_write_costs_one_unit_for_each_kilobyte", r#"1,025 bytes: found "1""#),
            (
                "capacity::a_write_costs_by_the_larger_of_the_item_before_and_after",
                r#"a small change: found "0.5""#,
            ),
            ("capacity::a_deletion_costs_by_what_it_deletes", r#"a large item: found "1""#),
            ("capacity::coming_into_an_index_costs_one_unit_more", r#"into one: found "1""#),
            ("capacity::moving_in_an_index_costs_two_units_more", r#"an update: found "0.5""#),
            (
                "capacity::what_an_index_does_not_show_costs_it_nothing",
                r#"an update: found "0.5""#,
            ),
            ("capacity::leaving_an_index_costs_one_unit_more", r#"by an update: found "0.5""#),
            ("capacity::a_transaction_costs_twice_as_much", "it does not say what it cost"),
            (
                "capacity::a_read_costs_one_unit_for_each_4_kilobytes_and_half_of_that_when_it_may_be_old",
                r#"4 kilobytes: found "0.5""#,
            ),
            ("capacity::a_query_costs_by_the_sum_of_what_it_reads", r#"9,000 bytes: found "1""#),
            (
                "store_facts::a_registration_makes_the_phone_and_costs_one_unit",
                "found Recorded(WriteUnits(0.5))",
            ),
            (
                "store_hints::hints_are_counted_and_name_endpoints_and_cost_by_the_item",
                "found Recorded(WriteUnits(0.5))",
            ),
            (
                "store_hints::what_is_trusted_is_kept_in_its_order_and_costs_by_the_item",
                "found Recorded(WriteUnits(0.5))",
            ),
        ],
    },
    Because {
        reason: "It keeps numbers as the text that was sent.",
        cases: &[
            ("numbers::a_number_comes_back_in_its_shortest_form", r#"1.0: found "1.0""#),
            ("numbers::more_than_38_digits_are_refused", "a number of 39 digits: done"),
        ],
    },
    Because {
        reason: "It measures the text of a request, not the item.",
        cases: &[
            (
                "item_sizes::an_item_of_400_kilobytes_is_kept_and_not_one_byte_more",
                "refused with ValidationException (Item size has exceeded the maximum allowed size)",
            ),
            (
                "item_sizes::an_update_may_not_grow_an_item_beyond_400_kilobytes",
                "refused with ValidationException (Item size has exceeded the maximum allowed size)",
            ),
        ],
    },
    Because {
        reason: "Its stream is filled by rules of its own: it looks at no image, and tells twice of an item that an update makes.",
        cases: &[
            ("streams::each_kind_of_change_has_its_name", r#""INSERT b", "INSERT b"]"#),
            (
                "streams::a_write_that_changes_nothing_leaves_no_record",
                r#"found ["INSERT a", "MODIFY a", "MODIFY a"]"#,
            ),
        ],
    },
    Because {
        reason: "It compares in Python, and ends where Python finds no order.",
        cases: &[
            ("comparisons::what_is_not_there_is_only_ever_different", CRASHES),
            ("comparisons::values_of_two_types_are_different_and_have_no_order", CRASHES),
        ],
    },
    Because {
        reason: "It ends in the middle of a request that asks for nothing, or that DynamoDB refuses.",
        cases: &[
            ("updates::an_update_of_nothing_at_all_touches_nothing", CRASHES),
            ("queries::a_query_names_its_whole_partition_key", CRASHES),
            ("refusals::a_placeholder_that_is_not_defined_is_refused", CRASHES),
            ("refusals::a_condition_without_an_operator_is_refused", CRASHES),
        ],
    },
    Because {
        reason: "A page that is exactly full ends without saying where. Whoever reads on until nobody says where sees the same.",
        cases: &[(
            "queries::a_page_that_is_full_says_where_it_ends",
            "where a full page ends: found None",
        )],
    },
    Because {
        reason: "It takes many requests that DynamoDB refuses, or refuses them as something else. Nothing of ours sends them.",
        cases: &[
            ("updates::a_place_in_a_map_that_is_not_there_is_refused", "where a number is: done"),
            ("values::a_set_of_texts_is_a_set", "one twice: done"),
            ("values::a_key_may_not_be_empty", "an update: done"),
            ("values::a_key_must_be_of_its_type", "a get: done"),
            (
                "values::a_key_of_an_index_must_be_of_its_type_and_not_empty",
                "a text for a number: done",
            ),
            ("item_sizes::an_expression_of_more_than_4_kilobytes_is_refused", "4,097 bytes: done"),
            (
                "queries::a_range_whose_ends_are_the_wrong_way_round_is_refused",
                "a query of it: done",
            ),
            ("queries::a_query_of_no_items_at_all_is_refused", "a page of none: done"),
            (
                "queries::an_index_that_is_not_there_is_refused",
                "a query of it: refused with ResourceNotFoundException",
            ),
            ("transaction_refusals::a_transaction_of_nothing_is_refused", "no parts: done"),
            (
                "transaction_refusals::a_transaction_of_more_than_4_megabytes_is_refused",
                "11 large items: done",
            ),
            ("refusals::a_placeholder_that_nothing_uses_is_refused", "a value of a query: done"),
            (
                "refusals::an_expression_that_can_not_be_read_is_refused",
                r#""SET n = :n + :n + :n": done"#,
            ),
            (
                "refusals::a_type_has_the_functions_that_suit_it",
                "a number as a beginning: refused with ConditionalCheckFailedException",
            ),
        ],
    },
];
