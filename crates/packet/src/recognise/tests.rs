use super::*;

fn kind(path: &str, text: &str) -> MemberKind {
    kind_of(&Head { path, bytes: text.as_bytes(), whole: true })
}

#[test]
fn content_decides_over_the_name() {
    let config = "{\n    \"ServiceSettings\": {\n        \"SiteURL\": \"\"\n    }\n}";
    assert_eq!(kind("config (3).txt", config), MemberKind::Config);
    assert_eq!(
        kind("x.yaml", "server_os: linux\ndatabase_type: mysql\n"),
        MemberKind::SupportPacket
    );
    assert_eq!(
        kind("stats.yaml", "version: 2\nserver:\n  os: linux\ndatabase:\n  type: postgres\n"),
        MemberKind::Diagnostics
    );
    assert_eq!(
        kind("dump.txt", "goroutine 1 [semacquire, 3 minutes]:\nmain.main()\n"),
        MemberKind::Goroutines
    );
    assert_eq!(kind("a", "{\"enabled\": [], \"disabled\": []}"), MemberKind::Plugins);
    assert_eq!(kind("a", "{\n    \"active\": [],\n    \"inactive\": []\n}"), MemberKind::Plugins);
    assert_eq!(kind("w", "2 errors occurred:\n\t* a\n\t* b\n"), MemberKind::Warning);
}

#[test]
fn a_plugins_diagnostics_are_not_the_servers() {
    assert_eq!(
        kind("jira/diagnostics.yaml", "version: 4.1\ninstances: 2\n"),
        MemberKind::PluginDiagnostics
    );
}

#[test]
fn the_name_decides_for_a_broken_member() {
    assert_eq!(kind("mm-1/sanitized_config.json", "{ \"Serv"), MemberKind::Config);
    assert_eq!(kind("stats.yaml", "\u{1}\u{2}"), MemberKind::Stats);
    assert_eq!(kind("mm-1/diagnostics.yaml", ""), MemberKind::Diagnostics);
    assert_eq!(kind("cpu.prof", "not a profile"), MemberKind::CpuProfile);
}

#[test]
fn logs_have_any_name() {
    assert_eq!(kind("mm-1/mattermost.log", ""), MemberKind::Log);
    assert_eq!(
        kind(
            "mm-1/calls-debug",
            "{\"timestamp\":\"2025-02-01 09:10:23.018 Z\",\"level\":\"info\",\"msg\":\"m\",\"caller\":\"app/x.go:1\"}\n"
        ),
        MemberKind::Log
    );
    assert_eq!(kind("readme.md", "hello"), MemberKind::Other);
    assert_eq!(kind("__MACOSX/._mattermost.log", "{}"), MemberKind::Other);
}

#[test]
fn no_two_formats_claim_the_same_head() {
    let heads = [
        "server_os: l\ndatabase_type: p\n",
        "tables:\n- name: a\n  columns:\n  - data_type: x\n",
        "posts: 1\nchannels: 2\nactive_users: 3\n",
        "goroutine 1 [running]:\n",
    ];
    for text in heads {
        let claims = FORMATS
            .iter()
            .filter(|format| {
                (format.score)(&Head { path: "", bytes: text.as_bytes(), whole: true }) > 0
            })
            .count();
        assert_eq!(claims, 1, "{text}");
    }
}
