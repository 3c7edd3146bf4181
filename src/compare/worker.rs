//! A contender's process: reads requests line by line, answers each with one line.

use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

use super::contender::{self, Contender};
use super::protocol::{Lap, Question, Reply, Request, Setup};
use super::specification::Specification;
use super::usage;
use crate::classify::StatementFeatures;
use crate::engine;
use crate::error::{Error, ErrorKind, Result};
use crate::schedule::Workers;

/// Serves the parent at the other end of `input` and `output` until it hangs up. `born` is when the process began.
///
/// # Errors
/// When `input` is no request or `output` is closed. Whatever fails in the contender itself is told to the parent.
pub fn serve(input: impl BufRead, mut output: impl Write, born: Instant) -> Result<()> {
    let broken = |error| Error::new(ErrorKind::Io, "lost the parent").caused_by(error);
    let mut state = None;
    for line in input.lines() {
        let line = line.map_err(broken)?;
        let request: Request = serde_json::from_str(&line).map_err(|error| {
            Error::new(ErrorKind::Input, "is no request of `plenary compare`").caused_by(error)
        })?;
        let reply = answer(&mut state, request, born).unwrap_or_else(|error| Reply::Failed {
            cause: error.in_full(),
            remedy: error.remedy().map(str::to_owned),
        });
        serde_json::to_writer(&mut output, &reply).map_err(|error| broken(error.into()))?;
        output.write_all(b"\n").and_then(|()| output.flush()).map_err(broken)?;
    }
    Ok(())
}

/// A loaded contender.
struct State {
    contender: Box<dyn Contender>,
    workers: Workers,
    sentences: Vec<Question>,
}

fn answer(state: &mut Option<State>, request: Request, born: Instant) -> Result<Reply> {
    if let Request::Start(setup) = request {
        let (loaded, seconds) = State::start(&setup, born)?;
        let about = loaded.contender.about();
        *state = Some(loaded);
        return Ok(Reply::Started { about, seconds });
    }
    let state = state
        .as_mut()
        .ok_or_else(|| Error::new(ErrorKind::Input, "asks before it says what to load"))?;
    Ok(match request {
        Request::Start(_) => unreachable!("answered above"),
        Request::Judge(questions) => {
            Reply::Judged(state.contender.judge(&questions, &state.workers)?)
        }
        Request::Sentences(sentences) => {
            state.sentences = sentences.into_iter().map(own_voice).collect();
            Reply::Ready
        }
        Request::Lap => Reply::Lap(state.lap()?),
        Request::PeakMemory => Reply::PeakMemory(usage::peak_memory()),
    })
}

impl State {
    /// The contender, and the seconds it took to be ready without what it learned on the way.
    fn start(setup: &Setup, born: Instant) -> Result<(Self, f64)> {
        let specification: Specification = setup.specification.parse()?;
        let codebook = engine::load_codebook(&setup.codebook)?;
        let workers = Workers::start(setup.threads)?;
        let loaded = contender::load(&specification, &codebook, setup)?;
        let seconds = born.elapsed().as_secs_f64();
        let contender = loaded.learn(&codebook, setup, &workers)?;
        Ok((Self { contender, workers, sentences: Vec::new() }, seconds))
    }

    fn lap(&self) -> Result<Lap> {
        let before = usage::processor_time();
        let clock = Instant::now();
        self.contender.judge(&self.sentences, &self.workers)?;
        let seconds = clock.elapsed().as_secs_f64();
        let after = usage::processor_time();
        let processor = before.zip(after).map(|(before, after)| after.saturating_sub(before));
        Ok(Lap { seconds, processor_seconds: processor.as_ref().map(Duration::as_secs_f64) })
    }
}

fn own_voice(sentence: String) -> Question {
    Question { sentence, holder: None, features: StatementFeatures::PLAIN }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk(requests: &[&str]) -> Vec<serde_json::Value> {
        let mut output = Vec::new();
        serve(requests.join("\n").as_bytes(), &mut output, Instant::now()).unwrap();
        let lines = output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
    }

    const START: &str = r#"{"Start":{"specification":"dictionary","codebook":"default","train":[],"shots":null,"threads":1,"batch_tokens":64}}"#;

    #[test]
    fn each_request_has_its_reply() {
        let replies =
            talk(&[START, r#"{"Sentences":["One.","Two."]}"#, "\"Lap\"", "\"PeakMemory\""]);
        assert_eq!(replies[0]["Started"]["about"]["kind"], "dictionary");
        assert_eq!(replies[1], "Ready");
        assert!(replies[2]["Lap"]["seconds"].as_f64().unwrap() >= 0.0);
        assert_eq!(replies.len(), 4);
    }

    #[test]
    fn failures_are_told_and_survived() {
        let bad = START.replace("\"dictionary\"", "\"no/such/folder\"");
        let replies = talk(&["\"Lap\"", &bad, START]);
        assert!(replies[0]["Failed"]["cause"].as_str().unwrap().contains("before"));
        assert!(replies[1]["Failed"]["cause"].as_str().unwrap().contains("no/such/folder"));
        assert!(replies[2].get("Started").is_some());
    }

    #[test]
    fn what_is_no_request_ends_the_talk() {
        let error = serve(&b"hello\n"[..], Vec::new(), Instant::now()).unwrap_err();
        assert!(error.to_string().contains("no request"));
    }
}
