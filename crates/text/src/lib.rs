//! Trust: what was read is [`Raw`] until a [`Redactor`] has cleared it into a [`Value`].
//!
//! Parsers give `Raw`, which cannot be printed. [`Redactor::clear`] is the only way from there to
//! a `Value`; every sink (terminal, Markdown, JSON, HTML, a post) takes [`Text`], whose segments
//! are our own words or values, and escapes the values for itself with the functions of
//! [`escape`].

mod decode;
pub mod escape;
mod markdown;
mod raw;
mod redact;
mod sanitise;
mod segments;

pub use decode::{decode, utf16_of};
pub use markdown::{Block, Document, Line, Markdown};
pub use raw::{Raw, Value};
pub use redact::{Redactor, VALUE_CHARS_MAX};
pub use segments::{Segment, Text};
