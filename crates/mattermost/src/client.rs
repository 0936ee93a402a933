//! The client: requests with the token, repeated where that is safe.

use crate::clock::Clock;
use crate::retry::{Repeat, Retry};
use crate::server::Version;
use crate::site::{SettingError, Site, Token};
use crate::transport::{Answer, Body, Call, Connection, Transport};
use crate::{Error, Fault};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use ureq::http::Method;

/// A client of one server, with one token. It asks one thing at a time.
pub struct Client {
    transport: Transport,
    site: Site,
    token: Token,
    retry: Retry,
    clock: Arc<dyn Clock>,
    version: Mutex<Option<Version>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("site", &self.site).finish_non_exhaustive()
    }
}

impl Client {
    /// A client. Nothing is sent yet.
    pub fn new(
        site: Site,
        token: Token,
        connection: &Connection,
        retry: Retry,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SettingError> {
        let transport = Transport::new(site.clone(), connection)?;
        Ok(Self { transport, site, token, retry, clock, version: Mutex::new(None) })
    }

    /// The server that it asks.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// The clock that it was given.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The server's version, as the last answer told it.
    pub fn version(&self) -> Option<Version> {
        *self.version.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads `path` (`/api/v4/...`, `/plugins/...`).
    pub fn get<T: DeserializeOwned>(&self, doing: &'static str, path: String) -> Result<T, Error> {
        let call =
            Call { doing, method: Method::GET, path, body: Body::None, repeat: Repeat::Safe };
        read(doing, &self.send(&call)?)
    }

    /// Sends JSON to `path` and reads the answer.
    pub fn send_json<T: DeserializeOwned>(
        &self,
        doing: &'static str,
        method: Method,
        path: String,
        body: &impl Serialize,
        repeat: Repeat,
    ) -> Result<T, Error> {
        let body = written(doing, body)?;
        read(doing, &self.send(&Call { doing, method, path, body: Body::Json(&body), repeat })?)
    }

    /// Sends JSON to `path`; the answer does not matter.
    pub fn tell_json(
        &self,
        doing: &'static str,
        method: Method,
        path: String,
        body: &impl Serialize,
        repeat: Repeat,
    ) -> Result<(), Error> {
        let body = written(doing, body)?;
        self.send(&Call { doing, method, path, body: Body::Json(&body), repeat }).map(drop)
    }

    /// Sends a request, again where that is safe and may help.
    pub fn send(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let mut tried = 0;
        loop {
            tried += 1;
            let error = match self.send_once(call) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let Some(wait) = self.retry.wait(&error, tried, call.repeat, self.clock()) else {
                return Err(error);
            };
            self.clock.sleep(wait);
        }
    }

    /// Sends a request once.
    pub(crate) fn send_once(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let answer = self.transport.send(call, Some(&self.token.bearer()))?;
        if let Some(version) = Version::of_header(&answer.version_id) {
            *self.version.lock().unwrap_or_else(PoisonError::into_inner) = Some(version);
        }
        answer.checked(call.doing)
    }

    pub(crate) fn retry(&self) -> &Retry {
        &self.retry
    }
}

pub(crate) fn written(doing: &'static str, body: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(body)
        .map_err(|_| Error::new(doing, Fault::Answer("the request could not be written")))
}

/// Reads an answer as JSON of the expected shape. One that ends in the middle was lost on its way.
pub(crate) fn read<T: DeserializeOwned>(doing: &'static str, answer: &Answer) -> Result<T, Error> {
    serde_json::from_slice(&answer.bytes).map_err(|error| {
        let fault = if error.is_eof() {
            Fault::Lost("the answer ended in the middle")
        } else {
            Fault::Answer("the answer is not what this API answers")
        };
        Error::new(doing, fault)
    })
}
