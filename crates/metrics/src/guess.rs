//! What a series is when no panel of that title is known: from words of the file name, from
//! legends, from labels.

use crate::finish::upper_median;
use crate::{Series, View};
use text::Raw;

/// A guess from words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Guess {
    /// The canonical metric.
    pub(crate) name: String,
    /// The view.
    pub(crate) view: Option<View>,
    /// The unit, empty if open.
    pub(crate) unit: &'static str,
    /// What it is about.
    pub(crate) subject: Subject,
}

/// What a guess says about the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Nothing.
    Open,
    /// This.
    Fixed(&'static str),
}

impl Subject {
    /// Sets the subject of a series if the guess has one.
    pub(crate) fn clone_into_subject(self, series: &mut Series) {
        if let Self::Fixed(subject) = self {
            series.subject = Raw::from(subject);
        }
    }
}

/// The known panel whose legends these are; only where legends leave no doubt.
pub(crate) fn by_legends(legends: &[String]) -> Option<&'static str> {
    let all = |fits: fn(&str) -> bool| !legends.is_empty() && legends.iter().all(|l| fits(l));
    if all(|l| {
        matches!(
            l,
            "open_conns"
                | "in_use_conns"
                | "wait_count"
                | "max_idle_closed"
                | "max_idle_time_closed"
        )
    }) {
        // Master or replica cannot be told: the subject is cleared by the reader.
        return Some("Connection Pool (Master)");
    }
    if all(|l| matches!(l, "master" | "replica")) {
        return Some("DB Connections");
    }
    let first = legends.first().map_or("", String::as_str);
    if legends.len() > 1 && first.contains(':') && all_equal(legends) {
        // One instance several times over: the leader alone reports the lag of every replica.
        return Some("Replica Lag");
    }
    None
}

fn all_equal(legends: &[String]) -> bool {
    legends.iter().all(|legend| Some(legend) == legends.first())
}

/// `p99`, `p50` ... `mean`, if the words or the legend say so.
pub(crate) fn quantile_word(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let has = |word: &str| words.contains(&word);
    for (word, others) in [
        ("p999", &["p999"] as &[&str]),
        ("p99", &["p99", "99th", "q99"]),
        ("p95", &["p95", "95th", "q95"]),
        ("p90", &["p90", "90th", "q90"]),
        ("p50", &["p50", "50th", "median", "q50"]),
        ("mean", &["mean", "avg", "average"]),
        ("max", &["max", "maximum"]),
    ] {
        if others.iter().any(|other| has(other)) {
            return Some(word);
        }
    }
    None
}

/// The quantile that the end of a canonical name says.
pub(crate) fn quantile_of(name: &str) -> Option<f64> {
    let digits = name.rsplit('-').next()?.strip_prefix('p')?;
    let number: f64 = digits.parse().ok()?;
    match digits.len() {
        2 => Some(number / 100.0),
        3 => Some(number / 1000.0),
        _ => None,
    }
}

