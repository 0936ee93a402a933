use super::*;
use proptest::prelude::*;

fn pg(sql: &str) -> String {
    fingerprint(sql.as_bytes(), Engine::PostgreSql).text
}

fn my(sql: &str) -> String {
    fingerprint(sql.as_bytes(), Engine::MySql).text
}

/// Statements that are the same query, line by line.
const EQUAL: &[&[&str]] = &[
    &["select .5 from t where a > .25", "select 0.5 from t where a > 3"],
    &[
        "SELECT 1",
        "select 2;",
        " select\t-5 ",
        "SELECT $1",
        "select ?",
        "SELECT 'x'",
        "select 1e-5",
        "select 0xFF",
    ],
    &[
        "SELECT * FROM Posts WHERE Id = 'a'",
        "select * from posts where id='b'",
        "SELECT * FROM \"posts\" WHERE \"id\" = $1",
        "SELECT * FROM `Posts` WHERE `Id` = ?",
    ],
    &[
        "a IN (1)",
        "a IN (1,2,3)",
        "a in ( $1 , $2 )",
        "a IN (...)",
        "a in (?+)",
        "a IN ($1 /*, ... */)",
        "a IN ('x', NULL, TRUE)",
    ],
    &["(a, b) IN ((1,2))", "(a, b) IN ((1,2),(3,4))", "(a,b) in (...)"],
    &["a IN ($1::uuid)", "a IN ($1::uuid, $2::uuid)"],
    &[
        "INSERT INTO T (a, b) VALUES (1, 2)",
        "insert into t(a,b) values ($1,$2), ($3,$4)",
        "INSERT INTO `T` ( `a` , `b` ) VALUES (...) /* , ... */",
        "INSERT INTO T(a,b) VALUES (1, DEFAULT)",
    ],
    &[
        "INSERT INTO T (a) VALUES (1)",
        "insert into t(a) values ($1), ($3)",
        "INSERT INTO `T` ( `a` ) VALUES (?) /* , ... */",
    ],
    &["insert into t values (1, now())", "insert into t values (1, now()), (2, now()), (3, now())"],
    &["x = ANY(ARRAY[1,2])", "x = any (array[ 3 ])", "x = ANY('{1,2}')", "x = ANY($1)"],
    &[
        "CASE Id WHEN 'a' THEN GREATEST(1, b) WHEN 'b' THEN GREATEST(2, b) END",
        "case id when ? then greatest(?, b) end",
    ],
    &["CASE a WHEN 1 THEN 2 WHEN 3 THEN 4 ELSE 5 END", "CASE a WHEN 1 THEN 2 ELSE 5 END"],
    &[
        "select a from t limit 10, 20",
        "select a from t limit 20 offset 10",
        "SELECT `a` FROM `t` LIMIT ?, ...",
    ],
    &["select a from t order by a asc", "select a from t order by a"],
    &["select a from t where b != 1", "select a from t where b <> 1"],
    &["select a from t where b = 'x' 'y'", "select a from t where b = 'x'"],
    &[
        "BEGIN; UPDATE t SET a = 1; COMMIT",
        "start transaction; update t set a = 2; commit;",
        "update t set a=3; commit",
    ],
    &["set x = 1", "SET x TO 'y'", "set x = default", "set x := a, b"],
    &["set names utf8mb4", "SET NAMES 'latin1' COLLATE x"],
    &["savepoint a", "SAVEPOINT \"B c\""],
    &["use a", "USE `b`"],
    &["execute s1(1,2)", "execute S_2(3, 4)"],
    &["call p(1)", "call p(1, 2, 'x')"],
    &["fetch 100 from c1", "FETCH 5 FROM c2"],
    &["a UNION ALL a", "a UNION ALL a UNION ALL a", "a union all a union all a union all a"],
    &[
        "select a from t where x = 1 union all select a from t where x = 2",
        "select a from t where x = 1 union all select a from t where x = 2 union all select a from t where x = 9",
    ],
    &[
        "insert into t values (1); insert into t values (2)",
        "insert into t values (1); insert into t values (2); insert into t values (3);",
    ],
    &[
        "SELECT COUNT(*) FROM t",
        "select count (*) from t",
        "SELECT COUNT ( * ) FROM `t`",
        "/* c */ SELECT count(*) -- x\n FROM t",
    ],
    &["select a from t where b is null and c = null", "select a from t where b IS NULL AND c = 5"],
    &["select a-1", "select a - 2"],
    &["x in (select 1)", "x IN (SELECT 2)"],
    &["select date '2020-01-01'", "select DATE '2021-01-01'"],
];

