//! Lines that are JSON objects: logr and zap, bootstrap lines, audit records, and whatever names
//! advanced logging gave the keys.

use super::json::{Scanner, Step, Text, Value};
use super::line::{Field, Form, Key, Line, key};
use super::time;

/// Pairs with unknown keys that are kept until the line is read, for time, level and message under
/// other names.
const SPARE_MAX: usize = 8;

/// How deep objects inside of a line are read (`fields`, `actor`, `meta`, `error`).
const NEST_MAX: u8 = 2;

/// What an object was.
pub(super) enum Read<'a> {
    /// A line: now in `line`.
    Line,
    /// A container runtime's wrapper: the text of the line inside, and its time.
    Wrapped(Text<'a>, Option<time::Stamp>),
    /// No line of a log.
    No,
}

/// Reads a line that begins with `{` into `line`, which is empty before.
pub(super) fn read<'a>(bytes: &'a [u8], line: &mut Line<'a>) -> Read<'a> {
    let Some(mut scanner) = Scanner::new(bytes) else { return Read::No };
    let mut state = State::default();
    line.cut = !pairs(&mut scanner, line, &mut state, NEST_MAX);
    if let Some(text) = state.wrapped
        && line.msg.is_empty()
    {
        return Read::Wrapped(text, line.time);
    }
    if state.audit_name.is_empty() && line.msg.is_empty() {
        state.audit_name = state.audit_event;
    }
    if !state.audit_name.is_empty() && (line.msg.is_empty() || line.level.is_none()) {
        line.audit = Some((state.audit_name, state.status));
        line.set(Field::Event, state.audit_name);
    }
    if line.time.is_none() || line.level.is_none() || line.msg.is_empty() {
        guess(line, &state);
    }
    let is_line = line.audit.is_some() && (line.time.is_some() || !line.msg.is_empty())
        || !line.msg.is_empty() && (line.level.is_some() || line.time.is_some());
    if is_line { Read::Line } else { Read::No }
}

#[derive(Default)]
struct State<'a> {
    wrapped: Option<Text<'a>>,
    audit_name: Text<'a>,
    audit_event: Text<'a>,
    status: Text<'a>,
    spare: [(&'a [u8], Text<'a>); SPARE_MAX],
    n_spare: usize,
}

/// Reads pairs to the end of the object; `false` if it breaks off.
fn pairs<'a>(
    scanner: &mut Scanner<'a>,
    line: &mut Line<'a>,
    state: &mut State<'a>,
    nest: u8,
) -> bool {
    loop {
        match scanner.step() {
            Step::Pair(name, Value::Text(text)) => text_pair(name, text, line, state),
            Step::Pair(name, Value::Bare(bare)) => bare_pair(name, bare, line, state),
            Step::Pair(name, Value::Object(object)) => {
                let wanted = matches!(key(name), Key::Nest | Key::Error | Key::ErrorDetails);
                if wanted
                    && nest > 0
                    && let Some(mut inner) = Scanner::new(object)
                {
                    pairs(&mut inner, line, state, nest - 1);
                }
            }
            Step::Pair(_, Value::Array(_)) => {}
            Step::End => return true,
            Step::Broken => return false,
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "other keys have no value of this sort")]
fn text_pair<'a>(name: &'a [u8], text: Text<'a>, line: &mut Line<'a>, state: &mut State<'a>) {
    match key(name) {
        Key::Time if line.time.is_none() => {
            line.time = time::parse(text.bytes).or_else(|| time::parse_epoch(text.bytes));
        }
        Key::Level if line.level.is_none() => {
            line.set_level(text.bytes);
        }
        Key::Message if line.msg.is_empty() => line.msg = text,
        Key::Error => line.error = text,
        Key::ErrorDetails if line.error.is_empty() => line.error = text,
        Key::Field(field) => line.set(field, text),
        Key::Url => line.set_url(text),
        Key::AuditName => state.audit_name = text,
        Key::AuditEvent => state.audit_event = text,
        Key::AuditStatus => state.status = text,
        Key::Wrapped => state.wrapped = Some(text),
        Key::LogSource => line.notifications = text.bytes == b"notifications",
        Key::Subject if line.subject.is_empty() => line.subject = text,
        Key::Node if line.node.is_empty() => line.node = text,
        Key::Unknown => {
            if let Some(slot) = state.spare.get_mut(state.n_spare) {
                *slot = (name, text);
                state.n_spare += 1;
            }
        }
        _ => {}
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "other keys have no value of this sort")]
fn bare_pair<'a>(name: &'a [u8], bare: &'a [u8], line: &mut Line<'a>, state: &mut State<'a>) {
    match key(name) {
        Key::Time if line.time.is_none() => {
            line.time = time::parse_epoch(bare);
            if name == b"ts" {
                line.form = Form::JsonZap;
            }
        }
        Key::Field(field) => line.set(field, Text::plain(bare)),
        Key::Subject if line.subject.is_empty() => line.subject = Text::plain(bare),
        Key::Unknown => {
            if let Some(slot) = state.spare.get_mut(state.n_spare) {
                *slot = (name, Text::plain(bare));
                state.n_spare += 1;
            }
        }
        _ => {}
    }
}

/// Finds time, level and message under names that are not known, by what they look like.
fn guess<'a>(line: &mut Line<'a>, state: &State<'a>) {
    let spare = state.spare.get(..state.n_spare).unwrap_or_default();
    if line.time.is_none() {
        line.time = spare.iter().find_map(|(_, text)| time::parse(text.bytes));
        if line.time.is_none() {
            let named = |name: &[u8]| {
                let has = |word: &[u8]| memchr::memmem::find(name, word).is_some();
                has(b"time") || has(b"date") || has(b"ts")
            };
            line.time = spare
                .iter()
                .filter(|(name, _)| named(name))
                .find_map(|(_, text)| time::parse_epoch(text.bytes));
        }
    }
    if line.level.is_none() {
        for (_, text) in spare {
            if line.set_level(text.bytes) {
                break;
            }
        }
    }
    if line.msg.is_empty() && line.audit.is_none() && line.time.is_some() && line.level.is_some() {
        // The longest text that is a sentence, not an id.
        let sentence = spare
            .iter()
            .filter(|(_, text)| text.bytes.contains(&b' ') && time::parse(text.bytes).is_none())
            .max_by_key(|(_, text)| text.bytes.len());
        line.msg = sentence.map_or(line.msg, |(_, text)| *text);
    }
}
