//! How fast logs are read and mined: MB per second of one core.
//!
//! The log is made: errors of the API with ids, link previews, requests at debug level, in the
//! shares of a server in trouble.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model::Sink as _;
use packet::log::LogReader;
use std::fmt::Write as _;
use std::hint::black_box;

/// Bytes of the made log.
const SIZE: usize = 16 << 20;

/// How much is pushed at once, as the readers of files do.
const CHUNK: usize = 256 << 10;

fn made_log() -> String {
    let mut log = String::with_capacity(SIZE + 1_024);
    let mut n = 0_u64;
    while log.len() < SIZE {
        // 40 lines a second; ids that differ from line to line.
        let (second, ms) = (n / 40, n % 40 * 25);
        let (hour, minute, second) = (second / 3_600 % 24, second / 60 % 60, second % 60);
        let id = format!("{:026x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let ip = n.wrapping_mul(2_654_435_761) % 250;
        let head = format!(
            "{{\"timestamp\":\"2025-10-14 {hour:02}:{minute:02}:{second:02}.{ms:03} +02:00\""
        );
        let _ = match n % 5 {
            0 | 1 => writeln!(
                log,
                "{head},\"level\":\"debug\",\"msg\":\"Received HTTP request\",\"caller\":\"web/handlers.go:187\",\"method\":\"GET\",\"url\":\"/api/v4/users/{id}/image\",\"request_id\":\"{id}\",\"status_code\":\"200\"}}"
            ),
            2 | 3 => writeln!(
                log,
                "{head},\"level\":\"error\",\"msg\":\"Unable to get the posts for the channel.\",\"caller\":\"web/context.go:120\",\"path\":\"/api/v4/channels/{id}/posts\",\"request_id\":\"{id}\",\"ip_addr\":\"10.64.122.{ip}\",\"user_id\":\"{id}\",\"method\":\"GET\",\"err_where\":\"GetPostsPage\",\"http_code\":500,\"error\":\"GetPostsPage: Unable to get the posts for the channel., failed to find Posts with channelId={id}: context deadline exceeded\"}}"
            ),
            _ => writeln!(
                log,
                "{head},\"level\":\"warn\",\"msg\":\"error fetching OG image data\",\"caller\":\"app/post_metadata.go:726\",\"error\":\"EOF\",\"url\":\"https://wiki.example.test/page/{n}\"}}"
            ),
        };
        n += 1;
    }
    log
}

fn read(bytes: &[u8]) -> usize {
    let mut reader = LogReader::new("mattermost.log", "node", None);
    for chunk in bytes.chunks(CHUNK) {
        reader.push(chunk);
    }
    reader.finish().records.patterns.len()
}

fn log(criterion: &mut Criterion) {
    let log = made_log();
    assert_eq!(read(log.as_bytes()), 3, "the made log has three kinds of messages");
    let mut group = criterion.benchmark_group("log");
    group.throughput(Throughput::Bytes(log.len() as u64)).sample_size(10);
    group.bench_function("json", |bencher| bencher.iter(|| read(black_box(log.as_bytes()))));
    group.finish();
}

criterion_group!(benches, log);
criterion_main!(benches);
