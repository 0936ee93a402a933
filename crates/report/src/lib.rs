//! Writes a report: terminal, Markdown, JSON, HTML, charts.
