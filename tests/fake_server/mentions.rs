//! Whom a message would mention: a small model of how the server reads Markdown, made from what
//! was measured and independent of how we write it.
//!
//! The server reads blocks (fences, indented code, paragraphs, with lists and quotes around them),
//! then code spans, escapes and entities in what is no code, and looks at the words that are left.
//! It knows no tables: a row is a line of a paragraph.

use super::Release;
use serde_json::Value as Json;

/// What the server and the clients make of a message.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Reading {
    /// The text outside code, a paragraph each: escapes and entities undone.
    pub(crate) texts: Vec<String>,
    /// Targets of links.
    pub(crate) links: Vec<String>,
    /// Images.
    pub(crate) images: usize,
    /// Whether a fence is left open at the end.
    pub(crate) open_fence: bool,
}

/// Words that mention everybody, a user and a group, and words that somebody watches for.
pub(crate) const MENTIONS: &[&str] = &["@all", "@here", "@channel", "@user", "outage", "ann"];

/// The words of a post that mention, with those of its attachments.
pub(crate) fn fired(release: &Release, message: &str, props: &Json) -> Vec<String> {
    let mut fields = vec![message.to_owned()];
    for attachment in props["attachments"].as_array().into_iter().flatten() {
        for key in ["pretext", "text"] {
            fields.push(attachment[key].as_str().unwrap_or_default().to_owned());
        }
        if release.fields_mention {
            for field in attachment["fields"].as_array().into_iter().flatten() {
                fields.push(field["value"].as_str().unwrap_or_default().to_owned());
            }
        }
    }
    fields
        .iter()
        .flat_map(|field| read(field).texts)
        .flat_map(|text| words(release, &text))
        .collect()
}

/// The mentions in a text that is no code.
fn words(release: &Release, text: &str) -> Vec<String> {
    let text = if release.full_width { text.replace(['＠', '﹫'], "@") } else { text.to_owned() };
    let belongs = |c: char| matches!(c, ':' | '.' | '-' | '_' | '@') || c.is_alphanumeric();
    let known = |word: &str| {
        let lower = word.to_lowercase();
        MENTIONS.contains(&lower.as_str()).then_some(lower)
    };
    let mut fired = Vec::new();
    for word in text.split(|c: char| !belongs(c)).filter(|word| !word.is_empty()) {
        if word.len() > 1 && word.starts_with(':') && word.ends_with(':') {
            continue;
        }
        let mut word = word.trim_start_matches([':', '.', '-', '_']);
        let mut found = known(word);
        while found.is_none() && word.ends_with(['.', '-', ':', '_']) {
            word = &word[..word.len() - 1];
            found = known(word);
        }
        match found {
            Some(mention) => fired.push(mention),
            None if word.starts_with('@') => {}
            None => fired.extend(word.split(['.', '-', ':']).filter_map(known)),
        }
    }
    fired
}

/// Reads a message.
pub(crate) fn read(message: &str) -> Reading {
    let mut reading = Reading::default();
    let mut paragraph: Vec<String> = Vec::new();
    let mut fence: Option<(char, usize, usize)> = None;
    let mut in_list = false;
    let normal = message.replace("\r\n", "\n").replace('\r', "\n");
    for line in normal.split('\n') {
        if let Some((sign, length, inside)) = fence {
            let indent = line.len() - line.trim_start_matches([' ', '>']).len();
            if line.trim().is_empty() || indent >= inside {
                let bare = line.trim_matches([' ', '>']);
                let closes = bare.chars().count() >= length && bare.chars().all(|c| c == sign);
                if closes {
                    fence = None;
                }
                continue;
            }
            // What stands further to the left ends the list, and with it the fence.
            fence = None;
        }
        let (content, inside, quoted_or_listed) = inside(line);
        let opening = content.chars().next().filter(|sign| matches!(sign, '`' | '~'));
        if let Some(sign) = opening {
            let length = content.chars().take_while(|c| *c == sign).count();
            let rest: String = content.chars().skip(length).collect();
            if length >= 3 && !(sign == '`' && rest.contains('`')) {
                finish(&mut paragraph, &mut reading);
                fence = Some((sign, length, inside));
                continue;
            }
        }
        if content.trim().is_empty() {
            finish(&mut paragraph, &mut reading);
            continue;
        }
        let indented = line.starts_with("    ") || line.starts_with('\t');
        if indented && paragraph.is_empty() && !in_list {
            continue;
        }
        if quoted_or_listed || content.starts_with('#') {
            finish(&mut paragraph, &mut reading);
            in_list = quoted_or_listed;
        } else if !line.starts_with(' ') {
            in_list = in_list && !paragraph.is_empty();
        }
        paragraph.push(content.to_owned());
        if content.starts_with('#') {
            finish(&mut paragraph, &mut reading);
        }
    }
    finish(&mut paragraph, &mut reading);
    reading.open_fence = fence.is_some();
    reading
}

