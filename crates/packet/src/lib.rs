//! Reads support packets of every era: settings, diagnostics, logs, dumps.
//!
//! Bytes in, plain typed records out: no files, no verdicts. Every record names the member and the
//! place in it where it stands. A member is read on its own ([`PacketReader::read_member`]), so
//! that members can be read in parallel and a broken one costs nothing but itself;
//! [`PacketReader::assemble`] puts them together in a fixed order. What the members of each era
//! hold, and which fact each field becomes, is in `docs/packet.md`.

mod config;
mod document;
mod eras;
mod facts;
mod goroutines;
mod jobs;
mod layout;
pub mod log;
mod moment;
mod permissions;
mod plugins;
mod profile;
mod reader;
mod recognise;
mod records;
mod scalar;
mod schema;
mod tree;
mod warnings;

pub use eras::{FIELDS, Field, Shape};
pub use goroutines::GoroutineReader;
pub use layout::{Member, is_packet};
pub use reader::{GOROUTINES_BYTES_MAX, MEMBER_BYTES_MAX, MemberRecords, PacketReader};
pub use recognise::{FORMATS, kind_of};
pub use records::{
    Column, Era, FactRecord, GoroutineGroup, Index, Job, MemberKind, MemberReport, Packet, Plugin,
    PluginState, ProfileFunction, ProfileKind, Role, Scalar, SchemaOption, SchemaTable, Scheme,
    Setting, SettingItem, Warning,
};
