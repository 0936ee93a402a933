//! What a member is: by content first, by its name where the content says nothing.

use crate::MemberKind;
use crate::layout::{file_name, is_debris};
use model::{Format, Head};
use std::io::Read as _;

/// The formats of members, most specific first. A loose file of any of them can be read alone.
pub static FORMATS: &[Format] = &[
    Format {
        name: "mattermost metadata",
        kind: "packet",
        score: |h| score(h, MemberKind::Metadata),
    },
    Format {
        name: "mattermost support packet yaml",
        kind: "packet",
        score: |h| score(h, MemberKind::SupportPacket),
    },
    Format {
        name: "mattermost diagnostics",
        kind: "packet",
        score: |h| score(h, MemberKind::Diagnostics),
    },
    Format { name: "mattermost stats", kind: "packet", score: |h| score(h, MemberKind::Stats) },
    Format { name: "mattermost jobs", kind: "packet", score: |h| score(h, MemberKind::Jobs) },
    Format {
        name: "mattermost permissions",
        kind: "packet",
        score: |h| score(h, MemberKind::Permissions),
    },
    Format { name: "mattermost plugins", kind: "packet", score: |h| score(h, MemberKind::Plugins) },
    Format {
        name: "mattermost configuration",
        kind: "packet",
        score: |h| score(h, MemberKind::Config),
    },
    Format {
        name: "mattermost database schema",
        kind: "packet",
        score: |h| score(h, MemberKind::DatabaseSchema),
    },
    Format {
        name: "postgresql schema dump",
        kind: "packet",
        score: |h| score(h, MemberKind::SchemaDump),
    },
    Format {
        name: "mattermost warnings",
        kind: "packet",
        score: |h| score(h, MemberKind::Warning),
    },
    Format { name: "goroutine dump", kind: "packet", score: |h| score(h, MemberKind::Goroutines) },
    Format { name: "cpu profile", kind: "packet", score: |h| score(h, MemberKind::CpuProfile) },
    Format { name: "heap profile", kind: "packet", score: |h| score(h, MemberKind::HeapProfile) },
];

/// The names that members have in packets.
const FILE_NAMES: &[(&str, MemberKind)] = &[
    ("support_packet.yaml", MemberKind::SupportPacket),
    ("metadata.yaml", MemberKind::Metadata),
    ("diagnostics.yaml", MemberKind::Diagnostics),
    ("stats.yaml", MemberKind::Stats),
    ("jobs.yaml", MemberKind::Jobs),
    ("permissions.yaml", MemberKind::Permissions),
    ("plugins.json", MemberKind::Plugins),
    ("sanitized_config.json", MemberKind::Config),
    ("config.json", MemberKind::Config),
    ("database_schema.yaml", MemberKind::DatabaseSchema),
    ("postgres_schema_dump.sql", MemberKind::SchemaDump),
    ("warning.txt", MemberKind::Warning),
    ("goroutines", MemberKind::Goroutines),
    ("cpu.prof", MemberKind::CpuProfile),
    ("heap.prof", MemberKind::HeapProfile),
    ("tsdb_dump.tar.gz", MemberKind::TsdbDump),
];

/// What a member of a packet is.
///
/// - Content that is clearly of a kind decides, whatever the name.
/// - Else the name decides: a broken member is still read, and what it lacks is said.
/// - Anything that ends in `.log`, and lines of a log under any name, is a log of the server, since
///   advanced logs have any name.
pub fn kind_of(head: &Head<'_>) -> MemberKind {
    if is_debris(head.path) {
        return MemberKind::Other;
    }
    let name = file_name(head.path);
    let by_name = FILE_NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    if by_name == Some(MemberKind::TsdbDump) {
        return MemberKind::TsdbDump;
    }
    if let Some(kind) = by_content(head.bytes) {
        return kind;
    }
    match by_name {
        // The server's own have `server:`; an empty or broken file in a folder of its own may be
        // either, and a plugin's is the smaller loss.
        Some(MemberKind::Diagnostics) if head.bytes.iter().any(u8::is_ascii_alphanumeric) => {
            MemberKind::PluginDiagnostics
        }
        Some(kind) => kind,
        None if name.ends_with(".log") || is_log(head) => MemberKind::Log,
        None => MemberKind::Other,
    }
}

/// Whether its lines are those of a log of the server.
fn is_log(head: &Head<'_>) -> bool {
    crate::log::FORMATS.iter().any(|format| (format.score)(head) > 0)
}

/// How sure a head is of that kind: 90 by content, 5 more when the name agrees.
fn score(head: &Head<'_>, kind: MemberKind) -> u8 {
    if by_content(head.bytes) != Some(kind) {
        return 0;
    }
    let name = file_name(head.path);
    90 + 5 * u8::from(FILE_NAMES.contains(&(name.as_str(), kind)))
}

/// The kind that the content alone shows.
fn by_content(bytes: &[u8]) -> Option<MemberKind> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.starts_with(b"\x1f\x8b") {
        return profile_kind(bytes);
    }
    let start = bytes.trim_ascii_start();
    if starts_goroutine(start) {
        return Some(MemberKind::Goroutines);
    }
    if start.starts_with(b"{") {
        return json_kind(start);
    }
    yaml_kind(bytes).or_else(|| text_kind(bytes))
}

