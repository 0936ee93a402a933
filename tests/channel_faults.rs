//! After any fault and a second run the channel is as if nothing had happened.

use crate::fake_server::http::Fault;
use crate::fake_server::{BOT_TOKEN, FakeServer, RELEASES, Release};
use mattermost::{
    ChannelRef, Client, Clock, Connection, Done, ErrorId, Fault as Failure, Interrupted, Limits,
    Part, Place, Plan, Posted, Retry, Site, Token, Upload, apply, survey,
};
use serde_json::{Map, json};
use std::sync::Arc;
use std::time::Duration;
use text::Markdown;

/// Time that does not pass.
struct Still;

impl Clock for Still {
    fn now_ms(&self) -> i64 {
        1_770_000_000_000
    }

    fn sleep(&self, _time: Duration) {}

    fn random(&self) -> u64 {
        7
    }
}

fn client(server: &FakeServer, tries_max: u32) -> Client {
    let connection =
        Connection { timeout: Some(Duration::from_millis(400)), ..Connection::default() };
    Client::new(
        Site::parse(&server.url()).unwrap(),
        Token::new(BOT_TOKEN).unwrap(),
        &connection,
        Retry { tries_max, ..Retry::default() },
        Arc::new(Still),
    )
    .unwrap()
}

fn plan(parts: Vec<Part>) -> Plan {
    let mut memory = Map::new();
    memory.insert("run".to_owned(), json!(1));
    Plan { key: "main".to_owned(), parts, memory }
}

/// A report, a step that is pinned, and two files.
fn whole() -> Plan {
    let upload = |name: &str, bytes: &[u8]| Upload { name: name.to_owned(), bytes: bytes.to_vec() };
    let files = Part {
        files: vec![upload("report.md", b"# report"), upload("chart.png", &[0x89, 0x50, 0xFF])],
        superseded: Markdown::ours("older"),
        ..Part::text("full-report", false, vec![Markdown::ours("the files")])
    };
    plan(vec![
        Part::text(
            "report",
            true,
            vec![Markdown::ours("**cause found**"), Markdown::ours("and more of it")],
        ),
        Part::text("start-call", false, vec![Markdown::ours("what to do")]),
        files,
    ])
}

fn small() -> Plan {
    plan(vec![Part::text("report", true, vec![Markdown::ours("**cause found**")])])
}

#[derive(Debug)]
enum Stopped {
    Before(String),
    Within(Box<Interrupted>),
}

fn run(server: &FakeServer, plan: &Plan, tries_max: u32) -> Result<Done, Stopped> {
    let client = client(server, tries_max);
    let channel = server.state().channel.clone();
    let me = server.state().accounts[0].id.clone();
    let place = Place {
        channel: mattermost::ChannelId::parse(&channel).unwrap(),
        me: mattermost::UserId::parse(&me).unwrap(),
        limits: Limits::SMALLEST,
    };
    let found = survey(&client, &place, &plan.key, &[])
        .map_err(|error| Stopped::Before(error.to_string()))?;
    apply(&client, &place, plan, &found).map_err(Stopped::Within)
}

/// The channel, and the requests, when nothing goes wrong.
fn undisturbed(release: Release, plan: &Plan) -> (Vec<String>, Vec<String>) {
    let server = FakeServer::start(release);
    run(&server, plan, 1).unwrap();
    let state = server.state();
    (state.seen(), state.requests.clone())
}

/// A fault at a request: the command stops, or goes on by itself; and is run again.
fn disturbed(
    release: Release,
    plan: &Plan,
    at: usize,
    fault: &Fault,
    tries_max: u32,
    expected: &[String],
) {
    let server = FakeServer::start(release);
    server.state().faults.insert(at, fault.clone());
    let first = run(&server, plan, tries_max);
    {
        let mut state = server.state();
        state.faults.clear();
        // Longer than the server remembers what is pending.
        state.now_ms += 60_000;
    }
    if tries_max > 1 {
        assert!(first.is_ok(), "{fault:?} at {at}: {first:?}");
        assert_eq!(server.state().seen(), expected, "{fault:?} at {at}, without a second run");
    }
    let second =
        run(&server, plan, 1).unwrap_or_else(|stopped| panic!("{fault:?} at {at}: {stopped:?}"));
    assert_eq!(server.state().seen(), expected, "{fault:?} at {at}, tries {tries_max}");
    if first.is_ok() {
        assert!(
            second.posts.iter().all(|(_, _, posted)| *posted == Posted::Unchanged),
            "{second:?}"
        );
    }
}

#[test]
fn a_fault_at_any_request_leaves_no_trace_after_a_second_run() {
    let plan = whole();
    for release in RELEASES {
        let (expected, requests) = undisturbed(*release, &plan);
        for at in 0..requests.len() {
            for fault in [
                Fault::Rate,
                Fault::Proxy(502),
                Fault::Proxy(504),
                Fault::FailedAfter,
                Fault::CutRequest(0),
                Fault::CutAnswer(0),
                Fault::CutAnswer(200),
            ] {
                for tries_max in [1, 5] {
                    disturbed(*release, &plan, at, &fault, tries_max, &expected);
                }
            }
        }
    }
}

