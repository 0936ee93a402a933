//! Secrets, personal data and markup in every field that can reach an output: none comes out.

use crate::archives::{Member, Scratch, fixture, zip_of};
use crate::command::{run, run_with};
use crate::fake_server::{BOT_TOKEN, FakeServer};
use serde_json::Value;
use std::process::Output;

/// What must not stand in any output, in lower case: each is a part of [`EVIL`], or stands alone in
/// one field.
const CANARIES: &[&str] = &[
    "canary.person",
    "secret-customer",
    "canaryassigned",
    "canarypostgres",
    "canarymysql",
    "canarybearer",
    "canaryhook",
    "canaryjson",
    "canarypem",
    "canarycookie",
    "y2fuyxj5and0",
    "akiacanary",
    "xoxb-canary",
    "ghp_canary",
    // Values of settings whose names say that they are secrets, and literals of SQL.
    "canarysetting",
    "canaryliteral",
    "canaryparameter",
    "canarydetail",
    "4242424242",
];

/// Secrets of every shape, and what a terminal, a spreadsheet or a channel would act upon.
const EVIL: &str = concat!(
    "=HYPERLINK(\"http://evil.example\") \u{1b}[31mred\u{1b}]0;title\u{7} \u{9b}2J \u{202e}turned\u{2066} ",
    "canary.person@secret-customer.example password=canaryassigned1 ",
    "postgres://mmuser:canarypostgres1@10.0.0.9:5432/mm mmuser:canarymysql1@tcp(10.0.0.9:3306)/mm ",
    "Authorization: Bearer canarybearer1234567890 https://chat.example.org/hooks/canaryhook1234567890abcd ",
    "{\"token\":\"canaryjson123456789\"} eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.Y2FuYXJ5and0 ",
    "AKIACANARY0000000001 xoxb-canary-1234567890 ghp_canary00000000000000000000000000 ",
    "-----BEGIN RSA PRIVATE KEY-----\nMIICcanarypem\n-----END RSA PRIVATE KEY----- ",
    "@channel @all @here ~town-square #outage ```` ``` ` \n```\n# heading\n![image](http://evil.example/p.png) ",
    "[link](http://evil.example) <script>alert(1)</script> <img src=x onerror=alert(1)> ",
    "Cookie: MMAUTHTOKEN=canarycookie123456789",
);

