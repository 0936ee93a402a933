//! Tables and facts of support packets.

use super::{TablesBuilder, table};
use crate::clearing::Clearing;
use crate::coverage::SourceCoverage;
use crate::engine::product_of;
use crate::facts::{Stored, find_fact};
use crate::{Cell, FactDoc, Kind};
use chrono::{DateTime, Utc};
use model::Place;
use packet::{MemberKind, Packet, Scalar};
use std::collections::BTreeMap;
use text::{Redactor, Value};

/// A fact as a packet says it, until it is known which packet the facts come from.
#[derive(Clone, Debug)]
pub(crate) struct PacketFact {
    doc: &'static FactDoc,
    node: Option<String>,
    stored: Stored,
    place: Place,
}

/// A packet that was read.
#[derive(Clone, Debug)]
pub(crate) struct PacketFacts {
    pub(crate) source: String,
    pub(crate) generated_at: Option<DateTime<Utc>>,
    pub(crate) nodes: Vec<String>,
    pub(crate) facts: Vec<PacketFact>,
}

/// The entries of lists of scalars, by node and path, with the place of the first.
type Lists<'p> = BTreeMap<(Option<&'p str>, &'p str), (Vec<&'p Scalar>, &'p Place)>;

impl TablesBuilder {
    /// Adds a packet: its tables, and its facts as candidates. Its logs are added too.
    pub fn packet(&mut self, packet: &Packet, redactor: &Redactor) {
        let clearing = &Clearing::with(redactor);
        self.sources_of(packet, clearing);
        self.nodes(packet, clearing);
        self.settings(packet, clearing);
        self.runs(packet, clearing);
        self.schema(packet, clearing);
        self.profiles(packet, clearing);
        self.logs(&packet.logs, redactor);
        let facts = self.facts_of(packet, clearing);
        self.packets.push(facts);
    }

    /// Declares the tables that the members of a packet fill.
    fn sources_of(&mut self, packet: &Packet, clearing: &Clearing<'_>) {
        for member in packet.members.iter().filter(|member| member.read) {
            let source = SourceCoverage {
                label: member.source.clone(),
                node: member
                    .node
                    .as_deref()
                    .map(|node| clearing.name(node).as_str().to_owned())
                    .unwrap_or_default(),
                window: None,
                limits: member.coverage.limits.clone(),
                records: member.coverage.records,
            };
            for name in tables_of(member.kind) {
                self.source(name, source.clone());
            }
        }
        let whole = SourceCoverage::covering(&packet.source, None);
        for name in ["nodes", "warnings"] {
            self.source(name, whole.clone());
        }
    }

    fn nodes(&mut self, packet: &Packet, clearing: &Clearing<'_>) {
        let alone = [None];
        let named: Vec<Option<&str>> =
            packet.nodes.iter().map(|node| Some(node.as_str())).collect();
        let nodes = if named.is_empty() { &alone[..] } else { &named };
        let table = self.data(table("nodes"));
        for node in nodes {
            let mut facts: BTreeMap<&str, &packet::FactRecord> = BTreeMap::new();
            for fact in &packet.facts {
                if fact.node.is_none() || fact.node.as_deref() == *node {
                    let known = facts.entry(fact.path.as_str()).or_insert(fact);
                    if fact.node.is_some() {
                        *known = fact;
                    }
                }
            }
            let host = facts.get("server.hostname").and_then(|fact| text_of(&fact.value));
            let name = node.or(host).unwrap_or_default();
            let first = ["server.version", "server.hostname", "server.os"]
                .iter()
                .find_map(|path| facts.get(path))
                .map(|fact| fact.place.clone());
            let place = first.unwrap_or_else(|| whole(&packet.source));
            table.push(&place, |row| {
                row.value_or_gap("node", clearing.name(name));
                for column in row.doc().columns {
                    let Some(fact) = facts.get(fact_path(column.name).as_str()) else { continue };
                    if let Some(stored) = store(&fact.path, column.kind, &fact.value, clearing) {
                        row.stored(column.name, stored);
                    }
                }
                row.word("packet", &packet.source);
            });
        }
    }

