//! Messages that are known from outages, by id.
//!
//! The list is matched once per pattern, never per line. The first entry that fits is the
//! pattern's; entries of what failed (`db-ping-failed`) stand before entries of why
//! (`connection-refused`), and what names its subsystem before what does not.

use super::{KNOWN, Origin};

/// A known message.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its id: what rules and tables name. Never reused.
    pub id: &'static str,
    /// One of these is in the message; empty: any message. Lower case.
    pub(super) msg: &'static [&'static str],
    /// One of these is in the message or its error; empty: any. Lower case.
    pub(super) text: &'static [&'static str],
    /// None of these is.
    pub(super) not: &'static [&'static str],
    /// What the line has to come from besides.
    pub(super) scope: Scope,
    /// What it means for the service.
    pub meaning: &'static str,
    /// Where in the server's or a library's source the text stands.
    pub source: &'static str,
}

/// What a line has to come from, so that the same words are not taken for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Any,
    /// The database layer: an error of the API or of a store, not of an HTTP client or a plugin.
    Store,
    /// A plugin.
    Plugin,
    /// Text of the Go runtime.
    Runtime,
    /// An audit record.
    Audit,
}

/// Words of messages about requests that the server makes itself: not the database.
const OUTGOING: &[&str] = &[
    "og image",
    "oembed",
    "opengraph",
    "link metadata",
    "link preview",
    "webhook",
    "integration",
    "outgoing",
    "slash command",
    "push proxy",
    "push notification",
    "smtp",
    "email",
    "mail server",
    "ldap",
    "saml",
    "elasticsearch",
    "opensearch",
    "redis",
    "s3",
    "minio",
    "bulk index",
    "notices",
    "security update",
    "telemetry",
    "marketplace",
    "image proxy",
    "client.timeout",
    "awaiting headers",
    "<url>",
    "http request",
    "rpc",
    "file storage",
    "filestore",
];

/// Words of errors of HTTP clients and of services beside the database.
const CLIENTS: &[&str] = &[
    "client.timeout",
    "awaiting headers",
    "<url>",
    "elasticsearch",
    "opensearch",
    "ldap",
    "smtp",
    "push proxy",
    "webhook",
    "image proxy",
    "minio",
    "bucket",
    "file storage",
    "filestore",
    "integration",
    "marketplace",
    "rpc error",
    "plugin",
    "saml",
    "oauth",
];

/// What the server's stores failed to do ...
const STORE_VERBS: &[&str] =
    &["find", "get", "count", "save", "update", "delete", "insert", "upsert", "select", "query"];
/// ... to what, without the s of several.
const STORE_NOUNS: &[&str] = &[
    "post",
    "user",
    "channel",
    "channelmember",
    "team",
    "teammember",
    "session",
    "statu",
    "preference",
    "fileinfo",
    "reaction",
    "thread",
    "threadmembership",
    "bot",
    "pluginkeyvalue",
];

/// Words of errors that come from the database layer.
const STORE: &[&str] = &[
    "failed to find",
    "failed to get",
    "failed to count",
    "failed to save",
    "failed to update",
    "failed to fetch",
    "failed to delete",
    "failed to insert",
    "failed to select",
    "failed to scan",
    "failed to query",
    "failed to search",
    "failed to execute",
    "failed to retrieve",
    "failed to upsert",
    "unable to get",
    "unable to save",
    "unable to update",
    "unable to find",
    "unable to delete",
    "_select",
    "_update",
    "_insert",
    "begin_transaction",
    "commit_transaction",
    "pq:",
    "sql:",
    "sqlstore",
    "error finding",
    "error while finding",
    "store",
    "db",
    "database",
    "transaction",
    "query error",
];

/// The known message that a pattern is: its message and error, masked, and where it comes from.
pub(super) fn known(msg: &str, error: &str, origin: Origin) -> Option<&'static Known> {
    let msg = msg.to_lowercase();
    let text =
        if error.is_empty() { msg.clone() } else { format!("{msg}: {}", error.to_lowercase()) };
    let any = |words: &[&str], text: &str| words.iter().any(|word| text.contains(word));
    KNOWN.iter().find(|known| {
        (known.msg.is_empty() || any(known.msg, &msg))
            && (known.text.is_empty() || any(known.text, &text))
            && !any(known.not, &text)
            && in_scope(known.scope, &text, origin)
    })
}

