//! What a plan of auto_explain says about the planner: rows that it expected against rows that came.

use super::message::{self, Meaning};
use crate::records::EventClass;
use memchr::memmem;

/// Fewer rows than that cost little, however wrong the estimate was.
const ROWS_MIN: f64 = 1000.0;
/// Below this the plan would have been the same; statistics that are only coarse give it as well.
const TIMES_MIN: f64 = 100.0;
/// Longer is no node of a plan.
const NODE_BYTES_MAX: usize = 160;

/// The node of a plan that gave the most rows beyond what the planner expected, as
/// `TIMES ESTIMATED ACTUAL NODE`; nothing where the estimates were good, or no rows were counted.
///
/// Sources: PostgreSQL 17 manual, 14.1.2 "EXPLAIN ANALYZE"; F.3 "auto_explain" (`log_analyze`).
pub(crate) fn worst(plan: &[u8]) -> Option<Vec<u8>> {
    let mut worst: Option<(f64, f64, f64, &[u8])> = None;
    let mut of_json: (Option<f64>, &[u8]) = (None, &[]);
    for line in plan.split(|byte| *byte == b'\n') {
        let (expected, came, node) = if let Some(at) = memmem::find(line, b"(cost=") {
            let (head, rest) = line.split_at(at);
            let Some(actual) = memmem::find(rest, b"(actual ") else { continue };
            let (planned, actual) = rest.split_at(actual);
            let expected = message::decimal_behind(planned, " rows=");
            (expected, message::decimal_behind(actual, " rows="), trimmed(head))
        } else if memmem::find(line, b"\"Node Type\": \"").is_some() {
            of_json = (None, message::quoted_behind(line, "\"Node Type\": \""));
            continue;
        } else if memmem::find(line, b"\"Relation Name\": \"").is_some() {
            of_json.1 = message::quoted_behind(line, "\"Relation Name\": \"");
            continue;
        } else if let Some(rows) = message::decimal_behind(line, "\"Plan Rows\": ") {
            of_json.0 = Some(rows);
            continue;
        } else if let Some(rows) = message::decimal_behind(line, "\"Actual Rows\": ") {
            (of_json.0.take(), Some(rows), of_json.1)
        } else {
            continue;
        };
        let (Some(expected), Some(came)) = (expected, came) else { continue };
        let times = came / expected.max(1.0);
        // Of a branch that is all wrong, the innermost node is where it began.
        let is_worst = worst.is_none_or(|(most, ..)| times >= most);
        if came >= ROWS_MIN && times >= TIMES_MIN && is_worst {
            worst = Some((times, expected, came, node));
        }
    }
    let (times, expected, came, node) = worst?;
    let mut text = format!("{times:.0} {expected:.0} {came:.0} ").into_bytes();
    text.extend_from_slice(node.get(..NODE_BYTES_MAX).unwrap_or(node));
    Some(text)
}

/// A node without its arrow: `Seq Scan on posts`.
fn trimmed(head: &[u8]) -> &[u8] {
    let head = head.trim_ascii();
    head.strip_prefix(b"->").unwrap_or(head).trim_ascii()
}

/// The event of what [`worst`] gave, and its line in words.
pub(crate) fn misestimate(text: &[u8]) -> Option<(Meaning<'_>, Vec<u8>)> {
    let mut parts = text.splitn(4, |byte| *byte == b' ');
    let mut number = || std::str::from_utf8(parts.next()?).ok()?.parse::<u64>().ok();
    let (times, expected, came) = (number()?, number()?, number()?);
    let node = parts.next().unwrap_or_default();
    let meaning = Meaning {
        class: EventClass::PlanMisestimate,
        cause: String::new(),
        subject: node,
        amount: times,
        unit: "times",
        sqlstate: "",
        of_user: false,
    };
    let line = format!("{expected} rows expected, {came} came: ").into_bytes();
    Some((meaning, [line.as_slice(), node].concat()))
}

