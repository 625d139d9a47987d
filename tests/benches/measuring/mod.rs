//! What several benchmarks measure with.

pub(crate) mod callbacks;
pub(crate) mod machine;
pub(crate) mod moments;
