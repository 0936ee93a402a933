use super::*;
use crate::Scalar;

fn at<'a>(tree: &'a Tree, path: &str) -> &'a Tree {
    path.split('.').fold(tree, |tree, name| tree.get(name).expect("the path exists"))
}

#[test]
fn a_yaml_document_keeps_types_and_ignores_comments() {
    let document = yaml(
        b"# written by the server\nversion: 2 # newest\ndatabase:\n  version: \"16.9\"\n  ratio: 0.5\n  empty:\n  on: no\n",
    );
    assert!(!document.broken);
    assert_eq!(at(&document.root, "version"), &Tree::Leaf(Scalar::Int(2)));
    assert_eq!(at(&document.root, "database.version"), &Tree::Leaf(Scalar::Text("16.9".into())));
    assert_eq!(at(&document.root, "database.ratio"), &Tree::Leaf(Scalar::Float(0.5)));
    assert!(at(&document.root, "database.empty").is_null());
    assert_eq!(at(&document.root, "database.on"), &Tree::Leaf(Scalar::Text("no".into())));
}

#[test]
fn a_broken_section_loses_nothing_else() {
    let document =
        yaml(b"server:\n  os: linux\nlicense:\n  users: [1, 2\ndatabase:\n  type: postgres\n");
    assert!(document.broken);
    assert_eq!(at(&document.root, "server.os").text().as_deref(), Some("linux"));
    assert_eq!(at(&document.root, "database.type").text().as_deref(), Some("postgres"));
    assert!(document.issues.iter().any(|issue| issue.location.starts_with("line:")));
}

#[test]
fn a_broken_entry_of_a_list_loses_nothing_else() {
    let document = yaml(b"jobs:\n- id: a\n- id: \"b\n- id: c\nother: 1\n");
    let ids: Vec<_> =
        at(&document.root, "jobs").items().iter().filter_map(|job| job.get("id")?.text()).collect();
    assert_eq!(ids.first().map(String::as_str), Some("a"));
    assert_eq!(ids.last().map(String::as_str), Some("c"));
}

#[test]
fn a_value_at_a_cut_is_not_taken_for_whole() {
    let document = yaml(b"database:\n  master_connections: 32\n  replica_connections: 3");
    assert_eq!(at(&document.root, "database.master_connections").int(), Some(32));
    assert_eq!(at(&document.root, "database.replica_connections"), &Tree::Cut);
    assert_eq!(document.issues.skipped(), 1);
}

#[test]
fn aliases_that_multiply_are_stopped() {
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (from, to) in ('a'..'i').zip('b'..'j') {
        bomb.push_str(&format!(
            "{to}: &{to} [*{from}, *{from}, *{from}, *{from}, *{from}, *{from}, *{from}, *{from}]\n"
        ));
    }
    bomb.push_str("z: 1\n");
    let document = yaml(bomb.as_bytes());
    assert!(document.broken);
    assert_eq!(at(&document.root, "z").int(), Some(1));
}

#[test]
fn deep_nesting_is_stopped() {
    for text in [
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        format!("a: {}\n", "[".repeat(100_000)),
        "- ".repeat(100_000),
    ] {
        assert!(yaml(text.as_bytes()).broken);
        assert!(json(text.as_bytes()).broken);
    }
}

#[test]
fn the_last_of_equal_names_stands() {
    let document = json(br#"{"a": 1, "b": 2, "a": 3}"#);
    assert_eq!(document.root.entries().len(), 2);
    assert_eq!(at(&document.root, "a").int(), Some(3));
}

#[test]
fn a_truncated_json_keeps_what_was_read() {
    let document =
        json(b"{\n    \"SqlSettings\": {\n        \"MaxOpenConns\": 100,\n        \"MaxIdle");
    assert!(document.broken);
    assert_eq!(at(&document.root, "SqlSettings.MaxOpenConns").int(), Some(100));
}

#[test]
fn a_broken_json_section_loses_nothing_else() {
    let text = b"{\n    \"A\": {\n        \"x\": 1,\n        \"y\": @@\n    },\n    \"B\": {\n        \"z\": 2\n    },\n    \"C\": {\n        \"w\": 3\n    }\n}\n";
    let document = json(text);
    assert!(document.broken);
    assert_eq!(at(&document.root, "A.x").int(), Some(1));
    assert_eq!(at(&document.root, "B.z").int(), Some(2));
    assert_eq!(at(&document.root, "C.w").int(), Some(3));
}

#[test]
fn a_byte_order_mark_and_bytes_that_are_not_text_are_survived() {
    let document = json(b"\xef\xbb\xbf{\"a\": \"\xff\"}");
    assert_eq!(at(&document.root, "a").text().as_deref(), Some("\u{fffd}"));
    assert!(!document.issues.is_empty());
}

#[test]
fn a_json_number_at_a_cut_is_not_taken_for_whole() {
    let document = json(b"{\n    \"SqlSettings\": {\n        \"MaxOpenConns\": 10");
    assert_eq!(at(&document.root, "SqlSettings.MaxOpenConns"), &Tree::Cut);
}

#[test]
fn a_broken_document_of_very_many_sections_is_read_up_to_the_limit() {
    let document = yaml("a: [\n".repeat(PARTS_MAX + 10).as_bytes());
    assert!(document.issues.iter().any(|issue| issue.reason.starts_with("too many sections")));
}
