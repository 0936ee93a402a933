//! The one way from [`Raw`] to [`Value`].

mod emails;
mod keys;
mod pairs;
mod siphash;
mod tokens;
mod urls;

use crate::sanitise::{is_clean, sanitise};
use crate::{Raw, Value};
use keys::{is_harmless, secrecy};
use regex::Regex;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{LazyLock, Mutex, PoisonError};

/// What stands for a secret.
const MASK: &str = "***";
/// The longest value: a statement or a stack that is longer is not read by anyone in a report.
pub const VALUE_CHARS_MAX: usize = 8192;
/// Names that get a number of their own; a report with more of them is read by nobody.
const PSEUDONYMS_MAX: usize = 100_000;
/// One round leaves nothing in nearly every text; what a mask puts side by side may need a second.
const ROUNDS_MAX: usize = 4;

/// What any text that needs a closer look holds: most texts hold none of it.
static SUSPECT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i-u:@|%40|pass|pwd|\bpw\b|[_-]pw\b|secret|token|key|authoriz|cookie|salt|credential|jwt|signature|\bsig\b|identified",
        r"|hook|eyj|-----begin|akia|asia|agpa|aroa|aipa|anpa|gh[pousr]_|github_pat|gl[a-z]+-|xox|xapp-|aiza|k_live|k_test|npm_",
        r"|bearer|basic)"
    ))
    .ok()
});

/// A mask, with what was written behind it since (`token=***` as a file's name in front of
/// `!jobs.yaml`), and the name of a shell's variable where a person's token belongs
/// (`Bearer $TOKEN`).
static MASKED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"\*{3}[^\s,;&"'`|}\])]*|\$[A-Z][A-Z_]{2,30}\b"#).ok());

/// A text with pieces replaced, in order.
struct Edit<'a> {
    text: &'a str,
    out: String,
    done: usize,
    counts: Vec<(&'static str, u64)>,
}

impl<'a> Edit<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, out: String::new(), done: 0, counts: Vec::new() }
    }

    /// Replaces `from..to`, which lies behind what was replaced before.
    fn replace(&mut self, from: usize, to: usize, with: &str, kind: &'static str) {
        let Some(between) = self.text.get(self.done..from) else { return };
        self.out.push_str(between);
        self.out.push_str(with);
        self.done = to;
        match self.counts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, n)) => *n += 1,
            None => self.counts.push((kind, 1)),
        }
    }

    fn finish(mut self) -> Option<Edited> {
        if self.counts.is_empty() {
            return None;
        }
        self.out.push_str(self.text.get(self.done..).unwrap_or_default());
        Some(Edited { text: self.out, counts: self.counts })
    }
}

struct Edited {
    text: String,
    counts: Vec<(&'static str, u64)>,
}

/// What a redactor remembers.
#[derive(Debug, Default)]
struct Memory {
    counts: BTreeMap<&'static str, u64>,
    /// Only looked up, never listed.
    numbers: HashMap<(&'static str, String), u64>,
    n_by_kind: BTreeMap<&'static str, u64>,
}

/// Takes secrets and personal data out of text, and counts what it took.
///
/// Kept, for an engineer needs them: host names, IP addresses, ids of users, posts and sessions,
/// names of tables and columns. Can be shared by threads; pseudonyms are numbered in the order in
/// which they are met, so a report that must not depend on threads clears in a fixed order, or
/// uses [`Redactor::with_key`].
#[derive(Debug)]
pub struct Redactor {
    on: bool,
    key: Option<(u64, u64)>,
    memory: Mutex<Memory>,
}

impl Default for Redactor {
    fn default() -> Self {
        Self::new()
    }
}

impl Redactor {
    /// A redactor whose pseudonyms hold within one report: `email-1`, `email-2`.
    pub fn new() -> Self {
        Self { on: true, key: None, memory: Mutex::default() }
    }

    /// A redactor whose pseudonyms are the same in every run with the same key: `email-3f9a01c2`.
    pub fn with_key(key: &[u8]) -> Self {
        let word = |n| siphash::hash((n, n), key);
        Self { key: Some((word(1), word(2))), ..Self::new() }
    }

    /// Takes nothing out and cuts nothing, but for control characters: for `query --raw`.
    pub fn off() -> Self {
        Self { on: false, ..Self::new() }
    }

    /// Clears free text.
    ///
    /// Without control characters, escape sequences and invisible characters (line feeds and tabs
    /// stay); without secrets, credentials and e-mail addresses; of at most [`VALUE_CHARS_MAX`]
    /// characters, where `…` stands for the rest. Clearing twice changes nothing.
    pub fn clear(&self, raw: &Raw) -> Value {
        let text = sanitise(raw.untrusted());
        if !self.on {
            return Value(text.into_owned());
        }
        let mut text = self.redact(text);
        // Cutting may make a new address out of a longer word, and a pseudonym may be longer than
        // what it stands for.
        for _ in 0..ROUNDS_MAX {
            let Some(cut) = cut(&text) else { break };
            text = self.redact(Cow::Owned(cut));
        }
        Value(text)
    }

