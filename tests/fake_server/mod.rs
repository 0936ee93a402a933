//! A Mattermost server for tests: what was observed on real servers of several versions, with
//! faults. One folder, one route module for each part of the API; to add a part, write its module
//! and its line in [`ROUTES`].

pub(crate) mod http;
pub(crate) mod mentions;

mod files;
mod people;
pub(crate) mod playbooks;
mod posts;

use http::{Fault, Request, Response};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A version of the server and what is other in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Release {
    /// Its version.
    pub(crate) version: &'static str,
    /// Characters of all props of a post.
    pub(crate) props_runes: usize,
    /// The id of the error for a message that is too long.
    pub(crate) too_long: &'static str,
    /// Whether values of attachments' fields mention.
    pub(crate) fields_mention: bool,
    /// Whether a full-width at sign mentions.
    pub(crate) full_width: bool,
    /// Whether errors tell internals.
    pub(crate) detailed: bool,
}

/// The versions that differ.
pub(crate) static RELEASES: &[Release] = &[
    Release {
        version: "5.37.0",
        props_runes: 8000,
        too_long: "model.post.is_valid.msg.app_error",
        fields_mention: false,
        full_width: false,
        detailed: false,
    },
    Release {
        version: "7.6.0",
        props_runes: 800_000,
        too_long: "model.post.is_valid.msg.app_error",
        fields_mention: false,
        full_width: false,
        detailed: true,
    },
    Release {
        version: "10.11.5",
        props_runes: 800_000,
        too_long: "model.post.is_valid.message_length.app_error",
        fields_mention: true,
        full_width: false,
        detailed: false,
    },
    Release {
        version: "11.9.0",
        props_runes: 800_000,
        too_long: "model.post.is_valid.message_length.app_error",
        fields_mention: true,
        full_width: true,
        detailed: false,
    },
];

/// Characters of a message on every version.
pub(crate) const MESSAGE_RUNES: usize = 16_383;
/// The token of the bot.
pub(crate) const BOT_TOKEN: &str = "bottokenbottokenbottoken01";
/// The token of a person.
pub(crate) const PERSON_TOKEN: &str = "persontokenpersontoken0001";
/// The webhook.
pub(crate) const HOOK: &str = "hookhookhookhookhookhook01";

/// A 26-character id out of a word and a number.
pub(crate) fn id(word: &str, number: usize) -> String {
    let mut id: String = word.chars().chain(std::iter::repeat('x')).take(20).collect();
    id.push_str(&format!("{number:06}"));
    id
}

/// An account.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) name: &'static str,
    pub(crate) token: &'static str,
    pub(crate) bot: bool,
    /// Whether it is in the channel.
    pub(crate) member: bool,
}

/// A post as the server keeps it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredPost {
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) root: String,
    pub(crate) message: String,
    pub(crate) props: Json,
    pub(crate) files: Vec<String>,
    pub(crate) pinned: bool,
    pub(crate) create_at: i64,
    pub(crate) edit_at: i64,
    pub(crate) delete_at: i64,
}

/// A file as the server keeps it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredFile {
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) post: String,
}

/// Everything that the server knows.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) release: Release,
    pub(crate) accounts: Vec<Account>,
    pub(crate) channel: String,
    /// Who was invited to it, in order.
    pub(crate) invited: Vec<String>,
    pub(crate) archived: bool,
    pub(crate) posts: Vec<StoredPost>,
    pub(crate) files: Vec<StoredFile>,
    /// Posts by `pending_post_id`.
    pub(crate) pending: BTreeMap<String, (i64, String)>,
    /// What posts fired: post and word.
    pub(crate) mentions: Vec<(String, String)>,
    /// Requests in order: method and path.
    pub(crate) requests: Vec<String>,
    /// What goes wrong, by the number of the request, from 0.
    pub(crate) faults: BTreeMap<usize, Fault>,
    /// How many of the next files are dropped from their posts.
    pub(crate) drop_files: usize,
    /// For how long a post may be edited.
    pub(crate) edit_limit_ms: i64,
    /// Whether authors may delete their posts.
    pub(crate) may_delete: bool,
    /// Whether files are taken.
    pub(crate) take_files: bool,
    /// Milliseconds; each request is a millisecond later.
    pub(crate) now_ms: i64,
    /// Plugins: id and version.
    pub(crate) plugins: Vec<(&'static str, &'static str)>,
    /// What Playbooks knows.
    pub(crate) playbooks: playbooks::Playbooks,
    n_ids: usize,
}

/// A module that answers some requests: `None` when they are not for it.
type Routes = fn(&mut State, &Request) -> Option<Response>;

/// Who answers what, in order.
static ROUTES: &[Routes] = &[people::route, posts::route, files::route, playbooks::route];

