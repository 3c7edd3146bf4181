//! The shared library of ONNX Runtime: where it is found, and what to do where it is not.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};

/// The variable that names the library, or the folder it lies in.
const VARIABLE: &str = "ORT_DYLIB_PATH";

/// How to get the library.
const REMEDY: &str = "run `pip install onnxruntime==1.32.0` and set ORT_DYLIB_PATH to the folder \
    onnxruntime/capi that it puts into site-packages";

/// Loads the library that `ORT_DYLIB_PATH` names, or else the one that the system finds. The first that is loaded stays
/// for as long as the program runs.
pub(super) fn load() -> Result<()> {
    load_from(&locate(std::env::var_os(VARIABLE)))
}

fn load_from(path: &Path) -> Result<()> {
    let environment = ort::init_from(path).map_err(|error| {
        Error::new(ErrorKind::Config, "the library of ONNX Runtime cannot be loaded")
            .in_file(path)
            .hint(REMEDY)
            .caused_by(error)
    })?;
    // A later call finds the settings in place and changes nothing.
    environment.with_name("plenary").with_telemetry(false).commit();
    Ok(())
}

/// Where the library should be.
fn locate(variable: Option<OsString>) -> PathBuf {
    let Some(named) = variable.filter(|value| !value.is_empty()) else {
        return PathBuf::from(format!("{DLL_PREFIX}onnxruntime{DLL_SUFFIX}"));
    };
    let path = std::path::absolute(&named).unwrap_or_else(|_| named.into());
    in_folder(&path).unwrap_or(path)
}

/// The library in a folder: its name carries a version, which differs from one release to the next.
fn in_folder(folder: &Path) -> Option<PathBuf> {
    let entries = fs_err::read_dir(folder).ok()?;
    let is_library = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.strip_prefix(DLL_PREFIX)
            .and_then(|name| name.strip_prefix("onnxruntime"))
            .is_some_and(|rest| rest.starts_with('.') && name.contains(DLL_SUFFIX))
    };
    let mut found: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_library).collect();
    found.sort_unstable();
    found.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_found_in_a_folder_by_its_versioned_name() {
        let folder = tempfile::tempdir().unwrap();
        let locate = || locate(Some(folder.path().into()));
        assert_eq!(locate(), folder.path(), "an empty folder is named as it is");
        let names = [
            format!("{DLL_PREFIX}onnxruntime{DLL_SUFFIX}"),
            format!("{DLL_PREFIX}onnxruntime_providers_shared{DLL_SUFFIX}"),
            "onnxruntime_pybind11_state.so".to_owned(),
        ];
        for name in &names {
            fs_err::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(locate(), folder.path().join(&names[0]));
    }

    #[test]
    fn without_the_variable_the_system_is_asked() {
        let name = format!("{DLL_PREFIX}onnxruntime{DLL_SUFFIX}");
        assert_eq!(locate(None), Path::new(&name));
        assert_eq!(locate(Some("".into())), Path::new(&name));
    }
}
