//! Logs inside what collectors, consoles and people put around them. Inside is a log of any format,
//! read as if it came by itself; several envelopes may lie in one another.

mod colours;
mod column;
mod forms;
mod heads;
mod journal;
mod json;
mod pieces;
mod printed;
mod rows;
mod when;
mod yaml;

use crate::json::walk;
use crate::mysql;
use crate::pg::layout::{self, Layout};
use crate::pg::wrapped;
use crate::pgbouncer;
use crate::statements;
use colours::Colours;
use column::{Column, Place};
pub use forms::{ENVELOPES, Form};
use heads::{HeadKind, Heads};
use journal::Journal;
use json::{Level, Objects, Strings, Wanted};
use model::{Format, Head, Issues};
use pieces::{Manner, Pieces};
use printed::Printed;
use rows::Written;

/// The name of the format of a log within something else.
pub const EXPORT: &str = "database log in an export";

/// The format in the list of all.
pub(crate) const FORMAT: Format = Format {
    name: EXPORT,
    kind: "database log",
    score: |head| if detect(head).is_some() { 97 } else { 0 },
};

/// The keys of strings that hold a line or an entry, by who writes them: Google Cloud, Docker and
/// Fluent Bit, CloudWatch and Filebeat, journald, Logs Insights, Grafana and Loki, Splunk, Datadog,
/// OpenTelemetry.
const KEYS: &[&str] = &[
    "textPayload",
    "log",
    "message",
    "MESSAGE",
    "@message",
    "line",
    "_raw",
    "content",
    "body",
    "Body",
];

/// Columns that hold rows as JSON: they may stand alone.
const JSON_COLUMNS: &[&str] =
    &["json_agg", "jsonb_agg", "row_to_json", "to_json", "to_jsonb", "json_build_object"];

/// Envelopes that may lie in one another.
const LAYERS_MAX: usize = 4;

/// What stands around a log.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// Colours of a terminal.
    Colours,
    /// JSON, in which every line or entry is a string, which may go on in the next.
    Strings(Wanted, bool),
    /// Objects that are otherwise one to a line.
    Objects(Level),
    /// A head before every line.
    Heads(HeadKind),
    /// CSV, in which every line or entry is a field.
    Column(Place),
    /// A table in another form than CSV.
    Printed(Printed),
    /// Entries of systemd's journal.
    Journal(Journal),
    /// Documents of YAML.
    Yaml,
    /// Rows of csvlog, written again.
    Rows(Written),
}

/// One envelope, and how what it gives is handed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layer {
    kind: Kind,
    manner: Manner,
}

impl Layer {
    /// What is said of it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "few say where in them a log stands")]
    fn what(&self) -> String {
        let form = match &self.kind {
            Kind::Colours => &forms::COLOURS,
            Kind::Strings(..) => &forms::STRINGS,
            Kind::Objects(Level::OfArray) => &forms::ARRAY,
            Kind::Objects(Level::ByItself) => &forms::PRETTY,
            Kind::Heads(kind) => kind.form(),
            Kind::Column(_) => &forms::COLUMN,
            Kind::Printed(printed) => printed.form(),
            Kind::Journal(_) => &forms::JOURNAL,
            Kind::Yaml => &forms::YAML,
            Kind::Rows(_) => &forms::ROWS,
        };
        let from = match &self.kind {
            Kind::Strings(Wanted::Key(key), _) => format!(", from its `{key}`"),
            Kind::Strings(Wanted::Field, _) => ", from its `@message`".to_owned(),
            Kind::Strings(Wanted::Pair, _) => ", from its `values`".to_owned(),
            Kind::Column(place) => format!(", from its column `{}`", place.name),
            _ => String::new(),
        };
        let what = form.said.to_owned() + &from;
        if self.manner.newest_first { what + ", which has the newest first" } else { what }
    }
}

/// Takes an envelope off, block by block, in bounded memory.
trait Open: Send {
    /// Takes the next bytes and gives what is inside.
    fn push(&mut self, bytes: &[u8], out: &mut Pieces);

    /// Gives what still waits.
    fn end(&mut self, out: &mut Pieces) {
        let _ = out;
    }
}

