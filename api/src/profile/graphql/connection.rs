//! Profiles as a connection.

use async_graphql::Object;

use super::Profile;
use crate::condition::graphql::ConditionWarning;
use crate::error::ApiError;
use crate::graphql::{Edge, PageInfo, Paging};
use crate::page::Listed;
use crate::profile::ProfileRow;

/// A part of the list of profiles.
pub struct ProfileConnection {
    edges: Vec<Edge<Profile>>,
    page_info: PageInfo,
    total: Option<u64>,
    warnings: Vec<ConditionWarning>,
}

impl ProfileConnection {
    /// What was listed, with what may be a mistake in the condition of the list.
    pub(super) fn of(
        paging: Paging,
        listed: Listed<ProfileRow>,
        warnings: Vec<ConditionWarning>,
    ) -> Self {
        let total = listed.total;
        let (rows, page_info) = paging.parts(listed);
        let edge = |(cursor, row)| Edge::new(cursor, Profile::Listed(Box::new(row)));
        Self {
            edges: rows.into_iter().map(edge).collect(),
            page_info,
            total,
            warnings,
        }
    }
}

/// A part of a list, in the order of the list.
#[Object]
impl ProfileConnection {
    /// The items with their places.
    async fn edges(&self) -> &[Edge<Profile>] {
        &self.edges
    }

    /// The items alone.
    async fn nodes(&self) -> Vec<&Profile> {
        self.edges.iter().map(Edge::item).collect()
    }

    /// Where this part lies in the list.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    /// How many items the whole list has. It is counted only when it is asked for, and takes longer the longer the list is.
    fn total_count(&self) -> Result<u64, ApiError> {
        self.total.ok_or_else(ApiError::internal)
    }

    /// What may be a mistake in the condition of the list; empty if there is none.
    async fn warnings(&self) -> &[ConditionWarning] {
        &self.warnings
    }
}
