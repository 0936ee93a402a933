//! `analyze watch`: reads what people drop into the incident channel and answers in the thread.
//!
//! Files are fetched into memory and never written to disk, one post at a time. What was answered
//! carries our mark in the answer, so that a restart answers nothing twice; posts of the own
//! account are never looked at.

mod answer;

use super::post::reach::{self, Asked};
use super::post::{channel_of, failed};
use crate::args::{HowArgs, WatchArgs};
use crate::pipeline;
use crate::settings::Settings;
use anyhow::{Context as _, Result, bail};
use mattermost::{
    ChannelId, Client, FileInfo, MARK, NewPost, PAGE_POSTS, Post, PostId, User, UserId,
};
use model::Exit;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use text::Markdown;

/// Pages of posts that are looked through: the newest 1,000.
const PAGES_MAX: usize = 5;
/// The most that the client fetches of one file, in MB.
const FILE_MB_MAX: u64 = 32;
/// Unpacked bytes of what somebody drops: a packet unpacks to some hundred MB.
const UNPACKED_BYTES_MAX: u64 = 2 << 30;
/// The shortest time between two looks, in seconds.
const EVERY_MIN_S: u64 = 2;
/// Our key under the mark: threads of `post` have others.
const KEY: &str = "watch";
/// What people drop besides: pictures of dashboards, notes. They are passed over without a word.
const NOT_LOOKED_AT: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "webp", "heic", "svg", "mp4", "mov", "webm", "mp3", "pdf", "doc",
    "docx", "xls", "xlsx", "ppt", "pptx", "md", "html", "eml",
];

pub(crate) fn run(args: &WatchArgs, out: &mut dyn Write) -> Result<Exit> {
    if args.every < EVERY_MIN_S {
        bail!("--every {}: look at most every {EVERY_MIN_S} seconds", args.every);
    }
    if !(1..=FILE_MB_MAX).contains(&args.max_mb) {
        bail!("--max-mb {}: write 1 to {FILE_MB_MAX}", args.max_mb);
    }
    let settings = Settings::load(args.how.config.as_deref())?.mattermost;
    let named = match (&args.channel, &settings.channel) {
        (Some(text), _) => channel_of(text, "--channel")?,
        (None, Some(text)) => channel_of(text, "channel of analyze.toml")?,
        (None, None) => bail!("which channel? give --channel TEAM/CHANNEL"),
    };
    let asked = Asked {
        server: args.reach.server.as_deref(),
        token_file: args.reach.token_file.as_deref(),
        ca_file: args.reach.ca_file.as_deref(),
    };
    // A fault in rules or settings is found before anything is fetched.
    let rules = super::rules::load(&args.how.rule_folders, args.how.config.as_deref())?;
    let client = reach::client(&asked, &settings)?;
    let me = client.me().map_err(failed)?;
    let channel = client.channel(&named).map_err(failed)?;
    if !client.is_member(&channel.id, &me.id).map_err(failed)? {
        return Err(failed(format!(
            "{} is not in {named}; invite it: /invite @{}",
            me.name, me.name
        )));
    }
    let limits = client.server().map_err(failed)?.limits;
    let mut watch = Watch {
        client: &client,
        me: &me,
        channel: channel.id,
        message_runes: limits.message_runes,
        how: bounded(&args.how),
        rules: &rules,
        max_bytes: args.max_mb << 20,
        back_ms: i64::from(args.back) * 3_600_000,
        answered: BTreeSet::new(),
    };
    let stop = stop_on_ctrl_c();
    if !args.once {
        writeln!(out, "watching {named} as {}; Ctrl-C ends", me.name)?;
        out.flush()?;
    }
    loop {
        match watch.look(&stop, out) {
            Ok(()) => {}
            // The next look may go better; one look has no next.
            Err(error) if !args.once => writeln!(out, "{error:#}")?,
            Err(error) => return Err(error),
        }
        out.flush()?;
        if args.once || wait(Duration::from_secs(args.every), &stop) {
            return Ok(Exit::Ran);
        }
    }
}

/// Smaller limits than for what the user names: anybody in the channel may drop a file.
fn bounded(how: &HowArgs) -> HowArgs {
    let mut how = how.clone();
    how.reading.limits.max_member_bytes.get_or_insert(UNPACKED_BYTES_MAX);
    how.reading.limits.max_total_bytes.get_or_insert(UNPACKED_BYTES_MAX);
    how
}

/// Set by Ctrl-C; a second one ends at once. Nothing is on disk that would have to be removed.
fn stop_on_ctrl_c() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let _ = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            #[expect(clippy::exit, reason = "the second Ctrl-C ends the process")]
            std::process::exit(130);
        }
    });
    stop
}

/// Waits; gives whether it is to end.
fn wait(time: Duration, stop: &AtomicBool) -> bool {
    const SLICE: Duration = Duration::from_millis(200);
    let mut left = time;
    while !stop.load(Ordering::Relaxed) && !left.is_zero() {
        let slice = left.min(SLICE);
        std::thread::sleep(slice);
        left = left.saturating_sub(slice);
    }
    stop.load(Ordering::Relaxed)
}

struct Watch<'a> {
    client: &'a Client,
    me: &'a User,
    channel: ChannelId,
    message_runes: usize,
    how: HowArgs,
    rules: &'a [rules::Rule],
    max_bytes: u64,
    back_ms: i64,
    /// Posts that need no further look.
    answered: BTreeSet<PostId>,
}