/// The text as a string of JSON, which YAML reads as well.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Puts [`EVIL`] into every string of a configuration, and secrets under the names of secrets.
fn poison(value: &mut Value, key: &str) {
    match value {
        Value::Object(members) => {
            members.iter_mut().for_each(|(key, value)| poison(value, key));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| poison(item, key)),
        Value::String(text) => {
            let lower = key.to_ascii_lowercase();
            let secret = ["password", "secret", "salt", "encryptkey", "token", "accesskeyid"]
                .iter()
                .any(|end| lower.ends_with(end));
            *text = if secret { "canarysetting1".to_owned() } else { format!("{text} {EVIL}") };
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn configuration(bytes: &[u8]) -> Vec<u8> {
    let mut config: Value = serde_json::from_slice(bytes).unwrap();
    for section in config.as_object_mut().unwrap().values_mut() {
        poison(section, "");
    }
    config["PluginSettings"]["Plugins"]["com.example.plugin"] = serde_json::json!({
        "apitoken": "canarysetting2", "clientsecret": "canarysetting3", "Endpoint": EVIL, EVIL: EVIL,
    });
    config["SqlSettings"]["DataSource"] =
        "postgres://mmuser:canarypostgres1@db:5432/mm?password=canaryassigned1".into();
    config["SqlSettings"]["DataSourceReplicas"] =
        serde_json::json!(["mmuser:canarymysql1@tcp(db:3306)/mm"]);
    config["SqlSettings"]["ReplicaLagSettings"] = serde_json::json!([{"DataSource": "postgres://u:canarypostgres2@r:5432/mm", "QueryAbsoluteLag": "select 1", "QueryTimeLag": ""}]);
    serde_json::to_vec_pretty(&config).unwrap()
}

/// A server's log in which every field is evil, often enough to be looked at.
fn server_log(bytes: &[u8]) -> Vec<u8> {
    let mut log = bytes.to_vec();
    for n in 0..60 {
        for message in [
            EVIL,
            "Unable to get the posts for the channel.",
            "Error: failed to send",
            "failed to ping DB",
        ] {
            let line = serde_json::json!({
                "timestamp": format!("2025-05-06 06:{:02}:01.000 -04:00", n % 60), "level": "error", "msg": message,
                "caller": EVIL, "error": EVIL, "path": EVIL, "url": EVIL, "user_agent": EVIL, "err_where": EVIL, "plugin_id": EVIL,
                "user_id": EVIL, "ip_addr": EVIL, "method": EVIL, "worker": EVIL, "job_id": EVIL, EVIL: EVIL,
                "password": "canarysetting4", "details": {"token": "canarysetting5", "deep": [EVIL]},
            });
            log.extend_from_slice(format!("{line}\n").as_bytes());
        }
        log.extend_from_slice(
            format!(
                "error [2025-05-06 06:{:02}:02.000 -04:00] {} caller=\"a/b.go:1\" error=\"{}\"\n",
                n % 60,
                EVIL.replace('\n', " "),
                "canary.person@secret-customer.example"
            )
            .as_bytes(),
        );
        log.extend_from_slice(
            format!(
                "panic: {}\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/{EVIL}.go:1\n",
                EVIL.replace('\n', " ")
            )
            .as_bytes(),
        );
    }
    log
}

/// A packet of a cluster whose every member is evil, as well as the names of members and nodes.
fn packet() -> Vec<u8> {
    let evil = quoted(EVIL);
    let mut members: Vec<Member> = Vec::new();
    for (path, bytes) in fixture("10.11-cluster") {
        let name = path.rsplit('/').next().unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let bytes = match name {
            "sanitized_config.json" => configuration(&bytes),
            "mattermost.log" | "notifications.log" => server_log(&bytes),
            "plugins.json" => {
                let mut plugins: Value = serde_json::from_str(&text).unwrap();
                poison(&mut plugins, "");
                serde_json::to_vec(&plugins).unwrap()
            }
            // Every value that is a word, a status or an address.
            "diagnostics.yaml"
            | "jobs.yaml"
            | "stats.yaml"
            | "permissions.yaml"
            | "database_schema.yaml" => {
                let lines = text.lines().map(|line| match line.split_once(": ") {
                    Some((key, value))
                        if value.starts_with(|c: char| c.is_alphabetic() || c == '"')
                            && !key.ends_with("_at")
                            && !["true", "false"].contains(&value)
                            && (!key.ends_with("version") || key.ends_with("server_version")) =>
                    {
                        format!("{key}: {evil}")
                    }
                    Some((key, "OK" | "success" | "FAIL")) => format!("{key}: FAIL"),
                    Some(_) | None => line.to_owned(),
                });
                let mut text = lines.collect::<Vec<_>>().join("\n");
                text.push_str(&format!("\nerror: {evil}\n"));
                text.into_bytes()
            }
            _ => bytes,
        };
        // A folder's name is the node's.
        let path = path
            .replace("mm-2/", "mm-2 canary.person@secret-customer.example \u{1b}[31m @channel/");
        members.push((path, bytes));
    }
    members.push(("warning.txt".to_owned(), EVIL.replace('\n', " ").into_bytes()));
    members.push((format!("{}.txt", EVIL.replace('/', "_")), b"nothing".to_vec()));
    members.push((
        "password=canaryassigned1 canary.person@secret-customer.example.log".to_owned(),
        server_log(b""),
    ));
    zip_of(&members)
}

/// Statements with literals of every kind, under evil names of users, applications and objects.
fn postgresql_log() -> String {
    let mut log = String::new();
    let flat = EVIL.replace('\n', " ");
    for n in 0..90_u32 {
        let (minute, second) = (n / 2, n % 2 * 30);
        let head = format!("2025-05-06 10:{minute:02}:{second:02}.000 UTC [{}]", 100 + n);
        let statement = format!(
            "SELECT p.\"{quoted}\", 'canaryliteral1' FROM Posts p JOIN \"canary.person@secret-customer.example\" t ON t.id = p.id /* canary.person@secret-customer.example */ WHERE p.Message LIKE '%canaryliteral2%' AND p.UserId = 4242424242 AND p.Token = E'canaryliteral\\'3' AND x = $tag$canaryliteral4$tag$ -- password=canaryassigned1",
            quoted = flat.replace('"', "'"),
        );
        log.push_str(&format!(
            "{head} mmuser@mattermost LOG:  duration: {}.123 ms  execute <unnamed>: {statement}\n",
            2000 + n * 50
        ));
        log.push_str(&format!("{head} mmuser@mattermost DETAIL:  parameters: $1 = 'canaryparameter1', $2 = 'canary.person@secret-customer.example'\n"));
        log.push_str(&format!(
            "{head} mmuser@mattermost LOG:  duration: {}.5 ms  statement: {statement}\n",
            3000 + n
        ));
        log.push_str(&format!("{head} mmuser@mattermost ERROR:  duplicate key value violates unique constraint \"users_email_key\"\n{head} mmuser@mattermost DETAIL:  Key (email)=(canarydetail1) already exists.\n{head} mmuser@mattermost STATEMENT:  {statement}\n"));
        log.push_str(&format!("{head} mmuser@mattermost LOG:  process {} still waiting for ShareLock on transaction 77 after 1000.1 ms\n{head} mmuser@mattermost DETAIL:  Process holding the lock: 99. Wait queue: {}.\n{head} mmuser@mattermost STATEMENT:  {statement}\n", 100 + n, 100 + n));
        log.push_str(&format!("{head} mmuser@mattermost FATAL:  {flat}\n{head} mmuser@mattermost ERROR:  invalid input syntax for type uuid: \"canarydetail2\"\n"));
        log.push_str(&format!("{head} mmuser@mattermost LOG:  statement: ALTER USER mmuser PASSWORD 'canaryliteral5'\n{head} mmuser@mattermost LOG:  duration: 5000.000 ms  statement: CREATE INDEX idx_evil ON posts (id) WHERE message = 'canaryliteral6'\n"));
    }
    log
}

fn mysql_log() -> String {
    let mut log = String::from(
        "/usr/sbin/mysqld, Version: 8.0.35 (MySQL Community Server - GPL). started with:\nTcp port: 3306  Unix socket: /var/run/mysqld.sock\nTime                 Id Command    Argument\n",
    );
    for n in 0..60 {
        log.push_str(&format!("# Time: 2025-05-06T10:{n:02}:00.000000Z\n# User@Host: canary.person@secret-customer.example[mmuser] @ app-1 [10.0.0.1]  Id: {n}\n# Query_time: 4.5  Lock_time: 0.1 Rows_sent: 1  Rows_examined: 100000\nuse mattermost;\nSET timestamp=1746526{n:03};\nSELECT * FROM Posts WHERE Message = \"canaryliteral7\" AND UserId = 0x63616e617279 AND n = 4242424242 AND Token = 'canaryliteral''8' /* canary.person@secret-customer.example */;\n"));
    }
    log
}

fn grafana_csv() -> String {
    let evil = EVIL.replace('\n', " ").replace('"', "\"\"");
    let mut csv = format!(
        "\"Time\",\"{evil}\",\"canary.person@secret-customer.example\",\"=cmd|' /C calc'!A0\"\n"
    );
    for n in 0..60 {
        let value = if n < 40 { 0.05 } else { 5.0 };
        csv.push_str(&format!("2025-05-06 10:{n:02}:00,{value},{value},{value}\n"));
    }
    csv
}

fn prometheus_json() -> String {
    let values: Vec<Value> =
        (0..60).map(|n| serde_json::json!([1_746_525_600 + n * 60, "0.5"])).collect();
    serde_json::json!({"status": "success", "data": {"resultType": "matrix", "result": [
        {"metric": {"__name__": "go_goroutines", "instance": "canary.person@secret-customer.example", "job": EVIL}, "values": values}
    ]}})
    .to_string()
}

/// Everything evil in one folder, whose own name is harmless.
fn evil_folder(scratch: &Scratch) -> String {
    scratch.write(
        "in/packet canary.person@secret-customer.example token=canaryassigned1.zip",
        &packet(),
    );
    scratch.write("in/db password=canaryassigned1.log", postgresql_log().as_bytes());
    scratch.write("in/mysql-slow.log", mysql_log().as_bytes());
    scratch.write(
        "in/API Latency canary.person@secret-customer.example-data-2025-05-06 10_59_00.csv",
        grafana_csv().as_bytes(),
    );
    scratch.write("in/goroutines AKIACANARY0000000001.json", prometheus_json().as_bytes());
    scratch.write("in/@channel ![image](x) \u{1b}[31m\u{202e}.txt", EVIL.as_bytes());
    format!("{}/in", scratch.path())
}

/// What is wrong with an output, whatever its format.
fn leaks(what: &str, bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let lower = text.to_lowercase();
    let mut found = Vec::new();
    for canary in CANARIES {
        if let Some(at) = lower.find(canary) {
            let before: String =
                lower[..at].chars().rev().take(100).collect::<Vec<_>>().into_iter().rev().collect();
            let after: String = lower[at..].chars().take(60).collect();
            found.push(format!(
                "{what}: {canary}: ...{before}{after}... ({} times)",
                lower.matches(canary).count()
            ));
        }
    }
    found
}

/// Characters that a terminal acts upon, or that turn the direction of writing.
fn controls(what: &str, bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let is_control = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t')
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let mut found = Vec::new();
    if let Some((at, c)) = text.char_indices().find(|(_, c)| is_control(*c)) {
        let around: String = text[at.saturating_sub(0)..].chars().take(40).collect();
        found.push(format!("{what}: {c:?} in {around:?}"));
    }
    // A backslash in front of it makes it a text that shows the escape.
    let text = text.replace("\\\\", "");
    for escaped in ["\\u001b", "\\u009b", "\\u202e", "\\u2066", "\\u0007"] {
        if what.contains("json") && text.contains(escaped) {
            found.push(format!("{what}: {escaped}"));
        }
    }
    found
}

/// The bytes of a Parquet file, and behind them its pages unpacked.
fn pages(parquet: &[u8]) -> Vec<u8> {
    const ZSTD: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];
    let mut all = parquet.to_vec();
    for at in (0..parquet.len()).filter(|&at| parquet[at..].starts_with(ZSTD)) {
        let frame = zstd::stream::read::Decoder::new(&parquet[at..]).unwrap().single_frame();
        let _ = std::io::Read::read_to_end(&mut { frame }, &mut all);
    }
    all
}

/// What is left of Markdown without code.
fn without_code(markdown: &str) -> String {
    let mut out = String::new();
    let mut fence: Option<usize> = None;
    for line in markdown.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(open) if ticks >= open && line.trim_matches('`').is_empty() => fence = None,
            Some(_) => {}
            None if ticks >= 3 => fence = Some(ticks),
            None => {
                out.push_str(&without_spans(line));
                out.push('\n');
            }
        }
    }
    out
}

