//! Requests to a hub: addresses, redirects, the token, and which failures are worth another try.

use std::io::Read;
use std::time::Duration;

use ureq::http::{HeaderMap, Uri};

use super::download::Failure;
use super::model_error;
use crate::error::{Error, ErrorKind, Result};

const PUBLIC_HUB: &str = "https://huggingface.co";

/// Redirects followed for one file; the public hub needs two.
const MAX_REDIRECTS: usize = 5;

/// No server makes us wait longer than this between two tries.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// How long to wait and how often to try.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Tries for each file; at least 1.
    pub tries: u32,
    /// Before the second try; doubled before each further one.
    pub pause: Duration,
    /// For a connection.
    pub connect: Duration,
    /// For the next bytes, of an answer or of a file.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 5,
            pause: Duration::from_millis(500),
            connect: Duration::from_secs(15),
            silence: Duration::from_mins(1),
        }
    }
}

/// A server with models, as huggingface.co or a mirror of it.
pub struct Hub {
    agent: ureq::Agent,
    endpoint: String,
    token: Option<String>,
    pub(super) patience: Patience,
}

/// What a server answered, redirects followed.
pub(super) struct Answer {
    /// 200 for a whole file, 206 for the rest of it, 416 where there is no rest.
    pub(super) status: u16,
    /// Bytes that follow.
    pub(super) length: Option<u64>,
    /// Whether a cut connection shows: the length is told, or the end is.
    pub(super) delimited: bool,
    /// Where they begin and how large the whole file is, for a part of it.
    pub(super) range: Option<(u64, Option<u64>)>,
    /// What the hub itself knows of the file.
    pub(super) linked: Linked,
    /// The bytes.
    pub(super) body: Box<dyn Read>,
}

/// What a hub says of a file before it sends us to the server that has it.
#[derive(Debug, Default)]
pub(super) struct Linked {
    pub(super) sha256: Option<String>,
    pub(super) size: Option<u64>,
    pub(super) commit: Option<String>,
}

impl Hub {
    /// The hub at `endpoint`, asked with `token` where it wants one.
    ///
    /// # Errors
    /// Where the endpoint is no address of a server or the token cannot be sent.
    pub fn new(endpoint: &str, token: Option<&str>, patience: Patience) -> Result<Self> {
        let endpoint = endpoint.trim_end_matches('/');
        if origin(endpoint).is_none() || endpoint.contains(['?', '#', '@']) {
            return Err(Error::new(ErrorKind::Config, "the address of the hub cannot be used")
                .hint(format!("HF_ENDPOINT looks like {PUBLIC_HUB}, without a user or a query")));
        }
        let sendable = |token: &&str| token.bytes().all(|byte| byte.is_ascii_graphic());
        if token.is_some_and(|token| !sendable(&token)) {
            return Err(Error::new(ErrorKind::Config, "the token for the hub cannot be used")
                .hint("HF_TOKEN holds the token alone: no spaces, no line breaks"));
        }
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // Redirects are followed here: the token must stay behind, and the hub's own headers are read.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("plenary/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(patience.connect))
            .timeout_per_read(Some(patience.silence))
            .timeout_per_write(Some(patience.silence))
            .build()
            .new_agent();
        let (endpoint, token) = (endpoint.to_owned(), token.map(str::to_owned));
        Ok(Self { agent, endpoint, token, patience })
    }

    /// The hub that the environment names, in the variables of the hub's own tools: `HF_ENDPOINT` and `HF_TOKEN`.
    ///
    /// # Errors
    /// As [`Hub::new`].
    pub fn from_environment() -> Result<Self> {
        let set = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let (endpoint, token) = (set("HF_ENDPOINT"), set("HF_TOKEN"));
        let endpoint = endpoint.as_deref().unwrap_or(PUBLIC_HUB);
        Self::new(endpoint, token.as_deref().map(str::trim), Patience::default())
    }

    /// The address of a file. Ids, revisions and paths were checked: there is nothing in them to be escaped.
    pub(super) fn url(&self, id: &str, revision: &str, path: &str) -> String {
        format!("{}/{id}/resolve/{revision}/{path}", self.endpoint)
    }

