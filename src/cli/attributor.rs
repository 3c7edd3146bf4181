//! The argument that says who finds what others say, shared by the verbs that look at nothing else.

use clap::{Args, ValueEnum};

use crate::attribute::{ActorRegistry, Attributor, RuleAttributor};
use crate::error::Result;
use crate::tagging::TaggingAttributor;

/// Who finds what others say.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct AttributorArgs {
    /// Who finds what others say.
    #[arg(long, value_enum, default_value_t = By::Tagger, env = "PLENARY_ATTRIBUTION")]
    attribution: By,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    /// The tagger of the built-in model, completed by rules.
    #[value(alias = "everywhere")]
    Tagger,
    /// Rules alone: faster, finds less.
    Rules,
}

impl AttributorArgs {
    /// Makes it ready, to know the actors of `registry`.
    pub(super) fn load(self, registry: ActorRegistry) -> Result<Box<dyn Attributor>> {
        let rules = RuleAttributor::with_actors(registry);
        Ok(match self.attribution {
            By::Tagger => Box::new(TaggingAttributor::built_in(rules)?),
            By::Rules => Box::new(rules),
        })
    }
}
