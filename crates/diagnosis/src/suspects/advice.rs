//! What to do and what not to do about a suspect: said once, the most exact words first.

use model::{Action, Finding};
use std::collections::BTreeSet;
use text::Text;

/// From this share of the shorter one's words on two warnings are the same: `Restart nodes`,
/// `Restart the nodes`.
const SAME_WARNING: f64 = 0.6;
/// From this share on two actions are: one with a figure or a name more is another.
const SAME_ACTION: f64 = 0.8;
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
                || says_the_same(known, action)
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

/// Whether an action says in other words what another says: it begins alike and most of its words
/// are the other's, sets the same setting to the same value, or runs the same command in the end.
fn says_the_same(known: &Action, action: &Action) -> bool {
    let verb =
        |action: &Action| action.action.plain().split_whitespace().next().map(str::to_lowercase);
    let words = |action: &Action| telling_words(&action.action.plain());
    let to_the_end = last_command(known).filter(|_| !is_a_look(known));
    verb(known) == verb(action) && shared(&words(known), &words(action)) >= SAME_ACTION
        || to_the_end.is_some_and(|of| last_command(action) == Some(of))
        || set_to(known).is_some_and(|set| set_to(action) == Some(set))
}

/// Whether it only looks.
fn is_a_look(action: &Action) -> bool {
    action.breaks.as_ref().is_some_and(|breaks| breaks.plain().starts_with("Nothing"))
}

/// The last command of several, without what is to be filled in.
fn last_command(action: &Action) -> Option<String> {
    let command = command(action)?;
    let last = command.split(';').next_back()?.trim();
    let is_filled = |word: &str| {
        word.starts_with('<')
            || word.contains('_') && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    };
    let words: Vec<&str> = last.split_whitespace().filter(|word| !is_filled(word)).collect();
    (words.len() > 2).then(|| words.join(" "))
}

/// `set X to Y` in an action, in lower case.
fn set_to(action: &Action) -> Option<String> {
    let text = action.action.plain().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "set")?;
    match words.get(at + 1..at + 4)? {
        [name, "to", value] if name.contains('.') => {
            Some(format!("{name} {}", value.trim_end_matches(['.', ',', ';'])))
        }
        _ => None,
    }
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

fn alike(a: &BTreeSet<String>, b: &BTreeSet<String>) -> bool {
    if a.is_empty() || b.is_empty() { a == b } else { shared(a, b) >= SAME_WARNING }
}

/// The share of the shorter one's words that both have.
#[expect(clippy::cast_precision_loss, reason = "a handful of words")]
fn shared(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let shorter = a.len().min(b.len());
    if shorter == 0 { 0.0 } else { a.intersection(b).count() as f64 / shorter as f64 }
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
    fn an_action_in_other_words_is_said_once() {
        let action = |words: &'static str, command: Option<&'static str>| Action {
            action: Text::ours(words),
            who: None,
            command: command.map(Text::ours),
            precheck: None,
            fill_in: None,
            restart: model::Restart::None,
            breaks: None,
            undo: None,
            verify: None,
        };
        let same = |a: &Action, b: &Action| says_the_same(a, b);
        assert!(same(
            &action("Look at the health of the search engine: red or yellow indexes, disk.", None),
            &action("Look at the health of the search engine: red indexes, heap.", None)
        ));
        assert!(same(
            &action(
                "For typing events: set ServiceSettings.EnableUserTypingMessages to false until it is over.",
                None
            ),
            &action("Set ServiceSettings.EnableUserTypingMessages to false.", None)
        ));
        assert!(same(
            &action(
                "Cancel the job.",
                Some(
                    "mmctl job list --type data_retention; mmctl job update JOB_ID cancel_requested"
                )
            ),
            &action(
                "End it; it starts again at its next time.",
                Some("mmctl job update <id> cancel_requested")
            )
        ));
        assert!(!same(
            &action("Set SqlSettings.MaxOpenConns to 100.", None),
            &action("Set SqlSettings.MaxOpenConns to 50.", None)
        ));
        assert!(!same(
            &action("Restart the node with the largest heap.", None),
            &action("Restart the database after there is space.", None)
        ));
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
