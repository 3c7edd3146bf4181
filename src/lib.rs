//! Plenary: who stands where, sentence by sentence.
//!
//! Reads speeches, session reports and articles, finds who takes which position on internet governance (or on
//! any axis that a codebook defines) and writes tidy tables. [`pipeline::run`] does a whole run; the stages can
//! be used on their own: [`source`], [`segment`], [`attribute`], [`encode`], [`classify`].

pub mod analysis;
pub mod attribute;
pub mod catalogue;
pub mod classify;
pub mod cli;
pub mod compare;
pub mod config;
pub mod digest;
pub mod document;
pub mod encode;
pub mod engine;
pub mod error;
pub mod groupings;
pub mod journal;
pub mod observe;
pub mod pipeline;
pub mod positions;
pub mod schedule;
pub mod segment;
pub mod sink;
pub mod source;
pub mod tagging;
pub mod train;
