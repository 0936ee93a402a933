//! Errors of the channel: what failed, why, and what helps.

use crate::known::{ErrorId, KNOWN, of_status};
use serde::Deserialize;
use std::fmt;
use std::time::Duration;
use text::{Raw, Redactor, Value, escape};

/// Characters of a server's message that are shown: it is one sentence.
const MESSAGE_CHARS_MAX: usize = 300;

/// A request that was not answered as it should have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    doing: &'static str,
    fault: Fault,
}

/// Why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The server was not reached: nothing was done.
    NotReached(&'static str),
    /// The connection ended, or the answer did not come: whether it was done is not known.
    Lost(&'static str),
    /// The server could not prove who it is.
    Tls(Value),
    /// The server sends us to another address; that is not followed.
    Redirected(Value),
    /// The answer is none of this API.
    Answer(&'static str),
    /// The server refused.
    Refused(Refusal),
}

/// What a server said when it refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// Which error it is.
    pub id: ErrorId,
    /// The server's own words, cleared; empty when it gave none. Never what it calls detailed.
    pub message: Value,
    /// By which the server's administrator finds it in the log; empty when there is none.
    pub request_id: Value,
    /// How long to wait, where the server says so.
    pub retry_after: Option<Duration>,
}

/// The body of an error, as the server and its plugins write it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    id: String,
    message: String,
    request_id: String,
    /// How plugins write it.
    error: String,
}

impl Error {
    pub(crate) fn new(doing: &'static str, fault: Fault) -> Self {
        Self { doing, fault }
    }

    /// Reads the body of an answer that is no success.
    pub(crate) fn refused(
        doing: &'static str,
        status: u16,
        body: &[u8],
        retry_after: Option<Duration>,
        request_id: &str,
    ) -> Self {
        let body: Body = serde_json::from_slice(body).unwrap_or_default();
        let id = ErrorId::parse(&body.id).unwrap_or_else(|| of_status(status));
        let message = if body.message.is_empty() { body.error } else { body.message };
        let request_id =
            if request_id.is_empty() { body.request_id } else { request_id.to_owned() };
        let fault = Fault::Refused(Refusal {
            status,
            id,
            message: cleared(&message),
            request_id: cleared(&request_id),
            retry_after,
        });
        Self { doing, fault }
    }

