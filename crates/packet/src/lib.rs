//! Reads support packets of every era: settings, diagnostics, logs, dumps.
//!
//! Bytes in, plain typed records out: no files, no verdicts. Every record names the member and the
//! place in it where it stands.

pub mod log;
mod records;

pub use records::{
    Column, Era, FactRecord, GoroutineGroup, Index, Job, MemberKind, MemberReport, Packet, Plugin,
    PluginState, ProfileFunction, ProfileKind, Role, Scalar, SchemaOption, SchemaTable, Scheme,
    Setting, SettingItem, Warning,
};
