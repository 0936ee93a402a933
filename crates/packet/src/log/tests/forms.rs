//! Every form of every era gives the same records; bytes of no form do no harm.

use super::super::{FORMATS, LogKind, LogLevel, LogReader, Origin};
use super::{only_pattern, read, read_bytes};
use model::{Head, Sink};
use proptest::prelude::*;

const LOGR: &str = r#"{"timestamp":"2022-01-03 15:45:55.364 +01:00","level":"error","msg":"Unable to save direct channel.","caller":"web/context.go:105","path":"/api/v4/channels/direct","request_id":"x","ip_addr":"10.0.0.1","user_id":"dgrc9ykoypman7n9rg7exebpsk","method":"POST","err_where":"createDirect","http_code":500,"err_details":"default_channel_roles_select: context deadline exceeded"}"#;
const ZAP: &str = r#"{"level":"error","ts":1641221155.364,"caller":"web/context.go:105","msg":"Unable to save direct channel.","path":"/api/v4/channels/direct","ip_addr":"10.0.0.1","user_id":"dgrc9ykoypman7n9rg7exebpsk","method":"POST","err_where":"createDirect","http_code":500,"err_details":"default_channel_roles_select: context deadline exceeded"}"#;
const PLAIN: &str = r#"error [2022-01-03 14:45:55.364 Z] Unable to save direct channel.                caller="web/context.go:105" path=/api/v4/channels/direct ip_addr=10.0.0.1 user_id=dgrc9ykoypman7n9rg7exebpsk method=POST err_where=createDirect http_code=500 error="default_channel_roles_select: context deadline exceeded""#;
const CONSOLE: &str = "2022-01-03T15:45:55.364+0100\terror\tweb/context.go:105\tUnable to save direct channel.\t{\"path\": \"/api/v4/channels/direct\", \"ip_addr\": \"10.0.0.1\", \"user_id\": \"dgrc9ykoypman7n9rg7exebpsk\", \"method\": \"POST\", \"err_where\": \"createDirect\", \"http_code\": 500, \"err_details\": \"default_channel_roles_select: context deadline exceeded\"}";
const RENAMED: &str = r#"{"@timestamp":"2022-01-03T14:45:55.364Z","severity":"error","message":"Unable to save direct channel.","caller":"web/context.go:105","context":{"path":"/api/v4/channels/direct","ip_addr":"10.0.0.1","user_id":"dgrc9ykoypman7n9rg7exebpsk","method":"POST","err_where":"createDirect","http_code":500,"error":"default_channel_roles_select: context deadline exceeded"}}"#;
const UNKNOWN_KEYS: &str = r#"{"when_it_was":"2022-01-03T14:45:55.364Z","how_bad":"error","what_happened":"Unable to save direct channel.","caller":"web/context.go:105","path":"/api/v4/channels/direct","ip_addr":"10.0.0.1","user_id":"dgrc9ykoypman7n9rg7exebpsk","method":"POST","err_where":"createDirect","http_code":500,"error":"default_channel_roles_select: context deadline exceeded"}"#;

