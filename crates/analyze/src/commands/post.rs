//! `analyze post`: the findings into the incident channel, repeatably.
//!
//! Everything that could fail here is done first: reading, drawing, laying out, looking for
//! secrets; then the server is checked; only then is anything posted.

mod build;
mod checklist;
pub(crate) mod reach;
mod tell;

use super::report::{Analysed, analyse};
use crate::Failed;
use crate::args::PostArgs;
use crate::settings::Settings;
use anyhow::{Context as _, Result, bail};
use build::{Content, Previous};
use mattermost::{
    ChannelRef, Client, Limits, Place, PostId, Retry, Survey, Webhook, apply, fingerprint, survey,
};
use model::Exit;
use playbook::IncidentRecord;
use reach::Way;
use std::io::Write;
use std::sync::Arc;

/// Posts of one run through a webhook: more would bury the channel, and none can be changed.
const WEBHOOK_POSTS_MAX: usize = 10;
/// What every current server takes; a dry run asks none.
const ASSUMED: Limits = Limits { message_runes: 16_383, props_runes: 760_000, ..Limits::SMALLEST };

pub(crate) fn run(args: &PostArgs, out: &mut dyn Write) -> Result<Exit> {
    if args.read.inputs.is_empty() {
        bail!("nothing to read: name the incident folder, a support packet, a log or an export");
    }
    let settings = Settings::load(args.read.how.config.as_deref())?.mattermost;
    check_key(&args.key)?;
    let way = if args.dry_run { None } else { Some(reach::way(args, &settings)?) };
    let named = match args.channel.as_deref() {
        Some(text) => Some(channel_of(text, "--channel")?),
        None => None,
    };
    let analysed = analyse(&args.read.inputs, &args.read.how, None)?;
    let zone = args.read.how.time.zone()?;
    let content = Content::new(&analysed, args, zone)?;
    let exit = analysed.report.exit;
    match way {
        None => {
            if named.is_none() && !args.webhook && args.webhook_file.is_none() {
                channel(None, &settings, &analysed.record, None)?;
            }
            let webhook = args.webhook || args.webhook_file.is_some();
            let limits = if webhook { Limits::SMALLEST } else { ASSUMED };
            let plan = content.plan(&args.key, &limits, None);
            plan.check(&limits).map_err(failed)?;
            tell::dry_run(&plan, if webhook { WEBHOOK_POSTS_MAX } else { usize::MAX }, out)?;
        }
        Some(Way::Webhook(url, connection)) => {
            let webhook =
                Webhook::new(url, &connection, Retry::default(), Arc::new(reach::Machine))?;
            through_webhook(&webhook, &content, &analysed, args, out)?;
        }
        Some(Way::Token { site, token, connection }) => {
            let named = channel(named, &settings, &analysed.record, Some(&site))?;
            let client =
                Client::new(site, token, &connection, Retry::default(), Arc::new(reach::Machine))?;
            with_token(&client, &named, &content, &analysed, args, out)?;
        }
    }
    Ok(exit)
}

/// A failure of the server or the network: the request was right.
pub(crate) fn failed(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow::Error::new(Failed).context(error.to_string())
}

fn check_key(key: &str) -> Result<()> {
    let fits = (1..=40).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !fits {
        bail!("--key {key}: write up to 40 of a-z, 0-9 and -");
    }
    Ok(())
}

pub(crate) fn channel_of(text: &str, whence: &str) -> Result<ChannelRef> {
    ChannelRef::parse(text).with_context(|| {
        format!(
            "{whence} {}: write TEAM/CHANNEL with the names of the channel's address, or its id",
            text::escape::terminal(text)
        )
    })
}

/// The channel of the arguments, of the incident file, or of the settings.
fn channel(
    named: Option<ChannelRef>,
    settings: &crate::settings::MattermostSettings,
    record: &IncidentRecord,
    site: Option<&mattermost::Site>,
) -> Result<ChannelRef> {
    if let Some(channel) = named {
        return Ok(channel);
    }
    let written = record.channel.untrusted().trim();
    if !written.is_empty() {
        // An incident file never chooses where a token is sent.
        if let (Some(site), true) = (site, written.contains("://"))
            && !written.starts_with(&format!("{}/", site.base()))
        {
            bail!(
                "channel of incident.toml is on another server than {site}; give --channel, or --server for that server"
            );
        }
        return channel_of(written, "channel of incident.toml");
    }
    match settings.channel.as_deref() {
        Some(text) => channel_of(text, "channel of analyze.toml"),
        None => bail!(
            "no channel: give --channel TEAM/CHANNEL, or write `channel` into incident.toml or under [mattermost] of analyze.toml"
        ),
    }
}

