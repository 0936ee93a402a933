//! The incident channel: posts, pins, checklists. The only crate that knows the network.
//!
//! [`Client`] asks one server with one token, blocking, one thing at a time. What it sends are
//! [`text::Markdown`]s, which cannot hold what was not cleared. What it gets is not trusted:
//! texts are [`text::Raw`] or cleared, ids are checked. Every failure is an [`Error`] that says
//! what failed, why, and what helps. Time, sleep and chance come from a [`Clock`].

mod client;
mod clock;
mod error;
mod files;
mod ids;
mod known;
mod people;
pub mod playbooks;
mod posts;
mod retry;
mod server;
mod site;
mod thread;
mod transport;
mod webhook;

pub use client::Client;
pub use clock::Clock;
pub use error::{Error, Fault, Refusal};
pub use files::{FileInfo, Upload};
pub use ids::{ChannelId, ChannelRef, FileId, PlaybookId, PostId, RunId, TeamId, UserId};
pub use known::ErrorId;
pub use people::{Channel, User};
pub use posts::{MARK, NewPost, PAGE_POSTS, Post, PostPatch};
pub use retry::{Repeat, Retry};
pub use server::{Limits, Plugin, Server, Version};
pub use site::{SettingError, Site, Token, WebhookUrl};
pub use thread::{
    Done, Interrupted, Part, Place, Plan, PlanError, Posted, Survey, ThreadError, apply,
    fingerprint, survey,
};
pub use transport::{Answer, Body, Call, Connection, escaped};
pub use ureq::http::Method;
pub use webhook::Webhook;
