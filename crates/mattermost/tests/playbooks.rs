//! The run of the channel on a server of several versions, with faults.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a failed step is a failed test")]

#[path = "../../../tests/fake_server/mod.rs"]
#[expect(dead_code, reason = "the tests of the whole command use the rest")]
mod fake_server;

use fake_server::http::Fault;
use fake_server::playbooks::{FakeRun, PLUGINS};
use fake_server::{BOT_TOKEN, FakeServer, PERSON_TOKEN, id};
use mattermost::playbooks::{LeftAlone, RunFound, StartSpec, StepText, SyncError, Synced, sync};
use mattermost::{
    ChannelId, Client, Clock, Connection, PostId, Retry, RunId, Site, TeamId, Token, UserId,
};
use std::sync::Arc;
use std::time::Duration;
use text::Markdown;

/// A clock that does not wait.
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

fn client(server: &FakeServer, token: &str) -> Client {
    let site = Site::parse(&server.url()).unwrap();
    let token = Token::new(token).unwrap();
    let connection = Connection::default();
    Client::new(site, token, &connection, Retry::default(), Arc::new(Still)).unwrap()
}

const TITLES: &[&str] = &[
    "Share system information",
    "Share Grafana screenshots",
    "Reply to customer with update",
    "2. Review configuration",
    "Reply to customer with update",
];

fn step(id: &str, title: &str, complete: bool) -> StepText {
    let text = Markdown::ours("two nodes of four");
    StepText { id: id.to_owned(), title: title.to_owned(), text, complete }
}

fn steps() -> Vec<StepText> {
    vec![
        step("share-system-information", "Share system information", true),
        step("share-grafana-screenshots", "Share Grafana screenshots", false),
        step("reply-update-1", "Reply to customer with update", false),
        step("review-configuration", "Review  CONFIGURATION", true),
        step("reply-update-2", "Reply to customer with update", false),
        step("merge", "Merge", true),
    ]
}

/// A server with a run in which the person takes part.
fn with_run() -> FakeServer {
    let server = FakeServer::newest();
    {
        let mut state = server.state();
        let channel = state.channel.clone();
        state.plugins = vec![("playbooks", "2.8.0")];
        let run = state.playbooks.add_run(&channel, "Sev 1", TITLES);
        run.participants = vec![id("ann", 1), id("analyzebot", 1)];
        run.checklists[0][2].description = "Ben writes these.".to_owned();
        run.checklists[0][2].command = "/playbook update".to_owned();
    }
    server
}

fn run_of(server: &FakeServer) -> FakeRun {
    server.state().playbooks.runs[0].clone()
}

fn run_id(server: &FakeServer) -> RunId {
    RunId::parse(&run_of(server).id).unwrap()
}

fn channel(server: &FakeServer) -> ChannelId {
    ChannelId::parse(&server.state().channel).unwrap()
}

#[track_caller]
fn synced(server: &FakeServer, token: &str) -> Synced {
    let (done, error) = sync(&client(server, token), &run_id(server), &steps());
    assert_eq!(error, None, "{done:?}");
    done
}

#[test]
fn steps_are_written_into_their_items_and_only_complete_ones_are_checked_off() {
    let server = with_run();
    let done = synced(&server, PERSON_TOKEN);
    assert_eq!(done.checked, ["share-system-information", "review-configuration"]);
    assert_eq!(done.written.len(), 5);
    assert_eq!(done.left, [("merge".to_owned(), LeftAlone::NoItem)]);
    let items = run_of(&server).checklists[0].clone();
    let states: Vec<&str> = items.iter().map(|item| item.state.as_str()).collect();
    assert_eq!(states, ["closed", "", "", "closed", ""]);
    assert!(items[2].description.starts_with("Ben writes these.\n\n▼ "), "{items:?}");
    assert_eq!(items[2].command, "/playbook update", "what is left out would be emptied");
    assert_eq!(items[3].title, "2. Review configuration");

    let before = server.state().playbooks.n_changes;
    let again = synced(&server, PERSON_TOKEN);
    assert_eq!((again.n_same, again.written.len(), again.checked.len()), (5, 0, 0));
    assert_eq!(server.state().playbooks.n_changes, before, "nothing is written again");
}

