//! What is asked of a log before it is read: which statements count, and what they are told apart
//! by. Decided while a log is read, so that counts are exact however many users there are.

use crate::fingerprint::StatementKind;
use std::collections::BTreeSet;
use text::Raw;

/// One of the four things that a log says of who ran a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The user.
    User,
    /// The database, or the schema of MySQL.
    Database,
    /// The application.
    Application,
    /// The client's host, without its port.
    Client,
}

/// A value of each [`Party`], in its order.
pub(crate) type Names<'a> = [&'a [u8]; 4];

impl Party {
    /// All of them; `party as usize` is the place here.
    pub(crate) const ALL: [Self; 4] = [Self::User, Self::Database, Self::Application, Self::Client];
}

/// Which statements count: of each list, any of its words; all lists that are not empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Databases, or schemas of MySQL; `none` for statements without one, as in the three lists
    /// below.
    pub databases: Vec<String>,
    /// Users.
    pub users: Vec<String>,
    /// Applications.
    pub applications: Vec<String>,
    /// Client hosts.
    pub clients: Vec<String>,
    /// Tables, in any case.
    pub tables: Vec<String>,
    /// Kinds of statements.
    pub kinds: Vec<StatementKind>,
}

impl Filter {
    /// Whether everything is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn words(&self, party: Party) -> &[String] {
        match party {
            Party::User => &self.users,
            Party::Database => &self.databases,
            Party::Application => &self.applications,
            Party::Client => &self.clients,
        }
    }

    /// Whether statements of these names count.
    pub(crate) fn wants(&self, names: &Names<'_>) -> bool {
        Party::ALL.iter().zip(names).all(|(party, name)| {
            let words = self.words(*party);
            words.is_empty()
                || words
                    .iter()
                    .any(|word| word.as_bytes() == *name || name.is_empty() && word == "none")
        })
    }

    /// Whether the value of a party decides.
    pub(crate) fn looks_at(&self, party: Party) -> bool {
        !self.words(party).is_empty()
    }

    /// Whether statements of this kind that name these tables count.
    pub(crate) fn wants_query(
        &self,
        kind: StatementKind,
        tables: impl FnOnce() -> Vec<String>,
    ) -> bool {
        if !self.kinds.is_empty() && !self.kinds.contains(&kind) {
            return false;
        }
        if self.tables.is_empty() {
            return true;
        }
        tables().iter().any(|table| {
            // `public.posts` is found as `posts` too.
            let bare = table.rsplit('.').next().unwrap_or(table);
            self.tables
                .iter()
                .any(|word| word.eq_ignore_ascii_case(table) || word.eq_ignore_ascii_case(bare))
        })
    }
}

/// Values of a kind that are kept of what a filter left out.
const OFFERED_MAX: usize = 1_000;

/// What statements of a log could have been asked for: kept where a filter is used, to say what
/// there is when nothing passes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offered {
    /// Users, databases, applications and clients of statements, up to 1,000 of each; empty for
    /// statements without one.
    pub parties: [BTreeSet<Raw>; 4],
    /// Tables of statements, up to 1,000.
    pub tables: BTreeSet<String>,
    /// Kinds of statements.
    pub kinds: BTreeSet<&'static str>,
}

impl Offered {
    pub(crate) fn party(&mut self, party: Party, name: &[u8]) {
        if let Some(names) = self.parties.get_mut(party as usize)
            && names.len() < OFFERED_MAX
        {
            names.insert(Raw::from_bytes(name));
        }
    }

    pub(crate) fn query(&mut self, kind: StatementKind, tables: Vec<String>) {
        self.kinds.insert(kind.as_str());
        for table in tables {
            if self.tables.len() < OFFERED_MAX {
                self.tables.insert(table);
            }
        }
    }

    /// Adds what another log offers.
    pub(crate) fn absorb(&mut self, other: Self) {
        for (party, names) in Party::ALL.iter().zip(other.parties) {
            for name in names {
                self.party(*party, name.untrusted().as_bytes());
            }
        }
        self.kinds.extend(other.kinds);
        for table in other.tables {
            if self.tables.len() < OFFERED_MAX {
                self.tables.insert(table);
            }
        }
    }
}
