//! Where the parts of an exported model lie.

use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};

/// Where exporters and the hub put the graph.
const GRAPHS: [&str; 2] = ["model.onnx", "onnx/model.onnx"];

/// A model's folder and the graph in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
    /// The graph, below the folder.
    pub(super) file: String,
    /// The name to show: that of the folder, with the file where it is not the usual one.
    pub(super) name: String,
}

impl Place {
    /// The graph in the folder `path`, or the graph `path` with the folder around it that has a `config.json`.
    pub(super) fn find(path: &Path) -> Result<Self> {
        if path.is_file() { Self::around(path) } else { Self::within(path) }
    }

    fn within(folder: &Path) -> Result<Self> {
        let missing = || {
            Error::new(ErrorKind::Model, "holds no model.onnx").in_file(folder).hint(
                "name a model's folder with model.onnx or onnx/model.onnx, or the file itself",
            )
        };
        let file =
            GRAPHS.into_iter().find(|file| folder.join(file).is_file()).ok_or_else(missing)?;
        Ok(Self { folder: folder.to_owned(), file: file.to_owned(), name: name(folder) })
    }

    fn around(path: &Path) -> Result<Self> {
        let folder =
            path.ancestors().skip(1).take(2).find(|folder| folder.join("config.json").is_file());
        let file = folder.and_then(|folder| path.strip_prefix(folder).ok()?.to_str());
        let (Some(folder), Some(file)) = (folder, file) else {
            return Err(Error::new(
                ErrorKind::Model,
                "has no config.json beside it or one folder up",
            )
            .in_file(path)
            .hint("a graph must lie in its model's folder, or in a folder `onnx` there"));
        };
        let file = file.replace('\\', "/");
        let name = if GRAPHS.contains(&file.as_str()) {
            name(folder)
        } else {
            format!("{}/{file}", name(folder))
        };
        Ok(Self { folder: folder.to_owned(), file, name })
    }
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graph_is_found_by_its_folder_and_by_itself() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("minutes-small");
        fs_err::create_dir_all(folder.join("onnx")).unwrap();
        let error = Place::find(&folder).unwrap_err();
        assert_eq!(error.location().file.as_deref(), Some(folder.as_path()));
        for file in ["onnx/model.onnx", "onnx/model_int8.onnx"] {
            fs_err::write(folder.join(file), "").unwrap();
        }
        let error = Place::find(&folder.join("onnx/model_int8.onnx")).unwrap_err();
        assert!(error.to_string().contains("no config.json"), "{error}");
        fs_err::write(folder.join("config.json"), "{}").unwrap();
        let place = |file: &str, name: &str| Place {
            folder: folder.clone(),
            file: file.to_owned(),
            name: name.to_owned(),
        };
        let whole = place("onnx/model.onnx", "minutes-small");
        assert_eq!(Place::find(&folder).unwrap(), whole);
        assert_eq!(Place::find(&folder.join("onnx/model.onnx")).unwrap(), whole);
        let small = place("onnx/model_int8.onnx", "minutes-small/onnx/model_int8.onnx");
        assert_eq!(Place::find(&folder.join("onnx/model_int8.onnx")).unwrap(), small);
    }
}
