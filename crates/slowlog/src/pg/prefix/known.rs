//! Prefixes that are met in the field, and the one that fits a log best.

use super::super::clock::Clock;
use super::super::learn;
use super::Prefix;

/// Prefixes that are met in the field, plain ones first: among those that read equally many
/// lines, the first is taken.
pub(crate) const KNOWN: &[&str] = &[
    "%m [%p] ",
    "%t [%p] ",
    "%t [%p]: ",
    "%m [%p]: ",
    "%t:%r:%u@%d:[%p]:",
    "%m:%r:%u@%d:[%p]:",
    "%t:%r:%u@%d:[%p]:%Q:",
    "%m:%r:%u@%d:[%p]:%Q:",
    "%t:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:",
    "%t-%c-",
    "%m-%c-",
    "%t-%c-%u-%d-%h-",
    "%m [%p] %q%u@%d ",
    "%t [%p] %q%u@%d ",
    "%m [%p] %u@%d ",
    "%t [%p] %u@%d ",
    "%t [%p-%l] %q%u@%d ",
    "%m [%p-%l] %q%u@%d ",
    "%m [%p] %u@%d %h ",
    "%m [%p] %q%u@%d %h ",
    "%t [%p] %q%u@%d %h ",
    "%m [%p] %q%u@%d %r ",
    "%m [%p] %q%u@%d %a ",
    "%m [%p] %q%u@%d/%a ",
    "%m [%p] %q%u@%d/%a %Q ",
    "%t [%p] %q%u@%d/%a ",
    "%t [%p] %q%u@%d/%a %Q ",
    "%m [%p] %q%u@%d/%a %h ",
    "%m [%p] %q%u@%d/%a %r ",
    "%m [%p]: [%l-1] db=%d,user=%u ",
    "%t [%p]: [%l-1] db=%d,user=%u ",
    "%t [%p]: [%l-1] user=%u,db=%d ",
    "%m [%p]: [%l-1] user=%u,db=%d ",
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%m [%p] user=%u,db=%d,app=%a,client=%h ",
    "%m [%p] %quser=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: db=%d,user=%u,app=%a,client=%h ",
    "%m [%p]: db=%d,user=%u,app=%a,client=%h ",
    "%t [%p]: [%l-1] db=%d,user=%u,app=%a,client=%h ",
    "%m [%p]: [%l-1] db=%d,user=%u,app=%a,client=%h ",
    "%m [%p] db=%d,user=%u,app=%a,client=%h ",
    "%m [%p] %q[user=%u,db=%d,app=%a] ",
    "%m [%p] %q[user=%u,db=%d,app=%a,client=%h] ",
    "%m [%p] %q[user=%u,db=%d,app=%a,host=%h] ",
    "%m [%p] [user=%u,db=%d,app=%a,client=%h] ",
    "%m [%p][%v] : [%l-1] %q[app=%a] ",
    "%m [%p][%b][%v][%x] %q[user=%u,db=%d,app=%a] ",
    "%t [%p]: [%l-1] user=%u,db=%d - PG-%e ",
    "%t [%p]: [%l-1] [trx_id=%x] user=%u,db=%d ",
    "%t [%p]: [%l] ",
    "%t [%p]: [%l-1] ",
    "%m [%p]: [%l-1] ",
    "%n %p %q%Q %e ",
    "%n [%p] ",
    "%n [%p] %q%u@%d ",
    "%m %r %u %a [%c] [%p] ",
    "%p-%s-%c-%l-%h-%u-%d-%m ",
    "%t ",
    "%m ",
    "%t %u %d ",
    "%t %u@%d ",
    "%m %u@%d ",
    "%m %u@%d [%p] ",
    "%m %u %d [%p] ",
    "%m [%p] %u %d ",
    "%m [%p] %u %d %h ",
    "%m [%p] %q%u %d %h ",
    "[%p] %m ",
    "[%p]: [%l-1] db=%d,user=%u ",
    "[%p]: [%l-1] user=%u,db=%d ",
    "user=%u,db=%d,app=%a,client=%h ",
    "user=%u,db=%d,client=%h ",
    "%u@%d ",
];

/// Lines of a head that are looked at.
pub(crate) const LINES_MAX: usize = 400;

/// The prefix that reads most of the lines in `head`, and how many it read of those that were
/// looked at. A prefix made after the lines themselves takes part beside the known ones.
pub(crate) fn infer(head: &[u8]) -> Option<(Prefix, usize)> {
    let lines: Vec<&[u8]> = head
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty() && !line.starts_with(b"\t"))
        .take(LINES_MAX)
        .collect();
    let mut candidates: Vec<Prefix> =
        KNOWN.iter().filter_map(|text| Prefix::compile(text)).collect();
    for text in learn::prefixes(&lines) {
        if !candidates.iter().any(|candidate| candidate.text == text)
            && let Some(prefix) = Prefix::compile(&text)
        {
            candidates.push(prefix);
        }
    }
    let mut best: Option<(Prefix, (usize, usize, usize))> = None;
    for prefix in candidates {
        let mut clock = Clock::new(None);
        let mut read = 0;
        let (mut said, mut numbers) = (0, 0);
        for line in &lines {
            if let Some((fields, _, _)) = prefix.read(line, &mut clock)
                && fields.plausible()
            {
                read += 1;
                said += fields.said();
                numbers += fields.numbers;
            }
        }
        let score = (read, said, numbers);
        let fewer = |kept: &Prefix| prefix.n_fields() < kept.n_fields();
        if read > 0
            && best
                .as_ref()
                .is_none_or(|(kept, most)| score > *most || (score == *most && fewer(kept)))
        {
            best = Some((prefix, score));
        }
    }
    best.map(|(prefix, (read, ..))| (prefix, read))
}
