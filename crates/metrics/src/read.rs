//! Bytes of a file to series, whatever the form.

use crate::limits::SOURCE_BYTES_MAX;
use crate::{Metrics, View, formats, grafana, prometheus, promtool};
use chrono_tz::Tz;
use model::{Head, Issues, Parsed, Sink};

/// What the user says about a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The zone of local times; without it they stay local and the source says so.
    pub tz: Option<Tz>,
    /// The view of a file whose name and legends do not say it.
    pub view: Option<View>,
}

/// Reads one file of metrics.
///
/// - Input: a whole file: a Grafana CSV of any version or re-saved by a spreadsheet, an answer of
///   Prometheus (JSON), or text of `promtool`. `path` is a label; its last part is looked at for
///   the panel's title.
/// - Output: the series in the order of the file, in the units of the canonical metrics.
/// - Issues: rows and cells that cannot be read, each kind once with its count; the rest stands.
///   A file that is no metric at all gives no series and one issue that says what it is.
pub fn parse(path: &str, bytes: &[u8], options: &Options) -> Parsed<Metrics> {
    let (kept, cut) = match bytes.get(..SOURCE_BYTES_MAX) {
        Some(kept) if bytes.len() > SOURCE_BYTES_MAX => (kept, true),
        _ => (bytes, false),
    };
    let head = kept.get(..kept.len().min(64 * 1024)).unwrap_or_default();
    let head = Head { path, bytes: head, whole: kept.len() <= 64 * 1024 };
    let text = text::decode(kept);
    let mut parsed = if formats::prometheus_json(&head) > 0 {
        prometheus::read(&text, path, options)
    } else if formats::promtool_text(&head) > 0 {
        promtool::read(&text, path, options)
    } else {
        grafana::read(&text, path, options)
    };
    if cut {
        parsed.issues.add(too_large(), "", 0);
    }
    for series in &mut parsed.records.series {
        path.clone_into(&mut series.source);
    }
    cover(&mut parsed);
    parsed
}

fn too_large() -> String {
    format!("larger than {} MiB: the rest was not read", SOURCE_BYTES_MAX / 1024 / 1024)
}

/// Counts records and collects window and limits from the series.
fn cover(parsed: &mut Parsed<Metrics>) {
    let coverage = &mut parsed.coverage;
    for series in &parsed.records.series {
        coverage.records += u64::try_from(series.points()).unwrap_or(u64::MAX);
        if let Some(window) = series.window() {
            coverage.window = Some(coverage.window.map_or(window, |known| known.hull(window)));
        }
        for limit in &series.limits {
            if !coverage.limits.contains(limit) {
                coverage.limits.push(limit.clone());
            }
        }
    }
    coverage.skipped = parsed.issues.skipped();
}

/// Collects the bytes of one file up to [`SOURCE_BYTES_MAX`] and reads them at the end.
#[derive(Debug)]
pub struct Reader {
    path: String,
    options: Options,
    bytes: Vec<u8>,
    cut: bool,
}

impl Reader {
    /// For the file of that path.
    pub fn new(path: &str, options: Options) -> Self {
        Self { path: path.to_owned(), options, bytes: Vec::new(), cut: false }
    }
}

impl Sink for Reader {
    type Records = Metrics;

    fn push(&mut self, bytes: &[u8]) {
        let room = SOURCE_BYTES_MAX - self.bytes.len();
        self.cut |= bytes.len() > room;
        self.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn finish(self) -> Parsed<Metrics> {
        let mut parsed = parse(&self.path, &self.bytes, &self.options);
        if self.cut {
            parsed.issues.add(too_large(), "", 0);
        }
        parsed
    }
}

/// A source that gave no series, and why.
pub(crate) fn nothing(reason: &str, location: &str) -> Parsed<Metrics> {
    let mut issues = Issues::default();
    issues.add(reason, location, 0);
    Parsed { issues, ..Parsed::default() }
}