    /// Asks for the bytes of `url` from the byte `from` on.
    pub(super) fn get(&self, url: &str, from: u64) -> Result<Answer, Failure> {
        let mut url = url.to_owned();
        let mut linked = Linked::default();
        for _ in 0..=MAX_REDIRECTS {
            let response = self.ask(&url, from)?;
            let (head, body) = response.into_parts();
            linked.read(&head.headers);
            let status = head.status.as_u16();
            match status {
                200 | 206 | 416 => {
                    let range = header(&head.headers, "content-range").and_then(parse_range);
                    let length = number(&head.headers, "content-length");
                    let delimited =
                        length.is_some() || head.headers.contains_key("transfer-encoding");
                    let body = Box::new(body.into_reader());
                    return Ok(Answer { status, length, delimited, range, linked, body });
                }
                301 | 302 | 303 | 307 | 308 => {
                    let to = header(&head.headers, "location").and_then(|to| join(&url, to));
                    let to = to.ok_or_else(|| lasting(&url, "redirects to no usable address"))?;
                    if url.starts_with("https:") && !to.starts_with("https:") {
                        return Err(lasting(&url, "redirects to an address without encryption"));
                    }
                    url = to;
                }
                _ => return Err(self.refusal(&url, status, &head.headers)),
            }
        }
        Err(lasting(&url, "redirects too often"))
    }

    fn ask(&self, url: &str, from: u64) -> Result<ureq::http::Response<ureq::Body>, Failure> {
        let mut request = self.agent.get(url);
        if from > 0 {
            request = request.header("Range", format!("bytes={from}-"));
        }
        // The token is for the hub alone; where it sends us is none of the token's business.
        if let Some(token) = self.token.as_ref().filter(|_| origin(url) == origin(&self.endpoint)) {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        request.call().map_err(|error| {
            let failed = model_error("cannot be reached").in_file(shown(url)).hint(
                "is there a network? HF_ENDPOINT names a mirror; files can be put in place by hand, too",
            );
            let passing = matches!(
                error,
                ureq::Error::Io(_)
                    | ureq::Error::Timeout(_)
                    | ureq::Error::HostNotFound
                    | ureq::Error::ConnectionFailed
                    | ureq::Error::Protocol(_)
            );
            let error = failed.caused_by(error);
            if passing { Failure::passing(error) } else { Failure::Lasting(error) }
        })
    }

    /// An answer that is none.
    fn refusal(&self, url: &str, status: u16, headers: &HeaderMap) -> Failure {
        let error = model_error(format!("answers with status {status}")).in_file(shown(url));
        match status {
            404 | 410 => Failure::Absent(
                error.hint("the hub has no such file at this revision; are id and revision right?"),
            ),
            401 | 403 => Failure::Lasting(error.hint(match self.token {
                Some(_) => "HF_TOKEN gives no access; accept the model's terms on its page first",
                None => "the model is private, gated or not there; set HF_TOKEN to a token that may read it",
            })),
            408 | 425 | 429 | 500..=599 => {
                let wait = number(headers, "retry-after").map(Duration::from_secs);
                let error = error.hint("the server is busy or ill; try again later");
                Failure::Passing { error, wait: wait.map(|wait| wait.min(LONGEST_PAUSE)) }
            }
            _ => Failure::Lasting(error.hint("is HF_ENDPOINT the address of a hub?")),
        }
    }
}

impl Linked {
    /// Takes what is new. The hub answers first, so what it says is not overwritten by those it sends us to.
    fn read(&mut self, headers: &HeaderMap) {
        let etag = header(headers, "x-linked-etag").map(|etag| etag.trim_start_matches("W/"));
        let etag = etag.map(|etag| etag.trim_matches('"').to_ascii_lowercase());
        // Small files have a git hash of 40 digits here, which is no digest of the content alone.
        self.sha256 =
            self.sha256.take().or(etag.filter(|etag| super::super::names::is_sha256(etag)));
        self.size = self.size.or(number(headers, "x-linked-size"));
        let commit = header(headers, "x-repo-commit").map(str::to_owned);
        self.commit = self.commit.take().or(commit);
    }
}

fn lasting(url: &str, message: &str) -> Failure {
    let error = model_error(message).in_file(shown(url));
    Failure::Lasting(error.hint("is HF_ENDPOINT the address of a hub?"))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    header(headers, name).and_then(|value| value.trim().parse().ok())
}

/// An address fit to be shown: what follows the question mark may be a signature that opens the file.
pub(super) fn shown(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}

/// Scheme, host and port of an `http` or `https` address, in lower case.
fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| ["http", "https"].contains(scheme))?;
    let default = if scheme == "https" { 443 } else { 80 };
    let host = uri.host().filter(|host| !host.is_empty())?.to_ascii_lowercase();
    Some(format!("{scheme}://{host}:{}", uri.port_u16().unwrap_or(default)))
}

