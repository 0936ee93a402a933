//! One request and its answer: the only place that opens connections.
//!
//! Only the configured host is asked; redirects are not followed; certificates are always
//! verified; every phase has a timeout; an answer has a limit.

use crate::error::cleared;
use crate::retry::Repeat;
use crate::site::{SettingError, Site};
use crate::{Error, Fault};
use std::io;
use std::time::Duration;
use ureq::http::{Method, Request, Uri};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Proxy, Timeout};

/// Bytes of the largest answer that is read: 200 posts of 16383 characters of 4 bytes, and room.
pub(crate) const ANSWER_BYTES_MAX: u64 = 32 << 20;
/// Finding and reaching the server.
const CONNECT: Duration = Duration::from_secs(10);
/// Everything else of a request that carries no file.
const WHOLE: Duration = Duration::from_secs(60);
/// Of one that carries a file: 100 MB over a slow line.
const WITH_FILE: Duration = Duration::from_secs(600);

/// How the server is reached.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// The proxy, as in HTTPS_PROXY; empty: none. Never used for this machine.
    pub proxy: String,
    /// Hosts that are reached without it, as in NO_PROXY.
    pub no_proxy: String,
    /// Certificates (PEM) that are trusted instead of the public ones; empty: the public ones.
    pub certificates: Vec<u8>,
    /// How long a request that carries no file may take in all; `None`: a minute.
    pub timeout: Option<Duration>,
}

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// Nothing.
    None,
    /// JSON, written.
    Json(&'a [u8]),
    /// A file.
    File(&'a [u8]),
}

/// One request.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// What it is for, as a phrase that follows "cannot": `post to the channel`.
    pub doing: &'static str,
    /// The method.
    pub method: Method,
    /// Behind the site's address: `/api/v4/posts?...`; made of checked ids and escaped values.
    pub path: String,
    /// What is sent.
    pub body: Body<'a>,
    /// Whether it may be repeated.
    pub repeat: Repeat,
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub bytes: Vec<u8>,
    pub(crate) version_id: String,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) request_id: String,
    pub(crate) location: String,
}

#[derive(Debug)]
pub(crate) struct Transport {
    site: Site,
    agent: Agent,
    timeout: Duration,
}

impl Transport {
    pub(crate) fn new(site: Site, connection: &Connection) -> Result<Self, SettingError> {
        let mut tls = TlsConfig::builder();
        if !connection.certificates.is_empty() {
            tls = tls.root_certs(roots(&connection.certificates)?);
        }
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .https_only(!site.is_loopback())
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(proxy(&site, connection)?)
            .tls_config(tls.build())
            .user_agent(concat!("analyze/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            // A connection that the server closes meanwhile looks like a lost request.
            .max_idle_age(Duration::from_secs(2))
            .build()
            .new_agent();
        Ok(Self { site, agent, timeout: connection.timeout.unwrap_or(WHOLE) })
    }

    /// Sends once.
    pub(crate) fn send(
        &self,
        call: &Call<'_>,
        authorization: Option<&str>,
    ) -> Result<Answer, Error> {
        let address = format!("{}{}", self.site.base(), call.path);
        let mut request = Request::builder().method(call.method.clone()).uri(address);
        if let Some(authorization) = authorization {
            request = request.header("Authorization", authorization);
        }
        let (bytes, kind, whole) = match call.body {
            Body::None => (None, "", self.timeout),
            Body::Json(bytes) => (Some(bytes), "application/json", self.timeout),
            Body::File(bytes) => (Some(bytes), "application/octet-stream", WITH_FILE),
        };
        if !kind.is_empty() {
            request = request.header("Content-Type", kind);
        }
        let fault = |error: ureq::Error| Error::new(call.doing, fault_of(&error));
        let unfit = |_| Error::new(call.doing, Fault::Answer("the request could not be written"));
        // Methods that usually carry a body say that theirs is empty.
        let empty = matches!(call.method, Method::GET | Method::DELETE);
        let response = match bytes {
            None if empty => {
                let request = request.body(()).map_err(unfit)?;
                let request =
                    self.agent.configure_request(request).timeout_global(Some(whole)).build();
                self.agent.run(request)
            }
            bytes => {
                let request = request.body(bytes.unwrap_or_default()).map_err(unfit)?;
                let request =
                    self.agent.configure_request(request).timeout_global(Some(whole)).build();
                self.agent.run(request)
            }
        };
        let mut response = response.map_err(fault)?;
        let header = |name: &str| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let mut answer = Answer {
            status: response.status().as_u16(),
            bytes: Vec::new(),
            version_id: header("X-Version-Id"),
            retry_after: header("Retry-After").trim().parse().ok().map(Duration::from_secs),
            request_id: header("X-Request-Id"),
            location: header("Location"),
        };
        answer.bytes = response
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES_MAX)
            .read_to_vec()
            .map_err(fault)?;
        Ok(answer)
    }
}

impl Answer {
    /// The answer, or the error that it is.
    pub(crate) fn checked(self, doing: &'static str) -> Result<Self, Error> {
        match self.status {
            200..=299 => Ok(self),
            300..=399 => {
                let host =
                    self.location.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
                let to = host.unwrap_or_else(|| "another place".to_owned());
                Err(Error::new(doing, Fault::Redirected(cleared(&to))))
            }
            status => {
                Err(Error::refused(doing, status, &self.bytes, self.retry_after, &self.request_id))
            }
        }
    }
}

fn roots(pem: &[u8]) -> Result<RootCerts, SettingError> {
    let mut certificates: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(_) => return Err(SettingError::Certificates("is broken")),
        }
    }
    if certificates.is_empty() {
        return Err(SettingError::Certificates("holds no certificate"));
    }
    Ok(RootCerts::from(certificates))
}

