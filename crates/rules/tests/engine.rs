//! What a user notices of the engine: outcomes, evidence, faults, overrides.

use model::{OutcomeKind, Severity, Window};
use rules::{Options, Overrides, Rule, RuleOutcome, RuleSource, evaluate, explain, load};
use tables::{Cell, Given, SourceCoverage, Tables, TablesBuilder};

/// A rule file of that id with these further keys.
fn source(id: &str, keys: &str) -> RuleSource {
    let mut text = format!("id = \"{id}\"\n");
    for (key, value) in [
        ("title", "A title"),
        ("kind", "fault"),
        ("severity", "high"),
        ("confidence", "likely"),
        ("step", "review-configuration"),
        ("basis", "judgement"),
        ("summary", "A summary"),
        ("why", "So."),
        ("false_positives", "Never."),
    ] {
        if !keys.lines().any(|line| line.starts_with(&format!("{key} ="))) {
            text.push_str(&format!("{key} = \"{value}\"\n"));
        }
    }
    RuleSource { path: format!("rules/test/{id}.toml"), text: text + keys }
}

#[track_caller]
fn compiled(sources: &[RuleSource]) -> Vec<Rule> {
    load(sources, &Overrides::default()).unwrap_or_else(|faults| panic!("{faults}"))
}

#[track_caller]
fn outcome(keys: &str, tables: &Tables) -> RuleOutcome {
    let rules = compiled(&[source("one", keys)]);
    evaluate(&rules, tables, &Options::default()).remove(0)
}