/// A guess from the words of a title (normalised), a legend and labels.
pub(crate) fn by_words(title: &str, legend: &str, labels: &[(String, String)]) -> Option<Guess> {
    let words: Vec<&str> = title.split(' ').collect();
    let has = |word: &str| words.contains(&word);
    let any = |list: &[&str]| list.iter().any(|word| has(word));
    let label = |name: &str| labels.iter().any(|(label, _)| label == name);
    let made = |name: &str, view, unit| {
        Some(Guess { name: name.to_owned(), view: Some(view), unit, subject: Subject::Open })
    };
    let quantile = quantile_word(legend).or_else(|| quantile_word(title));
    let timed = any(&["latency", "duration", "time", "ms", "seconds"]) || quantile.is_some();

    let by_method = label("method") || is_store_method(legend);
    let by_handler = label("handler") || is_handler(legend) || any(&["handler", "handlers"]);
    if by_method || by_handler {
        let base = if by_method { "store-method" } else { "api-handler" };
        let (name, unit) = match quantile {
            Some(word) if word != "mean" => (format!("{base}-{word}"), "s"),
            Some(_) => (format!("{base}-duration"), "s"),
            None if timed => (format!("{base}-duration"), "s"),
            // Calls or durations: the values decide (see `settle`).
            None => (
                format!("{base}-calls"),
                if any(&["count", "calls"]) { "count per 5 min" } else { "" },
            ),
        };
        let view = match (by_method, unit == "s") {
            (true, true) => View::StoreLatency,
            (true, false) => View::DbCalls,
            (false, _) => View::ApiRequests,
        };
        return Some(Guess { name, view: Some(view), unit, subject: Subject::Open });
    }
    if title_says_nothing(&words)
        && let Some(word) = quantile_word(legend)
        && legend.contains(':')
    {
        // `p99-app-1:8067` alone: a latency, but whether of the API or the store stays open.
        return Some(Guess {
            name: format!("latency-{word}"),
            view: None,
            unit: "s",
            subject: Subject::Open,
        });
    }
    if has("replica") && has("lag") || has("replication") {
        return made("replica-lag", View::ReplicaLag, "");
    }
    if has("pool")
        || any(&["conns", "connections", "connection"])
            && any(&["db", "database", "sql", "master", "replica", "pool"])
    {
        let name = match () {
            () if any(&["use", "inuse", "used", "busy"]) => "pool-in-use",
            () if any(&["wait", "waits", "waiting"]) => "pool-wait-count",
            () if has("idle") => "pool-idle",
            () if has("max") => "pool-max",
            () if has("pool") || has("open") => "pool-open",
            () => "db-connections",
        };
        let subject = match () {
            () if has("replica") => Subject::Fixed("replica"),
            () if has("master") => Subject::Fixed("master"),
            () => Subject::Open,
        };
        let unit = if name == "pool-wait-count" { "1/s" } else { "count" };
        return Some(Guess { name: name.to_owned(), view: Some(View::Connections), unit, subject });
    }
    if has("store") && timed {
        return latency("store-latency", quantile, View::StoreLatency);
    }
    if any(&["db", "store", "database"]) && any(&["calls", "queries", "requests"]) {
        return made("db-calls", View::DbCalls, "1/s");
    }
    if any(&["api", "request", "requests"]) && timed {
        return latency("api-latency", quantile, View::ApiLatency);
    }
    if any(&["errors", "5xx", "4xx"]) && any(&["api", "http"]) {
        return made("http-errors", View::Errors, "1/s");
    }
    if any(&["websocket", "websockets", "ws"]) {
        return match () {
            () if any(&["reconnect", "reconnects"]) => {
                made("websocket-reconnects", View::Websocket, "")
            }
            () if has("buffer") => made("websocket-buffer", View::Websocket, "count"),
            () if any(&["events", "event"]) => made("websocket-events", View::Websocket, "1/s"),
            () if any(&["broadcasts", "broadcast"]) => {
                made("websocket-broadcasts", View::Websocket, "1/s")
            }
            () => made("websocket-connections", View::Websocket, "count"),
        };
    }
    if has("reconnects") {
        return made("websocket-reconnects", View::Websocket, "");
    }
    if any(&["http", "api"]) && any(&["requests", "request", "rps"]) {
        return made("http-requests", View::HttpRequests, "1/s");
    }
    if has("cpu") {
        return match () {
            () if any(&["rds", "db", "database", "postgres", "mysql", "aurora"]) => {
                made("db-host-cpu", View::Cpu, "percent")
            }
            () if any(&["host", "node", "system", "load"]) => made("host-cpu", View::Cpu, ""),
            () => made("cpu-utilization", View::Cpu, "percent of one core"),
        };
    }
    if any(&["heap", "memory", "mem", "rss", "resident"]) {
        return match () {
            () if any(&["rds", "db", "database", "postgres", "mysql", "aurora"]) => {
                made("db-host-memory", View::Memory, "")
            }
            () if any(&["rss", "resident"]) => made("resident-memory", View::Memory, "bytes"),
            () if has("heap") => made("heap", View::Memory, "bytes"),
            () => made("memory", View::Memory, ""),
        };
    }
    if any(&["goroutines", "goroutine", "routines"]) {
        return made("goroutines", View::Process, "count");
    }
    if has("cluster") {
        return match () {
            () if any(&["health", "score"]) => made("cluster-health", View::Cluster, "count"),
            () if timed => latency("cluster-latency", quantile, View::Cluster),
            () => made("cluster-requests", View::Cluster, "1/s"),
        };
    }
    if any(&["jobs", "job"]) {
        return made("jobs-active", View::Service, "count");
    }
    if any(&["posts", "messages"]) && !timed {
        return made("posts", View::Service, "");
    }
    None
}

/// Whether none of the words that tell panels apart is there.
fn title_says_nothing(words: &[&str]) -> bool {
    const TELLING: &[&str] = &[
        "api", "store", "db", "http", "cluster", "request", "requests", "search", "cpu", "memory",
        "heap",
    ];
    !words.iter().any(|word| TELLING.contains(word))
}

fn latency(base: &str, quantile: Option<&'static str>, view: View) -> Option<Guess> {
    let name = quantile.map_or_else(|| base.to_owned(), |word| format!("{base}-{word}"));
    Some(Guess { name, view: Some(view), unit: "s", subject: Subject::Open })
}