/// The proxy of a site: none on this machine and for hosts of `no_proxy`.
fn proxy(site: &Site, connection: &Connection) -> Result<Option<Proxy>, SettingError> {
    let address = connection.proxy.trim();
    if address.is_empty() || site.is_loopback() || is_direct(site.host(), &connection.no_proxy) {
        return Ok(None);
    }
    let proxy = Proxy::new(address).map_err(|_| SettingError::Proxy)?;
    Ok(Some(proxy))
}

/// Whether a host is among those of `NO_PROXY`: names, which hold for what ends in them as well,
/// with or without a dot or `*.` in front; `*` is all.
fn is_direct(host: &str, no_proxy: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    no_proxy.split(',').map(|entry| entry.trim().to_ascii_lowercase()).any(|entry| {
        let name = entry.trim_start_matches('*').trim_start_matches('.');
        entry == "*"
            || !name.is_empty()
                && (host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')))
    })
}

/// What a failure of the connection means for what was asked.
fn fault_of(error: &ureq::Error) -> Fault {
    use ureq::Error as E;
    #[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum that may grow")]
    match error {
        E::HostNotFound => Fault::NotReached("no host of this name was found"),
        E::Timeout(Timeout::Resolve | Timeout::Connect) => {
            Fault::NotReached("the server did not answer in time")
        }
        E::ConnectionFailed | E::ConnectProxyFailed(_) => {
            Fault::NotReached("the connection was not made; a proxy may have refused it")
        }
        E::Timeout(_) => Fault::Lost("the answer did not come in time"),
        E::Tls(what) => Fault::Tls(cleared(what)),
        E::Rustls(what) => Fault::Tls(cleared(&what.to_string())),
        E::Pem(_) => Fault::Tls(cleared("a broken certificate")),
        E::Io(io) => match io.kind() {
            io::ErrorKind::ConnectionRefused => Fault::NotReached("nothing listens there"),
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                Fault::NotReached("there is no way to the host")
            }
            // How a failed handshake comes out.
            io::ErrorKind::InvalidData => Fault::Tls(cleared(&io.to_string())),
            _ => Fault::Lost("the connection ended before the answer was complete"),
        },
        E::Protocol(_) | E::BodyStalled => {
            Fault::Lost("the answer ended in the middle, or is no HTTP")
        }
        E::LargeResponseHeader(..) => {
            Fault::Answer("the answer's head is larger than any that is expected")
        }
        E::BodyExceedsLimit(_) => Fault::Answer("the answer is larger than any that is expected"),
        _ => Fault::Answer("the request could not be made, or its answer not be read"),
    }
}

/// A value for a path or a query: everything but letters, digits, `-`, `_` and `.` is escaped.
pub fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_left_out_for_the_hosts_that_are_said() {
        for (list, direct) in [
            ("", false),
            ("example.com", true),
            (".example.com", true),
            ("other.com, *.example.com", true),
            ("chat.example.com", true),
            ("hat.example.com", false),
            ("example.org", false),
            ("*", true),
        ] {
            assert_eq!(is_direct("chat.example.com", list), direct, "{list}");
        }
    }

    #[test]
    fn broken_certificates_are_refused_before_anything_is_sent() {
        let site = Site::parse("https://chat.example.com").expect("an address");
        for pem in
            ["no certificate", "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n"]
        {
            let connection = Connection { certificates: pem.into(), ..Connection::default() };
            assert!(Transport::new(site.clone(), &connection).is_err(), "{pem}");
        }
        let connection = Connection { proxy: "::".to_owned(), ..Connection::default() };
        assert_eq!(Transport::new(site, &connection).err(), Some(SettingError::Proxy));
    }

    #[test]
    fn nothing_leaves_its_place_in_an_address() {
        assert_eq!(escaped("a b/../ü?&#.txt"), "a%20b%2F..%2F%C3%BC%3F%26%23.txt");
    }
}
