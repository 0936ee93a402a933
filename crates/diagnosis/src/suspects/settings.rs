//! Settings that a text is about, and whether it is for more or for less of them: what is advised
//! must not be forbidden two lines below.

use model::{Action, Finding};
use text::Text;

/// For more of a setting or for less of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Up,
    Down,
    /// The text does not say.
    Either,
}

impl Way {
    fn meets(self, other: Self) -> bool {
        self == other || self == Self::Either || other == Self::Either
    }
}

/// Words that a warning is conditional by: it holds beside the advice.
const CONDITIONS: &[&str] =
    &["while", "unless", "without", "before", "beyond", "only", "all", "until"];

/// Takes out of warnings what actions advise: a setting that they name is no longer in the list of
/// those that must not be raised, and a warning about that setting alone goes. `members`: findings
/// whose evidence says what the settings are now.
pub(super) fn agree(do_not: &mut Vec<Text>, actions: &[Action], members: &[&Finding]) {
    let advised: Vec<(String, Way)> =
        actions.iter().flat_map(|action| advice(&action.action.plain(), members)).collect();
    if advised.is_empty() {
        return;
    }
    *do_not = do_not.drain(..).filter_map(|warning| without(warning, &advised)).collect();
}

/// A warning without the settings that are advised; `None` when nothing is left of it.
fn without(warning: Text, advised: &[(String, Way)]) -> Option<Text> {
    let plain = warning.plain();
    let head = plain.split(": ").next().unwrap_or(&plain);
    let words: Vec<&str> = head.split_whitespace().collect();
    let Some(way) = words.first().and_then(|verb| way_of(verb)) else { return Some(warning) };
    let is_advised = |word: &str| {
        setting(word).is_some_and(|name| {
            advised.iter().any(|(known, advised)| *known == name && advised.meets(way))
        })
    };
    let conditional = words.iter().any(|word| CONDITIONS.contains(&word.to_lowercase().as_str()));
    if conditional || !words.iter().any(|word| is_advised(word)) {
        return Some(warning);
    }
    let left: Vec<&str> =
        words.iter().copied().filter(|word| setting(word).is_some() && !is_advised(word)).collect();
    let (last, before) = left.split_last()?;
    let name = |word: &str| word.trim_end_matches([',', '.', ';']).to_owned();
    let mut said = words.first().map(|verb| (*verb).to_owned()).unwrap_or_default();
    for (nth, word) in before.iter().enumerate() {
        said.push_str(if nth == 0 { " " } else { ", " });
        said.push_str(&name(word));
    }
    said.push_str(if before.is_empty() { " " } else { " or " });
    said.push_str(&name(last));
    // What stands behind the list and the reason.
    let behind = words.iter().rposition(|word| setting(word).is_some()).map_or(0, |at| at + 1);
    for word in words.iter().skip(behind) {
        said.push(' ');
        said.push_str(word);
    }
    said.push_str(plain.get(head.len()..).unwrap_or_default());
    Some(Text::ours(said))
}

/// The settings that an action is to change, and in which way.
fn advice(action: &str, members: &[&Finding]) -> Vec<(String, Way)> {
    let mut way = None;
    let mut found: Vec<(String, Way)> = Vec::new();
    let words: Vec<&str> = action.split_whitespace().collect();
    for (at, word) in words.iter().enumerate() {
        way = way_of(word).or(way);
        let (Some(name), Some(way)) = (setting(word), way) else { continue };
        let to = words.get(at + 1..at + 3).and_then(|next| match next {
            ["to", value] => number(value),
            _ => None,
        });
        let way = match (way, to.zip(now(&name, members))) {
            (Way::Either, Some((to, now))) if to > now => Way::Up,
            (Way::Either, Some((to, now))) if to < now => Way::Down,
            (way, _) => way,
        };
        found.push((name, way));
    }
    found
}

fn way_of(word: &str) -> Option<Way> {
    let word = word.trim_end_matches([',', ':', '.']).to_lowercase();
    match word.as_str() {
        "raise" | "increase" => Some(Way::Up),
        "lower" | "reduce" | "decrease" => Some(Way::Down),
        "set" | "change" => Some(Way::Either),
        _ => None,
    }
}

/// The last part of a setting's name in lower case: `SqlSettings.MaxOpenConns`, `max_connections`.
fn setting(word: &str) -> Option<String> {
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let name = word.rsplit('.').next().unwrap_or(word);
    let humps = name.chars().filter(char::is_ascii_uppercase).count();
    let is_camel = name.starts_with(|c: char| c.is_ascii_uppercase())
        && humps >= 2
        && name.chars().any(|c| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric());
    let is_snake = name.contains('_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    (is_camel || is_snake).then(|| name.to_lowercase())
}

/// What a setting is now, where the evidence of a finding says so: `SqlSettings.QueryTimeout = 1 s`.
fn now(name: &str, members: &[&Finding]) -> Option<f64> {
    members.iter().flat_map(|finding| &finding.evidence).find_map(|entry| {
        let text = entry.text.plain();
        let (key, value) = text.split_once(" = ")?;
        let known = key.split_whitespace().next_back().and_then(setting)?;
        (known == name).then(|| number(value.split_whitespace().next()?))?
    })
}

fn number(word: &str) -> Option<f64> {
    word.trim_end_matches([',', '.', ';']).replace(',', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(words: &'static str) -> Action {
        Action {
            action: Text::ours(words),
            who: None,
            command: None,
            precheck: None,
            fill_in: None,
            restart: model::Restart::None,
            breaks: None,
            undo: None,
            verify: None,
        }
    }

    fn left(warnings: &[&'static str], advised: &'static str) -> Vec<String> {
        let mut texts: Vec<Text> = warnings.iter().map(|words| Text::ours(*words)).collect();
        agree(&mut texts, &[action(advised)], &[]);
        texts.iter().map(Text::plain).collect()
    }

    #[test]
    fn what_is_advised_is_not_forbidden() {
        let pool =
            "If the database has room: set SqlSettings.MaxOpenConns to 100 and MaxIdleConns to 50.";
        assert_eq!(
            left(
                &[
                    "Raise MaxOpenConns, QueryTimeout or max_connections during the incident: more work."
                ],
                pool
            ),
            ["Raise QueryTimeout or max_connections during the incident: more work."]
        );
        assert!(left(&["Raise SqlSettings.MaxOpenConns: more copies at once."], pool).is_empty());
        assert_eq!(
            left(&["Raise SqlSettings.MaxOpenConns, SqlSettings.QueryTimeout: more work."], pool),
            ["Raise SqlSettings.QueryTimeout: more work."]
        );
    }

    #[test]
    fn a_warning_with_a_condition_or_in_the_other_way_stays() {
        let pool = "Set SqlSettings.MaxOpenConns to 100.";
        for warning in [
            "Raise MaxOpenConns while the database is busy: each statement gets slower.",
            "Restart the nodes: all clients reconnect.",
            "Raise max_connections: it restarts the database.",
        ] {
            assert_eq!(left(&[warning], pool), [warning]);
        }
        let lower = "Lower SqlSettings.MaxOpenConns on every node.";
        let raise = "Raise SqlSettings.MaxOpenConns: more copies at once.";
        assert_eq!(left(&[raise], lower), [raise]);
    }
}
