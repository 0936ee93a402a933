//! What a message of a PostgreSQL server means: its class, cause and subject.

use super::severity::Severity;
use crate::records::EventClass as Class;
use memchr::memmem;

/// What a message means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meaning<'a> {
    pub(crate) class: Class,
    pub(crate) cause: String,
    pub(crate) subject: &'a [u8],
    pub(crate) amount: u64,
    pub(crate) unit: &'static str,
    /// SQLSTATE that the text implies, or empty.
    pub(crate) sqlstate: &'static str,
    /// Whether the subject, where the message has none, is the session's user.
    pub(crate) of_user: bool,
}

/// A kind of message: what it contains, what it means.
struct Known {
    /// Text that it begins with; empty for any.
    begins: &'static str,
    /// Text that it contains besides; empty for any.
    contains: &'static str,
    class: Class,
    cause: &'static str,
    sqlstate: &'static str,
}

/// Shortens the list below.
const fn known(
    begins: &'static str,
    contains: &'static str,
    class: Class,
    cause: &'static str,
    sqlstate: &'static str,
) -> Known {
    Known { begins, contains, class, cause, sqlstate }
}

/// Messages of every severity, most urgent meaning first: the first that fits counts.
static KNOWN: &[Known] = &[
    known("", "No space left on device", Class::DiskFull, "", "53100"),
    known("", "Disk quota exceeded", Class::DiskFull, "", "53100"),
    known("out of memory", "", Class::OutOfMemory, "server", "53200"),
    known("", "Cannot allocate memory", Class::OutOfMemory, "system", "53200"),
    known("out of shared memory", "", Class::OutOfMemory, "shared memory", "53200"),
    known(
        "could not resize shared memory segment",
        "",
        Class::OutOfMemory,
        "shared memory",
        "53100",
    ),
    known("could not fork", "", Class::ForkFailure, "fork", ""),
    known(
        "canceling statement due to statement timeout",
        "",
        Class::Cancelled,
        "statement timeout",
        "57014",
    ),
    known("canceling statement due to lock timeout", "", Class::Cancelled, "lock timeout", "55P03"),
    known("canceling statement due to user request", "", Class::Cancelled, "user request", "57014"),
    known(
        "canceling statement due to conflict with recovery",
        "",
        Class::Cancelled,
        "recovery conflict",
        "40001",
    ),
    known("canceling statement due to", "", Class::Cancelled, "other", "57014"),
    known("canceling autovacuum task", "", Class::Cancelled, "autovacuum", "57014"),
    known("canceling authentication due to timeout", "", Class::Authentication, "timeout", "57014"),
    known("deadlock detected", "", Class::Deadlock, "", "40P01"),
    known("sorry, too many clients already", "", Class::Refused, "too many clients", "53300"),
    known("remaining connection slots are reserved", "", Class::Refused, "reserved slots", "53300"),
    known("too many connections for", "", Class::Refused, "connection limit", "53300"),
    known(
        "number of requested standby connections exceeds",
        "",
        Class::Refused,
        "too many standbys",
        "53300",
    ),
    known("the database system is starting up", "", Class::Refused, "starting up", "57P03"),
    known("the database system is shutting down", "", Class::Refused, "shutting down", "57P03"),
    known("the database system is in recovery mode", "", Class::Refused, "recovery", "57P03"),
    known(
        "the database system is not",
        "accepting",
        Class::Refused,
        "not accepting connections",
        "57P03",
    ),
    known("no pg_hba.conf entry", "", Class::Refused, "pg_hba", "28000"),
    known("pg_hba.conf rejects", "", Class::Refused, "pg_hba", "28000"),
    known("password authentication failed", "", Class::Authentication, "password", "28P01"),
    known("", "authentication failed for user", Class::Authentication, "method", "28000"),
    known(
        "terminating connection due to administrator command",
        "",
        Class::Terminated,
        "administrator",
        "57P01",
    ),
    known(
        "terminating connection due to idle-in-transaction timeout",
        "",
        Class::Terminated,
        "idle in transaction",
        "25P03",
    ),
    known(
        "terminating connection due to idle-session timeout",
        "",
        Class::Terminated,
        "idle session",
        "57P05",
    ),
    known(
        "terminating connection due to transaction timeout",
        "",
        Class::Terminated,
        "transaction timeout",
        "25P04",
    ),
    known(
        "terminating connection due to conflict with recovery",
        "",
        Class::Terminated,
        "recovery conflict",
        "40001",
    ),
    known(
        "terminating connection because of crash of another server process",
        "",
        Class::Terminated,
        "crash of another process",
        "57P02",
    ),
    known(
        "terminating connection due to unexpected postmaster exit",
        "",
        Class::Terminated,
        "postmaster exit",
        "57P01",
    ),
    known(
        "terminating any other active server processes",
        "",
        Class::Crash,
        "other processes ended",
        "",
    ),
    known(
        "terminating walsender process due to replication timeout",
        "",
        Class::Replication,
        "sender timeout",
        "",
    ),
    known("terminating walreceiver due to timeout", "", Class::Replication, "receiver timeout", ""),
    known("terminating walreceiver process", "", Class::Replication, "receiver stopped", "57P01"),
    known("terminating", "", Class::Terminated, "other", "57P01"),
    known("could not receive data from client", "", Class::Terminated, "client lost", "08006"),
    known("could not send data to client", "", Class::Terminated, "client lost", "08006"),
    known("unexpected EOF on client connection", "", Class::Terminated, "client lost", "08006"),
    known("connection to client lost", "", Class::Terminated, "client lost", "08006"),
    known("unexpected EOF on standby connection", "", Class::Replication, "standby lost", ""),
    known("requested WAL segment", "removed", Class::Replication, "segment removed", "58P01"),
    known("could not receive data from WAL stream", "", Class::Replication, "stream lost", ""),
    known(
        "could not connect to the primary server",
        "",
        Class::Replication,
        "primary unreachable",
        "",
    ),
    known(
        "",
        "could not connect to the primary server",
        Class::Replication,
        "primary unreachable",
        "",
    ),
    known(
        "replication terminated by primary server",
        "",
        Class::Replication,
        "ended by primary",
        "",
    ),
    known("started streaming WAL from primary", "", Class::Replication, "streaming", ""),
    known("invalidating", "slot", Class::Replication, "slot invalidated", ""),
    known(
        "terminating process",
        "to release replication slot",
        Class::Replication,
        "slot invalidated",
        "",
    ),
    known("archive command failed", "", Class::ArchiveFailure, "exit code", ""),
    known("archive command was terminated", "", Class::ArchiveFailure, "signal", ""),
    known(
        "archiving write-ahead log file",
        "failed",
        Class::ArchiveFailure,
        "failed too often",
        "",
    ),
    known(
        "archiving transaction log file",
        "failed",
        Class::ArchiveFailure,
        "failed too often",
        "",
    ),
    known("", "was terminated by signal", Class::Crash, "signal", ""),
    known("", "was terminated by exception", Class::Crash, "exception", ""),
    known("server process", "exited with exit code", Class::Crash, "exit code", ""),
    known("all server processes terminated; reinitializing", "", Class::Crash, "reinitialised", ""),
    known("database system was interrupted", "", Class::Crash, "interrupted", ""),
    known("database system was not properly shut down", "", Class::Crash, "recovery", ""),
    known("starting PostgreSQL", "", Class::Restart, "start", ""),
    known("database system is ready to accept", "", Class::Restart, "ready", ""),
    known("database system was shut down", "", Class::Restart, "after clean shutdown", ""),
    known("received smart shutdown request", "", Class::Restart, "shutdown requested", ""),
    known("received fast shutdown request", "", Class::Restart, "shutdown requested", ""),
    known(
        "received immediate shutdown request",
        "",
        Class::Restart,
        "immediate shutdown requested",
        "",
    ),
    known("database system is shut down", "", Class::Restart, "stopped", ""),
    known("received promote request", "", Class::Restart, "promotion", ""),
    known("selected new timeline ID", "", Class::Restart, "promotion", ""),
    known("received SIGHUP", "", Class::Configuration, "reload", ""),
    known(
        "parameter \"",
        "cannot be changed without restarting",
        Class::Configuration,
        "needs restart",
        "",
    ),
    known("parameter \"", "changed to", Class::Configuration, "changed", ""),
    known("configuration file", "contains errors", Class::Configuration, "errors", ""),
    known("checkpoints are occurring too frequently", "", Class::Checkpoint, "too frequent", ""),
    known("", "invalid page in block", Class::Corruption, "invalid page", "XX001"),
    known("could not read block", "read only", Class::Corruption, "short block", "XX001"),
    known("missing chunk number", "", Class::Corruption, "toast", "XX000"),
    known("unexpected chunk number", "", Class::Corruption, "toast", "XX000"),
    known("page verification failed", "", Class::Corruption, "checksum", ""),
    known(
        "could not access status of transaction",
        "",
        Class::Corruption,
        "transaction status",
        "58P01",
    ),
    known("", "must be vacuumed within", Class::Wraparound, "near", ""),
    known("database is not accepting commands", "", Class::Wraparound, "stopped", "54000"),
    known("could not extend file", "", Class::Io, "extend", "58030"),
    known("could not write", "", Class::Io, "write", "58030"),
    known("could not read", "", Class::Io, "read", "58030"),
    known("could not fsync", "", Class::Io, "fsync", "58030"),
    known("could not open file", "", Class::Io, "open", "58P01"),
    known("could not create file", "", Class::Io, "create", "58030"),
];

