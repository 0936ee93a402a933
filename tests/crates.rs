//! The directions between crates, and what must not be in the tree.

use crate::command::root;
use cargo_metadata::MetadataCommand;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Which crates of ours each may use. Leaves first; nothing may be added without a line here.
const MAY_USE: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("model", &["text"]),
    ("input", &["model", "text"]),
    ("packet", &["model", "text"]),
    ("slowlog", &["model", "text"]),
    ("metrics", &["model", "text"]),
    ("dba", &["model", "text"]),
    ("diagnosis", &["model", "text"]),
    ("tables", &["model", "text", "packet", "slowlog", "metrics", "dba"]),
    ("rules", &["model", "text", "tables", "diagnosis"]),
    ("playbook", &["model", "text"]),
    ("report", &["model", "text", "playbook"]),
    ("mattermost", &["model", "text", "playbook"]),
    (
        "analyze",
        &[
            "text",
            "model",
            "input",
            "packet",
            "slowlog",
            "metrics",
            "dba",
            "diagnosis",
            "tables",
            "rules",
            "playbook",
            "report",
            "mattermost",
        ],
    ),
];

/// Crates that a tool which works offline has no use for; `mattermost` alone speaks HTTP, and
/// blocking.
const MUST_NOT_BE_THERE: &[&str] =
    &["tokio", "object_store", "reqwest", "hyper", "async-std", "openssl-sys"];

#[test]
fn crates_depend_only_downwards() {
    let metadata =
        MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    let allowed: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    for package in &metadata.packages {
        let may_use = allowed
            .get(package.name.as_str())
            .unwrap_or_else(|| panic!("{} has no line in MAY_USE", package.name));
        for dependency in package.dependencies.iter().filter(|d| d.path.is_some()) {
            assert!(
                may_use.contains(&dependency.name.as_str()),
                "{} must not use {}: see ARCHITECTURE.md",
                package.name,
                dependency.name
            );
        }
    }
}

#[test]
fn only_tables_knows_polars() {
    let metadata =
        MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    let users: BTreeSet<&str> = metadata
        .packages
        .iter()
        .filter(|package| package.dependencies.iter().any(|d| d.name.starts_with("polars")))
        .map(|package| package.name.as_str())
        .collect();
    assert_eq!(users, BTreeSet::from(["tables"]));
}

#[test]
fn no_http_stack_and_no_runtime_come_with_the_tables() {
    // `cargo tree` resolves features as a build does; the metadata lists optional crates as well.
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--package",
            "analyze",
            "--edges",
            "normal",
            "--prefix",
            "none",
        ])
        .current_dir(root())
        .output()
        .expect("cargo tree runs");
    let tree = String::from_utf8_lossy(&output.stdout);
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(
        names.contains("polars"),
        "cargo tree gave: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let there: Vec<&&str> =
        MUST_NOT_BE_THERE.iter().filter(|name| names.contains(**name)).collect();
    assert!(there.is_empty(), "in the tree of analyze: {there:?}");
}

#[test]
fn the_steps_that_rules_may_name_are_those_of_the_playbook() {
    let playbook: Vec<&str> =
        ::playbook::Playbook::shipped().steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(::rules::STEPS, playbook);
}
