//! The progress bar and the messages of a run.

use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};

use super::{Talk, messages};
use crate::observe::{Event, Observer};

/// Draws a bar of input bytes on a terminal and prints what the user should know.
pub(super) struct Progress {
    bar: ProgressBar,
    quiet: bool,
    sentences: AtomicUsize,
}

impl Progress {
    /// Nothing is drawn when `talk` says so or standard error is no terminal; indicatif sees to the latter.
    pub(super) fn new(talk: Talk) -> Self {
        let bar = if talk.quiet || talk.no_progress {
            ProgressBar::hidden()
        } else {
            ProgressBar::no_length()
        };
        Self { bar, quiet: talk.quiet, sentences: AtomicUsize::new(0) }
    }

    /// Removes the bar.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn say(&self, text: &str) {
        if !self.quiet {
            self.bar.suspend(|| eprint!("{text}"));
        }
    }

    fn start(&self, bytes: u64) {
        if bytes > 0 {
            self.bar.set_length(bytes);
        }
        self.bar.set_style(style(bytes > 0));
        self.bar.enable_steady_tick(std::time::Duration::from_millis(200));
    }
}

impl Observer for Progress {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Started { bytes, .. } | Event::Fetching { bytes } => self.start(*bytes),
            Event::Resumed { documents } => {
                self.say(&format!(
                    "found work on {documents} documents; what has not changed is reused\n"
                ));
            }
            Event::Consumed { bytes } => self.bar.set_position(*bytes),
            Event::Fetched { file, bytes } => {
                self.bar.set_position(*bytes);
                self.bar.set_message((*file).to_owned());
            }
            Event::Encoded { sentences } => {
                let total = self.sentences.fetch_add(*sentences, Ordering::Relaxed) + sentences;
                let seconds = self.bar.elapsed().as_secs_f64().max(1e-3);
                self.bar.set_message(format!("{total} sentences, {:.0}/s", total as f64 / seconds));
            }
            // A skipped document is an error, which even --quiet lets through.
            Event::Skipped { error } => {
                self.bar.suspend(|| eprint!("{}", messages::skipped(error)));
            }
            Event::Warning { message } => self.say(&format!("warning: {message}\n")),
            Event::Writing { .. } => self.bar.set_message("writing the tables"),
            _ => {}
        }
    }
}

fn style(known_length: bool) -> ProgressStyle {
    let template = if known_length {
        "{bar:30} {bytes}/{total_bytes} {msg} {left}"
    } else {
        "{spinner} {bytes} {msg} {elapsed}"
    };
    let left = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        if state.pos() > 0 {
            // A failure to draw the time left is not worth a word.
            let _ = write!(out, "{} left", HumanDuration(state.eta()));
        }
    };
    ProgressStyle::with_template(template).expect("the template is valid").with_key("left", left)
}
