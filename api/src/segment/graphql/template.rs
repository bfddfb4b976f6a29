//! Ready-made segments in the schema.

use async_graphql::SimpleObject;
use lazo_domain::condition::describe;
use lazo_domain::condition::text::parse;
use lazo_domain::segment::{Template, templates};

use crate::condition::graphql::Condition;
use crate::error::ApiError;

/// A segment that nearly every shop asks for, ready to be made: give its key, its name and the text of its condition to
/// `segmentCreate`.
#[derive(SimpleObject)]
pub struct SegmentTemplate {
    /// The key that it would have.
    key: &'static str,
    /// Its name for people.
    name: &'static str,
    /// Who would be in it.
    description: &'static str,
    /// Who would be a member.
    condition: Condition<'static>,
}

impl SegmentTemplate {
    /// All of them.
    pub(super) fn all(language: describe::Language) -> Result<Vec<Self>, ApiError> {
        let shown = |template: &Template| {
            let words = template.words(language);
            let condition = parse(template.condition).map_err(|_| ApiError::internal())?;
            Ok(Self {
                key: template.key,
                name: words.name,
                description: words.description,
                condition: condition.into(),
            })
        };
        templates().iter().map(shown).collect()
    }
}
