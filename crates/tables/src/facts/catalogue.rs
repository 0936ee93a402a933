//! The catalogue of facts: which there are, and how to get them.

use crate::{Kind, Version};
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
    let (since, until) = (Version::parse(since), Version::parse(until));
    Some(FactDoc { path, kind, unit, scope, since, until, defaults, member, how_to_get })
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
            assert_eq!(cells.len(), 11, "{line}");
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