/// Errors by their text; what stands in quotes behind `subject` is the subject.
static ERRORS: &[(&str, &str, &str)] = &[
    ("duplicate key value violates unique constraint", "unique violation", "23505"),
    ("violates foreign key constraint", "foreign key violation", "23503"),
    ("violates not-null constraint", "not-null violation", "23502"),
    ("violates check constraint", "check violation", "23514"),
    ("violates exclusion constraint", "exclusion violation", "23P01"),
    ("syntax error", "syntax", "42601"),
    ("unterminated quoted", "syntax", "42601"),
    ("invalid input syntax", "invalid input", "22P02"),
    ("invalid input value for enum", "invalid input", "22P02"),
    ("value too long for type", "value too long", "22001"),
    ("invalid byte sequence", "encoding", "22021"),
    ("unsupported Unicode escape sequence", "encoding", "22P05"),
    ("out of range", "out of range", "22003"),
    ("division by zero", "division by zero", "22012"),
    ("current transaction is aborted", "aborted transaction", "25P02"),
    ("could not serialize access", "serialization failure", "40001"),
    ("could not obtain lock", "lock not available", "55P03"),
    ("permission denied", "permission denied", "42501"),
    ("must be owner of", "permission denied", "42501"),
    ("read-only transaction", "read-only transaction", "25006"),
    ("cached plan must not change result type", "stale plan", "0A000"),
    ("stack depth limit exceeded", "too complex", "54001"),
    ("index row", "index row too long", "54000"),
    ("string is too long for tsvector", "too long for text search", "54000"),
    ("bind message", "protocol", "08P01"),
    ("invalid message", "protocol", "08P01"),
    ("incomplete startup packet", "protocol", "08P01"),
    ("invalid length of startup packet", "protocol", "08P01"),
    ("unsupported frontend protocol", "protocol", "0A000"),
    ("SSL error", "tls", "08P01"),
    ("could not accept SSL connection", "tls", "08P01"),
    ("multiple assignments to same column", "syntax", "42601"),
    ("column reference", "ambiguous column", "42702"),
    ("operator does not exist", "undefined function", "42883"),
    ("there is no parameter", "undefined parameter", "42P02"),
];

