//! What to do and what not to do about a suspect: said once, the most exact words first.

use model::{Action, Finding};
use std::collections::BTreeSet;
use text::Text;

/// From this share of the shorter one's words on two warnings are the same: `Restart nodes`,
/// `Restart the nodes`.
const SAME_WARNING: f64 = 0.6;
/// Words that carry nothing.
const SMALL_WORDS: &[&str] = &[
    "a", "an", "and", "any", "at", "in", "it", "no", "not", "of", "on", "or", "the", "this", "to",
];

/// The actions of all findings, the strongest finding's first, none twice. A general command
/// (`CREATE INDEX ... <name>`) gives way to one that names the thing.
pub(super) fn actions(members: &[&Finding]) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    for action in members.iter().flat_map(|finding| &finding.actions) {
        let is_same = |known: &Action| {
            known.action.plain() == action.action.plain()
                || known.command.is_some() && statement(known) == statement(action)
        };
        if !actions.iter().any(is_same) {
            actions.push(action.clone());
        }
    }
    let exact: Vec<String> =
        actions.iter().filter_map(command).filter(|command| open_end(command).is_none()).collect();
    actions.retain(|action| {
        let Some(command) = command(action) else { return true };
        open_end(&command).is_none_or(|fixed| !exact.iter().any(|other| other.starts_with(fixed)))
    });
    actions
}

fn command(action: &Action) -> Option<String> {
    action.command.as_ref().map(Text::plain)
}

/// The command without what is said or left out as one likes: `USING btree`, white space, case.
fn statement(action: &Action) -> Option<String> {
    let words = command(action)?.to_lowercase().replace("using btree", "").replace("public.", "");
    Some(words.split_whitespace().collect::<Vec<_>>().join(" ").replace(" (", "("))
}

/// The part of a command before its first `<placeholder>`, if it has one and says something.
fn open_end(command: &str) -> Option<&str> {
    let (fixed, rest) = command.split_once('<')?;
    let is_name = rest.split_once('>').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || " _-".contains(c))
    });
    (is_name && fixed.split_whitespace().count() >= 2).then_some(fixed)
}

/// Takes out warnings that say what one before them says.
pub(super) fn once(texts: &mut Vec<Text>) {
    let mut known: Vec<BTreeSet<String>> = Vec::new();
    texts.retain(|text| {
        let words = telling_words(&text.plain());
        let is_new = known.iter().all(|other| !alike(other, &words));
        if is_new {
            known.push(words);
        }
        is_new
    });
}

/// The words of what must not be done, without the reason behind the colon.
fn telling_words(text: &str) -> BTreeSet<String> {
    text.split(": ")
        .next()
        .unwrap_or(text)
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .map(str::to_lowercase)
        .filter(|word| !word.is_empty() && !SMALL_WORDS.contains(&word.as_str()))
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "a handful of words")]
fn alike(a: &BTreeSet<String>, b: &BTreeSet<String>) -> bool {
    let shorter = a.len().min(b.len());
    if shorter == 0 {
        return a == b;
    }
    a.intersection(b).count() as f64 >= SAME_WARNING * shorter as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(warnings: &[&'static str]) -> Vec<String> {
        let mut texts: Vec<Text> = warnings.iter().map(|words| Text::ours(*words)).collect();
        once(&mut texts);
        texts.iter().map(Text::plain).collect()
    }

    #[test]
    fn a_warning_in_other_words_is_said_once() {
        let first = "Restart nodes: every client runs this query.";
        assert_eq!(left(&[first, "Restart the nodes: they all reconnect."]), [first]);
        let raise = "Raise QueryTimeout or MaxOpenConns.";
        assert_eq!(
            left(&[raise, "Raise SqlSettings.MaxOpenConns, SqlSettings.QueryTimeout"]),
            [raise]
        );
    }

    #[test]
    fn the_same_statement_is_to_be_run_once() {
        let action = |action: &'static str, command: &'static str| Action {
            action: Text::ours(action),
            who: None,
            command: Some(Text::ours(command)),
            fill_in: None,
            precheck: None,
            restart: model::Restart::None,
            breaks: None,
            undo: None,
            verify: None,
        };
        let (plain, long) = (
            action("Make it.", "CREATE INDEX i ON t (a)"),
            action("Make it again.", "CREATE INDEX i ON public.t USING btree (a)"),
        );
        assert_eq!(statement(&plain), statement(&long));
        assert_ne!(statement(&plain), statement(&action("Drop it.", "DROP INDEX i")));
    }

    #[test]
    fn warnings_about_different_things_both_stand() {
        let two = ["Restart nodes: they reconnect.", "Restart PostgreSQL: it reads everything."];
        assert_eq!(left(&two), two);
    }

    #[test]
    fn only_a_named_place_to_fill_in_makes_a_command_general() {
        assert_eq!(open_end("DROP INDEX CONCURRENTLY <name>"), Some("DROP INDEX CONCURRENTLY "));
        assert_eq!(open_end("SELECT 1 WHERE a < 5 AND b > 2"), None);
        assert_eq!(open_end("<command>"), None);
        assert_eq!(open_end("VACUUM ANALYZE posts"), None);
    }
}
