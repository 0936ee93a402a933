//! Places that a command leaves open, `<pid>`, and where one gets what belongs there. A place that
//! is named like a fact, `<FileSettings.Directory>`, is filled as the catalogue says.

use std::borrow::Cow;
use tables::Engine;

/// A place that a command leaves open.
struct Open {
    name: &'static str,
    /// The engine that its source is for; `None`: for every one.
    engine: Option<Engine>,
    /// Where one gets it, as an end of "`<pid>`: ...".
    source: &'static str,
}

const fn open(name: &'static str, source: &'static str) -> Open {
    Open { name, engine: None, source }
}

const fn open_of(engine: Engine, name: &'static str, source: &'static str) -> Open {
    Open { name, engine: Some(engine), source }
}

/// Every place that a command may leave open, by name.
static OPEN: &[Open] = &[
    open("account host", "SELECT user, host FROM mysql.user"),
    open("application", "column application_name of the list of connections"),
    open_of(Engine::Postgresql, "client address", "column client_addr of the list of connections"),
    open_of(Engine::Mysql, "client address", "column host of the process list, without the port"),
    open_of(
        Engine::Postgresql,
        "columns",
        "the columns of the index: definition of the same index on another system, or the packet's database schema",
    ),
    open_of(
        Engine::Mysql,
        "columns",
        "the columns of the index: SHOW CREATE TABLE on another system",
    ),
    open(
        "data directory",
        "SHOW data_directory in PostgreSQL, SELECT @@datadir in MySQL and MariaDB",
    ),
    open("database host", "the host in SqlSettings.DataSource"),
    open("database user", "column usename or user of the list of connections"),
    open("host", "the host that the line in the log names"),
    open_of(Engine::Mysql, "id", "column Id of SHOW FULL PROCESSLIST"),
    open("index", "the index that the statement names"),
    open("job id", "column id of the list that the command before it prints"),
    open("job type", "mmctl job list"),
    open("node", "the host name of the node, in System Console, High Availability"),
    open("other node", "the host name of another node, in System Console, High Availability"),
    open(
        "pid",
        "SELECT pid, usename, state, xact_start, left(query, 80) FROM pg_stat_activity ORDER BY xact_start",
    ),
    open("plugin id", "mmctl plugin list"),
    open("pod", "kubectl get pods -A | grep mattermost"),
    open("port", "the port that the line in the log names"),
    open("slot", "SELECT slot_name, active, restart_lsn FROM pg_replication_slots"),
    open(
        "statement",
        "the statement in the database's log at the place of the evidence, with its values",
    ),
    open("table", "the table that the statement or the line in the log names"),
];

/// Where one gets what belongs into an open place; `None` for a place that nobody knows.
pub(crate) fn source(name: &str, engine: Option<Engine>) -> Option<Cow<'static, str>> {
    let fits = |of: &&Open| of.engine.is_none() || engine.is_none() || of.engine == engine;
    let known = OPEN.iter().filter(|of| of.name == name).find(fits).map(|of| of.source);
    known
        .map(Cow::Borrowed)
        .or_else(|| tables::find_fact(name).and_then(|fact| fact.how_to_get_on(engine)))
}

/// The names of the places that are known.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    OPEN.iter().map(|of| of.name)
}

/// The open places of a command, in order, each once: `pid` of `SELECT pg_cancel_backend(<pid>)`.
pub(crate) fn places(command: &str) -> Vec<&str> {
    let mut places = Vec::new();
    let mut rest = command;
    while let Some((_, behind)) = rest.split_once('<') {
        rest = behind;
        let Some((name, after)) = behind.split_once('>') else { break };
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || " ._-".contains(c));
        if is_name {
            rest = after;
            if !places.contains(&name) {
                places.push(name);
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_places_are_found_and_comparisons_are_not() {
        assert_eq!(places("SELECT pg_cancel_backend(<pid>)"), ["pid"]);
        assert_eq!(
            places("nc -vz <mail server> <mail port>; nc <mail port>"),
            ["mail server", "mail port"]
        );
        assert_eq!(places("SELECT 1 WHERE a < 5 AND b > 2"), [] as [&str; 0]);
        assert_eq!(places("WHERE a <> 'x' AND pid = <pid>"), ["pid"]);
    }

    #[test]
    fn places_are_sorted_and_say_where_to_look() {
        assert!(names().zip(names().skip(1)).all(|(a, b)| a <= b), "sorted by name");
        assert!(
            source("pid", Some(Engine::Postgresql))
                .is_some_and(|text| text.contains("pg_stat_activity"))
        );
        assert!(source("columns", Some(Engine::Mysql)).is_some_and(|text| text.contains("SHOW")));
        assert_eq!(source("thing", None), None);
    }
}