fn with_token(
    client: &Client,
    named: &ChannelRef,
    content: &Content<'_>,
    analysed: &Analysed,
    args: &PostArgs,
    out: &mut dyn Write,
) -> Result<()> {
    let server = client.server().map_err(failed)?;
    let me = client.me().map_err(failed)?;
    let channel = client.channel(named).map_err(failed)?;
    if channel.archived {
        return Err(failed(format!(
            "the channel {named} is archived; unarchive it, or post to another one"
        )));
    }
    if !client.is_member(&channel.id, &me.id).map_err(failed)? {
        return Err(failed(format!(
            "{} is not in the channel {named}; invite it there (and into the team): /invite @{}",
            me.name, me.name
        )));
    }
    if content.has_files() && !server.limits.files {
        return Err(failed("the server takes no files; run with --no-files and without --charts"));
    }
    let noted: Vec<PostId> = noted(&analysed.record);
    let place = Place { channel: channel.id, me: me.id.clone(), limits: server.limits };
    let named_run = checklist::named_run(args, &analysed.record)?;
    let found = survey(client, &place, &args.key, &noted).map_err(failed)?;
    let previous = previous(&found, content)?;
    let plan = content.plan(&args.key, &place.limits, previous.as_ref());
    plan.check(&place.limits).map_err(failed)?;
    let (done, error) = match apply(client, &place, &plan, &found) {
        Ok(done) => (done, None),
        Err(interrupted) => (interrupted.done, Some(interrupted.error)),
    };
    let noted = tell::note_posts(&analysed.report, &done);
    tell::posted(client.site(), named, &me, &done, out)?;
    if let Some(error) = error {
        return Err(failed(error));
    }
    if !args.no_checklist {
        let root = done.posts.first().map(|(_, root, _)| root);
        let told = checklist::Told { client, place: &place, me: &me, root, plan: &plan };
        checklist::checklist(&told, named_run.as_ref(), analysed, args, out)?;
    }
    noted
}

/// Posts that the incident file names: the first of the thread first.
fn noted(record: &IncidentRecord) -> Vec<PostId> {
    let mut posts: Vec<&playbook::Post> = record.posts.iter().collect();
    posts.sort_by_key(|post| post.what != report::channel::ROOT);
    posts.iter().filter_map(|post| PostId::parse(&post.id)).take(3).collect()
}

/// What the run before left, unless its posts are about somebody else.
fn previous(found: &Survey, content: &Content<'_>) -> Result<Option<Previous>> {
    let Some(previous) = found.memory().and_then(Previous::read) else { return Ok(None) };
    if !previous.customer.is_empty()
        && !content.customer().is_empty()
        && previous.customer != content.customer()
    {
        return Err(failed(
            "the posts in this channel are about another customer; post to the channel of this one, \
             or begin a thread of its own with --key NAME",
        ));
    }
    Ok(Some(previous))
}

/// Posts what was not posted through it yet, as far as the incident file knows.
fn through_webhook(
    webhook: &Webhook,
    content: &Content<'_>,
    analysed: &Analysed,
    args: &PostArgs,
    out: &mut dyn Write,
) -> Result<()> {
    let plan = content.plan(&args.key, &Limits::SMALLEST, None);
    plan.check(&Limits::SMALLEST).map_err(failed)?;
    let messages: Vec<_> = plan
        .parts
        .iter()
        .filter(|part| part.files.is_empty())
        .flat_map(|part| part.messages.iter().map(|message| (part.id.as_str(), message)))
        .collect();
    let before: Vec<&str> = analysed
        .record
        .posts
        .iter()
        .filter(|post| post.what.starts_with("webhook "))
        .map(|post| post.id.as_str())
        .collect();
    let mut sent = Vec::new();
    let mut error = None;
    let mut n_before = 0;
    for (part, message) in messages.iter().take(WEBHOOK_POSTS_MAX) {
        let hash = fingerprint(message.as_str().as_bytes());
        if before.contains(&hash.as_str()) {
            n_before += 1;
            continue;
        }
        match webhook.post(message) {
            Ok(()) => sent.push((format!("webhook {part} {hash}"), hash)),
            Err(failure) => {
                error = Some(failure);
                break;
            }
        }
    }
    writeln!(
        out,
        "{} messages posted through the webhook, {n_before} were there before",
        sent.len()
    )?;
    if messages.len() > WEBHOOK_POSTS_MAX {
        writeln!(
            out,
            "{} more were not posted: a webhook posts at most {WEBHOOK_POSTS_MAX} a run; a token has no such limit",
            messages.len() - WEBHOOK_POSTS_MAX
        )?;
    }
    let noted = tell::note_webhook(&analysed.report, &sent);
    if !tell::has_incident_file(&analysed.report) {
        writeln!(
            out,
            "without an incident file among the inputs a second run posts all of it again"
        )?;
    }
    if let Some(error) = error {
        return Err(failed(error));
    }
    noted
}
