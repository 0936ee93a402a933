//! The incident channel: posts, pins, checklists. The only crate that knows the network.