/// What an SQLSTATE class is called, for messages that are not known by their text.
static CODES: &[(&str, &str)] = &[
    ("00", "success"),
    ("01", "warning"),
    ("08", "connection"),
    ("0A", "not supported"),
    ("22", "data"),
    ("23", "constraint"),
    ("25", "transaction state"),
    ("26", "statement name"),
    ("28", "authorization"),
    ("2B", "dependent objects"),
    ("34", "cursor name"),
    ("3D", "undefined database"),
    ("3F", "undefined schema"),
    ("40", "transaction rollback"),
    ("42", "syntax or access"),
    ("53", "resources"),
    ("54", "program limit"),
    ("55", "object state"),
    ("57", "operator intervention"),
    ("58", "system"),
    ("72", "snapshot"),
    ("F0", "configuration"),
    ("HV", "foreign data"),
    ("P0", "plpgsql"),
    ("XX", "internal"),
];

fn contains(text: &[u8], what: &str) -> bool {
    what.is_empty() || memmem::find(text, what.as_bytes()).is_some()
}

/// What stands in the first double quotes.
pub(crate) fn quoted(text: &[u8]) -> &[u8] {
    quoted_behind(text, "\"")
}

/// What stands in double quotes behind `key`, which ends in one.
pub(crate) fn quoted_behind<'a>(text: &'a [u8], key: &str) -> &'a [u8] {
    let Some(rest) = memmem::find(text, key.as_bytes()).and_then(|at| text.get(at + key.len()..))
    else {
        return &[];
    };
    let end = memchr::memchr(b'"', rest).unwrap_or(0);
    rest.get(..end).unwrap_or_default()
}

