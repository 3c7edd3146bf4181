//! `plenary models list`.

use std::io::Write;

use clap::Args;
use serde::Serialize;

use super::megabytes;
use crate::catalogue::{Catalogue, Presence};
use crate::cli::{Status, messages};
use crate::config::BUILT_IN;
use crate::encode;
use crate::error::Result;

/// Arguments of `plenary models list`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ListArgs {
    /// Print JSON Lines.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    id: Option<&'a str>,
    revision: &'a str,
    licence: &'a str,
    bytes: u64,
    presence: &'static str,
    first_use: bool,
}

/// Lists the models.
pub(super) fn run(args: &ListArgs) -> Result<Status> {
    let catalogue = Catalogue::from_environment()?;
    let built_in = Line {
        name: BUILT_IN,
        id: None,
        revision: env!("CARGO_PKG_VERSION"),
        licence: env!("CARGO_PKG_LICENSE"),
        bytes: encode::default_model_size(),
        presence: "built in",
        first_use: false,
    };
    let described = catalogue.models().map(|model| Line {
        name: &model.name,
        id: Some(&model.id),
        revision: &model.revision,
        licence: &model.licence,
        bytes: model.size(),
        presence: told(&catalogue.store().presence(model)),
        first_use: model.first_use,
    });
    let lines: Vec<Line> = std::iter::once(built_in).chain(described).collect();
    messages::lines(|out| {
        if args.json {
            return lines.iter().try_for_each(|line| messages::json_line(out, line));
        }
        table(&lines, out)
    })?;
    for error in catalogue.broken() {
        eprint!("{}", messages::skipped(error));
    }
    let sound = catalogue.broken().next().is_none();
    Ok(if sound { Status::Success } else { Status::SomeSkipped })
}

/// Whether a model is here, in a word.
pub(super) fn told(presence: &Presence) -> &'static str {
    match presence {
        Presence::Here => "here",
        Presence::Partial(_) => "in part",
        Presence::Absent => "not here",
    }
}

fn table(lines: &[Line<'_>], out: &mut dyn Write) -> std::io::Result<()> {
    let heading = ["NAME", "ID", "REVISION", "LICENCE", "SIZE", ""].map(str::to_owned);
    let row = |line: &Line| {
        let revision: String = line.revision.chars().take(12).collect();
        [line.name, line.id.unwrap_or("-"), &revision, line.licence]
            .map(str::to_owned)
            .into_iter()
            .chain([megabytes(line.bytes), line.presence.to_owned()])
            .collect()
    };
    let rows: Vec<Vec<String>> =
        std::iter::once(heading.to_vec()).chain(lines.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..6).map(|column| width(column).unwrap_or_default()).collect();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}
