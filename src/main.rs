//! The `plenary` program; see `plenary::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    plenary::cli::main()
}
