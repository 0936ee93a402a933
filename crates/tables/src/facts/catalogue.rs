//! The catalogue of facts: which there are, and how to get them.

use crate::{Engine, Kind, Version};
use std::borrow::Cow;
use std::sync::OnceLock;

/// The catalogue as it stands in the repository, sorted by path.
static CATALOGUE: &str = include_str!("../../facts.tsv");

/// The servers whose defaults the catalogue knows, oldest first.
pub const ERAS: [&str; 3] = ["5.37", "7.6", "11.6"];

/// Whether a fact holds for the cluster or for one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One value for all nodes; that they disagree is itself a finding.
    Cluster,
    /// A value for each node.
    Node,
}

/// A documented fact.
#[derive(Clone, Copy, Debug)]
pub struct FactDoc {
    /// The dotted path: `SqlSettings.MaxOpenConns`, `stats.daily_active_users`.
    pub path: &'static str,
    /// Its type.
    pub kind: Kind,
    /// The unit; empty where there is none.
    pub unit: &'static str,
    /// Cluster or node.
    pub scope: Scope,
    /// The first server version that may have it; `None`: all that are supported.
    pub since: Option<Version>,
    /// The last server version that may have it; `None`: up to now.
    pub until: Option<Version>,
    /// The default in each of [`ERAS`]; `None` where the era has none.
    pub defaults: [Option<&'static str>; ERAS.len()],
    /// The member of the packet that it comes from; empty when it is only given by the user.
    pub member: &'static str,
    /// How to get it: a command, a click path or SQL.
    pub how_to_get: &'static str,
    /// How to get it from MySQL or MariaDB: the same where the catalogue says no more; `None`: they
    /// have no such thing.
    pub how_to_get_mysql: Option<&'static str>,
}

impl FactDoc {
    /// The default of that server: the one of the newest era that is not newer than it.
    pub fn default_for(&self, version: Version) -> Option<&'static str> {
        ERAS.iter()
            .zip(self.defaults)
            .rev()
            .find(|(era, _)| Version::parse(era).is_some_and(|era| era <= version))
            .and_then(|(_, default)| default)
    }

    /// How to get it from that database; `None`: it has no such thing. While the engine is not
    /// known, each way is named after its engine.
    pub fn how_to_get_on(&self, engine: Option<Engine>) -> Option<Cow<'static, str>> {
        let same = self.how_to_get_mysql == Some(self.how_to_get);
        match engine {
            Some(Engine::Postgresql) => Some(Cow::Borrowed(self.how_to_get)),
            Some(Engine::Mysql) => self.how_to_get_mysql.map(Cow::Borrowed),
            None if same => Some(Cow::Borrowed(self.how_to_get)),
            None => {
                let of_postgresql = named(self.how_to_get, Engine::Postgresql);
                Some(Cow::Owned(match self.how_to_get_mysql {
                    None => of_postgresql,
                    Some(how) => format!("{of_postgresql}; {}", named(how, Engine::Mysql)),
                }))
            }
        }
    }

    /// Whether a server of that version can have it.
    pub fn applies_to(&self, version: Version) -> bool {
        self.since.is_none_or(|since| since <= version)
            && self.until.is_none_or(|until| {
                (version.major(), version.minor()) <= (until.major(), until.minor())
            })
    }
}

/// All facts, sorted by path.
pub fn catalogue() -> &'static [FactDoc] {
    static PARSED: OnceLock<Vec<FactDoc>> = OnceLock::new();
    PARSED.get_or_init(|| CATALOGUE.lines().skip(1).filter_map(parse_line).collect())
}

/// The fact of that path.
pub fn find_fact(path: &str) -> Option<&'static FactDoc> {
    let facts = catalogue();
    facts.binary_search_by(|fact| fact.path.cmp(path)).ok().and_then(|idx| facts.get(idx))
}