/// The number behind `key`, in thousandths of its unit rounded to whole `scale`s.
pub(crate) fn decimal_behind(text: &[u8], key: &str) -> Option<f64> {
    let rest = text.get(memmem::find(text, key.as_bytes())? + key.len()..)?;
    let len =
        rest.iter().take(24).take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    std::str::from_utf8(rest.get(..len)?).ok()?.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Microseconds of a number of seconds or milliseconds, rounded; durations in messages have at
/// most three decimals.
pub(crate) fn micros(value: f64, unit_us: f64) -> u64 {
    (value * unit_us).round() as u64
}

/// What a message means; `None` for a message that says nothing.
pub(crate) fn meaning<'a>(
    severity: Severity,
    text: &'a [u8],
    sqlstate: &[u8],
) -> Option<Meaning<'a>> {
    let plain = |class, cause: &str| Meaning {
        class,
        cause: cause.to_owned(),
        subject: &[],
        amount: 0,
        unit: "",
        sqlstate: "",
        of_user: false,
    };
    if severity == Severity::Log
        && let Some(found) = routine(text)
    {
        return Some(found);
    }
    for known in KNOWN {
        if !text.starts_with(known.begins.as_bytes()) || !contains(text, known.contains) {
            continue;
        }
        let mut found = Meaning { sqlstate: known.sqlstate, ..plain(known.class, known.cause) };
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "only these carry more than their cause"
        )]
        match known.class {
            Class::DiskFull => found.cause = storage(text).to_owned(),
            Class::Crash | Class::ArchiveFailure
                if !known.contains.is_empty() || known.begins.starts_with("archive") =>
            {
                found.cause = numbered(text, known.cause)
            }
            Class::Refused | Class::Authentication | Class::Terminated => {
                found.of_user = true;
                found.subject = quoted_behind(text, "user \"");
            }
            Class::Configuration => found.subject = quoted(text),
            Class::Corruption | Class::Io => found.subject = quoted(text),
            _ => {}
        }
        return Some(found);
    }
    match severity {
        Severity::Error | Severity::Fatal | Severity::Panic => {
            Some(error(severity, text, sqlstate))
        }
        Severity::Warning => Some(plain(Class::Warning, "other")),
        Severity::Log
        | Severity::Notice
        | Severity::Info
        | Severity::Debug
        | Severity::Detail
        | Severity::Hint
        | Severity::Query
        | Severity::Context
        | Severity::Statement
        | Severity::Location
        | Severity::Backtrace => None,
    }
}

/// Messages of a server at work.
fn routine(text: &[u8]) -> Option<Meaning<'_>> {
    let mut found = Meaning {
        class: Class::Checkpoint,
        cause: String::new(),
        subject: &[],
        amount: 0,
        unit: "us",
        sqlstate: "",
        of_user: false,
    };
    if text.starts_with(b"temporary file: path ") {
        found.class = Class::TemporaryFile;
        found.unit = "bytes";
        found.amount = decimal_behind(text, ", size ").unwrap_or(0.0) as u64;
        return Some(found);
    }
    if text.starts_with(b"automatic ") {
        let (vacuum, analyze) = (
            contains(text.get(..60.min(text.len()))?, "vacuum"),
            text.starts_with(b"automatic analyze"),
        );
        if !vacuum && !analyze {
            return None;
        }
        found.class = if analyze { Class::Autoanalyze } else { Class::Autovacuum };
        let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if contains(first, "to prevent wraparound") {
            "wraparound".clone_into(&mut found.cause);
        } else if contains(first, "aggressive") {
            "aggressive".clone_into(&mut found.cause);
        }
        found.subject = quoted_behind(text, "table \"");
        found.amount = micros(decimal_behind(text, "elapsed: ").unwrap_or(0.0), 1e6);
        return Some(found);
    }
    if text.starts_with(b"recovery still waiting after ") {
        found.class = Class::ReplicationConflict;
        found.amount = micros(decimal_behind(text, "waiting after ").unwrap_or(0.0), 1e3);
        let cause = memmem::find(text, b"recovery conflict on ")
            .and_then(|at| text.get(at + 21..))
            .unwrap_or_default();
        found.cause = String::from_utf8_lossy(cause.get(..cause.len().min(40)).unwrap_or_default())
            .into_owned();
        return Some(found);
    }
    None
}

