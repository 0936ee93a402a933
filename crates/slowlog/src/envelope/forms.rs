//! What may stand around a log or a table, in the words in which it is said and documented.

/// One form.
#[derive(Debug, PartialEq, Eq)]
pub struct Form {
    /// What is said of a source that has it.
    pub said: &'static str,
    /// Who writes it, and what it looks like.
    pub what: &'static str,
}

/// Makes the forms and the list of all of them.
macro_rules! forms {
    ($($name:ident: $said:literal, $what:literal;)*) => {
        $(pub(super) static $name: Form = Form { said: $said, what: $what };)*

        /// Every form, in the order of the documentation.
        pub static ENVELOPES: &[&Form] = &[$(&$name),*];
    };
}

forms! {
    CRI: "read behind the heads of a container runtime", "the files of Kubernetes' nodes: time, `stderr F`, and lines that were cut in parts";
    POD: "read behind the heads of `kubectl logs --prefix`", "`[pod/db-0/postgres]`, also with times";
    TIME: "read behind the heads of `kubectl logs --timestamps` or `docker logs -t`", "a time of RFC 3339 before every line, or before every entry, as CloudWatch exports to S3";
    COMPOSE: "read behind the heads of `docker compose logs`", "`db-1  |`, also with `-t` and in colours";
    STERN: "read behind the heads of `stern`", "the names of pod and container";
    LOKI: "read behind the heads of Loki", "`logcli`, and \"Download logs\" of Grafana: time and `{labels}`";
    AWS: "read behind the heads of `aws logs`", "`--output text`";
    STREAM: "read behind the heads of `aws logs tail`", "time and name of the stream";
    GREP: "read behind the heads of `grep`", "`-H`, `-n`, `-C`: name and number before every line";
    NUMBER: "read behind the heads of line numbers", "`less -N`, `cat -n`, `grep -n`";
    QUOTE: "read behind the heads of a quotation", "`>` of a mail";
    COLOURS: "read without its colours", "as a terminal gets them";
    STRINGS: "read out of JSON", "the line or entry is a string: Docker, Fluent Bit, Filebeat, `aws logs`, `gcloud`, Logs Insights, Loki, Grafana's Explore; also cut in parts";
    ARRAY: "read out of a JSON array", "jsonlog, records of Azure and Google, rows of a table";
    PRETTY: "read out of JSON of several lines", "the same, pretty-printed";
    COLUMN: "read out of CSV", "the column is found by what stands in it: Logs Explorer, Logs Insights, CloudWatch's console, Log Analytics, Datadog, Splunk, Explore; `,`, `;` or tabs";
    JOURNAL: "read out of systemd's journal", "`journalctl -o json` and `-o export`";
    YAML: "read out of YAML", "`gcloud logging read`";
    ROWS: "read out of rows of csvlog that were written again", "all fields quoted, `;` or tabs, or some columns under their names";
    GRID: "read out of a printed table", "`psql` with any border, `mysql -t`";
    EXPANDED: "read out of rows as `\\x` prints them", "`psql`, aligned or not";
    VERTICAL: "read out of rows as `\\G` prints them", "`mysql`";
    UNALIGNED: "read out of values without quotes", "`psql -A`, `mysql --batch --raw`";
    COPIED: "read out of COPY without names", "`COPY pg_stat_statements TO`: told by the number of columns";
    INSERTS: "read out of INSERT statements", "`mysqldump`, Workbench, DBeaver";
    OBJECTS: "read out of rows as JSON", "`json_agg`, Workbench, DBeaver";
    MARKUP: "read out of a table in XML or HTML", "`mysql -X` and `-H`, `psql -H`";
}
