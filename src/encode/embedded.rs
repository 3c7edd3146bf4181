//! The model inside the program: all-MiniLM-L6-v2 fine-tuned for statements, with its
//! tagger, weights in f16, from `models/default`.

#[cfg(feature = "libtorch")]
use super::LibtorchEncoder;
use super::{KernelChoice, NativeEncoder};
use crate::error::Result;

const NAME: &str = "plenary-minilm";

/// The files with their paths inside the model's folder.
const FILES: [(&str, &[u8]); 8] = [
    ("config.json", include_bytes!("../../models/default/config.json")),
    ("modules.json", include_bytes!("../../models/default/modules.json")),
    ("1_Pooling/config.json", include_bytes!("../../models/default/1_Pooling/config.json")),
    ("sentence_bert_config.json", include_bytes!("../../models/default/sentence_bert_config.json")),
    ("tokenizer.json", include_bytes!("../../models/default/tokenizer.json")),
    ("model.safetensors", include_bytes!("../../models/default/model.safetensors")),
    ("tagger.json", include_bytes!("../../models/default/tagger.json")),
    ("tagger.safetensors", include_bytes!("../../models/default/tagger.safetensors")),
];

/// The model inside the program, ready to encode. Unpacks it anew at each call (about 0.1 s): keep the result.
///
/// # Errors
/// Never, unless the program was built with files that do not fit together.
pub fn default_model() -> Result<NativeEncoder> {
    default_model_with(KernelChoice::default())
}

/// The same, to be run by the kernel that was chosen.
///
/// # Errors
/// Where this machine has no such kernel.
pub fn default_model_with(choice: KernelChoice) -> Result<NativeEncoder> {
    NativeEncoder::from_bytes(NAME, &FILES, choice)
}

/// The same, to be run by libtorch, without its tagger.
///
/// # Errors
/// Where libtorch cannot run it.
#[cfg(feature = "libtorch")]
pub fn default_model_on_libtorch() -> Result<LibtorchEncoder> {
    LibtorchEncoder::from_bytes(NAME, &FILES)
}

/// The bytes of the model inside the program.
pub fn default_model_size() -> u64 {
    FILES.iter().map(|(_, bytes)| bytes.len() as u64).sum()
}