/// A line without what puts it into lists and quotes, how far in it stands, and whether it does.
fn inside(line: &str) -> (&str, usize, bool) {
    let mut content = line;
    let mut within = false;
    loop {
        let spaces = content.len() - content.trim_start_matches(' ').len();
        let bare = if spaces <= 3 || within { content.trim_start_matches(' ') } else { content };
        if let Some(rest) = bare.strip_prefix('>') {
            (content, within) = (rest, true);
            continue;
        }
        let digits = bare.len() - bare.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let marker = match bare.as_bytes() {
            [b'-' | b'*' | b'+', b' ', ..] => 2,
            _ if (1..=9).contains(&digits)
                && matches!(bare.as_bytes().get(digits), Some(b'.' | b')'))
                && bare.as_bytes().get(digits + 1) == Some(&b' ') =>
            {
                digits + 2
            }
            _ => return (bare, if within { line.len() - bare.len() } else { 0 }, within),
        };
        (content, within) = (&bare[marker..], true);
    }
}

/// Reads what stands in a paragraph.
fn finish(paragraph: &mut Vec<String>, reading: &mut Reading) {
    if paragraph.is_empty() {
        return;
    }
    let chars: Vec<char> = paragraph.join("\n").chars().collect();
    paragraph.clear();
    let mut text = String::new();
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        match rest[0] {
            '\\' if rest.get(1).is_some_and(char::is_ascii_punctuation) => {
                text.push(rest[1]);
                at += 2;
            }
            '`' => {
                let run = rest.iter().take_while(|c| **c == '`').count();
                match closing(rest, run) {
                    Some(end) => {
                        text.push('\u{1}');
                        at += end;
                    }
                    None => {
                        text.extend(&rest[..run]);
                        at += run;
                    }
                }
            }
            '&' => {
                let (decoded, length) = entity(rest);
                text.push(decoded);
                at += length;
            }
            '[' | '!' if opens_link(rest) => {
                reading.images += usize::from(rest[0] == '!');
                reading.links.push(rest.iter().take(60).collect());
                text.push(' ');
                at += 1;
            }
            _ => {
                if let Some(length) = autolink(rest, text.chars().next_back()) {
                    reading.links.push(rest[..length].iter().collect());
                    text.push(' ');
                    at += length;
                } else {
                    text.push(rest[0]);
                    at += 1;
                }
            }
        }
    }
    reading.texts.push(text);
}

/// Where the code that a run of backticks opens ends, behind its closing run.
fn closing(rest: &[char], run: usize) -> Option<usize> {
    let mut at = run;
    while at < rest.len() {
        if rest[at] == '`' {
            let found = rest[at..].iter().take_while(|c| **c == '`').count();
            if found == run {
                return Some(at + run);
            }
            at += found;
        } else {
            at += 1;
        }
    }
    None
}

fn entity(rest: &[char]) -> (char, usize) {
    let end = rest.iter().take(12).position(|c| *c == ';').unwrap_or(0);
    let name: String = rest.get(1..end).unwrap_or_default().iter().collect();
    let number = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    });
    let decoded = match name.as_str() {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "commat" => Some('@'),
        "num" => Some('#'),
        _ => number.and_then(char::from_u32),
    };
    decoded.map_or(('&', 1), |decoded| (decoded, end + 1))
}

/// `[text](` or `[text][` or, with a sign of exclamation in front, an image.
fn opens_link(rest: &[char]) -> bool {
    let rest = if rest[0] == '!' { &rest[1..] } else { rest };
    if rest.first() != Some(&'[') {
        return false;
    }
    let mut escaped = false;
    for (at, c) in rest.iter().enumerate().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' => return matches!(rest.get(at + 1), Some('(' | '[')),
            _ => {}
        }
    }
    false
}

/// How long the address is that a client makes a link of.
fn autolink(rest: &[char], before: Option<char>) -> Option<usize> {
    if before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let start: String = rest.iter().take(12).collect::<String>().to_lowercase();
    let begins = ["http://", "https://", "ftp://", "mailto:", "www.", "<http"];
    if !begins.iter().any(|begin| start.starts_with(begin)) {
        return None;
    }
    Some(rest.iter().take_while(|c| !c.is_whitespace()).count())
}
