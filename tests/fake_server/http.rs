//! Requests and answers over a socket, and what can go wrong between them.

use super::State;
use serde_json::Value as Json;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// What goes wrong with one request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// The connection ends when so many bytes of the request were read; it is not done.
    CutRequest(usize),
    /// The request is done, and the connection ends after so many bytes of the answer.
    CutAnswer(usize),
    /// Too many requests, in text.
    Rate,
    /// An answer of a proxy, in HTML; the request is not done.
    Proxy(u16),
    /// The request is done, and the server says that it failed.
    FailedAfter,
    /// The request is done; the answer takes its time.
    Slow(Duration),
    /// Another place.
    Redirect(String),
}

/// A request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Without the query.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// A header; its name in small letters.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// A value of the query.
    pub(crate) fn asked(&self, key: &str) -> &str {
        self.query.iter().find(|(known, _)| known == key).map_or("", |(_, value)| value)
    }

    /// The parts of the path behind `/api/v4`.
    pub(crate) fn parts(&self) -> Vec<&str> {
        let path = self.path.strip_prefix("/api/v4/").unwrap_or("-");
        path.split('/').collect()
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Response {
    pub(crate) fn json(status: u16, body: &Json) -> Self {
        Self::text(status, "application/json", &body.to_string())
    }

    pub(crate) fn text(status: u16, kind: &str, body: &str) -> Self {
        let headers = vec![("Content-Type".to_owned(), kind.to_owned())];
        Self { status, headers, body: body.as_bytes().to_vec() }
    }

    pub(crate) fn bytes(body: Vec<u8>) -> Self {
        Self { body, ..Self::text(200, "application/octet-stream", "") }
    }

    pub(crate) fn header(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    fn written(&self) -> Vec<u8> {
        let mut out = format!("HTTP/1.1 {} Status\r\n", self.status);
        for (name, value) in &self.headers {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
        out.push_str(&format!("Content-Length: {}\r\nConnection: close\r\n\r\n", self.body.len()));
        let mut out = out.into_bytes();
        out.extend_from_slice(&self.body);
        out
    }
}

/// A socket that is listened to until it is dropped.
pub(crate) struct Listener {
    url: String,
    port: u16,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    pub(crate) fn start(state: Arc<Mutex<State>>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                if let Ok(stream) = stream {
                    serve(stream, &state);
                }
            }
        });
        Self { url: format!("http://127.0.0.1:{port}"), port, stop, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the loop.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    drop(stream.set_read_timeout(Some(Duration::from_secs(20))));
    let fault = {
        let state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.faults.get(&state.requests.len()).cloned()
    };
    let most = if let Some(Fault::CutRequest(most)) = &fault { *most } else { usize::MAX };
    let Some(request) = read(&mut stream, most) else {
        if most < usize::MAX {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            state.requests.push("cut".to_owned());
        }
        drop(stream.shutdown(Shutdown::Both));
        return;
    };
    let written = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.requests.push(format!("{} {}", request.method, request.path));
        match &fault {
            Some(Fault::Rate) => {
                let mut response = Response::text(429, "text/plain", "limit exceeded\n");
                response.header("Retry-After", "1");
                response.written()
            }
            Some(Fault::Proxy(status)) => {
                Response::text(*status, "text/html", "<html><b>@all</b></html>").written()
            }
            Some(Fault::Redirect(to)) => {
                let mut response = Response::text(302, "text/plain", "");
                response.header("Location", to);
                response.written()
            }
            Some(Fault::FailedAfter) => {
                state.answer(&request);
                state.error(500, "app.post.save.app_error", "Unable to save.").written()
            }
            Some(Fault::Slow(_) | Fault::CutAnswer(_) | Fault::CutRequest(_)) | None => {
                state.answer(&request).written()
            }
        }
    };
    if let Some(Fault::Slow(time)) = fault {
        std::thread::sleep(time);
    }
    let most = if let Some(Fault::CutAnswer(most)) = fault { most } else { written.len() };
    drop(stream.write_all(&written[..most.min(written.len())]));
    drop(stream.shutdown(Shutdown::Both));
}

/// Reads a request, of at most so many bytes; `None` when it is not whole.
fn read(stream: &mut TcpStream, most: usize) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut block = [0; 16 << 10];
    loop {
        if let Some(request) = parse(&bytes) {
            return Some(request);
        }
        let room = block.len().min(most.checked_sub(bytes.len()).filter(|room| *room > 0)?);
        match stream.read(&mut block[..room]) {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&block[..n]),
        }
    }
}

fn parse(bytes: &[u8]) -> Option<Request> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?);
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().expect("a length"));
    let body = bytes.get(end + 4..end + 4 + length)?.to_vec();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), decoded(value)))
        .collect();
    Some(Request { method, path: decoded(path), query, headers, body })
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let hex: String = bytes.by_ref().take(2).map(char::from).collect();
            out.push(u8::from_str_radix(&hex, 16).expect("two digits"));
        } else {
            out.push(byte);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
