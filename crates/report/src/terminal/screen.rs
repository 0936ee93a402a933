//! Lines with a label column, wrapped to the width of the terminal.

use text::{Text, escape};
use unicode_width::UnicodeWidthStr;

/// Columns of the label.
const LABEL_COLUMNS: usize = 9;
/// Columns by which items are indented.
const ITEM_COLUMNS: usize = 11;
/// Below this width wrapping would leave a column of single words.
const WIDTH_MIN: usize = 40;

/// Stands behind what is cut off.
const MORE: &str = " ...";

/// How a label looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Bold,
    Alarm,
    Good,
}

impl Paint {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "0",
            Self::Bold => "1",
            Self::Alarm => "1;31",
            Self::Good => "1;32",
        }
    }
}

/// What is written so far.
pub(super) struct Screen {
    width: usize,
    color: bool,
    out: String,
}

impl Screen {
    pub(super) fn new(width: usize, color: bool) -> Self {
        Self { width: width.max(WIDTH_MIN), color, out: String::new() }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// Columns beside the label.
    pub(super) fn text_columns(&self) -> usize {
        self.width - LABEL_COLUMNS
    }

    /// A line without a label.
    pub(super) fn plain(&mut self, paint: Paint, text: &Text) {
        for line in wrap(&shown(text), self.width) {
            self.painted(paint, &line);
            self.out.push('\n');
        }
    }

    /// A labelled entry; further lines stand under its text.
    pub(super) fn labelled(&mut self, label: &str, paint: Paint, text: &Text) {
        let label_columns = label.width();
        self.painted(paint, label);
        let columns =
            LABEL_COLUMNS.max(label_columns + usize::from(label_columns >= LABEL_COLUMNS));
        self.out.push_str(&" ".repeat(columns - label_columns));
        self.block(columns, LABEL_COLUMNS, usize::MAX, text);
    }

    /// A line below an entry.
    pub(super) fn item(&mut self, text: &Text) {
        self.brief_item(text, usize::MAX);
    }

    /// A line below an entry, of which at most `most` lines of the screen are written.
    pub(super) fn brief_item(&mut self, text: &Text, most: usize) {
        if !text.is_empty() {
            self.out.push_str(&" ".repeat(ITEM_COLUMNS));
            self.block(ITEM_COLUMNS, ITEM_COLUMNS + 2, most, text);
        }
    }

    fn block(&mut self, first_columns: usize, hang_columns: usize, most: usize, text: &Text) {
        let columns = self.width.saturating_sub(first_columns.max(hang_columns)).max(20);
        let lines = wrap(&shown(text), columns);
        for (idx, line) in lines.iter().take(most).enumerate() {
            if idx > 0 {
                self.out.push_str(&" ".repeat(hang_columns));
            }
            if idx + 1 == most && lines.len() > most {
                self.out.push_str(cut(line, columns - MORE.len()));
                self.out.push_str(MORE);
            } else {
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    fn painted(&mut self, paint: Paint, text: &str) {
        if self.color && paint != Paint::Plain && !text.is_empty() {
            self.out.push_str(&format!("\x1b[{}m{text}\x1b[0m", paint.code()));
        } else {
            self.out.push_str(text);
        }
    }
}

/// The first words of a line that fit.
fn cut(line: &str, columns: usize) -> &str {
    let mut rest = line;
    while rest.width() > columns {
        let Some((before, _)) = rest.rsplit_once(' ') else { break };
        rest = before;
    }
    rest
}

fn shown(text: &Text) -> String {
    text.render(|value| escape::terminal(value).into_owned())
}

/// Lines of at most `columns`, broken at spaces where there are any; at least one line.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let gap = usize::from(!line.is_empty());
            if !line.is_empty() && line.width() + gap + word.width() > columns {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
            } else if gap > 0 {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_wrapped_under_their_text() {
        let mut screen = Screen::new(40, false);
        screen.labelled(
            "CAUSE",
            Paint::Alarm,
            &Text::ours("one two three four five six seven eight nine"),
        );
        assert_eq!(
            screen.finish(),
            "CAUSE    one two three four five six\n         seven eight nine\n"
        );
    }

    #[test]
    fn what_is_cut_off_says_so() {
        let mut screen = Screen::new(40, false);
        screen.brief_item(&Text::ours("one two three four five six seven eight nine ten"), 1);
        assert_eq!(screen.finish(), "           one two three four five ...\n");
    }

    #[test]
    fn colour_appears_only_when_asked_for() {
        let mut screen = Screen::new(80, true);
        screen.labelled("CAUSE", Paint::Alarm, &Text::ours("x"));
        assert!(screen.finish().starts_with("\x1b[1;31mCAUSE\x1b[0m"));
    }

    #[test]
    fn a_value_cannot_send_escape_sequences() {
        let mut screen = Screen::new(80, false);
        let value = text::Redactor::new().clear(&text::Raw::new("a\x1b[2Jb"));
        screen.item(&Text::value(value));
        assert!(!screen.finish().contains('\x1b'));
    }
}