/// The cause of a checkpoint, from the words behind `checkpoint starting:`.
pub(crate) fn checkpoint_cause(text: &[u8]) -> &'static str {
    let restart = text.starts_with(b"restartpoint");
    let causes: [(&str, &str, &str); 5] = [
        ("shutdown", "shutdown", "restartpoint shutdown"),
        ("end-of-recovery", "end of recovery", "restartpoint"),
        (" wal", "wal", "restartpoint wal"),
        (" xlog", "wal", "restartpoint wal"),
        (" time", "time", "restartpoint time"),
    ];
    let plain = causes.iter().find(|(word, _, _)| contains(text, word));
    match (plain, restart) {
        (Some((_, cause, _)), false) => cause,
        (Some((_, _, cause)), true) => cause,
        (None, false) => "requested",
        (None, true) => "restartpoint",
    }
}

/// Which storage is full.
fn storage(text: &[u8]) -> &'static str {
    if contains(text, "pg_wal")
        || contains(text, "pg_xlog")
        || contains(text, "xlogtemp")
        || contains(text, "write-ahead log")
    {
        "wal"
    } else if contains(text, "pgsql_tmp") || contains(text, "temporary file") {
        "temporary file"
    } else if contains(text, "extend file")
        || contains(text, "base/")
        || contains(text, "write block")
    {
        "table"
    } else if contains(text, "shared memory") {
        "shared memory"
    } else {
        "file"
    }
}

/// `signal 9`, `exit code 1`: the number behind a word.
fn numbered(text: &[u8], word: &str) -> String {
    let key = format!("{word} ");
    match decimal_behind(text, &key) {
        Some(number) => format!("{word} {}", number as u64),
        None => word.to_owned(),
    }
}

/// An error by its text, else by its SQLSTATE.
fn error<'a>(severity: Severity, text: &'a [u8], sqlstate: &[u8]) -> Meaning<'a> {
    let class = if severity == Severity::Panic { Class::Panic } else { Class::Error };
    let mut found = Meaning {
        class,
        cause: "other".to_owned(),
        subject: &[],
        amount: 0,
        unit: "",
        sqlstate: "",
        of_user: false,
    };
    if let Some((_, cause, code)) = ERRORS.iter().find(|(words, _, _)| contains(text, words)) {
        (*cause).clone_into(&mut found.cause);
        found.sqlstate = code;
        if cause.ends_with("violation") {
            found.subject = quoted_behind(text, "constraint \"");
        } else if *cause == "permission denied" {
            found.subject = last_word(text);
        }
        return found;
    }
    let missing = memmem::find(text, b" does not exist");
    let exists = memmem::find(text, b" already exists");
    if missing.is_some() || exists.is_some() {
        let kinds: [(&str, &str, &str); 10] = [
            ("role \"", "role", "28000"),
            ("database \"", "database", "3D000"),
            ("relation \"", "table", "42P01"),
            ("column ", "column", "42703"),
            ("function ", "function", "42883"),
            ("index \"", "index", "42704"),
            ("prepared statement \"", "prepared statement", "26000"),
            ("schema \"", "schema", "3F000"),
            ("type \"", "type", "42704"),
            ("cursor \"", "cursor", "34000"),
        ];
        if let Some((key, kind, code)) =
            kinds.iter().find(|(key, _, _)| text.starts_with(key.as_bytes()))
        {
            let word = if missing.is_some() { "undefined" } else { "duplicate" };
            found.cause = format!("{word} {kind}");
            found.sqlstate = if missing.is_some() { code } else { "" };
            if severity == Severity::Fatal && matches!(*kind, "role" | "database") {
                found.class = Class::Authentication;
                (*kind).clone_into(&mut found.cause);
            }
            let rest = text.get(key.len()..).unwrap_or_default();
            let end = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b' ' | b'('))
                .unwrap_or(rest.len());
            found.subject = if *kind == "prepared statement" {
                &[]
            } else {
                rest.get(..end).unwrap_or_default()
            };
        }
        return found;
    }
    if let Some((_, cause)) =
        sqlstate.get(..2).and_then(|code| CODES.iter().find(|(known, _)| known.as_bytes() == code))
    {
        (*cause).clone_into(&mut found.cause);
    }
    found
}

fn last_word(text: &[u8]) -> &[u8] {
    text.rsplit(|byte| *byte == b' ').next().unwrap_or_default()
}

/// Words before a double quote behind which a name of the schema stands, which may be shown.
static NAMES: &[&str] = &[
    "relation",
    "table",
    "index",
    "constraint",
    "column",
    "database",
    "role",
    "user",
    "function",
    "schema",
    "type",
    "extension",
    "parameter",
    "file",
    "tablespace",
    "view",
    "sequence",
    "trigger",
    "path",
    "encoding",
    "publication",
    "subscription",
    "slot",
    "segment",
    "directory",
    "setting",
];

