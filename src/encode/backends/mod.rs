//! Other engines behind [`Encoder`](super::Encoder), to compare the native one with. Each is a feature of the build.
//!
//! They read the same folders. Tokenizer, pooling and what follows it are those of the native engine, so that a
//! comparison sees the transformer and nothing else. Their libraries run on the calling thread alone: threads are
//! Plenary's own, as many for every engine.

mod frame;
#[cfg(feature = "libtorch")]
mod libtorch;
#[cfg(feature = "onnx")]
mod onnx;
mod padded;

#[cfg(feature = "libtorch")]
pub use libtorch::LibtorchEncoder;
#[cfg(feature = "onnx")]
pub use onnx::OnnxEncoder;