fn facts(list: &[(&str, Cell<'_>)]) -> TablesBuilder {
    let mut builder = TablesBuilder::new();
    for (path, cell) in list {
        let place = model::Place { source: "packet.zip".to_owned(), location: format!("/{path}") };
        builder.fact(path, None, Given::Value(*cell), place, false).expect("valid");
    }
    builder
}

fn rows(builder: &mut TablesBuilder, table: &str, rows: &[&[(&str, Cell<'_>)]]) {
    builder.read(table, SourceCoverage::covering("a.log", None)).expect("valid");
    for row in rows {
        builder.row(table, row).expect("valid");
    }
}

#[test]
fn all_faults_of_all_files_are_reported_at_once() {
    let bad = [
        RuleSource {
            path: "rules/a/first.toml".to_owned(),
            text: "id = \"other\"\ntitel = \"x\"\nseverity = \"hgih\"\nlimit = \"five\"\nwhere = \"\"\"\n  stats.posts > 5\n  AND stats.psts > :n\n\"\"\"\n".to_owned(),
        },
        RuleSource { path: "rules/a/second.toml".to_owned(), text: "id = = 5\n".to_owned() },
        source("third", "from = \"querys\"\nwhere = \"calls > 5\"\nsupersedes = [\"nothing\"]"),
    ];
    let faults = load(&bad, &Overrides::default()).unwrap_err().to_string();
    for wanted in [
        "rules/a/first.toml:1:6: the id is `other`, but the file is named `first.toml`",
        "rules/a/first.toml:2:1: no key `titel` here; nearest: `title`",
        "nearest: `high`",
        "rules/a/first.toml:4:9: invalid type: string \"five\"",
        "rules/a/first.toml:7:7: no fact `stats.psts` in the catalogue; nearest: `stats.posts`\n  7 |   AND stats.psts > :n\n    |       ^^^^^^^^^^",
        "no parameter `n`",
        "the key `summary` is missing",
        "rules/a/second.toml:1:6:",
        "no table `querys`; nearest: `queries`",
        "there is no rule `nothing`",
    ] {
        assert!(faults.contains(wanted), "{wanted}\nnot in\n{faults}");
    }
}

#[test]
fn random_and_truncated_files_never_panic() {
    let whole = &rules::shipped()[0];
    for end in (0..whole.text.len()).filter(|end| whole.text.is_char_boundary(*end)).step_by(7) {
        let text = whole.text[..end].to_owned();
        let _ = load(&[RuleSource { path: whole.path.clone(), text }], &Overrides::default());
        let mut text = whole.text.clone();
        text.insert_str(end, "\"{{ [ = '''");
        let _ = load(&[RuleSource { path: whole.path.clone(), text }], &Overrides::default());
    }
}

#[test]
fn a_setting_alone_stays_at_medium_until_a_symptom_shows() {
    let keys = "where = \"SqlSettings.MaxOpenConns > 5 AND stats.posts > 5\"\n\
        escalate = [{ when = \"stats.teams > 5\", severity = \"critical\" }, { when = \"seen.n > 0\", severity = \"critical\" }]\n\
        [let.seen]\nfrom = \"log_patterns\"\nn = \"COUNT(*)\"\n";
    let settings = [
        ("SqlSettings.MaxOpenConns", Cell::Int(9)),
        ("stats.posts", Cell::Int(9)),
        ("stats.teams", Cell::Int(9)),
    ];
    let quiet = outcome(keys, &facts(&settings).build());
    assert_eq!(quiet.findings[0].severity, Severity::Medium, "sizes are no symptom");
    let mut builder = facts(&settings);
    rows(
        &mut builder,
        "log_patterns",
        &[&[("pattern_id", Cell::Text("p")), ("calls", Cell::Int(3))]],
    );
    let loud = outcome(keys, &builder.build());
    assert_eq!(loud.findings[0].severity, Severity::Critical);
    let no_setting = outcome("where = \"stats.posts > 5\"", &facts(&settings).build());
    assert_eq!(no_setting.findings[0].severity, Severity::High);
}

#[test]
fn advice_stays_at_low_until_it_is_escalated() {
    let tables = facts(&[("stats.posts", Cell::Int(9))]).build();
    let quiet = outcome("kind = \"advice\"\nwhere = \"stats.posts > 5\"", &tables);
    assert_eq!(quiet.findings[0].severity, Severity::Low);
    let keys = "kind = \"advice\"\nwhere = \"stats.posts > 5\"\nescalate = [{ when = \"stats.posts > 8\", severity = \"high\" }]";
    assert_eq!(outcome(keys, &tables).findings[0].severity, Severity::High);
}

#[test]
fn every_finding_names_source_place_and_value() {
    let mut builder = facts(&[("stats.posts", Cell::Int(1234))]);
    rows(
        &mut builder,
        "queries",
        &[&[
            ("fingerprint_id", Cell::Text("q1")),
            ("calls", Cell::Int(7)),
            ("share", Cell::Float(0.5)),
        ]],
    );
    let tables = builder.build();
    let one = outcome("where = \"stats.posts > 5 OR stats.teams > 5\"", &tables);
    let evidence = &one.findings[0].evidence;
    assert_eq!(evidence.len(), 1, "only what decided: {evidence:?}");
    assert_eq!(evidence[0].place.location, "/stats.posts");
    assert_eq!(evidence[0].text.plain(), "stats.posts = 1,234");
    let keys = "from = \"queries\"\nsubject = \"fingerprint_id\"\nwhere = \"calls > 5 AND (share > 0.4 OR rows > 5)\"";
    let one = outcome(keys, &tables);
    assert_eq!(one.findings[0].evidence[0].text.plain(), "q1: 7 calls, 50 % of the time");
}

#[test]
fn evidence_stops_at_ten_and_counts_the_rest() {
    let mut builder = TablesBuilder::new();
    builder.read("query_minutes", SourceCoverage::covering("a.log", None)).unwrap();
    for n in 0..25 {
        builder
            .row("query_minutes", &[("fingerprint_id", Cell::Text("q")), ("calls", Cell::Int(n))])
            .unwrap();
    }
    let keys = "from = \"query_minutes\"\nsubject = \"fingerprint_id\"\nwhere = \"calls >= 0\"";
    let one = outcome(keys, &builder.build());
    assert_eq!(
        (one.findings.len(), one.findings[0].evidence.len(), one.findings[0].evidence_more),
        (1, 10, 15)
    );
}

#[test]
fn findings_beyond_the_limit_become_one_line_with_count_and_sum() {
    let mut builder = TablesBuilder::new();
    builder.read("queries", SourceCoverage::covering("a.log", None)).unwrap();
    for n in 0..8 {
        let id = format!("q{n}");
        let row = [
            ("fingerprint_id", Cell::Text(id.as_str())),
            ("calls", Cell::Int(n)),
            ("share", Cell::Float(0.125)),
        ];
        builder.row("queries", &row).unwrap();
    }
    let keys = "from = \"queries\"\nsubject = \"fingerprint_id\"\nwhere = \"calls >= 0\"\norder = \"calls DESC\"\nlimit = 2\nimpact = \"share\"";
    let one = outcome(keys, &builder.build());
    let subjects: Vec<String> =
        one.findings.iter().map(|finding| finding.subject.plain()).collect();
    assert_eq!(subjects, ["q7", "q6"]);
    assert_eq!(one.more.unwrap().plain(), "6 more of the same, share 75 % together");
}

#[test]
fn clear_needs_sources_that_cover_the_incident() {
    let at = |text: &str| match Cell::parse(tables::Kind::Time, text) {
        Some(Cell::Time(at)) => at,
        other => panic!("{other:?}"),
    };
    let mut builder = TablesBuilder::new();
    let window = Window { start: at("2026-01-01T09:48:00Z"), end: at("2026-01-01T10:00:00Z") };
    builder.read("queries", SourceCoverage::covering("pg.log", Some(window))).unwrap();
    let tables = builder.build();
    let rules = compiled(&[source(
        "one",
        "from = \"queries\"\nsubject = \"fingerprint_id\"\nwhere = \"calls > 5\"",
    )]);
    let incident = Window { start: at("2026-01-01T09:18:00Z"), end: at("2026-01-01T10:31:00Z") };
    let partly =
        evaluate(&rules, &tables, &Options { incident: Some(incident), ..Options::default() })
            .remove(0);
    assert_eq!(partly.outcome, OutcomeKind::Skipped);
    assert_eq!(partly.missing, ["queries covers 09:48-10:00 of 09:18-10:31"]);
    let whole = evaluate(&rules, &tables, &Options::default()).remove(0);
    assert_eq!(whole.outcome, OutcomeKind::Clear);
    assert!(
        whole.basis.plain().contains("pg.log 2026-01-01 09:48 to 10:00 UTC"),
        "{}",
        whole.basis.plain()
    );
}

#[test]
fn a_source_that_cannot_show_it_skips_the_rule() {
    let mut builder = TablesBuilder::new();
    let limits = vec!["slow statements only: 100 ms".to_owned()];
    builder
        .read("queries", SourceCoverage { limits, ..SourceCoverage::covering("pg.log", None) })
        .unwrap();
    let keys = "from = \"queries\"\nsubject = \"fingerprint_id\"\nwhere = \"calls > 5\"\nrequires = [\"all-statements\"]";
    let one = outcome(keys, &builder.build());
    assert_eq!(one.outcome, OutcomeKind::Skipped);
    assert_eq!(one.missing, ["all-statements: pg.log has slow statements only: 100 ms"]);
}

#[test]
fn sums_over_nothing_are_zero_and_extremes_decide_nothing() {
    let mut builder = TablesBuilder::new();
    rows(&mut builder, "log_patterns", &[]);
    let tables = builder.build();
    let with = |condition: &str| {
        outcome(&format!("where = \"{condition}\"\n[let.x]\nfrom = \"log_patterns\"\nn = \"COUNT(*)\"\nsum = \"SUM(calls)\"\nmost = \"MAX(calls)\"\n"), &tables).outcome
    };
    assert_eq!(with("x.n = 0 AND x.sum = 0"), OutcomeKind::Fired);
    assert_eq!(with("x.most > 5"), OutcomeKind::Clear);
    assert_eq!(with("COALESCE(x.most, 0) = 0"), OutcomeKind::Fired);
}

#[test]
fn a_stronger_rule_hides_a_weaker_one_on_the_same_subject() {
    let mut builder = TablesBuilder::new();
    let row =
        |id: &'static str, calls| [("fingerprint_id", Cell::Text(id)), ("calls", Cell::Int(calls))];
    rows(&mut builder, "queries", &[&row("q1", 100), &row("q2", 10)]);
    let from = "from = \"queries\"\nsubject = \"fingerprint_id\"\n";
    let rules = compiled(&[
        source(
            "strong",
            &format!("{from}where = \"calls > 50\"\nsupersedes = [\"weak\", \"hidden\"]"),
        ),
        source("weak", &format!("{from}where = \"calls > 5\"")),
        source("hidden", &format!("{from}where = \"calls = 100\"")),
    ]);
    let outcomes = evaluate(&rules, &builder.build(), &Options::default());
    let find = |id: &str| outcomes.iter().find(|outcome| outcome.rule == id).unwrap();
    assert_eq!(find("hidden").outcome, OutcomeKind::Superseded);
    let left: Vec<String> =
        find("weak").findings.iter().map(|finding| finding.subject.plain()).collect();
    assert_eq!(left, ["q2"]);
}

#[test]
fn rules_that_hide_one_another_in_a_circle_are_refused() {
    let faults = load(
        &[
            source("a", "where = \"stats.posts > 1\"\nsupersedes = [\"b\"]"),
            source("b", "where = \"stats.posts > 1\"\nsupersedes = [\"c\"]"),
            source("c", "where = \"stats.posts > 1\"\nsupersedes = [\"a\"]"),
            source("d", "where = \"stats.posts > 1\"\nsupersedes = [\"a\"]"),
        ],
        &Overrides::default(),
    )
    .unwrap_err()
    .to_string();
    assert!(faults.contains("rules that hide one another: a > b > c > a"), "{faults}");
    assert!(
        !faults.contains("d > a"),
        "who only points into the circle is no part of it: {faults}"
    );
}

#[test]
fn a_let_may_ask_for_rows_that_fit_the_row() {
    let minute =
        |n: i64| Cell::Time(chrono::DateTime::from_timestamp(1_770_000_000 + n * 60, 0).unwrap());
    let mut builder = TablesBuilder::new();
    let change = |metric: &'static str, n: i64| {
        [("metric", Cell::Text(metric)), ("kind", Cell::Text("rise")), ("onset", minute(n))]
    };
    rows(&mut builder, "changes", &[&change("early", 10), &change("late", 300)]);
    let event = |n: i64| [("kind", Cell::Text("stop")), ("at", minute(n))];
    rows(&mut builder, "server_events", &[&event(9), &event(8), &event(200)]);
    let keys = "from = \"changes\"\nsubject = \"metric\"\nwhere = \"kind = 'rise' AND stops.n > 0\"\n\
        [let.stops]\nfrom = \"server_events\"\nwhere = \"kind = 'stop' AND at <= row.onset AND row.onset - at < '5 minutes'\"\nn = \"COUNT(*)\"\n";
    let found = outcome(keys, &builder.build());
    let subjects: Vec<String> = found.findings.iter().map(|one| one.subject.plain()).collect();
    assert_eq!(subjects, ["early"]);
    assert!(found.findings[0].evidence.iter().any(|entry| entry.text.plain().contains("stop")));

    // Without the table it is skipped and not clear, and a row without the column stays open.
    let mut builder = TablesBuilder::new();
    rows(&mut builder, "changes", &[&change("early", 10)]);
    let unread = outcome(keys, &builder.build());
    assert_eq!(
        (unread.outcome, unread.missing),
        (OutcomeKind::Skipped, vec!["server_events".to_owned()])
    );
    let mut builder = TablesBuilder::new();
    rows(
        &mut builder,
        "changes",
        &[&[("metric", Cell::Text("early")), ("kind", Cell::Text("rise"))]],
    );
    rows(&mut builder, "server_events", &[&event(9)]);
    let open = outcome(keys, &builder.build());
    assert_eq!(
        (open.outcome, open.missing),
        (OutcomeKind::Skipped, vec!["changes.onset".to_owned()])
    );
}

#[test]
fn a_rule_without_rows_says_what_it_is_about_and_since_when() {
    let minute = |n: i64| chrono::DateTime::from_timestamp(1_770_000_000 + n * 60, 0).unwrap();
    let mut builder = facts(&[("SqlSettings.MaxOpenConns", Cell::Int(9))]);
    let pattern = |id: &'static str, n: i64| {
        [("pattern_id", Cell::Text(id)), ("calls", Cell::Int(50)), ("onset", Cell::Time(minute(n)))]
    };
    rows(
        &mut builder,
        "log_patterns",
        &[&pattern("old", -3000), &pattern("new", 58), &pattern("later", 70)],
    );
    let keys = "where = \"SqlSettings.MaxOpenConns < 20 AND seen.n > 0\"\nsubject = \"a pool of {{ SqlSettings.MaxOpenConns }}\"\n\
        [let.seen]\nfrom = \"log_patterns\"\nwhere = \"calls > 5\"\nn = \"COUNT(*)\"\n";
    let rules = compiled(&[source("one", keys)]);
    let tables = builder.build();
    let options = Options {
        incident: Some(model::Window { start: minute(60), end: minute(90) }),
        ..Options::default()
    };
    let found = &evaluate(&rules, &tables, &options)[0].findings[0];
    assert_eq!(found.subject.plain(), "a pool of 9");
    assert_eq!(found.window.map(|window| window.start), Some(minute(58)), "what fits the incident");
    let found = &evaluate(&rules, &tables, &Options::default())[0].findings[0];
    assert_eq!(found.window.map(|window| window.start), Some(minute(-3000)));
}

#[test]
fn users_change_parameters_and_severities_and_switch_rules_off_with_a_reason() {
    let tables = facts(&[("stats.posts", Cell::Int(9))]).build();
    let sources = [
        source("a", "where = \"stats.posts > :n\"\nparams = { n = 50 }"),
        source("b", "where = \"stats.posts > 1\""),
    ];
    let text = "[theme]\nx = 1\n[rules.a]\nparams.n = 5\nseverity = \"info\"\n[rules.b]\ndisabled = \"known\"\n";
    let overrides = Overrides::parse("analyze.toml", text).unwrap();
    let outcomes = evaluate(&load(&sources, &overrides).unwrap(), &tables, &Options::default());
    assert_eq!(outcomes[0].findings[0].severity, Severity::Info);
    assert_eq!(outcomes[1].outcome, OutcomeKind::Disabled);
    assert_eq!(outcomes[1].basis.plain(), "by the user: known");
    for (text, wanted) in [
        ("[rules.c]\nseverity = \"low\"", "there is no rule `c`"),
        ("[rules.a]\nparams.m = 5", "has no parameter `m`; nearest: `n`"),
        ("[rules.a]\nseverity = \"lo\"", "nearest: `low`"),
        ("[rules.a]\nparams.n = \"many\"", "no int"),
        ("[rules.a]\nsevrity = \"low\"", "unknown field"),
    ] {
        let faults = match Overrides::parse("analyze.toml", text) {
            Ok(overrides) => load(&sources, &overrides).unwrap_err(),
            Err(faults) => faults,
        };
        assert!(faults.to_string().contains(wanted), "{faults}");
    }
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let mut builder = facts(&[
        ("stats.posts", Cell::Int(9_000_000)),
        ("ServiceSettings.EnableUserTypingMessages", Cell::Bool(true)),
    ]);
    rows(&mut builder, "jobs", &[&[("id", Cell::Text("x")), ("type", Cell::Text("y"))]]);
    let tables = builder.build();
    let rules = compiled(&rules::shipped());
    let with = |n| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
        format!("{:?}", pool.install(|| evaluate(&rules, &tables, &Options::default())))
    };
    assert_eq!(with(1), with(16));
}

#[test]
fn cases_can_fail_and_say_how() {
    let keys = "where = \"stats.posts > 5\"\n\
        [[case]]\nname = \"wrong\"\nfacts = { \"stats.posts\" = 1 }\nexpect = \"fired\"\n\
        [[case]]\nname = \"kind\"\nfacts = { \"stats.posts\" = \"many\" }\nexpect = \"fired\"\n";
    let report = rules::test(&compiled(&[source("one", keys)]));
    let text = report.to_string();
    for wanted in [
        "wrong: expected fired, is clear",
        "kind: `stats.posts` is of type int",
        "lacks a case that is clear",
        "lacks a case that is skipped",
    ] {
        assert!(text.contains(wanted), "{text}");
    }
}

#[test]
fn series_of_cases_run_through_the_search_for_changes() {
    let keys = "from = \"changes\"\nsubject = \"subject\"\nwhere = \"metric = 'store' AND kind = 'rise' AND ratio > 5\"\n\
        [[case]]\nname = \"a step\"\nexpect = { fired = { n = 1, subjects = [\"Get\"] } }\n\
        series = [{ metric = \"store\", kind = \"store\", subject = \"Get\", step = \"1m\", values = \"2x59 200x40\" }]\n\
        [[case]]\nname = \"flat\"\nexpect = \"clear\"\nseries = [{ metric = \"store\", subject = \"Get\", values = \"2x99\" }, { metric = \"store\", values = \"3x99\" }]\n\
        [[case]]\nname = \"no metrics\"\nexpect = { skipped = [\"changes\"] }\n";
    let report = rules::test(&compiled(&[source("one", keys)]));
    assert_eq!(report.n_failed(), 0, "{report}");
}

#[test]
fn explain_shows_both_sides_and_where_they_come_from() {
    let rules = compiled(&[source(
        "one",
        "where = \"stats.posts > :n AND (stats.teams > 5 OR stats.posts / 0 > 1)\"\nparams = { n = 5 }",
    )]);
    let tables = facts(&[("stats.posts", Cell::Int(9))]).build();
    let text = explain(&rules[0], &tables, &Options::default()).text().plain();
    for wanted in [
        "one (rules/test/one.toml): skipped",
        "missing: stats.teams",
        ":n = 5 (parameter)",
        "stats.posts = 9, from packet.zip /stats.posts",
        "UNKNOWN where AND",
        "TRUE    stats.posts > :n   [stats.posts = 9, :n = 5]",
        "UNKNOWN stats.teams > 5   [stats.teams = unknown]",
    ] {
        assert!(text.contains(wanted), "{wanted}\nnot in\n{text}");
    }
}

#[test]
fn every_function_is_documented() {
    let text = include_str!("../../../docs/rules.md");
    for (name, _) in rules::functions() {
        assert!(text.contains(name), "{name} is not in docs/rules.md");
    }
    for (word, _) in rules::REQUIREMENTS {
        assert!(text.contains(word), "{word} is not in docs/rules.md");
    }
}

/// A rule with an action for each engine, one for both and a warning for one.
const OF_ENGINES: &str = r#"
where = "stats.posts > 5"
do_not = [{ postgresql = "VACUUM FULL." }, "Hurry."]
references = ["https://www.postgresql.org/docs/", "https://dev.mysql.com/doc/", "https://docs.example.com/"]
[[action]]
do = "See who runs what."
who = "dba"
restart = "none"
command.postgresql = "SELECT pid FROM pg_stat_activity"
command.mysql = "SHOW FULL PROCESSLIST"
[[action]]
do = "Freeze."
who = "dba"
restart = "none"
engine = "postgresql"
command = "VACUUM (FREEZE) posts"
[[action]]
do = "Call."
who = "sre"
restart = "none"
"#;

fn said(more: &[(&str, Cell<'_>)]) -> (Vec<String>, Vec<String>) {
    let mut list = vec![("stats.posts", Cell::Int(9))];
    list.extend_from_slice(more);
    let outcome = outcome(OF_ENGINES, &facts(&list).build());
    let finding = outcome.findings.first().expect("it fires");
    let action = |action: &model::Action| {
        let command = action.command.as_ref().map_or_else(String::new, text::Text::plain);
        format!("{} {command}", action.action.plain()).trim().to_owned()
    };
    let mut others: Vec<String> = finding.do_not.iter().map(text::Text::plain).collect();
    others.extend(finding.references.iter().cloned());
    (finding.actions.iter().map(action).collect(), others)
}

#[test]
fn an_action_of_another_engine_than_the_customers_is_left_out() {
    let (actions, others) = said(&[("database.type", Cell::Text("mysql"))]);
    assert_eq!(actions, ["See who runs what. SHOW FULL PROCESSLIST", "Call."]);
    assert_eq!(others, ["Hurry.", "https://dev.mysql.com/doc/", "https://docs.example.com/"]);
    let (actions, others) = said(&[("SqlSettings.DriverName", Cell::Text("postgres"))]);
    assert_eq!(
        actions,
        [
            "See who runs what. SELECT pid FROM pg_stat_activity",
            "Freeze. VACUUM (FREEZE) posts",
            "Call."
        ]
    );
    assert_eq!(others[..2], ["VACUUM FULL.", "Hurry."]);
}

#[test]
fn while_the_engine_is_not_known_each_action_says_for_which_it_is() {
    let (actions, others) = said(&[]);
    assert_eq!(
        actions,
        [
            "PostgreSQL: See who runs what. SELECT pid FROM pg_stat_activity",
            "MySQL/MariaDB: See who runs what. SHOW FULL PROCESSLIST",
            "PostgreSQL: Freeze. VACUUM (FREEZE) posts",
            "Call."
        ]
    );
    assert_eq!(others[..2], ["PostgreSQL: VACUUM FULL.", "Hurry."]);
    assert_eq!(others.len(), 5);
}

#[test]
fn a_rule_about_one_engine_does_not_apply_to_the_other() {
    let keys = "engine = \"postgresql\"\nwhere = \"stats.posts > 5\"\nmeasure = \"Look.\"";
    let of = |kind| {
        let list = [("stats.posts", Cell::Int(9)), ("database.type", Cell::Text(kind))];
        outcome(keys, &facts(&list).build()).outcome
    };
    assert_eq!(of("mysql"), OutcomeKind::NotApplicable);
    assert_eq!(of("postgres"), OutcomeKind::Fired);
}

#[test]
fn a_command_that_one_engine_understands_says_so() {
    let bad = "where = \"stats.posts > :n\"\nparams = { n = 5 }\nreferences = [\"https://example.com\"]\n[[action]]\ndo = \"See.\"\nwho = \"dba\"\nrestart = \"none\"\n";
    let lints = |command: &str| {
        let rules = compiled(&[source("one", &format!("{bad}{command}"))]);
        rules::lint(&rules).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let found = lints("command = \"SELECT 1 FROM pg_locks\"");
    assert!(found[0].contains("only PostgreSQL understands `pg_l`"), "{found:?}");
    assert!(lints("command = \"KILL 5\"")[0].contains("only MySQL/MariaDB"));
    assert_eq!(lints("command.postgresql = \"SELECT 1 FROM pg_locks\""), [""; 0]);
    assert_eq!(lints("engine = \"mysql\"\ncommand = \"KILL 5\""), [""; 0]);
    let wrong = source("one", &format!("engine = \"mysql\"\n{bad}engine = \"postgresql\""));
    let faults = load(&[wrong], &Overrides::default()).unwrap_err().to_string();
    assert!(faults.contains("this is for postgresql, but stands in what is for mysql"), "{faults}");
}

#[test]
fn a_part_of_a_text_without_a_value_is_left_out() {
    let keys = "summary = \"Posts: {{ stats.posts }}.[[ Users: {{ stats.registered_users }}.]] It says {{ license.company }}.\"\nwhere = \"stats.posts > 5\"\nmeasure = \"Look.\"";
    let said = |more: &[(&str, Cell<'_>)]| {
        let mut list = vec![("stats.posts", Cell::Int(9)), ("license.company", Cell::Text("so."))];
        list.extend_from_slice(more);
        outcome(keys, &facts(&list).build()).findings[0].summary.plain()
    };
    assert_eq!(said(&[]), "Posts: 9. It says so.");
    assert_eq!(
        said(&[("stats.registered_users", Cell::Int(7))]),
        "Posts: 9. Users: 7. It says so."
    );
}

/// The command and what is to be filled in, of a plugin of that name.
fn command_about(plugin: Option<&str>) -> (String, String) {
    let mut builder = TablesBuilder::new();
    let name = plugin.map_or(Cell::Null, Cell::Text);
    rows(&mut builder, "server_events", &[&[("kind", Cell::Text("x")), ("subject", name)]]);
    let keys = "from = \"server_events\"\nsubject = \"kind\"\nwhere = \"kind = 'x'\"\n\
                [[action]]\ndo = \"Disable it.\"\nwho = \"sysadmin\"\nrestart = \"none\"\n\
                command = \"mmctl plugin disable {{ subject or <plugin id> }}\"";
    let outcome = outcome(keys, &builder.build());
    let action =
        outcome.findings.first().and_then(|finding| finding.actions.first()).expect("it fires");
    let plain = |text: &Option<text::Text>| text.as_ref().map(text::Text::plain);
    (plain(&action.command).unwrap_or_default(), plain(&action.fill_in).unwrap_or_default())
}

#[test]
fn a_command_names_the_thing_that_the_evidence_names() {
    let (command, fill_in) = command_about(Some("com.example.dlp-scanner"));
    assert_eq!(command, "mmctl plugin disable com.example.dlp-scanner");
    assert_eq!(fill_in, "");
}

#[test]
fn what_a_shell_takes_for_more_than_a_name_never_stands_in_a_command() {
    for hostile in ["x; reboot", "$(reboot)", "`reboot`", "x\nreboot", "--all", "x' OR '1", ""] {
        let (command, fill_in) = command_about(Some(hostile));
        assert_eq!(command, "mmctl plugin disable <plugin id>", "{hostile}");
        assert_eq!(fill_in, "<plugin id>: mmctl plugin list");
    }
    let (command, _) = command_about(None);
    assert_eq!(command, "mmctl plugin disable <plugin id>");
}

#[test]
fn a_place_that_nobody_can_fill_is_a_remark() {
    let action = "where = \"stats.posts > 1\"\nreferences = [\"https://example.com\"]\n\
                  [[action]]\ndo = \"Do it.\"\nwho = \"dba\"\nrestart = \"none\"\n";
    let remarks = |command: &str| {
        let rules = compiled(&[source("one", &format!("{action}command = \"{command}\""))]);
        rules::lint(&rules).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert!(remarks("run <thing>").contains("nobody knows where one gets `<thing>`"));
    assert!(!remarks("run <plugin id>").contains("nobody knows"));
    assert!(!remarks("ls {{ FileSettings.Directory }}").contains("say what stands there"));
    let rules = compiled(&[source(
        "one",
        &format!("{action}command = \"ls {{{{ FileSettings.Directory }}}}\""),
    )]);
    let places = rules::places(&rules);
    assert!(places.iter().any(|(place, source, _)| place == "FileSettings.Directory" && source.contains("mmctl")));
}
