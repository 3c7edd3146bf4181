//! One file: several tries, each going on where the last one stopped.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use super::http::{Answer, Hub, shown};
use super::model_error;
use super::partial::Partial;
use crate::error::{Error, Result};

/// The file to get and what is known of it.
pub(super) struct Wanted<'a> {
    /// Below the folder of the model.
    pub(super) path: &'a str,
    pub(super) url: String,
    pub(super) revision: &'a str,
    pub(super) size: Option<u64>,
    pub(super) sha256: Option<&'a str>,
    /// The most bytes to accept.
    pub(super) limit: u64,
}

/// A file that came in whole.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) size: u64,
    pub(super) sha256: String,
}

/// Why there is no file.
#[derive(Debug)]
pub(super) enum Failure {
    /// The hub has none.
    Absent(Error),
    /// Another try may help, after some time.
    Passing { error: Error, wait: Option<Duration> },
    /// It will not.
    Lasting(Error),
}

impl Failure {
    pub(super) fn passing(error: Error) -> Self {
        Self::Passing { error, wait: None }
    }

    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Absent(error) | Self::Passing { error, .. } | Self::Lasting(error) => error,
        }
    }
}

/// What goes wrong on this machine goes wrong at the next try.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Lasting(error)
    }
}

/// Gets a file and gives it the name `target`. `report` is told how many of its bytes are here.
pub(super) fn download(
    hub: &Hub,
    wanted: &Wanted<'_>,
    target: &Path,
    report: &dyn Fn(u64),
) -> Result<Got, Failure> {
    let mut pause = hub.patience.pause;
    for left in (0..hub.patience.tries.max(1)).rev() {
        match attempt(hub, wanted, target, report) {
            Err(Failure::Passing { wait, .. }) if left > 0 => {
                std::thread::sleep(wait.unwrap_or(pause));
                pause *= 2;
            }
            outcome => return outcome,
        }
    }
    unreachable!("the last try returns")
}

fn attempt(
    hub: &Hub,
    wanted: &Wanted<'_>,
    target: &Path,
    report: &dyn Fn(u64),
) -> Result<Got, Failure> {
    let mut part = Partial::open(target)?;
    if part.size() > wanted.limit {
        part.restart()?;
    }
    let resumed = part.size();
    let mut promise = Promise { size: wanted.size, sha256: wanted.sha256.map(str::to_owned) };
    if promise.size.is_none_or(|size| size != resumed) {
        let answer = hub.get(&wanted.url, resumed)?;
        promise = receive(answer, wanted, &mut part, report)?;
    }
    report(part.size());
    let got = Got { size: part.size(), sha256: part.sha256() };
    if let Some(size) = promise.size.filter(|size| *size != got.size) {
        let message = format!("ends after {} of {size} bytes", got.size);
        return Err(Failure::passing(cut(wanted, &message)));
    }
    if let Some(expected) = promise.sha256.filter(|expected| *expected != got.sha256) {
        part.restart()?;
        let message = format!("{} has the sha256 {}, not {expected}", wanted.path, got.sha256);
        let error = model_error(message).in_file(shown(&wanted.url)).hint(
            "what came in was thrown away; the file was changed on the way, or the description is of another one",
        );
        // The beginning may be of an older, broken try: the file deserves another one.
        return Err(if resumed > 0 { Failure::passing(error) } else { Failure::Lasting(error) });
    }
    part.commit(target)?;
    Ok(got)
}

/// What the whole file should be, by its description and by the hub; what neither says is not known.
struct Promise {
    size: Option<u64>,
    sha256: Option<String>,
}

/// Writes the bytes of an answer behind those in `part`.
fn receive(
    mut answer: Answer,
    wanted: &Wanted<'_>,
    part: &mut Partial,
    report: &dyn Fn(u64),
) -> Result<Promise, Failure> {
    check_linked(&answer, wanted)?;
    let whole = match (answer.status, answer.range) {
        (206, Some((first, whole))) if first == part.size() => whole,
        // A server that does not know ranges sends all.
        (200, _) => {
            part.restart()?;
            answer.length
        }
        // 416, or another part than was asked for: what is here is not the beginning of the server's file.
        _ => {
            part.restart()?;
            let error = model_error("does not go on from where the last try has stopped");
            return Err(Failure::passing(error.in_file(shown(&wanted.url))));
        }
    };
    let size = answer.linked.size.or(whole);
    if let (Some(size), Some(expected)) = (size, wanted.size)
        && size != expected
    {
        return Err(Failure::Lasting(other_file(
            wanted,
            &format!("has {size} bytes, the description says {expected}"),
        )));
    }
    if size.is_some_and(|size| size > wanted.limit) {
        return Err(Failure::Lasting(too_large(wanted)));
    }
    if wanted.size.or(size).is_none() && !answer.delimited {
        let message = "comes without its size, so that nobody can tell when it is whole";
        return Err(Failure::Lasting(other_file(wanted, message)));
    }
    copy(&mut answer.body, wanted, part, report)?;
    let sha256 = wanted.sha256.map(str::to_owned).or(answer.linked.sha256);
    Ok(Promise { size: wanted.size.or(size), sha256 })
}

/// What the hub says of the file must be what the description says.
fn check_linked(answer: &Answer, wanted: &Wanted<'_>) -> Result<(), Failure> {
    let linked = &answer.linked;
    if let Some(commit) = linked.commit.as_deref().filter(|commit| *commit != wanted.revision) {
        let message = format!("is of the commit {commit}, not {}", wanted.revision);
        return Err(Failure::Lasting(other_file(wanted, &message)));
    }
    match (linked.sha256.as_deref(), wanted.sha256) {
        (Some(linked), Some(expected)) if linked != expected => {
            let message = format!("has the sha256 {linked} on the hub, not {expected}");
            Err(Failure::Lasting(other_file(wanted, &message)))
        }
        _ => Ok(()),
    }
}

fn copy(
    body: &mut dyn Read,
    wanted: &Wanted<'_>,
    part: &mut Partial,
    report: &dyn Fn(u64),
) -> Result<(), Failure> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = match body.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => {
                let message = format!("breaks off after {} bytes", part.size());
                return Err(Failure::passing(cut(wanted, &message).caused_by(error)));
            }
        };
        if part.size() + read as u64 > wanted.limit {
            part.restart()?;
            return Err(Failure::Lasting(too_large(wanted)));
        }
        part.write(&buffer[..read])?;
        report(part.size());
    }
}

fn cut(wanted: &Wanted<'_>, message: &str) -> Error {
    model_error(message)
        .in_file(shown(&wanted.url))
        .hint("run the command again: it goes on where it stopped")
}

fn other_file(wanted: &Wanted<'_>, message: &str) -> Error {
    model_error(message)
        .in_file(shown(&wanted.url))
        .hint("the hub has another file than the description: check id, revision and HF_ENDPOINT")
}

fn too_large(wanted: &Wanted<'_>) -> Error {
    other_file(wanted, &format!("is larger than the {} bytes allowed", wanted.limit))
}
