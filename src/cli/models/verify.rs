//! `plenary models verify`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::catalogue::{self, Catalogue, Checked, Description, Finding};
use crate::cli::{Status, messages};
use crate::config::BUILT_IN;
use crate::engine;
use crate::error::{Error, ErrorKind, Result};

/// Arguments of `plenary models verify`.
#[derive(Clone, Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Name of a model, or a folder called by the name or the revision of one.
    #[arg(value_name = "NAME|FOLDER")]
    model: String,
    /// The model that the files in the folder should be, whatever the folder is called.
    #[arg(long = "as", value_name = "NAME")]
    described: Option<String>,
    /// Print JSON Lines.
    #[arg(long)]
    json: bool,
}

/// Checks the files and lists what was found.
pub(super) fn run(args: &VerifyArgs) -> Result<Status> {
    if args.model == BUILT_IN {
        // It cannot be damaged without the program; that its parts fit together is what loading finds out.
        let (encoder, _) = engine::load_model(BUILT_IN)?;
        messages::data(&format!("right: {} (inside the program)\n", encoder.name()))?;
        return Ok(Status::Success);
    }
    let catalogue = Catalogue::from_environment()?;
    let (model, folder) = chosen(args, &catalogue)?;
    let checked = catalogue::verify(model, &folder)?;
    messages::lines(|out| {
        checked.iter().try_for_each(|file| {
            if args.json { messages::json_line(out, file) } else { tell(file, out) }
        })
    })?;
    let wrong = checked.iter().filter(|file| file.finding != Finding::Right).count();
    if wrong > 0 {
        let message = format!("{wrong} of {} files of {} are not right", checked.len(), model.name);
        let hint = format!("`plenary models fetch {}` gets them anew", model.name);
        return Err(Error::new(ErrorKind::Model, message).in_file(folder).hint(hint));
    }
    let differences = catalogue::differences(model, &folder)?;
    if !differences.is_empty() {
        return Err(Error::new(ErrorKind::Model, differences.join("; "))
            .in_file(folder)
            .hint("the files are right, so mend the description"));
    }
    Ok(Status::Success)
}

/// The description and the folder to hold against it.
fn chosen<'a>(args: &VerifyArgs, catalogue: &'a Catalogue) -> Result<(&'a Description, PathBuf)> {
    let folder = Path::new(&args.model);
    if !folder.is_dir() {
        let model = catalogue.find(args.described.as_deref().unwrap_or(&args.model))?;
        return Ok((model, catalogue.store().folder(model)));
    }
    // "." is called by nothing.
    let folder = fs_err::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let model = match &args.described {
        Some(name) => catalogue.find(name)?,
        None => catalogue.of_folder(&folder).ok_or_else(|| {
            Error::new(ErrorKind::Model, "has neither the name nor the revision of a known model")
                .in_file(&folder)
                .hint("--as NAME says which model it should be; `plenary models list` shows them")
        })?,
    };
    Ok((model, folder))
}

fn tell(file: &Checked<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    match &file.finding {
        Finding::Right => writeln!(out, "right: {}", file.path),
        Finding::Missing => writeln!(out, "missing: {}", file.path),
        Finding::WrongSize { found } if *found < file.file.size => {
            writeln!(out, "truncated: {}: {found} of {} bytes", file.path, file.file.size)
        }
        Finding::WrongSize { found } => {
            writeln!(out, "too large: {}: {found} bytes, not {}", file.path, file.file.size)
        }
        Finding::WrongDigest { found } => {
            writeln!(out, "wrong: {}: sha256 {found}, not {}", file.path, file.file.sha256)
        }
    }
}
