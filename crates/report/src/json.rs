//! JSON, version `analyze.report/1`: one object, for scripts.
//!
//! The types of [`wire`] are the promise to readers; the model may change under them. Within `/1`
//! fields may be added, never changed or removed. Times are RFC 3339 in UTC.

mod wire;

use crate::{Format, Style};
use model::Report;
use std::io::{self, Write};

pub(crate) const FORMAT: Format = Format {
    name: "json",
    extensions: &["json"],
    help: "one object, for scripts (schema analyze.report/1)",
    write,
};

fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &wire::ReportV1::new(report, style))?;
    writeln!(out)
}