#[test]
fn what_people_decide_stays() {
    let server = with_run();
    synced(&server, PERSON_TOKEN);
    {
        let mut state = server.state();
        let items = &mut state.playbooks.runs[0].checklists[0];
        // Opened again; and one that somebody works on.
        items[0].state = String::new();
        items[0].description.push_str("\n\nAnn: the figures of node 2 are old.");
        items[3].state = "in_progress".to_owned();
    }
    let done = synced(&server, PERSON_TOKEN);
    let left: Vec<(&str, LeftAlone)> =
        done.left.iter().map(|(step, why)| (step.as_str(), *why)).collect();
    assert!(left.contains(&("share-system-information", LeftAlone::OpenedAgain)), "{left:?}");
    assert!(left.contains(&("review-configuration", LeftAlone::Taken)), "{left:?}");
    let items = run_of(&server).checklists[0].clone();
    assert_eq!((items[0].state.as_str(), items[3].state.as_str()), ("", "in_progress"));
    assert!(items[0].description.ends_with("Ann: the figures of node 2 are old."));

    // Somebody took away one of our lines.
    server.state().playbooks.runs[0].checklists[0][1].description = "▲ **analyze**".to_owned();
    let done = synced(&server, PERSON_TOKEN);
    assert!(
        done.left.contains(&("share-grafana-screenshots".to_owned(), LeftAlone::Damaged)),
        "{done:?}"
    );
}

#[test]
fn lost_updates_are_made_again() {
    for lose in 0..6 {
        let server = with_run();
        server.state().playbooks.lose = lose;
        synced(&server, PERSON_TOKEN);
        let reference = with_run();
        synced(&reference, PERSON_TOKEN);
        assert_eq!(run_of(&server), run_of(&reference), "{lose} lost");
    }
    let server = with_run();
    server.state().playbooks.lose = usize::MAX;
    let (_, error) = sync(&client(&server, PERSON_TOKEN), &run_id(&server), &steps());
    assert_eq!(error, Some(SyncError::Lost("share-system-information".to_owned())));
}

#[test]
fn a_change_that_meets_another_item_is_taken_back() {
    fn moved(run: &mut FakeRun) {
        let item = run.checklists[0].remove(0);
        run.checklists[0].push(item);
    }
    fn taken_away(run: &mut FakeRun) {
        run.checklists[0].remove(4);
    }
    for (at, act) in [(0, moved as fn(&mut FakeRun)), (1, moved), (3, moved), (6, taken_away)] {
        let server = with_run();
        server.state().playbooks.meanwhile = vec![(at, act)];
        let (done, error) = sync(&client(&server, PERSON_TOKEN), &run_id(&server), &steps());
        assert_eq!(error, None, "change {at}: {done:?}");
        let run = run_of(&server);
        let by_title = |title: &str| {
            run.checklists[0].iter().filter(|item| item.title == title).collect::<Vec<_>>()
        };
        assert_eq!(by_title("Share system information")[0].state, "closed", "change {at}");
        assert_eq!(by_title("Share Grafana screenshots")[0].state, "", "change {at}");
        for item in &run.checklists[0] {
            let own = item.description.matches("▼").count();
            assert!(own <= 1 && !item.title.is_empty(), "change {at}: {item:?}");
        }
        assert!(by_title("Reply to customer with update")[0].description.starts_with("Ben"));
    }
}

