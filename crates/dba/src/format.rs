//! Which files are answers, by content.

use crate::answers::{is_mark, question_of};
use crate::result::{Piece, pieces};
use model::{Format, Head};
use text::decode;

/// The formats of this crate: whatever client printed them, answers are known by their columns.
pub static FORMATS: &[Format] = &[Format { name: "dba answers", kind: "dba answers", score }];

/// The columns of a question are hardly met by chance; a metric file or a list of statements that
/// fits as well is not made by the sheet.
const SURE: u8 = 96;

fn score(head: &Head<'_>) -> u8 {
    /// The first answer stands near the start: before it are settings and prompts.
    const HEAD_BYTES: usize = 64 * 1024;
    let bytes = head.bytes.get(..head.bytes.len().min(HEAD_BYTES)).unwrap_or_default();
    // Nothing that a client prints as text holds zeros, except UTF-16 with its mark.
    if bytes.contains(&0) && !bytes.starts_with(b"\xff\xfe") && !bytes.starts_with(b"\xfe\xff") {
        return 0;
    }
    let known = pieces(&decode(bytes)).iter().any(|piece| match piece {
        Piece::Error(..) | Piece::Nothing | Piece::Other(_) => false,
        Piece::Result(printed) => {
            let names: Vec<&str> = printed.columns.iter().map(String::as_str).collect();
            let mut firsts = printed.rows.iter().filter_map(|(_, cells)| cells.first());
            if is_mark(&names) {
                return firsts.any(|id| crate::question(id).is_some());
            }
            let firsts: Vec<&str> = firsts.map(String::as_str).collect();
            question_of(&names, &firsts).is_some_and(|asked| {
                // Names and values may be anybody's; those that were asked for are not.
                asked.columns.len() > 2
                    || asked
                        .names()
                        .any(|name| firsts.iter().any(|first| first.eq_ignore_ascii_case(name)))
                    || asked.names().next().is_none()
            })
        }
    });
    if known { SURE } else { 0 }
}
