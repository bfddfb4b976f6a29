//! The two schemas: the platform's, and a small one for browsers, from which no path leads to another person's profile.

mod answer_size;
mod channel;
mod connection;
mod context;
mod cursor;
mod delivery;
mod guard;
mod loaders;
mod money;
mod node;
mod outcome;
mod reads;
mod scalars;
#[cfg(test)]
pub(crate) mod tests;
mod touchpoint_result;
mod user_error;
mod written;

pub use answer_size::{AnswerSize, take};
pub use channel::Channel;
pub use connection::{Connection, Edge, PageInfo, Paging, wants_total};
pub use context::{ContextExt, request_data};
pub use cursor::{read_cursor, write_cursor};
pub use delivery::Delivery;
pub use guard::{allowed, allowed_all, check, check_all, needs};
pub use loaders::{
    ComputedTraitsOf, FormerIdsOf, IdentifiersOf, IdentityLinkById, MemberCountOf, MembershipsOf,
    ProfileById, PurchaseById, Reader, ScoreModelById, ScoresOf, SegmentById, SourceById,
    StandingOf, SweepProgress, TouchpointById,
};
pub use money::Money;
pub use node::Node;
pub use outcome::{once, read_id, settled};
pub use reads::{note_one, note_read};
pub use scalars::{DateTime, Int64, Json, JsonRef};
pub use touchpoint_result::{TouchpointResult, TouchpointStatus};
pub use user_error::{UserError, UserErrorCode};
pub use written::{AtHand, Straight, Written, WrittenList, bare, is_written, write_value};

use async_graphql::{
    EmptySubscription, MergedObject, MergedSubscription, SDLExportOptions, Schema, SchemaBuilder,
    ValidationMode,
};

use crate::app::App;
use crate::audit::graphql::AuditQuery;
use crate::computed::graphql::{ComputedTraitMutation, ComputedTraitQuery};
use crate::condition::graphql::ConditionQuery;
use crate::consent::graphql::{ConsentMutation, ConsentQuery};
use crate::lifecycle::graphql::{LifecycleMutation, LifecycleQuery};
use crate::profile::graphql::{
    ProfileMergeMutation, ProfilePreviewQuery, ProfileQuery, ProfileSubscription,
    ProfileUpdateMutation,
};
use crate::purpose::graphql::{PurposeMutation, PurposeQuery};
use crate::quarantine::graphql::{QuarantineMutation, QuarantineQuery};
use crate::score::graphql::{ScoreModelMutation, ScoreModelQuery};
use crate::segment::graphql::{
    SegmentMutation, SegmentPreviewQuery, SegmentQuery, SegmentSubscription,
};
use crate::source::graphql::{SourceMutation, SourceQuery};
use crate::token::graphql::{TokenMutation, TokenQuery};
use crate::touchpoint::graphql::TouchpointMutation;
use crate::viewer::graphql::{ViewerMutation, ViewerQuery};

/// The entry to everything that can be read.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct PlatformQuery(
    node::NodeQuery,
    ProfileQuery,
    ProfilePreviewQuery,
    SourceQuery,
    TokenQuery,
    QuarantineQuery,
    SegmentQuery,
    SegmentPreviewQuery,
    ConditionQuery,
    LifecycleQuery,
    ScoreModelQuery,
    ComputedTraitQuery,
    AuditQuery,
    PurposeQuery,
    ConsentQuery,
);

/// The entry to everything that can be changed.
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
pub struct PlatformMutation(
    TouchpointMutation,
    ProfileUpdateMutation,
    ProfileMergeMutation,
    SourceMutation,
    TokenMutation,
    QuarantineMutation,
    LifecycleMutation,
    SegmentMutation,
    ScoreModelMutation,
    ComputedTraitMutation,
    PurposeMutation,
    ConsentMutation,
);

/// The entry to everything that is told as it happens: one field each, as server-sent events.
#[derive(MergedSubscription, Default)]
#[graphql(name = "Subscription")]
pub struct PlatformSubscription(SegmentSubscription, ProfileSubscription);

/// The platform's schema, for integrations and internal tools.
pub type PlatformSchema = Schema<PlatformQuery, PlatformMutation, PlatformSubscription>;

/// The platform's schema over an application.
pub fn platform(app: &App) -> PlatformSchema {
    platform_builder().data(app.clone()).finish()
}

/// The same for documents that have passed the validation of [`platform`]: it validates almost nothing, and would answer others
/// wrongly.
pub fn platform_of_valid(app: &App) -> PlatformSchema {
    let builder = platform_builder().data(app.clone());
    builder.validation_mode(ValidationMode::Fast).finish()
}

fn platform_builder() -> SchemaBuilder<PlatformQuery, PlatformMutation, PlatformSubscription> {
    Schema::build(
        PlatformQuery::default(),
        PlatformMutation::default(),
        PlatformSubscription::default(),
    )
}

/// The platform's schema as text.
pub fn platform_sdl() -> String {
    platform_builder().finish().sdl_with_options(sorted())
}

/// The storefront's schema, for browsers.
pub type StorefrontSchema = Schema<ViewerQuery, ViewerMutation, EmptySubscription>;

/// The storefront's schema over an application.
pub fn storefront(app: &App) -> StorefrontSchema {
    storefront_builder().data(app.clone()).finish()
}

/// The same for documents that have passed the validation of [`storefront`], and for no others.
pub fn storefront_of_valid(app: &App) -> StorefrontSchema {
    let builder = storefront_builder().data(app.clone());
    builder.validation_mode(ValidationMode::Fast).finish()
}

fn storefront_builder() -> SchemaBuilder<ViewerQuery, ViewerMutation, EmptySubscription> {
    Schema::build(ViewerQuery, ViewerMutation, EmptySubscription)
}

/// The storefront's schema as text.
pub fn storefront_sdl() -> String {
    storefront_builder().finish().sdl_with_options(sorted())
}

fn sorted() -> SDLExportOptions {
    SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
}
