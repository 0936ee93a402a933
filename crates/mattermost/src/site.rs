//! Where the server is and who we are there.

use std::fmt;
use std::net::IpAddr;
use ureq::http::Uri;

/// Characters of the longest token and webhook address that are believed.
const SECRET_CHARS_MAX: usize = 512;

/// Why a setting of the connection is refused, before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// The address of the server.
    #[error("the server's address {0}; write it as in the browser: https://chat.example.com")]
    Address(&'static str),
    /// A token.
    #[error("the token {0}; it is one word, as the server showed it when it was made")]
    Token(&'static str),
    /// A webhook's address.
    #[error("the webhook's address {0}; it is https://HOST/hooks/ID, as the server showed it")]
    Webhook(&'static str),
    /// A proxy.
    #[error("the proxy's address cannot be used; write http://HOST:PORT")]
    Proxy,
    /// Certificates of one's own.
    #[error("the file of certificates {0}; it holds one or more blocks BEGIN CERTIFICATE (PEM)")]
    Certificates(&'static str),
}

/// The address of a server: `https`, or `http` on this machine; with the path under which it
/// runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Scheme, host, port and path, without a slash at the end.
    base: String,
    host: String,
    loopback: bool,
}

impl Site {
    /// Reads a server's address. Encryption is required, but on this machine.
    pub fn parse(text: &str) -> Result<Self, SettingError> {
        let wrong = |what| Err(SettingError::Address(what));
        let text = text.trim().trim_end_matches('/');
        let text = text.strip_suffix("/api/v4").unwrap_or(text);
        if text.is_empty() {
            return wrong("is empty");
        }
        if text.contains(['?', '#', '\\', ' ']) || text.contains("/..") {
            return wrong("has more than scheme, host, port and path");
        }
        let Ok(uri) = text.parse::<Uri>() else { return wrong("cannot be read") };
        let (Some(scheme), Some(authority), Some(host)) =
            (uri.scheme_str(), uri.authority(), uri.host())
        else {
            return wrong("has no https:// in front of the host");
        };
        if authority.as_str().contains('@') {
            return wrong("holds a user or a password");
        }
        let loopback = is_loopback(host);
        match scheme {
            "https" => {}
            "http" if loopback => {}
            "http" => return wrong("is not encrypted: http is taken on this machine only"),
            _ => return wrong("is neither https nor http"),
        }
        let path = uri.path().trim_end_matches('/');
        Ok(Self {
            base: format!("{scheme}://{authority}{path}"),
            host: host.to_ascii_lowercase(),
            loopback,
        })
    }

    /// The address, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The host's name.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.loopback
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A token of a bot, a person or a session. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Takes a token as it stands in a file or in the environment.
    pub fn new(text: &str) -> Result<Self, SettingError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SettingError::Token("is empty"));
        }
        if text.len() > SECRET_CHARS_MAX || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(SettingError::Token("holds what no token holds"));
        }
        Ok(Self(text.to_owned()))
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// The address of an incoming webhook. It is a secret: whoever has it may post. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl {
    site: Site,
    id: String,
}

impl WebhookUrl {
    /// Takes the address as the server showed it.
    pub fn new(text: &str) -> Result<Self, SettingError> {
        let wrong = |what| Err(SettingError::Webhook(what));
        let text = text.trim().trim_end_matches('/');
        if text.len() > SECRET_CHARS_MAX {
            return wrong("is too long");
        }
        let Some((site, id)) = text.rsplit_once("/hooks/") else {
            return wrong("has no /hooks/ in it");
        };
        if !(1..=64).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return wrong("has no id behind /hooks/");
        }
        let Ok(site) = Site::parse(site) else {
            return wrong("is no https address");
        };
        Ok(Self { site, id: id.to_owned() })
    }

    /// The server that it belongs to.
    pub fn site(&self) -> &Site {
        &self.site
    }

    pub(crate) fn path(&self) -> String {
        format!("/hooks/{}", self.id)
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl({}/hooks/***)", self.site)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_have_a_port_and_a_path() {
        for (text, base) in [
            ("https://chat.example.com/", "https://chat.example.com"),
            (
                "https://chat.example.com:8443/mattermost/",
                "https://chat.example.com:8443/mattermost",
            ),
            ("https://chat.example.com/api/v4/", "https://chat.example.com"),
            ("http://127.0.0.1:8065", "http://127.0.0.1:8065"),
            ("http://[::1]:8065", "http://[::1]:8065"),
            ("http://localhost:8065", "http://localhost:8065"),
        ] {
            assert_eq!(Site::parse(text).map(|site| site.base), Ok(base.to_owned()), "{text}");
        }
    }

    #[test]
    fn an_address_that_would_give_the_token_away_is_refused() {
        for text in [
            "",
            "chat.example.com",
            "http://chat.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "https://user:word@chat.example.com",
            "https://chat.example.com/?a=b",
            "https://chat.example.com/../x",
            "ftp://chat.example.com",
            "https://",
        ] {
            assert!(Site::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let token = Token::new(" s3cretw0rd\n").expect("a token");
        assert_eq!(format!("{token:?} {:?}", Some(&token)), "Token(***) Some(Token(***))");
        let hook = WebhookUrl::new("https://chat.example.com/hooks/abc123def").expect("a hook");
        assert_eq!(format!("{hook:?}"), "WebhookUrl(https://chat.example.com/hooks/***)");
        assert_eq!(hook.path(), "/hooks/abc123def");
        for text in ["", "two words", "tok\u{1}en", "t\u{fc}r"] {
            let error = Token::new(text).expect_err("no token").to_string();
            assert!(text.is_empty() || !error.contains(text), "{error}");
        }
        for text in
            ["https://chat.example.com", "http://chat.example.com/hooks/abc", "https://h/hooks/a?b"]
        {
            let error = WebhookUrl::new(text).expect_err("no webhook").to_string();
            assert!(!error.contains(text), "{error}");
        }
    }
}
