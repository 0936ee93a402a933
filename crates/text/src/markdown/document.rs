//! Blocks, and messages of a length that a server takes.

use super::{Line, Markdown};
use crate::Text;
use crate::sanitise::sanitise;

/// The longest line: what is longer is broken. Below the smallest limit of any server (4000), so
/// that every line fits into a message of its own.
const LINE_CHARS_MAX: usize = 3000;
/// The longest cell of a table.
const CELL_CHARS_MAX: usize = 500;
/// The longest run of backticks that a fence keeps as it is.
const TICKS_MAX: usize = 64;

/// A block of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading(Line),
    /// Lines that stand below one another.
    Lines(Vec<Line>),
    /// A list.
    Bullets(Vec<Line>),
    /// A list with numbers.
    Numbered {
        /// The number of the first.
        first: usize,
        /// The items.
        items: Vec<Line>,
    },
    /// A table.
    Table {
        /// What stands above the columns: Markdown of our own.
        head: &'static [&'static str],
        /// Rows of as many cells.
        rows: Vec<Vec<Line>>,
    },
    /// Code: evidence of several lines, or a command to be copied.
    Fence {
        /// One of our words: `sql`, `text`.
        language: &'static str,
        /// What stands in it.
        code: Text,
    },
}

/// What is to be posted, before it is known how much fits into a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    blocks: Vec<Block>,
}

/// A block as lines; what opens and closes it is repeated where it is split.
struct Laid {
    open: String,
    lines: Vec<String>,
    close: String,
}

impl Document {
    /// An empty document.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a block.
    pub fn push(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// Adds a line that stands alone.
    pub fn line(&mut self, line: Line) {
        self.blocks.push(Block::Lines(vec![line]));
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The document as messages of at most `runes_max` Unicode scalar values, split between
    /// blocks, else between lines; a fence that is split is closed and opened again, a table has
    /// its head again.
    ///
    /// No server takes fewer than 4000; less is taken for that.
    pub fn split(&self, runes_max: usize) -> Vec<Markdown> {
        let max = runes_max.max(LINE_CHARS_MAX + 500);
        let mut messages = Vec::new();
        let mut current = String::new();
        for block in &self.blocks {
            let laid = block.lay();
            if laid.lines.is_empty() {
                continue;
            }
            let whole = laid.runes(&laid.lines);
            let used = runes(&current);
            if used > 0 && used + 2 + whole > max && whole <= max {
                messages.push(Markdown(std::mem::take(&mut current)));
            }
            let mut rest = laid.lines.as_slice();
            while !rest.is_empty() {
                let room =
                    max.saturating_sub(if current.is_empty() { 0 } else { runes(&current) + 2 });
                let n_lines = laid.fitting(rest, room);
                if n_lines == 0 && !current.is_empty() {
                    messages.push(Markdown(std::mem::take(&mut current)));
                    continue;
                }
                let (now, later) = rest.split_at(n_lines.clamp(1, rest.len()));
                if !current.is_empty() {
                    current.push_str("\n\n");
                }
                laid.write(now, &mut current);
                rest = later;
            }
        }
        if !current.trim().is_empty() {
            messages.push(Markdown(current));
        }
        messages
    }
}

impl Laid {
    fn runes(&self, lines: &[String]) -> usize {
        runes(&self.open)
            + runes(&self.close)
            + lines.iter().map(|line| runes(line) + 1).sum::<usize>()
    }

    /// How many of the lines fit.
    fn fitting(&self, lines: &[String], room: usize) -> usize {
        let mut used = runes(&self.open) + runes(&self.close);
        lines
            .iter()
            .take_while(|line| {
                used += runes(line) + 1;
                used <= room
            })
            .count()
    }

    fn write(&self, lines: &[String], out: &mut String) {
        out.push_str(&self.open);
        out.push_str(&lines.join("\n"));
        out.push_str(&self.close);
    }
}

impl Block {
    fn lay(&self) -> Laid {
        let plain = |lines: Vec<String>| Laid { open: String::new(), lines, close: String::new() };
        match self {
            Self::Heading(line) => {
                let mut lines = line.stretches(LINE_CHARS_MAX);
                if let Some(first) = lines.first_mut() {
                    first.insert_str(0, "#### ");
                }
                plain(lines)
            }
            Self::Lines(lines) => {
                plain(lines.iter().flat_map(|line| line.stretches(LINE_CHARS_MAX)).collect())
            }
            Self::Bullets(items) => {
                plain(items.iter().flat_map(|item| listed("- ", item)).collect())
            }
            Self::Numbered { first, items } => plain(
                (*first..)
                    .zip(items)
                    .flat_map(|(number, item)| listed(&format!("{number}. "), item))
                    .collect(),
            ),
            Self::Table { head, rows } => {
                let aligned = "|:--".repeat(head.len());
                let row = |row: &Vec<Line>| {
                    let cells: Vec<String> =
                        row.iter().map(|cell| cell.cell(CELL_CHARS_MAX)).collect();
                    format!("| {} |", cells.join(" | "))
                };
                Laid {
                    open: format!("| {} |\n{aligned}|\n", head.join(" | ")),
                    lines: rows.iter().map(row).collect(),
                    close: String::new(),
                }
            }
            Self::Fence { language, code } => fence(language, &code.plain()),
        }
    }
}

/// An item of a list; what is too long for a line goes on below it.
fn listed(marker: &str, item: &Line) -> Vec<String> {
    let indent = " ".repeat(marker.len());
    item.stretches(LINE_CHARS_MAX)
        .into_iter()
        .enumerate()
        .map(|(nth, line)| format!("{}{line}", if nth == 0 { marker } else { &indent }))
        .collect()
}

/// Code behind backticks that are longer than any run of them in it.
fn fence(language: &str, code: &str) -> Laid {
    let mut code = sanitise(code).trim_matches('\n').to_owned();
    let longest = |code: &str| code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    // What opens and closes it must leave room for something in between.
    if longest(&code) > TICKS_MAX {
        code = code.replace('`', "ˋ");
    }
    let longest = longest(&code);
    let ticks = "`".repeat((longest + 1).max(3));
    let lines =
        if code.trim().is_empty() { Vec::new() } else { code.lines().flat_map(wrapped).collect() };
    Laid { open: format!("{ticks}{language}\n"), lines, close: format!("\n{ticks}") }
}

/// A line of code in lines that fit, broken at a space where there is one.
fn wrapped(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = line;
    while let Some((end, _)) = rest.char_indices().nth(LINE_CHARS_MAX) {
        let head = rest.get(..end).unwrap_or(rest);
        let at = head.rfind(' ').map_or(end, |at| at + 1);
        let (now, later) = rest.split_at(at);
        out.push(now.to_owned());
        rest = later;
    }
    out.push(rest.to_owned());
    out
}

fn runes(text: &str) -> usize {
    text.chars().count()
}
