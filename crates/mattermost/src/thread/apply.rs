//! Makes the channel as the plan says, and changes nothing that is so already.

use super::mark::{Mark, Marked, fingerprint};
use super::{Part, Place, Plan, Survey};
use crate::posts::MARK;
use crate::{Client, Error, ErrorId, FileId, NewPost, Post, PostId, PostPatch, Upload};
use text::Markdown;

/// How often files that the server dropped are uploaded again.
const ROUNDS_MAX: usize = 3;

/// What became of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// It was made.
    Made,
    /// Its text was changed.
    Updated,
    /// It was so already.
    Unchanged,
    /// A person edited it: it is as they left it.
    Kept,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Posts in order: part, id, what became of it.
    pub posts: Vec<(String, PostId, Posted)>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// A failure, and what was done before it. The same command goes on from there.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Interrupted {
    /// What was done.
    pub done: Done,
    /// Why it stopped.
    pub error: Error,
}

/// Makes the thread as `plan` says: makes what is missing, changes what is other, keeps what
/// people edited. One request at a time; whatever is done stays done when it stops.
pub fn apply(
    client: &Client,
    place: &Place,
    plan: &Plan,
    survey: &Survey,
) -> Result<Done, Box<Interrupted>> {
    let mut work = Work { client, place, plan, survey, done: Done::default() };
    match work.all() {
        Ok(()) => Ok(work.done),
        Err(error) => Err(Box::new(Interrupted { done: work.done, error })),
    }
}

struct Work<'a> {
    client: &'a Client,
    place: &'a Place,
    plan: &'a Plan,
    survey: &'a Survey,
    done: Done,
}

/// Whether the server does not let this account do it, or not any more.
fn may_not(error: &Error) -> bool {
    matches!(error.id(), Some(ErrorId::EditTooLate | ErrorId::Forbidden))
}

/// A message of a part, and what it is recognised by.
struct Wanted<'a> {
    part: &'a Part,
    n: usize,
    message: &'a Markdown,
    files: &'a [Upload],
    first: bool,
}

impl Wanted<'_> {
    fn files_hash(&self) -> String {
        if self.files.is_empty() {
            return String::new();
        }
        let mut all = Vec::new();
        for file in self.files {
            all.extend_from_slice(
                format!("{} {} ", file.name, fingerprint(&file.bytes)).as_bytes(),
            );
        }
        fingerprint(&all)
    }
}

