//! How slow statement logging is turned on, fetched and turned off again: by database and by
//! where it runs. The one list; every text about it is derived from this one.

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

const LIST: &[SlowLogging] = &[
    SlowLogging {
        database: "postgres",
        hostings: &["self"],
        on: &[
            "ALTER SYSTEM SET log_min_duration_statement = 1000;",
            "ALTER SYSTEM SET log_lock_waits = on;",
            "ALTER SYSTEM SET log_temp_files = 10240;",
            "SELECT pg_reload_conf();",
        ],
        fetch: &[
            "SHOW logging_collector; SHOW log_destination; SELECT pg_current_logfile();",
            "send all files of that folder that were written since one hour before it began, also the rotated ones",
            "with logging_collector = off the log is in the journal or in /var/log/postgresql",
        ],
        off: &[
            "ALTER SYSTEM RESET log_min_duration_statement;",
            "ALTER SYSTEM RESET log_lock_waits;",
            "ALTER SYSTEM RESET log_temp_files;",
            "SELECT pg_reload_conf();",
        ],
        mind: &[
            "on the primary and on every replica: replicas log for themselves",
            "note the values before: SELECT name, setting FROM pg_settings WHERE name LIKE 'log\\_%';",
        ],
    },
    SlowLogging {
        database: "postgres",
        hostings: &["rds"],
        on: &["aws rds modify-db-parameter-group --db-parameter-group-name GROUP --parameters \
             ParameterName=log_min_duration_statement,ParameterValue=1000,ApplyMethod=immediate \
             ParameterName=log_lock_waits,ParameterValue=1,ApplyMethod=immediate \
             ParameterName=log_temp_files,ParameterValue=10240,ApplyMethod=immediate"],
        fetch: &[
            "aws rds describe-db-log-files --db-instance-identifier ID --query 'DescribeDBLogFiles[].LogFileName'",
            "aws rds download-db-log-file-portion --db-instance-identifier ID --log-file-name error/postgresql.log.DATE \
             --starting-token 0 --output text > postgresql.log.DATE",
        ],
        off: &["aws rds modify-db-parameter-group --db-parameter-group-name GROUP --parameters \
             ParameterName=log_min_duration_statement,ParameterValue=-1,ApplyMethod=immediate"],
        mind: &[
            "the instance must have a parameter group of its own: a default group cannot be changed, and another \
             group takes effect after a reboot only",
            "the log takes space of the instance: watch FreeStorageSpace",
        ],
    },
    SlowLogging {
        database: "postgres",
        hostings: &["aurora"],
        on: &[
            "aws rds modify-db-cluster-parameter-group --db-cluster-parameter-group-name GROUP --parameters \
             ParameterName=log_min_duration_statement,ParameterValue=1000,ApplyMethod=immediate \
             ParameterName=log_lock_waits,ParameterValue=1,ApplyMethod=immediate",
        ],
        fetch: &[
            "for the writer and every reader: aws rds describe-db-log-files --db-instance-identifier ID --query \
             'DescribeDBLogFiles[].LogFileName'",
            "aws rds download-db-log-file-portion --db-instance-identifier ID --log-file-name error/postgresql.log.DATE \
             --starting-token 0 --output text > ID-postgresql.log.DATE",
        ],
        off: &[
            "aws rds modify-db-cluster-parameter-group --db-cluster-parameter-group-name GROUP --parameters \
             ParameterName=log_min_duration_statement,ParameterValue=-1,ApplyMethod=immediate",
        ],
        mind: &[
            "a default parameter group cannot be changed, and another group takes effect after a reboot only",
        ],
    },
    SlowLogging {
        database: "postgres",
        hostings: &["azure"],
        on: &[
            "az postgres flexible-server parameter set --resource-group RG --server-name NAME --name log_min_duration_statement --value 1000",
            "az postgres flexible-server parameter set --resource-group RG --server-name NAME --name log_lock_waits --value on",
            "az postgres flexible-server parameter set --resource-group RG --server-name NAME --name logfiles.download_enable --value on",
        ],
        fetch: &[
            "az postgres flexible-server server-logs list --resource-group RG --server-name NAME",
            "az postgres flexible-server server-logs download --resource-group RG --server-name NAME --name FILE",
        ],
        off: &[
            "az postgres flexible-server parameter set --resource-group RG --server-name NAME --name log_min_duration_statement --value -1",
            "az postgres flexible-server parameter set --resource-group RG --server-name NAME --name logfiles.download_enable --value off",
        ],
        mind: &["files can be downloaded only of the time since the download was enabled"],
    },
    SlowLogging {
        database: "postgres",
        hostings: &["cloudsql"],
        on: &[
            "gcloud sql instances describe ID --format='value(settings.databaseFlags)'",
            "gcloud sql instances patch ID --database-flags=log_min_duration_statement=1000,log_lock_waits=on,OTHER=...",
        ],
        fetch: &[
            "gcloud logging read 'resource.type=\"cloudsql_database\" AND logName:\"postgres.log\"' --freshness=6h --order=asc \
             --format=json | jq -c '.[]' > postgres.log.json",
        ],
        off: &[
            "gcloud sql instances patch ID --database-flags=OTHER=... (the list without the two)",
        ],
        mind: &[
            "the list of flags replaces all that are set, and a flag that is left out is reset: repeat those that the \
             first command shows",
        ],
    },
    SlowLogging {
        database: "postgres",
        hostings: &["operator"],
        on: &[
            "in the cluster's resource (CloudNativePG, Zalando): spec.postgresql.parameters: \
             log_min_duration_statement: \"1000\", log_lock_waits: \"on\"; the operator reloads",
            "kubectl edit -n NAMESPACE cluster/NAME (CloudNativePG) or postgresql/NAME (Zalando)",
        ],
        fetch: &[
            "kubectl logs -n NAMESPACE POD -c postgres --since=6h > POD.log, for every pod of the database, and \
             --previous for one that restarted",
            "Zalando keeps files instead: kubectl cp NAMESPACE/POD:/home/postgres/pgdata/pgroot/pg_log pg_log",
        ],
        off: &["take the two parameters out of the resource again"],
        mind: &[
            "ALTER SYSTEM is off or undone under an operator: change the resource",
            "kubectl logs holds what the node kept: some 10 MB for each container unless logs are shipped",
        ],
    },
    SlowLogging {
        database: "mysql",
        hostings: &["self"],
        on: &[
            "SET GLOBAL log_output = 'FILE';",
            "SET GLOBAL long_query_time = 1;",
            "SET GLOBAL slow_query_log = 1;",
        ],
        fetch: &["SELECT @@slow_query_log_file, @@datadir; send that file and its rotated ones"],
        off: &["SET GLOBAL slow_query_log = 0;", "SET GLOBAL long_query_time = 10;"],
        mind: &[
            "note the values before: SELECT @@slow_query_log, @@long_query_time, @@log_output;",
            "a restart of the database undoes it",
        ],
    },
    SlowLogging {
        database: "mysql",
        hostings: &["rds"],
        on: &["aws rds modify-db-parameter-group --db-parameter-group-name GROUP --parameters \
             ParameterName=slow_query_log,ParameterValue=1,ApplyMethod=immediate \
             ParameterName=long_query_time,ParameterValue=1,ApplyMethod=immediate \
             ParameterName=log_output,ParameterValue=FILE,ApplyMethod=immediate"],
        fetch: &[
            "aws rds describe-db-log-files --db-instance-identifier ID --filename-contains slowquery",
            "aws rds download-db-log-file-portion --db-instance-identifier ID --log-file-name slowquery/mysql-slowquery.log \
             --starting-token 0 --output text > mysql-slowquery.log",
            "with log_output = TABLE: mysql --batch -e 'SELECT * FROM mysql.slow_log' > slow_log.tsv",
        ],
        off: &["aws rds modify-db-parameter-group --db-parameter-group-name GROUP --parameters \
             ParameterName=slow_query_log,ParameterValue=0,ApplyMethod=immediate"],
        mind: &[
            "the instance must have a parameter group of its own: a default group cannot be changed, and another \
             group takes effect after a reboot only",
            "the file is rotated every hour: fetch all of the hours",
        ],
    },
    SlowLogging {
        database: "mysql",
        hostings: &["aurora"],
        on: &[
            "aws rds modify-db-cluster-parameter-group --db-cluster-parameter-group-name GROUP --parameters \
             ParameterName=slow_query_log,ParameterValue=1,ApplyMethod=immediate \
             ParameterName=long_query_time,ParameterValue=1,ApplyMethod=immediate \
             ParameterName=log_output,ParameterValue=FILE,ApplyMethod=immediate",
        ],
        fetch: &[
            "for the writer and every reader: aws rds describe-db-log-files --db-instance-identifier ID \
             --filename-contains slowquery",
            "aws rds download-db-log-file-portion --db-instance-identifier ID --log-file-name \
             slowquery/mysql-slowquery.log --starting-token 0 --output text > ID-slowquery.log",
        ],
        off: &[
            "aws rds modify-db-cluster-parameter-group --db-cluster-parameter-group-name GROUP --parameters \
             ParameterName=slow_query_log,ParameterValue=0,ApplyMethod=immediate",
        ],
        mind: &[
            "a default parameter group cannot be changed, and another group takes effect after a reboot only",
        ],
    },
    SlowLogging {
        database: "mysql",
        hostings: &["azure"],
        on: &[
            "az mysql flexible-server parameter set --resource-group RG --server-name NAME --name long_query_time --value 1",
            "az mysql flexible-server parameter set --resource-group RG --server-name NAME --name slow_query_log --value ON",
            "in the portal: Server logs > Enable, with slow query logs",
        ],
        fetch: &[
            "az mysql flexible-server server-logs list --resource-group RG --server-name NAME",
            "az mysql flexible-server server-logs download --resource-group RG --server-name NAME --name FILE",
        ],
        off: &[
            "az mysql flexible-server parameter set --resource-group RG --server-name NAME --name slow_query_log --value OFF",
        ],
        mind: &["files can be downloaded only of the time since server logs were enabled"],
    },
    SlowLogging {
        database: "mysql",
        hostings: &["cloudsql"],
        on: &[
            "gcloud sql instances describe ID --format='value(settings.databaseFlags)'",
            "gcloud sql instances patch ID --database-flags=slow_query_log=on,long_query_time=1,log_output=FILE,OTHER=...",
        ],
        fetch: &[
            "gcloud logging read 'resource.type=\"cloudsql_database\" AND logName:\"mysql-slow.log\"' --freshness=6h --order=asc \
             --format='value(textPayload)' > mysql-slow.log",
        ],
        off: &[
            "gcloud sql instances patch ID --database-flags=OTHER=... (the list without the three)",
        ],
        mind: &[
            "the list of flags replaces all that are set, and a flag that is left out is reset: repeat those that the \
             first command shows",
        ],
    },
    SlowLogging {
        database: "mysql",
        hostings: &["operator"],
        on: &[
            "kubectl exec -n NAMESPACE POD -- mysql -e \"SET GLOBAL long_query_time = 1; SET GLOBAL slow_query_log = 1\", \
             on every pod of the database",
        ],
        fetch: &[
            "kubectl exec -n NAMESPACE POD -- mysql -Ne 'SELECT @@datadir, @@slow_query_log_file'",
            "kubectl cp NAMESPACE/POD:FILE POD-slow.log",
        ],
        off: &[
            "kubectl exec -n NAMESPACE POD -- mysql -e 'SET GLOBAL slow_query_log = 0', on every pod",
        ],
        mind: &["a restart of the pod undoes it, and may take the file with it: fetch it first"],
    },
    SlowLogging {
        database: "mariadb",
        hostings: &["self"],
        on: &[
            "SET GLOBAL log_output = 'FILE';",
            "SET GLOBAL long_query_time = 1;",
            "SET GLOBAL log_slow_verbosity = 'query_plan';",
            "SET GLOBAL slow_query_log = 1;",
        ],
        fetch: &["SELECT @@slow_query_log_file, @@datadir; send that file and its rotated ones"],
        off: &["SET GLOBAL slow_query_log = 0;", "SET GLOBAL long_query_time = 10;"],
        mind: &[
            "note the values before: SELECT @@slow_query_log, @@long_query_time, @@log_slow_verbosity;",
            "a restart of the database undoes it",
        ],
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
