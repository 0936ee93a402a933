//! Lines and cells of a delimited text.
//!
//! Line by line, so that a quote that is never closed costs its line and not the rest of the file.

use std::borrow::Cow;

/// Splits a line into cells; outer quotes are taken off and doubled ones halved.
///
/// Gives `false` when a quoted cell does not end on this line: the cell then ends with the line.
pub(crate) fn split<'a>(line: &'a str, delimiter: char, cells: &mut Vec<Cow<'a, str>>) -> bool {
    cells.clear();
    if memchr::memchr(b'"', line.as_bytes()).is_none() {
        match u8::try_from(delimiter) {
            Ok(byte) if byte.is_ascii() => {
                // Cells are short: a searcher for each would be most of the work.
                let mut from = 0;
                for at in memchr::memchr_iter(byte, line.as_bytes()) {
                    cells.push(Cow::Borrowed(line.get(from..at).unwrap_or_default()));
                    from = at + 1;
                }
                cells.push(Cow::Borrowed(line.get(from..).unwrap_or_default()));
            }
            _ => cells.extend(line.split(delimiter).map(Cow::Borrowed)),
        }
        return true;
    }
    let mut rest = line;
    loop {
        let trimmed = rest.trim_start_matches(' ');
        let Some(quoted) = trimmed.strip_prefix('"') else {
            match rest.split_once(delimiter) {
                Some((cell, after)) => {
                    cells.push(Cow::Borrowed(cell));
                    rest = after;
                    continue;
                }
                None => {
                    cells.push(Cow::Borrowed(rest));
                    return true;
                }
            }
        };
        let Some((cell, after)) = quoted_cell(quoted) else {
            cells.push(Cow::Owned(quoted.replace("\"\"", "\"")));
            return false;
        };
        cells.push(cell);
        match after.find(delimiter) {
            Some(at) => rest = after.get(at + delimiter.len_utf8()..).unwrap_or_default(),
            None => return true,
        }
    }
}

/// The cell up to its closing quote, and what follows the quote.
fn quoted_cell(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut from = 0;
    let mut doubled = false;
    loop {
        let at = from + text.get(from..)?.find('"')?;
        let after = text.get(at + 1..)?;
        if after.starts_with('"') {
            doubled = true;
            from = at + 2;
            continue;
        }
        let cell = text.get(..at)?;
        let cell =
            if doubled { Cow::Owned(cell.replace("\"\"", "\"")) } else { Cow::Borrowed(cell) };
        return Some((cell, after));
    }
}

/// The delimiter of a header line: the one that splits it most, outside quotes.
pub(crate) fn delimiter(header: &str) -> char {
    let mut counts = [(',', 0_usize), (';', 0), ('\t', 0)];
    let mut quoted = false;
    for c in header.chars() {
        if c == '"' {
            quoted = !quoted;
        } else if !quoted && let Some(entry) = counts.iter_mut().find(|entry| entry.0 == c) {
            entry.1 += 1;
        }
    }
    let mut best = (',', 0);
    for entry in counts {
        if entry.1 > best.1 {
            best = entry;
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::{delimiter, split};
    use std::borrow::Cow;

    fn cells(line: &str, delimiter: char) -> (Vec<String>, bool) {
        let mut cells = Vec::new();
        let closed = split(line, delimiter, &mut cells);
        (cells.into_iter().map(Cow::into_owned).collect(), closed)
    }

    #[test]
    fn quoted_cells_keep_delimiters_and_doubled_quotes() {
        let (found, closed) = cells(r#""Time","{job=""mattermost"", x=""1""}",3"#, ',');
        assert_eq!(found, ["Time", r#"{job="mattermost", x="1"}"#, "3"]);
        assert!(closed);
        assert_eq!(cells(r#""05/01/2024, 10:00:00 AM",471 ms,"#, ',').0.len(), 3);
    }

    #[test]
    fn cells_without_quotes_are_split_at_any_delimiter() {
        for (line, delimiter) in [("a,,b,", ','), ("", ','), ("é\t1", '\t'), ("1¦2¦", '¦')] {
            let plain: Vec<&str> = line.split(delimiter).collect();
            assert_eq!(
                cells(line, delimiter),
                (plain.iter().map(|c| (*c).to_owned()).collect(), true)
            );
        }
    }

    #[test]
    fn a_quote_that_never_closes_ends_with_its_line() {
        let (found, closed) = cells(r#"1,"broken,2"#, ',');
        assert_eq!(found, ["1", "broken,2"]);
        assert!(!closed);
    }

    #[test]
    fn a_delimiter_inside_a_legend_does_not_count() {
        assert_eq!(delimiter("\"Time\";\"{a=\"\"1\"\", b=\"\"2\"\", c=\"\"3\"\"}\""), ';');
        assert_eq!(delimiter("\"Time\""), ',');
        assert_eq!(delimiter("Time\ta\tb"), '\t');
    }
}
