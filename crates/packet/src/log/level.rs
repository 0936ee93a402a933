//! Levels of all log families, as one scale.

use std::fmt;

/// How grave a line says it is. Levels of families (`LDAPError`, `NotificationWarn`) are the plain
/// level; audit levels are `Audit`. The order is gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum LogLevel {
    /// A panic, of the logger's level or as Go wrote it.
    Panic,
    /// The process ends.
    Fatal,
    /// Critical (written as `error` before 6.0).
    Critical,
    /// An error.
    Error,
    /// A warning.
    Warn,
    /// Output of Go's standard library, mostly of its HTTP server.
    Stdlog,
    /// Information.
    Info,
    /// Debugging.
    Debug,
    /// Tracing.
    Trace,
    /// An audit record.
    Audit,
    /// No level, or one that is not known.
    Other,
}

impl LogLevel {
    /// Every level, gravest first.
    pub const ALL: &'static [Self] = &[
        Self::Panic,
        Self::Fatal,
        Self::Critical,
        Self::Error,
        Self::Warn,
        Self::Stdlog,
        Self::Info,
        Self::Debug,
        Self::Trace,
        Self::Audit,
        Self::Other,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::Fatal => "fatal",
            Self::Critical => "critical",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Stdlog => "stdlog",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
            Self::Audit => "audit",
            Self::Other => "other",
        }
    }

    /// Whether it is an error or worse.
    pub fn is_error(self) -> bool {
        self <= Self::Error
    }

    /// The level of a word, in any case and of any family.
    pub fn parse(word: &[u8]) -> Option<Self> {
        // The common words first: one comparison each.
        match word {
            b"error" => return Some(Self::Error),
            b"warn" => return Some(Self::Warn),
            b"info" => return Some(Self::Info),
            b"debug" => return Some(Self::Debug),
            b"stdlog" => return Some(Self::Stdlog),
            _ => {}
        }
        if word.len() < 3 || word.len() > 40 || !word.is_ascii() {
            return None;
        }
        let lower = word.to_ascii_lowercase();
        if lower.starts_with(b"audit-") {
            return Some(Self::Audit);
        }
        match lower.as_slice() {
            b"dpanic" => return Some(Self::Panic),
            b"crit" | b"alert" | b"emerg" | b"emergency" => return Some(Self::Critical),
            b"err" | b"logerror" => return Some(Self::Error),
            b"notice" | b"information" => return Some(Self::Info),
            _ => {}
        }
        const FAMILIES: &[&[u8]] =
            &[b"", b"ldap", b"notification", b"remoteclusterservice", b"sharedchannelservice"];
        const WORDS: &[(&[u8], LogLevel)] = &[
            (b"panic", LogLevel::Panic),
            (b"fatal", LogLevel::Fatal),
            (b"critical", LogLevel::Critical),
            (b"error", LogLevel::Error),
            (b"warning", LogLevel::Warn),
            (b"warn", LogLevel::Warn),
            (b"stdlog", LogLevel::Stdlog),
            (b"info", LogLevel::Info),
            (b"debug", LogLevel::Debug),
            (b"trace", LogLevel::Trace),
        ];
        FAMILIES.iter().find_map(|family| {
            let rest = lower.strip_prefix(*family)?;
            WORDS.iter().find(|(known, _)| *known == rest).map(|(_, level)| *level)
        })
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
