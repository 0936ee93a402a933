//! How slow statement logging is turned on, fetched and turned off again: by database and by
//! where it runs. The one list; every text about it is derived from this one.

mod list;

use list::LIST;

/// The databases of the list, as users name them.
pub const DATABASES: &[&str] = &["postgres", "mysql", "mariadb"];

/// Where a database runs, as users name it: on its own host, in Amazon RDS or Aurora, in Azure
/// (flexible server), in Cloud SQL, or in Kubernetes under an operator.
pub const HOSTINGS: &[&str] = &["self", "rds", "aurora", "azure", "cloudsql", "operator"];

/// A line that holds from a version on, or up to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Versioned {
    /// From this version on, if any.
    from: Option<(u32, u32)>,
    /// Below this version, if any.
    below: Option<(u32, u32)>,
    /// The line.
    line: &'static str,
}

/// What to do for one database in one place.
#[derive(Clone, Copy, Debug)]
pub struct SlowLogging {
    /// One of [`DATABASES`].
    pub database: &'static str,
    /// Which of [`HOSTINGS`].
    pub hostings: &'static [&'static str],
    /// Turns it on; no line needs a restart unless it says so.
    pub on: &'static [&'static str],
    /// Gets the log.
    pub fetch: &'static [&'static str],
    /// Turns it off again.
    pub off: &'static [&'static str],
    /// What to know about this place before doing it.
    pub mind: &'static [&'static str],
}

/// The lines for a database that runs in a place; `None` for words that are not in the lists.
/// MariaDB is asked for as MySQL where it has no lines of its own.
pub fn slow_logging(database: &str, hosting: &str) -> Option<&'static SlowLogging> {
    let find = |database: &str| {
        LIST.iter().find(|one| one.database == database && one.hostings.contains(&hosting))
    };
    find(database).or_else(|| (database == "mariadb").then(|| find("mysql")).flatten())
}

impl SlowLogging {
    /// What it costs: the same for every place.
    pub fn cost(&self) -> &'static [&'static str] {
        if self.database == "postgres" { POSTGRES_COST } else { MYSQL_COST }
    }

    /// The lines for a version, or all with the version named where it is not known.
    /// `database` is the one that was asked for.
    pub fn by_version(&self, database: &str, version: Option<(u32, u32)>) -> Vec<String> {
        let list = match database {
            "postgres" => POSTGRES_VERSIONS,
            "mariadb" => MARIADB_VERSIONS,
            _ => MYSQL_VERSIONS,
        };
        list.iter()
            .filter(|one| {
                version.is_none_or(|version| {
                    one.from.is_none_or(|from| version >= from)
                        && one.below.is_none_or(|below| version < below)
                })
            })
            .map(|one| match (version, one.from, one.below) {
                (None, Some((major, minor)), _) => {
                    format!("from {} on: {}", spelled(major, minor), one.line)
                }
                (None, _, Some((major, minor))) => {
                    format!("before {}: {}", spelled(major, minor), one.line)
                }
                _ => one.line.to_owned(),
            })
            .collect()
    }
}

fn spelled(major: u32, minor: u32) -> String {
    if major >= 10 && minor == 0 { major.to_string() } else { format!("{major}.{minor}") }
}

const POSTGRES_COST: &[&str] = &[
    "a line for each statement over the threshold: at 1000 ms the server does not notice it; at 0 it writes every \
     statement, gigabytes an hour on a busy server, which slows it and may fill its disk",
    "the log holds the text and the parameters of statements: message text, e-mail addresses, tokens",
    "no restart; open connections follow within seconds of the reload",
];

const MYSQL_COST: &[&str] = &[
    "an entry for each statement over the threshold: at 1 s the server does not notice it; at 0 it writes every \
     statement, gigabytes an hour on a busy server, which slows it and may fill its disk",
    "the log holds statements with their values: message text, e-mail addresses, tokens",
    "no restart; the threshold holds for new connections only: Mattermost keeps its connections for up to an hour \
     (SqlSettings.ConnMaxLifetimeMilliseconds), so old ones follow when they are renewed",
];

const POSTGRES_VERSIONS: &[Versioned] = &[
    Versioned {
        from: None,
        below: Some((9, 4)),
        line: "there is no ALTER SYSTEM: write the settings into postgresql.conf, then SELECT pg_reload_conf();",
    },
    Versioned {
        from: Some((13, 0)),
        below: None,
        line: "log_parameter_max_length = 0 keeps the parameters out of the log; they are not needed here",
    },
    Versioned {
        from: Some((13, 0)),
        below: None,
        line: "for shorter statements too, sampled: log_min_duration_sample = 100 with log_statement_sample_rate = 0.01",
    },
    Versioned {
        from: Some((14, 0)),
        below: None,
        line: "on replicas also log_recovery_conflict_waits = on",
    },
];

const MYSQL_VERSIONS: &[Versioned] = &[
    Versioned {
        from: None,
        below: Some((5, 6)),
        line: "the log has whole seconds in its times only; durations have fractions from 5.1.21 on",
    },
    Versioned {
        from: Some((8, 0)),
        below: None,
        line: "8.0.14 and later: log_slow_extra = ON adds rows read, temporary tables and errors to each entry",
    },
];

const MARIADB_VERSIONS: &[Versioned] = &[
    Versioned {
        from: None,
        below: None,
        line: "log_slow_verbosity = 'query_plan' adds full scans and temporary tables to each entry",
    },
    Versioned {
        from: None,
        below: None,
        line: "log_slow_rate_limit = 100 logs one in a hundred where there are too many",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_database_has_lines_for_every_place() {
        for database in DATABASES {
            for hosting in HOSTINGS {
                let found = slow_logging(database, hosting);
                assert!(
                    found.is_some_and(|one| [one.on, one.fetch, one.off, one.mind]
                        .iter()
                        .all(|lines| !lines.is_empty())),
                    "{database} {hosting}"
                );
            }
        }
        assert!(slow_logging("oracle", "self").is_none());
    }

    #[test]
    fn a_version_gets_only_what_it_has() {
        let lines = |version| {
            slow_logging("postgres", "self").unwrap().by_version("postgres", version).join("\n")
        };
        assert!(lines(Some((12, 4))).is_empty());
        assert!(lines(Some((15, 8))).contains("log_recovery_conflict_waits"));
        assert!(lines(None).contains("from 14 on: "));
        assert!(lines(Some((9, 3))).contains("no ALTER SYSTEM"));
    }
}