/// Dead rows that a vacuum had to leave, since an old transaction may still see them: the event
/// beside the vacuum's own; nothing where it removed more than it left.
///
/// Source: PostgreSQL 17 manual, 24.1.2 "Recovering Disk Space".
pub(crate) fn held_back<'t>(text: &'t [u8], vacuum: &Meaning<'t>) -> Option<Meaning<'t>> {
    if vacuum.class != EventClass::Autovacuum {
        return None;
    }
    let tuples = text.get(memmem::find(text, b"tuples: ")?..)?;
    let tuples = tuples.split(|byte| *byte == b'\n').next()?;
    let removed = message::decimal_behind(tuples, "tuples: ")?;
    let left = message::decimal_behind(tuples, "remain, ")?;
    let is_left = memmem::find(tuples, b" are dead but not yet removable").is_some();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of rows")]
    let amount = left as u64;
    (is_left && left >= ROWS_MIN && left > removed).then(|| Meaning {
        class: EventClass::VacuumHeldBack,
        cause: String::new(),
        amount,
        unit: "rows",
        ..vacuum.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = "Query Text: SELECT 1\n\
        Limit  (cost=12.44..12.45 rows=1 width=1218) (actual time=1.0..2.0 rows=25 loops=1)\n\
        \t  ->  Seq Scan on threadmemberships  (cost=0.00..4.10 rows=1 width=53) (actual time=0.031..7789.9 rows=48211 loops=1)\n\
        \t        Filter: (rows=7)\n";

    #[test]
    fn the_node_whose_rows_were_expected_worst_is_found() {
        let worst = worst(PLAN.as_bytes()).unwrap();
        assert_eq!(String::from_utf8_lossy(&worst), "48211 1 48211 Seq Scan on threadmemberships");
        let (meaning, line) = misestimate(&worst).unwrap();
        assert_eq!((meaning.amount, meaning.unit), (48211, "times"));
        assert!(String::from_utf8_lossy(&line).starts_with("1 rows expected, 48211 came"));
    }

    #[test]
    fn json_gives_the_same() {
        let plan = "{\n \"Node Type\": \"Seq Scan\",\n \"Relation Name\": \"posts\",\n \"Plan Rows\": 2,\n \"Actual Rows\": 48211.00\n}";
        assert_eq!(
            String::from_utf8_lossy(&worst(plan.as_bytes()).unwrap()),
            "24106 2 48211 posts"
        );
    }

    #[test]
    fn good_estimates_few_rows_and_plans_without_counts_say_nothing() {
        for plan in [
            PLAN.replace("rows=1 width=53", "rows=40000 width=53"),
            PLAN.replace("rows=48211", "rows=900"),
            PLAN.replace("(actual ", "(planned "),
            String::new(),
            "->  (cost= rows=".to_owned(),
        ] {
            assert_eq!(worst(plan.as_bytes()), None, "{plan}");
        }
        assert_eq!(misestimate(b"1 2"), None);
        assert_eq!(misestimate(b""), None);
    }

    #[test]
    fn a_vacuum_that_leaves_more_than_it_removes_is_held_back() {
        let left = |removed: u32, left: u32| {
            let text = format!(
                "automatic vacuum of table \"m.public.posts\": index scans: 1\n\ttuples: {removed} removed, 14000000 remain, {left} are dead but not yet removable\n"
            );
            let vacuum = Meaning {
                class: EventClass::Autovacuum,
                cause: String::new(),
                subject: b"m.public.posts",
                amount: 0,
                unit: "us",
                sqlstate: "",
                of_user: false,
            };
            held_back(text.as_bytes(), &vacuum).map(|found| (found.amount, found.unit))
        };
        assert_eq!(left(0, 1_400_000), Some((1_400_000, "rows")));
        assert_eq!(left(31_000, 120), None);
        assert_eq!(left(90_000, 20_000), None);
    }
}