#[test]
fn a_connection_lost_at_any_byte_of_the_first_post_makes_it_once() {
    let plan = small();
    let release = RELEASES[0];
    let (expected, requests) = undisturbed(release, &plan);
    let at = requests.iter().position(|request| request == "POST /api/v4/posts").unwrap();
    std::thread::scope(|scope| {
        for part in 0..2 {
            let (plan, expected) = (&plan, &expected);
            scope.spawn(move || {
                for bytes in (part..1400).step_by(2) {
                    disturbed(release, plan, at, &Fault::CutRequest(bytes), 1, expected);
                    disturbed(release, plan, at, &Fault::CutAnswer(bytes), 1, expected);
                }
            });
        }
    });
}

#[test]
fn a_connection_lost_in_the_middle_of_any_exchange_leaves_no_trace() {
    let plan = whole();
    let release = RELEASES[3];
    let (expected, requests) = undisturbed(release, &plan);
    for at in 0..requests.len() {
        for bytes in (1..1200).step_by(83) {
            disturbed(release, &plan, at, &Fault::CutRequest(bytes), 1, &expected);
            disturbed(release, &plan, at, &Fault::CutAnswer(bytes), 1, &expected);
        }
    }
}

#[test]
fn an_answer_that_comes_too_late_is_not_asked_for_twice() {
    let plan = small();
    let (expected, requests) = undisturbed(RELEASES[1], &plan);
    let at = requests.iter().position(|request| request == "POST /api/v4/posts").unwrap();
    disturbed(RELEASES[1], &plan, at, &Fault::Slow(Duration::from_millis(700)), 5, &expected);
}

#[test]
fn files_that_the_server_drops_without_a_word_are_uploaded_again() {
    let plan = whole();
    let (expected, _) = undisturbed(RELEASES[2], &plan);
    let server = FakeServer::start(RELEASES[2]);
    server.state().drop_files = 1;
    run(&server, &plan, 1).unwrap();
    assert_eq!(server.state().seen(), expected);
    // All of them, every time: said, and mended by a later run.
    let server = FakeServer::start(RELEASES[2]);
    server.state().drop_files = 1000;
    let done = run(&server, &plan, 1).unwrap();
    assert!(done.notes.iter().any(|note| note.contains("dropped 2 of 2 files")), "{done:?}");
    server.state().drop_files = 0;
    run(&server, &plan, 1).unwrap();
    assert_eq!(server.state().seen(), expected);
}

#[test]
fn newer_files_come_beside_the_older_which_say_so() {
    let server = FakeServer::start(RELEASES[0]);
    run(&server, &whole(), 1).unwrap();
    let mut plan = whole();
    plan.parts[2].files[0].bytes = b"# newer".to_vec();
    run(&server, &plan, 1).unwrap();
    let again = run(&server, &plan, 1).unwrap();
    assert!(again.posts.iter().all(|(_, _, posted)| *posted == Posted::Unchanged), "{again:?}");
    let state = server.state();
    let texts: Vec<&str> = state.visible().iter().map(|post| post.message.as_str()).collect();
    assert_eq!(texts.iter().filter(|text| **text == "older").count(), 1);
    assert_eq!(texts.iter().filter(|text| **text == "the files").count(), 1);
}

#[test]
fn what_people_edited_is_kept_and_what_is_newer_stands_beside_it() {
    let server = FakeServer::newest();
    let done = run(&server, &whole(), 1).unwrap();
    let (root, step) = (done.posts[0].1.to_string(), done.posts[2].1.to_string());
    server.state().person_edits(&root, "**cause found**, Ann agrees");
    server.state().person_edits(&step, "what to do: done at 10:40");
    server.state().person_writes(&root, "thanks @all");
    // Nothing newer to say: nothing is posted.
    let kept = run(&server, &whole(), 1).unwrap();
    let n_posts = server.state().visible().len();
    assert_eq!(
        kept.posts.iter().filter(|(_, _, posted)| *posted == Posted::Kept).count(),
        2,
        "{kept:?}"
    );
    assert!(kept.posts.iter().all(|(_, _, posted)| *posted != Posted::Made), "{kept:?}");
    let mut newer = whole();
    newer.parts[0].messages[0] = Markdown::ours("**cause found**, and gone");
    for _ in 0..2 {
        run(&server, &newer, 1).unwrap();
        let state = server.state();
        assert_eq!(state.visible().len(), n_posts + 1);
        assert!(state.visible().iter().any(|post| post.message == "**cause found**, Ann agrees"));
        let beside = state
            .visible()
            .into_iter()
            .find(|post| post.message == "**cause found**, and gone")
            .unwrap()
            .clone();
        assert_eq!(beside.root, root);
        assert!(state.visible().iter().any(|post| post.message == "thanks @all"));
    }
}

