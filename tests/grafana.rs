//! What `analyze grafana` says and draws.

use crate::command::analyze;
use insta::assert_snapshot;

#[test]
fn exports_alone_say_what_changed_in_which_order_and_what_is_missing() {
    assert_snapshot!(analyze(&["grafana", "fixtures/incidents/sidebar-missing-index"]), @r#"
    exit 0
    --- stdout
    Incident from 2025-11-05 09:18 UTC, certain
      api latency p99 526 ms -> 5.66 s (x10.8) on ip-10-0-2-11 from 09:21 UTC
      api latency p50 8.91 ms -> 35.3 ms (x3.96) on ip-10-0-2-12 from 09:23 UTC
      log calls of statement-timeout begins: 10 from 09:19 UTC
      Load is as before: node CPU x1.0
    DB calls, each                   ▁▁▁▁▁▂▂▂▂▂▂▂▂▃▃▃▃▃▃▄▄▄▄▅▅▅▅▆▅▇▆▆▆▇▇▇▇█▇███████▇██▇▇▇▇▇▇▇▆▆▆▇  count per 5 min
    API latency                      ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▂▇█▇▇██▇▇█▇▇▇▇▇▇  s
    Store latency                    ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▇▇██▇▇▇█▇▇▇▇▇▇▇█  s
    Store latency, each              ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▃▆▆▆▇▇▆▆▇█▆▆▆▆▆▆  s
    CPU utilization                  ▁▁▁▁▁▂▂▂▂▂▂▂▂▂▂▃▃▃▃▃▄▄▄▄▅▄▅▅▆▆▆▆▆▆▆▇▇▇█▇▇▇▇▇██▇▇█▇▇▇▆▇▆█▆▆▅▆  percent of one core
    Database connections, each       ▁▁▁▁▁▁▁▁▁▂▂▂▂▂▂▂▂▂▃▃▃▃▃▄▄▄▄▄▅▅▅▅▅▅▅▆▆▆▆▆▆▆▆▆▇▇█▇██████▇▇▇▇▆▆  count

    Changes, in order of onset:
      query calls of ThreadStore.GetThreadsForUser (q:3adbca5778e6) begins: 6 from 09:16 UTC
      database load 0.02 -> 2.57 statements at once (x147) from 09:18 UTC
      query calls of ChannelStore.GetSidebarCategoriesForTeamForUser (q:dc078e4fc2cb) begins: 31 from 09:18 UTC
      query load of ChannelStore.GetSidebarCategoriesForTeamForUser (q:dc078e4fc2cb) begins: 2.14 statements at once from 09:18 UTC
      database event calls of cancelled: user request begins: 8 from 09:19 UTC
      query load of ThreadStore.GetThreadsForUser (q:3adbca5778e6) begins: 0.23 statements at once from 09:19 UTC
      query load of PostStore.GetPostsSince (q:c20afed9e9ec) begins: 0.11 statements at once from 09:19 to 10:13 UTC
      store method duration of ChannelStore.GetSidebarCategoriesForTeamForUser 2.66 ms -> 7.23 s (x2722) from 09:19 UTC
      log calls of statement-timeout begins: 10 from 09:19 UTC
      store latency p99 113 ms -> 892 ms (x7.89) on ip-10-0-2-11 from 09:20 UTC
      store latency p99 110 ms -> 898 ms (x8.16) on ip-10-0-2-12 from 09:20 UTC
      store method duration of ThreadStore.GetThreadsForUser 8.99 ms -> 166 ms (x18.5) from 09:21 UTC
      api latency p99 526 ms -> 5.66 s (x10.8) on ip-10-0-2-11 from 09:21 UTC
      api latency p99 520 ms -> 5.58 s (x10.7) on ip-10-0-2-12 from 09:21 UTC
      store method duration of ChannelStore.GetChannels 14.9 ms -> 85.3 ms (x5.73) from 09:23 UTC
      store method duration of UserStore.GetProfileByIds 13.3 ms -> 64.6 ms (x4.86) from 09:23 UTC
      store method duration of PreferenceStore.GetAll 12.8 ms -> 88.4 ms (x6.92) from 09:23 UTC
      store method duration of StatusStore.GetByIds 15.5 ms -> 76.3 ms (x4.93) from 09:23 UTC
      store method duration of PostStore.Save 13.4 ms -> 91.3 ms (x6.79) from 09:23 UTC
      api latency p50 8.7 ms -> 34.5 ms (x3.96) on ip-10-0-2-11 from 09:23 UTC
      api latency p50 8.91 ms -> 35.3 ms (x3.96) on ip-10-0-2-12 from 09:23 UTC
      store method duration of ChannelStore.UpdateLastViewedAt 6.13 ms -> 104 ms (x16.9) from 09:36 to 10:19 UTC
    Missing: Top HTTP requests, Top API requests, memory utilization
      Top HTTP requests: Grafana, dashboard "Mattermost Performance Monitoring v2": set the time range from two hours before the incident until now, open the menu of the panel "HTTP Requests per second", Inspect, Data; under Data options choose "Series joined by time" and switch "Formatted data" off; Download CSV, and keep the file name.
      Top API requests: the same with the panel "Top 10 API Requests by Count"
      memory utilization: the same with the panel "Heap Utilization"
    --- stderr
    "#);
}

#[test]
fn quiet_exports_say_that_nothing_changed() {
    assert_snapshot!(analyze(&["grafana", "fixtures/incidents/healthy-cluster"]), @r#"
    exit 0
    --- stdout
    DB calls                         ▁▁▂▂▂▃▃▄▄▄▅▅▆▆▆▇▇▇▇███████▇▇▇▇▇▇▆▆▆▆▅▅▅▅▄▄▄▄▄▄▄▄▄▅▅▅▅▅▅▆▆▆▇▇  1/s
    API latency                      ▁▂▁▂▁▂▂▂▃▄▅▄▃▄▄▅▅▅▄▆▄▅▆▄▆█▆▆▄▅▄▄▃▅▃▄▁▄▄▂▂▄▃▂▂▂▃▄▃▃▂▃▄▃▃▄▄▄▄▄  s
    Store latency                    ▁▁▂▂▃▃▃▃▄▇▄▄▄▅▅▅▆▆▆▆▅█▅▆▅▅▆▅▅▆▆▅▅▅▅▄▄▅▄▆▃▄▄▄▄▄▅▄▄▅▃▅▄▄▄▃▆▄▆▅  s
    Top HTTP requests                ▁▁▂▂▂▃▃▄▄▄▅▅▅▆▆▇▇▇▇▇████▇▇██▇▇▇▆▆▆▅▅▅▅▅▄▄▄▄▄▄▄▄▄▄▄▅▅▅▅▆▆▆▆▆▆  1/s
    CPU utilization                  ▁▁▁▂▂▃▃▃▄▄▄▅▅▅▅▆▆▆▇▇█▇▇▇███▇▇▆▆▆▆▅▅▅▅▅▄▅▄▄▅▃▄▄▄▄▄▄▄▄▅▅▅▆▅▆▇▆  percent of one core
    Memory utilization               ▁▁▂▁▂▃▃▄▄▅▅▆▆▆▆▇▆██▇██▇▇▇█▇▇▇▆▇▆▆▆▆▆▆▅▅▄▅▄▄▅▄▄▃▅▄▅▅▄▄▆▅▇▅▆▇▇  bytes
    Replica lag                      ▄▂▄▄▃▁▄▃▂▂▁▂█▄▁▂▂▅▂▆▅▂▄▂▅▄▃▃▄▃▂▃▂▃▃▃▄▅▂▁▅▆▄▃▄▃▄▂▄▃▂▂▂▃▂▂▄▂▁▃  

    No change stands out of the noise and the day's course.
    Missing: Top API requests
      Top API requests: Grafana, dashboard "Mattermost Performance Monitoring v2": set the time range from two hours before the incident until now, open the menu of the panel "Top 10 API Requests by Count", Inspect, Data; under Data options choose "Series joined by time" and switch "Formatted data" off; Download CSV, and keep the file name.
    --- stderr
    "#);
}

#[test]
fn a_login_page_among_the_exports_is_told_and_the_rest_is_drawn() {
    let folder = tempfile();
    let said = analyze(&[
        "grafana",
        "fixtures/grafana/bad login page.csv",
        "fixtures/grafana/bad header only.csv",
        "fixtures/grafana/API Latency-data-as-joinbyfield-2025-03-12 09_10_00.csv",
        "-o",
        folder.to_str().unwrap(),
    ]);
    assert!(said.contains("charts written to"), "{said}");
    for trouble in [
        "Not read: bad login page.csv: an HTML page, such as a login page, was saved instead",
        "Read in part: bad header only.csv: no data: a header without rows at line:1",
    ] {
        assert!(said.contains(trouble), "{said}");
    }
    let alone = analyze(&["grafana", "fixtures/grafana/bad login page.csv"]);
    assert!(alone.contains("No values to look at.") && !alone.contains("No change"), "{alone}");
    let svg = std::fs::read_to_string(folder.join("api-latency.svg")).unwrap();
    assert!(svg.contains("API latency") && svg.contains("UTC"));
    let png = std::fs::read(folder.join("api-latency.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG"));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_is_no_metric_is_said_by_name_with_the_remedy() {
    let folder = tempfile();
    let put = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text).unwrap();
        folder.join(name).to_str().unwrap().to_owned()
    };
    let error = r#"{"message":"Unauthorized","statusCode":401}"#;
    let api = put("DB Calls per second-data-2025-03-12 09_10_00.csv", error);
    let said = analyze(&["grafana", &api]);
    assert!(said.contains("log in to grafana and export again"), "{said}");
    let note = put("note.txt", "it is slow since nine\n");
    let said = analyze(&["grafana", &note]);
    assert!(said.contains("no metrics among the inputs") && said.contains("note.txt"), "{said}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn legends_of_selectors_and_mixed_panels_say_what_each_line_is() {
    let folder = tempfile();
    let put = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text).unwrap();
        folder.join(name).to_str().unwrap().to_owned()
    };
    let table = |header: &str, values: &str| {
        let rows: Vec<String> =
            (0..60).map(|n| format!("{},{values}", 1_741_770_000_000_u64 + n * 60_000)).collect();
        format!("{header}\r\n{}", rows.join("\r\n"))
    };
    let pool = put(
        "Connection Pool (Master)-data-as-joinbyfield-2025-03-12 10_10_00.csv",
        &table("\"Time\",\"open_conns\",\"in_use_conns\"", "20,3"),
    );
    let open = put(
        "DB Connections-data-as-joinbyfield-2025-03-12 10_10_00.csv",
        &table("\"Time\",\"master\"", "20"),
    );
    let routines = put(
        "Goroutines-data-as-joinbyfield-2025-03-12 10_10_00.csv",
        &table("\"Time\",\"app-1:8067\"", "900"),
    );
    let selector = put(
        "Top 10 API requests by duration-data-as-joinbyfield-2025-03-12 10_10_00.csv",
        &table(
            "\"Time\",\"{handler=\"\"createPost\"\"}\",\"{handler=\"\"getPosts\"\"}\"",
            "0.5,0.002",
        ),
    );
    let charts = folder.join("charts");
    let said =
        analyze(&["grafana", &pool, &open, &routines, &selector, "-o", charts.to_str().unwrap()]);
    assert!(said.contains("Goroutines  "), "{said}");
    let svg = |name: &str| std::fs::read_to_string(charts.join(name)).unwrap();
    let connections = svg("database-connections-each.svg");
    assert!(
        connections.contains("Connection Pool (Master): in_use_conns")
            && connections.contains("DB Connections: master"),
        "{connections}"
    );
    assert!(svg("goroutines.svg").contains("app-1:8067"));
    let handlers = svg("top-api-requests-each.svg");
    assert!(handlers.contains("createPost") && !handlers.contains("handler="), "{handlers}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn after_a_mitigation_each_signal_says_how_it_stands() {
    let folder = tempfile().join("incident");
    let folder = folder.to_str().unwrap();
    analyze(&["incident", "new", folder, "--impact-start", "2025-11-05T09:18Z"]);
    let incident = "fixtures/incidents/sidebar-missing-index";
    let at = |time: &str| {
        let note = ["incident", "note", "mitigation", "index made", "--at", time, "--dir", folder];
        analyze(&note);
        analyze(&[folder, incident, "--all"])
    };
    let early = at("2025-11-05T10:00Z");
    assert!(
        early.contains("Not yet back since the mitigation at 10:00 UTC: api latency"),
        "{early}"
    );
    // The last data is of 10:30: too early to say.
    let late = at("2025-11-05T10:29Z");
    assert!(late.contains("No data yet after the mitigation at 10:29 UTC: "), "{late}");
    assert!(
        !late.contains("Not yet back since the mitigation at 10:00 UTC"),
        "the last one counts"
    );
    std::fs::remove_dir_all(folder).unwrap();
}

/// A folder of this test alone.
fn tempfile() -> std::path::PathBuf {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("test").replace("::", "-");
    let folder = std::env::temp_dir().join(format!("analyze-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
