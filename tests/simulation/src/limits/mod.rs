//! A whole deployment in virtual time: twenty issuers, the sweeper, the stream between them, and the HID Origo simulator with its limits at
//! the far end of the real adapter. For the limits of others: what a backlog of thousands of phones does to them, and they to it.

mod apps;
mod deployment;
mod executor;
mod far_side;

pub use self::{
    apps::Crowd,
    deployment::Deployment,
    far_side::{Call, FarSide},
};
