//! The closed lists that rules choose from.

/// Root causes that a rule may argue for: those that suspects are ranked by, and `none` for none of
/// them.
pub fn causes() -> impl Iterator<Item = &'static str> {
    diagnosis::CAUSES.iter().map(|cause| cause.id).chain(["none"])
}

/// Steps of the playbook, by id.
pub static STEPS: &[&str] = &[
    "create-incident-channel",
    "add-responders",
    "start-call",
    "reply-first",
    "share-system-information",
    "share-grafana-screenshots",
    "share-support-bundle",
    "share-slow-query-logs",
    "pin-data",
    "review-configuration",
    "review-grafana",
    "review-support-bundle",
    "review-slow-query-logs",
    "summarise-findings",
    "reply-update-1",
    "identify-codebase-areas",
    "identify-root-cause",
    "identify-solution",
    "submit-pull-request",
    "decide-verification",
    "reply-update-2",
    "merge-pull-request",
    "cherry-pick",
    "cut-release-candidate",
    "verify-release-candidate",
    "cut-dot-release",
    "reply-update-3",
    "send-binary",
    "upgrade-staging",
    "verify-staging",
    "upgrade-production",
    "verify-production",
    "reply-update-4",
    "monitor-24-hours",
    "receive-confirmation",
    "reply-update-5",
    "retrospective",
    "draft-summary",
    "send-summary",
    "reply-final",
];

/// What a rule may ask of its sources: the word, and the limits of a source that break it. A limit
/// breaks it when it starts with one of these.
pub static REQUIREMENTS: &[(&str, &[&str])] = &[
    ("all-statements", &["slow statements only", "sampled"]),
    ("all-series", &["first series only"]),
    ("info-level", &["warnings and errors only", "errors only"]),
    ("known-time-zone", &["local time without zone"]),
    ("whole-file", &["truncated", "rotated"]),
];
