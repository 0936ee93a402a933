//! Lines of Mattermost's server, where `cat *.log` put them before or between those of a database.

use memchr::memchr;

/// Bytes of a line that tell whose it is.
const NEAR: usize = 600;
/// The words with which the server's log for people begins a line.
const LEVELS: &[&[u8]] = &[b"debug", b"info", b"warn", b"error", b"critical", b"panic", b"fatal"];

/// Leaves such lines out.
#[derive(Debug, Default)]
pub struct OtherLines {
    /// The start of a line whose end has not come.
    line: Vec<u8>,
    /// What is done with the rest of a line whose start was seen.
    rest: Option<bool>,
    /// Lines that were left out.
    pub left_out: u64,
}

impl OtherLines {
    /// Appends what is of another log in the next bytes.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let ends = part.ends_with(b"\n");
            let kept = match self.rest {
                Some(kept) => {
                    if kept {
                        out.extend_from_slice(part);
                    }
                    kept
                }
                None => {
                    self.line.extend_from_slice(part);
                    if !ends && self.line.len() < NEAR {
                        continue;
                    }
                    let kept = !is_of_server(&self.line);
                    if kept {
                        out.extend_from_slice(&self.line);
                    }
                    self.left_out += u64::from(!kept);
                    self.line.clear();
                    kept
                }
            };
            self.rest = (!ends).then_some(kept);
        }
    }

    /// Appends a last line without its end.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        if !is_of_server(&self.line) {
            out.append(&mut self.line);
        }
    }
}

fn is_of_server(line: &[u8]) -> bool {
    let near = line.get(..line.len().min(NEAR)).unwrap_or_default();
    let has = |needle: &[u8]| memchr::memmem::find(near, needle).is_some();
    if near.starts_with(b"{") {
        return has(b"\"level\":\"") && has(b"\"msg\":\"");
    }
    let Some(open) = memchr(b'[', near.get(..near.len().min(16)).unwrap_or_default()) else {
        return false;
    };
    let level = near.get(..open).unwrap_or_default().trim_ascii();
    LEVELS.contains(&level) && near.get(open + 1).is_some_and(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_server_are_left_out_wherever_blocks_end() {
        let ours =
            "{\"timestamp\":\"2026-11-22 18:51:02.000 Z\",\"level\":\"info\",\"msg\":\"x\"}\n";
        let long =
            format!("info  [2026-11-22 18:51:02.000 Z] {} caller=\"a\"\n", "y".repeat(2_000));
        let theirs = format!(
            "2026-11-22 18:51:47 UTC [1] LOG:  duration: 1 ms  {}\n\tFROM x\n",
            "z".repeat(900)
        );
        let all = format!("{ours}{theirs}{long}{ours}{theirs}");
        for step in [1, 7, 599, 5_000] {
            let (mut out, mut lines) = (Vec::new(), OtherLines::default());
            all.as_bytes().chunks(step).for_each(|part| lines.push(part, &mut out));
            lines.end(&mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("{theirs}{theirs}"), "{step}");
            assert_eq!(lines.left_out, 3);
        }
    }
}
