use super::*;
use crate::tests::read_with;
use crate::{Filter, Options};
use chrono::TimeZone as _;

fn at(minute: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 22, 6, 0, 0).unwrap() + chrono::TimeDelta::minutes(minute.into())
}

/// A log of two hours: `(minute, user, shape, milliseconds)`.
fn log(statements: &[(u32, &str, &str, u32)]) -> SlowLog {
    asked(statements, &Options::default())
}

fn asked(statements: &[(u32, &str, &str, u32)], options: &Options) -> SlowLog {
    let mut text = String::new();
    let mut all: Vec<(u32, String)> = statements
        .iter()
        .map(|(minute, user, shape, ms)| {
            (
                *minute,
                format!(
                    "user={user},db=mattermost,app=,client=10.0.0.1 LOG:  duration: {ms}.000 ms  statement: select * from {shape} where id = 'secret{ms}'"
                ),
            )
        })
        .collect();
    for edge in [0, 120] {
        all.push((edge, "user=,db=,app=,client= LOG:  checkpoint starting: time".to_owned()));
    }
    all.sort();
    for (minute, line) in all {
        text.push_str(&format!(
            "{} UTC [77]: {line}\n",
            at(minute).format("%Y-%m-%d %H:%M:%S%.3f")
        ));
    }
    read_with(options, text.as_bytes(), 65_536).records
}

fn second_hour() -> Ask {
    Ask { window: Some(Window { start: at(60), end: at(120) }), ..Ask::default() }
}

fn every_minute(
    from: u32,
    to: u32,
    user: &'static str,
    shape: &'static str,
    ms: u32,
) -> Vec<(u32, &'static str, &'static str, u32)> {
    (from..to).map(|minute| (minute, user, shape, ms)).collect()
}

fn verdicts(summary: &Summary<'_>) -> Vec<(String, Verdict)> {
    let mut out: Vec<(String, Verdict)> = summary
        .rows
        .iter()
        .map(|row| {
            let query = row.query.unwrap();
            (query.tables.join(","), row.change.as_ref().unwrap().verdict)
        })
        .collect();
    out.sort();
    out
}

#[test]
fn a_window_is_set_against_the_rest_of_the_log() {
    let mut statements = every_minute(1, 120, "mmuser", "steady", 200);
    statements.extend(every_minute(1, 60, "mmuser", "gone", 100));
    statements.extend(every_minute(60, 119, "mmuser", "fresh", 2000));
    statements.extend(every_minute(1, 60, "mmuser", "slow", 100));
    statements.extend(every_minute(60, 119, "mmuser", "slow", 1000));
    for _ in 0..4 {
        statements.extend(every_minute(60, 119, "mmuser", "often", 10));
    }
    statements.extend(every_minute(1, 60, "mmuser", "often", 10));
    statements.push((70, "mmuser", "once", 10));
    let log = log(&statements);
    let summary = summarise(&log, None, &second_hour());
    let names = |name: &str, verdict| (name.to_owned(), verdict);
    assert_eq!(
        verdicts(&summary),
        [
            names("fresh", Verdict::New),
            names("gone", Verdict::Gone),
            names("often", Verdict::MoreFrequent),
            names("once", Verdict::Unclear),
            names("slow", Verdict::Slower),
            names("steady", Verdict::Same),
        ]
    );
    // All that was added adds up to all; what was taken away is measured by it.
    let shares = || summary.rows.iter().filter_map(|row| row.change.as_ref()?.share);
    assert!((shares().filter(|share| *share > 0.0).sum::<f64>() - 1.0).abs() < 1e-9);
    let gone: f64 = shares().filter(|share| *share < 0.0).sum();
    assert!(gone < 0.0 && gone > -0.1, "{gone}");
}

#[test]
fn a_baseline_is_another_log() {
    let now = log(&every_minute(1, 119, "mmuser", "posts", 900));
    let then = log(&every_minute(1, 119, "mmuser", "posts", 100));
    let summary = summarise(&now, Some(&then), &Ask::default());
    assert_eq!(verdicts(&summary), [("posts".to_owned(), Verdict::Slower)]);
    assert!(summary.compared.unwrap().other_log);
}

