//! Reads metric series: Grafana CSV exports and Prometheus answers.
//!
//! In: the bytes of one file and its name (the only place where a panel's title stands). Out: one
//! [`Series`] per column or per result, with unit, node, subject and playbook view, in the units
//! of the canonical metric. Issues and limits say what a form of export loses.

mod records;

pub use records::{Clock, Metrics, Sample, Series, View};
