//! The commands by database and hosting.

use super::SlowLogging;

/// What RDS asks for before a parameter can be changed.
const OWN_GROUP: &str = "the instance must have a parameter group of its own: a default group cannot be changed, and another \
     group takes effect after a reboot only";

pub(super) const LIST: &[SlowLogging] = &[
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
        mind: &[OWN_GROUP, "the log takes space of the instance: watch FreeStorageSpace"],
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
        mind: &[OWN_GROUP, "the file is rotated every hour: fetch all of the hours"],
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
