//! A stand-in for the hub: a small HTTP server that answers as a test wants it to.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// With the query.
    pub(crate) path: String,
    /// The first byte asked for, where not all are.
    pub(crate) from: Option<usize>,
    pub(crate) authorization: Option<String>,
}

impl Asked {
    /// The path of the file below the revision.
    pub(crate) fn file(&self) -> &str {
        let resolved = self.path.split_once("/resolve/").unwrap().1;
        resolved.split_once('/').unwrap().1
    }
}

/// One answer.
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Bytes of the body after which the connection is cut.
    sent: usize,
    length: bool,
}

impl Reply {
    /// All of `bytes`, or those that were asked for.
    pub(crate) fn file(bytes: &[u8], asked: &Asked) -> Self {
        match asked.from {
            Some(from) if from >= bytes.len() => Self::status(416),
            Some(from) => {
                let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
                Self { status: 206, ..Self::whole(&bytes[from..]) }.header("Content-Range", &range)
            }
            None => Self::whole(bytes),
        }
    }

    /// All of `bytes`, whatever was asked for.
    pub(crate) fn whole(bytes: &[u8]) -> Self {
        let (body, sent) = (bytes.to_vec(), bytes.len());
        Self { status: 200, headers: Vec::new(), body, sent, length: true }
    }

    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::whole(b"") }
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self::status(302).header("Location", to)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Cuts the connection after so many bytes of the body.
    pub(crate) fn cut_after(mut self, bytes: usize) -> Self {
        self.sent = bytes.min(self.body.len());
        self
    }

    /// Does not say how many bytes follow.
    pub(crate) fn without_length(mut self) -> Self {
        self.length = false;
        self
    }

    fn send(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        let mut head = format!("HTTP/1.1 {} Answer\r\nConnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if self.length {
            head += &format!("Content-Length: {}\r\n", self.body.len());
        }
        stream.write_all(format!("{head}\r\n").as_bytes())?;
        stream.write_all(&self.body[..self.sent])
    }
}

type Answers = dyn Fn(&Asked, usize) -> Reply + Send + Sync;

/// A running server; it stops when dropped.
pub(crate) struct StandIn {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    stopped: Arc<AtomicBool>,
}

impl StandIn {
    /// `answers` gets each request and how many for the same path went before it.
    #[expect(
        clippy::disallowed_methods,
        reason = "a server needs threads; the program has its own"
    )]
    pub(crate) fn new(answers: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let stopped = Arc::new(AtomicBool::new(false));
        let (log, stop) = (Arc::clone(&asked), Arc::clone(&stopped));
        let answers: Arc<Answers> = Arc::new(answers);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let (log, answers) = (Arc::clone(&log), Arc::clone(&answers));
                // A client that goes away is its own affair.
                std::thread::spawn(move || {
                    stream.and_then(|stream| serve(&stream, &log, &*answers))
                });
            }
        });
        Self { address, asked, stopped }
    }

    /// A hub that has these files of the model and answers each request as it should.
    pub(crate) fn with_files(files: &[(&str, &[u8])]) -> Self {
        let files: Vec<(String, Vec<u8>)> =
            files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect();
        Self::new(move |asked, _| {
            let found = files.iter().find(|(path, _)| path == asked.file());
            found.map_or_else(|| Reply::status(404), |(_, bytes)| Reply::file(bytes, asked))
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Where the requests so far began.
    pub(crate) fn starts(&self) -> Vec<Option<usize>> {
        self.asked().into_iter().map(|asked| asked.from).collect()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Wakes the server, so that it sees the flag.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(stream: &TcpStream, log: &Mutex<Vec<Asked>>, answers: &Answers) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let Some(path) = first.split(' ').nth(1) else { return Ok(()) };
    let mut asked = Asked { path: path.to_owned(), from: None, authorization: None };
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(':') else { break };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "range" => {
                let from = value.strip_prefix("bytes=").and_then(|range| range.strip_suffix('-'));
                asked.from = Some(from.unwrap().parse().unwrap());
            }
            "authorization" => asked.authorization = Some(value.to_owned()),
            _ => {}
        }
    }
    let before = {
        let mut log = log.lock().unwrap();
        let before = log.iter().filter(|other| other.path == asked.path).count();
        log.push(asked.clone());
        before
    };
    answers(&asked, before).send(stream)
}
