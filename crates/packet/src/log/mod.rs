//! Logs of the server.

/// What the logs of a packet say.
#[derive(Clone, Debug, Default)]
pub struct LogRecords {}
