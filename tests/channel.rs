//! `analyze post`: the responder's story, and the ways in which it can be asked for.

use crate::command::{analyze, root, run_with};
use crate::fake_server::{BOT_TOKEN, FakeServer, HOOK, PERSON_TOKEN, RELEASES};
use std::fs;
use std::path::{Path, PathBuf};

/// An incident folder of its own, removed at the end.
struct Incident(PathBuf);

impl Incident {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("analyze-channel-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        let made =
            analyze(&["incident", "new", path.to_str().unwrap(), "--customer", "Verdi Energia"]);
        assert!(made.starts_with("exit 0"), "{made}");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// Puts files of the shipped incident into the folder.
    fn gets(&self, wanted: impl Fn(&str) -> bool) {
        for entry in fs::read_dir(fixture()).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if wanted(&name) {
                fs::copy(entry.path(), self.0.join(&name)).unwrap();
            }
        }
    }

    fn file(&self) -> String {
        fs::read_to_string(self.0.join("incident.toml")).unwrap()
    }
}

impl Drop for Incident {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn fixture() -> PathBuf {
    root().join("fixtures/incidents/sidebar-missing-index")
}

/// What a command gave: exit code, standard output and error as one text.
fn post(environment: &[(&str, &str)], args: &[&str]) -> String {
    let mut all = vec!["post"];
    all.extend(args);
    let output = run_with(environment, &all);
    format!(
        "exit {}\n{}{}",
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// What is seen in the channel, and how many requests would have changed something.
fn standing(server: &FakeServer) -> (Vec<String>, usize) {
    let state = server.state();
    let writes = state.requests.iter().filter(|request| !request.starts_with("GET ")).count();
    (state.seen(), writes)
}

/// The only post whose text holds these words: id and text.
fn the_post(server: &FakeServer, words: &str) -> (String, String) {
    let state = server.state();
    let found: Vec<_> =
        state.visible().into_iter().filter(|post| post.message.contains(words)).collect();
    assert_eq!(found.len(), 1, "{words}: {found:?}");
    (found[0].id.clone(), found[0].message.clone())
}

#[test]
fn the_responders_story_on_the_newest_server() {
    the_responders_story(&FakeServer::newest(), "newest");
}

#[test]
fn the_responders_story_on_the_oldest_server() {
    the_responders_story(&FakeServer::start(RELEASES[0]), "oldest");
}

fn the_responders_story(server: &FakeServer, name: &str) {
    let url = server.url();
    let bot = [("ANALYZE_MM_TOKEN", BOT_TOKEN), ("ANALYZE_MM_SERVER", url.as_str())];
    let incident = Incident::new(name);
    let args = [incident.path(), "--channel", "ops/sev1", "--charts"];

    // 10:35. The customer has sent the packet and the exports, but not yet the database log. What
    // would be posted is looked at first; nothing is asked of the server.
    incident.gets(|name| name.ends_with(".zip") || name.ends_with(".csv"));
    let dry = post(&[], &[incident.path(), "--channel", "ops/sev1", "--charts", "--dry-run"]);
    assert!(dry.starts_with("exit 0\n=== 1 of ") && dry.contains("nothing was sent"), "{dry}");
    assert_eq!(server.state().requests.len(), 0);

    // It is posted: one post for the whole, a reply for each step that the data fills, charts and
    // the report as files.
    let first = post(&bot, &args);
    assert!(
        first.starts_with("exit 0\nops/sev1 as analyzebot: ") && first.contains(" made, 0 updated"),
        "{first}"
    );
    let (root, text) = the_post(server, "#### Sev 1 `Verdi Energia`");
    assert!(first.contains(&format!("{url}/ops/pl/{root}")), "{first}");
    for words in [
        "**As of 2025-11-05 10:30 UTC**",
        "**What users see**",
        "run 1",
        "**Not known:**",
        "**A person must decide:**",
        "**Missing roles:** owner, CSM, TAM, DE, CEO",
    ] {
        assert!(text.contains(words), "{words} is not in:\n{text}");
    }
    assert!(!text.contains("**New:**"));
    {
        let state = server.state();
        assert!(state.mentions.is_empty(), "{:?}", state.mentions);
        let pinned = state.visible().iter().filter(|post| post.pinned).count();
        assert!(pinned >= 5, "the report, steps 5, 6, 7, 9 and the charts: {pinned}");
        let names: Vec<&str> = state.files.iter().map(|file| file.name.as_str()).collect();
        assert!(names.contains(&"report.md") && names.contains(&"report.json"), "{names:?}");
        assert!(
            names.iter().any(|name| name.starts_with("chart-") && name.ends_with(".png")),
            "{names:?}"
        );
        let report = state.files.iter().find(|file| file.name == "report.md").unwrap();
        let folder = incident.path().rsplit_once('/').unwrap().0;
        assert!(
            !String::from_utf8_lossy(&report.bytes).contains(folder),
            "folders of the responder are nobody's business"
        );
        assert!(state.visible().iter().all(|post| post.id == root || post.root == root));
        assert!(
            !state.visible().iter().any(|post| post.message.contains("**Step 8: ")),
            "no database log yet"
        );
    }
    assert!(incident.file().contains(&root), "the next run finds the thread by the incident file");

    // A minute later, by a second responder with the same folder: nothing to do, nothing is done.
    let before = standing(server);
    let again = post(&bot, &args);
    assert!(again.contains(" 0 made, 0 updated, "), "{again}");
    assert_eq!(standing(server), before);

    // People work in the channel: they answer, and an administrator completes a post.
    let (system, _) = the_post(server, "**Step 5: ");
    let (summary, _) = the_post(server, "**Step 14: ");
    server.state().person_writes(&root, "DBA is on the call @all");
    server
        .state()
        .person_edits(&system, "System information, with 64 GB per node as the customer says");
    server.state().person_edits(&summary, "Summary: Ben does not believe it");

    // 10:50. The DBA sends the database log. The report is updated in place and says what is new.
    incident.gets(|name| name.ends_with(".log.gz"));
    let second = post(&bot, &args);
    assert!(
        second.starts_with("exit 0\n")
            && second.contains("kept: summarise-findings was edited by a person"),
        "{second}"
    );
    let (same, text) = the_post(server, "#### Sev 1 `Verdi Energia`");
    assert_eq!(same, root, "updated in place");
    for words in ["run 2", "**New:**", "missing-index", "dba_admin"] {
        let all = standing(server).0.join("\n");
        assert!(
            text.contains(words) || words == "dba_admin" && all.contains(words),
            "{words} is not in:\n{text}"
        );
    }
    the_post(server, "**Step 8: ");
    the_post(server, "Summary: Ben does not believe it");
    the_post(server, "**Step 14: ");
    the_post(server, "with 64 GB per node as the customer says");
    the_post(server, "DBA is on the call @all");
    {
        let state = server.state();
        let reports = state
            .visible()
            .iter()
            .filter(|post| post.message.starts_with("**Full report**"))
            .count();
        assert_eq!(reports, 1, "the older one says that it is older");
        assert!(
            state.visible().iter().any(|post| post.message.starts_with("*An older full report"))
        );
        assert!(
            state.mentions.is_empty(),
            "updates and evidence mention nobody: {:?}",
            state.mentions
        );
    }
    let before = standing(server);
    let again = post(&bot, &args);
    assert!(again.contains(" 0 made, 0 updated, "), "{again}");
    assert_eq!(standing(server), before);

    // Somebody runs it over the packet alone: what it cannot see any more is not called gone.
    let packet = fs::read_dir(&incident.0).unwrap().map(|entry| entry.unwrap().path());
    let packet =
        packet.into_iter().find(|path| path.extension().is_some_and(|it| it == "zip")).unwrap();
    let alone = post(&bot, &[packet.to_str().unwrap(), "--channel", "ops/sev1"]);
    assert!(alone.starts_with("exit 0\n"), "{alone}");
    let (same, text) = the_post(server, "#### Sev 1 `Verdi Energia`");
    assert_eq!(same, root);
    assert!(text.contains("**No longer visible") && text.contains("run 3"), "{text}");
    the_post(server, "**Step 8: ");
}

#[test]
fn a_bot_a_person_and_every_version_can_post() {
    let incident = Incident::new("versions");
    incident.gets(|name| name.starts_with("API Latency"));
    for release in RELEASES {
        for token in [BOT_TOKEN, PERSON_TOKEN] {
            let server = FakeServer::start(*release);
            let url = server.url();
            let environment = [("ANALYZE_MM_TOKEN", token)];
            let args = [incident.path(), "--channel", "ops/sev1", "--server", &url];
            let first = post(&environment, &args);
            assert!(first.starts_with("exit 0\n"), "{} {first}", release.version);
            assert!(server.state().mentions.is_empty());
            let before = standing(&server);
            let again = post(&environment, &args);
            assert!(again.contains(" 0 made, 0 updated, "), "{} {again}", release.version);
            assert_eq!(standing(&server), before);
        }
    }
}

#[test]
fn a_webhook_posts_text_once() {
    let server = FakeServer::newest();
    let hook = format!("{}/hooks/{HOOK}", server.url());
    let incident = Incident::new("webhook");
    incident.gets(|_| true);
    let environment = [("ANALYZE_MM_WEBHOOK", hook.as_str())];
    let first = post(&environment, &[incident.path(), "--webhook"]);
    assert!(
        first.starts_with("exit 0\n10 messages posted through the webhook, 0 were there before"),
        "{first}"
    );
    assert!(first.contains("at most 10 a run"), "{first}");
    {
        let state = server.state();
        assert_eq!(state.visible().len(), 10);
        assert!(
            state.visible().iter().all(|post| post.message.chars().count() <= 4000),
            "nothing is split by the server"
        );
        assert!(state.mentions.is_empty() && state.files.is_empty());
        let foot = "through a webhook: a later run posts anew";
        assert!(state.visible().iter().any(|post| post.message.contains(foot)));
    }
    let again = post(&environment, &[incident.path(), "--webhook"]);
    assert!(
        again.contains("0 messages posted through the webhook, 10 were there before"),
        "{again}"
    );
    assert!(
        !first.contains(HOOK) && !again.contains(HOOK) && !incident.file().contains(HOOK),
        "the address is a secret"
    );
}

#[test]
fn what_is_wrong_is_said_before_anything_is_posted() {
    let server = FakeServer::newest();
    let url = server.url();
    let packet = fs::read_dir(fixture()).unwrap().map(|entry| entry.unwrap().path());
    let packet =
        packet.into_iter().find(|path| path.extension().is_some_and(|it| it == "zip")).unwrap();
    let packet = packet.to_str().unwrap();
    let bot = [("ANALYZE_MM_TOKEN", BOT_TOKEN)];
    for (environment, args, exit, words) in [
        (&[][..], vec![packet, "--channel", "ops/sev1"], 2, "no server: give --server"),
        (
            &[],
            vec![packet, "--channel", "ops/sev1", "--server", &url],
            2,
            "no token: put it into ANALYZE_MM_TOKEN",
        ),
        (
            &bot,
            vec![packet, "--channel", "ops/sev1", "--server", "http://chat.example.com"],
            2,
            "is not encrypted",
        ),
        (&bot, vec![packet, "--channel", "sev1", "--server", &url], 2, "write TEAM/CHANNEL"),
        (&bot, vec![packet, "--server", &url], 2, "no channel: give --channel"),
        (
            &bot,
            vec![packet, "--channel", "ops/sev2", "--server", &url],
            1,
            "there is no such channel",
        ),
        (
            &bot,
            vec![packet, "--channel", "ops/sev1", "--server", &url, "--key", "A b"],
            2,
            "--key A b",
        ),
        (
            &[("ANALYZE_MM_TOKEN", "an0ther1")],
            vec![packet, "--channel", "ops/sev1", "--server", &url],
            1,
            "the token is unknown, expired or revoked",
        ),
        (&bot, vec![packet, "--webhook"], 2, "ANALYZE_MM_WEBHOOK"),
        (&bot, vec!["no-such.zip", "--channel", "ops/sev1", "--server", &url], 2, "no-such.zip"),
    ] {
        let answer = post(environment, &args);
        assert!(
            answer.starts_with(&format!("exit {exit}\n")) && answer.contains(words),
            "{words}: {answer}"
        );
        assert!(!answer.contains(BOT_TOKEN) && !answer.contains("an0ther1"), "{answer}");
    }
    server.state().accounts[0].member = false;
    let answer = post(&bot, &[packet, "--channel", "ops/sev1", "--server", &url]);
    assert!(
        answer.contains("analyzebot is not in the channel ops/sev1; invite it there"),
        "{answer}"
    );
    assert!(server.state().posts.is_empty() && server.state().files.is_empty());
}

#[cfg(unix)]
#[test]
fn a_token_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = FakeServer::newest();
    let url = server.url();
    let incident = Incident::new("token");
    incident.gets(|name| name.starts_with("API Latency"));
    let file = std::env::temp_dir().join(format!("analyze-token-{}", std::process::id()));
    fs::write(&file, format!("{BOT_TOKEN}\n")).unwrap();
    let args = [
        incident.path(),
        "--channel",
        "ops/sev1",
        "--server",
        &url,
        "--no-files",
        "--token-file",
        file.to_str().unwrap(),
    ];
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = post(&[], &args);
    assert!(refused.starts_with("exit 2\n") && refused.contains("run: chmod 600"), "{refused}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let posted = post(&[], &args);
    assert!(posted.starts_with("exit 0\n"), "{posted}");
    assert!(server.state().files.is_empty());
    fs::remove_file(&file).unwrap();
}

#[test]
fn the_channel_of_the_incident_file_is_used_and_another_server_in_it_is_not() {
    let server = FakeServer::newest();
    let url = server.url();
    let environment = [("ANALYZE_MM_TOKEN", BOT_TOKEN), ("ANALYZE_MM_SERVER", url.as_str())];
    let incident = Incident::new("place");
    incident.gets(|name| name.starts_with("API Latency"));
    let set =
        |channel: &str| analyze(&["incident", "set", "channel", channel, "--dir", incident.path()]);
    set("https://evil.example/ops/channels/sev1");
    let refused = post(&environment, &[incident.path()]);
    assert!(
        refused.starts_with("exit 2\n") && refused.contains("is on another server"),
        "{refused}"
    );
    set(&format!("{url}/ops/channels/sev1"));
    assert!(post(&environment, &[incident.path()]).starts_with("exit 0\n"));
}

#[test]
fn another_customers_report_does_not_replace_this_ones() {
    let server = FakeServer::newest();
    let url = server.url();
    let environment = [("ANALYZE_MM_TOKEN", BOT_TOKEN), ("ANALYZE_MM_SERVER", url.as_str())];
    let of = |name: &str| root().join("fixtures/incidents").join(name).to_str().unwrap().to_owned();
    let (one, other) = (of("sidebar-missing-index"), of("pool-busy-db"));
    assert!(
        post(&environment, &[&one, "--channel", "ops/sev1", "--no-files"]).starts_with("exit 0\n")
    );
    let before = server.state().seen();
    let refused = post(&environment, &[&other, "--channel", "ops/sev1", "--no-files"]);
    assert!(
        refused.starts_with("exit 1\n") && refused.contains("about another customer"),
        "{refused}"
    );
    assert_eq!(server.state().seen(), before);
    let own =
        post(&environment, &[&other, "--channel", "ops/sev1", "--no-files", "--key", "ostwind"]);
    assert!(own.starts_with("exit 0\n"), "{own}");
}

#[test]
fn a_lost_connection_is_said_and_the_next_run_goes_on() {
    let incident = Incident::new("lost");
    incident.gets(|name| name.starts_with("API Latency"));
    let undisturbed = FakeServer::newest();
    let url = undisturbed.url();
    let args = |url: &str| -> Vec<String> {
        [incident.path(), "--channel", "ops/sev1", "--server", url, "--no-files"]
            .map(str::to_owned)
            .to_vec()
    };
    let environment = [("ANALYZE_MM_TOKEN", BOT_TOKEN)];
    let run =
        |url: &str| post(&environment, &args(url).iter().map(String::as_str).collect::<Vec<_>>());
    run(&url);
    let n_requests = undisturbed.state().requests.len();
    let server = FakeServer::newest();
    // From the tenth request on the server is gone for good.
    for at in 10..n_requests + 40 {
        server.state().faults.insert(at, crate::fake_server::http::Fault::Proxy(413));
    }
    let stopped = run(&server.url());
    assert!(stopped.starts_with("exit 1\n") && stopped.contains(" made, "), "{stopped}");
    server.state().faults.clear();
    assert!(run(&server.url()).starts_with("exit 0\n"));
    assert_eq!(server.state().seen(), undisturbed.state().seen());
}

#[test]
fn the_dry_run_of_the_readme_prints_the_post() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let line = readme
        .lines()
        .find(|line| line.starts_with("analyze post ") && line.contains("--dry-run"))
        .expect("README.md shows a dry run");
    let args: Vec<&str> = line.split('#').next().unwrap().split_whitespace().skip(1).collect();
    assert!(args.iter().any(|arg| Path::new(arg).starts_with("fixtures")), "{line}");
    let answer = analyze(&args);
    assert!(answer.starts_with("exit 0\n"), "{answer}");
    let (_, shown) = readme.split_once(line).unwrap();
    let shown = shown
        .lines()
        .skip_while(|line| !line.starts_with("#### Sev 1"))
        .take_while(|line| *line != "```");
    let mut n_lines = 0;
    for expected in shown.filter(|line| !line.is_empty() && *line != "...") {
        assert!(answer.contains(expected), "README.md shows what is not printed: {expected}");
        n_lines += 1;
    }
    assert!(n_lines >= 5, "README.md shows the post");
}
