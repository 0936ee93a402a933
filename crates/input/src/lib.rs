//! Opens what the user names: folders, archives, compressed files, standard input.
//!
//! [`list()`] looks at one input and gives its [`Container`]s: the input itself when it is a file,
//! an archive or a folder, and one more for every archive that a folder holds. A container lists
//! its [`Member`]s with the first bytes of each, so that formats can be recognised, and
//! [`Container::open`] reads one: from any thread, several at a time, each with its own handle.
//! [`visit()`] does both in one go.
//!
//! Everything is recognised by content. Names are labels only: nothing is ever written to disk,
//! and no path from inside an archive is opened. What cannot be read is an issue of the member or
//! the container, and everything else is still read. [`Limits`] bound work and memory.

mod container;
mod cursor;
mod folder;
mod label;
mod limits;
mod list;
mod magic;
mod raw;
mod reader;
mod session;
mod sniff;
mod tar;
mod unpack;
mod utf16;
mod visit;
mod zip;

pub use container::{Container, ContainerKind, Member, Named, OpenError, Packing, Unopened};
pub use limits::Limits;
pub use list::{list, list_bytes};
pub use reader::MemberReader;
pub use session::Session;
pub use visit::{Flow, Source, Summary, visit, visit_bytes};

#[cfg(test)]
mod tests;
