//! What a pooler's message means: class and cause. Causes of its own begin with `pooler: `, so that
//! nobody takes them for the database's.
//!
//! Source: PgBouncer 1.25, `src/client.c`, `src/janitor.c`, `src/objects.c`, `src/server.c`,
//! `src/main.c`; its manual on the settings that the causes are named after.

use super::line::{Level, Line};
use crate::pg::message::{self, Meaning};
use crate::pg::severity::Severity;
use crate::records::EventClass as Class;
use memchr::memmem;

/// Texts that a message begins with, and what they mean: the first that fits counts.
const KNOWN: &[(&str, Class, &str)] = &[
    ("no more connections allowed", Class::Refused, "pooler: max_client_conn"),
    ("client connections exceeded (max_db", Class::Refused, "pooler: max_db_client_connections"),
    ("client connections exceeded", Class::Refused, "pooler: max_user_client_connections"),
    ("query_wait_timeout", Class::Terminated, "pooler: query_wait_timeout"),
    ("query_timeout", Class::Terminated, "pooler: query_timeout"),
    ("query timeout", Class::Terminated, "pooler: query_timeout"),
    ("client_idle_timeout", Class::Terminated, "pooler: client_idle_timeout"),
    ("client_login_timeout", Class::Refused, "pooler: client_login_timeout"),
    ("idle transaction timeout", Class::Terminated, "pooler: idle_transaction_timeout"),
    ("idle_transaction_timeout", Class::Terminated, "pooler: idle_transaction_timeout"),
    ("transaction timeout", Class::Terminated, "pooler: transaction_timeout"),
    ("transaction_timeout", Class::Terminated, "pooler: transaction_timeout"),
    ("server conn crashed", Class::Terminated, "pooler: server connection lost"),
    ("server login has been failing", Class::Refused, "pooler: server_login_retry"),
    ("server_login_retry", Class::Refused, "pooler: server_login_retry"),
    ("connect failed", Class::Refused, "pooler: server unreachable"),
    ("cannot connect to server", Class::Refused, "pooler: server unreachable"),
    ("sbuf_connect failed", Class::Refused, "pooler: server unreachable"),
    ("connect timeout", Class::Refused, "pooler: server unreachable"),
    ("server DNS lookup failed", Class::Refused, "pooler: server name not found"),
    ("DNS lookup failed", Class::Refused, "pooler: server name not found"),
    ("server login failed", Class::Refused, "pooler: server login failed"),
    ("login failed", Class::Refused, "pooler: server login failed"),
    ("accept() failed", Class::Refused, "pooler: accept failed"),
    ("bouncer config error", Class::Configuration, "pooler: configuration"),
    ("no such database", Class::Authentication, "database"),
    ("no such user", Class::Authentication, "role"),
    ("password authentication failed", Class::Authentication, "password"),
    ("SASL authentication failed", Class::Authentication, "password"),
    ("auth failed", Class::Authentication, "password"),
    ("Auth failed", Class::Authentication, "password"),
    ("certificate authentication failed", Class::Authentication, "method"),
    ("LDAP authentication failed", Class::Authentication, "method"),
    ("PAM authentication failed", Class::Authentication, "method"),
    ("no authentication method", Class::Authentication, "method"),
    ("login rejected", Class::Authentication, "method"),
    ("pgbouncer cannot connect", Class::Refused, "pooler: server unreachable"),
    ("process up", Class::Restart, "pooler: started"),
    ("got SIGTERM", Class::Restart, "pooler: shutdown requested"),
    ("got SIGINT", Class::Restart, "pooler: shutdown requested"),
    ("shutting down", Class::Restart, "pooler: shutdown requested"),
    ("server shutting down", Class::Terminated, "pooler: shutdown"),
    ("pooler is shut", Class::Refused, "pooler: shutdown"),
    ("out of memory", Class::OutOfMemory, "pooler"),
    ("no memory", Class::OutOfMemory, "pooler"),
];

/// A message without what is put around it.
pub(super) struct Said<'a> {
    pub(super) text: &'a [u8],
    /// Whether it says why a connection was closed, or what a client was told of it: the two are
    /// logged one after the other.
    pub(super) of_end: bool,
}

/// Takes off what stands around a reason.
pub(super) fn said<'a>(line: &Line<'a>) -> Said<'a> {
    let text = line.text;
    for begin in [&b"closing because: "[..], b"pooler error: ", b"Pooler Error: "] {
        if let Some(rest) = text.strip_prefix(begin) {
            let end = memmem::rfind(rest, b" (age=").unwrap_or(rest.len());
            return Said { text: rest.get(..end).unwrap_or(rest), of_end: true };
        }
    }
    Said { text, of_end: false }
}

/// What a message means; `None` for one that says nothing.
pub(super) fn meaning<'a>(line: &Line<'a>, said: &Said<'a>) -> Option<Meaning<'a>> {
    let text = said.text;
    let user = line.socket.map(|socket| socket.user).unwrap_or_default();
    // What the database itself answered stands behind: `server login failed: FATAL sorry, ...`.
    let own = memmem::find(text, b"FATAL").and_then(|at| text.get(at + 5..)).filter(|_| {
        text.starts_with(b"server login failed") || text.starts_with(b"server login has been")
    });
    if let Some(own) = own {
        let own = own.strip_prefix(b":").unwrap_or(own).trim_ascii_start();
        let found = message::meaning(Severity::Fatal, own, &[]);
        if let Some(found) = found.filter(|found| found.class != Class::Error) {
            return Some(Meaning { subject: user, ..found });
        }
    }
    let known = KNOWN.iter().find(|(begin, _, _)| text.starts_with(begin.as_bytes()));
    if let Some((_, class, cause)) = known {
        return Some(Meaning { subject: user, ..Meaning::plain(*class, cause) });
    }
    match line.level {
        // Why an ordinary connection was closed.
        _ if said.of_end && line.level == Level::Log => None,
        Level::Fatal | Level::Error => Some(Meaning::plain(Class::Error, "pooler: other")),
        Level::Warning => Some(Meaning::plain(Class::Warning, "pooler: other")),
        Level::Log | Level::Other => None,
    }
}
