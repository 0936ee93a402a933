//! Parts join to the same whole in any order.

use super::super::{ALL_ERRORS, LogReader, LogRecords};
use model::Sink;
use proptest::prelude::*;

fn part(node: usize, lines: &[(u32, u8)]) -> LogRecords {
    let mut reader =
        LogReader::new(&format!("p.zip!node-{node}/mattermost.log"), &format!("node-{node}"), None);
    for (minute, kind) in lines {
        let (hour, minute) = (minute / 60, minute % 60);
        let line = match kind % 4 {
            0 => format!(
                "{{\"timestamp\":\"2022-08-17 {hour:02}:{minute:02}:00.000 Z\",\"level\":\"error\",\"msg\":\"a {kind}\",\"user_id\":\"u{kind}\"}}\n"
            ),
            1 => format!(
                "{{\"timestamp\":\"2022-08-17 {hour:02}:{minute:02}:00.000 Z\",\"level\":\"info\",\"msg\":\"Enabled plugin\",\"plugin_id\":\"p{kind}\"}}\n"
            ),
            2 => format!(
                "{{\"timestamp\":\"2022-08-17 {hour:02}:{minute:02}:00.000 Z\",\"level\":\"warn\",\"msg\":\"b\",\"error\":\"x {kind}\"}}\n"
            ),
            _ => "{\"level\":\"info\",\"msg\":\"without a time\"}\n".to_owned(),
        };
        reader.push(line.as_bytes());
    }
    reader.finish().records
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_joining_does_not_matter(
        parts in prop::collection::vec(prop::collection::vec((0_u32..1_400, any::<u8>()), 0..60), 1..4),
        turn in 0_usize..4,
    ) {
        let parts: Vec<LogRecords> = parts.iter().enumerate().map(|(n, lines)| part(n, lines)).collect();
        let mut forward = LogRecords::default();
        parts.iter().for_each(|p| forward.merge(p.clone()));
        let mut other = LogRecords::default();
        let n = parts.len();
        (0..n).for_each(|k| other.merge(parts[(n - 1 - k + turn) % n].clone()));
        prop_assert_eq!(&forward, &other);
        let total: u64 = parts.iter().flat_map(|p| &p.patterns).map(|p| p.calls).sum();
        prop_assert_eq!(forward.patterns.iter().map(|p| p.calls).sum::<u64>(), total);
    }
}

#[test]
fn one_actor_shows_over_all_errors_of_all_nodes() {
    let lines: Vec<(u32, u8)> = (0..300).map(|n| (n, if n % 3 == 0 { 4 } else { 8 })).collect();
    let mut all = part(0, &lines);
    all.merge(part(1, &lines));
    let field =
        all.fields.iter().find(|f| f.pattern_id == ALL_ERRORS && f.field == "user_id").unwrap();
    let top = all.top.iter().find(|t| t.pattern_id == ALL_ERRORS && t.field == "user_id").unwrap();
    assert_eq!((top.value.untrusted(), top.calls, field.calls), ("u8", 400, 600));
    assert_eq!(top.minutes.iter().map(|m| m.calls).sum::<u64>(), 400);
}