/// A way to get a fact with the engine in front of the command.
fn named(how: &str, engine: Engine) -> String {
    match how.split_once(": ") {
        Some((head, command)) if head.starts_with("SQL") => {
            format!("{head} ({}): {command}", engine.label())
        }
        _ => format!("{}: {how}", engine.label()),
    }
}

fn parse_line(line: &'static str) -> Option<FactDoc> {
    let mut cells = line.split('\t');
    let path = cells.next()?;
    let kind = Kind::parse(cells.next()?)?;
    let unit = cells.next()?;
    let scope = match cells.next()? {
        "cluster" => Scope::Cluster,
        "node" => Scope::Node,
        _ => return None,
    };
    let since = cells.next()?;
    let until = cells.next()?;
    let defaults = [cells.next()?, cells.next()?, cells.next()?];
    let defaults = defaults.map(|default| (default != "-").then_some(default));
    let (member, how_to_get) = (cells.next()?, cells.next()?);
    let how_to_get_mysql = match cells.next() {
        None => Some(how_to_get),
        Some("-") => None,
        Some(how) => Some(how),
    };
    let (since, until) = (Version::parse(since), Version::parse(until));
    Some(FactDoc {
        path,
        kind,
        unit,
        scope,
        since,
        until,
        defaults,
        member,
        how_to_get,
        how_to_get_mysql,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_catalogue_is_a_fact_and_they_are_sorted() {
        let lines: Vec<&str> = CATALOGUE.lines().skip(1).collect();
        for line in &lines {
            let fact = parse_line(line).unwrap_or_else(|| panic!("not a fact: {line}"));
            let cells: Vec<&str> = line.split('\t').collect();
            assert!(cells.len() == 11 || cells.len() == 12, "{line}");
            for version in &cells[4..6] {
                assert!(*version == "-" || Version::parse(version).is_some(), "{line}");
            }
            assert!(!fact.how_to_get.is_empty(), "{} says how to get it", fact.path);
        }
        for pair in lines.windows(2) {
            let path = |line: &'static str| line.split('\t').next();
            assert!(path(pair[0]) < path(pair[1]), "{} before {}", pair[0], pair[1]);
        }
        assert!(lines.len() > 700, "{} facts", lines.len());
    }

    #[test]
    fn a_way_of_one_engine_is_not_told_to_the_other() {
        let words =
            ["pg_", "SHOW autovacuum", "SHOW max_connections", "work_mem", "shared_buffers"];
        for fact in catalogue() {
            let how = fact.how_to_get_on(Some(Engine::Mysql)).unwrap_or_default();
            assert!(!words.iter().any(|word| how.contains(word)), "{}: {how}", fact.path);
            let how = fact.how_to_get_on(Some(Engine::Postgresql)).unwrap_or_default();
            assert!(!how.is_empty() && !how.to_lowercase().contains("processlist"), "{how}");
        }
        let fact = find_fact("database.max_connections").expect("in the catalogue");
        assert_eq!(
            fact.how_to_get_on(None).as_deref(),
            Some(
                "SQL (PostgreSQL): SHOW max_connections; \
                 SQL (MySQL/MariaDB): SHOW VARIABLES LIKE 'max_connections'"
            )
        );
        let fact = find_fact("database.autovacuum").expect("in the catalogue");
        assert_eq!(fact.how_to_get_on(Some(Engine::Mysql)), None);
    }

    #[test]
    fn defaults_follow_the_era_of_the_server() {
        let fact = find_fact("SqlSettings.MaxIdleConns").expect("in the catalogue");
        assert_eq!(fact.default_for(Version::parse("7.8").expect("a version")), Some("20"));
        assert_eq!(fact.default_for(Version::parse("5.30").expect("a version")), None);
    }

    #[test]
    fn a_fact_outside_its_versions_does_not_apply() {
        let version = |text| Version::parse(text).expect("a version");
        let fact = find_fact("server.cpu_cores").expect("in the catalogue");
        assert!(!fact.applies_to(version("11.3.9")));
        assert!(fact.applies_to(version("11.4.0")));
    }
}
