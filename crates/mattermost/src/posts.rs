//! Posts: make, change, read, pin.

use crate::Error;
use crate::client::{Client, read, written};
use crate::ids::{ChannelId, FileId, PostId, UserId, id_or_empty, list_or_null};
use crate::retry::Repeat;
use crate::transport::{Body, Call};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use text::{Markdown, Raw};
use ureq::http::Method;

/// Posts of one page: the most that the server gives.
pub const PAGE_POSTS: usize = 200;

/// A post as the server has it. Everything in it may have been written by anybody.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// When it was made, in milliseconds since 1970.
    #[serde(default)]
    pub create_at: i64,
    /// When its text was last changed by somebody; 0: never.
    #[serde(default)]
    pub edit_at: i64,
    /// When it was deleted; 0: it is there.
    #[serde(default)]
    pub delete_at: i64,
    /// Who made it.
    pub user_id: UserId,
    /// Where.
    pub channel_id: ChannelId,
    /// The first post of its thread; `None`: it is none's reply.
    #[serde(default, deserialize_with = "id_or_empty")]
    pub root_id: Option<PostId>,
    /// Its text.
    #[serde(default, deserialize_with = "raw")]
    pub message: Raw,
    /// What programs wrote beside it.
    #[serde(default, deserialize_with = "props")]
    pub props: Map<String, Json>,
    /// Its files.
    #[serde(default, deserialize_with = "list_or_null")]
    pub file_ids: Vec<FileId>,
    /// Whether it is pinned.
    #[serde(default)]
    pub is_pinned: bool,
    /// Empty for an ordinary post; else what the system says: `system_join_channel`.
    #[serde(default, rename = "type")]
    pub kind: String,
}

fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Raw, D::Error> {
    Ok(Raw::new(Option::<String>::deserialize(deserializer)?.unwrap_or_default()))
}

fn props<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Json>, D::Error> {
    Ok(Option::<Map<String, Json>>::deserialize(deserializer)?.unwrap_or_default())
}

/// A post to be made. Its text cannot be anything but cleared.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPost {
    /// Where.
    pub channel: ChannelId,
    /// The first post of the thread that it answers; `None`: a post of its own.
    pub root: Option<PostId>,
    /// Its text; not empty.
    pub message: Markdown,
    /// Its files: uploaded before by the same account, attached to none.
    pub files: Vec<FileId>,
    /// Our mark, under [`MARK`] of its props: by it the post is found again. Two posts of one
    /// channel never have the same.
    pub mark: Json,
    /// The same for every attempt to make this post: within half a minute the server makes one.
    pub pending: String,
}

/// A change of a post of one's own; `None` leaves it as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PostPatch {
    /// The text.
    pub message: Option<Markdown>,
    /// All its props: what is not given is taken out by the server.
    pub props: Option<Map<String, Json>>,
}

/// The key of props under which our mark stands.
pub const MARK: &str = "analyze";

#[derive(Serialize)]
struct WireNew<'a> {
    channel_id: &'a ChannelId,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    root_id: Option<&'a PostId>,
    #[serde(skip_serializing_if = "<[FileId]>::is_empty")]
    file_ids: &'a [FileId],
    props: Map<String, Json>,
    pending_post_id: &'a str,
}

#[derive(Serialize)]
struct WirePatch<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    props: Option<&'a Map<String, Json>>,
}

#[derive(Deserialize)]
struct List {
    #[serde(default, deserialize_with = "list_or_null")]
    order: Vec<PostId>,
    #[serde(default)]
    posts: BTreeMap<String, Json>,
}

impl List {
    /// The posts in the server's order; one of a form that we do not know is left out.
    fn posts(mut self) -> Vec<Post> {
        let order = std::mem::take(&mut self.order);
        order
            .iter()
            .filter_map(|id| serde_json::from_value(self.posts.remove(id.as_str())?).ok())
            .collect()
    }
}

