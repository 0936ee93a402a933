//! Reads metric series: Grafana CSV exports and Prometheus answers.
//!
//! In: the bytes of one file and its name (the only place where a panel's title stands). Out: one
//! [`Series`] per column or per result, with unit, node, subject and playbook view, in the units
//! of the canonical metric. Issues and limits say what a form of export loses.

mod ask;
mod cells;
mod clocks;
mod filename;
mod finish;
mod form;
mod formats;
mod grafana;
mod guess;
mod identify;
mod labels;
mod limits;
mod panels;
mod prometheus;
mod promtool;
mod read;
mod records;
mod times;
mod values;
mod zone;

pub use ask::{MissingView, missing_views};
pub use clocks::{ClockNote, Hints, settle_clocks};
pub use formats::FORMATS;
pub use limits::{
    CEILING, DATE_ORDER, FIRST_SERIES_ONLY, GUESSED_PANEL, INSTANT, LIFETIME_RATIO, LOCAL_TIME,
    QUANTILE_BY_ORDER, ROUNDED, SOURCE_BYTES_MAX, SUM_OVER_NODES, TOP_LIST, TRUNCATED,
    UNKNOWN_PANEL, UNKNOWN_UNIT,
};
pub use read::{Options, Reader, parse};
pub use records::{Clock, Metrics, Sample, Series, View};
pub use zone::{OffsetGuess, Reference, infer_offset};