/// Longest sample of a message.
const SAMPLE_MAX: usize = 400;

/// The first line of a message with its values taken out: what stands in quotes, unless it is a
/// name of the schema; addresses and long numbers.
pub(crate) fn cleared(text: &[u8]) -> String {
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    // Only stderr says where in the statement.
    let first =
        memmem::find(first, b" at character ").and_then(|at| first.get(..at)).unwrap_or(first);
    let text =
        String::from_utf8_lossy(first.get(..first.len().min(SAMPLE_MAX * 2)).unwrap_or_default());
    let mut out = String::with_capacity(text.len().min(SAMPLE_MAX));
    let mut rest = text.as_ref();
    while let Some(at) = rest.find(['"', '\'']) {
        let (before, quoted) = rest.split_at(at);
        out.push_str(before);
        let quote = if quoted.starts_with('"') { '"' } else { '\'' };
        let inside = quoted.get(1..).unwrap_or_default();
        let end = inside.find(quote).unwrap_or(inside.len());
        let word = before.trim_end().rsplit(' ').next().unwrap_or_default();
        out.push(quote);
        if quote == '"' && NAMES.contains(&word) {
            out.push_str(inside.get(..end).unwrap_or_default());
        } else {
            out.push('?');
        }
        out.push(quote);
        rest = inside.get(end + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    out.truncate(out.floor_char_boundary(SAMPLE_MAX));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(severity: Severity, text: &str) -> (Class, String, String) {
        let found = meaning(severity, text.as_bytes(), b"").unwrap();
        (found.class, found.cause, String::from_utf8_lossy(found.subject).into_owned())
    }

    #[test]
    fn messages_have_the_class_that_a_responder_looks_for() {
        use Severity::{Error, Fatal, Log, Panic};
        for (severity, text, class, cause, subject) in [
            (Fatal, "sorry, too many clients already", Class::Refused, "too many clients", ""),
            (
                Fatal,
                "remaining connection slots are reserved for non-replication superuser connections",
                Class::Refused,
                "reserved slots",
                "",
            ),
            (
                Error,
                "canceling statement due to statement timeout",
                Class::Cancelled,
                "statement timeout",
                "",
            ),
            (
                Error,
                "canceling statement due to lock timeout at character 48",
                Class::Cancelled,
                "lock timeout",
                "",
            ),
            (
                Panic,
                "could not write to file \"pg_wal/xlogtemp.4711\": No space left on device",
                Class::DiskFull,
                "wal",
                "",
            ),
            (
                Error,
                "could not extend file \"base/16385/16402.1\": No space left on device",
                Class::DiskFull,
                "table",
                "",
            ),
            (
                Log,
                "server process (PID 4711) was terminated by signal 9: Killed",
                Class::Crash,
                "signal 9",
                "",
            ),
            (
                Log,
                "archive command failed with exit code 1",
                Class::ArchiveFailure,
                "exit code 1",
                "",
            ),
            (
                Error,
                "relation \"posts\" does not exist at character 15",
                Class::Error,
                "undefined table",
                "posts",
            ),
            (Fatal, "role \"nobody\" does not exist", Class::Authentication, "role", "nobody"),
            (
                Error,
                "duplicate key value violates unique constraint \"users_email_key\"",
                Class::Error,
                "unique violation",
                "users_email_key",
            ),
            (
                Log,
                "automatic vacuum of table \"mattermost.public.posts\": index scans: 0\nsystem usage: CPU: user: 0.01 s, elapsed: 0.08 s",
                Class::Autovacuum,
                "",
                "mattermost.public.posts",
            ),
            (
                Log,
                "could not fork new process for connection: Resource temporarily unavailable",
                Class::ForkFailure,
                "fork",
                "",
            ),
        ] {
            assert_eq!(of(severity, text), (class, cause.to_owned(), subject.to_owned()), "{text}");
        }
        assert_eq!(meaning(Log, b"listening on IPv4 address", b""), None);
    }

    #[test]
    fn samples_keep_names_and_lose_values() {
        assert_eq!(
            cleared(b"invalid input syntax for type integer: \"secret\""),
            "invalid input syntax for type integer: \"?\""
        );
        assert_eq!(
            cleared(b"relation \"posts\" does not exist"),
            "relation \"posts\" does not exist"
        );
        assert_eq!(cleared(b"value 'it"), "value '?'");
    }
}
