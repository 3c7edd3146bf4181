//! `plenary attribute`: the speaker turns and the reported speech of documents.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::attributor::AttributorArgs;
use super::inputs::{InputArgs, each_document};
use super::{Status, messages};
use crate::attribute::{self, ActorRegistry};
use crate::document::{Attribution, CharOffsets, Document, Span, Turn};
use crate::error::{Error, Result};
use crate::segment::Segmenters;

/// Arguments of `plenary attribute`.
#[derive(Clone, Debug, Args)]
pub(super) struct AttributeArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    attributor: AttributorArgs,
    /// Table with actors beside the built-in ones, as for `plenary run`.
    #[arg(long, value_name = "FILE")]
    actors: Option<PathBuf>,
    /// Print JSON Lines with offsets (Unicode code points, half-open).
    #[arg(long)]
    json: bool,
}

/// One line of JSON: a turn or an attribution.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Line<'a> {
    Turn {
        doc_id: &'a str,
        span: [usize; 2],
        speaker: Option<&'a str>,
        role: Option<&'a str>,
        affiliation: Option<&'a str>,
        actor_id: Option<String>,
        method: &'a str,
        confidence: f32,
    },
    Attribution {
        doc_id: &'a str,
        manner: &'a str,
        source: Option<[usize; 2]>,
        source_text: Option<&'a str>,
        cue: Option<[usize; 2]>,
        content: Vec<[usize; 2]>,
        holder: Option<&'a str>,
        actor_id: Option<String>,
        method: &'a str,
        confidence: f32,
    },
}

/// Prints turns, then attributions, document by document.
pub(super) fn run(args: &AttributeArgs) -> Result<Status> {
    let segmenters = Segmenters::new();
    let registry = registry(args.actors.as_deref())?;
    let attributor = args.attributor.load(registry.clone())?;
    each_document(&args.input, |document, out| {
        let lang = document.meta.lang.as_deref();
        let sentences = segmenters.get(lang).segment(&document.text);
        let turns = attribute::turns(document);
        let attributions = attributor.attributions(&document.text, &sentences, &turns, lang);
        let lines = lines(document, &turns, &attributions, &registry);
        if args.json {
            lines.iter().try_for_each(|line| messages::json_line(out, line))
        } else {
            lines.iter().try_for_each(|line| print_plain(document, line, out))
        }
    })
}

/// The built-in actors and those of a table.
fn registry(table: Option<&Path>) -> Result<ActorRegistry> {
    let registry = ActorRegistry::built_in();
    let Some(path) = table else { return Ok(registry) };
    let bytes = fs_err::read(path).map_err(|error| Error::io("read the actors", path, error))?;
    registry.with_table(&bytes, path)
}

fn lines<'a>(
    document: &'a Document,
    turns: &'a [Turn],
    attributions: &'a [Attribution],
    registry: &ActorRegistry,
) -> Vec<Line<'a>> {
    let offsets = CharOffsets::new(&document.text);
    let chars = |span: Span| [offsets.chars(span.start), offsets.chars(span.end)];
    let date = document.meta.date.as_deref();
    let turns = turns.iter().map(|turn| Line::Turn {
        doc_id: &document.doc_id,
        span: chars(turn.span),
        speaker: turn.speaker.as_deref(),
        role: turn.role.as_deref(),
        affiliation: turn.affiliation.as_deref(),
        actor_id: attribute::turn_actor(turn, &document.meta, registry).map(|actor| actor.actor_id),
        method: &turn.method,
        confidence: turn.confidence,
    });
    let actor = |attribution: &Attribution| {
        attribute::holder_actor(attribution, date, registry).map(|actor| actor.actor_id)
    };
    let attributions = attributions.iter().map(|attribution| Line::Attribution {
        doc_id: &document.doc_id,
        manner: attribution.manner.as_str(),
        source: attribution.source.map(chars),
        source_text: attribution.source.map(|span| span.of(&document.text)),
        cue: attribution.cue.map(chars),
        content: attribution.content.iter().map(|span| chars(*span)).collect(),
        holder: attribution.holder.as_deref(),
        actor_id: actor(attribution),
        method: &attribution.method,
        confidence: attribution.confidence,
    });
    turns.chain(attributions).collect()
}

fn print_plain(document: &Document, line: &Line<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    match line {
        Line::Turn { span, speaker, role, actor_id, .. } => {
            let who = speaker.or(*role).unwrap_or("(unknown)");
            let actor = actor_id.as_deref().unwrap_or("unresolved");
            writeln!(out, "turn\t{}..{}\t{who}\t{actor}", span[0], span[1])
        }
        Line::Attribution { manner, holder, actor_id, content, .. } => {
            let who = holder.unwrap_or("(unknown)");
            let actor = actor_id.as_deref().unwrap_or("unresolved");
            let words =
                content.first().map_or_else(String::new, |span| code_points(document, *span));
            writeln!(out, "{manner}\t{who}\t{actor}\t{words}")
        }
    }
}

fn code_points(document: &Document, [start, end]: [usize; 2]) -> String {
    let text: String = document.text.chars().skip(start).take(end - start).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
