//! What the documents say is true: links lead somewhere, README's first run works.

use crate::command::{root, run};
use std::fs;
use std::path::{Path, PathBuf};

fn documents() -> Vec<PathBuf> {
    let mut documents: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md"]
            .iter()
            .map(|name| root().join(name))
            .collect();
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            documents.push(path);
        }
    }
    documents.sort();
    documents
}

/// The targets of the Markdown links of a text.
fn links(text: &str) -> Vec<String> {
    text.match_indices("](")
        .filter_map(|(at, _)| text[at + 2..].split_once(')').map(|(target, _)| target.to_owned()))
        .collect()
}

#[test]
fn every_link_between_documents_leads_to_a_file() {
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for link in links(&text) {
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let path = document.parent().unwrap_or(Path::new(".")).join(target);
            assert!(path.exists(), "{} links to {link}, which is not there", document.display());
        }
    }
}

#[test]
fn the_first_run_of_the_readme_gives_a_report() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, after) = readme.split_once("<!-- first run -->").expect("README.md has a first run");
    let command = after
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("cargo run"))
        .expect("it runs the program");
    let (_, args) = command.split_once(" -- ").expect("it has arguments");
    let args: Vec<&str> = args.split_whitespace().collect();
    let output = run(&args);
    let report = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{report}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(report.contains("Mattermost") && report.contains("READ"), "{report}");
}

#[test]
fn every_question_that_a_document_or_the_help_shows_is_answered() {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    let mut texts: Vec<String> =
        documents().iter().map(|document| fs::read_to_string(document).unwrap()).collect();
    texts.push(help);
    let questions: Vec<&str> = texts
        .iter()
        .flat_map(|text| text.lines())
        .filter_map(|line| line.split_once("analyze query ")?.1.split('"').nth(1))
        .collect();
    assert!(questions.len() >= 2, "{questions:?}");
    for question in questions {
        let output = run(&["query", "fixtures/incidents/sidebar-missing-index", question]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{question}: {said}");
        assert!(output.stdout.iter().filter(|byte| **byte == b'\n').count() > 2, "{question}");
    }
}

/// The value of `const NAME: TYPE = ...;`, a product or a shift of numbers.
fn constant(text: &str, name: &str) -> Option<u64> {
    let (_, after) = text.split_once(&format!("const {name}: "))?;
    let (_, value) = after.split_once('=')?;
    let value = value.split(';').next()?.replace('_', "");
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match value.split_once("<<") {
        Some((left, right)) => Some(number(left)? << number(right)?),
        None => value.split('*').map(number).product(),
    }
}

#[test]
fn the_limits_in_the_document_are_those_of_the_code() {
    let text = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.contains("` in `crates/"))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    assert!(rows.len() >= 10, "{rows:?}");
    for row in rows {
        let names: Vec<&str> = row[3].split('`').collect();
        let (name, file) = (names[1], names[3]);
        let code = fs::read_to_string(root().join(file)).unwrap();
        let value = constant(&code, name);
        assert_eq!(
            value.map(|value| value.to_string()).as_deref(),
            Some(row[2]),
            "{name} in {file}"
        );
    }
}

#[test]
fn the_forms_in_the_document_are_those_of_the_code() {
    let text = fs::read_to_string(root().join("docs/slow-query-logs.md")).unwrap();
    let table: Vec<(String, String)> = text
        .lines()
        .filter(|line| line.starts_with("| read "))
        .filter_map(|line| line.trim_matches('|').split_once(" | "))
        .map(|(said, what)| (said.trim().to_owned(), what.trim().to_owned()))
        .collect();
    // A bar in a cell has a backslash before it.
    let cell = |text: &str| text.replace('|', "\\|");
    let forms = slowlog::ENVELOPES.iter().map(|form| (cell(form.said), cell(form.what)));
    assert_eq!(table, forms.collect::<Vec<_>>());
}