/// Statements that are different queries, pair by pair within a line.
const APART: &[&[&str]] = &[
    &["select a from t", "select b from t", "select a from u", "select a, b from t"],
    &["select f(1)", "select f(1, 2)", "select f(a)"],
    &[
        "select a from t where b is null",
        "select a from t where b is not null",
        "select a from t where b = null",
    ],
    &[
        "select a from t where b is true",
        "select a from t where b is false",
        "select a from t where b = true",
    ],
    &["select a from t limit 1", "select a from t limit 1 offset 2", "select a from t"],
    &["a in (1)", "a not in (1)", "a = 1", "a in (select 1)", "a in (b, 1)", "a in (b)"],
    &["select a union select a", "select a union all select a", "select a"],
    &["select a, a from t", "select a from t"],
    &["select a from t order by a", "select a from t order by a desc"],
    &[
        "insert into t (a) values (1)",
        "insert into t (a) values (b)",
        "insert into t (a, b) values (1, 2)",
    ],
    &["select q2.a from q2", "select q3.a from q3"],
    &["update t set a = 1", "update t set a = a + 1", "update t set a = a - 1"],
    &["select ?::int", "select ?::bigint"],
    &["set a = 1", "set b = 1", "set session a = 1"],
    &["drop index idx_a", "drop index idx_b", "drop index concurrently idx_a"],
    &["select a from \"Odd Name\"", "select a from \"other name\""],
    &["administrator command: Quit", "administrator command: Ping"],
    &["case when a = 1 then 2 when b = 1 then 3 end", "case when a = 1 then 2 end"],
    &["select a from t where b = 'cut", "select a from t where b = 'whole'"],
    &["select x->'a'", "select x->>'a'"],
    &["select a || b", "select a | b"],
];

#[test]
fn statements_that_differ_in_values_only_are_one_query() {
    for group in EQUAL {
        let first = pg(group[0]);
        for other in *group {
            assert_eq!(pg(other), first, "{other}");
            if !other.contains('"') {
                assert_eq!(my(other), first, "{other}");
            }
        }
    }
}

#[test]
fn statements_that_differ_otherwise_stay_apart() {
    for group in APART {
        for (idx, one) in group.iter().enumerate() {
            for other in &group[idx + 1..] {
                assert_ne!(pg(one), pg(other), "{one} and {other}");
            }
        }
    }
}

#[test]
fn a_fingerprint_reads_as_its_own_fingerprint() {
    for sql in EQUAL.iter().chain(APART).copied().flatten() {
        for engine in [Engine::PostgreSql, Engine::MySql] {
            let once = fingerprint(sql.as_bytes(), engine);
            let twice = fingerprint(once.text.as_bytes(), engine);
            assert_eq!(once.text, twice.text, "{sql}");
        }
    }
}

