//! Mattermost logs of every era: what they say, how often, when, about whom.
//!
//! [`LogReader`] is fed bytes and holds no log: every line becomes a pattern (its message and error
//! with the variable parts taken out), a cell of a minute, counts of the values of a few fields,
//! and sometimes an event. All of these are bounded; where a bound was met, an issue or a limit in
//! the coverage says so. [`LogRecords::merge`] joins what several files and nodes gave, in any order.

mod event_rule;
mod events;
mod json;
mod json_line;
mod known;
mod known_list;
mod level;
mod line;
mod mask;
mod merge;
mod nodes;
mod own_name;
mod pattern;
mod plain_line;
mod prefix;
mod reader;
mod recognise;
mod records;
mod tally;
mod time;

#[cfg(test)]
mod tests;

pub use known::Known;
pub use known_list::KNOWN;
pub use level::LogLevel;
pub use nodes::{LooseLog, loose_nodes};
pub use reader::{ALL_ERRORS, LogReader};
pub use recognise::FORMATS;
pub use records::{
    BeforeStop, LogField, LogKind, LogMinute, LogPattern, LogRecords, LogSource, LogTop, Origin,
    RecentMessage, ServerEvent, ServerEventKind, TopMinute,
};
