//! Tests of the whole command and of the repository: what a user would notice.

mod archives;
mod canary;
mod command;
mod crates;
mod determinism;
mod documents;
mod exit_codes;
mod fuzz_smoke;
mod packets;
mod playbook;
mod slowlog;