    /// Whether [`Redactor::clear`] may take anything out of a text: a look that costs a fraction
    /// of clearing it, for those who clear very many. `false` is sure; length is not looked at.
    pub fn may_change(text: &[u8]) -> bool {
        match std::str::from_utf8(text) {
            Ok(text) if is_clean(text) => {
                SUSPECT.as_ref().is_none_or(|suspect| suspect.is_match(text))
            }
            _ => true,
        }
    }

    /// Clears the value of a setting or a field: a `key` that names a secret masks it whole.
    ///
    /// `key` may be a path (`SqlSettings.AtRestEncryptKey`); its last part counts. Booleans,
    /// empty values and masks pass, numbers too unless the key is a password or the like.
    pub fn clear_named(&self, key: &str, raw: &Raw) -> Value {
        if !self.on {
            return self.clear(raw);
        }
        let text = sanitise(raw.untrusted());
        let secret = secrecy(key).filter(|secrecy| !is_harmless(&text, *secrecy, ""));
        if secret.is_some() {
            self.count("secret", 1);
            return Value(MASK.to_owned());
        }
        let cleared = self.clear(raw);
        // A data source in a form that was not understood.
        let lower = key.to_ascii_lowercase();
        let is_source = ["datasource", "replicas", "dsn", "connectionstring", "connectionurl"]
            .iter()
            .any(|end| lower.ends_with(end));
        if is_source
            && cleared.0 == text
            && text.contains('@')
            && text.contains(':')
            && !text.contains("***")
        {
            self.count("credentials", 1);
            return Value(MASK.to_owned());
        }
        cleared
    }

    /// The pseudonym of a name: `user-1` for the first `user`, the same for the same name.
    pub fn pseudonym(&self, kind: &'static str, raw: &Raw) -> Value {
        if !self.on {
            return self.clear(raw);
        }
        self.count(kind, 1);
        Value(self.alias(kind, raw.untrusted()))
    }

    /// How many of each kind were taken out so far.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.memory().counts.clone()
    }

    /// Which kinds of secrets and personal data `text` still holds: none in what came out of
    /// [`Redactor::clear`]. The last look before something leaves the machine.
    pub fn found(text: &str) -> BTreeMap<&'static str, u64> {
        let redactor = Self::new();
        let text = sanitise(text);
        let text = match MASKED.as_ref() {
            // A cookie lasts to the end of its line: what was masked ends here.
            Some(masked) => masked.replace_all(&text, "***\n"),
            None => text,
        };
        redactor.redact(Cow::Borrowed(&text));
        redactor.counts()
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, kind: &'static str, n: u64) {
        *self.memory().counts.entry(kind).or_default() += n;
    }

    fn alias(&self, kind: &'static str, name: &str) -> String {
        if let Some(key) = self.key {
            return format!(
                "{kind}-{:08x}",
                siphash::hash(key, format!("{kind}\0{name}").as_bytes()) >> 32
            );
        }
        let mut memory = self.memory();
        let known = (kind, name.to_owned());
        if let Some(n) = memory.numbers.get(&known) {
            return format!("{kind}-{n}");
        }
        if memory.numbers.len() >= PSEUDONYMS_MAX {
            return format!("{kind}-other");
        }
        let n = memory.n_by_kind.entry(kind).or_default();
        *n += 1;
        let n = *n;
        memory.numbers.insert(known, n);
        format!("{kind}-{n}")
    }

    fn redact(&self, text: Cow<'_, str>) -> String {
        let suspect = SUSPECT.as_ref().is_none_or(|suspect| suspect.is_match(&text));
        let mut text = text.into_owned();
        if !suspect {
            return text;
        }
        for _ in 0..ROUNDS_MAX {
            let mut changed = false;
            for pass in 0..7 {
                let edited = match pass {
                    0 => tokens::private_keys(&text),
                    1 => urls::credentials(&text),
                    2 => urls::mysql(&text),
                    3 => urls::webhooks(&text),
                    4 => pairs::clear(&text),
                    5 => tokens::clear(&text),
                    _ => emails::clear(&text, |address| self.alias("email", address)),
                };
                if let Some(edited) = edited {
                    text = edited.text;
                    changed = true;
                    for (kind, n) in edited.counts {
                        self.count(kind, n);
                    }
                }
            }
            if !changed {
                break;
            }
        }
        text
    }
}

/// The text cut to the limit, or `None` if it is within it.
fn cut(text: &str) -> Option<String> {
    if text.len() <= VALUE_CHARS_MAX {
        return None;
    }
    let (last, _) = text.char_indices().nth(VALUE_CHARS_MAX - 1)?;
    text.char_indices().nth(VALUE_CHARS_MAX)?;
    Some(format!("{}…", text.get(..last)?))
}

#[cfg(test)]
mod tests;
