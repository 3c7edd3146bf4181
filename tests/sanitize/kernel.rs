//! The kernels and what they refer to, as they stand in the program.
#![allow(dead_code, unused_imports, reason = "what uses them is not here")]

#[path = "../../src/error.rs"]
pub mod error;

/// Where the kernels stand in the program, which their visibility names.
#[path = "../../src/encode"]
pub mod encode {
    mod kernel;
    pub use kernel::{Instructions, KernelChoice, Precision};
}
