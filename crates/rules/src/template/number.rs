//! `1 line was`, where a text says `{{ n }} lines were`.

/// Verbs in the singular that may stand right behind a number; they are no nouns in the plural.
const VERBS: &[&str] = &["does", "has", "is", "takes", "uses", "waits", "was"];
/// Units that end like nouns in the plural.
const UNITS: &[&str] = &["ms", "s", "us"];
/// Verbs behind the noun that have a form of their own for one.
const OF_ONE: &[(&str, &str)] = &[
    ("are", "is"),
    ("do", "does"),
    ("fail", "fails"),
    ("have", "has"),
    ("run", "runs"),
    ("say", "says"),
    ("sort", "sorts"),
    ("take", "takes"),
    ("wait", "waits"),
    ("were", "was"),
];

/// Words behind a number, when the number is one: ` lines were` becomes ` line was`.
pub(super) fn singular(words: &str) -> String {
    let Some(behind) = words.strip_prefix(' ') else { return words.to_owned() };
    let (noun, rest) = word(behind);
    if VERBS.contains(&noun) || UNITS.contains(&noun) || noun.ends_with("ss") {
        return words.to_owned();
    }
    let one = if let Some(stem) = noun.strip_suffix("ies") {
        format!("{stem}y")
    } else if let Some(stem) = noun.strip_suffix("xes") {
        format!("{stem}x")
    } else if let Some(stem) = noun.strip_suffix('s') {
        stem.to_owned()
    } else {
        return words.to_owned();
    };
    let rest = rest.strip_prefix(' ').map_or_else(
        || rest.to_owned(),
        |behind| {
            let (verb, rest) = word(behind);
            let verb = OF_ONE.iter().find(|(many, _)| *many == verb).map_or(verb, |(_, one)| one);
            format!(" {verb}{rest}")
        },
    );
    format!(" {one}{rest}")
}

/// The first word, and what stands behind it.
fn word(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::singular;

    #[test]
    fn one_thing_is_not_many() {
        assert_eq!(singular(" lines were read"), " line was read");
        assert_eq!(singular(" indexes were dropped up to "), " index was dropped up to ");
        assert_eq!(singular(" queries are slow"), " query is slow");
        assert_eq!(singular(" times, at "), " time, at ");
    }

    #[test]
    fn what_is_no_plural_stays() {
        for words in [
            " s.",
            " ms each",
            " takes most of the time",
            " is not there",
            "; others",
            " per minute",
            "s",
        ] {
            assert_eq!(singular(words), words);
        }
    }
}
