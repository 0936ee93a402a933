//! Which database a customer has: the one place that decides it, and who says so.

use crate::{Cell, Table, Tables};
use model::Level;

/// A kind of database server, by the commands that it understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    /// PostgreSQL and what speaks its SQL.
    Postgresql,
    /// MySQL and MariaDB; where they differ the command says so.
    Mysql,
}

impl Level for Engine {
    const ALL: &'static [Self] = &[Self::Postgresql, Self::Mysql];
    fn as_str(self) -> &'static str {
        match self {
            Self::Postgresql => "postgresql",
            Self::Mysql => "mysql",
        }
    }
}

impl Engine {
    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Postgresql => "PostgreSQL",
            Self::Mysql => "MySQL/MariaDB",
        }
    }

    /// The engine that a word of a source names: `postgres`, `mysql`, a version in the server's own
    /// words. A bare number names none.
    pub fn named(words: &str) -> Option<Self> {
        let words = words.to_lowercase();
        if words.contains("postgres") || words.contains("edb") {
            Some(Self::Postgresql)
        } else if words.contains("mysql") || words.contains("maria") || words.contains("percona") {
            Some(Self::Mysql)
        } else {
            None
        }
    }
}

/// Who says which engine it is. The order is that of trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// What the server itself reports, and its settings; what the user gave.
    Packet,
    Log,
    Answers,
    /// A server that speaks to one engine only.
    Version,
}

/// What one source says about the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineReading {
    /// The engine that it says.
    pub engine: Engine,
    /// The input.
    pub source: String,
    /// What stands there.
    pub says: String,
    rank: Rank,
}

/// Servers from this one on refuse every database but PostgreSQL.
const POSTGRESQL_ONLY_SINCE: u32 = 11;

impl Tables {
    /// The engine of the customer's database: by the packet, else by the database logs, else by the
    /// DBA's answers, else by a server that accepts one only. `None`: nobody says it, or logs say
    /// different things and nobody else decides.
    pub fn engine(&self) -> Option<Engine> {
        let readings = self.engine_readings();
        for rank in [Rank::Packet, Rank::Log, Rank::Answers, Rank::Version] {
            let mut of_rank = readings.iter().filter(|reading| reading.rank == rank);
            let Some(first) = of_rank.next() else { continue };
            // The packet says what the server measured before what its settings want.
            if rank == Rank::Packet || of_rank.all(|reading| reading.engine == first.engine) {
                return Some(first.engine);
            }
        }
        None
    }

    /// Everything that says which engine it is, the most trusted first, none twice.
    pub fn engine_readings(&self) -> Vec<EngineReading> {
        let mut found: Vec<EngineReading> = Vec::new();
        let mut add = |rank: Rank, engine: Option<Engine>, source: &str, says: &str| {
            let Some(engine) = engine else { return };
            let known = |one: &EngineReading| one.source == source && one.engine == engine;
            if !found.iter().any(known) {
                let (source, says) = (source.to_owned(), says.to_owned());
                found.push(EngineReading { engine, source, says, rank });
            }
        };
        let answered = |source: &str| {
            self.sources("dba_answers").iter().any(|answers| answers.label == source)
        };
        for path in ["database.type", "SqlSettings.DriverName"] {
            for fact in self.facts().values(path) {
                let Cell::Text(words) = fact.cell() else { continue };
                let source = fact.place.map_or("", |place| place.source.as_str());
                let rank = if answered(source) { Rank::Answers } else { Rank::Packet };
                add(rank, Engine::named(words), source, words);
            }
        }
        if let Some(logs) = self.table("database_sources") {
            for row in 0..logs.n_rows() {
                let words = word(&logs, "engine", row);
                add(Rank::Log, Engine::parse(words), word(&logs, "label", row), words);
            }
        }
        if let Some(answers) = self.table("dba_answers") {
            for row in 0..answers.n_rows() {
                // Questions are named after whom they are put to; a refused one says nothing.
                let engine = match word(&answers, "question", row).split('-').next() {
                    _ if word(&answers, "outcome", row) == "refused" => None,
                    Some("pg") => Some(Engine::Postgresql),
                    Some("mysql" | "mariadb") => Some(Engine::Mysql),
                    _ => None,
                };
                let says = engine.map_or("", Engine::as_str);
                add(Rank::Answers, engine, word(&answers, "source", row), says);
            }
        }
        if let Some(version) = self.facts().server_version()
            && version.major() >= POSTGRESQL_ONLY_SINCE
        {
            let says = format!("Mattermost {version}");
            add(Rank::Version, Some(Engine::Postgresql), "server.version", &says);
        }
        found.sort_by_key(|reading| reading.rank);
        found
    }

    /// The product's name: MySQL and MariaDB are one engine and two products.
    pub fn database_product(&self) -> Option<&'static str> {
        match self.engine()? {
            Engine::Postgresql => Some("PostgreSQL"),
            Engine::Mysql => {
                let says = |path| {
                    let cell = self.facts().get(path, None).cell();
                    matches!(cell, Cell::Text(words) if words.to_lowercase().contains("mariadb"))
                };
                let is_mariadb = says("database.product") || says("database.type");
                Some(if is_mariadb { "MariaDB" } else { "MySQL" })
            }
        }
    }
}

/// What a version in the server's own words says about the product: `10.6.18-MariaDB`.
pub(crate) fn product_of(version: &str) -> Option<&'static str> {
    let words = version.to_lowercase();
    if words.contains("mariadb") { Some("MariaDB") } else { None }
}

fn word<'t>(table: &Table<'t>, column: &str, row: usize) -> &'t str {
    if let Some(Cell::Text(text)) = table.column(column).map(|column| column.get(row)) {
        text
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TablesBuilder;

    fn given(facts: &[(&str, &str)]) -> Tables {
        let mut builder = TablesBuilder::new();
        for (path, value) in facts {
            builder.given(path, value).expect("a fact");
        }
        builder.build()
    }

    #[test]
    fn what_the_server_measured_comes_before_what_its_settings_say() {
        assert_eq!(given(&[]).engine(), None);
        assert_eq!(given(&[("SqlSettings.DriverName", "mysql")]).engine(), Some(Engine::Mysql));
        let both = given(&[("database.type", "postgres"), ("SqlSettings.DriverName", "mysql")]);
        assert_eq!(both.engine(), Some(Engine::Postgresql));
        assert_eq!(given(&[("server.version", "11.2.0")]).engine(), Some(Engine::Postgresql));
        assert_eq!(given(&[("server.version", "10.5.0")]).engine(), None);
    }

    #[test]
    fn mariadb_is_named_by_its_version() {
        assert_eq!(product_of("10.6.18-MariaDB-1:10.6.18+maria~ubu2004"), Some("MariaDB"));
        assert_eq!(product_of("8.0.36"), None);
        let maria = given(&[("database.type", "mysql"), ("database.product", "MariaDB")]);
        assert_eq!(maria.database_product(), Some("MariaDB"));
        assert_eq!(given(&[("database.type", "mysql")]).database_product(), Some("MySQL"));
    }
}
