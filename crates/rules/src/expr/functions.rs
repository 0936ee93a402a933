//! The functions of the language: one list.

use tables::Kind;

/// A function of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Abs,
    Round,
    Length,
    Lower,
    Greatest,
    Least,
    Days,
    Hours,
    Minutes,
    Seconds,
    HourOfDay,
    Version,
    Major,
}

/// Which arguments a function takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// One number or span.
    Number,
    /// A number, and the decimals to keep.
    NumberAndDecimals,
    /// One text.
    Text,
    /// Two or more values of one kind.
    Several,
    /// One span.
    Span,
    /// One time.
    Time,
    /// One version.
    Version,
}

/// What a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gives {
    /// The kind of its first argument.
    Same,
    /// Always this kind.
    Kind(Kind),
}

/// A function, as data.
pub(crate) struct FunctionDoc {
    pub(crate) name: &'static str,
    pub(crate) function: Function,
    pub(crate) takes: Takes,
    pub(crate) gives: Gives,
    pub(crate) about: &'static str,
}

/// Every function; docs/rules.md shows this list.
pub(crate) static FUNCTIONS: &[FunctionDoc] = &[
    doc("ABS", Function::Abs, Takes::Number, Gives::Same, "the number without its sign"),
    doc(
        "ROUND",
        Function::Round,
        Takes::NumberAndDecimals,
        Gives::Kind(Kind::Float),
        "rounded to whole or to n decimals",
    ),
    doc("LENGTH", Function::Length, Takes::Text, Gives::Kind(Kind::Int), "characters of a text"),
    doc("LOWER", Function::Lower, Takes::Text, Gives::Kind(Kind::Text), "the text in lower case"),
    doc(
        "GREATEST",
        Function::Greatest,
        Takes::Several,
        Gives::Same,
        "the largest; NULL when one is NULL",
    ),
    doc(
        "LEAST",
        Function::Least,
        Takes::Several,
        Gives::Same,
        "the smallest; NULL when one is NULL",
    ),
    doc("DAYS", Function::Days, Takes::Span, Gives::Kind(Kind::Float), "a span in days"),
    doc("HOURS", Function::Hours, Takes::Span, Gives::Kind(Kind::Float), "a span in hours"),
    doc("MINUTES", Function::Minutes, Takes::Span, Gives::Kind(Kind::Float), "a span in minutes"),
    doc("SECONDS", Function::Seconds, Takes::Span, Gives::Kind(Kind::Float), "a span in seconds"),
    doc(
        "HOUR_OF_DAY",
        Function::HourOfDay,
        Takes::Time,
        Gives::Kind(Kind::Int),
        "the hour of a time in UTC, 0 to 23",
    ),
    doc(
        "VERSION",
        Function::Version,
        Takes::Text,
        Gives::Kind(Kind::Version),
        "a text as a version; NULL when it is none",
    ),
    doc(
        "MAJOR",
        Function::Major,
        Takes::Version,
        Gives::Kind(Kind::Int),
        "the first number of a version",
    ),
];

/// Names that the compiler treats by itself, for the list in messages.
pub(crate) static SPECIAL: &[&str] = &["COALESCE", "NULLIF", "REGEXP_LIKE", "IS_MASKED"];

/// What only a `[let]` may compute.
pub(crate) static AGGREGATES: &[&str] =
    &["COUNT", "SUM", "MIN", "MAX", "AVG", "MEDIAN", "STDDEV", "VARIANCE"];

const fn doc(
    name: &'static str,
    function: Function,
    takes: Takes,
    gives: Gives,
    about: &'static str,
) -> FunctionDoc {
    FunctionDoc { name, function, takes, gives, about }
}

/// The functions of the language with what they give, for those who write rules.
pub fn functions() -> impl Iterator<Item = (&'static str, &'static str)> {
    FUNCTIONS.iter().map(|doc| (doc.name, doc.about))
}

impl Function {
    /// Its line in the list.
    pub(crate) fn find(name: &str) -> Option<&'static FunctionDoc> {
        FUNCTIONS.iter().find(|doc| doc.name.eq_ignore_ascii_case(name))
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        FUNCTIONS.iter().find(|doc| doc.function == self).map_or("", |doc| doc.name)
    }
}
