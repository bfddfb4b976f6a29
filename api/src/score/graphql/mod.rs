//! Score models and scores in the schema.

mod definition;
mod explanation;
mod model;
mod mutation;
mod score;

pub use definition::{
    PurchaseFigure, ScoreCapInput, ScoreDefinitionInput, ScoreEachInput, ScoreFeatureInput,
    ScoreFeatureKindInput, ScoreFeatureValueInput, ScoreFrequenciesInput, ScoreFrequencyInput,
    ScoreGradeInput, ScoreKindInput, ScoreNumericInput, ScoreOnceInput, ScorePointsInput,
    ScoreRfmInput, ScoreRuleInput, ScoreSimilarityInput, ScoreTextsInput, ScoreWhenInput,
};
pub use explanation::{ScoreChange, ScoreComponent, ScoreExplanation};
pub use model::{ScoreGrade, ScoreKind, ScoreModel, ScoreModelQuery, ScoreRule};
pub use mutation::{
    ScoreModelArchiveInput, ScoreModelCreateInput, ScoreModelMeasureInput, ScoreModelMutation,
    ScoreModelPayload, ScoreModelUpdateInput,
};
pub use score::Score;
