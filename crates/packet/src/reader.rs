//! A packet as a whole: its members one by one, and what they say together.

use crate::document::{Document, json, yaml};
use crate::goroutines::GoroutineReader;
use crate::layout::{self, Member};
use crate::log::LogRecords;
use crate::{
    Column, FactRecord, GoroutineGroup, Index, Job, MemberKind, MemberReport, Packet, Plugin,
    ProfileFunction, ProfileKind, Role, Scalar, SchemaOption, SchemaTable, Scheme, Setting,
    SettingItem, Warning,
};
use crate::{
    config, eras, facts, jobs, permissions, plugins, profile, recognise, schema, warnings,
};
use model::{Coverage, Head, Issues, Sink as _};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a member that is read as a whole. The largest of a real packet, the schema, has some
/// 100 KB; configurations with much in plugins some 1 MB.
pub const MEMBER_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Bytes of a goroutine dump: 100,000 goroutines take some 100 MB.
pub const GOROUTINES_BYTES_MAX: usize = 512 * 1024 * 1024;

/// What one member gave.
#[derive(Debug)]
pub struct MemberRecords {
    /// What became of the member.
    pub report: MemberReport,
    facts: Vec<FactRecord>,
    settings: Vec<Setting>,
    setting_items: Vec<SettingItem>,
    jobs: Vec<Job>,
    plugins: Vec<Plugin>,
    indexes: Vec<Index>,
    columns: Vec<Column>,
    schema_tables: Vec<SchemaTable>,
    schema_options: Vec<SchemaOption>,
    roles: Vec<Role>,
    schemes: Vec<Scheme>,
    warnings: Vec<Warning>,
    goroutines: Vec<GoroutineGroup>,
    profile: Vec<ProfileFunction>,
}

/// Reads one packet: an archive or a folder, or a single loose member.
///
/// The reader itself is only read from, so members can be read on several threads.
#[derive(Clone, Debug)]
pub struct PacketReader {
    source: String,
    members: Vec<Member>,
}

impl PacketReader {
    /// A reader for the members at these paths, in the order of the archive (a path may be there
    /// twice). For a loose file: its path alone, as `source` and as the only path.
    pub fn new(source: &str, paths: &[&str]) -> Self {
        Self { source: source.to_owned(), members: layout::members(source, paths) }
    }

    /// Every member, in the order of the paths: its node, and the label of its places.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// What a member is, by its first bytes (up to 64 KiB) and its name.
    pub fn kind_of(head: &Head<'_>) -> MemberKind {
        recognise::kind_of(head)
    }

    /// How many bytes of a member of that kind are read at most; `None`: as many as there are
    /// (logs, which stream).
    pub fn bytes_max(kind: MemberKind) -> Option<usize> {
        match kind {
            MemberKind::Log => None,
            MemberKind::Goroutines => Some(GOROUTINES_BYTES_MAX),
            MemberKind::TsdbDump | MemberKind::Other => Some(0),
            MemberKind::SupportPacket
            | MemberKind::Metadata
            | MemberKind::Diagnostics
            | MemberKind::PluginDiagnostics
            | MemberKind::Stats
            | MemberKind::Jobs
            | MemberKind::Permissions
            | MemberKind::Plugins
            | MemberKind::Config
            | MemberKind::DatabaseSchema
            | MemberKind::SchemaDump
            | MemberKind::Warning
            | MemberKind::CpuProfile
            | MemberKind::HeapProfile => Some(MEMBER_BYTES_MAX),
        }
    }