#[test]
fn after_any_fault_and_a_second_run_the_run_is_as_if_nothing_had_happened() {
    let reference = with_run();
    synced(&reference, PERSON_TOKEN);
    let n_requests = reference.state().requests.len();
    let expected = run_of(&reference);
    for at in 0..n_requests {
        let cut = [0, 40, 200, 400].map(Fault::CutRequest).into_iter();
        let answers = [0, 20, 120, 300].map(Fault::CutAnswer).into_iter();
        let others = [Fault::Rate, Fault::Proxy(502), Fault::FailedAfter].into_iter();
        for fault in cut.chain(answers).chain(others) {
            let server = with_run();
            server.state().faults.insert(at, fault.clone());
            let (_, first) = sync(&client(&server, PERSON_TOKEN), &run_id(&server), &steps());
            let (_, second) = sync(&client(&server, PERSON_TOKEN), &run_id(&server), &steps());
            assert_eq!(second, None, "{fault:?} at {at}, first {first:?}");
            assert_eq!(run_of(&server), expected, "{fault:?} at {at}");
        }
    }
}

#[test]
fn a_bot_may_write_since_the_version_that_lets_it_and_uses_keywords_before() {
    for plugin in PLUGINS {
        let server = with_run();
        server.state().plugins = vec![("playbooks", plugin.version)];
        server.state().playbooks.runs[0].checklists[0][0].keywords =
            vec![("analyze-completed-share-system-information".to_owned(), vec![])];
        let bot = client(&server, BOT_TOKEN);
        let (done, error) = sync(&bot, &run_id(&server), &steps());
        if plugin.bots {
            assert_eq!((error, done.checked.len()), (None, 2), "{}", plugin.version);
            continue;
        }
        let Some(SyncError::NotAllowed(error)) = error else { panic!("{error:?}") };
        assert_eq!(error.status(), Some(403));
        server.state().person_writes("", "the thread");
        let root = PostId::parse(&server.state().posts[0].id).unwrap();
        let me = UserId::parse(&id("analyzebot", 1)).unwrap();
        let post = || bot.post_keywords(&channel(&server), &root, &me, "main", &steps()).unwrap();
        assert_eq!(post(), ["share-system-information", "review-configuration", "merge"]);
        assert_eq!(run_of(&server).checklists[0][0].state, "closed");
        assert!(post().is_empty(), "each is posted once");
        assert_eq!(server.state().visible().len(), 2);
        assert!(server.state().mentions.is_empty());
    }
}

#[test]
fn the_run_of_the_channel_is_found_on_every_version() {
    for plugin in PLUGINS {
        let server = FakeServer::newest();
        server.state().plugins = vec![("playbooks", plugin.version)];
        let find = || client(&server, PERSON_TOKEN).find_run(&channel(&server)).unwrap();
        assert_eq!(find(), RunFound::None, "{}", plugin.version);
        let own = server.state().channel.clone();
        // Many of other channels, over several pages.
        for n in 0..120 {
            server.state().playbooks.add_run(&id("other", n), "another", &["a"]);
        }
        assert_eq!(find(), RunFound::None, "{}", plugin.version);
        server.state().playbooks.add_run(&own, "old", &["a"]).finished = true;
        assert!(matches!(find(), RunFound::Finished(_)), "{}", plugin.version);
        server.state().playbooks.add_run(&own, "new", &["a"]);
        let RunFound::One(run) = find() else { panic!("{:?}", find()) };
        assert_eq!(run.name.as_str(), "new");
        server.state().playbooks.add_run(&own, "newer", &["a"]);
        let RunFound::Several(runs) = find() else { panic!("{:?}", find()) };
        assert_eq!(runs.len(), 2);
    }
    let server = FakeServer::newest();
    server.state().plugins = Vec::new();
    let bare = client(&server, PERSON_TOKEN);
    assert_eq!(bare.find_run(&channel(&server)).unwrap(), RunFound::NoPlugin);
    assert_eq!(bare.playbooks_version().unwrap(), None);
}

#[test]
fn a_finished_run_is_not_written_into() {
    let server = with_run();
    server.state().playbooks.runs[0].finished = true;
    let before = run_of(&server);
    let (_, error) = sync(&client(&server, PERSON_TOKEN), &run_id(&server), &steps());
    assert_eq!(error, Some(SyncError::Finished));
    assert_eq!(run_of(&server), before);
}

