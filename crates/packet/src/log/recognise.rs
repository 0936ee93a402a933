//! Telling a Mattermost log from other files, by its first lines.

use super::json_line::{self, Read};
use super::line::{Field, Form, Line};
use super::{plain_line, prefix};
use memchr::memmem;
use model::{Format, Head};

/// Every format of logs. All are read by [`super::LogReader`], whatever their lines turn out to be.
pub static FORMATS: &[Format] = &[
    Format { name: "mattermost log", kind: "log", score: |head| of(head, Form::Json) },
    Format { name: "mattermost log (zap)", kind: "log", score: |head| of(head, Form::JsonZap) },
    Format { name: "mattermost log (plain)", kind: "log", score: |head| of(head, Form::Plain) },
    Format { name: "mattermost log (console)", kind: "log", score: |head| of(head, Form::Console) },
    Format { name: "mattermost audit log", kind: "log", score: audit },
];

/// Lines that are looked at.
const LINES_MAX: usize = 64;

/// What a path may add, when the content is right.
const PATH_BONUS: u8 = 3;

/// How many of the first lines are records, and how telling they are.
#[derive(Default)]
struct Tally {
    /// Lines that could be records: stack traces and the like are left out.
    lines: u32,
    /// Records by form.
    forms: [u32; 5],
    audit: u32,
    /// Records that name a Go file and line as their caller.
    callers: u32,
    /// The sum of how sure each record is.
    sure: u32,
}

fn of(head: &Head<'_>, form: Form) -> u8 {
    let tally = tally(head);
    let records: u32 = tally.forms.iter().sum();
    let own = tally.forms.get(form as usize).copied().unwrap_or(0);
    let most = tally.forms.iter().copied().max().unwrap_or(0);
    if records == 0 || own < most || tally.audit * 2 > records {
        return 0;
    }
    score(&tally, records, head)
}

fn audit(head: &Head<'_>) -> u8 {
    let tally = tally(head);
    let records: u32 = tally.forms.iter().sum();
    if tally.audit * 2 > records { score(&tally, records, head) } else { 0 }
}

fn score(tally: &Tally, records: u32, head: &Head<'_>) -> u8 {
    // How sure each is, times the share of lines that are records at all.
    let share = f64::from(records) / f64::from(tally.lines.max(1));
    let caller = if tally.callers > 0 { 12.0 } else { 0.0 };
    let sure = (f64::from(tally.sure) / f64::from(records) + caller).min(95.0) * share.sqrt();
    let named = head.path.rsplit(['/', '!']).next().is_some_and(|name| {
        name.contains("mattermost") || name.contains("notifications") || name.contains("audit")
    });
    if sure < 20.0 { 0 } else { sure as u8 + if named { PATH_BONUS } else { 0 } }
}

fn tally(head: &Head<'_>) -> Tally {
    let mut tally = Tally::default();
    let bytes = head.bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head.bytes);
    let mut plain = Vec::new();
    let mut lines = bytes.split_inclusive(|b| *b == b'\n').take(LINES_MAX).peekable();
    while let Some(line) = lines.next() {
        let broken = !line.ends_with(b"\n") && !head.whole && lines.peek().is_none();
        let line = line.trim_ascii_end();
        let continues = line.is_empty() || matches!(line.first(), Some(b' ' | b'\t'));
        if continues || broken && tally.lines > 0 {
            continue;
        }
        tally.lines += 1;
        let line = if prefix::without_colour(line, &mut plain) { plain.as_slice() } else { line };
        look(line, &mut tally, 0);
    }
    tally
}

fn look(line: &[u8], tally: &mut Tally, depth: u8) {
    if line.first() == Some(&b'{') {
        let mut read = Line::default();
        match json_line::read(line, &mut read) {
            Read::Line => count(&read, json_sure(&read, line), tally),
            Read::Wrapped(text, _) if depth < 2 => {
                let mut inner = Vec::new();
                super::json::unescape(text.bytes, &mut inner);
                look(inner.trim_ascii_end(), tally, depth + 1);
            }
            Read::Wrapped(..) | Read::No => {}
        }
    } else if let Some(read) = plain_line::plain(line).or_else(|| plain_line::console(line)) {
        count(&read, 78, tally);
    } else if depth < 2
        && let Some(carried) = prefix::strip(line)
    {
        look(carried.rest, tally, depth + 1);
    }
}

/// How sure an object is a line of this server: other programs write JSON logs too.
fn json_sure(line: &Line<'_>, bytes: &[u8]) -> u32 {
    const OTHERS: &[&[u8]] = &[
        b"\"error_severity\"",
        b"\"backend_type\"",
        b"\"state_code\"",
        b"\"prio\"",
        b"\"log.level\"",
        b"\"logger_name\"",
        b"\"kubernetes\"",
        b"\"upstream_",
        b"\"remote_addr\"",
        b"\"ctx\":",
    ];
    if OTHERS.iter().any(|key| memmem::find(bytes, key).is_some()) {
        return 5;
    }
    if line.audit.is_some() {
        return if memmem::find(bytes, b"\"actor\"").is_some()
            || memmem::find(bytes, b"\"session_id\"").is_some()
        {
            90
        } else {
            40
        };
    }
    let named =
        memmem::find(bytes, b"\"msg\"").is_some() && memmem::find(bytes, b"\"level\"").is_some();
    match (named, line.time.is_some()) {
        (true, true) => 78,
        (true, false) => 45,
        (false, _) => 35,
    }
}

fn count(line: &Line<'_>, sure: u32, tally: &mut Tally) {
    if let Some(n) = tally.forms.get_mut(line.form as usize) {
        *n += 1;
    }
    tally.audit += u32::from(line.audit.is_some());
    let caller = memmem::find(line.field(Field::Caller).bytes, b".go:").is_some();
    tally.callers += u32::from(caller);
    tally.sure += sure;
}
