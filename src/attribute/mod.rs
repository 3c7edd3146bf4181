//! Who speaks: speaker turns, quotations and reported speech, and the registry of actors.

mod label;
mod person;
mod transcript;
mod turns;
mod words;

pub use turns::turns;
