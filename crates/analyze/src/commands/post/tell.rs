//! What is said about posting, and what is noted of it in the incident file.

use super::super::incident;
use anyhow::{Context as _, Result};
use mattermost::{ChannelRef, Done, Plan, Posted, Site, User};
use model::Report;
use std::io::Write;
use std::path::PathBuf;

/// Prints exactly what would be sent: of all messages at most `most`.
pub(super) fn dry_run(plan: &Plan, most: usize, out: &mut dyn Write) -> Result<()> {
    let n_messages: usize = plan.parts.iter().map(|part| part.messages.len()).sum();
    let n_posts = n_messages.min(most);
    let mut number = 0;
    for (nth, part) in plan.parts.iter().enumerate() {
        for (n, message) in (1..).zip(&part.messages).take(n_posts - number) {
            number += 1;
            let place = if nth == 0 && n == 1 { "first post of the thread" } else { "reply" };
            let pin = if part.pin { ", pinned" } else { "" };
            writeln!(
                out,
                "=== {number} of {n_posts}: {}, {place}{pin}, {} characters",
                part.id,
                message.runes()
            )?;
            for file in &part.files {
                writeln!(out, "=== file {}, {} bytes", file.name, file.bytes.len())?;
            }
            writeln!(out, "{message}\n")?;
        }
    }
    if n_posts < n_messages {
        writeln!(out, "=== {} more are not posted through a webhook", n_messages - n_posts)?;
    }
    writeln!(out, "=== nothing was sent; without --dry-run the server's own limits hold")?;
    Ok(())
}

/// Says what was done.
pub(super) fn posted(
    site: &Site,
    channel: &ChannelRef,
    me: &User,
    done: &Done,
    out: &mut dyn Write,
) -> Result<()> {
    let n = |what: Posted| done.posts.iter().filter(|(_, _, posted)| *posted == what).count();
    writeln!(
        out,
        "{channel} as {}: {} made, {} updated, {} unchanged, {} kept as people edited them",
        me.name,
        n(Posted::Made),
        n(Posted::Updated),
        n(Posted::Unchanged),
        n(Posted::Kept)
    )?;
    for (part, _, _) in done.posts.iter().filter(|(_, _, posted)| *posted == Posted::Kept) {
        writeln!(out, "kept: {part} was edited by a person, and is as they left it")?;
    }
    for note in &done.notes {
        writeln!(out, "note: {}", text::escape::terminal(note))?;
    }
    if let Some((_, root, _)) = done.posts.first() {
        let team = if let ChannelRef::Named { team, .. } = channel { team } else { "_redirect" };
        writeln!(out, "{site}/{team}/pl/{root}")?;
    }
    Ok(())
}

/// The incident file among the inputs.
fn incident_file(report: &Report) -> Option<PathBuf> {
    let input = report.inputs.iter().find(|input| input.kind == "incident file" && input.read)?;
    Some(PathBuf::from(&input.path)).filter(|path| path.is_file())
}

pub(super) fn has_incident_file(report: &Report) -> bool {
    incident_file(report).is_some()
}

/// Notes the posts in the incident file: by them the next run finds the thread at once.
pub(super) fn note_posts(report: &Report, done: &Done) -> Result<()> {
    let mut seen: Vec<&str> = Vec::new();
    let mut posts = Vec::new();
    for (part, id, posted) in &done.posts {
        // A part that is several messages is noted by its first.
        if !seen.contains(&part.as_str()) && *posted != Posted::Kept {
            seen.push(part);
            posts.push((part.clone(), id.to_string()));
        }
    }
    note(report, &posts)
}

/// Notes what was sent through a webhook, by its hash.
pub(super) fn note_webhook(report: &Report, sent: &[(String, String)]) -> Result<()> {
    note(report, sent)
}

fn note(report: &Report, posts: &[(String, String)]) -> Result<()> {
    let Some(path) = incident_file(report).filter(|_| !posts.is_empty()) else { return Ok(()) };
    let mut file = incident::read(&path)?;
    let known = file.record().posts;
    let new: Vec<_> = posts
        .iter()
        .filter(|(what, id)| !known.iter().any(|post| post.what == *what && post.id == *id))
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    for (what, id) in new {
        file.posted(what, id).context("noting the posts")?;
    }
    incident::write(&path, &file)
}