    fn settings(&mut self, packet: &Packet, clearing: &Clearing<'_>) {
        let table_settings = self.data(table("settings"));
        for setting in &packet.settings {
            table_settings.push(&setting.place, |row| {
                row.value_or_gap("node", clearing.name(setting.node.as_deref().unwrap_or("")));
                row.value("path", clearing.name(&setting.path));
                if let Some(value) = shown(&setting.path, &setting.value, clearing) {
                    row.value("value", value);
                }
                row.bool("masked", Some(setting.value == Scalar::Masked));
                row.word("packet", &packet.source);
            });
        }
        let items = self.data(table("setting_items"));
        for item in &packet.setting_items {
            items.push(&item.place, |row| {
                row.value_or_gap("node", clearing.name(item.node.as_deref().unwrap_or("")));
                row.value("path", clearing.name(&item.path));
                row.int("index", Some(item.index));
                row.value("key", clearing.name(&item.key));
                if let Some(value) = shown(&item.key, &item.value, clearing) {
                    row.value("value", value);
                }
                row.bool("masked", Some(item.value == Scalar::Masked));
                row.word("packet", &packet.source);
            });
        }
    }

    fn runs(&mut self, packet: &Packet, clearing: &Clearing<'_>) {
        let jobs = self.data(table("jobs"));
        for job in &packet.jobs {
            jobs.push(&job.place, |row| {
                row.value("id", clearing.text(&job.id));
                row.value("type", clearing.name(&job.kind));
                row.value("status", clearing.name(&job.status));
                row.int("priority", job.priority);
                row.int("progress", job.progress);
                row.time("created_at", job.created_at);
                row.time("started_at", job.started_at);
                row.time("ended_at", job.last_activity_at);
                if let Some(error) = &job.error {
                    row.value("error", clearing.text(error));
                }
                row.word("packet", &packet.source);
            });
        }
        let plugins = self.data(table("plugins"));
        for plugin in &packet.plugins {
            plugins.push(&plugin.place, |row| {
                row.value("id", clearing.name(&plugin.id));
                row.value("name", clearing.text(&plugin.name));
                row.value("version", clearing.text(&plugin.version));
                row.word("state", plugin.state.as_str());
                if let Some(version) = &plugin.min_server_version {
                    row.value("min_server_version", clearing.text(version));
                }
                row.bool("has_server", Some(plugin.has_server));
                row.word("packet", &packet.source);
            });
        }
        let warnings = self.data(table("warnings"));
        for warning in &packet.warnings {
            warnings.push(&warning.place, |row| {
                row.value("text", clearing.text(&warning.text));
                row.word("packet", &packet.source);
            });
        }
    }

    fn profiles(&mut self, packet: &Packet, clearing: &Clearing<'_>) {
        let goroutines = self.data(table("goroutines"));
        for group in &packet.goroutines {
            goroutines.push(&group.place, |row| {
                row.value_or_gap("node", clearing.name(group.node.as_deref().unwrap_or("")));
                row.value("state", clearing.name(&group.state));
                if let Some(reason) = &group.wait_reason {
                    row.value("wait_reason", clearing.name(reason));
                }
                row.int("goroutines", Some(group.goroutines));
                row.int("waiting_over_minute", Some(group.waiting_over_minute));
                row.int("longest_wait_min", Some(group.longest_wait_min));
                row.value("top", clearing.text(&group.top));
                let frames: Vec<text::Raw> =
                    group.stack.untrusted().lines().map(text::Raw::from).collect();
                row.value("stack", clearing.joined(&frames, " < "));
                row.word("packet", &packet.source);
            });
        }
        let profile = self.data(table("profile"));
        for function in &packet.profile {
            profile.push(&function.place, |row| {
                row.value_or_gap("node", clearing.name(function.node.as_deref().unwrap_or("")));
                row.word("kind", function.kind.as_str());
                row.value("function", clearing.text(&function.function));
                row.value_or_gap("file", clearing.text(&function.file));
                row.int("line", Some(function.line).filter(|line| *line > 0));
                row.int("flat", Some(function.flat));
                row.int("cumulative", Some(function.cumulative));
                row.float("flat_share", Some(function.flat_share));
                row.float("cumulative_share", Some(function.cumulative_share));
                row.value("unit", clearing.name(&function.unit));
                row.word("packet", &packet.source);
            });
        }
    }