fn opener(kind: &Kind) -> Box<dyn Open> {
    match kind {
        Kind::Colours => Box::new(Colours::default()),
        Kind::Strings(wanted, joins) => Box::new(Strings::new(*wanted, *joins)),
        Kind::Objects(level) => Box::new(Objects::new(*level)),
        Kind::Heads(kind) => Box::new(Heads::new(kind.clone())),
        Kind::Column(place) => Box::new(Column::new(place.clone())),
        Kind::Printed(printed) => printed.opener(),
        Kind::Journal(journal) => Box::new(journal::Entries::new(*journal)),
        Kind::Yaml => Box::new(yaml::Documents::default()),
        Kind::Rows(written) => Box::new(rows::Rewritten::new(written.clone())),
    }
}

/// Takes off all envelopes of a source.
pub(crate) struct Opener {
    stages: Vec<(Box<dyn Open>, Pieces)>,
    layers: Vec<Layer>,
    between: Vec<u8>,
}

impl Opener {
    pub(crate) fn new(layers: Vec<Layer>) -> Self {
        let stage = |layer: &Layer| (opener(&layer.kind), Pieces::new(layer.manner));
        Self { stages: layers.iter().map(stage).collect(), layers, between: Vec::new() }
    }

    /// Appends what is inside of the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.through(0, bytes, out);
    }

    /// Passes bytes through the stages from `first` on.
    fn through(&mut self, first: usize, bytes: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(bytes);
        for (open, pieces) in self.stages.iter_mut().skip(first) {
            self.between.clear();
            self.between.extend_from_slice(out.get(start..).unwrap_or_default());
            out.truncate(start);
            open.push(&self.between, pieces);
            pieces.hand_on(out);
        }
    }

    /// Appends what still waits, and says what was read out of what.
    pub(crate) fn end(&mut self, out: &mut Vec<u8>) -> Issues {
        for idx in 0..self.stages.len() {
            let mut rest = Vec::new();
            if let Some((open, pieces)) = self.stages.get_mut(idx) {
                open.end(pieces);
                pieces.hand_on_rest(&mut rest);
            }
            self.through(idx + 1, &rest, out);
        }
        let mut issues = Issues::default();
        for (layer, (_, pieces)) in self.layers.iter().zip(&mut self.stages) {
            issues.add(layer.what(), "", 0);
            issues.merge(std::mem::take(&mut pieces.issues));
        }
        issues
    }
}

/// What is inside of the first bytes of a source.
pub(crate) fn inside(layers: &[Layer], head: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut opener = Opener::new(layers.to_vec());
    opener.push(head, &mut out);
    // A line that the head cuts is not looked at, but what is held to be turned round is.
    for (idx, (_, pieces)) in opener.stages.iter_mut().enumerate() {
        if pieces.is_held() {
            let mut rest = Vec::new();
            pieces.hand_on_rest(&mut rest);
            let mut below = Opener::new(layers.get(idx + 1..).unwrap_or_default().to_vec());
            below.push(&rest, &mut out);
            break;
        }
    }
    out
}

/// The objects of the first array of a source, one to a line.
pub(crate) fn objects_of_array(head: &[u8]) -> Vec<u8> {
    let kind = Kind::Objects(Level::OfArray);
    inside(&[Layer { kind, manner: Manner::default() }], head)
}

/// The envelopes of a source, the outermost first, if there are any around what can be read.
pub(crate) fn detect(head: &Head<'_>) -> Option<Vec<Layer>> {
    let bytes = head.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head.bytes);
    layers_of(bytes, head.whole, LAYERS_MAX)
}

fn layers_of(bytes: &[u8], whole: bool, more: usize) -> Option<Vec<Layer>> {
    if more == 0 || !is_wrapped(bytes, whole) {
        return None;
    }
    candidates(bytes, whole).into_iter().find_map(|(kind, nests)| {
        let mut layer = Layer { kind, manner: Manner::default() };
        let mut pieces = look(&layer.kind, bytes);
        if let Kind::Strings(_, joins) = &mut layer.kind
            && pieces.are_lines()
        {
            *joins = true;
            pieces = look(&layer.kind, bytes);
        }
        layer.manner = pieces.manner_of();
        let text = inside(std::slice::from_ref(&layer), bytes);
        if text.trim_ascii().is_empty() {
            return None;
        }
        let mut layers = vec![layer];
        if nests == Nests::Yes
            && let Some(inner) = layers_of(&text, false, more - 1)
        {
            layers.extend(inner);
            return Some(layers);
        }
        is_readable(&text).then_some(layers)
    })
}

/// The pieces of the first bytes.
fn look(kind: &Kind, bytes: &[u8]) -> Pieces {
    let mut pieces = Pieces::to_look_at();
    opener(kind).push(bytes, &mut pieces);
    pieces
}

