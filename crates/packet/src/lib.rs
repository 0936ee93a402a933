//! Reads support packets of every era: settings, diagnostics, logs, dumps.
