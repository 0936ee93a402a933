//! What stands in the channel already.

use super::Place;
use super::mark::{Mark, Marked};
use crate::posts::PAGE_POSTS;
use crate::{Client, Error, Post, PostId};
use serde_json::{Map, Value as Json};

/// Pages of a channel that are looked through for the first post when it is neither noted nor
/// pinned: 5000 posts.
const PAGES_MAX: usize = 25;

/// Why nothing is posted although the server would take it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ThreadError {
    /// The server.
    #[error(transparent)]
    Server(#[from] Error),
    /// Somebody else's posts.
    #[error(
        "the posts of this incident in the channel were made by another account ({0}); use its token \
         (one bot for all who respond is best), or begin a thread of your own with --key NAME"
    )]
    Others(String),
    /// Too many posts to be sure that there is none of ours.
    #[error(
        "among the newest {0} posts of the channel is none of this incident, and there are more; pin the \
         earlier report and run again, or begin a new thread with --key NAME"
    )]
    TooMany(usize),
}

/// Our posts of one thread.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Oldest first.
    pub(super) posts: Vec<Marked>,
}

impl Survey {
    /// The first post.
    pub fn root(&self) -> Option<&PostId> {
        self.first().map(|root| &root.post.id)
    }

    pub(super) fn first(&self) -> Option<&Marked> {
        self.posts.iter().find(|marked| marked.post.root_id.is_none())
    }

    /// What an earlier run kept for this one, newest copy first.
    pub fn memory(&self) -> Option<&Map<String, Json>> {
        let first = self.first()?;
        self.posts
            .iter()
            .filter(|it| {
                it.mark.part == first.mark.part && it.mark.n == 1 && !it.mark.memory.is_empty()
            })
            .max_by_key(|it| it.mark.copy)
            .map(|it| &it.mark.memory)
    }
}

/// Looks for the thread of `key`: among the posts that were noted, the pinned ones, and then the
/// newest of the channel.
pub fn survey(
    client: &Client,
    place: &Place,
    key: &str,
    noted: &[PostId],
) -> Result<Survey, ThreadError> {
    let Some(root) = find_root(client, place, key, noted)? else { return Ok(Survey::default()) };
    let mut posts = Vec::new();
    for post in client.thread(&root)? {
        if post.user_id == place.me
            && post.delete_at == 0
            && let Some(mark) = Mark::of(&post, key)
        {
            posts.push(Marked { post, mark });
        }
    }
    Ok(Survey { posts })
}

fn find_root(
    client: &Client,
    place: &Place,
    key: &str,
    noted: &[PostId],
) -> Result<Option<PostId>, ThreadError> {
    let mut found = Found { place, key, roots: Vec::new(), others: None };
    for id in noted {
        if let Some(post) = read_noted(client, id)? {
            found.look(&post);
        }
        if let Some(root) = found.oldest() {
            return Ok(Some(root));
        }
    }
    for post in client.pinned(&place.channel)? {
        found.look(&post);
    }
    if let Some(root) = found.oldest() {
        return Ok(Some(root));
    }
    for page in 0..PAGES_MAX {
        let posts = client.posts_page(&place.channel, page)?;
        let last = posts.len() < PAGE_POSTS;
        for post in &posts {
            found.look(post);
        }
        if let Some(root) = found.oldest() {
            return Ok(Some(root));
        }
        if last {
            return found.others.map_or(Ok(None), |other| Err(ThreadError::Others(other)));
        }
    }
    Err(match found.others {
        Some(other) => ThreadError::Others(other),
        None => ThreadError::TooMany(PAGES_MAX * PAGE_POSTS),
    })
}

/// A noted post may lie in a channel that we no longer see: then it is not there for us.
fn read_noted(client: &Client, id: &PostId) -> Result<Option<Post>, Error> {
    match client.post(id) {
        Err(error) if error.status() == Some(403) => Ok(None),
        read => read,
    }
}

struct Found<'a> {
    place: &'a Place,
    key: &'a str,
    roots: Vec<(i64, PostId)>,
    others: Option<String>,
}

impl Found<'_> {
    fn look(&mut self, post: &Post) {
        if post.channel_id != self.place.channel || post.delete_at > 0 {
            return;
        }
        let Some(mark) = Mark::of(post, self.key) else { return };
        if post.user_id != self.place.me {
            self.others.get_or_insert_with(|| post.user_id.to_string());
        } else if let Some(root) = &post.root_id {
            // A reply tells the thread, whatever became of the mark of its first post.
            self.roots.push((i64::MAX, root.clone()));
        } else if mark.n == 1 {
            self.roots.push((post.create_at, post.id.clone()));
        }
    }

    fn oldest(&self) -> Option<PostId> {
        self.roots.iter().min().map(|(_, id)| id.clone())
    }
}
