//! Ordered vocabularies: how bad, how sure, what kind.

use std::fmt;

/// A vocabulary of words, from strongest to weakest.
pub trait Level: Copy + Ord + 'static {
    /// Every level, strongest first.
    const ALL: &'static [Self];
    /// The word for it.
    fn as_str(self) -> &'static str;
    /// The level of that word.
    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|level| level.as_str() == word)
    }
}

/// One vocabulary: the enum, its words, its `Display`.
macro_rules! level {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl Level for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)*];
            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

level! {
    /// How bad it is if it is true. The order is strongest first: `Critical < High`.
    Severity {
        /// The service is down or losing data.
        Critical = "critical",
        /// Users notice.
        High = "high",
        /// Users will notice under load.
        Medium = "medium",
        /// Worth changing in quiet times.
        Low = "low",
        /// Worth knowing.
        Info = "info",
    }
}

level! {
    /// How sure it is. The order is strongest first: `Certain < Likely`.
    Confidence {
        /// Nothing else explains the evidence.
        Certain = "certain",
        /// The evidence fits, and little else does.
        Likely = "likely",
        /// The evidence fits among other explanations.
        Possible = "possible",
    }
}

level! {
    /// Whether something is wrong or could be better.
    Kind {
        /// Something is wrong.
        Fault = "fault",
        /// Something could be better.
        Advice = "advice",
    }
}

level! {
    /// Where a threshold comes from.
    Basis {
        /// The vendor's documentation.
        Documented = "documented",
        /// The server's source code.
        Source = "source",
        /// A public issue or pull request.
        Issue = "issue",
        /// The judgement of engineers: said so in the finding.
        Judgement = "judgement",
    }
}

level! {
    /// What has to be restarted for an action to work.
    Restart {
        /// Nothing.
        None = "none",
        /// One node after the other.
        Rolling = "rolling",
        /// Every node at once.
        All = "all",
    }
}

/// The exit codes of the command, a promise to scripts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// It ran.
    #[default]
    Ran = 0,
    /// It failed; also: cases of rules failed.
    Failed = 1,
    /// The request was wrong: arguments, rule files.
    Usage = 2,
    /// A named input or a member was not read, or over 1 % of a source's records were skipped.
    Incomplete = 3,
    /// With `--fail-on`: a finding of that level or above.
    Findings = 10,
    /// A clock of the playbook is overdue.
    Overdue = 11,
}
