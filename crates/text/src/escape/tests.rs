use super::*;
use proptest::prelude::*;

/// Signs that would mention or tag if a word followed them.
const SIGNS: [char; 4] = ['@', '＠', '#', '~'];

/// Reads Markdown outside code as the server does for mentions: entities and backslashes are
/// undone first.
fn undone(markdown: &str) -> String {
    let mut out = String::new();
    let mut chars = markdown.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            out.extend(chars.next());
        } else {
            out.push(c);
        }
    }
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn mentions(text: &str) -> bool {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if SIGNS.contains(&c) && chars.peek().is_some_and(|next| *next != BREAK) {
            return true;
        }
    }
    false
}

#[test]
fn words_that_fire_mentions_are_broken() {
    for text in [
        "@all",
        "see @here.",
        "\\@channel",
        "＠all",
        "~town-square",
        "#tag",
        "**@all**",
        "@@all",
        "a@all b",
        "|@all|",
    ] {
        let out = markdown(text);
        assert!(!mentions(&undone(&out)), "{out}");
    }
    assert_eq!(markdown("&#64;all"), "&amp;#\u{200B}64;all", "an entity stays text");
}

#[test]
fn markup_is_shown_and_not_obeyed() {
    assert_eq!(markdown("![x](http://a.example)"), "\\!\\[x\\]\\(http:\u{200B}//a.example\\)");
    assert_eq!(markdown("a|b\n- c"), "a\\|b - c");
    assert_eq!(markdown("- list"), "\\- list");
    assert_eq!(markdown("1. list"), "1\\. list");
    assert_eq!(markdown("max_open_conns at 10:05:33"), "max\\_open\\_conns at 10:05:33");
    assert_eq!(markdown("www.example.com"), "www\u{200B}.example.com");
    assert_eq!(markdown("see :boom:"), "see :\u{200B}boom:");
}

#[test]
fn code_is_longer_than_the_backticks_in_it() {
    assert_eq!(code_span("a"), "`a`");
    assert_eq!(code_span("a`b"), "``a`b``");
    assert_eq!(code_span("`a`"), "`` `a` ``");
    assert_eq!(code_span(""), "` `");
    assert_eq!(code_span_in_table("a|b"), "`a│b`");
    assert_eq!(fence("text", "a\n```\n@all"), "````text\na\n```\n@all\n````\n");
}

#[test]
fn html_is_text_also_in_attributes() {
    assert_eq!(html("<a href=\"x\" b='y'>&"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
}

#[test]
fn a_cell_is_no_formula() {
    for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
        assert_eq!(csv_cell(text), format!("'{text}"));
    }
    assert_eq!(csv_cell("a=1"), "a=1");
}

#[test]
fn a_terminal_gets_one_line_without_sequences() {
    assert_eq!(
        terminal("a\u{1b}[2Jb\u{9b}31mc\u{1b}]8;;http://x\u{1b}\\d\r\ne\u{202E}f\u{200B}g\u{FEFF}"),
        "abcd efg"
    );
    assert_eq!(terminal("\u{1b}]unfinished title hides nothing"), "unfinished title hides nothing");
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "`", "``", "```", "\n", "@all", "@", "＠here", "~", "#", "\\", "&#64;", "[", "](", "!",
            "|", "<", ">", " ", "x", "~~~", "\u{200B}", "\r", "    ",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..16).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn no_value_fires_a_mention_or_marks_up(text in hostile()) {
        let out = markdown(&text);
        prop_assert!(!mentions(&undone(&out)), "{}", out);
        prop_assert!(!out.contains('\n'));
        let bytes: Vec<char> = out.chars().collect();
        for (at, c) in bytes.iter().enumerate() {
            if matches!(c, '`' | '[' | ']' | '|' | '*' | '!') {
                prop_assert_eq!(bytes.get(at.wrapping_sub(1)), Some(&'\\'));
            }
            prop_assert!(!matches!(c, '<' | '>'));
        }
    }

    #[test]
    fn no_value_breaks_out_of_a_code_span(text in hostile()) {
        for out in [code_span(&text), code_span_in_table(&text)] {
            let ticks = out.len() - out.trim_start_matches('`').len();
            let inner = &out[ticks..out.len() - ticks];
            prop_assert!(out.ends_with(&"`".repeat(ticks)));
            prop_assert!(!inner.starts_with('`') && !inner.ends_with('`'));
            prop_assert!(inner.split(|c| c != '`').all(|run| run.len() != ticks));
            prop_assert!(!out.contains('\n'));
        }
        prop_assert!(!code_span_in_table(&text).contains('|'));
    }

    #[test]
    fn no_value_breaks_out_of_a_fence(text in hostile()) {
        let out = fence("text", &text);
        let ticks = out.len() - out.trim_start_matches('`').len();
        let inner = out.strip_suffix(&format!("\n{}\n", "`".repeat(ticks))).unwrap();
        let (_, inner) = inner.split_once('\n').unwrap();
        prop_assert!(inner.split(|c| c != '`').all(|run| run.len() < ticks));
        prop_assert!(!inner.contains('\r'));
    }

    #[test]
    fn html_has_no_tag_and_no_quote(text in hostile()) {
        prop_assert!(!html(&text).contains(['<', '>', '"', '\'']));
    }
}
