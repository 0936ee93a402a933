//! The keywords that the rules of fingerprints know.

use crate::shapes::Map;
use std::sync::LazyLock;

/// Keywords after which a value stands: what follows may be a signed number, `NULL`, `TRUE`.
const BEFORE_VALUE: &[&[u8]] = &[
    b"and",
    b"between",
    b"by",
    b"case",
    b"default",
    b"distinct",
    b"else",
    b"from",
    b"having",
    b"ilike",
    b"in",
    b"like",
    b"limit",
    b"on",
    b"or",
    b"return",
    b"select",
    b"then",
    b"values",
    b"when",
    b"where",
];

/// Further keywords that the rules treat in their own way. A quoted name that reads like one of
/// these or of [`BEFORE_VALUE`] keeps its quotes.
const TREATED: &[&[u8]] = &[
    b"all",
    b"array",
    b"as",
    b"asc",
    b"end",
    b"except",
    b"exists",
    b"false",
    b"fetch",
    b"for",
    b"intersect",
    b"is",
    b"join",
    b"not",
    b"null",
    b"order",
    b"over",
    b"set",
    b"true",
    b"union",
    b"using",
    b"with",
];

/// Keywords that stand before a parenthesis without calling it.
const BEFORE_PARENTHESIS: &[&[u8]] = &[
    b"all",
    b"and",
    b"as",
    b"by",
    b"case",
    b"distinct",
    b"else",
    b"except",
    b"exists",
    b"from",
    b"having",
    b"in",
    b"intersect",
    b"join",
    b"like",
    b"not",
    b"on",
    b"or",
    b"over",
    b"select",
    b"set",
    b"then",
    b"union",
    b"using",
    b"values",
    b"when",
    b"where",
];

/// In which of the lists a word is: it is asked for every word of every new statement.
#[derive(Clone, Copy, Default)]
struct Lists {
    before_value: bool,
    before_parenthesis: bool,
    treated: bool,
}

static WORDS: LazyLock<Map<&[u8], Lists>> = LazyLock::new(|| {
    let mut words: Map<&[u8], Lists> = Map::default();
    for word in BEFORE_VALUE {
        let lists = words.entry(word).or_default();
        (lists.before_value, lists.treated) = (true, true);
    }
    for word in TREATED {
        words.entry(word).or_default().treated = true;
    }
    for word in BEFORE_PARENTHESIS {
        words.entry(word).or_default().before_parenthesis = true;
    }
    words
});

/// The longest word of the lists.
const WORD_MAX: usize = 9;

fn lists(word: &[u8]) -> Lists {
    if word.len() > WORD_MAX {
        Lists::default()
    } else {
        WORDS.get(word).copied().unwrap_or_default()
    }
}

/// Whether a value may follow this word.
pub(super) fn is_before_value(word: &[u8]) -> bool {
    lists(word).before_value
}

/// Whether this word is not a function's name when a parenthesis follows.
pub(super) fn is_before_parenthesis(word: &[u8]) -> bool {
    lists(word).before_parenthesis
}

/// Whether the rules treat this word in their own way.
pub(super) fn is_treated(word: &[u8]) -> bool {
    lists(word).treated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        for list in [BEFORE_VALUE, TREATED, BEFORE_PARENTHESIS] {
            assert!(list.is_sorted());
            assert!(list.iter().all(|word| word.len() <= WORD_MAX));
        }
        assert!(BEFORE_PARENTHESIS.iter().all(|word| is_treated(word)));
    }
}
