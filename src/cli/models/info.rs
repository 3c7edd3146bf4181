//! `plenary models info`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{list, megabytes};
use crate::catalogue::{Catalogue, Description, Presence, Prompts};
use crate::classify::Heads;
use crate::cli::{Status, messages};
use crate::config::BUILT_IN;
use crate::encode::Encoder;
use crate::engine::{self, HASHED};
use crate::error::{Error, ErrorKind, Result};

/// Arguments of `plenary models info`.
#[derive(Clone, Debug, Args)]
pub(crate) struct InfoArgs {
    /// Name of a model or folder with one; "default" is the one inside the program.
    #[arg(value_name = "NAME|FOLDER", default_value = BUILT_IN)]
    model: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Print the description as TOML, to start another from.
    #[arg(long, conflicts_with = "json")]
    toml: bool,
}

#[derive(Default, Serialize)]
struct Info<'a> {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimension: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heads: Option<HeadsInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a Description>,
}

#[derive(Serialize)]
struct HeadsInfo {
    codebook: String,
    sha256: String,
}

/// Describes a model.
pub(super) fn run(args: &InfoArgs) -> Result<Status> {
    let name = args.model.as_str();
    let loose = name == BUILT_IN || name == HASHED || Path::new(name).is_dir();
    if loose && !args.toml {
        print(&of_parts(name)?, args.json)?;
        return Ok(Status::Success);
    }
    if loose {
        return Err(Error::new(ErrorKind::Model, format!("{name:?} has no description"))
            .hint("`plenary models list` shows the models that have one"));
    }
    let catalogue = Catalogue::from_environment()?;
    let model = catalogue.find(name)?;
    if args.toml {
        messages::data(&model.to_toml())?;
    } else {
        print(&described(&catalogue, model)?, args.json)?;
    }
    Ok(Status::Success)
}

/// A model that is known by its parts alone: a folder, or what the program brings along.
fn of_parts(name: &str) -> Result<Info<'static>> {
    let with_heads = name == BUILT_IN || Path::new(name).join("heads.json").is_file();
    if with_heads {
        let (encoder, heads) = engine::load_model(name)?;
        return Ok(loaded(encoder.as_ref(), Some(&heads)));
    }
    Ok(loaded(engine::load_encoder(name)?.as_ref(), None))
}

/// A model of the catalogue; one that is here and gives vectors is loaded.
fn described<'a>(catalogue: &Catalogue, model: &'a Description) -> Result<Info<'a>> {
    let presence = catalogue.store().presence(model);
    let encodes = model.files.iter().any(|file| file.path == "modules.json");
    let mut info = if presence == Presence::Here && encodes {
        loaded(engine::load_encoder(&model.name)?.as_ref(), None)
    } else {
        Info { name: model.name.clone(), ..Info::default() }
    };
    info.presence = Some(list::told(&presence));
    info.folder = Some(catalogue.store().folder(model));
    info.description = Some(model);
    Ok(info)
}

fn loaded(encoder: &dyn Encoder, heads: Option<&Heads>) -> Info<'static> {
    Info {
        name: encoder.name().to_owned(),
        dimension: Some(encoder.dimension()),
        sha256: Some(encoder.fingerprint().to_owned()),
        heads: heads.map(|heads| HeadsInfo {
            codebook: format!("{} {}", heads.codebook.id, heads.codebook.version),
            sha256: heads.sha256(),
        }),
        ..Info::default()
    }
}

fn print(info: &Info<'_>, json: bool) -> Result<()> {
    messages::lines(|out| if json { messages::json_line(out, info) } else { tell(info, out) })
}

fn tell(info: &Info<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    match (info.dimension, &info.sha256) {
        (Some(dimension), Some(sha256)) => {
            writeln!(out, "{}: {dimension} dimensions, sha256 {sha256}", info.name)?;
        }
        _ => writeln!(out, "{}", info.name)?,
    }
    if let Some(heads) = &info.heads {
        writeln!(out, "heads for {}, sha256 {}", heads.codebook, heads.sha256)?;
    }
    if let Some(model) = info.description {
        tell_described(model, out)?;
    }
    match (info.presence, &info.folder) {
        (Some(presence), Some(folder)) => writeln!(out, "{presence}: {}", folder.display()),
        _ => Ok(()),
    }
}

fn tell_described(model: &Description, out: &mut dyn Write) -> std::io::Result<()> {
    let (files, size) = (model.files.len(), megabytes(model.size()));
    writeln!(out, "{} at {}", model.id, model.revision)?;
    writeln!(out, "licence {}, {files} files, {size}", model.licence)?;
    let pooling = model.pooling.map(|pooling| format!("pooling {pooling}"));
    let length = model.max_length.map(|length| format!("at most {length} tokens"));
    let normalise = model.normalise.then(|| "vectors of length 1".to_owned());
    let use_of: Vec<String> = [pooling, normalise, length].into_iter().flatten().collect();
    if !use_of.is_empty() {
        writeln!(out, "{}", use_of.join(", "))?;
    }
    let Prompts { query, passage, default } = &model.prompts;
    let prompts = [("a query", query), ("a passage", passage), ("every text", default)];
    for (text, prompt) in prompts {
        if let Some(prompt) = prompt {
            writeln!(out, "prompt before {text}: {prompt:?}")?;
        }
    }
    if model.first_use {
        writeln!(out, "digests as measured at the first download; nobody vouches for them")?;
    }
    Ok(())
}
