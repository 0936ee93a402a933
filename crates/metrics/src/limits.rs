//! How much is read of one source, and the fixed words for what a source cannot show.

/// Bytes of one source that are kept: a week of a thousand series at a minute is about 200 MB.
pub const SOURCE_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Columns of one table that are read: a panel has at most some hundred series.
pub(crate) const COLUMNS_MAX: usize = 10_000;

/// Series of one source: as many as columns, over all frames.
pub(crate) const SERIES_MAX: usize = 20_000;

/// Samples of one source, over all series: 24 bytes each, so at most about 300 MB.
pub(crate) const SAMPLES_MAX: usize = 12_000_000;

/// Characters of a label, a legend or a title that are kept.
pub(crate) const LABEL_CHARS_MAX: usize = 512;

/// Labels of one series that are kept; Prometheus itself refuses far fewer.
pub(crate) const LABELS_MAX: usize = 64;

/// The export holds the first series of a panel that has several: Grafana's default click.
pub const FIRST_SERIES_ONLY: &str = "first series only";
/// Values were formatted, to about three digits.
pub const ROUNDED: &str = "rounded values";
/// A quantile at the largest bucket of its histogram (10 s): the truth is anything above.
pub const CEILING: &str = "histogram ceiling";
/// Local times, and neither file nor user says the zone.
pub const LOCAL_TIME: &str = "local time without zone";
/// Dates may be read day first or month first.
pub const DATE_ORDER: &str = "ambiguous date order";
/// Values are sums over all nodes: one bad node does not stand out.
pub const SUM_OVER_NODES: &str = "sum over nodes";
/// The list was chosen over the whole range of the dashboard: what was slow for minutes may lack.
pub const TOP_LIST: &str = "top 10 of the whole range";
/// The panel is none of those that Mattermost publishes.
pub const UNKNOWN_PANEL: &str = "unknown panel";
/// The panel was guessed from its legends or its file name.
pub const GUESSED_PANEL: &str = "panel guessed";
/// Nothing says what the values are measured in.
pub const UNKNOWN_UNIT: &str = "unknown unit";
/// The legend does not say which quantile: taken from the order of the panel's queries.
pub const QUANTILE_BY_ORDER: &str = "quantile by order";
/// One value per series and no course over time.
pub const INSTANT: &str = "instant values only";
/// The file ends in the middle.
pub const TRUNCATED: &str = "truncated";
/// A ratio of counters since the start of the process: hardly moves during an incident.
pub const LIFETIME_RATIO: &str = "ratio since start";