fn docker(line: &str) -> String {
    let log = serde_json::to_string(&format!("{line}\n")).unwrap();
    format!(r#"{{"log":{log},"stream":"stderr","time":"2022-01-03T14:45:56.1Z"}}"#)
}

/// Every form that a line comes in, with the name of the format that most lines have.
fn forms() -> Vec<(String, &'static str)> {
    let mut forms: Vec<(String, &str)> = vec![
        (LOGR.to_owned(), "json"),
        (ZAP.to_owned(), "json zap"),
        (PLAIN.to_owned(), "plain"),
        (CONSOLE.to_owned(), "zap console"),
        (RENAMED.to_owned(), "json"),
        (UNKNOWN_KEYS.to_owned(), "json"),
    ];
    for (line, format) in
        [(LOGR, "json"), (ZAP, "json zap"), (PLAIN, "plain"), (CONSOLE, "zap console")]
    {
        forms.push((docker(line), format));
        for prefix in [
            "Jan 03 15:45:55 chat01 mattermost[17916]: ",
            "2022-01-03T14:45:55.364Z stdout F ",
            "[pod/mm-0/mattermost] ",
            "mattermost-1  | ",
            "<30>1 2022-01-03T14:45:55Z chat01 mattermost 17 - - ",
        ] {
            forms.push((format!("{prefix}{line}"), format));
        }
    }
    forms.push((format!("\u{1b}[31m{PLAIN}\u{1b}[0m"), "plain"));
    forms
}

#[test]
fn a_line_says_the_same_in_every_form() {
    for (line, format) in forms() {
        let parsed = read(&format!("{line}\r\n"));
        let pattern = only_pattern(&parsed);
        assert_eq!(
            pattern.pattern.untrusted(),
            "Unable to save direct channel.: default_channel_roles_select: context deadline exceeded",
            "{line}"
        );
        assert_eq!(pattern.known_id, Some("store-deadline-exceeded"), "{line}");
        assert_eq!((pattern.level, pattern.origin), (LogLevel::Error, Origin::Api), "{line}");
        let at = pattern.first_at.unwrap().timestamp_millis();
        assert_eq!(at, 1_641_221_155_364, "{line}");
        let top = |field: &str| {
            let row = parsed
                .records
                .top
                .iter()
                .find(|t| t.field == field && t.pattern_id == pattern.pattern_id);
            row.map(|t| t.value.untrusted().to_owned()).unwrap_or_default()
        };
        assert_eq!(top("path"), "/api/v4/channels/direct", "{line}");
        assert_eq!(top("user_id"), "dgrc9ykoypman7n9rg7exebpsk", "{line}");
        assert_eq!(top("caller"), "web/context.go", "{line}");
        assert_eq!(top("http_code"), "500", "{line}");
        assert_eq!(parsed.records.sources[0].format, format, "{line}");
        assert_eq!(parsed.records.sources[0].skipped, 0, "{line}");
    }
}

#[test]
fn a_file_may_mix_all_forms_with_traces_and_panics() {
    let mut text = String::from(
        "{\"level\":\"info\",\"msg\":\"Pinging SQL\",\"fields\":{\"database\":\"master\"}}\n",
    );
    for (line, _) in forms() {
        text += &line;
        text += "\n";
    }
    text += "goroutine 17 [running]:\n\tmain.go:12 +0x1d\n\npanic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\n";
    let parsed = read(&text);
    let n = forms().len() as u64;
    assert_eq!(parsed.records.sources[0].records, n + 2);
    assert_eq!(parsed.records.sources[0].continuations, 3);
    assert_eq!(parsed.coverage.skipped, 0);
    let known: Vec<_> = parsed.records.patterns.iter().filter_map(|p| p.known_id).collect();
    assert!(known.contains(&"go-panic") && known.contains(&"store-deadline-exceeded"));
    let pinging =
        parsed.records.patterns.iter().find(|p| p.pattern.untrusted() == "Pinging SQL").unwrap();
    assert_eq!(pinging.first_at, None);
    let database = parsed.records.top.iter().find(|t| t.field == "database").unwrap();
    assert_eq!(database.value.untrusted(), "master");
}

#[test]
fn audit_records_of_both_eras_are_read() {
    let new = r#"{"timestamp":"2022-08-17 20:37:52.846 +01:00","event_name":"login","status":"fail","actor":{"user_id":"dgrc9ykoypman7n9rg7exebpsk","session_id":"","client":"x","ip_address":"10.0.0.9"},"event":{"parameters":{},"object_type":""},"meta":{"api_path":"/api/v4/users/login","cluster_id":""},"error":{"description":"bad password","status_code":401}}"#;
    let old = r#"{"timestamp":"2021-08-17 20:37:52.846 +01:00","api_path":"/api/v4/users/login","event":"login","status":"fail","user_id":"dgrc9ykoypman7n9rg7exebpsk","session_id":"","client":"x","ip_address":"10.0.0.9"}"#;
    for line in [new, old] {
        let parsed = read(line);
        let pattern = only_pattern(&parsed);
        assert!(pattern.pattern.untrusted().starts_with("audit login fail"), "{line}");
        assert_eq!(pattern.known_id, Some("audit-login-failed"));
        assert_eq!(parsed.records.sources[0].kind, LogKind::Audit);
        assert!(
            parsed
                .records
                .top
                .iter()
                .any(|t| t.field == "ip_addr" && t.value.untrusted() == "10.0.0.9")
        );
        assert!(
            parsed
                .records
                .top
                .iter()
                .any(|t| t.field == "path" && t.value.untrusted() == "/api/v4/users/login")
        );
    }
}

#[test]
fn ldap_and_notification_logs_are_told_by_content() {
    let ldap = r#"{"timestamp":"2022-08-17 20:37:52.846 Z","level":"LDAPError","msg":"LDAP sync failed","caller":"a/b.go:1"}"#;
    let parsed = read(ldap);
    assert_eq!(parsed.records.sources[0].kind, LogKind::Ldap);
    assert_eq!(only_pattern(&parsed).level, LogLevel::Error);
    let sent = r#"{"timestamp":"2022-08-17 20:37:52.846 Z","level":"info","msg":"Notification sent","logSource":"notifications"}"#;
    assert_eq!(read(sent).records.sources[0].kind, LogKind::Notifications);
}

#[test]
fn long_and_broken_lines_are_said_and_lose_nothing_else() {
    let long = format!(
        "{{\"timestamp\":\"2022-08-17 20:37:52.846 Z\",\"level\":\"error\",\"msg\":\"big\",\"error\":\"{}\"}}",
        "x".repeat(400_000)
    );
    let parsed = read(&format!("{LOGR}\n{long}\n{LOGR}\n{{\"level\":\"err\n{{}}\n"));
    assert_eq!(parsed.records.sources[0].records, 3);
    assert_eq!(parsed.coverage.skipped, 2);
    let reasons: Vec<_> = parsed.issues.iter().map(|i| i.reason.as_str()).collect();
    assert!(reasons.iter().any(|r| r.contains("longer than the limit")), "{reasons:?}");
}

#[test]
fn more_kinds_of_messages_than_the_limit_are_counted_together_and_said() {
    let mut text = String::new();
    for n in 0..9_000_u32 {
        let word: String = n.to_string().bytes().map(|b| (b - b'0' + b'a') as char).collect();
        text += &format!(
            "{{\"timestamp\":\"2022-08-17 20:37:52.846 Z\",\"level\":\"info\",\"msg\":\"kind {word}\"}}\n{LOGR}\n"
        );
    }
    let parsed = read(&text);
    assert!(parsed.records.patterns.len() <= 4_096);
    assert_eq!(parsed.records.patterns.iter().map(|p| p.calls).sum::<u64>(), 18_000);
    assert_eq!(parsed.records.minutes.iter().map(|m| m.calls).sum::<u64>(), 18_000);
    let known = parsed.records.patterns.iter().find(|p| p.known_id.is_some()).unwrap();
    assert_eq!(known.calls, 9_000);
    assert!(parsed.coverage.limits.iter().any(|l| l.contains("rare messages")));
}

#[test]
fn each_form_is_recognised_and_other_logs_are_not() {
    let best = |text: &str| {
        let head = Head { path: "x.log", bytes: text.as_bytes(), whole: true };
        FORMATS.iter().map(|f| ((f.score)(&head), f.name)).max_by_key(|(score, _)| *score).unwrap()
    };
    for (line, format) in forms().into_iter().filter(|(line, _)| !line.contains("happened")) {
        let (score, name) = best(&format!("{line}\n{line}\n\tat trace\n"));
        let expected = match format {
            "json" => "mattermost log",
            "json zap" => "mattermost log (zap)",
            "plain" => "mattermost log (plain)",
            _ => "mattermost log (console)",
        };
        assert_eq!(name, expected, "{line}");
        assert!(score >= 40, "{score} {line}");
    }
    for other in [
        "2025-10-13 06:16:27.135 UTC [123] LOG:  duration: 12.3 ms  statement: SELECT 1\n",
        "# Time: 2023-01-17T10:00:00Z\n# User@Host: a[a] @ b\nselect 1;\n",
        r#"{"timestamp":"2025-10-13 06:16:27.135 UTC","pid":1,"error_severity":"ERROR","message":"deadlock detected"}"#,
        "\"Time\",\"a\"\n1,2\n",
        "goroutine 1 [running]:\nmain.main()\n",
        "{\"ServiceSettings\":{\"SiteURL\":\"x\"}}",
        r#"{"t":{"$date":"2025-01-01T00:00:00Z"},"s":"I","c":"NETWORK","ctx":"conn1","msg":"x"}"#,
        "May 08 13:52:15 host sshd[1]: Accepted publickey for a\n",
        "",
    ] {
        let (score, name) = best(other);
        assert!(score < 20, "{score} {name}: {other}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn cuts_between_pushes_do_not_matter(cuts in prop::collection::vec(0_usize..20_000, 0..40), tail in ".{0,40}") {
        let mut text: String = forms().into_iter().map(|(line, _)| line + "\n").collect();
        text += "panic: x\n\tmain.go:1\n";
        text += &tail;
        let bytes = text.as_bytes();
        let whole = read_bytes(bytes);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (bytes.len() + 1)).collect();
        cuts.sort_unstable();
        let mut reader = LogReader::new("x/mattermost.log", "node-a", None);
        let mut from = 0;
        for cut in cuts {
            reader.push(&bytes[from..cut]);
            from = cut;
        }
        reader.push(&bytes[from..]);
        prop_assert_eq!(reader.finish(), whole);
    }

    #[test]
    fn damaged_lines_never_panic(n in 0_usize..100, at in 0_usize..600, byte: u8, len in 0_usize..600) {
        let forms = forms();
        let mut line = forms[n % forms.len()].0.clone().into_bytes();
        let at = at % line.len();
        line[at] = byte;
        line.truncate(len.max(1));
        let parsed = read_bytes(&line);
        prop_assert!(parsed.records.sources[0].records <= 2);
        let head = Head { path: "", bytes: &line, whole: false };
        for format in FORMATS {
            prop_assert!((format.score)(&head) <= 100);
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        read_bytes(&bytes);
    }

    #[test]
    fn random_json_like_text_never_panics(text in r#"[{}\[\]",:\\ a-z0-9\n\tu=']{0,300}"#) {
        read(&format!("{{\"timestamp\":\"2022-08-17 20:37:52.846 Z\",\"level\":\"info\",\"msg\":\"{text}\n{text}"));
    }
}
