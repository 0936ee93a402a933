//! `analyze watch`: files that people drop into the channel, and the answers.

use crate::command::{root, run_with};
use crate::fake_server::http::Fault;
use crate::fake_server::{BOT_TOKEN, FakeServer, id};
use std::fs;

/// One look, far back: the server's clock is not this machine's.
fn look(server: &FakeServer, more: &[&str]) -> String {
    let url = server.url();
    let environment = [("ANALYZE_MM_TOKEN", BOT_TOKEN), ("ANALYZE_MM_SERVER", url.as_str())];
    let mut args = vec!["watch", "--channel", "ops/sev1", "--once", "--back", "200000"];
    args.extend(more);
    let output = run_with(&environment, &args);
    format!(
        "exit {}\n{}{}",
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The answers in the channel: thread and text.
fn answers(server: &FakeServer) -> Vec<(String, String)> {
    let state = server.state();
    let bot = id("analyzebot", 1);
    let own = state.visible().into_iter().filter(|post| post.user == bot);
    own.map(|post| (post.root.clone(), post.message.clone())).collect()
}

fn log() -> Vec<u8> {
    fs::read(root().join("fixtures/slowlog/incident.log")).unwrap()
}

#[test]
fn a_dropped_log_is_answered_in_its_thread_once() {
    let server = FakeServer::newest();
    let post = server.state().person_drops("", "../../incident.log", &log());
    let first = look(&server, &[]);
    assert!(
        first.starts_with("exit 0\n") && first.contains(&format!("answered {post}")),
        "{first}"
    );
    let given = answers(&server);
    assert_eq!(given.len(), 1, "{given:?}");
    assert_eq!(given[0].0, post, "in the thread");
    for words in ["**Findings**", "**Read**", "`incident.log`: postgresql"] {
        assert!(given[0].1.contains(words), "{words} is not in {}", given[0].1);
    }
    // A restart answers nothing twice; nor does it look at its own posts.
    assert_eq!(look(&server, &[]), "exit 0\n");
    assert_eq!(answers(&server), given);
    assert!(server.state().mentions.is_empty());

    // Another file, in the same thread: answered there too.
    let answers_of_dba = fs::read(root().join("fixtures/dba/psql.txt")).unwrap();
    server.state().person_drops(&post, "answers.txt", &answers_of_dba);
    look(&server, &[]);
    let given = answers(&server);
    assert_eq!(given.len(), 2);
    assert_eq!(given[1].0, post);
    assert!(given[1].1.contains("nightly-cleanup"), "{}", given[1].1);
    assert!(!given[1].1.contains("canaryliteral"), "{}", given[1].1);
}

#[test]
fn pictures_and_what_is_nothing_for_us_are_passed_over_without_a_word() {
    let server = FakeServer::newest();
    server.state().person_drops("", "cpu.png", b"\x89PNG\r\n");
    server.state().person_writes("", "just words");
    assert_eq!(look(&server, &[]), "exit 0\n");
    assert!(answers(&server).is_empty());
    let fetched = server
        .state()
        .requests
        .iter()
        .any(|request| request.contains("/files/") && !request.ends_with("/info"));
    assert!(!fetched, "a picture is not fetched");
}

#[test]
fn what_is_too_large_is_said_and_not_fetched() {
    let server = FakeServer::newest();
    let post = server.state().person_drops("", "packet.zip", &vec![0; (1 << 20) + 1]);
    look(&server, &["--max-mb", "1"]);
    let given = answers(&server);
    assert_eq!((given.len(), given[0].0.as_str()), (1, post.as_str()));
    assert!(given[0].1.contains("`packet.zip`: too large"), "{given:?}");
    assert!(!server.state().requests.iter().any(|request| {
        request.starts_with("GET /api/v4/files/") && !request.ends_with("/info")
    }));
}

#[test]
fn a_damaged_archive_with_an_evil_name_is_answered_and_mentions_nobody() {
    let server = FakeServer::newest();
    let name = "`@all` ~town [x](http://evil.example) ```.zip";
    server.state().person_drops("", name, b"PK\x03\x04 this is no archive");
    let shown = look(&server, &[]);
    assert!(shown.starts_with("exit 0\n"), "{shown}");
    let state = server.state();
    assert!(state.mentions.is_empty(), "{:?}", state.mentions);
    for post in state.visible() {
        assert!(!post.message.contains("](http"), "{}", post.message);
    }
}

#[test]
fn after_any_fault_and_a_second_look_the_channel_is_as_if_nothing_had_happened() {
    let reference = FakeServer::newest();
    reference.state().person_drops("", "incident.log", &log());
    look(&reference, &[]);
    let (n_requests, expected) = {
        let state = reference.state();
        (state.requests.len(), state.seen())
    };
    for at in 0..n_requests {
        for fault in [Fault::CutAnswer(0), Fault::CutAnswer(90), Fault::FailedAfter] {
            let server = FakeServer::newest();
            server.state().person_drops("", "incident.log", &log());
            server.state().faults.insert(at, fault.clone());
            look(&server, &[]);
            let second = look(&server, &[]);
            assert!(second.starts_with("exit 0\n"), "{fault:?} at {at}: {second}");
            assert_eq!(server.state().seen(), expected, "{fault:?} at {at}");
        }
    }
}

#[test]
fn a_wrong_request_asks_no_server() {
    let server = FakeServer::newest();
    for (more, words) in [(["--max-mb", "900"], "--max-mb 900"), (["--every", "0"], "--every 0")] {
        let shown = look(&server, &more);
        assert!(shown.starts_with("exit 2\n") && shown.contains(words), "{shown}");
    }
    assert!(server.state().requests.is_empty());
}