impl Work<'_> {
    fn all(&mut self) -> Result<(), Error> {
        let mut root = None;
        for (nth, part) in self.plan.parts.iter().enumerate() {
            if part.files.is_empty() {
                for (n, message) in (1..).zip(&part.messages) {
                    let first = nth == 0 && n == 1;
                    let wanted = Wanted { part, n, message, files: &[], first };
                    let id = self.text(&wanted, root.as_ref())?;
                    if first {
                        root = Some(id);
                    }
                }
                self.shortened(part)?;
            } else if let (Some(root), Some(message)) = (&root, part.messages.first()) {
                let most = self.place.limits.files_per_post.max(1);
                for (n, files) in (1..).zip(part.files.chunks(most)) {
                    let wanted = Wanted { part, n, message, files, first: false };
                    self.with_files(&wanted, root)?;
                }
            }
        }
        Ok(())
    }

    /// Posts of ours for a message, the original first.
    fn known(&self, part: &str, n: usize) -> Vec<&Marked> {
        let mut known: Vec<&Marked> =
            self.survey.posts.iter().filter(|it| it.mark.part == part && it.mark.n == n).collect();
        known.sort_by_key(|it| (it.mark.copy, it.post.create_at));
        known
    }

    /// A message without files, and the post that it stands in.
    fn text(&mut self, wanted: &Wanted<'_>, root: Option<&PostId>) -> Result<PostId, Error> {
        let known: Vec<Marked> =
            self.known(&wanted.part.id, wanted.n).into_iter().cloned().collect();
        let hash = fingerprint(wanted.message.as_str().as_bytes());
        let original = known.first().map(|it| it.post.id.clone());
        let mut copy = 0;
        for (nth, marked) in (1..).zip(&known) {
            let was = original.clone().unwrap_or_else(|| marked.post.id.clone());
            if !marked.is_edited() {
                if self.update(wanted, marked, &hash)? {
                    return Ok(was);
                }
                copy = marked.mark.copy + 1;
                continue;
            }
            self.note(wanted, &marked.post, Posted::Kept);
            self.pinned(wanted.part.pin, &marked.post)?;
            // What they edited said the same: there is nothing newer to say.
            if nth == known.len() && marked.mark.hash == hash {
                return Ok(was);
            }
            copy = marked.mark.copy + 1;
        }
        if copy > 0 {
            self.done.notes.push(format!(
                "the post of {} was edited by a person or may not be changed: it is kept, and what is \
                 newer stands in a reply beside it",
                wanted.part.id
            ));
        }
        let root = if copy > 0 && wanted.first { original.as_ref() } else { root };
        let post = self.make(wanted, copy, &hash, root, &[])?;
        self.note(wanted, &post, Posted::Made);
        self.pinned(wanted.part.pin, &post)?;
        Ok(original.unwrap_or(post.id))
    }

    /// Changes a post of ours where it is other than wanted. `false`: it has to be changed and the
    /// server does not let us.
    fn update(&mut self, wanted: &Wanted<'_>, marked: &Marked, hash: &str) -> Result<bool, Error> {
        let mark = self.mark(wanted, marked.mark.copy, hash);
        let same_text = marked.post.message.untrusted() == wanted.message.as_str();
        if !same_text || marked.mark != mark {
            let message = (!same_text).then(|| wanted.message.clone());
            let changed = self.change(marked, &mark, message)?;
            if !changed && !same_text {
                return Ok(false);
            }
        }
        let posted = if same_text { Posted::Unchanged } else { Posted::Updated };
        self.note(wanted, &marked.post, posted);
        self.pinned(wanted.part.pin, &marked.post)?;
        Ok(true)
    }

    /// Changes text and mark of a post; `false` when the server does not let us.
    fn change(
        &self,
        marked: &Marked,
        mark: &Mark,
        message: Option<Markdown>,
    ) -> Result<bool, Error> {
        let mut props = marked.post.props.clone();
        props.insert(MARK.to_owned(), mark.json());
        match self.client.patch_post(&marked.post.id, &PostPatch { message, props: Some(props) }) {
            Ok(_) => Ok(true),
            Err(error) if may_not(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Deletes a post that lacks files; `false` when the server does not let us.
    fn take_back(&mut self, wanted: &Wanted<'_>, id: &PostId) -> Result<bool, Error> {
        match self.client.delete_post(id) {
            Ok(()) => Ok(true),
            Err(error) if may_not(&error) => {
                self.done.notes.push(format!(
                    "the server dropped files of {}, and does not let us delete the post to make it anew; attach them by hand",
                    wanted.part.id
                ));
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Messages that a part no longer has.
    fn shortened(&mut self, part: &Part) -> Result<(), Error> {
        let nothing = Markdown::ours("*(This part is shorter now: it ends above.)*");
        let rest: Vec<Marked> = self
            .survey
            .posts
            .iter()
            .filter(|it| {
                it.mark.part == part.id
                    && it.mark.n > part.messages.len()
                    && it.mark.files.is_empty()
            })
            .cloned()
            .collect();
        for marked in rest {
            let wanted =
                Wanted { part, n: marked.mark.n, message: &nothing, files: &[], first: false };
            if marked.is_edited() {
                self.note(&wanted, &marked.post, Posted::Kept);
            } else {
                let hash = fingerprint(nothing.as_str().as_bytes());
                self.update(&wanted, &marked, &hash)?;
            }
        }
        Ok(())
    }

    /// A message with files: found by what is in the files, or made; older ones say that they
    /// are.
    fn with_files(&mut self, wanted: &Wanted<'_>, root: &PostId) -> Result<(), Error> {
        let files = wanted.files_hash();
        let hash = fingerprint(wanted.message.as_str().as_bytes());
        let known: Vec<Marked> =
            self.known(&wanted.part.id, wanted.n).into_iter().cloned().collect();
        let mut there = false;
        for marked in known.iter().filter(|it| it.mark.files == files) {
            // The server dropped some, and stopped us before we could look.
            if marked.post.file_ids.len() < wanted.files.len()
                && self.take_back(wanted, &marked.post.id)?
            {
                continue;
            }
            there = true;
            if marked.is_edited() {
                self.note(wanted, &marked.post, Posted::Kept);
                self.pinned(wanted.part.pin, &marked.post)?;
            } else {
                self.update(wanted, marked, &hash)?;
            }
        }
        if !there {
            self.attach(wanted, &hash, root)?;
        }
        for marked in known.iter().filter(|it| it.mark.files != files) {
            let old = fingerprint(wanted.part.superseded.as_str().as_bytes());
            if marked.is_edited() || marked.mark.hash == old {
                continue;
            }
            let mark = Mark { hash: old, ..marked.mark.clone() };
            if !self.change(marked, &mark, Some(wanted.part.superseded.clone()))? {
                continue;
            }
            if marked.post.is_pinned {
                self.client.unpin(&marked.post.id)?;
            }
            self.note(wanted, &marked.post, Posted::Updated);
        }
        Ok(())
    }

    /// Uploads and posts, until all files are where they belong.
    fn attach(&mut self, wanted: &Wanted<'_>, hash: &str, root: &PostId) -> Result<(), Error> {
        for round in 1..=ROUNDS_MAX {
            let mut ids: Vec<FileId> = Vec::new();
            for file in wanted.files {
                ids.push(self.client.upload(&self.place.channel, file)?.id);
            }
            let post = self.make(wanted, 0, hash, Some(root), &ids)?;
            let n_dropped = ids.iter().filter(|id| !post.file_ids.contains(id)).count();
            // A post that was found again after a lost answer has the files of its own attempt.
            let complete = n_dropped == 0 || post.file_ids.len() == wanted.files.len();
            if complete || round == ROUNDS_MAX {
                if !complete {
                    self.done.notes.push(format!(
                        "the server dropped {n_dropped} of {} files of {}, {ROUNDS_MAX} times; run again, or attach them by hand",
                        ids.len(),
                        wanted.part.id
                    ));
                }
                self.note(wanted, &post, Posted::Made);
                return self.pinned(wanted.part.pin, &post);
            }
            if !self.take_back(wanted, &post.id)? {
                self.note(wanted, &post, Posted::Made);
                return self.pinned(wanted.part.pin, &post);
            }
        }
        Ok(())
    }

    fn make(
        &self,
        wanted: &Wanted<'_>,
        copy: usize,
        hash: &str,
        root: Option<&PostId>,
        files: &[FileId],
    ) -> Result<Post, Error> {
        let mark = self.mark(wanted, copy, hash).json();
        let what = format!("{} {mark} {files:?}", self.place.channel);
        self.client.create_post(&NewPost {
            channel: self.place.channel.clone(),
            root: root.cloned(),
            message: wanted.message.clone(),
            files: files.to_vec(),
            mark,
            pending: format!("{}:{}", self.place.me, fingerprint(what.as_bytes())),
        })
    }

    fn mark(&self, wanted: &Wanted<'_>, copy: usize, hash: &str) -> Mark {
        Mark {
            key: self.plan.key.clone(),
            part: wanted.part.id.clone(),
            n: wanted.n,
            copy,
            hash: hash.to_owned(),
            files: wanted.files_hash(),
            n_files: wanted.files.len(),
            memory: if wanted.first { self.plan.memory.clone() } else { serde_json::Map::new() },
        }
    }

    fn pinned(&self, pin: bool, post: &Post) -> Result<(), Error> {
        if pin && !post.is_pinned { self.client.pin(&post.id) } else { Ok(()) }
    }

    fn note(&mut self, wanted: &Wanted<'_>, post: &Post, posted: Posted) {
        self.done.posts.push((wanted.part.id.clone(), post.id.clone(), posted));
    }
}
