//! Schemas of tools as providers take them: one schema that a provider can't read makes it refuse all tools.

mod walk;
mod refs;
mod any_of;
mod compat;
mod gemini;

use serde_json::{Map, Value};

pub use walk::Inexpressible;

/// Which JSON Schema a provider takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaDialect {
    /// All of it, with an object at its top: OpenAI and most that speak its protocol.
    OpenAi,
    /// The part that Gemini's OpenAI-compatible endpoint takes: no references, one type each, few keywords.
    Gemini,
}

/// A tool's schema in a dialect. What can be said in other words is, what can't be is left out where that only allows
/// more, since the server checks its arguments itself.
///
/// # Errors
/// If nothing the dialect has comes near: references in a loop, something else than an object, too many parts.
pub fn schema_for(
    schema: &Map<String, Value>,
    dialect: SchemaDialect,
) -> Result<Map<String, Value>, Inexpressible> {
    match dialect {
        SchemaDialect::OpenAi => compat::normalise(schema),
        SchemaDialect::Gemini => gemini::normalise(schema),
    }
}