#[test]
fn where_posts_may_not_be_edited_any_more_the_newer_text_stands_beside_the_old() {
    let server = FakeServer::newest();
    run(&server, &whole(), 1).unwrap();
    server.state().edit_limit_ms = 300_000;
    server.state().now_ms += 3_600_000;
    let n_posts = server.state().visible().len();
    let mut newer = whole();
    newer.parts[1].messages[0] = Markdown::ours("what else to do");
    for _ in 0..3 {
        let done = run(&server, &newer, 1).unwrap();
        assert_eq!(server.state().visible().len(), n_posts + 1, "{done:?}");
    }
    assert!(server.state().visible().iter().any(|post| post.message == "what to do"));
}

#[test]
fn where_posts_may_not_be_deleted_dropped_files_are_said() {
    let server = FakeServer::newest();
    server.state().drop_files = 1;
    server.state().may_delete = false;
    for _ in 0..2 {
        let done = run(&server, &whole(), 1).unwrap();
        assert!(done.notes.iter().any(|note| note.contains("attach them by hand")), "{done:?}");
    }
    let state = server.state();
    assert_eq!(state.visible().iter().filter(|post| post.message == "the files").count(), 1);
}

#[test]
fn posts_of_another_account_are_neither_doubled_nor_touched() {
    let server = FakeServer::newest();
    run(&server, &whole(), 1).unwrap();
    let before = server.state().seen();
    server.state().accounts.swap(0, 1);
    let client = Client::new(
        Site::parse(&server.url()).unwrap(),
        Token::new(crate::fake_server::PERSON_TOKEN).unwrap(),
        &Connection::default(),
        Retry::default(),
        Arc::new(Still),
    )
    .unwrap();
    let me = client.me().unwrap();
    let channel = client.channel(&ChannelRef::parse("ops/sev1").unwrap()).unwrap();
    let place = Place { channel: channel.id, me: me.id, limits: Limits::SMALLEST };
    let error = survey(&client, &place, "main", &[]).unwrap_err().to_string();
    assert!(error.contains("another account"), "{error}");
    assert!(survey(&client, &place, "other", &[]).unwrap().root().is_none());
    assert_eq!(server.state().seen(), before);
}

#[test]
fn a_root_that_is_neither_noted_nor_pinned_is_found_among_many_posts() {
    let server = FakeServer::newest();
    run(&server, &small(), 1).unwrap();
    for n in 0..450 {
        server.state().person_writes("", &format!("chatter {n}"));
    }
    server.state().posts[0].pinned = false;
    let done = run(&server, &small(), 1).unwrap();
    assert_eq!(
        done.posts.iter().map(|(_, _, posted)| *posted).collect::<Vec<_>>(),
        [Posted::Unchanged]
    );
    assert!(server.state().posts[0].pinned);
}

#[test]
fn the_server_is_asked_for_its_limits_and_obeyed() {
    for release in RELEASES {
        let server = FakeServer::start(*release);
        let told = client(&server, 1).server().unwrap();
        assert_eq!(told.version.unwrap().to_string(), release.version);
        assert_eq!(told.limits.message_runes, 16_383);
        assert!(told.limits.props_runes <= release.props_runes);
        assert_eq!(told.limits.files_per_post, 10);
    }
}

#[test]
fn a_server_that_is_not_there_is_named_with_the_remedy() {
    let url = FakeServer::newest().url();
    let site = Site::parse(&url).unwrap();
    let token = Token::new(BOT_TOKEN).unwrap();
    let client =
        Client::new(site, token, &Connection::default(), Retry::default(), Arc::new(Still))
            .unwrap();
    let error = client.me().unwrap_err();
    assert!(error.is_not_sent() && error.is_passing(), "{error:?}");
    assert!(error.to_string().contains("nothing listens there; check the address"), "{error}");
    assert!(!format!("{client:?} {error:?}").contains(BOT_TOKEN));
}

#[test]
fn a_redirect_is_not_followed_and_named() {
    let server = FakeServer::newest();
    server.state().faults.insert(0, Fault::Redirect("https://evil.example/login".to_owned()));
    let error = client(&server, 3).me().unwrap_err();
    assert!(matches!(error.fault(), Failure::Redirected(_)), "{error:?}");
    assert!(error.to_string().contains("evil.example"), "{error}");
    assert_eq!(server.state().requests.len(), 1);
}

#[test]
fn errors_of_every_version_have_a_remedy_and_no_internals() {
    for release in RELEASES {
        let server = FakeServer::start(*release);
        server.state().archived = true;
        let Err(Stopped::Within(stopped)) = run(&server, &small(), 3) else {
            panic!("it is archived")
        };
        assert_eq!(stopped.error.id(), Some(ErrorId::Archived));
        let shown = stopped.error.to_string();
        assert!(shown.contains("unarchive it") && !shown.contains("SELECT"), "{shown}");
        server.state().archived = false;
        server.state().accounts[0].member = false;
        let Err(Stopped::Before(shown)) = run(&server, &small(), 3) else {
            panic!("it is no member")
        };
        assert!(shown.contains("add its account to the team and to the channel"), "{shown}");
    }
}