    /// Reads one member: everything but logs (see [`crate::log`]) and members of unknown kind,
    /// which are reported as not read.
    ///
    /// `bytes` is the whole member, or its first [`PacketReader::bytes_max`] bytes and one more:
    /// then the rest is an issue.
    pub fn read_member(&self, member: &Member, kind: MemberKind, bytes: &[u8]) -> MemberRecords {
        let mut records = MemberRecords::empty(member, kind, bytes.len() as u64);
        if member.ambiguous {
            let reason = "several members of this name: which node wrote it is not known";
            records.report.issues.add(reason, "", 0);
        }
        let max = Self::bytes_max(kind).unwrap_or(0);
        let too_long = bytes.len() > max && max > 0;
        let bytes = bytes.get(..max).unwrap_or(bytes);
        records.report.read = true;
        match kind {
            MemberKind::Log | MemberKind::Other => records.not_read("not recognised"),
            MemberKind::TsdbDump => records.not_read("recognised, and not read yet"),
            MemberKind::Warning => {
                let issues = &mut records.report.issues;
                records.warnings = warnings::read(bytes, member, issues);
            }
            MemberKind::SchemaDump => {
                let found = schema::dump::read(bytes, member, &mut records.report.issues);
                records.add_schema(found);
            }
            MemberKind::Goroutines => {
                let mut reader = GoroutineReader::new(&member.source, member.node.as_deref());
                reader.push(bytes);
                let parsed = reader.finish();
                records.goroutines = parsed.records;
                records.report.issues.merge(parsed.issues);
                records.report.coverage.records = parsed.coverage.records;
            }
            MemberKind::CpuProfile | MemberKind::HeapProfile => {
                let named = if kind == MemberKind::HeapProfile {
                    ProfileKind::Heap
                } else {
                    ProfileKind::Cpu
                };
                let found = profile::read(bytes, named, member, &mut records.report.issues);
                records.report.coverage.records = found.samples;
                records.profile = found.functions;
            }
            MemberKind::Config | MemberKind::Plugins => {
                records.add_document(json(bytes), member, kind);
            }
            MemberKind::SupportPacket
            | MemberKind::Metadata
            | MemberKind::Diagnostics
            | MemberKind::PluginDiagnostics
            | MemberKind::Stats
            | MemberKind::Jobs
            | MemberKind::Permissions
            | MemberKind::DatabaseSchema => records.add_document(yaml(bytes), member, kind),
        }
        if too_long {
            let reason = format!("longer than {} MiB: the rest is not read", max / (1024 * 1024));
            records.report.issues.add(reason, "", 1);
        }
        records.finish()
    }

    /// The report of a member that is read elsewhere (logs).
    pub fn report(
        member: &Member,
        kind: MemberKind,
        bytes: u64,
        coverage: Coverage,
        issues: Issues,
    ) -> MemberReport {
        MemberReport {
            coverage,
            issues,
            read: true,
            ..MemberRecords::empty(member, kind, bytes).report
        }
    }

    /// Puts a packet together. The order of `members` and `log_reports` does not matter.
    pub fn assemble(
        &self,
        mut members: Vec<MemberRecords>,
        logs: LogRecords,
        log_reports: Vec<MemberReport>,
    ) -> Packet {
        members.sort_by(|a, b| a.report.source.cmp(&b.report.source));
        name_by_host(&mut members);
        let mut packet = Packet { source: self.source.clone(), logs, ..Packet::default() };
        for member in members {
            packet.facts.extend(member.facts);
            packet.settings.extend(member.settings);
            packet.setting_items.extend(member.setting_items);
            packet.jobs.extend(member.jobs);
            packet.plugins.extend(member.plugins);
            packet.indexes.extend(member.indexes);
            packet.columns.extend(member.columns);
            packet.schema_tables.extend(member.schema_tables);
            packet.schema_options.extend(member.schema_options);
            packet.roles.extend(member.roles);
            packet.schemes.extend(member.schemes);
            packet.warnings.extend(member.warnings);
            packet.goroutines.extend(member.goroutines);
            packet.profile.extend(member.profile);
            packet.members.push(member.report);
        }
        packet.members.extend(log_reports);
        packet.members.sort_by(|a, b| a.source.cmp(&b.source));
        let nodes: BTreeSet<String> =
            packet.members.iter().filter_map(|member| member.node.clone()).collect();
        packet.nodes = nodes.into_iter().collect();
        complete(&mut packet);
        packet
    }
}

impl MemberRecords {
    fn empty(member: &Member, kind: MemberKind, bytes: u64) -> Self {
        let is_plugins = kind == MemberKind::PluginDiagnostics;
        Self {
            report: MemberReport {
                path: member.path.clone(),
                source: member.source.clone(),
                node: member.node.clone().filter(|_| !is_plugins),
                kind,
                bytes,
                coverage: Coverage::default(),
                issues: Issues::default(),
                read: false,
            },
            facts: Vec::new(),
            settings: Vec::new(),
            setting_items: Vec::new(),
            jobs: Vec::new(),
            plugins: Vec::new(),
            indexes: Vec::new(),
            columns: Vec::new(),
            schema_tables: Vec::new(),
            schema_options: Vec::new(),
            roles: Vec::new(),
            schemes: Vec::new(),
            warnings: Vec::new(),
            goroutines: Vec::new(),
            profile: Vec::new(),
        }
    }

    fn not_read(&mut self, reason: &str) {
        self.report.read = false;
        self.report.issues.add(reason, "", 0);
    }

