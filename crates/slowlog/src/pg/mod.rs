//! Logs of PostgreSQL servers.

pub(crate) mod clock;
mod csv;
pub(crate) mod events;
pub(crate) mod fold;
pub(crate) mod generic;
mod json;
pub(crate) mod languages;
pub(crate) mod layout;
mod learn;
mod locks;
pub(crate) mod message;
mod plans;
pub(crate) mod prefix;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod scan;
pub(crate) mod severity;
mod stderr;
pub(crate) mod wrapped;
