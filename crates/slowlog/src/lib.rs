//! Reads database logs: queries by fingerprint, locks, cancellations, events.

pub mod fingerprint;