fn spec() -> StartSpec {
    StartSpec {
        team: TeamId::parse(&id("team", 1)).unwrap(),
        title: "MME Sev 1".to_owned(),
        file: playbook::playbooks_file(playbook::Playbook::shipped()),
        name: "Sev 1 Acme 2026-03-01".to_owned(),
        owner: UserId::parse(&id("ann", 1)).unwrap(),
    }
}

#[test]
fn a_run_is_started_once_whatever_goes_wrong() {
    let reference = FakeServer::newest();
    reference.state().plugins = vec![("playbooks", "2.8.0")];
    let started = client(&reference, PERSON_TOKEN).start_run(&spec()).unwrap();
    assert!(started.imported && !started.was_there);
    assert_eq!(started.run.items.len(), 40);
    let n_requests = reference.state().requests.len();
    for at in 0..n_requests {
        for fault in [
            Fault::CutRequest(60),
            Fault::CutAnswer(0),
            Fault::CutAnswer(100),
            Fault::FailedAfter,
            Fault::Proxy(502),
            Fault::Rate,
        ] {
            let server = FakeServer::newest();
            server.state().plugins = vec![("playbooks", "2.8.0")];
            server.state().faults.insert(at, fault.clone());
            let first = client(&server, PERSON_TOKEN).start_run(&spec());
            let second = client(&server, PERSON_TOKEN).start_run(&spec()).unwrap();
            let (n_runs, n_playbooks) = {
                let state = server.state();
                (state.playbooks.runs.len(), state.playbooks.playbooks.len())
            };
            assert_eq!((n_runs, n_playbooks), (1, 1), "{fault:?} at {at}: {first:?}");
            assert_eq!(second.run.items.len(), 40);
        }
    }
}

#[test]
fn the_items_of_our_own_playbook_are_found_by_their_steps() {
    let server = FakeServer::newest();
    server.state().plugins = vec![("playbooks", "2.8.0")];
    let person = client(&server, PERSON_TOKEN);
    let started = person.start_run(&spec()).unwrap();
    let steps: Vec<StepText> = playbook::Playbook::shipped()
        .steps
        .iter()
        .map(|it| step(&it.id, &it.title, it.kind == playbook::StepKind::Filled))
        .collect();
    let (done, error) = sync(&person, &started.run.id, &steps);
    assert_eq!((error, done.written.len(), done.left.len()), (None, 40, 0));
    let n_filled = steps.iter().filter(|step| step.complete).count();
    assert_eq!(done.checked.len(), n_filled);

    person.remind(&started.run.id, 3600).unwrap();
    let run = person.run(&started.run.id).unwrap();
    assert!(run.reminds);
    let users = [UserId::parse(&id("analyzebot", 1)).unwrap()];
    person.add_to_run(&run.id, &users).unwrap();
    assert!(person.run(&run.id).unwrap().participants.contains(&id("analyzebot", 1)));
    // One who does not take part may not.
    server.state().playbooks.runs[0].participants.clear();
    assert!(client(&server, BOT_TOKEN).add_to_run(&run.id, &users).is_err());
}

#[test]
fn the_timeline_gets_a_post_once_and_only_with_a_licence() {
    let server = with_run();
    let person = client(&server, PERSON_TOKEN);
    let me = person.me().unwrap();
    let post = PostId::parse(&id("post", 1)).unwrap();
    let add = || {
        let run = person.run(&run_id(&server)).unwrap();
        person.add_to_timeline(&run, &me, &post, "Findings")
    };
    assert_eq!(add().unwrap_err().status(), Some(403));
    server.state().playbooks.licensed = true;
    assert_eq!((add().unwrap(), add().unwrap()), (true, false));
    assert_eq!(run_of(&server).timeline, [post.as_str()]);
}
