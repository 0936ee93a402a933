//! The other way to check off an item: a post with the item's keyword.
//!
//! A bot that does not take part in the run, and that old versions do not let take part, may not
//! change items. It may post, and a post that holds the keyword of an item checks that off.

use super::StepText;
use crate::Error;
use crate::client::Client;
use crate::ids::{ChannelId, PostId, UserId};
use crate::posts::{MARK, NewPost, Post};
use serde_json::{Value as Json, json};

/// The key of our mark under which keywords stand that were posted.
const POSTED: &str = "keywords";

/// Their own key: these posts are never brought up to date.
fn key_of(thread: &str) -> String {
    format!("{thread}-keywords")
}

/// Steps whose keyword stands in one of our posts.
fn posted(post: &Post, me: &UserId, thread: &str) -> Vec<String> {
    let mark = post.props.get(MARK);
    let ours = post.user_id == *me
        && mark.and_then(|mark| mark.get("key")).and_then(Json::as_str)
            == Some(key_of(thread).as_str());
    let steps = mark.filter(|_| ours).and_then(|mark| mark.get(POSTED)).and_then(Json::as_array);
    steps.into_iter().flatten().filter_map(|step| step.as_str().map(str::to_owned)).collect()
}

impl Client {
    /// Posts the keywords of the complete steps into a thread, each once. `thread`: the key of our
    /// posts there. Gives the steps whose keyword was posted now.
    pub fn post_keywords(
        &self,
        channel: &ChannelId,
        root: &PostId,
        me: &UserId,
        thread: &str,
        steps: &[StepText],
    ) -> Result<Vec<String>, Error> {
        let before: Vec<String> =
            self.thread(root)?.iter().flat_map(|post| posted(post, me, thread)).collect();
        let new: Vec<String> = steps
            .iter()
            .filter(|step| step.complete && !before.contains(&step.id))
            .map(|step| step.id.clone())
            .collect();
        if new.is_empty() {
            return Ok(new);
        }
        let mut line = text::Line::new().ours("Complete from the data: ");
        for (n, step) in new.iter().enumerate() {
            if n > 0 {
                line = line.ours(", ");
            }
            line = line.code(&text::Value::trusted(&playbook::completed_keyword(step)));
        }
        let mut document = text::Document::new();
        document.line(line);
        let message = document.split(usize::MAX).into_iter().next().unwrap_or_default();
        let part = format!("keywords-{}", new.join("+"));
        self.create_post(&NewPost {
            channel: channel.clone(),
            message,
            root: Some(root.clone()),
            files: Vec::new(),
            mark: json!({"key": key_of(thread), "part": part, POSTED: new}),
            pending: format!("{me}:{root}:{part}"),
        })?;
        Ok(new)
    }
}
