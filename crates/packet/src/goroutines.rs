//! The dump of all goroutines: which stacks there are, how often, and how long they have waited.

use crate::GoroutineGroup;
use foldhash::HashMap;
use foldhash::HashMapExt as _;
use model::{Coverage, Issues, Parsed, Place, Sink};
use text::Raw;

/// Groups that are kept apart. Servers have some 100 to 1,000; a record takes a few KiB.
const GROUPS_MAX: usize = 20_000;

/// Functions of one stack; the runtime itself shows 100.
const FUNCTIONS_MAX: usize = 128;

/// Bytes of one line; function names of real code stay under 400.
const LINE_BYTES_MAX: usize = 8 * 1024;

/// Text of all stacks together, so that a hostile dump cannot fill the memory.
const STACK_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Reads a goroutine dump as it comes, and groups goroutines with the same state and stack.
///
/// - Input: what `pprof.Lookup("goroutine")` writes at level 2 (a panic's stacks have the same
///   form), cut anywhere.
/// - Output: groups, the largest first, then by state, wait reason and stack. Arguments and
///   addresses are left out of stacks, so that equal code gives equal stacks.
/// - Issues: text that is no goroutine; groups beyond `GROUPS_MAX` (counted together); a dump
///   that does not end with an empty line (its last stack may be cut).
/// - Source: Go, `runtime.Stack` and `runtime/traceback.go`.
#[derive(Debug)]
pub struct GoroutineReader {
    source: String,
    node: Option<String>,
    line: Vec<u8>,
    line_no: u64,
    current: Option<Current>,
    stack: Vec<u8>,
    n_functions: usize,
    index: HashMap<Vec<u8>, usize>,
    groups: Vec<Group>,
    stack_bytes: usize,
    others: Option<Group>,
    goroutines: u64,
    issues: Issues,
}

/// The goroutine that is being read.
#[derive(Debug)]
struct Current {
    line_no: u64,
    state: String,
    wait_reason: Option<String>,
    wait_min: u64,
}

#[derive(Debug)]
struct Group {
    line_no: u64,
    state: String,
    wait_reason: Option<String>,
    stack: Vec<u8>,
    goroutines: u64,
    waiting: u64,
    longest_wait_min: u64,
}

impl GoroutineReader {
    /// A reader for the dump of that source and node.
    pub fn new(source: &str, node: Option<&str>) -> Self {
        Self {
            source: source.to_owned(),
            node: node.map(str::to_owned),
            line: Vec::new(),
            line_no: 0,
            current: None,
            stack: Vec::new(),
            n_functions: 0,
            index: HashMap::new(),
            groups: Vec::new(),
            stack_bytes: 0,
            others: None,
            goroutines: 0,
            issues: Issues::default(),
        }
    }

    fn take_line(&mut self, line: &[u8]) {
        self.line_no += 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            self.end_goroutine();
        } else if let Some(current) = header(line, self.line_no) {
            self.end_goroutine();
            self.current = Some(current);
        } else if self.current.is_none() {
            self.issues.add("not a goroutine", format!("line:{}", self.line_no), 0);
        } else if line.starts_with(b"\t") || line.starts_with(b" ") {
            // The file and line of the function before.
        } else if self.n_functions < FUNCTIONS_MAX {
            self.n_functions += 1;
            if !self.stack.is_empty() {
                self.stack.push(b'\n');
            }
            self.stack.extend_from_slice(function(line));
        }
    }

    fn end_goroutine(&mut self) {
        let Some(current) = self.current.take() else { return };
        self.goroutines += 1;
        let mut key = current.state.clone().into_bytes();
        key.push(0);
        key.extend_from_slice(current.wait_reason.as_deref().unwrap_or_default().as_bytes());
        key.push(0);
        key.extend_from_slice(&self.stack);
        let group = match self.index.get(&key) {
            Some(&idx) => self.groups.get_mut(idx),
            None if self.groups.len() < GROUPS_MAX
                && self.stack_bytes + key.len() < STACK_BYTES_MAX =>
            {
                self.stack_bytes += key.len();
                self.index.insert(key, self.groups.len());
                self.groups.push(Group::new(&current, self.stack.clone()));
                self.groups.last_mut()
            }
            None => {
                let location = format!("line:{}", current.line_no);
                self.issues.add("too many different stacks: the rest is one group", location, 0);
                Some(self.others.get_or_insert_with(|| Group::new(&current, b"(others)".to_vec())))
            }
        };
        if let Some(group) = group {
            group.goroutines += 1;
            group.waiting += u64::from(current.wait_min > 0);
            group.longest_wait_min = group.longest_wait_min.max(current.wait_min);
        }
        self.stack.clear();
        self.n_functions = 0;
    }
}

impl Group {
    fn new(current: &Current, stack: Vec<u8>) -> Self {
        Self {
            line_no: current.line_no,
            state: current.state.clone(),
            wait_reason: current.wait_reason.clone(),
            stack,
            goroutines: 0,
            waiting: 0,
            longest_wait_min: 0,
        }
    }
}