/// Pieces of SQL, well and badly formed.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "select",
            "from",
            "where",
            "in",
            "not",
            "is",
            "null",
            "true",
            "values",
            "case",
            "when",
            "then",
            "else",
            "end",
            "union",
            "all",
            "limit",
            "offset",
            "order by",
            "asc",
            "and",
            "set",
            "use",
            "call",
            "begin",
            "array",
            "any",
            "default",
            "a",
            "b.c",
            "Posts",
            "q2",
            "as",
            "insert into",
            "interval",
            "execute",
            "fetch",
            "rollback to",
            "to",
            "distinct",
            "except",
        ])
        .prop_map(str::to_owned),
        prop::sample::select(vec![
            "(", ")", "[", "]", ",", ";", ".", "::", "=", "-", "+", "*", "/", "<>", "!=", "->>",
            "||", "?|", "@>", ":=", ":", "?", "$1", "?+", "...", "%s", ":name", "@p1", "@@x", "--",
            "/*", "*/", "/*+ h */", "# c\n", "'", "\"", "`", "\\", "$$", "$t$", "E'", "_utf8'",
            "{", "\n", "\0", "%", "#", "@", "~", "$", "u&",
        ])
        .prop_map(str::to_owned),
        prop::sample::select(vec![
            "1",
            "-1",
            "1.5",
            ".5",
            "1e9",
            "0xFF",
            "1abc",
            "'x'",
            "'it''s'",
            "\"Id\"",
            "\"Odd x\"",
            "`asc`",
            "`Col`",
            "'a\\'",
            "X'00'"
        ])
        .prop_map(str::to_owned),
        "[ -~\u{e9}]{0,4}",
    ]
}

fn statement() -> impl Strategy<Value = String> {
    (prop::collection::vec(piece(), 0..40), prop::bool::ANY)
        .prop_map(|(pieces, spaced)| pieces.join(if spaced { " " } else { "" }))
}

fn engine() -> impl Strategy<Value = Engine> {
    prop::sample::select(vec![Engine::PostgreSql, Engine::MySql])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_text_has_a_fingerprint_that_is_its_own(sql in statement(), engine in engine()) {
        let once = fingerprint(sql.as_bytes(), engine);
        let twice = fingerprint(once.text.as_bytes(), engine);
        prop_assert_eq!(&once.text, &twice.text, "of {:?}", sql);
        prop_assert_eq!(once.id, twice.id);
        prop_assert!(once.text.len() <= TEXT_BYTES_MAX + 8);
    }

    #[test]
    fn any_bytes_have_a_fingerprint(sql in prop::collection::vec(any::<u8>(), 0..300), engine in engine()) {
        let _ = fingerprint(&sql, engine);
    }
}

/// Words that only ever stand in literals and comments.
const CANARY: &str = "canary";

/// A literal with a canary in it, closed, in one of the forms of the engine.
fn literal(engine: Engine) -> impl Strategy<Value = String> {
    let both = vec![
        "'canary'",
        "'it''s canary'",
        "E'canary \\' canary'",
        "X'canary'",
        "N'canary'",
        "'canary' 'canary'",
        "'canary; -- canary'",
        "'/* canary'",
        "''",
        "42",
        "1.5e3",
    ];
    let postgresql = vec!["$$canary's$$", "$t$ canary $$ $t$", "U&'canary'", "'canary\\'", "B'1'"];
    let mysql = vec![
        "\"canary\"",
        "\"can''t canary\"",
        "'canary \\' canary'",
        "_utf8mb4'canary'",
        "'canary\\\\'",
    ];
    let mut all = both;
    all.extend(if engine == Engine::PostgreSql { postgresql } else { mysql });
    prop::sample::select(all).prop_map(str::to_owned)
}

/// A statement with a hole for each literal.
const HOLES: &[&str] = &[
    "SELECT a FROM t WHERE b = @ AND c IN (@, @, @) AND d LIKE @ OR e BETWEEN @ AND @ LIMIT 5",
    "INSERT INTO t (a, b) VALUES (@, @), (@, @) ON CONFLICT (a) DO UPDATE SET b = @",
    "UPDATE t SET a = CASE b WHEN @ THEN @ WHEN @ THEN @ END, c = f(@, @) WHERE d = @",
    "SET x = @",
    "ALTER ROLE r WITH PASSWORD @",
    "SELECT @ UNION SELECT @ ORDER BY 1",
    "SELECT array[@, @], x -> @ ->> @, (@, @)",
    "EXECUTE s (@, @)",
    "CALL p(@, @)",
];