/// `ThreadStore.GetThreadsForUser`.
pub(crate) fn is_store_method(legend: &str) -> bool {
    legend.split_once("Store.").is_some_and(|(before, after)| {
        before.bytes().all(|b| b.is_ascii_alphanumeric())
            && after.starts_with(|c: char| c.is_ascii_uppercase())
    })
}

/// A handler of the API as the server names them: `getPostsForChannel`, `createPost`.
pub(crate) fn is_handler(legend: &str) -> bool {
    const VERBS: &[&str] = &[
        "get",
        "create",
        "update",
        "delete",
        "patch",
        "search",
        "view",
        "autocomplete",
        "add",
        "remove",
        "set",
        "upload",
        "login",
        "publish",
        "connect",
        "save",
        "follow",
        "execute",
    ];
    legend.len() > 6
        && legend.bytes().all(|b| b.is_ascii_alphanumeric())
        && legend.bytes().any(|b| b.is_ascii_uppercase())
        && VERBS.iter().any(|verb| {
            legend
                .strip_prefix(verb)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        })
}

/// Settles by the values what words left open: calls or durations of methods and handlers, and
/// bytes of instances without any title.
///
/// Durations of methods are fractions of seconds and calls in five minutes are many, so the median
/// tells them apart; a heap is hundreds of megabytes in whole bytes.
pub(crate) fn settle(series: &mut Series) {
    if series.samples.iter().all(|sample| sample.value.is_none()) {
        return;
    }
    let is_method = series.name == "store-method-calls" || series.name == "api-handler-calls";
    let is_whole = |series: &Series| {
        series.samples.iter().filter_map(|sample| sample.value).all(|v| v.fract() == 0.0)
    };
    if is_method && series.unit.is_empty() {
        let calls_few = upper_median(&series.samples).is_some_and(|median| median < 5.0);
        if calls_few && !is_whole(series) {
            series.name = series.name.replace("-calls", "-duration");
            "s".clone_into(&mut series.unit);
        } else {
            "count per 5 min".clone_into(&mut series.unit);
        }
    } else if is_method && series.unit == "s" {
        series.name = series.name.replace("-calls", "-duration");
    }
    if series.name == "store-method-duration" {
        series.view = Some(View::StoreLatency);
    }
    let unknown = series.view.is_none() && !series.node.is_empty();
    let whole_bytes = |series: &Series| {
        series.unit.is_empty()
            && is_whole(series)
            && upper_median(&series.samples).is_some_and(|median| median > 5e7)
    };
    if unknown && (series.unit == "bytes" || whole_bytes(series)) {
        "heap".clone_into(&mut series.name);
        "bytes".clone_into(&mut series.unit);
        series.view = Some(View::Memory);
        crate::identify::limit(series, crate::limits::GUESSED_PANEL);
        series.limits.retain(|limit| limit != crate::limits::UNKNOWN_PANEL);
    }
}

#[cfg(test)]
mod tests {
    use super::{by_words, is_handler, is_store_method, quantile_of, quantile_word};

    #[test]
    fn names_that_people_give_to_files_say_what_is_inside() {
        for (words, legend, name) in [
            ("api latency p99", "app-1:8067", "api-latency-p99"),
            ("store latency p99", "app-1:8067", "store-latency-p99"),
            ("api p99 by handler", "createPost", "api-handler-p99"),
            ("pool in use", "", "pool-in-use"),
            ("pool wait", "", "pool-wait-count"),
            ("http requests per second proxy", "app-1:8067", "http-requests"),
            ("top db calls by duration", "PostStore.Save", "store-method-duration"),
            ("top db calls by count", "PostStore.Save", "store-method-calls"),
            ("cpu", "app-1:8067", "cpu-utilization"),
            ("rds cpu utilization", "db", "db-host-cpu"),
            ("db connections", "master", "db-connections"),
        ] {
            let guess = by_words(words, legend, &[]).expect(words);
            assert_eq!(guess.name, name, "{words}");
        }
        assert_eq!(by_words("sales by region", "north", &[]), None);
    }

    #[test]
    fn methods_handlers_and_quantiles_are_told_by_their_form() {
        assert!(is_store_method("ThreadStore.GetThreadsForUser"));
        assert!(!is_store_method("see Store.GetThreads"));
        assert!(is_handler("getPostsForChannel") && !is_handler("getter") && !is_handler("total"));
        assert_eq!(quantile_word("p50-app-1:8067"), Some("p50"));
        assert_eq!(quantile_of("api-latency-p99"), Some(0.99));
        assert_eq!(quantile_of("heap"), None);
    }
}