impl Sink for GoroutineReader {
    type Records = Vec<GoroutineGroup>;

    fn push(&mut self, bytes: &[u8]) {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            let piece = bytes.get(start..end).unwrap_or_default();
            if self.line.is_empty() {
                self.take_line(piece);
            } else {
                let mut line = std::mem::take(&mut self.line);
                keep(&mut line, piece);
                self.take_line(&line);
                line.clear();
                self.line = line;
            }
            start = end + 1;
        }
        keep(&mut self.line, bytes.get(start..).unwrap_or_default());
    }

    fn finish(mut self) -> Parsed<Self::Records> {
        if !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            let location = format!("line:{}", self.line_no + 1);
            self.issues.add("ends within a line: the last stack may be cut", location, 0);
            self.take_line(&line);
        }
        self.end_goroutine();
        let mut groups = std::mem::take(&mut self.groups);
        groups.sort_by(|a, b| {
            b.goroutines
                .cmp(&a.goroutines)
                .then_with(|| a.state.cmp(&b.state))
                .then_with(|| a.wait_reason.cmp(&b.wait_reason))
                .then_with(|| a.stack.cmp(&b.stack))
        });
        groups.extend(self.others.take());
        let records = groups
            .into_iter()
            .map(|group| GoroutineGroup {
                node: self.node.clone(),
                state: group.state,
                wait_reason: group.wait_reason,
                goroutines: group.goroutines,
                waiting_over_minute: group.waiting,
                longest_wait_min: group.longest_wait_min,
                top: Raw::from_bytes(own_function(&group.stack)),
                stack: Raw::from_bytes(&group.stack),
                place: Place::line(&self.source, group.line_no),
            })
            .collect();
        if self.goroutines == 0 {
            self.issues.add("no goroutine", "", 1);
        }
        let coverage = Coverage { records: self.goroutines, ..Coverage::default() };
        Parsed { records, issues: self.issues, coverage }
    }
}

/// Adds to a line up to its limit.
fn keep(line: &mut Vec<u8>, piece: &[u8]) {
    let room = LINE_BYTES_MAX.saturating_sub(line.len());
    line.extend_from_slice(piece.get(..room).unwrap_or(piece));
}

/// `goroutine 12 [select, 14 minutes, locked to thread]:`; newer runtimes write more between the
/// number and the bracket.
fn header(line: &[u8], line_no: u64) -> Option<Current> {
    let rest = line.strip_prefix(b"goroutine ")?;
    rest.first().filter(|b| b.is_ascii_digit())?;
    let open = memchr::memchr(b'[', rest)?;
    let close = memchr::memrchr(b']', rest)?;
    let inside = String::from_utf8_lossy(rest.get(open + 1..close)?).into_owned();
    let mut parts = inside.split(", ");
    let status = parts.next().unwrap_or_default();
    let wait_min = parts
        .filter_map(|part| part.strip_suffix(" minutes").or_else(|| part.strip_suffix(" minute")))
        .find_map(|minutes| minutes.parse().ok())
        .unwrap_or(0);
    // The runtime shows the reason in the place of the state when it knows one.
    let (state, wait_reason) = match status {
        "idle" | "runnable" | "running" | "syscall" | "waiting" | "dead" | "copystack"
        | "preempted" | "leaked" => (status, None),
        reason => ("waiting", Some(reason.to_owned())),
    };
    Some(Current { line_no, state: state.to_owned(), wait_reason, wait_min })
}

/// The function of a line, without its arguments: `net/http.(*conn).serve(0xc0, {0x1})`, and
/// without the goroutine that created it: `created by main.main in goroutine 1`.
fn function(line: &[u8]) -> &[u8] {
    if line.starts_with(b"created by ") {
        let end = memchr::memmem::find(line, b" in goroutine ").unwrap_or(line.len());
        return line.get(..end).unwrap_or(line);
    }
    if !line.ends_with(b")") {
        return line;
    }
    let mut depth = 0_usize;
    for (idx, byte) in line.iter().enumerate().rev() {
        match byte {
            b')' => depth += 1,
            b'(' => {
                depth -= 1;
                if depth == 0 {
                    return line.get(..idx).unwrap_or(line);
                }
            }
            _ => {}
        }
    }
    line
}

/// The innermost function that is neither the runtime's nor the standard library's: the first
/// whose import path begins with a host name, or `main`. Else the outermost, which says more than
/// the poller at the bottom of every wait.
fn own_function(stack: &[u8]) -> &[u8] {
    let created_by = b"created by ";
    let mut lines = stack.split(|b| *b == b'\n').filter(|line| !line.starts_with(created_by));
    let outermost = lines.clone().next_back().unwrap_or_default();
    lines
        .find(|line| {
            let host = line.split(|b| *b == b'/').next().unwrap_or_default();
            let is_hosted =
                host.len() < line.len() && host.contains(&b'.') && !host.contains(&b'(');
            is_hosted || line.starts_with(b"main.")
        })
        .unwrap_or(outermost)
}

#[cfg(test)]
mod tests;
