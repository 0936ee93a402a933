//! The subcommands, one module each.

pub(crate) mod dba;
pub(crate) mod draft;
pub(crate) mod export;
pub(crate) mod grafana;
pub(crate) mod help;
pub(crate) mod incident;
pub(crate) mod playbook;
pub(crate) mod post;
pub(crate) mod query;
pub(crate) mod report;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod slowlog;
pub(crate) mod tables;
pub(crate) mod watch;