    fn add_document(&mut self, document: Document, member: &Member, kind: MemberKind) {
        let issues = &mut self.report.issues;
        let root = &document.root;
        issues.merge(document.issues);
        match kind {
            MemberKind::Config => {
                let found = config::read(root, member, issues);
                self.settings = found.settings;
                self.setting_items = found.items;
            }
            MemberKind::Plugins => self.plugins = plugins::read(root, member, issues),
            MemberKind::Jobs => self.jobs = jobs::read(root, member, issues),
            MemberKind::Permissions => {
                (self.roles, self.schemes) = permissions::read(root, member, issues);
            }
            MemberKind::DatabaseSchema => {
                let found = schema::read(root, member, issues);
                self.add_schema(found);
            }
            MemberKind::SupportPacket
            | MemberKind::Metadata
            | MemberKind::Diagnostics
            | MemberKind::PluginDiagnostics
            | MemberKind::Stats
            | MemberKind::SchemaDump
            | MemberKind::Warning
            | MemberKind::Goroutines
            | MemberKind::CpuProfile
            | MemberKind::HeapProfile
            | MemberKind::TsdbDump
            | MemberKind::Log
            | MemberKind::Other => {
                self.facts = facts::read(root, kind, member, !document.broken, issues);
                if kind == MemberKind::SupportPacket {
                    self.jobs = jobs::read(root, member, issues);
                }
            }
        }
        // Nothing at all could be read: the member counts as not read.
        self.report.read = !(document.broken && root.entries().is_empty());
    }

    fn add_schema(&mut self, found: schema::Schema) {
        self.schema_tables = found.tables;
        self.columns = found.columns;
        self.indexes = found.indexes;
        self.schema_options = found.options;
        self.facts = found.facts;
    }

    /// Counts what was read.
    fn finish(mut self) -> Self {
        let coverage = &mut self.report.coverage;
        if coverage.records == 0 {
            let records = self.facts.len()
                + self.settings.len()
                + self.setting_items.len()
                + self.jobs.len()
                + self.plugins.len()
                + self.indexes.len()
                + self.columns.len()
                + self.schema_tables.len()
                + self.schema_options.len()
                + self.roles.len()
                + self.schemes.len()
                + self.warnings.len();
            coverage.records = records as u64;
        }
        coverage.skipped = self.report.issues.skipped();
        self
    }
}

/// Several diagnostics at the root (clusters until 10.9): each says which host it is of.
fn name_by_host(members: &mut [MemberRecords]) {
    let is_nameless = |member: &MemberRecords| {
        member.report.kind == MemberKind::Diagnostics
            && member.report.node.as_deref().is_some_and(|node| node.starts_with('#'))
    };
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for member in members.iter_mut().filter(|member| is_nameless(member)) {
        let host = text_of(&member.facts, "server.hostname");
        let Some(host) = host.filter(|host| !host.is_empty()) else { continue };
        let count = taken.entry(host.clone()).or_default();
        *count += 1;
        let name = if *count == 1 { host } else { format!("{host}#{count}") };
        for fact in &mut member.facts {
            fact.node = Some(name.clone());
        }
        member.report.node = Some(name);
    }
}

/// The first text under that path.
fn text_of(facts: &[FactRecord], path: &str) -> Option<String> {
    facts.iter().filter(|fact| fact.path == path).find_map(|fact| {
        if let Scalar::Text(text) = &fact.value { Some(text.untrusted().to_owned()) } else { None }
    })
}

/// What only shows when all members are there: the era, the time, and facts that another member
/// has to stand in for.
fn complete(packet: &mut Packet) {
    packet.generated_at = packet
        .facts
        .iter()
        .filter(|fact| fact.path == "packet.generated_at")
        .find_map(|fact| if let Scalar::Time(at) = fact.value { Some(at) } else { None })
        // Before 9.11 no member says when; the newest line of its logs is seconds older.
        .or_else(|| packet.logs.sources.iter().filter_map(|log| Some(log.window?.end)).max());
    let has = |packet: &Packet, path: &str| packet.facts.iter().any(|fact| fact.path == path);
    if !has(packet, "server.version") {
        let stand_in = packet.facts.iter().find(|fact| fact.path == "packet.server_version");
        let version =
            stand_in.map(|fact| FactRecord { path: "server.version".to_owned(), ..fact.clone() });
        packet.facts.extend(version);
    }
    let version = text_of(&packet.facts, "server.version");
    let kinds: Vec<MemberKind> = packet.members.iter().map(|member| member.kind).collect();
    packet.era = eras::era(&kinds, !packet.nodes.is_empty(), version.as_deref());
}

#[cfg(test)]
mod tests;
