//! Values while an expression is evaluated.

use chrono::{DateTime, Utc};
use std::borrow::Cow;
use std::cmp::Ordering;
use tables::{Cell, Kind, Version};

/// A value; text borrows from the data or the rule where it can. Times and spans in milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Val<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'a, str>),
    Version(Version),
    Time(i64),
    Span(i64),
}

/// A value that owns its text.
pub(crate) type Scalar = Val<'static>;

impl<'a> Val<'a> {
    /// The value of a cell.
    pub(crate) fn of(cell: Cell<'a>) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Bool(value) => Self::Bool(value),
            Cell::Int(value) => Self::Int(value),
            Cell::Float(value) => Self::float(value),
            Cell::Text(value) => Self::Text(Cow::Borrowed(value)),
            Cell::Version(value) => Self::Version(value),
            Cell::Time(value) => Self::Time(value.timestamp_millis()),
            Cell::Span(value) => Self::Span(value),
        }
    }

    /// A float; NULL when it is not finite.
    pub(crate) fn float(value: f64) -> Self {
        if value.is_finite() { Self::Float(value) } else { Self::Null }
    }

    /// The same value, borrowing its text.
    pub(crate) fn borrowed(&'a self) -> Val<'a> {
        match self {
            Self::Null => Val::Null,
            Self::Bool(value) => Val::Bool(*value),
            Self::Int(value) => Val::Int(*value),
            Self::Float(value) => Val::Float(*value),
            Self::Text(value) => Val::Text(Cow::Borrowed(value.as_ref())),
            Self::Version(value) => Val::Version(*value),
            Self::Time(value) => Val::Time(*value),
            Self::Span(value) => Val::Span(*value),
        }
    }

    /// The same value, owning its text.
    pub(crate) fn into_owned(self) -> Scalar {
        match self {
            Self::Null => Val::Null,
            Self::Bool(value) => Val::Bool(value),
            Self::Int(value) => Val::Int(value),
            Self::Float(value) => Val::Float(value),
            Self::Text(value) => Val::Text(Cow::Owned(value.into_owned())),
            Self::Version(value) => Val::Version(value),
            Self::Time(value) => Val::Time(value),
            Self::Span(value) => Val::Span(value),
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_ref()),
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Version(_)
            | Self::Time(_)
            | Self::Span(_) => None,
        }
    }

    /// TRUE, FALSE or unknown.
    pub(crate) fn truth(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Null
            | Self::Int(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Version(_)
            | Self::Time(_)
            | Self::Span(_) => None,
        }
    }

    /// The number, in milliseconds for spans.
    #[expect(clippy::cast_precision_loss, reason = "counts and milliseconds are far below 2^53")]
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Int(value) | Self::Span(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            Self::Null | Self::Bool(_) | Self::Text(_) | Self::Version(_) | Self::Time(_) => None,
        }
    }

    /// The moment.
    pub(crate) fn time(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Time(ms) => DateTime::from_timestamp_millis(*ms),
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Version(_)
            | Self::Span(_) => None,
        }
    }

    pub(crate) fn kind(&self) -> Option<Kind> {
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

    /// The order of two values; `None` when one is NULL or they cannot be compared.
    pub(crate) fn order(&self, other: &Val<'_>) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Val::Int(b))
            | (Self::Time(a), Val::Time(b))
            | (Self::Span(a), Val::Span(b)) => Some(a.cmp(b)),
            (Self::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
            (Self::Text(a), Val::Text(b)) => Some(a.as_ref().cmp(b.as_ref())),
            (Self::Version(a), Val::Version(b)) => Some(a.cmp(b)),
            _ => self.number()?.partial_cmp(&other.number()?),
        }
    }
}
