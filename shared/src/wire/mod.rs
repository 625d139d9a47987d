//! Objects that customers see and that more than one function shows. Those that only the management API shows are with it.

pub mod event;
