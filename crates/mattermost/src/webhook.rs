//! Incoming webhooks: the poor man's way. No files, no threads, no pins, no changes.

use crate::client::written;
use crate::clock::Clock;
use crate::retry::{Repeat, Retry};
use crate::site::{SettingError, WebhookUrl};
use crate::transport::{Body, Call, Connection, Transport};
use crate::{Error, Fault};
use serde::Serialize;
use std::fmt;
use std::sync::Arc;
use text::Markdown;
use ureq::http::Method;

/// A webhook that can be posted to.
pub struct Webhook {
    transport: Transport,
    url: WebhookUrl,
    retry: Retry,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("url", &self.url).finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    text: &'a str,
}

impl Webhook {
    /// A webhook. Nothing is sent yet.
    pub fn new(
        url: WebhookUrl,
        connection: &Connection,
        retry: Retry,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SettingError> {
        let transport = Transport::new(url.site().clone(), connection)?;
        Ok(Self { transport, url, retry, clock })
    }

    /// Posts a message. It is not sent again when it may have arrived: nothing tells whether it
    /// did.
    pub fn post(&self, message: &Markdown) -> Result<(), Error> {
        const DOING: &str = "post through the webhook";
        let body = written(DOING, &Wire { text: message.as_str() })?;
        let call = Call {
            doing: DOING,
            method: Method::POST,
            path: self.url.path(),
            body: Body::Json(&body),
            repeat: Repeat::IfNotDone,
        };
        let mut tried = 0;
        loop {
            tried += 1;
            let error = match self.transport.send(&call, None).and_then(|it| it.checked(DOING)) {
                Ok(answer) if answer.bytes.trim_ascii() == b"ok" => return Ok(()),
                Ok(_) => {
                    return Err(Error::new(DOING, Fault::Answer("the server did not say ok")));
                }
                Err(error) => error,
            };
            let Some(wait) = self.retry.wait(&error, tried, call.repeat, &*self.clock) else {
                return Err(error);
            };
            self.clock.sleep(wait);
        }
    }
}
