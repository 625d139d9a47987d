//! What keeps the protocol right, each with a switch: a test that removes one shows what it protects from.

/// What the code does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are switches")]
pub struct Mechanisms {
    /// `Attempt::holds`: an outcome is recorded only by the holder of the record's fencing token.
    pub fencing_token: bool,
    /// `issue_or_adopt` reads back before a call is repeated whose outcome is unknown.
    pub reads_back_before_repeating: bool,
    /// `issue_or_adopt` reads back after a refusal and after a lost reply.
    pub reads_back_after_doubt: bool,
    /// `take_away` looks for what an unanswered issue may have left.
    pub looks_for_the_unnamed: bool,
    /// A call counts as sent at the end of the claim that it belongs to, not at its beginning.
    pub counts_from_the_end_of_the_claim: bool,
    /// `revoke_unnamed` asks the clock before it looks, not after.
    pub asks_the_clock_before_looking: bool,
    /// A read-back that finds nothing while an earlier call may still be at work settles nothing: the outcome stays unknown.
    pub doubts_early_looks: bool,
    /// A call that stayed unanswered is remembered even when a later one worked, and looked for when the credential is taken away.
    pub remembers_unanswered_calls: bool,
}

impl Mechanisms {
    /// The code as it is.
    pub const ALL: Self = Self {
        fencing_token: true,
        reads_back_before_repeating: true,
        reads_back_after_doubt: true,
        looks_for_the_unnamed: true,
        counts_from_the_end_of_the_claim: true,
        asks_the_clock_before_looking: true,
        doubts_early_looks: true,
        remembers_unanswered_calls: true,
    };
}

/// What the protocol relies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumptions {
    /// The credential manager refuses a second live credential of a pool on an endpoint.
    pub repeats_are_refused: bool,
    /// It may be at a call long after whoever sent it gave up.
    pub answers_come_late: bool,
    /// A worker that outlived its lease sends no further call: leases are longer than functions may run.
    pub leases_outlast_callers: bool,
}

impl Assumptions {
    /// HID Origo, and Lambda with a timeout shorter than the lease.
    pub const REAL: Self = Self {
        repeats_are_refused: true,
        answers_come_late: true,
        leases_outlast_callers: true,
    };
}