fn filled() -> impl Strategy<Value = (Engine, String, String)> {
    (engine(), prop::sample::select(HOLES)).prop_flat_map(|(engine, form)| {
        let literals = || prop::collection::vec(literal(engine), 20);
        (Just(engine), Just(form), literals(), literals()).prop_map(|(engine, form, one, other)| {
            let fill = |literals: Vec<String>| {
                let mut next = literals.into_iter();
                form.split('@').collect::<Vec<_>>().join("\0").split('\0').fold(
                    String::new(),
                    |mut text, part| {
                        if !text.is_empty() {
                            text.push_str(&next.next().unwrap_or_default());
                        }
                        text.push_str(part);
                        text
                    },
                )
            };
            (engine, fill(one), fill(other))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn values_do_not_matter_and_never_come_out((engine, one, other) in filled(), cut in 0_usize..200) {
        let of_one = fingerprint(one.as_bytes(), engine);
        prop_assert_eq!(&of_one.text, &fingerprint(other.as_bytes(), engine).text, "{} and {}", one, other);
        prop_assert!(!of_one.text.contains(CANARY));
        // Also when the log cut the statement anywhere.
        let cut = fingerprint(&one.as_bytes()[..cut.min(one.len())], engine);
        prop_assert!(!cut.text.contains(CANARY), "{:?}", cut.text);
        let shown = without_literals(one.as_bytes(), engine);
        prop_assert!(!shown.contains(CANARY), "{:?}", shown);
    }

    #[test]
    fn space_comments_and_case_do_not_matter(
        sql in prop::sample::select(EQUAL.concat()),
        noise in prop::collection::vec(prop::sample::select(vec![" ", "\n\t", "/* canary' */", "-- canary'\n", "  ", "/**/"]), 60),
    ) {
        let plain = fingerprint(sql.as_bytes(), Engine::PostgreSql);
        let mut noisy = String::from(noise[0]);
        let mut quoted = false;
        for (idx, c) in sql.chars().enumerate() {
            quoted ^= matches!(c, '\'' | '"' | '`');
            if c == ' ' && !quoted && !sql.contains("--") && !sql.contains("/*") {
                noisy.push(' ');
                noisy.push_str(noise[idx % noise.len()]);
                noisy.push(' ');
            } else if quoted {
                noisy.push(c);
            } else {
                noisy.push(c.to_ascii_uppercase());
            }
        }
        let noisy = fingerprint(noisy.as_bytes(), Engine::PostgreSql);
        prop_assert_eq!(plain.text, noisy.text);
    }

    #[test]
    fn what_is_shown_without_literals_has_the_same_fingerprint((engine, one, _) in filled()) {
        let shown = without_literals(one.as_bytes(), engine);
        prop_assert_eq!(fingerprint(one.as_bytes(), engine).text, fingerprint(shown.as_bytes(), engine).text);
    }
}

#[test]
fn hostile_statements_are_read_to_their_end() {
    let huge = |part: &str| part.repeat(1_000_000 / part.len());
    for part in [
        "'",
        "\"",
        "`",
        "$a",
        "$$",
        "/*",
        "(",
        "case ",
        "a union ",
        "a union all select ",
        ",",
        "1,",
        "'x',",
        "in (",
        "values (",
        "x",
        ";",
        "a;",
        "\\",
        "e'",
        "- ",
        ".",
        "[",
        "array[",
    ] {
        for engine in [Engine::PostgreSql, Engine::MySql] {
            let found = fingerprint(huge(part).as_bytes(), engine);
            assert!(found.text.len() <= TEXT_BYTES_MAX + 8, "{part}");
        }
    }
    let list = format!("select a from t where b in ({})", vec!["'x'"; 200_000].join(", "));
    let found = fingerprint(list.as_bytes(), Engine::PostgreSql);
    assert_eq!(found.text, "select a from t where b in (?+)");
    assert!(!found.truncated);
}
