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
        (Log, "archive command failed with exit code 1", Class::ArchiveFailure, "exit code 1", ""),
        (
            Error,
            "relation \"posts\" does not exist at character 15",
            Class::Error,
            "undefined table",
            "posts",
        ),
        (Error, "column \"x\" does not exist", Class::Error, "undefined column", "x"),
        (Error, "column p.x does not exist", Class::Error, "undefined column", "p.x"),
        (
            Error,
            "column \"x\" of relation \"posts\" already exists",
            Class::Error,
            "duplicate column",
            "x",
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
    assert_eq!(cleared(b"relation \"posts\" does not exist"), "relation \"posts\" does not exist");
    assert_eq!(cleared(b"value 'it"), "value '?'");
}
