//! One value of a table or a fact.

use crate::Version;
use chrono::{DateTime, SecondsFormat, Utc};
use std::fmt;

/// The type of a column or a fact. There are no others, and nothing is unsigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number; never NaN or infinite.
    Float,
    /// Cleared text.
    Text,
    /// A version, which compares as a version.
    Version,
    /// A moment in UTC, in milliseconds.
    Time,
    /// A length of time in milliseconds.
    Span,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] =
        &[Self::Bool, Self::Int, Self::Float, Self::Text, Self::Version, Self::Time, Self::Span];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::Text => "text",
            Self::Version => "version",
            Self::Time => "time",
            Self::Span => "span",
        }
    }

    /// The kind of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }
}

/// One value. Text is cleared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Text.
    Text(&'a str),
    /// A version.
    Version(Version),
    /// A moment.
    Time(DateTime<Utc>),
    /// Milliseconds.
    Span(i64),
}

impl<'a> Cell<'a> {
    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The kind of the value, `None` for null.
    pub fn kind(&self) -> Option<Kind> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) => Kind::Int,
            Self::Float(_) => Kind::Float,
            Self::Text(_) => Kind::Text,
            Self::Version(_) => Kind::Version,
            Self::Time(_) => Kind::Time,
            Self::Span(_) => Kind::Span,
        })
    }

    /// Reads `text` as a value of `kind`, as a user or a rule's case writes it: `true`, `12`,
    /// `0.5`, `10.11.5`, `2026-03-05T09:18:00Z`, `1500` (ms). `None` when it is none; numbers that
    /// are not finite are none.
    pub fn parse(kind: Kind, text: &'a str) -> Option<Self> {
        let word = text.trim();
        match kind {
            Kind::Bool => match word {
                "true" | "TRUE" | "True" => Some(Self::Bool(true)),
                "false" | "FALSE" | "False" => Some(Self::Bool(false)),
                _ => None,
            },
            Kind::Int => word.parse().ok().map(Self::Int),
            Kind::Float => {
                word.parse().ok().filter(|number: &f64| number.is_finite()).map(Self::Float)
            }
            Kind::Text => Some(Self::Text(text)),
            Kind::Version => Version::parse(word).map(Self::Version),
            Kind::Time => {
                DateTime::parse_from_rfc3339(word).ok().map(|at| Self::Time(at.with_timezone(&Utc)))
            }
            Kind::Span => word.parse().ok().map(Self::Span),
        }
    }

    /// The value as `kind`, where nothing is lost: an `Int` is a `Float`, a whole `Float` an
    /// `Int`, an `Int` a `Span`, text is read with [`Cell::parse`]. `None` when it is none.
    #[expect(clippy::wildcard_enum_match_arm, reason = "an allow-list of what loses nothing")]
    pub fn coerce(self, kind: Kind) -> Option<Self> {
        if self.kind().is_none_or(|own| own == kind) {
            return match self {
                Self::Float(number) if !number.is_finite() => Some(Self::Null),
                other => Some(other),
            };
        }
        match (self, kind) {
            (Self::Text(text), _) => Self::parse(kind, text),
            #[expect(clippy::cast_precision_loss, reason = "counts and sizes are far below 2^53")]
            (Self::Int(number), Kind::Float) => Some(Self::Float(number as f64)),
            (Self::Int(number), Kind::Span) => Some(Self::Span(number)),
            (Self::Int(ms), Kind::Time) => DateTime::from_timestamp_millis(ms).map(Self::Time),
            (Self::Float(number), Kind::Int) => whole(number).map(Self::Int),
            (Self::Float(number), Kind::Span) => whole(number).map(Self::Span),
            (Self::Span(ms), Kind::Int) => Some(Self::Int(ms)),
            _ => None,
        }
    }
}

/// A float without fraction as an integer.
fn whole(number: f64) -> Option<i64> {
    /// Up to here every integer has its own float.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "checked: whole and within 2^53")]
    (number.fract() == 0.0 && number.abs() <= EXACT_MAX).then_some(number as i64)
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) | Self::Span(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
            Self::Version(value) => write!(f, "{value}"),
            Self::Time(value) => f.write_str(&value.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        }
    }
}
