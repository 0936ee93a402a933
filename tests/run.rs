//! The run of the incident: started, filled and checked off by the commands of a responder.

use crate::archives::Scratch;
use crate::command::{analyze, root, run_with};
use crate::fake_server::playbooks::FakeRun;
use crate::fake_server::{BOT_TOKEN, FakeServer, PERSON_TOKEN, id};
use std::fs;

const FIXTURE: &str = "fixtures/incidents/sidebar-missing-index";

fn asked(server: &FakeServer, token: &str, args: &[&str]) -> String {
    let url = server.url();
    let environment = [("ANALYZE_MM_TOKEN", token), ("ANALYZE_MM_SERVER", url.as_str())];
    let output = run_with(&environment, args);
    format!(
        "exit {}\n{}{}",
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// A server with the plugin in that version.
fn server(version: &'static str) -> FakeServer {
    let server = FakeServer::newest();
    server.state().plugins = vec![("playbooks", version)];
    server
}

fn incident(scratch: &Scratch) -> String {
    let folder = format!("{}/incident", scratch.path());
    analyze(&[
        "incident",
        "new",
        &folder,
        "--customer",
        "Acme",
        "--impact-start",
        "2025-11-05T09:18Z",
    ]);
    for (key, value) in [("roles.owner", "@ann"), ("roles.csm", "ben"), ("roles.tam", "@nobody")] {
        analyze(&["incident", "set", key, value, "--dir", &folder]);
    }
    folder
}

fn the_run(server: &FakeServer) -> FakeRun {
    let state = server.state();
    assert_eq!(state.playbooks.runs.len(), 1, "one run");
    state.playbooks.runs[0].clone()
}

#[test]
fn a_run_is_started_with_its_roles_and_filled_and_nothing_is_made_twice() {
    let server = server("2.8.0");
    let scratch = Scratch::new("run-start");
    let folder = incident(&scratch);
    let start = ["incident", "start", "--team", "ops", "--dir", &folder];
    let started = asked(&server, BOT_TOKEN, &start);
    assert!(started.starts_with("exit 0\n"), "{started}");
    for words in [
        "run Sev 1 Acme 2025-11-05 09:18 UTC: started\n",
        "imported the playbook MME Sev 1",
        "owner: ann is invited",
        "csm: ben is invited",
        "no account @nobody; correct roles.tam",
        "a status update is due in an hour",
    ] {
        assert!(started.contains(words), "{words} is not in {started}");
    }
    let run = the_run(&server);
    assert_eq!(run.owner, id("ann", 1));
    assert_eq!(run.reminder_s, 3600);
    assert!(run.participants.contains(&id("analyzebot", 1)), "the bot takes part: it imported it");
    assert!(run.participants.contains(&id("ben", 1)));
    assert_eq!(server.state().invited, [id("ann", 1), id("ben", 1)]);
    let file = fs::read_to_string(format!("{folder}/incident.toml")).unwrap();
    assert!(file.contains(&run.id) && file.contains(&run.channel), "{file}");

    let again = asked(&server, BOT_TOKEN, &start);
    assert!(again.contains(": is there\n") && again.contains("reminder: set already"), "{again}");
    assert_eq!(server.state().playbooks.playbooks.len(), 1);
    // Without the note it is found by its name.
    fs::write(format!("{folder}/incident.toml"), file.replace(&run.id, "")).unwrap();
    assert!(asked(&server, BOT_TOKEN, &start).contains(": is there\n"));
    the_run(&server);

    // The channel is noted: the findings go there, and into the checklists.
    let args = ["post", FIXTURE, &folder, "--no-files", "--remind", "--timeline"];
    let posted = asked(&server, BOT_TOKEN, &args);
    assert!(posted.starts_with("exit 0\n"), "{posted}");
    assert!(posted.contains("the timeline needs a Professional licence"), "{posted}");
    let run = the_run(&server);
    let items: Vec<_> = run.checklists.iter().flatten().collect();
    let item = |step: &str| {
        let named = format!("Step `{step}`");
        *items.iter().find(|item| item.description.contains(&named)).unwrap()
    };
    let slow = item("share-slow-query-logs");
    assert!(slow.description.contains("▼ **analyze**") && slow.description.contains("postgresql"));
    // What data completes is checked off; what a person decides is not.
    let shown = analyze(&["playbook", "show", FIXTURE, &folder, "--format", "json"]);
    let (_, json) = shown.split_once("--- stdout\n").unwrap();
    let report: serde_json::Value =
        serde_json::from_str(json.split("--- stderr").next().unwrap()).unwrap();
    let kinds = analyze(&["playbook", "steps"]);
    for step in report["steps"].as_array().unwrap() {
        let name = step["step"].as_str().unwrap();
        let line = kinds.lines().find(|line| line.contains(name)).unwrap();
        let filled = line.contains("filled");
        let expected = if filled && step["state"] == "done" { "closed" } else { "" };
        assert_eq!(item(name).state, expected, "{name}: {line}");
    }
    assert!(items.iter().any(|item| item.state == "closed"), "something is complete");

    let n_changes = server.state().playbooks.n_changes;
    let again = asked(&server, BOT_TOKEN, &args[..4]);
    assert!(again.contains("checklist: 0 items written, 0 checked off"), "{again}");
    assert_eq!(server.state().playbooks.n_changes, n_changes);
    assert!(server.state().mentions.is_empty());
}

#[test]
fn a_bot_of_an_old_version_checks_off_by_the_words_of_its_own_playbook() {
    let server = server("1.39.4");
    let scratch = Scratch::new("run-old");
    let folder = incident(&scratch);
    asked(&server, BOT_TOKEN, &["incident", "start", "--team", "ops", "--dir", &folder]);
    let args = ["post", FIXTURE, &folder, "--no-files"];
    let posted = asked(&server, BOT_TOKEN, &args);
    assert!(posted.starts_with("exit 0\n"), "{posted}");
    assert!(posted.contains("Playbooks 1.39.4 lets no bot take part"), "{posted}");
    let closed =
        |run: &FakeRun| run.checklists.iter().flatten().filter(|it| it.state == "closed").count();
    let n_closed = closed(&the_run(&server));
    assert!(n_closed > 0, "{posted}");
    let n_posts = server.state().visible().len();
    let again = asked(&server, BOT_TOKEN, &args);
    assert!(!again.contains("posted the keywords"), "{again}");
    assert_eq!(server.state().visible().len(), n_posts, "no word is posted twice");
    assert_eq!(closed(&the_run(&server)), n_closed);
}

#[test]
fn a_channel_without_a_usable_run_is_posted_to_and_the_remedy_is_said() {
    let post = |server: &FakeServer, more: &[&str]| {
        let mut args = vec!["post", FIXTURE, "--channel", "ops/sev1", "--no-files"];
        args.extend(more);
        asked(server, PERSON_TOKEN, &args)
    };
    let server = server("2.8.0");
    let none = post(&server, &[]);
    assert!(none.starts_with("exit 0\n") && none.contains("`analyze incident start`"), "{none}");

    let channel = server.state().channel.clone();
    server
        .state()
        .playbooks
        .add_run(&channel, "old @all", &["Share system information"])
        .finished = true;
    let finished = post(&server, &[]);
    assert!(finished.contains("the run old @all is finished"), "{finished}");
    for name in ["first", "second"] {
        let run =
            server.state().playbooks.add_run(&channel, name, &["Share system information"]).clone();
        server.state().playbooks.runs.iter_mut().find(|it| it.id == run.id).unwrap().participants =
            vec![id("ann", 1)];
    }
    let several = post(&server, &[]);
    assert!(several.contains("several runs in this channel"), "{several}");
    let wanted = server.state().playbooks.runs[2].id.clone();
    assert!(several.contains(&format!("--run {wanted}   second")), "{several}");
    let named = post(&server, &["--run", &wanted]);
    assert!(named.contains("checklist: 1 items written"), "{named}");
    assert!(server.state().playbooks.runs[1].checklists[0][0].description.is_empty());
    let left = post(&server, &["--run", &wanted, "--no-checklist"]);
    assert!(!left.contains("checklist:"), "{left}");
    let wrong = post(&server, &["--run", "x"]);
    assert!(wrong.starts_with("exit 2\n") && wrong.contains("--run x"), "{wrong}");

    server.state().plugins = Vec::new();
    let bare = post(&server, &[]);
    assert!(bare.starts_with("exit 0\n") && bare.contains("has no Playbooks"), "{bare}");
    assert!(root().join(FIXTURE).is_dir());
}
