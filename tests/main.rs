//! Tests of the whole command and of the repository: what a user would notice.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests make files, and a failed step is a failed test"
)]

mod archives;
mod canary;
mod channel;
mod channel_faults;
mod command;
mod crates;
mod dba_answers;
mod determinism;
mod documents;
mod engines;
mod exit_codes;
mod fake_server;
mod fuzz_smoke;
mod grafana;
mod loose_logs;
mod mentions;
mod outputs;
mod packets;
mod playbook;
mod rules;
mod run;
mod slowlog;
mod watch;
