//! Score models, and what can be read of them and of scores.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use lazo_domain::access::Scope;
use lazo_domain::score::{Kind, Rule};
use lazo_entity::score_model;

use super::ScoreExplanation;
use super::definition::shown;
use crate::condition::graphql::Language;
use crate::error::ApiError;
use crate::graphql::{
    Connection, ContextExt, DateTime, Json, Paging, ScoreModelById, allowed, check, needs, take,
    wants_total,
};
use crate::score::{read, service};

/// How a raw score comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ScoreKind {
    /// Points for what a person is and does.
    Points,
    /// How much a person is like the ideal customer.
    Similarity,
    /// Recency, frequency and monetary value of purchases, against those of all customers.
    Rfm,
}

/// A grade, which a score has from a value on until that of the next grade.
#[derive(SimpleObject)]
pub struct ScoreGrade {
    /// What it is called, such as `HOT`.
    name: String,
    /// The least value that has it.
    at_least: f64,
}

/// A rule as the schema shows it.
pub struct ScoreRule(Rule);

/// What points are given for.
#[Object]
impl ScoreRule {
    /// Its name for programs, unique in the model.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// Its name for people.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// How many points.
    async fn points(&self) -> f64 {
        self.0.points.get()
    }

    /// Whether they fade from the touchpoint on that they are given for.
    async fn fades(&self) -> bool {
        self.0.fades
    }

    /// What they are given for, as a sentence.
    fn sentence(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the sentence.",
            default_with = "Language::English"
        )]
        language: Language,
    ) -> Result<String, ApiError> {
        let currency = ctx.app().deployment().currency;
        let sentence = self.0.describe(language.into(), currency);
        take(ctx, sentence.len())?;
        Ok(sentence)
    }
}

/// A score model as the schema shows it.
pub struct ScoreModel(pub Arc<score_model::Model>);

/// What is counted of profiles, and how it is graded.
#[Object]
impl ScoreModel {
    /// The global id of the score model. It is opaque.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The key by which conditions and storefronts name it.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// The name that people know it by.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is for. Null means that nobody has said it.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// How its raw score comes about.
    fn kind(&self) -> Result<ScoreKind, ApiError> {
        Ok(match service::model(&self.0)?.kind {
            Kind::Points(_) => ScoreKind::Points,
            Kind::Similarity(_) => ScoreKind::Similarity,
            Kind::Rfm(_) => ScoreKind::Rfm,
        })
    }

    /// What it counts, as a value of `ScoreDefinitionInput`: it can be sent back.
    fn definition(&self, ctx: &Context<'_>) -> Result<Json, ApiError> {
        let json = shown(&service::model(&self.0)?)?;
        take(ctx, crate::json::bytes_of(&json.0))?;
        Ok(json)
    }

    /// Its rules, in their order; of a model of points only.
    fn rules(&self) -> Result<Vec<ScoreRule>, ApiError> {
        Ok(match service::model(&self.0)?.kind {
            Kind::Points(points) => points.rules.into_iter().map(ScoreRule).collect(),
            Kind::Similarity(_) | Kind::Rfm(_) => Vec::new(),
        })
    }

    /// Its grades, from the lowest on.
    fn grades(&self) -> Result<Vec<ScoreGrade>, ApiError> {
        let grades = service::model(&self.0)?.grades.into_iter();
        let grades = grades.map(|grade| ScoreGrade {
            name: grade.name,
            at_least: grade.at_least.get(),
        });
        Ok(grades.collect())
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it changed last.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// Since when nobody has a score by it any more. Null means that it counts.
    async fn archived_at(&self) -> Option<DateTime> {
        self.0.archived_at.map(Into::into)
    }

    /// Counts its changes, what was measured anew included; give it as `expectedVersion` to change only what you have seen.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// What can be read of score models and of scores.
#[derive(Default)]
pub struct ScoreModelQuery;

#[Object]
impl ScoreModelQuery {
    /// The score models, the newest first.
    #[graphql(guard = "needs(Scope::ScoresRead)")]
    async fn score_models(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The most items, from the start; at most 250. 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only items after this cursor. Null means from the start.")] after: Option<
            String,
        >,
        #[graphql(desc = "The most items, from the end; at most 250.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor. Null means up to the end.")]
        before: Option<String>,
        #[graphql(desc = "Whether archived ones are listed too.", default)] include_archived: bool,
    ) -> Result<Connection<ScoreModel>, ApiError> {
        let paging = Paging::read("score_model", first, after, last, before)?;
        let total = wants_total(ctx);
        let listed = service::list(ctx.app(), include_archived, &paging.page, total).await?;
        Ok(paging.connection(listed, |row| ScoreModel(Arc::new(row))))
    }

    /// The score model with this id. It needs the scope `scores:read`. Null means that there is none.
    async fn score_model(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the score model.")] id: ID,
    ) -> Option<Result<ScoreModel, ApiError>> {
        allowed(ctx, Scope::ScoresRead, async {
            let Ok(id) = id.parse() else { return Ok(None) };
            let found = ctx.loaders().load_one(ScoreModelById(id)).await?;
            Ok(found.map(ScoreModel))
        })
        .await
    }

    /// The score model of this key, archived or not. It needs the scope `scores:read`. Null means that there is none.
    async fn score_model_by_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key of the score model.")] key: String,
    ) -> Option<Result<ScoreModel, ApiError>> {
        allowed(ctx, Scope::ScoresRead, async {
            let found = service::find_by_key(ctx.app(), &key).await?;
            Ok(found.map(|row| ScoreModel(Arc::new(row))))
        })
        .await
    }

    /// What a profile scores by a model now, and why. It needs the scope `scores:read`, and for what was found of the profile
    /// `profiles:read` too. Null means that there is no such profile or model, that the model is archived, or that the caller may not see
    /// the profile.
    async fn score_explain(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the profile.")] profile_id: ID,
        #[graphql(desc = "The global id of the score model.")] model_id: ID,
    ) -> Option<Result<ScoreExplanation, ApiError>> {
        allowed(ctx, Scope::ScoresRead, async {
            let caller = check(ctx, Scope::ScoresRead)?;
            let (Ok(profile), Ok(model)) = (profile_id.parse(), model_id.parse()) else {
                return Ok(None);
            };
            let explained = read::explain(ctx.app(), caller, profile, model).await?;
            Ok(explained.map(ScoreExplanation))
        })
        .await
    }
}
