//! Whose databases a log is of: a server may be shared with other systems.
//!
//! A database is Mattermost's when a statement in it, or the vacuum of a table of it, names what
//! only Mattermost has. As soon as one is known, all others are foreign; while none is, nothing is,
//! and a log without names of databases is Mattermost's as a whole.

use crate::merge::{cells, events};
use crate::records::{EventClass, SlowLog};
use std::collections::BTreeSet;
use text::Raw;

/// Tables that no other system is likely to have, in lower case.
const TABLES: &[&str] = &[
    "channelbookmarks",
    "channelmemberhistory",
    "channelmembers",
    "clusterdiscovery",
    "commandwebhooks",
    "desktoptokens",
    "fileinfo",
    "incomingwebhooks",
    "linkmetadata",
    "outgoingwebhooks",
    "persistentnotifications",
    "pluginkeyvaluestore",
    "postacknowledgements",
    "postreminders",
    "postspriority",
    "productnoticeviewstate",
    "publicchannels",
    "recentsearches",
    "scheduledposts",
    "sharedchannelremotes",
    "sidebarcategories",
    "sidebarchannels",
    "teammembers",
    "threadmemberships",
    "useraccesstokens",
];

fn is_ours(table: &str) -> bool {
    TABLES.contains(&table)
}

impl SlowLog {
    /// Marks what is of other systems' databases, and adds up the events of all of Mattermost's.
    /// Once, when all logs are merged: one file may say what another is about.
    pub fn settle_owners(&mut self) {
        let own = self.own_databases();
        let is_foreign =
            |name: &Raw| !own.is_empty() && !name.untrusted().is_empty() && !own.contains(name);
        for query in &mut self.queries {
            query.foreign = !query.databases.is_empty()
                && query.databases.iter().all(|top| is_foreign(&top.value));
        }
        for lock in &mut self.locks {
            let blocker = &lock.blocker.database;
            lock.foreign = is_foreign(&lock.waiter.database)
                && (blocker.untrusted().is_empty() || is_foreign(blocker));
        }
        for ddl in &mut self.ddl {
            ddl.foreign = is_foreign(&ddl.database);
        }
        for event in &mut self.events {
            event.foreign = is_foreign(&event.database);
            if !event.foreign {
                event.database = Raw::default();
            }
        }
        events::add(&mut self.events, Vec::new());
        for minute in &mut self.event_minutes {
            minute.foreign = is_foreign(&minute.database);
            if !minute.foreign {
                minute.database = Raw::default();
            }
        }
        cells::settled(&mut self.event_minutes);
    }

    /// Databases that are known to be Mattermost's.
    fn own_databases(&self) -> BTreeSet<Raw> {
        let of_queries = self
            .queries
            .iter()
            .filter(|query| {
                query.store_method.is_some() || query.tables.iter().any(|table| is_ours(table))
            })
            .flat_map(|query| &query.databases)
            .map(|top| Raw::clone(&top.value));
        // `database.schema.table`: also of a server that has no slow statement.
        let of_vacuums = self
            .events
            .iter()
            .filter(|event| matches!(event.class, EventClass::Autovacuum | EventClass::Autoanalyze))
            .filter_map(|event| {
                let (rest, table) = event.subject.untrusted().rsplit_once('.')?;
                let (database, _) = rest.split_once('.').filter(|_| is_ours(table))?;
                Some(Raw::new(database))
            });
        of_queries.chain(of_vacuums).filter(|name| !name.untrusted().is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::EventClass;
    use crate::tests::read;

    const SHARED: &str = "\
2026-11-22 06:00:01.000 UTC [1] LOG:  automatic vacuum of table \"chat.public.channelmembers\": index scans: 1\n\
2026-11-22 06:00:02.000 UTC [2] git@gitlab LOG:  duration: 4000.000 ms  statement: SELECT * FROM ci_builds WHERE id = 4\n\
2026-11-22 06:00:03.000 UTC [3] mm@chat LOG:  duration: 1000.000 ms  statement: SELECT * FROM posts WHERE id = '4'\n\
2026-11-22 06:00:04.000 UTC [2] git@gitlab ERROR:  deadlock detected\n\
2026-11-22 06:00:04.000 UTC [3] mm@chat ERROR:  deadlock detected\n\
2026-11-22 06:00:05.000 UTC [4] mm@chat_archive ERROR:  deadlock detected\n";

    #[test]
    fn what_happens_in_another_systems_database_is_not_ours() {
        let mut log = read(SHARED.as_bytes()).records;
        log.settle_owners();
        let foreign: Vec<(&str, bool)> =
            log.queries.iter().map(|it| (it.tables[0].as_str(), it.foreign)).collect();
        assert_eq!(foreign, [("ci_builds", true), ("posts", false)]);
        let deadlocks: Vec<(bool, u64)> = log
            .events
            .iter()
            .filter(|event| event.class == EventClass::Deadlock)
            .map(|event| (event.foreign, event.calls))
            .collect();
        assert_eq!(deadlocks, [(false, 1), (true, 1), (true, 1)]);
        let minutes: u64 = log
            .event_minutes
            .iter()
            .filter(|it| it.class == EventClass::Deadlock && !it.foreign)
            .map(|it| it.calls)
            .sum();
        assert_eq!(minutes, 1);
    }

    #[test]
    fn while_no_database_is_known_to_be_ours_none_is_foreign() {
        let unknown = SHARED.replace("channelmembers", "orders");
        let nameless = SHARED.replace("mm@chat", "").replace("git@gitlab", "");
        for text in [unknown, nameless] {
            let mut log = read(text.as_bytes()).records;
            log.settle_owners();
            assert!(log.queries.iter().all(|query| !query.foreign));
            let events: Vec<bool> = log.events.iter().map(|event| event.foreign).collect();
            assert!(events.iter().all(|foreign| !foreign));
            let deadlocks = log.events.iter().filter(|it| it.class == EventClass::Deadlock);
            assert_eq!(deadlocks.map(|event| event.calls).collect::<Vec<_>>(), [3], "as one");
        }
    }
}
