//! What could not be checked, why, and how to get what it needs; and what was found right.

use model::{CheckedInput, Incident, OutcomeKind, OutcomeLine, Unknown};
use std::collections::BTreeMap;
use tables::{Cell, Engine, Tables, find_fact};
use text::{Raw, Redactor, Text};

/// Missing facts and sources, those that most rules wait for first.
pub(crate) fn unknown(
    outcomes: &[OutcomeLine],
    inputs: &[CheckedInput],
    redactor: &Redactor,
    incident: Option<&Incident>,
    engine: Option<Engine>,
) -> Vec<Unknown> {
    let mut unknown = sources(inputs, incident);
    let mut by_missing: BTreeMap<&str, usize> = BTreeMap::new();
    for outcome in outcomes.iter().filter(|outcome| outcome.outcome == OutcomeKind::Skipped) {
        for missing in &outcome.missing {
            *by_missing.entry(missing.as_str()).or_default() += 1;
        }
    }
    let mut missing: Vec<(&str, usize)> = by_missing.into_iter().collect();
    missing.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    for (what, n_rules) in missing {
        let why = Text::ours(if n_rules == 1 {
            "1 rule needs it".to_owned()
        } else {
            format!("{n_rules} rules need it")
        });
        if let Some((requirement, why)) = what.split_once(": ") {
            // What a source cannot show: `all-statements: slow.log has slow statements only`.
            unknown.push(Unknown {
                what: Text::ours(requirement.replace('-', " ")),
                why: Text::value(redactor.clear(&Raw::new(why))),
                how_to_get: Text::ours(how_to_get_more(requirement, engine)),
            });
        } else if let Some(fact) = find_fact(what.trim_end_matches(" (masked)")) {
            // What this database does not have is not missing.
            let Some(how) = fact.how_to_get_on(engine) else { continue };
            let masked = what.ends_with(" (masked)");
            unknown.push(Unknown {
                what: Text::ours(fact.path),
                why: if masked { Text::ours("the server hides it in the packet") } else { why },
                how_to_get: Text::ours(how),
            });
        }
        // What remains are tables and columns: their sources are said as a whole above.
    }
    unknown
}

/// How to get what a source as it is cannot show.
fn how_to_get_more(requirement: &str, engine: Option<Engine>) -> &'static str {
    match (requirement, engine) {
        ("all-statements", Some(Engine::Postgresql)) => {
            "pg_stat_statements as CSV, twice, ten minutes apart; or log_min_duration_statement = 0 for one minute (large)"
        }
        ("all-statements", Some(Engine::Mysql)) => {
            "performance_schema.events_statements_summary_by_digest, twice, ten minutes apart; or long_query_time = 0 for one minute (large)"
        }
        ("all-statements", None) => {
            "the database's statistics of statements as CSV, twice, ten minutes apart: `analyze slowlog --how-to`"
        }
        ("all-series", _) => "export the panel with \"Series joined by time\"",
        ("info-level", _) => "LogSettings.FileLevel INFO",
        ("known-time-zone", _) => "--tz ZONE, the zone of the dashboard",
        ("whole-file", _) => "the rotated logs/mattermost-*.log.gz of the day",
        _ => "",
    }
}

/// Kinds of sources that were not given at all, or that miss the incident.
fn sources(inputs: &[CheckedInput], incident: Option<&Incident>) -> Vec<Unknown> {
    const KINDS: &[(&str, &[&str], &str)] = &[
        (
            "settings, diagnostics, jobs and plugins",
            &["packet", "packet member"],
            "support packet: System Console, Download Support Packet; or mmctl system supportpacket",
        ),
        ("what the server logged", &["log"], "logs/mattermost.log of every node"),
        (
            "queries, locks and refusals of the database",
            &["slow query log", "statement statistics"],
            "slow query log: `analyze request` prints the commands",
        ),
        (
            "latency, calls, CPU and memory over time",
            &["metrics"],
            "CSV exports from Grafana: `analyze request` prints the clicks",
        ),
        (
            "what the database does now: sessions, locks, dead rows, replicas",
            &["dba answers"],
            "the DBA's answers: `analyze dba` prints the questions",
        ),
    ];
    let mut unknown = Vec::new();
    for (what, kinds, how) in KINDS {
        let mine: Vec<&CheckedInput> = inputs
            .iter()
            .filter(|input| input.read && kinds.contains(&input.kind.as_str()))
            .collect();
        if mine.is_empty() {
            unknown.push(Unknown {
                what: Text::ours(*what),
                why: Text::ours("no such source"),
                how_to_get: Text::ours(*how),
            });
            continue;
        }
        let Some(incident) = incident else { continue };
        let windows: Vec<_> = mine.iter().filter_map(|input| input.window).collect();
        let Some(last) = windows.iter().map(|window| window.end).max() else { continue };
        if last < incident.start {
            unknown.push(Unknown {
                what: Text::ours(*what),
                why: Text::ours(format!(
                    "the data ends at {} UTC, before the incident",
                    last.format("%Y-%m-%d %H:%M")
                )),
                how_to_get: Text::ours(*how),
            });
        }
    }
    unknown
}

/// Settings that the playbook names and nothing was found about, with their values; and the areas
/// whose rules are clear.
pub(crate) fn fine(findings: &[model::Finding], tables: &Tables, redactor: &Redactor) -> Vec<Text> {
    const NAMED: &[(&str, &str, &str)] = &[
        ("user typing timeout", "ServiceSettings.TimeBetweenUserTypingUpdatesMilliseconds", " ms"),
        ("user typing messages", "ServiceSettings.EnableUserTypingMessages", ""),
        ("max notifications per channel", "TeamSettings.MaxNotificationsPerChannel", ""),
        ("replica lag settings", LAG_SETTINGS, ""),
    ];
    const LAG_SETTINGS: &str = "SqlSettings.ReplicaLagSettings.length";
    let replicas = tables.facts().get("SqlSettings.DataSourceReplicas.length", None).cell();
    let has_replicas = matches!(replicas, Cell::Int(n) if n > 0);
    let mut fine = Vec::new();
    for (label, path, unit) in NAMED {
        let accused = findings.iter().any(|finding| {
            finding.severity < model::Severity::Low
                && finding.evidence.iter().any(|entry| entry.text.plain().contains(path))
        });
        let Some(value) =
            super::system::shown(tables.facts().get(path, None).cell()).filter(|_| !accused)
        else {
            continue;
        };
        // Without a replica there is no lag to measure; with one, no setting is no good answer.
        if *path == LAG_SETTINGS && value == "0" && has_replicas {
            continue;
        }
        let mut text = Text::ours(format!("{label} "));
        text.push_value(redactor.clear(&Raw::new(value)));
        text.push_ours(*unit);
        fine.push(text);
    }
    if let Some(table) = tables.table("nodes") {
        let versions: std::collections::BTreeSet<String> = (0..table.n_rows())
            .filter_map(|row| {
                let Cell::Version(version) = table.column("version")?.get(row) else { return None };
                Some(version.to_string())
            })
            .collect();
        if table.n_rows() > 1 && versions.len() == 1 {
            fine.push(Text::ours("same version on all nodes"));
        }
    }
    fine
}
