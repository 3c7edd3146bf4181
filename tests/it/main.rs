//! The integration tests: the built program, from the outside. One binary, so it links once.

#![expect(
    clippy::unwrap_used,
    clippy::format_push_string,
    reason = "a test that cannot go on fails; its texts are short"
)]

/// Names that resolve to nobody, groupings, metadata found by themselves.
mod actors;
/// Dependencies between modules point one way, and only `cli` prints.
mod architecture;
/// Models by engine: those this build has, and those it lacks.
mod backends;
/// Every kind of bad input gives a clear error and stops nothing.
mod bad_input;
/// Models side by side.
mod compare;
/// Fetching models from a stand-in for the hub, which does everything wrong that a server can.
#[cfg(feature = "fetch")]
mod fetch;
/// Kernels against each other, on many sentences.
mod kernels;
/// The law that results do not depend on how the work is cut.
mod laws;
/// The catalogue of models: listed, described, verified.
mod models;
/// Runs that are killed, stopped, repeated and changed.
mod resume;
/// The main job on the sample, as the README tells it.
mod sample;
/// The columns and types of every table, as they stand in the Parquet files.
mod schema;
/// The model inside the program against the script that made it.
mod stance;
/// The verbs beside `run`.
mod verbs;

#[cfg(feature = "fetch")]
mod hub;
mod support;
