//! How fast database logs are read, beside `wc -l` on the same file.
//!
//! `cargo bench -p slowlog -- FILE...` measures files; without any it measures a log of 200 MB
//! that it makes. Per file: `wc -l`, then the reader with one and two threads; wall and
//! processor seconds, the ratio of processor seconds, the largest resident size (of the process so
//! far: `--threads=2` measures that alone).
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a bench opens the files that it is given")]

use model::{Head, Sink as _};
use slowlog::{Options, Reader};
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::time::Instant;

fn main() -> std::io::Result<()> {
    let files: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    if files.is_empty() {
        let path = std::env::temp_dir().join("analyze-bench-slowlog.log");
        make(&path, 200 << 20)?;
        let measured = measure(&path.to_string_lossy());
        std::fs::remove_file(&path)?;
        return measured;
    }
    files.iter().try_for_each(|path| measure(path))
}

/// Writes a log of about `size` bytes: statements of three phases, their parameters, a few of
/// several lines, from eight clients.
fn make(path: &std::path::Path, size: usize) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
    let mut written = 0;
    let mut n = 0u64;
    while written < size {
        let (second, milli, pid) = (n / 500 % 60, n % 1000, 4000 + n % 8);
        let prefix = format!(
            "2026-11-22 06:{:02}:{second:02}.{milli:03} UTC [{pid}]: user=mmuser,db=mattermost,app=mattermost,client=10.0.2.{} ",
            n / 30_000 % 60,
            n % 4
        );
        let sql = format!(
            "SELECT p.Id, p.CreateAt, p.UpdateAt, p.Message, p.Props FROM Posts p\n\t\tWHERE p.ChannelId = $1 AND p.DeleteAt = {} AND p.c{} = $2 ORDER BY p.CreateAt DESC LIMIT {}",
            n % 7,
            n % 500,
            30 + n % 60
        );
        let record = format!(
            "{prefix}LOG:  duration: 0.{milli:03} ms  parse <unnamed>: {sql}\n{prefix}LOG:  duration: 0.1{:02} ms  bind <unnamed>: {sql}\n{prefix}DETAIL:  parameters: $1 = 'u{n}', $2 = '5'\n{prefix}LOG:  duration: {}.{milli:03} ms  execute <unnamed>: {sql}\n{prefix}DETAIL:  parameters: $1 = 'u{n}', $2 = '5'\n",
            n % 90,
            n * n % 300
        );
        out.write_all(record.as_bytes())?;
        written += record.len();
        n += 1;
    }
    out.flush()
}

/// User and system seconds of this process and, separately, of its children.
fn cpu_s() -> (f64, f64) {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> = text
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .map(|word| word.parse().unwrap_or(0.0))
        .collect();
    let sum = |a: usize, b: usize| {
        (fields.get(a).unwrap_or(&0.0) + fields.get(b).unwrap_or(&0.0)) / 100.0
    };
    (sum(11, 12), sum(13, 14))
}

/// The largest resident size so far, in MB.
fn peak_mb() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1024.0
}

fn measure(path: &str) -> std::io::Result<()> {
    let size = std::fs::metadata(path)?.len() as f64 / 1e6;
    println!("{path}: {size:.0} MB");
    let mut wc_cpu = f64::MAX;
    for _ in 0..3 {
        let before = cpu_s().1;
        let wall = Instant::now();
        Command::new("wc").arg("-l").arg(path).stdout(Stdio::null()).status()?;
        wc_cpu = wc_cpu.min(cpu_s().1 - before);
        println!(
            "  wc -l       wall {:.2} s  cpu {:.2} s",
            wall.elapsed().as_secs_f64(),
            cpu_s().1 - before
        );
    }
    let only: Option<usize> =
        std::env::args().find_map(|arg| arg.strip_prefix("--threads=")?.parse().ok());
    for threads in [1, 2].into_iter().filter(|threads| only.is_none_or(|only| only == *threads)) {
        let before = cpu_s().0;
        let wall = Instant::now();
        let mut file = std::fs::File::open(path)?;
        let mut buffer = vec![0; 256 * 1024];
        let first = file.read(&mut buffer)?;
        let start = buffer.get(..first).unwrap_or_default();
        let head = Head {
            path,
            bytes: start.get(..first.min(64 * 1024)).unwrap_or_default(),
            whole: false,
        };
        let mut reader = match Reader::new(&Options { threads, ..Options::default() }, &head, path)
        {
            Ok(reader) => reader,
            Err(error) => {
                println!("  {error}");
                return Ok(());
            }
        };
        reader.push(start);
        loop {
            let n = file.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            reader.push(buffer.get(..n).unwrap_or_default());
        }
        let parsed = reader.finish();
        let cpu = cpu_s().0 - before;
        let calls: u64 = parsed.records.queries.iter().map(|query| query.calls).sum();
        println!(
            "  {threads} thread(s) wall {:.2} s  cpu {cpu:.2} s  {:.1} x wc -l  peak {:.0} MB  {} records, {calls} calls, {} queries, {} spans",
            wall.elapsed().as_secs_f64(),
            cpu / wc_cpu.max(0.01),
            peak_mb(),
            parsed.coverage.records,
            parsed.records.queries.len(),
            parsed.records.minutes.len()
        );
    }
    Ok(())
}
