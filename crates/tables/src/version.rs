//! Versions that compare as versions.

use std::cmp::Ordering;
use std::fmt;

/// Numbers that a version may have; further ones are ignored.
const PARTS_MAX: usize = 4;

/// The stage of a version before its release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Stage {
    Development,
    Alpha,
    Beta,
    Candidate,
    Release,
}

impl Stage {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("dev", Self::Development),
        ("snapshot", Self::Development),
        ("alpha", Self::Alpha),
        ("preview", Self::Alpha),
        ("beta", Self::Beta),
        ("rc", Self::Candidate),
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Development => "dev",
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::Candidate => "rc",
            Self::Release => "",
        }
    }
}

/// A version: up to four numbers and a stage before the release. `9.11` is below `11.0`,
/// `11.0.0-rc1` below `11.0.0`, and `11` equals `11.0`.
#[derive(Clone, Copy, Debug)]
pub struct Version {
    parts: [u32; PARTS_MAX],
    n_parts: u8,
    stage: Stage,
    stage_number: u32,
}

impl Version {
    /// What a gap in a column of versions holds.
    pub(crate) const ZERO: Self =
        Self { parts: [0; PARTS_MAX], n_parts: 1, stage: Stage::Release, stage_number: 0 };

    /// Reads a version from the start of `text`: `10.11.5`, `v7.8`, `11.0.0-rc1`,
    /// `15.8 (Debian 15.8-1.pgdg120+1)`, `PostgreSQL 17beta1`. What follows the numbers and is no
    /// stage is ignored. `None` when no number is found at the start of a word.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        text.split_whitespace().take(4).find_map(Self::parse_word)
    }

    fn parse_word(word: &str) -> Option<Self> {
        let word = word.strip_prefix(['v', 'V']).unwrap_or(word);
        let mut version =
            Self { parts: [0; PARTS_MAX], n_parts: 0, stage: Stage::Release, stage_number: 0 };
        let mut rest = word;
        for slot in &mut version.parts {
            let (number, after) = leading_number(rest)?;
            *slot = number;
            version.n_parts += 1;
            rest = after;
            match after.strip_prefix('.') {
                Some(next) if next.starts_with(|c: char| c.is_ascii_digit()) => rest = next,
                Some(_) | None => break,
            }
        }
        let tail = rest.trim_start_matches(['-', '.', '~', '_']).to_ascii_lowercase();
        for (word, stage) in Stage::WORDS {
            if let Some(after) = tail.strip_prefix(word) {
                let number = after.trim_start_matches(['.', '-']);
                if number.is_empty() || leading_number(number).is_some() {
                    version.stage = *stage;
                    version.stage_number = leading_number(number).map_or(0, |(n, _)| n);
                }
            }
        }
        Some(version)
    }

    /// The number before the first dot.
    pub fn major(&self) -> u32 {
        self.parts.first().copied().unwrap_or(0)
    }

    /// The number behind the first dot, 0 without one.
    pub fn minor(&self) -> u32 {
        self.parts.get(1).copied().unwrap_or(0)
    }

    /// A text whose order is the order of versions.
    pub(crate) fn sort_key(&self) -> String {
        let [a, b, c, d] = self.parts;
        format!("{a:010}.{b:010}.{c:010}.{d:010}.{}.{:010}", self.stage as u8, self.stage_number)
    }
}

/// The number at the start of `text` and what follows; `None` without digits or beyond `u32`.
fn leading_number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, rest))
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts
            .cmp(&other.parts)
            .then(self.stage.cmp(&other.stage))
            .then(self.stage_number.cmp(&other.stage_number))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, part) in self.parts.iter().take(usize::from(self.n_parts)).enumerate() {
            if idx > 0 {
                f.write_str(".")?;
            }
            write!(f, "{part}")?;
        }
        if self.stage != Stage::Release {
            write!(f, "-{}", self.stage.word())?;
            if self.stage_number > 0 {
                write!(f, "{}", self.stage_number)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap_or_else(|| panic!("{text} is a version"))
    }

    #[test]
    fn versions_compare_as_versions_not_as_text() {
        let order = [
            "5.37",
            "7.6.1",
            "9.11.0",
            "10.5",
            "10.11.4",
            "10.11.5",
            "11.0.0-rc1",
            "11.0.0-rc2",
            "11.0",
        ];
        for pair in order.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        assert_eq!(version("11"), version("11.0.0"));
        assert!(version("17beta1") < version("17rc1"));
        assert!(version("17rc1") < version("17"));
    }

    #[test]
    fn what_follows_the_numbers_is_no_part_of_the_version() {
        assert_eq!(version("15.8 (Debian 15.8-1.pgdg120+1)").to_string(), "15.8");
        assert_eq!(version("PostgreSQL 14.5 on x86_64").to_string(), "14.5");
        assert_eq!(version("8.0.34-0ubuntu0.22.04.1"), version("8.0.34"));
        assert_eq!(version("5.7.12-aurora-mysql_2.11"), version("5.7.12"));
        assert_eq!(version("v11.0.0-rc1").to_string(), "11.0.0-rc1");
        assert_eq!(version("10.5.0-development"), version("10.5.0"));
    }

    #[test]
    fn a_text_without_a_number_is_no_version() {
        for text in ["", "unknown", "  ", "abc 99999999999999999999"] {
            assert!(Version::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_sort_key_orders_as_the_version_does() {
        for (a, b) in [("9.11.0", "11.0"), ("11.0.0-rc1", "11.0"), ("10.2", "10.11")] {
            assert_eq!(
                version(a).cmp(&version(b)),
                version(a).sort_key().cmp(&version(b).sort_key())
            );
        }
    }
}
