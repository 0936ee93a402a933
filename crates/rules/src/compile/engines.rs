//! Words that only one engine understands: what has them says for which engine it is.

use super::Compiler;
use crate::spec::{RuleSpec, TextSpec, Word};
use regex::Regex;
use std::sync::LazyLock;
use tables::Engine;

/// What PostgreSQL alone understands.
const POSTGRESQL: &[&str] = &[
    r"\bpg_[a-z]",
    r"\bpsql\b",
    r"\bVACUUM\b",
    r"(?i)\bautovacuum",
    r"\bvacuumdb\b",
    r"\bCONCURRENTLY\b",
    r"\b(?:REINDEX|CLUSTER)\b",
    r"::[a-z]",
    r"\b(?:ALTER|CREATE|DROP) ROLE\b",
    r"\bALTER SYSTEM\b",
    r"\bindis(?:valid|ready)\b",
    r"\bn_(?:live|dead)_tup",
    r"\b(?:work_mem|shared_buffers|random_page_cost|max_wal_size|hot_standby_feedback)\b",
    r"\b(?:statement|idle_in_transaction_session|lock)_timeout\b",
    r"\blog_(?:min_duration_statement|lock_waits|temp_files)\b",
    r"\b(?:archive_command|default_text_search_config|server_encoding|zero_damaged_pages)\b",
    r"(?i)\breplication slot",
    r"(?i)\bPgBouncer\b",
    r"\bwait_event",
    r"\bANALYZE (?:\{\{|<|\(|VERBOSE)",
    r"\bEXPLAIN \((?:ANALYZE|BUFFERS|FORMAT|VERBOSE)",
    r"\b(?:WALSync|SyncRep)\b",
    r"\breplay_(?:lag|lsn)\b",
];

/// What MySQL and MariaDB alone understand.
const MYSQL: &[&str] = &[
    r"(?i)\bprocesslist\b",
    r"\bperformance_schema\b",
    r"(?i)\binformation_schema\.(?:innodb|processlist)",
    r"\bsys\.[a-z]",
    r"(?i)\binnodb",
    r"\bKILL (?:QUERY |CONNECTION )?[\d<{$]",
    r"\bmax_(?:execution|statement)_time\b",
    r"\bSHOW (?:GLOBAL|FULL|SLAVE|REPLICA|ALL|ENGINE|VARIABLES|STATUS|INDEX|CREATE)\b",
    r"\bSET GLOBAL\b",
    r"\b(?:OPTIMIZE|ANALYZE) TABLE\b",
    r"\bALGORITHM ?=",
    r"\blong_query_time\b",
    r"\\G",
];

static WORDS: LazyLock<Vec<(Engine, Regex)>> = LazyLock::new(|| {
    let of = |engine: Engine, list: &'static [&'static str]| {
        list.iter().filter_map(move |one| Some((engine, Regex::new(one).ok()?)))
    };
    of(Engine::Postgresql, POSTGRESQL).chain(of(Engine::Mysql, MYSQL)).collect()
});

/// The engine that alone understands a text, and the word that shows it.
fn only(text: &str) -> impl Iterator<Item = (Engine, &str)> {
    WORDS.iter().filter_map(move |(engine, word)| Some((*engine, word.find(text)?.as_str())))
}

impl Compiler<'_> {
    /// A text that one engine alone understands and that the other would be shown.
    pub(super) fn lint_engines(&mut self, spec: &RuleSpec, rule: Option<Engine>) {
        for word in [&spec.title, &spec.summary].into_iter().flatten() {
            self.lint_engine(word, rule);
        }
        let own = [&spec.why, &spec.measure, &spec.false_positives].into_iter().flatten();
        for text in own.chain(&spec.do_not) {
            self.lint_text(text, rule);
        }
        for action in &spec.action {
            let of = action.engine.as_ref().and_then(|word| model::Level::parse(word.get_ref()));
            let texts = [
                &action.action,
                &action.command,
                &action.precheck,
                &action.breaks,
                &action.undo,
                &action.verify,
            ];
            for text in texts.into_iter().flatten() {
                self.lint_text(text, of.or(rule));
            }
        }
    }

    fn lint_text(&mut self, text: &TextSpec, outer: Option<Engine>) {
        for (engine, word) in text.words() {
            self.lint_engine(word, engine.or(outer));
        }
    }

    fn lint_engine(&mut self, word: &Word, of: Option<Engine>) {
        let other = only(word.get_ref()).find(|(engine, _)| Some(*engine) != of);
        if let Some((engine, shown)) = other {
            let (key, label) = (model::Level::as_str(engine), engine.label());
            let message = format!(
                "only {label} understands `{shown}`: write `engine = \"{key}\"`, or `{{ {key} = ... }}` for this text"
            );
            self.lint(word.span(), message, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_a_pattern() {
        assert_eq!(WORDS.len(), POSTGRESQL.len() + MYSQL.len());
    }

    #[test]
    fn commands_of_one_engine_are_known() {
        let of = |text: &str| only(text).map(|(engine, _)| engine).collect::<Vec<_>>();
        for text in [
            "SELECT pid FROM pg_stat_activity",
            "VACUUM (ANALYZE) posts",
            "DROP INDEX CONCURRENTLY i",
            "SELECT 'posts'::regclass",
            "ALTER ROLE u SET x = 1",
            "ANALYZE <table>",
        ] {
            assert!(of(text).contains(&Engine::Postgresql), "{text}");
            assert!(!of(text).contains(&Engine::Mysql), "{text}");
        }
        for text in [
            "SHOW FULL PROCESSLIST",
            "SELECT * FROM performance_schema.data_locks",
            "KILL QUERY <id>",
            "KILL 12",
            "ANALYZE TABLE <table>",
            "SHOW ENGINE INNODB STATUS",
            "select * from information_schema.innodb_trx",
        ] {
            assert!(of(text).contains(&Engine::Mysql), "{text}");
            assert!(!of(text).contains(&Engine::Postgresql), "{text}");
        }
        for text in
            ["Kill the dump.", "The index is unclear.", "SELECT max(version) FROM db_migrations"]
        {
            assert_eq!(of(text), [], "{text}");
        }
    }
}