fn without_spans(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        if rest[..at].ends_with('\\') {
            out.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        }
        out.push_str(&rest[..at]);
        let behind = rest[at..].trim_start_matches('`');
        let ticks = rest.len() - at - behind.len();
        let closing = (0..behind.len()).filter(|&i| behind.is_char_boundary(i)).find(|&i| {
            let run = behind[i..].len() - behind[i..].trim_start_matches('`').len();
            run == ticks && !behind[..i].ends_with('`')
        });
        match closing {
            Some(end) => rest = &behind[end + ticks..],
            None => {
                out.push_str(&rest[at..rest.len() - behind.len()]);
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}

fn markup(what: &str, markdown: &str) -> Vec<String> {
    let prose = without_code(markdown);
    [
        "@channel",
        "@all",
        "@here",
        "~town-square",
        "#outage",
        "![",
        "](http",
        "<script",
        "<img",
        "http://evil",
        "\n# heading",
    ]
    .iter()
    .filter(|needle| prose.contains(**needle))
    .map(|needle| {
        format!(
            "{what}: {needle} outside code: {:?}",
            prose.lines().find(|line| line.contains(needle.trim()))
        )
    })
    .collect()
}

/// The cells of CSV that a spreadsheet takes for formulas.
fn formulas(what: &str, csv: &str) -> Vec<String> {
    let mut cells = Vec::new();
    let (mut cell, mut quoted) = (String::new(), false);
    for c in csv.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' | '\n' if !quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells
        .iter()
        .filter(|cell| cell.starts_with(['=', '+', '-', '@']) && cell.parse::<f64>().is_err())
        .map(|cell| format!("{what}: formula {cell:?}"))
        .collect()
}

fn both(what: &str, output: &Output) -> Vec<String> {
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{what}: {:?}: {err}", output.status);
    assert!(!err.contains("panicked"), "{what}: {err}");
    let mut found = leaks(what, &output.stdout);
    found.extend(leaks(&format!("{what}, standard error"), &output.stderr));
    found.extend(controls(what, &output.stdout));
    found.extend(controls(&format!("{what}, standard error"), &output.stderr));
    found
}

#[test]
fn no_report_gives_secrets_or_markup_away() {
    let scratch = Scratch::new("canary-report");
    let folder = evil_folder(&scratch);
    let refused = String::from_utf8(run(&[&folder, "--format", "?"]).stderr).unwrap();
    let (_, formats) = refused.split_once("there are ").expect("an unknown format lists the known");
    let mut found = Vec::new();
    let mut rules = Vec::new();
    for format in formats.trim().split(", ") {
        for more in [&[][..], &["--all"], &["--all", "--outcomes"]] {
            let mut args = vec![folder.as_str(), "--format", format];
            args.extend(more);
            let what = format!("{format} {}", more.join(" "));
            let output = run(&args);
            found.extend(both(&what, &output));
            let text = String::from_utf8_lossy(&output.stdout);
            match format {
                "markdown" => found.extend(markup(&what, &text)),
                "html" => found.extend(
                    ["<script>alert", "<img src=x"]
                        .iter()
                        .filter(|needle| text.contains(**needle))
                        .map(|needle| format!("{what}: {needle}")),
                ),
                "json" => {
                    let report: Value = serde_json::from_str(&text).unwrap();
                    let findings = report["findings"].as_array().unwrap();
                    rules = findings
                        .iter()
                        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
                        .collect();
                    let redactions = report["redactions"].as_object().unwrap();
                    assert!(
                        redactions.contains_key("email") && redactions.contains_key("secret"),
                        "{redactions:?}"
                    );
                }
                _ => {}
            }
        }
    }
    assert!(!rules.is_empty(), "the evil inputs are read: some rule fires");
    rules.dedup();
    for rule in rules.iter().take(8) {
        found.extend(both(
            &format!("explain {rule}"),
            &run(&["rules", "explain", rule, "--on", &folder]),
        ));
    }
    found.extend(both("playbook", &run(&["playbook", "show", &folder, "--all"])));
    found.sort();
    found.dedup();
    assert!(found.is_empty(), "{} leaks:\n{}", found.len(), found.join("\n"));
}

#[test]
fn no_post_gives_secrets_or_markup_away() {
    let scratch = Scratch::new("canary-post");
    let folder = evil_folder(&scratch);
    let server = FakeServer::newest();
    let url = server.url();
    let environment = [("ANALYZE_MM_TOKEN", BOT_TOKEN)];
    let args = ["post", &folder, "--channel", "ops/sev1", "--server", &url, "--charts"];
    let mut found = both("post", &run_with(&environment, &args));
    let dry = run(&["post", &folder, "--channel", "ops/sev1", "--dry-run"]);
    found.extend(both("dry run", &dry));
    let state = server.state();
    assert!(state.visible().len() > 5 && !state.files.is_empty());
    for post in state.visible() {
        found.extend(leaks(&post.message[..20.min(post.message.len())], post.message.as_bytes()));
        found.extend(controls("post", post.message.as_bytes()));
        found.extend(markup("post", &post.message));
        found.extend(leaks("props", post.props.to_string().as_bytes()));
    }
    for file in &state.files {
        found.extend(leaks(&file.name, file.name.as_bytes()));
        if !file.name.ends_with(".png") {
            found.extend(leaks(&file.name, &file.bytes));
        }
    }
    found.extend(state.mentions.iter().map(|(_, word)| format!("mentions {word}")));
    found.sort();
    found.dedup();
    assert!(found.is_empty(), "{} leaks:\n{}", found.len(), found.join("\n"));
}

#[test]
fn no_table_gives_secrets_away() {
    let scratch = Scratch::new("canary-tables");
    let folder = evil_folder(&scratch);
    let export = format!("{}/out", scratch.path());
    let mut found = both("export", &run(&["export", &folder, "-o", &export]));
    let mut n_public = 0;
    let mut tables: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(&export).unwrap() {
        let path = entry.unwrap().path();
        let bytes = pages(&std::fs::read(&path).unwrap());
        n_public += u32::from(bytes.windows(12).any(|window| window == b"MaxOpenConns"));
        let table = path.file_stem().unwrap().to_string_lossy().into_owned();
        found.extend(leaks(&format!("{table}.parquet"), &bytes));
        tables.push(table);
    }
    assert!(n_public > 0, "texts stand in Parquet so that this test can see them");
    assert!(tables.len() > 10, "{tables:?}");
    tables.sort();
    for table in &tables {
        let sql = format!("SELECT * FROM {table}");
        let csv = run(&["query", &folder, &sql, "--format", "csv"]);
        found.extend(both(&format!("{table} as csv"), &csv));
        found.extend(formulas(&format!("{table} as csv"), &String::from_utf8_lossy(&csv.stdout)));
    }
    for format in ["text", "json"] {
        for table in ["log_patterns", "queries", "settings", "series", "inputs"] {
            let sql = format!("SELECT * FROM {table}");
            found.extend(both(
                &format!("{table} as {format}"),
                &run(&["query", &folder, &sql, "--format", format]),
            ));
        }
    }
    found.sort();
    found.dedup();
    assert!(found.is_empty(), "{} leaks:\n{}", found.len(), found.join("\n"));
}

#[test]
fn no_chart_gives_secrets_or_markup_away() {
    let scratch = Scratch::new("canary-grafana");
    let folder = evil_folder(&scratch);
    let charts = format!("{}/charts", scratch.path());
    let mut found = both("grafana", &run(&["grafana", &folder, "-o", &charts]));
    let mut n_charts = 0;
    for entry in std::fs::read_dir(&charts).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        found.extend(leaks(&name, name.as_bytes()));
        if name.ends_with(".svg") {
            n_charts += 1;
            found.extend(leaks(&name, &bytes));
            found.extend(controls(&name, &bytes));
            let svg = String::from_utf8_lossy(&bytes).into_owned();
            found.extend(
                ["<script", "<img"]
                    .iter()
                    .filter(|needle| svg.contains(**needle))
                    .map(|needle| format!("{name}: {needle}")),
            );
        }
    }
    assert!(n_charts > 0, "the evil export is charted");
    assert!(found.is_empty(), "{} leaks:\n{}", found.len(), found.join("\n"));
}

#[test]
fn what_stands_outside_code_is_found() {
    let prose = without_code("a `@channel` b\n```text\n@all\n```\nc \\`@here `` ` @x`` d");
    assert_eq!(prose, "a  b\nc \\`@here  d\n");
}
