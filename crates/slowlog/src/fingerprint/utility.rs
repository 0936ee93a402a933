//! Statements whose words are values: `SET`, `USE`, cursors, prepared statements, savepoints.

/// What to do with a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Write it.
    Write,
    /// Write `?` for it.
    Value,
    /// Leave it out.
    Swallow,
    /// Write it, then `?`, and leave the rest out.
    WriteAndSwallow,
    /// Write `= ?` for it, and leave the rest out.
    Assign,
}

/// Where in such a statement we are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    /// At the first word of a statement.
    #[default]
    Begin,
    /// Nothing special.
    No,
    /// The next name is a value, but for a word that may stand before it.
    Name { before: &'static [u8] },
    /// `ROLLBACK`: a name only behind `TO`.
    Rollback,
    /// `FETCH`, `MOVE`: every word but directions is a value.
    Cursor,
    /// `SET`, up to the sign.
    Set,
    /// Behind the sign.
    Swallow,
    /// `CALL`, up to its parenthesis.
    Call,
}

/// Longest name of a further variable in a `SET` that is kept.
const NAME_BYTES_MAX: usize = 128;

/// Follows one statement.
#[derive(Debug, Default)]
pub(super) struct Utility {
    mode: Mode,
    /// The name behind a comma in a `SET`, until its sign.
    name: Option<Vec<u8>>,
    /// The last word of a `SET` that says how to read the next one.
    last_set_word: SetWord,
}

/// The words of a `SET` that a value follows without a sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum SetWord {
    #[default]
    Other,
    Character,
    Time,
    Session,
}

impl Utility {
    /// A statement begins.
    pub(super) fn begin(&mut self) {
        self.mode = Mode::Begin;
        self.name = None;
        self.last_set_word = SetWord::Other;
    }

    /// Something that is no word was written: a word behind it is not the first.
    pub(super) fn begun(&mut self) {
        if self.mode == Mode::Begin {
            self.mode = Mode::No;
        }
    }

    /// Whether everything up to the end of the statement is left out.
    pub(super) fn swallows(&self) -> bool {
        self.mode == Mode::Swallow
    }

    /// Whether a name would read as a keyword here if it lost its quotes.
    pub(super) fn reads_words(&self) -> bool {
        matches!(self.mode, Mode::Begin | Mode::Rollback | Mode::Set)
    }

    /// Leaves the rest out.
    pub(super) fn swallow(&mut self) {
        self.mode = Mode::Swallow;
    }

    /// Whether an equals sign assigns the value of a `SET`.
    pub(super) fn assigns(&self) -> bool {
        self.mode == Mode::Set
    }

    /// Whether a parenthesis holds the arguments of `CALL`.
    pub(super) fn calls(&mut self) -> bool {
        let calls = self.mode == Mode::Call;
        if calls {
            self.mode = Mode::No;
        }
        calls
    }

    /// A value was read.
    pub(super) fn value(&mut self) {
        match self.mode {
            Mode::Begin | Mode::Name { .. } | Mode::Rollback => self.mode = Mode::No,
            Mode::No | Mode::Cursor | Mode::Set | Mode::Swallow | Mode::Call => {}
        }
    }

    /// A comma within what is left out: the name of a further variable may follow.
    pub(super) fn comma(&mut self) {
        self.name = Some(Vec::new());
    }

    /// A part of a name within what is left out.
    pub(super) fn name(&mut self, word: &[u8]) {
        if let Some(name) = &mut self.name
            && name.len() + word.len() < NAME_BYTES_MAX
        {
            if !name.is_empty() {
                name.push(b' ');
            }
            name.extend_from_slice(word);
        }
    }

    /// The name that was collected, at its sign.
    pub(super) fn take_name(&mut self) -> Option<Vec<u8>> {
        self.name.take().filter(|name| !name.is_empty())
    }

    /// A word, in lower case; empty for a name in quotes.
    pub(super) fn word(&mut self, word: &[u8]) -> Action {
        match self.mode {
            Mode::No | Mode::Call => Action::Write,
            Mode::Begin => {
                self.mode = first(word);
                Action::Write
            }
            Mode::Name { before } => {
                if word == before && !word.is_empty() {
                    return Action::Write;
                }
                self.mode = Mode::No;
                if matches!(word, b"all" | b"transaction" | b"immediate") {
                    Action::Write
                } else {
                    Action::Value
                }
            }
            Mode::Rollback => {
                if word == b"to" {
                    self.mode = Mode::Name { before: b"savepoint" };
                }
                Action::Write
            }
            Mode::Cursor => match word {
                b"next" | b"prior" | b"first" | b"last" | b"absolute" | b"relative"
                | b"forward" | b"backward" | b"all" | b"from" | b"in" => Action::Write,
                _ => Action::Value,
            },
            Mode::Set => self.set(word),
            Mode::Swallow => {
                self.name(word);
                Action::Swallow
            }
        }
    }

    fn set(&mut self, word: &[u8]) -> Action {
        let before = std::mem::take(&mut self.last_set_word);
        match word {
            b"transaction" => {
                self.mode = Mode::No;
                Action::Write
            }
            b"names" | b"role" | b"charset" => Action::WriteAndSwallow,
            b"set" if before == SetWord::Character => Action::WriteAndSwallow,
            b"zone" if before == SetWord::Time => Action::WriteAndSwallow,
            b"authorization" if before == SetWord::Session => Action::WriteAndSwallow,
            b"characteristics" if before == SetWord::Session => {
                self.mode = Mode::No;
                Action::Write
            }
            b"to" => Action::Assign,
            b"character" => self.note(SetWord::Character),
            b"time" => self.note(SetWord::Time),
            b"session" => self.note(SetWord::Session),
            _ => Action::Write,
        }
    }

    fn note(&mut self, word: SetWord) -> Action {
        self.last_set_word = word;
        Action::Write
    }
}

/// What the first word of a statement says about its other words.
fn first(word: &[u8]) -> Mode {
    match word {
        b"savepoint" | b"execute" | b"prepare" | b"declare" | b"close" | b"use" => {
            Mode::Name { before: b"" }
        }
        b"release" => Mode::Name { before: b"savepoint" },
        b"deallocate" => Mode::Name { before: b"prepare" },
        b"rollback" => Mode::Rollback,
        b"fetch" | b"move" => Mode::Cursor,
        b"set" => Mode::Set,
        b"call" => Mode::Call,
        _ => Mode::No,
    }
}
