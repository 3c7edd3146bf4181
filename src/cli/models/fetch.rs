//! `plenary models fetch`. Without the feature `fetch` the verb says how to do without.

use clap::Args;

use crate::catalogue::{Catalogue, Description};
use crate::cli::{Status, Talk};
use crate::config::BUILT_IN;
use crate::error::{Error, ErrorKind, Result};

/// Arguments of `plenary models fetch`.
#[derive(Clone, Debug, Args)]
pub(crate) struct FetchArgs {
    /// Name of a model that is listed, or OWNER/NAME of any on the hub.
    #[arg(value_name = "NAME|OWNER/NAME")]
    model: String,
    /// The commit to fetch, for a model that is not listed.
    #[arg(long, value_name = "COMMIT")]
    revision: Option<String>,
    /// What to call a model that is not listed; the second part of its id by default.
    #[arg(long, value_name = "NAME", requires = "revision")]
    name: Option<String>,
    /// A file to fetch beside the usual ones, such as onnx/model.onnx.
    #[arg(long = "file", value_name = "PATH", requires = "revision")]
    files: Vec<String>,
}

/// Fetches a model.
pub(super) fn run(args: &FetchArgs, talk: Talk) -> Result<Status> {
    if args.model == BUILT_IN {
        return Err(Error::new(ErrorKind::Model, "the default model is inside the program")
            .hint("there is nothing to fetch"));
    }
    let catalogue = Catalogue::from_environment()?;
    if args.revision.is_none() && args.model.contains('/') && !catalogue.knows(&args.model) {
        return Err(Error::new(ErrorKind::Model, "which revision of this model is not said").hint(
            "--revision COMMIT pins it: 40 hexadecimal digits, from the model's history on the hub",
        ));
    }
    fetch(args, &catalogue, talk)
}

#[cfg(feature = "fetch")]
fn fetch(args: &FetchArgs, catalogue: &Catalogue, talk: Talk) -> Result<Status> {
    use crate::catalogue::fetch::{self as hub, Hub, NewModel};
    use crate::cli::progress::Progress;

    let server = Hub::from_environment()?;
    let progress = Progress::new(talk);
    let result = match &args.revision {
        Some(revision) => {
            let (name, more) = (args.name.as_deref(), args.files.as_slice());
            let model = NewModel { id: &args.model, revision, name, more };
            hub::fetch_new(catalogue, &model, &server, &progress)
        }
        None => catalogue.find(&args.model).and_then(|model| {
            let fetched = hub::fetch(catalogue.store(), model, &server, &progress)?;
            Ok((model.clone(), fetched))
        }),
    };
    progress.finish();
    let (model, fetched) = result?;
    if !talk.quiet {
        tell(&model, &fetched);
    }
    Ok(Status::Success)
}

#[cfg(feature = "fetch")]
fn tell(model: &Description, fetched: &crate::catalogue::fetch::Fetched) {
    let folder = fetched.folder.display();
    if fetched.files == 0 {
        eprintln!("{} is here: {folder}", model.name);
        return;
    }
    let size = super::megabytes(fetched.bytes);
    eprintln!("{}: {} files, {size} → {folder}", model.name, fetched.files);
    if model.first_use {
        eprintln!(
            "the digests in {}.toml were measured now: trusted on first use, checked only against what the hub says \
             of its large files",
            model.name
        );
    }
}

#[cfg(not(feature = "fetch"))]
fn fetch(args: &FetchArgs, catalogue: &Catalogue, _talk: Talk) -> Result<Status> {
    let install = "`cargo install --path . --features fetch` builds one that can";
    let hint = match &args.revision {
        Some(_) => install.to_owned(),
        None => format!("{install}; or {}", by_hand(catalogue, catalogue.find(&args.model)?)),
    };
    Err(Error::new(ErrorKind::Config, "this build cannot fetch: it has no network code").hint(hint))
}

/// Which files to put where.
#[cfg(not(feature = "fetch"))]
fn by_hand(catalogue: &Catalogue, model: &Description) -> String {
    let files: Vec<&str> = model.files.iter().map(|file| file.path.as_str()).collect();
    format!(
        "put the files {} of https://huggingface.co/{}/tree/{} into {} and check them with `plenary models verify {}`",
        files.join(", "),
        model.id,
        model.revision,
        catalogue.store().folder(model).display(),
        model.name
    )
}