    /// What was being done, as a phrase: `post to the channel`.
    pub fn doing(&self) -> &'static str {
        self.doing
    }

    /// Why it failed.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// What the server said, if it refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        if let Fault::Refused(refusal) = &self.fault { Some(refusal) } else { None }
    }

    /// Which error of the server it is.
    pub fn id(&self) -> Option<ErrorId> {
        self.refusal().map(|refusal| refusal.id)
    }

    /// The HTTP status of a refusal.
    pub fn status(&self) -> Option<u16> {
        self.refusal().map(|refusal| refusal.status)
    }

    /// How long the server asks to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.refusal()?.retry_after
    }

    /// Whether the server refused for the rate alone: nothing was done.
    pub fn is_rate(&self) -> bool {
        self.status() == Some(429)
    }

    /// Whether the server certainly did nothing.
    pub fn is_not_sent(&self) -> bool {
        match &self.fault {
            Fault::NotReached(_) | Fault::Tls(_) => true,
            Fault::Lost(_) | Fault::Answer(_) | Fault::Redirected(_) => false,
            Fault::Refused(refusal) => refusal.status < 500,
        }
    }

    /// Whether the same request may succeed a little later.
    pub fn is_passing(&self) -> bool {
        match &self.fault {
            Fault::NotReached(_) | Fault::Lost(_) => true,
            Fault::Tls(_) | Fault::Answer(_) | Fault::Redirected(_) => false,
            Fault::Refused(refusal) => matches!(refusal.status, 429 | 500 | 502 | 503 | 504),
        }
    }

    /// What helps, as a sentence without a full stop; empty when nothing is known to.
    pub fn remedy(&self) -> &'static str {
        match &self.fault {
            Fault::NotReached(_) => {
                "check the address, the network and the proxy (HTTPS_PROXY, NO_PROXY)"
            }
            Fault::Lost(_) => {
                "run the same command again: what was done already is found and not repeated"
            }
            Fault::Tls(_) => {
                "check the address; for a company's own certificates give them with --ca-file FILE.pem"
            }
            Fault::Redirected(_) => "give the address that the browser ends up at as --server",
            Fault::Answer(_) => {
                "check that --server is Mattermost's own address, with the path under which it runs"
            }
            Fault::Refused(refusal) => {
                KNOWN.iter().find(|known| known.id == refusal.id).map_or("", |known| known.remedy)
            }
        }
    }

    fn why(&self) -> String {
        match &self.fault {
            Fault::NotReached(why) | Fault::Lost(why) | Fault::Answer(why) => (*why).to_owned(),
            Fault::Tls(why) => format!("the server could not prove who it is ({why})"),
            Fault::Redirected(to) => {
                format!("the server sends us to {to}, and redirects are not followed")
            }
            Fault::Refused(refusal) => {
                let known = KNOWN.iter().find(|known| known.id == refusal.id);
                let mut why = known.map_or("the server refused it", |known| known.why).to_owned();
                why.push_str(&format!(" (status {}", refusal.status));
                if !refusal.message.as_str().is_empty() {
                    why.push_str(&format!(", the server says: {}", refusal.message));
                }
                if !refusal.request_id.as_str().is_empty() {
                    why.push_str(&format!(", request {}", refusal.request_id));
                }
                why.push(')');
                why
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}: {}", self.doing, self.why())?;
        match self.remedy() {
            "" => Ok(()),
            remedy => write!(f, "; {remedy}"),
        }
    }
}

impl std::error::Error for Error {}

/// Words of a server as they may be shown: it is not trusted.
pub(crate) fn cleared(words: &str) -> Value {
    let cleared = Redactor::new().clear(&Raw::new(words));
    let line = escape::terminal(cleared.as_str());
    let mut short: String = line.chars().take(MESSAGE_CHARS_MAX).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    Value::trusted(short.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_failed_why_and_what_helps() {
        let body = br#"{"id":"api.context.permissions.app_error","message":"You do not have the appropriate permissions.","detailed_error":"SELECT secret FROM users","request_id":"jfzb","status_code":403}"#;
        let error = Error::refused("post to the channel", 403, body, None, "");
        let shown = error.to_string();
        insta::assert_snapshot!(shown, @"cannot post to the channel: the token may not do this here (status 403, the server says: You do not have the appropriate permissions., request jfzb); add its account to the team and to the channel; docs/mattermost.md lists the permissions");
        assert!(!shown.contains("SELECT"), "what is detailed is internal");
        assert!(error.is_not_sent() && !error.is_passing());
    }

    #[test]
    fn what_is_not_json_is_known_by_its_status() {
        let error = Error::refused(
            "pin the post",
            429,
            b"limit exceeded\n",
            Some(Duration::from_secs(1)),
            "",
        );
        assert!(error.is_rate() && error.is_passing() && error.is_not_sent());
        let error = Error::refused("pin the post", 502, b"<html>bad gateway</html>", None, "");
        assert!(error.is_passing() && !error.is_not_sent());
        assert!(!error.to_string().contains("<html>"));
        let error = Error::refused(
            "read the run",
            400,
            br#"{"error":"multiple runs in the channel"}"#,
            None,
            "",
        );
        assert_eq!(
            error.refusal().map(|r| r.message.as_str()),
            Some("multiple runs in the channel")
        );
    }

    #[test]
    fn words_of_a_server_are_not_trusted() {
        let body = "{\"message\":\"\\u001b[2Jpassword=hunter2 \\u202etxt\\n line\",\"id\":\"x\"}";
        let shown = Error::refused("do it", 400, body.as_bytes(), None, "a\u{1b}[1mb").to_string();
        assert!(
            !shown.contains(['\u{1b}', '\u{202e}', '\n']) && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
