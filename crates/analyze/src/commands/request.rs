//! `analyze request`: what to ask the customer for, with the commands that get it.
//!
//! Needs no input: it is the first thing a responder sends.

use super::slowlog::how_to;
use crate::args::RequestArgs;
use anyhow::{Context as _, Result, bail};
use slowlog::summary::slow_logging;
use std::io::Write;
use tables::Version;

/// Something to ask for.
struct Ask {
    title: &'static str,
    why: &'static str,
    how: Vec<String>,
}

/// Writes the list.
pub(crate) fn run(args: &RequestArgs, out: &mut dyn Write) -> Result<()> {
    let hosting = how_to::hosting(args.hosting.as_deref().unwrap_or("self"))?;
    let database = how_to::database(&args.database).context("--database")?;
    let version = match &args.server_version {
        None => None,
        Some(text) => match Version::parse(text) {
            Some(version) => Some(version),
            None => bail!("--version {text}: write a version such as 10.11 or 11.9.2"),
        },
    };
    for (number, ask) in (1..).zip(asks(version.as_ref(), hosting, database)) {
        writeln!(out, "{number}. {}", ask.title)?;
        writeln!(out, "   Why: {}", ask.why)?;
        for line in ask.how {
            writeln!(out, "   {line}")?;
        }
    }
    writeln!(
        out,
        "\nPut everything into one folder and run: analyze FOLDER\nUnredacted material goes to the upload \
         that your support contract names, never into a public channel."
    )?;
    Ok(())
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

fn asks(version: Option<&Version>, hosting: &str, database: &str) -> Vec<Ask> {
    vec![
        support_packet(version),
        older_logs(hosting),
        slow_log(hosting, database),
        who_waits(database != "postgres"),
        Ask {
            title: "Grafana: the seven views, over six hours that include one hour before it began",
            why: "shows what changed first",
            how: lines(&[
                "dashboard \"Mattermost Performance Monitoring v2\", time range as above, for each panel:",
                "panel menu > Inspect > Data > Data options: \"Series joined by time\", \"Formatted data\" OFF > Download CSV",
                "panels: DB Calls per second, Top 10 DB Calls by Count, Top 10 DB calls by duration, API Latency, Store latency,",
                "  HTTP Requests per second, Top 10 API Requests by Count, Top 10 API requests by duration,",
                "  CPU Utilization Percentage, Heap Utilization, DB Connections, Connection Pool (Master), Goroutines, Websocket Reconnects",
            ]),
        },
        Ask {
            title: "Specifications: CPU cores and RAM of each application node, of the database and its replicas; free disk",
            why: "the packet tells the application nodes' only from 11.4 on, the database's never",
            how: specifications(hosting),
        },
        Ask {
            title: "What changed in the last 72 hours: releases, settings, plugins, integrations, database, network, certificates",
            why: "the first question in every outage",
            how: lines(&[
                "with the exact time and time zone of each change, and of the first complaint",
            ]),
        },
    ]
}

fn support_packet(version: Option<&Version>) -> Ask {
    let mut how = lines(&[
        "System Console > Reporting (or Support menu) > Download Support Packet, with server logs included",
    ]);
    if version.is_none_or(|v| (v.major(), v.minor()) >= (9, 2)) {
        how.push("or on a node: mmctl --local system supportpacket".to_owned());
    }
    if version.is_some_and(|v| (v.major(), v.minor()) < (5, 32)) {
        how = lines(&[
            "before 5.32 there is none: send config.json (secrets removed) and logs/mattermost.log of every node",
        ]);
    }
    if version.is_some_and(|v| (v.major(), v.minor()) < (10, 10)) {
        how.push("before 10.10 the packet of a cluster may lack the other nodes: send logs/mattermost.log of every node as well".to_owned());
    }
    how.push(
        "if no server is up: logs/mattermost.log and config/config.json of every node".to_owned(),
    );
    Ask {
        title: "Support packet",
        why: "settings, diagnostics, jobs, plugins, schema and logs in one file",
        how,
    }
}

fn older_logs(hosting: &str) -> Ask {
    let mut how = lines(&[
        "on every node: logs/mattermost.log and the rotated logs/mattermost-*.log.gz of the day",
    ]);
    if hosting == "operator" {
        how = lines(&[
            "kubectl logs -n NAMESPACE POD --since=6h --timestamps > POD.log, and --previous for a pod that restarted",
            "kubectl get pods -n NAMESPACE -o yaml; kubectl get events -n NAMESPACE --sort-by=.lastTimestamp",
        ]);
    }
    Ask {
        title: "Logs from one hour before it began",
        why: "the packet holds the live file only, which may cover minutes",
        how,
    }
}

fn slow_log(hosting: &str, database: &str) -> Ask {
    let how = slow_logging(database, hosting)
        .map_or_else(Vec::new, |logging| how_to::lines(logging, database, None));
    Ask {
        title: "Slow query log of the database, from one hour before it began",
        why: "which statement, which lock, which client",
        how,
    }
}

fn who_waits(mysql: bool) -> Ask {
    let how = if mysql {
        lines(&[
            "SHOW FULL PROCESSLIST; SHOW ENGINE INNODB STATUS\\G  SHOW GLOBAL VARIABLES LIKE 'max_connections';",
        ])
    } else {
        lines(&[
            "SELECT state, wait_event_type, application_name, usename, client_addr, count(*) FROM pg_stat_activity GROUP BY 1,2,3,4,5 ORDER BY 6 DESC;",
            "SELECT pid, pg_blocking_pids(pid), now()-xact_start AS xact_age, now()-query_start AS query_age, state, left(query,200) FROM pg_stat_activity WHERE state <> 'idle' ORDER BY 3 DESC NULLS LAST LIMIT 30;",
            "SHOW max_connections;  SELECT name, setting, unit FROM pg_settings WHERE name IN ('shared_buffers','work_mem','hot_standby_feedback','autovacuum');",
        ])
    };
    Ask {
        title: "Who waits in the database now (read-only)",
        why: "the packet cannot show it",
        how,
    }
}

fn specifications(hosting: &str) -> Vec<String> {
    let mut how = lines(&["application nodes: nproc; free -m; df -h; cat /proc/loadavg"]);
    how.push(
        match hosting {
            "rds" | "aurora" => "database: instance class, and the CloudWatch graphs CPUUtilization, DatabaseConnections, FreeableMemory, ReadIOPS, WriteIOPS, DiskQueueDepth, FreeStorageSpace, BurstBalance",
            "azure" => "database: compute tier, and the metrics cpu_percent, memory_percent, active_connections, iops, storage_percent",
            "cloudsql" => "database: machine type, and the graphs CPU utilisation, memory, connections, disk I/O, storage",
            "operator" => "kubectl top pods,nodes; kubectl describe of the database pod or the managed instance's graphs",
            _ => "database: nproc; free -m; df -h; iostat -x 1 5",
        }
        .to_owned(),
    );
    how
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(version: Option<&str>, hosting: &str, database: &str) -> String {
        let args = RequestArgs {
            server_version: version.map(str::to_owned),
            hosting: Some(hosting.to_owned()),
            database: database.to_owned(),
        };
        let mut out = Vec::new();
        run(&args, &mut out).map_or_else(|e| e.to_string(), |()| String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_managed_database_gets_its_own_commands() {
        assert!(
            text(Some("10.11"), "rds", "postgres").contains("aws rds download-db-log-file-portion")
        );
        assert!(!text(Some("10.11"), "self", "postgres").contains("aws rds"));
    }

    #[test]
    fn an_old_cluster_is_told_to_send_every_nodes_log() {
        assert!(
            text(Some("9.11.2"), "self", "mysql").contains("before 10.10 the packet of a cluster")
        );
        assert!(!text(Some("11.9"), "self", "postgres").contains("before 10.10"));
    }

    #[test]
    fn an_unknown_hosting_lists_the_known_ones() {
        assert!(text(None, "moon", "postgres").contains("write one of self, rds"));
    }
}