#[test]
fn load_is_the_sum_of_durations_over_the_time_that_the_log_covers() {
    // 60 calls of 60 s in two hours: half a statement at any time.
    let log = log(&every_minute(1, 61, "mmuser", "posts", 60_000));
    let summary = summarise(&log, None, &Ask::default());
    let average = summary.load.average.unwrap();
    assert!((average - 0.5).abs() < 0.01, "{average}");
    assert!((summary.load.busiest[0].concurrency - 1.0).abs() < 0.01);
}

fn mixed() -> Vec<(u32, &'static str, &'static str, u32)> {
    let mut statements = every_minute(1, 31, "mmuser", "posts", 100);
    statements.extend(every_minute(1, 11, "report", "posts", 5000));
    statements.extend(every_minute(1, 5, "report", "audits", 10));
    statements
}

#[test]
fn a_filter_by_user_counts_that_user_and_nobody_else() {
    let filter = Filter { users: vec!["report".to_owned()], ..Filter::default() };
    let log = asked(&mixed(), &Options { filter, ..Options::default() });
    let summary = summarise(&log, None, &Ask::default());
    assert_eq!((summary.calls, summary.total_us), (14, 50_040_000));
    let posts = &summary.rows[0].figures;
    assert_eq!((posts.calls, posts.max_us), (10, 5_000_000));
    // Percentiles and load are of that user too.
    assert!(posts.quantile_us(0.5).unwrap() > 4_900_000, "{posts:?}");
    let ran: u64 = summary.load.spans.iter().map(|span| span.total_us).sum();
    assert_eq!(ran, 50_040_000);
}

#[test]
fn groups_add_up_to_the_whole() {
    for group in Group::ALL {
        let options = Options { by: group.party(), ..Options::default() };
        let log = asked(&mixed(), &options);
        let summary = summarise(&log, None, &Ask { group, ..Ask::default() });
        let calls: u64 = summary.rows.iter().map(|row| row.figures.calls).sum();
        let total: u64 = summary.rows.iter().map(|row| row.figures.total_us).sum();
        assert_eq!((calls, total), (44, 53_040_000), "{}", group.as_str());
    }
}

#[test]
fn a_group_in_a_window_is_counted_not_estimated() {
    let mut statements = every_minute(1, 60, "mmuser", "posts", 100);
    statements.extend(every_minute(60, 119, "report", "posts", 900));
    let log = asked(&statements, &Options { by: Group::User.party(), ..Options::default() });
    let ask = Ask { group: Group::User, ..second_hour() };
    let summary = summarise(&log, None, &ask);
    let rows: Vec<(&str, u64, Verdict)> = summary
        .rows
        .iter()
        .map(|row| (row.key.as_str(), row.figures.calls, row.change.as_ref().unwrap().verdict))
        .collect();
    assert_eq!(rows, [("report", 59, Verdict::New), ("mmuser", 0, Verdict::Gone)]);
}

#[test]
fn the_deviation_from_a_histogram_is_that_of_the_sums() {
    let mut statements = every_minute(60, 90, "mmuser", "posts", 100);
    statements.extend(every_minute(60, 90, "mmuser", "posts", 900));
    let log = log(&statements);
    let exact = summarise(&log, None, &Ask::default()).rows[0].figures.stddev_us().unwrap();
    let within = summarise(&log, None, &second_hour()).rows[0].figures.stddev_us().unwrap();
    assert!((exact - 400_000.0).abs() < 1.0, "{exact}");
    assert!((within - exact).abs() < exact * 0.02, "{within}");
}

#[test]
fn a_missing_file_of_a_rotated_set_is_no_quiet_time() {
    let mut log = log(&[(1, "mmuser", "posts", 10)]);
    let mut later = log.sources[0].clone();
    let shift = |window: Window| Window {
        start: window.start + chrono::TimeDelta::hours(10),
        end: window.end + chrono::TimeDelta::hours(10),
    };
    later.window = later.window.map(shift);
    log.sources.push(later);
    let summary = summarise(&log, None, &Ask::default());
    assert!((summary.minutes - 240.0).abs() < 0.1, "{}", summary.minutes);
}
