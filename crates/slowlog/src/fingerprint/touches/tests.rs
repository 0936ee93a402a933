use super::*;
use crate::fingerprint::{Fingerprint, fingerprint};

fn of(sql: &str) -> Fingerprint {
    fingerprint(sql.as_bytes(), Engine::PostgreSql)
}

#[test]
fn tables_are_told_from_aliases_functions_and_common_tables() {
    for (sql, tables) in [
        (
            "select a from Posts p join public.Users as u on u.Id = p.UserId, \"Teams\" t",
            "posts teams users",
        ),
        (
            "with c as (select id from channels), d(x) as materialized (select 1 from c) update channelmembers cm set a = 1 from c where c.id = cm.id",
            "channelmembers channels",
        ),
        ("select * from unnest($1) x, lateral (select 1 from jobs) y", "jobs"),
        ("insert into t (a, b) select c, d from u where e in (select f from v)", "t u v"),
        ("delete from a using b where a.x = b.x", "a b"),
        (
            "select extract(epoch from created), trim(both from name), x is distinct from y from t",
            "t",
        ),
        ("select 1 from t for update of t", "t"),
        ("insert into t values (1) on conflict (id) do update set a = excluded.a", "t"),
        ("insert into t (a) values (1) on duplicate key update a = values(a)", "t"),
        ("select a from t left join (select b from u) v on v.b = t.a", "t u"),
        ("drop index concurrently idx_posts", ""),
        ("create index idx on posts using btree (createat)", "posts"),
        ("alter table posts add column x int", "posts"),
        ("truncate table posts, jobs", "jobs posts"),
        ("vacuum (full, analyze) posts", "posts"),
        ("copy posts (a, b) from stdin", "posts"),
        ("refresh materialized view concurrently v", ""),
        ("explain analyze select a from t", "t"),
    ] {
        assert_eq!(of(sql).tables.join(" "), tables, "{sql}");
    }
}

#[test]
fn columns_are_what_is_left() {
    let columns = |sql: &str| of(sql).columns.join(" ");
    assert_eq!(
        columns(
            "select p.Id, count(*) as n from Posts p where p.UserId = $1 and lower(Message) like 'x' group by p.Id order by n limit 5"
        ),
        "id message userid"
    );
    assert_eq!(columns("update t set a = b + 1 where c::bigint = 2"), "a b c");
    assert_eq!(columns("insert into t (a, b) values (1, 2)"), "a b");
}

#[test]
fn the_object_and_the_action_of_a_schema_change_are_told() {
    for (sql, action, object) in [
        (
            "DROP INDEX CONCURRENTLY IF EXISTS public.idx_x",
            "drop index concurrently",
            Some("idx_x"),
        ),
        ("DROP INDEX a, b", "drop index", Some("a, b")),
        (
            "CREATE UNIQUE INDEX CONCURRENTLY idx_y ON t (a)",
            "create unique index concurrently",
            Some("idx_y"),
        ),
        ("CREATE INDEX ON t (a)", "create index", None),
        ("ALTER TABLE ONLY posts ADD COLUMN a int", "alter table", Some("posts")),
        ("ALTER TABLE `posts` DROP INDEX idx_a", "alter table", Some("posts")),
        ("TRUNCATE posts", "truncate", Some("posts")),
        ("REINDEX INDEX CONCURRENTLY idx_x", "reindex index concurrently", Some("idx_x")),
        (
            "CREATE MATERIALIZED VIEW \"Odd View\" AS SELECT 1",
            "create materialized view",
            Some("Odd View"),
        ),
    ] {
        let found = of(sql);
        assert_eq!(found.kind, StatementKind::Ddl, "{sql}");
        assert_eq!(found.action(), action, "{sql}");
        assert_eq!(found.object.as_deref(), object, "{sql}");
    }
    assert_eq!(of("select 1").object, None);
}

#[test]
fn what_writes_is_known() {
    for sql in [
        "insert into t values (1)",
        "select 1 from t for update",
        "with x as (delete from t returning a) select a from x",
        "begin; update t set a = 1; commit",
        "drop table t",
        "copy t from stdin",
    ] {
        assert!(of(sql).writes, "{sql}");
    }
    for sql in [
        "select 1 from t",
        "select a from t for_update",
        "copy t to stdout",
        "set a = 1",
        "begin",
        "vacuum t",
        "explain select 1",
    ] {
        assert!(!of(sql).writes, "{sql}");
    }
    for (sql, kind) in [
        ("begin; update t set a = 1", StatementKind::Update),
        ("(select 1) union (select 2)", StatementKind::Select),
        ("with x as (select 1) insert into t select * from x", StatementKind::Insert),
        ("administrator command: Ping", StatementKind::Utility),
        ("with x as (select 1 from t) (select * from x) union (select 2)", StatementKind::Select),
        ("savepoint x", StatementKind::Transaction),
        ("", StatementKind::Other),
    ] {
        assert_eq!(of(sql).kind, kind, "{sql}");
    }
}
