use super::*;
use crate::{Raw, Redactor, Text};
use proptest::prelude::*;

fn value(words: &str) -> crate::Value {
    Redactor::new().clear(&Raw::new(words))
}

fn one(line: Line) -> String {
    let mut document = Document::new();
    document.line(line);
    document.split(16_383).iter().map(Markdown::as_str).collect::<Vec<_>>().join("\n--\n")
}

#[test]
fn values_stand_in_code_and_figures_as_they_are() {
    let text = Text::ours("index ")
        .with_value(value("idx_a"))
        .with_ours(" since ")
        .with_value(value("09:18"))
        .with_ours(", see `analyze dba`.");
    assert_eq!(
        one(Line::new().ours("**Cause:** ").text(&text)),
        "**Cause:** index `idx_a` since 09:18, see `analyze dba`."
    );
}

#[test]
fn only_manuals_are_links() {
    let line = |words: &str| one(Line::new().said(words));
    assert_eq!(
        line("How: https://docs.mattermost.com/a_b.html#c."),
        "How: https://docs.mattermost.com/a_b.html#c."
    );
    assert_eq!(line("see https://evil.example/x"), "see `https://evil.example/x`");
    assert_eq!(
        line("https://docs.mattermost.com.evil.example/x"),
        "`https://docs.mattermost.com.evil.example/x`"
    );
    assert_eq!(line("'idx'::regclass gives true"), "`'idx'::regclass` gives true");
    assert_eq!(
        line("![x](https://docs.mattermost.com/a.png)"),
        "`![x](https://docs.mattermost.com/a.png)`"
    );
}

#[test]
fn two_codes_that_touch_stay_two() {
    let text = Text::value(value("a`x")).with_value(value("b"));
    assert_eq!(one(Line::new().text(&text)), "``a`x`` `b`");
}

#[test]
fn a_table_keeps_its_columns() {
    let mut document = Document::new();
    document.push(Block::Table {
        head: &["Evidence", "Source"],
        rows: vec![vec![Line::new().code(&value("a | b")), Line::new().said("x|y")]],
    });
    assert_eq!(
        document.split(16_383).first().map(Markdown::as_str),
        Some("| Evidence | Source |\n|:--|:--|\n| `a │ b` | x│y |")
    );
}

#[test]
fn a_long_table_has_its_head_in_every_message_and_a_long_fence_is_closed() {
    let rows = (0..400).map(|n| vec![Line::new().said(format!("row {n}"))]).collect();
    let mut document = Document::new();
    document.push(Block::Table { head: &["Rows"], rows });
    let code: String = (0..2000).map(|n| format!("line {n} ```\n")).collect();
    document.push(Block::Fence { language: "text", code: Text::value(value(&code)) });
    let messages = document.split(4000);
    assert!(messages.len() > 3, "{}", messages.len());
    for message in &messages {
        assert!(message.runes() <= 4000);
        let words = message.as_str();
        assert!(
            words.starts_with("| Rows |\n|:--|\n") || words.starts_with("````text\n"),
            "{words}"
        );
        assert_eq!(words.matches("````").count() % 2, 0, "{words}");
    }
    let rows: usize =
        messages.iter().map(|message| message.as_str().matches("| row ").count()).sum();
    assert_eq!(rows, 400);
}

#[test]
fn nothing_is_cut_where_a_word_has_no_end() {
    let word = "x".repeat(50_000);
    let mut document = Document::new();
    document.line(Line::new().said(word.clone()));
    let messages = document.split(4000);
    let n: usize = messages.iter().map(|message| message.as_str().matches('x').count()).sum();
    assert_eq!(n, 50_000);
    assert!(messages.iter().all(|message| message.runes() <= 4000));
}

#[test]
fn what_still_holds_a_secret_is_found() {
    let leaked = "see postgres://u:hunter2@db/x and ann@example.com";
    assert_eq!(
        Redactor::found(leaked).keys().copied().collect::<Vec<_>>(),
        ["credentials", "email"]
    );
    assert!(Redactor::found(value(leaked).as_str()).is_empty());
    assert!(Redactor::found("curl -H \"Authorization: Bearer $TOKEN\" URL").is_empty());
    assert!(Redactor::found("packet token=***!jobs.yaml and password=***: read").is_empty());
    assert!(!Redactor::found("password=***&token=hunter2x").is_empty());
    assert!(Redactor::found("**Do now** `SHOW max_connections` at 10:31 UTC").is_empty());
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "`",
            "```",
            "\n",
            "@all",
            "|",
            "\\",
            "[a](http://b)",
            " ",
            "~~~\n",
            "x",
            "¡",
            "😀"
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|parts| parts.concat())
}

fn block() -> impl Strategy<Value = Block> {
    let line = || {
        hostile()
            .prop_map(|words| Line::new().ours("**").text(&Text::value(value(&words))).said(words))
    };
    let lines = || prop::collection::vec(line(), 0..6);
    prop_oneof![
        line().prop_map(Block::Heading),
        lines().prop_map(Block::Lines),
        lines().prop_map(Block::Bullets),
        lines().prop_map(|items| Block::Numbered { first: 3, items }),
        prop::collection::vec((line(), line()), 0..6).prop_map(|rows| Block::Table {
            head: &["a", "b"],
            rows: rows.into_iter().map(|(a, b)| vec![a, b]).collect(),
        }),
        hostile()
            .prop_map(|words| Block::Fence { language: "text", code: Text::value(value(&words)) }),
    ]
}

/// The backticks of a fence that is opened and never closed.
fn open_fence(message: &str) -> Option<usize> {
    message.lines().fold(None, |open, line| {
        let n_ticks = line.len() - line.trim_start_matches('`').len();
        match open {
            None if n_ticks >= 3 => Some(n_ticks),
            Some(open) if n_ticks >= open && line.len() == n_ticks => None,
            open => open,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_message_is_longer_than_asked_or_holds_what_a_server_refuses(
        blocks in prop::collection::vec(block(), 0..12),
        max in 0_usize..20_000,
    ) {
        let mut document = Document::new();
        for block in blocks {
            document.push(block);
        }
        for message in document.split(max) {
            prop_assert!(message.runes() <= max.max(4000), "{}", message.runes());
            prop_assert!(!message.is_empty());
            let refused = message.as_str().contains(['\0', '\u{202E}', '\u{1b}', '\r']);
            prop_assert!(!refused);
            prop_assert_eq!(open_fence(message.as_str()), None, "{}", message);
        }
    }
}