impl State {
    fn new(release: Release) -> Self {
        let account =
            |name, token, bot| Account { id: id(name, 1), name, token, bot, member: true };
        Self {
            release,
            accounts: vec![
                account("analyzebot", BOT_TOKEN, true),
                account("ann", PERSON_TOKEN, false),
            ],
            channel: id("sev", 1),
            invited: Vec::new(),
            archived: false,
            posts: Vec::new(),
            files: Vec::new(),
            pending: BTreeMap::new(),
            mentions: Vec::new(),
            requests: Vec::new(),
            faults: BTreeMap::new(),
            drop_files: 0,
            edit_limit_ms: i64::MAX,
            may_delete: true,
            take_files: true,
            now_ms: 1_770_000_000_000,
            plugins: vec![("playbooks", "1.39.4")],
            playbooks: playbooks::Playbooks::default(),
            n_ids: 0,
        }
    }

    pub(crate) fn new_id(&mut self, word: &str) -> String {
        self.n_ids += 1;
        id(word, self.n_ids)
    }

    /// Answers a request as this version does.
    pub(crate) fn answer(&mut self, request: &Request) -> Response {
        self.now_ms += 1;
        let response = ROUTES.iter().find_map(|route| route(self, request));
        let mut response =
            response.unwrap_or_else(|| self.error(404, "api.context.404.app_error", "Not found."));
        let version = self.release.version;
        response.header("X-Version-Id", &format!("{version}.{version}.6a2d271.false"));
        response.header("X-Request-Id", "req1req1req1req1req1req1re");
        response
    }

    /// An error as the server writes it.
    pub(crate) fn error(&self, status: u16, id: &str, message: &str) -> Response {
        let detailed = if self.release.detailed { "SELECT secret FROM Users" } else { "" };
        Response::json(
            status,
            &json!({"id": id, "message": message, "detailed_error": detailed,
                    "request_id": "req1req1req1req1req1req1re", "status_code": status}),
        )
    }

    pub(crate) fn forbidden(&self) -> Response {
        self.error(
            403,
            "api.context.permissions.app_error",
            "You do not have the appropriate permissions.",
        )
    }

    /// The account of a request's token.
    pub(crate) fn account(&self, request: &Request) -> Option<Account> {
        let token = request.header("authorization").strip_prefix("Bearer ")?;
        self.accounts.iter().find(|account| account.token == token).cloned()
    }

    /// Posts that are there, oldest first.
    pub(crate) fn visible(&self) -> Vec<&StoredPost> {
        self.posts.iter().filter(|post| post.delete_at == 0).collect()
    }

    /// What people see in the channel: text, files by name and content, pins, threads. Two
    /// channels that look the same are equal.
    pub(crate) fn seen(&self) -> Vec<String> {
        let visible = self.visible();
        let place = |id: &str| visible.iter().position(|post| post.id == id);
        visible
            .iter()
            .map(|post| {
                let files: Vec<String> = post
                    .files
                    .iter()
                    .filter_map(|id| self.files.iter().find(|file| file.id == *id))
                    .map(|file| format!("{} {}", file.name, file.bytes.len()))
                    .collect();
                format!("{:?} {} {files:?} {}", place(&post.root), post.pinned, post.message)
            })
            .collect()
    }

    /// A person writes into the channel.
    pub(crate) fn person_writes(&mut self, root: &str, message: &str) {
        let post = StoredPost {
            id: self.new_id("human"),
            user: id("ben", 1),
            root: root.to_owned(),
            message: message.to_owned(),
            props: json!({}),
            files: Vec::new(),
            pinned: false,
            create_at: self.now_ms,
            edit_at: 0,
            delete_at: 0,
        };
        self.posts.push(post);
    }

    /// A person drops a file into the channel. Gives the post.
    pub(crate) fn person_drops(&mut self, root: &str, name: &str, bytes: &[u8]) -> String {
        self.person_writes(root, "");
        let file = StoredFile {
            id: self.new_id("file"),
            user: id("ben", 1),
            name: name.to_owned(),
            bytes: bytes.to_vec(),
            post: String::new(),
        };
        let post = self.posts.last_mut().expect("it was just written");
        post.files.push(file.id.clone());
        let post = post.id.clone();
        self.files.push(StoredFile { post: post.clone(), ..file });
        post
    }

    /// An administrator, or the author, edits a post.
    pub(crate) fn person_edits(&mut self, id: &str, message: &str) {
        self.now_ms += 1000;
        let now = self.now_ms;
        let post = self.posts.iter_mut().find(|post| post.id == id).expect("the post is there");
        post.message = message.to_owned();
        post.edit_at = now;
    }
}

/// A server that runs until it is dropped.
pub(crate) struct FakeServer {
    listener: http::Listener,
    state: Arc<Mutex<State>>,
}

impl FakeServer {
    /// Starts a server of that version on a port of its own.
    pub(crate) fn start(release: Release) -> Self {
        let state = Arc::new(Mutex::new(State::new(release)));
        let listener = http::Listener::start(Arc::clone(&state));
        Self { listener, state }
    }

    /// The newest version.
    pub(crate) fn newest() -> Self {
        Self::start(*RELEASES.last().expect("there are releases"))
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        self.listener.url()
    }

    /// What it knows.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