/// Whether another envelope may lie in one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nests {
    Yes,
    No,
}

/// Whether a source may have an envelope: what is a table or JSON of a server's own has none.
fn is_wrapped(bytes: &[u8], whole: bool) -> bool {
    if matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
        && !bytes.trim_ascii_start().starts_with(b"[pod/")
    {
        let plain = layout::recognise(bytes, whole, None);
        return !plain.is_some_and(|found| matches!(found.layout, Layout::Json))
            && mysql::azure::score(bytes) == 0;
    }
    !is_table(bytes, whole) || printed::is_no_csv(bytes)
}

/// Whether a source is rows that are read by their names.
fn is_table(bytes: &[u8], whole: bool) -> bool {
    let head = Head { path: "", bytes, whole };
    [statements::PG_FORMAT, statements::DIGEST_FORMAT, mysql::table::FORMAT]
        .iter()
        .any(|format| (format.score)(&head) > 0)
}

/// Whether a text is a log or a table that can be read.
fn is_readable(text: &[u8]) -> bool {
    let head = Head { path: "", bytes: text, whole: false };
    if mysql::azure::score(text) > 0 {
        return true;
    }
    let found = layout::recognise(text, false, None);
    if matches!(text.trim_ascii_start().first(), Some(b'{' | b'[')) {
        // Lines of JSON that look like lines with a prefix are none.
        return found.is_some_and(|found| matches!(found.layout, Layout::Json));
    }
    // Formats of lines without a head of their own.
    let bare = [mysql::FILE_FORMAT, pgbouncer::FORMAT];
    found.is_some() || bare.iter().any(|format| (format.score)(&head) > 0) || is_table(text, false)
}

/// Whether the first line is an object that is whole.
fn is_object_line(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'\n').next().is_some_and(|line| walk(line, |_, _| {}).is_some())
}

/// What may stand around a source, the surest first.
fn candidates(bytes: &[u8], whole: bool) -> Vec<(Kind, Nests)> {
    if colours::are_in(bytes) {
        return vec![(Kind::Colours, Nests::Yes)];
    }
    let start = bytes.trim_ascii_start();
    if matches!(start.first(), Some(b'{' | b'[')) && !start.starts_with(b"[pod/") {
        return of_json(start);
    }
    let mut kinds: Vec<Kind> = Journal::all_of(bytes).into_iter().map(Kind::Journal).collect();
    kinds.extend(yaml::is_in(bytes).then_some(Kind::Yaml));
    kinds.extend(Written::of(bytes, whole).map(Kind::Rows));
    kinds.extend(Printed::all_of(bytes).into_iter().map(Kind::Printed));
    kinds.extend(column::places_of(bytes, whole).into_iter().map(Kind::Column));
    // Lines of syslog begin with what others put before.
    if wrapped::name_of(bytes).is_none() {
        kinds.extend(HeadKind::all_of(bytes).into_iter().map(Kind::Heads));
    }
    kinds.into_iter().map(|kind| (kind, Nests::Yes)).collect()
}

/// What JSON may hold: objects of a log before strings that look like lines of one.
fn of_json(start: &[u8]) -> Vec<(Kind, Nests)> {
    let has = |key: &str| memchr::memmem::find(start, format!("\"{key}\"").as_bytes()).is_some();
    let mut levels = vec![Level::OfArray];
    let by_itself = start.starts_with(b"{") && !is_object_line(start);
    levels.extend(by_itself.then_some(Level::ByItself));
    let mut strings: Vec<Wanted> = Vec::new();
    strings.extend(KEYS.iter().copied().filter(|key| has(key)).map(Wanted::Key));
    strings.extend((has("field") && has("value")).then_some(Wanted::Field));
    strings.extend(has("values").then_some(Wanted::Pair));
    let objects = |nests| levels.iter().map(move |level| (Kind::Objects(*level), nests));
    let strings = strings.into_iter().map(|wanted| (Kind::Strings(wanted, false), Nests::Yes));
    let rows = is_object_line(start).then_some((Kind::Printed(Printed::Objects), Nests::No));
    let journal = Journal::all_of(start).into_iter().map(|it| (Kind::Journal(it), Nests::No));
    objects(Nests::No)
        .chain(journal)
        .chain(rows)
        .chain(strings)
        .chain(objects(Nests::Yes))
        .collect()
}

#[cfg(test)]
mod tests;