    /// The facts that a packet says, coerced to the catalogue's kinds.
    fn facts_of(&mut self, packet: &Packet, clearing: &Clearing<'_>) -> PacketFacts {
        let mut facts = Vec::new();
        let mut lists: Lists<'_> = BTreeMap::new();
        let settings = packet.settings.iter().map(|setting| {
            (setting.path.as_str(), setting.node.as_deref(), &setting.value, &setting.place)
        });
        let values = packet
            .facts
            .iter()
            .map(|fact| (fact.path.as_str(), fact.node.as_deref(), &fact.value, &fact.place));
        for (path, node, value, place) in settings.chain(values) {
            if let Some((list, _)) = path.rsplit_once('.').filter(|(_, last)| is_index(last)) {
                lists.entry((node, list)).or_insert_with(|| (Vec::new(), place)).0.push(value);
                continue;
            }
            // An empty list is known, and empty.
            if let Some(list) = path.strip_suffix(".length")
                && *value == Scalar::Int(0)
                && let Some(doc) = find_fact(list).filter(|doc| doc.kind == Kind::Text)
            {
                facts.push(self.packet_fact(
                    doc,
                    node,
                    Stored::Text(Value::trusted("")),
                    place,
                    clearing,
                ));
            }
            let Some(doc) = find_fact(path) else { continue };
            let Some(stored) = store(path, doc.kind, value, clearing) else { continue };
            // A version as a number no longer says whose it is.
            if path == "database.version"
                && let Some(product) = text_of(value).and_then(product_of)
                && let Some(doc) = find_fact("database.product")
            {
                let stored = Stored::Text(Value::trusted(product));
                facts.push(self.packet_fact(doc, node, stored, place, clearing));
            }
            if stored == Stored::Unreadable {
                let reason = format!("`{path}` is not of type {}", doc.kind.as_str());
                self.tables.issues.add(reason, place.location.clone(), 0);
            }
            facts.push(self.packet_fact(doc, node, stored, place, clearing));
        }
        for ((node, list), (values, place)) in lists {
            let Some(doc) = find_fact(list).filter(|doc| doc.kind == Kind::Text) else { continue };
            let shown: Vec<Value> =
                values.iter().filter_map(|value| shown(list, value, clearing)).collect();
            let stored = if shown.len() == values.len() {
                let words: Vec<&str> = shown.iter().map(Value::as_str).collect();
                Stored::Text(Value::trusted(&words.join(", ")))
            } else {
                Stored::Masked
            };
            facts.push(self.packet_fact(doc, node, stored, place, clearing));
        }
        let own = |path: &str, stored: Option<Stored>| {
            let fact = |(doc, stored)| PacketFact {
                doc,
                node: None,
                stored,
                place: whole(&packet.source),
            };
            find_fact(path).zip(stored).map(fact)
        };
        let count = |count: usize| i64::try_from(count).ok().map(Stored::Int);
        let has_schema = packet.members.iter().any(|member| {
            member.read
                && matches!(member.kind, MemberKind::DatabaseSchema | MemberKind::SchemaDump)
        });
        let derived = [
            own("packet.era", Some(Stored::Text(Value::trusted(packet.era.as_str())))),
            own("packet.generated_at", packet.generated_at.map(Stored::Time)),
            own("packet.nodes", count(packet.nodes.len().max(1))),
            own("packet.warnings", count(packet.warnings.len())),
            own("packet.has_schema", Some(Stored::Bool(has_schema))),
        ];
        for fact in derived.into_iter().flatten() {
            if !facts.iter().any(|known: &PacketFact| known.doc.path == fact.doc.path) {
                facts.push(fact);
            }
        }
        let nodes =
            packet.nodes.iter().map(|node| clearing.name(node).as_str().to_owned()).collect();
        PacketFacts {
            source: packet.source.clone(),
            generated_at: packet.generated_at,
            nodes,
            facts,
        }
    }

    #[expect(clippy::unused_self, reason = "reads as part of the builder")]
    fn packet_fact(
        &self,
        doc: &'static FactDoc,
        node: Option<&str>,
        stored: Stored,
        place: &Place,
        clearing: &Clearing<'_>,
    ) -> PacketFact {
        let node = node.map(|node| clearing.name(node).as_str().to_owned());
        PacketFact { doc, node, stored, place: place.clone() }
    }

