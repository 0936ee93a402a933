//! Table rules on 10^3 to 10^6 rows: rows per second of one rule, best of five runs.
//!
//! `cargo bench -p rules`

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::cast_precision_loss, reason = "small numbers")]

use rules::{Options, Overrides, RuleSource};
use std::time::Instant;
use tables::{Cell, SourceCoverage, TablesBuilder};

const RULE: &str = r#"
id = "bench"
title = "t"
kind = "fault"
severity = "low"
confidence = "likely"
step = "review-grafana"
basis = "judgement"
from = "query_minutes"
subject = "fingerprint_id"
where = "total_ms / calls > :mean AND calls > 10 AND fingerprint_id LIKE 'q%' AND NOT max_ms < :mean"
params = { mean = 900.0 }
order = "total_ms DESC"
summary = "{{ calls }}"
why = "w"
false_positives = "f"
"#;

fn main() {
    let source = RuleSource { path: "rules/bench/bench.toml".to_owned(), text: RULE.to_owned() };
    let rules = rules::load(&[source], &Overrides::default()).expect("the rule is valid");
    for n_rows in [1_000_usize, 100_000, 1_000_000] {
        let mut builder = TablesBuilder::new();
        builder.read("query_minutes", SourceCoverage::covering("bench", None)).expect("a table");
        for row in 0..n_rows {
            let number = i64::try_from(row).expect("small");
            let id = format!("q{}", row % 500);
            builder
                .row(
                    "query_minutes",
                    &[
                        ("fingerprint_id", Cell::Text(&id)),
                        ("calls", Cell::Int(1 + number % 97)),
                        ("total_ms", Cell::Float((number % 9973) as f64)),
                        ("max_ms", Cell::Float((number % 1013) as f64)),
                    ],
                )
                .expect("a row");
        }
        let tables = builder.build();
        let mut best = f64::MAX;
        for _ in 0..5 {
            let start = Instant::now();
            let outcomes = rules::evaluate(&rules, &tables, &Options::default());
            best = best.min(start.elapsed().as_secs_f64());
            assert_eq!(outcomes.len(), 1, "one outcome");
        }
        println!(
            "{n_rows:>9} rows: {:.2} ms, {:.1} M rows/s",
            best * 1e3,
            n_rows as f64 / best / 1e6
        );
    }
    let shipped = rules::shipped();
    let start = Instant::now();
    let rules = rules::load(&shipped, &Overrides::default()).expect("shipped rules are valid");
    println!(
        "{} shipped rules loaded in {:.2} ms",
        rules.len(),
        start.elapsed().as_secs_f64() * 1e3
    );
}