/// The address that `location` means, seen from `base` (RFC 9110, section 10.2.2).
fn join(base: &str, location: &str) -> Option<String> {
    let scheme = location.split_once("://").map(|(scheme, _)| scheme);
    let joined = if scheme.is_some_and(|scheme| !scheme.contains(['/', '?', '#'])) {
        location.to_owned()
    } else if let Some(host) = location.strip_prefix("//") {
        format!("{}://{host}", base.split("://").next()?)
    } else {
        let start = base.find("://")? + 3;
        let path = start + base[start..].find('/').unwrap_or(base.len() - start);
        if location.starts_with('/') {
            format!("{}{location}", &base[..path])
        } else {
            let plain = base.split('?').next()?;
            format!("{}/{location}", &plain[..plain.rfind('/').filter(|end| *end >= path)?])
        }
    };
    origin(&joined).map(|_| joined)
}

/// `bytes 5-9/10` as the first byte and the size of the whole, which may be unknown (`*`).
fn parse_range(value: &str) -> Option<(u64, Option<u64>)> {
    let (range, whole) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, _) = range.split_once('-')?;
    Some((first.trim().parse().ok()?, whole.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_joined_as_the_standard_says() {
        let base = "https://hub.example/a/b/file?x=1";
        let check = |location, expected: Option<&str>| {
            assert_eq!(join(base, location).as_deref(), expected, "{location}");
        };
        check("https://cdn.example/f?sig=1", Some("https://cdn.example/f?sig=1"));
        check("//cdn.example/f", Some("https://cdn.example/f"));
        check("/api/f", Some("https://hub.example/api/f"));
        check("/api/f?to=https://x", Some("https://hub.example/api/f?to=https://x"));
        check("f2", Some("https://hub.example/a/b/f2"));
        check("ftp://cdn.example/f", None);
        check("file:///etc/passwd", None);
        assert_eq!(join("http://h:8", "/x").as_deref(), Some("http://h:8/x"));
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let same = |one, other| origin(one) == origin(other);
        assert!(same("https://Hub.example/a", "https://hub.example:443/b?c"));
        assert!(!same("https://hub.example", "http://hub.example"));
        assert!(!same("https://hub.example", "https://hub.example:8443"));
        assert!(!same("https://hub.example", "https://hub.example.evil.example"));
        assert!(!same("https://hub.example", "https://hub.example@evil.example"));
        assert!(origin("hub.example").is_none() && origin("ftp://hub.example").is_none());
    }

    #[test]
    fn ranges_are_read() {
        assert_eq!(parse_range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(parse_range("bytes 5-9/*"), Some((5, None)));
        assert_eq!(parse_range("bytes */10"), None);
        assert_eq!(parse_range("pages 1-2/3"), None);
    }

    #[test]
    fn endpoints_and_tokens_are_checked() {
        for endpoint in ["hub.example", "ftp://h", "https://user:secret@h", "https://h?x", ""] {
            assert!(Hub::new(endpoint, None, Patience::default()).is_err(), "{endpoint}");
        }
        let error = Hub::new(PUBLIC_HUB, Some("hf_a\r\nX: y"), Patience::default()).err().unwrap();
        assert!(!error.to_string().contains("hf_a") && !format!("{error:?}").contains("hf_a"));
        let hub = Hub::new("http://h:1/mirror/", None, Patience::default()).unwrap();
        assert_eq!(hub.url("a/b", "c", "d/e"), "http://h:1/mirror/a/b/resolve/c/d/e");
    }

    #[test]
    fn what_may_open_a_file_is_not_shown() {
        assert_eq!(shown("https://cdn.example/f?Signature=secret"), "https://cdn.example/f");
    }
}