/// What became of the files of a post.
struct Fetched {
    files: Vec<pipeline::InMemory>,
    /// Names and why they were not fetched.
    left: Vec<(FileInfo, &'static str)>,
}

impl Watch<'_> {
    /// Looks through the channel once and answers what was not answered.
    fn look(&mut self, stop: &AtomicBool, out: &mut dyn Write) -> Result<()> {
        for post in self.dropped()? {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let root = post.root_id.clone().unwrap_or_else(|| post.id.clone());
            let thread = self.client.thread(&root).map_err(failed)?;
            if thread.iter().any(|reply| answers(reply, &self.me.id, &post.id)) {
                self.answered.insert(post.id.clone());
                continue;
            }
            let fetched = self.fetch(&post)?;
            if fetched.files.is_empty() && fetched.left.is_empty() {
                self.answered.insert(post.id.clone());
                continue;
            }
            // What one file does to us must not keep the others from being answered.
            let message = match catch_unwind(AssertUnwindSafe(|| self.message(fetched))) {
                Ok(Ok(message)) => message,
                Ok(Err(error)) => {
                    writeln!(
                        out,
                        "{}: {}",
                        post.id,
                        text::escape::terminal(&format!("{error:#}"))
                    )?;
                    Some(answer::failed())
                }
                Err(_) => {
                    writeln!(out, "{}: a fault of analyze; send the file to its makers", post.id)?;
                    Some(answer::failed())
                }
            };
            if stop.load(Ordering::Relaxed) {
                break;
            }
            if let Some(message) = message {
                self.answer(&post, &root, message)?;
                writeln!(out, "answered {}", post.id)?;
            }
            self.answered.insert(post.id.clone());
        }
        Ok(())
    }

    /// Posts of others with files that we have not dealt with, oldest first.
    fn dropped(&self) -> Result<Vec<Post>> {
        let oldest = self.client.clock().now_ms() - self.back_ms;
        let mut found = Vec::new();
        for page in 0..PAGES_MAX {
            let posts = self.client.posts_page(&self.channel, page).map_err(failed)?;
            let n_posts = posts.len();
            let past = posts.last().is_none_or(|post| post.create_at < oldest);
            found.extend(posts.into_iter().filter(|post| {
                post.user_id != self.me.id
                    && !post.file_ids.is_empty()
                    && post.delete_at == 0
                    && post.create_at >= oldest
                    && !self.answered.contains(&post.id)
            }));
            if past || n_posts < PAGE_POSTS {
                break;
            }
        }
        found.sort_by(|a, b| a.create_at.cmp(&b.create_at).then_with(|| a.id.cmp(&b.id)));
        found.dedup_by(|a, b| a.id == b.id);
        Ok(found)
    }

    /// Fetches the files of a post, as far as they fit.
    fn fetch(&self, post: &Post) -> Result<Fetched> {
        let mut fetched = Fetched { files: Vec::new(), left: Vec::new() };
        let mut room = self.max_bytes;
        for id in &post.file_ids {
            let info = match self.client.file_info(id) {
                Ok(info) => info,
                // Taken away since.
                Err(error) if matches!(error.status(), Some(400 | 403 | 404)) => continue,
                Err(error) => return Err(failed(error)),
            };
            if NOT_LOOKED_AT.contains(&info.extension.as_str()) {
                continue;
            }
            if info.bytes > room {
                fetched.left.push((info, "too large to be fetched here: analyze it at your desk"));
                continue;
            }
            let bytes = self.client.download(id).map_err(failed)?;
            let n_bytes = bytes.len() as u64;
            if n_bytes > room {
                fetched.left.push((info, "larger than the server said"));
                continue;
            }
            room -= n_bytes;
            fetched.files.push((name_of(&info), bytes));
        }
        Ok(fetched)
    }

    /// What is answered; `None` when nothing in the files is anything that is read.
    fn message(&self, fetched: Fetched) -> Result<Option<Markdown>> {
        if fetched.files.is_empty() {
            return Ok(answer::not_fetched(&fetched.left, self.message_runes));
        }
        let run = pipeline::run_in_memory(fetched.files, &self.how)
            .context("reading what was dropped")?;
        let analysed = super::report::analysed(run, self.rules, &self.how, None)?;
        Ok(answer::answer(&analysed.report, &fetched.left, self.message_runes))
    }

    fn answer(&self, post: &Post, root: &PostId, message: Markdown) -> Result<()> {
        self.client
            .create_post(&NewPost {
                channel: self.channel.clone(),
                message,
                root: Some(root.clone()),
                files: Vec::new(),
                mark: json!({"key": KEY, "post": post.id}),
                pending: format!("{}:{KEY}:{}", self.me.id, post.id),
            })
            .map_err(failed)?;
        Ok(())
    }
}

/// Whether a reply is our answer to a post.
fn answers(reply: &Post, me: &UserId, post: &PostId) -> bool {
    let mark = reply.props.get(MARK);
    let of = |key: &str| mark.and_then(|mark| mark.get(key)).and_then(Json::as_str);
    reply.user_id == *me
        && reply.delete_at == 0
        && of("key") == Some(KEY)
        && of("post") == Some(post.as_str())
}

/// The name of a dropped file, as a label: it is never a path.
fn name_of(info: &FileInfo) -> String {
    let last = info.name.as_str().rsplit(['/', '\\']).next().unwrap_or_default().trim();
    if last.is_empty() { "file".to_owned() } else { last.chars().take(120).collect() }
}
