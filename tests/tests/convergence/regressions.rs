//! Sequences that once did not converge.