    /// Puts the facts of the chosen packet, or of the newest, where the user gave none.
    pub(crate) fn settle_facts(&mut self) {
        let chosen = self.chosen_packet.clone();
        let newest = self
            .packets
            .iter()
            .filter(|packet| chosen.as_ref().is_none_or(|chosen| *chosen == packet.source))
            .max_by(|a, b| (a.generated_at, &b.source).cmp(&(b.generated_at, &a.source)))
            .cloned();
        let Some(packet) = newest else { return };
        for node in &packet.nodes {
            self.tables.facts.add_node(node);
        }
        for fact in packet.facts {
            let PacketFact { doc, node, stored, place } = fact;
            self.tables.facts.add(doc, node.as_deref(), stored, place, false);
        }
        self.tables.facts_packet = Some(packet.source);
    }
}

/// The tables that a member fills.
fn tables_of(kind: MemberKind) -> &'static [&'static str] {
    match kind {
        MemberKind::Config => &["settings", "setting_items"],
        MemberKind::SupportPacket | MemberKind::Jobs => &["jobs"],
        MemberKind::Plugins => &["plugins"],
        MemberKind::DatabaseSchema | MemberKind::SchemaDump => {
            &["indexes", "columns", "schema_tables", "expected_indexes"]
        }
        MemberKind::Goroutines => &["goroutines"],
        MemberKind::CpuProfile | MemberKind::HeapProfile => &["profile"],
        MemberKind::Metadata
        | MemberKind::Diagnostics
        | MemberKind::PluginDiagnostics
        | MemberKind::Stats
        | MemberKind::Permissions
        | MemberKind::Warning
        | MemberKind::TsdbDump
        | MemberKind::Log
        | MemberKind::Other => &[],
    }
}

/// The fact behind a column of `nodes`.
pub(crate) fn fact_path(column: &str) -> String {
    for group in ["database", "websocket", "file_store", "cluster"] {
        if let Some(rest) = column.strip_prefix(group).and_then(|rest| rest.strip_prefix('_')) {
            return format!("{group}.{rest}");
        }
    }
    format!("server.{column}")
}

fn is_index(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit())
}

fn whole(source: &str) -> Place {
    Place { source: source.to_owned(), location: "whole".to_owned() }
}

fn text_of(value: &Scalar) -> Option<&str> {
    match value {
        Scalar::Text(text) => Some(text.untrusted()).filter(|text| !text.is_empty()),
        Scalar::Null
        | Scalar::Bool(_)
        | Scalar::Int(_)
        | Scalar::Float(_)
        | Scalar::Time(_)
        | Scalar::Masked
        | Scalar::Unreadable => None,
    }
}

/// A value as text, cleared by the key that it stands under; `None` when there is none to show.
fn shown(key: &str, value: &Scalar, clearing: &Clearing<'_>) -> Option<Value> {
    Some(match value {
        Scalar::Null | Scalar::Masked | Scalar::Unreadable => return None,
        Scalar::Bool(value) => Value::trusted(if *value { "true" } else { "false" }),
        Scalar::Int(value) => Value::trusted(&value.to_string()),
        Scalar::Float(value) => Value::trusted(&value.to_string()),
        Scalar::Time(value) => Value::trusted(&Cell::Time(*value).to_string()),
        Scalar::Text(value) => clearing.named(key, value),
    })
}

/// A value of the catalogue's kind; `None` for null and for an empty text that is no text.
fn store(path: &str, kind: Kind, value: &Scalar, clearing: &Clearing<'_>) -> Option<Stored> {
    let cell = match value {
        Scalar::Null => return None,
        Scalar::Masked => return Some(Stored::Masked),
        Scalar::Unreadable => return Some(Stored::Unreadable),
        Scalar::Bool(value) => Cell::Bool(*value),
        Scalar::Int(value) => Cell::Int(*value),
        Scalar::Float(value) => Cell::Float(*value),
        Scalar::Time(value) => Cell::Time(*value),
        Scalar::Text(value) if kind == Kind::Text => {
            return Some(Stored::Text(clearing.named(path, value)));
        }
        Scalar::Text(value) if value.untrusted().trim().is_empty() => return None,
        Scalar::Text(value) => Cell::Text(value.untrusted()),
    };
    if kind == Kind::Text {
        return shown(path, value, clearing).map(Stored::Text);
    }
    if let (Kind::Version, Cell::Int(_) | Cell::Float(_)) = (kind, cell) {
        // YAML reads `version: 15` as a number.
        return Some(
            Cell::parse(kind, &cell.to_string())
                .and_then(Stored::of_cell)
                .unwrap_or(Stored::Unreadable),
        );
    }
    Some(cell.coerce(kind).and_then(Stored::of_cell).unwrap_or(Stored::Unreadable))
}