/// `goroutine 12 [`: the dump's first line.
fn starts_goroutine(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(b"goroutine ") else { return false };
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let line_end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    digits > 0
        && rest.get(digits..line_end).is_some_and(|tail| memchr::memchr(b'[', tail).is_some())
}

/// The names at the start of lines: those of a YAML document's top level.
fn top_names(bytes: &[u8]) -> Vec<&[u8]> {
    let name = |line: &'_ [u8]| -> Option<usize> {
        let end = memchr::memchr(b':', line)?;
        let word = line.get(..end)?;
        let is_name = !word.is_empty()
            && word.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
            && matches!(line.get(end + 1), None | Some(b' ' | b'\r'));
        is_name.then_some(end)
    };
    bytes.split(|b| *b == b'\n').filter_map(|line| line.get(..name(line)?)).collect()
}

fn yaml_kind(bytes: &[u8]) -> Option<MemberKind> {
    let names = top_names(bytes);
    let has = |name: &str| names.contains(&name.as_bytes());
    let count = |wanted: &[&str]| wanted.iter().filter(|name| has(name)).count();
    if has("generated_at") && has("type") && (has("server_id") || has("server_version")) {
        return Some(MemberKind::Metadata);
    }
    if count(&["server_os", "server_architecture", "database_type", "database_version"]) >= 2 {
        return Some(MemberKind::SupportPacket);
    }
    if has("server") && count(&["database", "license", "file_store", "websocket", "config"]) >= 1 {
        return Some(MemberKind::Diagnostics);
    }
    if names.iter().filter(|name| name.ends_with(b"_jobs")).count() >= 2 {
        return Some(MemberKind::Jobs);
    }
    if count(&["registered_users", "active_users", "daily_active_users", "posts", "channels"]) >= 3
    {
        return Some(MemberKind::Stats);
    }
    if has("roles") && has("schemes") || has("roles") && contains(bytes, b"scheme_managed:") {
        return Some(MemberKind::Permissions);
    }
    if has("tables") && (contains(bytes, b"data_type:") || has("database_encoding")) {
        return Some(MemberKind::DatabaseSchema);
    }
    None
}

fn text_kind(bytes: &[u8]) -> Option<MemberKind> {
    if contains(bytes, b"-- PostgreSQL database dump") {
        return Some(MemberKind::SchemaDump);
    }
    let line_end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    let first = bytes.get(..line_end).unwrap_or_default().trim_ascii_end();
    let is_multierror = first.ends_with(b"errors occurred:") || first.ends_with(b"error occurred:");
    (is_multierror && first.first().is_some_and(u8::is_ascii_digit)).then_some(MemberKind::Warning)
}

/// Kinds of JSON objects, by the names of their first level.
fn json_kind(bytes: &[u8]) -> Option<MemberKind> {
    // A log line is an object too, and ends with its line.
    if looks_like_json_lines(bytes) {
        return None;
    }
    let has = |name: &str| contains(bytes, format!("\"{name}\":").as_bytes());
    let sections =
        ["ServiceSettings", "TeamSettings", "SqlSettings", "LogSettings", "ClientRequirements"];
    if sections.iter().any(|name| has(name)) {
        return Some(MemberKind::Config);
    }
    let first = bytes.get(1..).unwrap_or_default().trim_ascii_start();
    let lists = [&b"\"enabled\":"[..], b"\"disabled\":", b"\"active\":", b"\"inactive\":"];
    if lists.iter().any(|name| first.starts_with(name)) {
        let rest = bytes.trim_ascii_end();
        let plugins =
            contains(bytes, b"\"min_server_version\":") || contains(bytes, b"\"webapp\":");
        let other_list = lists.iter().filter(|name| contains(rest, name)).count() >= 2;
        return (plugins || other_list).then_some(MemberKind::Plugins);
    }
    None
}

/// Whether the first line is an object of its own with a level or a time, as in logs.
fn looks_like_json_lines(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    let line_end = memchr::memchr(b'\n', start).unwrap_or(start.len());
    let first = start.get(..line_end).unwrap_or_default().trim_ascii_end();
    first.starts_with(b"{\"")
        && [&b"\"level\":"[..], b"\"timestamp\":", b"\"msg\":", b"\"event_name\":", b"\"ts\":"]
            .iter()
            .any(|name| contains(first, name))
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    memchr::memmem::find(bytes, what).is_some()
}

/// CPU or heap, by the number of sample types, which stand first in a profile: two (samples, cpu)
/// or four (objects and space, allocated and in use).
fn profile_kind(bytes: &[u8]) -> Option<MemberKind> {
    let mut start = Vec::new();
    // The sample types take some 50 bytes.
    let _ = flate2::read::GzDecoder::new(bytes).take(256).read_to_end(&mut start);
    let mut types = 0;
    let mut rest = start.as_slice();
    while let Some((&[0x0a, len], tail)) = rest.split_first_chunk::<2>() {
        if len > 8 || !matches!(tail.first(), None | Some(0x08)) {
            return None;
        }
        types += 1;
        rest = tail.get(usize::from(len)..).unwrap_or_default();
    }
    match types {
        2 => Some(MemberKind::CpuProfile),
        4 => Some(MemberKind::HeapProfile),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