/// Whether an error is one of the server's own stores, `failed to save Post`, which a plugin that
/// asked for it only passes on.
fn quotes_store(text: &str) -> bool {
    text.match_indices("failed to ").any(|(at, key)| {
        let mut words = text.get(at + key.len()..).unwrap_or_default().split([' ', ':']);
        words.next().is_some_and(|verb| STORE_VERBS.contains(&verb))
            && words.next().is_some_and(|noun| STORE_NOUNS.contains(&noun.trim_end_matches('s')))
    })
}

fn in_scope(scope: Scope, text: &str, origin: Origin) -> bool {
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match scope {
        Scope::Any => origin != Origin::Audit,
        Scope::Audit => origin == Origin::Audit,
        Scope::Plugin => origin == Origin::Plugin,
        Scope::Runtime => origin == Origin::Runtime,
        Scope::Store => match origin {
            // The API's own messages name e-mails and plugins of users: only what an HTTP client
            // or another service says counts against the database.
            Origin::Api => any(&["pq:", "sql:"]) || !any(CLIENTS),
            Origin::Server => !any(OUTGOING) && any(STORE),
            // What a plugin asked the server for and the server's database did not give.
            Origin::Plugin => quotes_store(text),
            Origin::Audit | Origin::Runtime => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(msg: &str, error: &str, origin: Origin) -> &'static str {
        known(msg, error, origin).map_or("", |known| known.id)
    }

    #[test]
    fn ids_are_kebab_case_and_unique_and_texts_are_lower_case() {
        let mut ids: Vec<&str> = KNOWN.iter().map(|known| known.id).collect();
        ids.sort_unstable();
        let n = ids.len();
        ids.dedup();
        assert_eq!(n, ids.len());
        for known in KNOWN {
            assert!(
                known.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            );
            assert!(!known.source.is_empty() && !known.meaning.is_empty(), "{}", known.id);
            for text in known.msg.iter().chain(known.text).chain(known.not) {
                assert_eq!(*text, text.to_lowercase(), "{}", known.id);
            }
        }
    }

    #[test]
    fn deadlines_of_the_store_are_told_from_those_of_others() {
        let deadline = "context deadline exceeded";
        let http = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
        let store = "failed to find Posts with channelId=<id>: context deadline exceeded";
        assert_eq!(
            id("Unable to get the posts for the channel.", store, Origin::Api),
            "store-deadline-exceeded"
        );
        assert_eq!(
            id("Failed to get user threads", store, Origin::Server),
            "store-deadline-exceeded"
        );
        assert_eq!(
            id(
                "Unable to save direct channel.",
                "default_channel_roles_select: context deadline exceeded",
                Origin::Api
            ),
            "store-deadline-exceeded"
        );
        assert_eq!(
            id("error fetching OG image data", http, Origin::Server),
            "link-preview-deadline"
        );
        assert_eq!(
            id("Outgoing Webhook POST timed out. Consider increasing", http, Origin::Server),
            "outgoing-webhook-timeout"
        );
        assert_eq!(id("Something", deadline, Origin::Plugin), "plugin-deadline-exceeded");
        assert_eq!(
            id(
                "Failed to create post",
                "failed to save Post: context deadline exceeded",
                Origin::Plugin
            ),
            "store-deadline-exceeded",
            "the plugin waits for the server's database"
        );
        assert_eq!(
            id("Sync", "failed to get issues: context deadline exceeded", Origin::Plugin),
            "plugin-deadline-exceeded"
        );
        assert_eq!(
            id("Failed to check notices", http, Origin::Server),
            "outgoing-deadline-exceeded"
        );
    }

    #[test]
    fn what_failed_goes_before_why() {
        assert_eq!(
            id("Failed to ping DB", "dial tcp <ip>: connection refused", Origin::Server),
            "db-ping-failed"
        );
        assert_eq!(
            id(
                "Failed to send to push proxy",
                "Device was reported as removed by the push proxy server. Reason: BadDeviceToken",
                Origin::Server
            ),
            "bad-device-token"
        );
        assert_eq!(
            id("Failed to send to push proxy", "dial tcp: i/o timeout", Origin::Server),
            "push-proxy-send-error"
        );
        assert_eq!(
            id(
                "Unable to save the Post.",
                "failed to save Post: pq: could not extend file <str>: No space left on device",
                Origin::Api
            ),
            "no-space-left"
        );
        assert_eq!(
            id(
                "Error fetching blocks for board",
                "pq: sorry, too many clients already",
                Origin::Plugin
            ),
            "too-many-clients"
        );
        assert_eq!(
            id("Unable to get the channels.", "failed: context canceled", Origin::Api),
            "context-canceled"
        );
        assert_eq!(
            id(
                "Failed to upload",
                "The difference between the request time and the server's time is too large.",
                Origin::Server
            ),
            "request-time-too-skewed"
        );
    }
}
