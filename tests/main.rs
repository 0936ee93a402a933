//! Tests of the whole command and of the repository: what a user would notice.

mod command;
mod crates;
mod documents;
mod playbook;
mod slowlog;