impl Client {
    /// Makes a post, once: when the answer is lost, the channel is looked through for its mark
    /// before it is sent again.
    pub fn create_post(&self, new: &NewPost) -> Result<Post, Error> {
        const DOING: &str = "post to the channel";
        let mut props = Map::new();
        props.insert(MARK.to_owned(), new.mark.clone());
        let body = written(
            DOING,
            &WireNew {
                channel_id: &new.channel,
                message: new.message.as_str(),
                root_id: new.root.as_ref(),
                file_ids: &new.files,
                props,
                pending_post_id: &new.pending,
            },
        )?;
        let call = Call {
            doing: DOING,
            method: Method::POST,
            path: "/api/v4/posts?set_online=false".to_owned(),
            body: Body::Json(&body),
            repeat: Repeat::IfNotDone,
        };
        let mut tried = 0;
        loop {
            tried += 1;
            let made = self.send_once(&call).and_then(|answer| read::<Post>(DOING, &answer));
            let error = match made {
                Ok(post) => return Ok(post),
                Err(error) => error,
            };
            let Some(wait) = self.retry().wait(&error, tried, Repeat::Safe, self.clock()) else {
                return Err(error);
            };
            self.clock().sleep(wait);
            if !error.is_not_sent()
                && let Some(post) = self.marked(new)?
            {
                return Ok(post);
            }
        }
    }

    /// The post that carries the mark of `new`, among the newest.
    fn marked(&self, new: &NewPost) -> Result<Option<Post>, Error> {
        let newest = self.posts_page(&new.channel, 0)?;
        Ok(newest.into_iter().find(|post| {
            post.props.get(MARK) == Some(&new.mark)
                && post.root_id == new.root
                && post.delete_at == 0
        }))
    }

    /// Changes a post of one's own. A change mentions nobody.
    pub fn patch_post(&self, id: &PostId, patch: &PostPatch) -> Result<Post, Error> {
        let body = WirePatch {
            message: patch.message.as_ref().map(Markdown::as_str),
            props: patch.props.as_ref(),
        };
        let path = format!("/api/v4/posts/{id}/patch");
        self.send_json("update a post", Method::PUT, path, &body, Repeat::Safe)
    }

    /// Deletes a post of one's own, and with it its thread; one that is gone stays gone.
    pub fn delete_post(&self, id: &PostId) -> Result<(), Error> {
        let call = Call {
            doing: "delete a post",
            method: Method::DELETE,
            path: format!("/api/v4/posts/{id}"),
            body: Body::None,
            repeat: Repeat::Safe,
        };
        match self.send(&call) {
            Err(error) if error.status() != Some(404) => Err(error),
            _ => Ok(()),
        }
    }

    /// A post; `None` when there is none or it was deleted.
    pub fn post(&self, id: &PostId) -> Result<Option<Post>, Error> {
        match self.get::<Post>("read a post", format!("/api/v4/posts/{id}")) {
            Ok(post) if post.delete_at > 0 => Ok(None),
            Ok(post) => Ok(Some(post)),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A page of a channel's posts, replies among them, newest first: [`PAGE_POSTS`] of them, fewer
    /// only on the last page.
    pub fn posts_page(&self, channel: &ChannelId, page: usize) -> Result<Vec<Post>, Error> {
        let path = format!("/api/v4/channels/{channel}/posts?page={page}&per_page={PAGE_POSTS}");
        Ok(self.get::<List>("read the channel", path)?.posts())
    }

    /// What was posted or changed since a moment of the server's clock (milliseconds since 1970),
    /// newest first.
    pub fn posts_since(&self, channel: &ChannelId, since_ms: i64) -> Result<Vec<Post>, Error> {
        let path = format!("/api/v4/channels/{channel}/posts?since={since_ms}");
        Ok(self.get::<List>("read the channel", path)?.posts())
    }

    /// The pinned posts of a channel.
    pub fn pinned(&self, channel: &ChannelId) -> Result<Vec<Post>, Error> {
        let path = format!("/api/v4/channels/{channel}/pinned");
        Ok(self.get::<List>("read the pinned posts", path)?.posts())
    }

    /// A thread: its first post and all replies, oldest first.
    pub fn thread(&self, root: &PostId) -> Result<Vec<Post>, Error> {
        let list: List = self.get("read a thread", format!("/api/v4/posts/{root}/thread"))?;
        let mut posts = list.posts();
        posts.sort_by(|a, b| a.create_at.cmp(&b.create_at).then_with(|| a.id.cmp(&b.id)));
        Ok(posts)
    }

    /// Pins a post; pinning a pinned one changes nothing.
    pub fn pin(&self, id: &PostId) -> Result<(), Error> {
        self.pinning("pin a post", id, "pin")
    }

    /// Takes a pin away.
    pub fn unpin(&self, id: &PostId) -> Result<(), Error> {
        self.pinning("unpin a post", id, "unpin")
    }

    fn pinning(&self, doing: &'static str, id: &PostId, what: &str) -> Result<(), Error> {
        let path = format!("/api/v4/posts/{id}/{what}");
        let call =
            Call { doing, method: Method::POST, path, body: Body::None, repeat: Repeat::Safe };
        self.send(&call).map(drop)
    }
}
