//! Connections, as the Relay specification has them (<https://relay.dev/graphql/connections.htm>).

use std::borrow::Cow;

use async_graphql::{Context, Object, OutputType, SimpleObject, TypeName};

use super::cursor::{read_cursor, write_cursor};
use crate::error::{ApiError, Code};
use crate::page::{Key, Listed, Page};

const DEFAULT: u64 = 20;
const MOST: u64 = 250;

/// Which part of a connection is asked for, and what its cursors are bound to.
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    kind: &'static str,
    /// The part.
    pub page: Page,
}

impl Paging {
    /// Reads the four arguments of a connection. `kind` names the list and its sort key: a cursor of another list is refused.
    pub fn read(
        kind: &'static str,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Self, ApiError> {
        let backwards = last.is_some();
        let limit = match (first, last) {
            (Some(_), Some(_)) => return Err(bad_input("Give `first` or `last`, not both.")),
            (None, None) => DEFAULT,
            (Some(count), None) | (None, Some(count)) => u64::try_from(count)
                .ok()
                .filter(|count| *count <= MOST)
                .ok_or_else(|| bad_input("`first` and `last` are from 0 to 250."))?,
        };
        let read = |cursor: Option<String>| {
            let key = |cursor: String| {
                let (at, id) = read_cursor(kind, &cursor)?;
                Ok::<_, ApiError>(Key { at, id })
            };
            cursor.map(key).transpose()
        };
        Ok(Self {
            kind,
            page: Page {
                limit,
                after: read(after)?,
                before: read(before)?,
                backwards,
            },
        })
    }

    /// The connection of what was found.
    pub fn connection<R, T>(self, listed: Listed<R>, wrap: impl Fn(R) -> T) -> Connection<T> {
        let total = listed.total;
        let (rows, page_info) = self.parts(listed);
        let edge = |(cursor, row)| Edge {
            cursor,
            node: wrap(row),
        };
        Connection {
            edges: rows.into_iter().map(edge).collect(),
            page_info,
            total,
        }
    }

    /// What was found, each with its cursor, and where it lies: for a connection whose edges say more than their nodes.
    pub fn parts<R>(self, listed: Listed<R>) -> (Vec<(String, R)>, PageInfo) {
        let rows: Vec<_> = listed
            .rows
            .into_iter()
            .map(|(key, row)| (write_cursor(self.kind, &(key.at, key.id)), row))
            .collect();
        let Page {
            after,
            before,
            backwards,
            ..
        } = self.page;
        let page_info = PageInfo {
            has_next_page: if backwards {
                before.is_some()
            } else {
                listed.more
            },
            has_previous_page: if backwards {
                listed.more
            } else {
                after.is_some()
            },
            start_cursor: rows.first().map(|(cursor, _)| cursor.clone()),
            end_cursor: rows.last().map(|(cursor, _)| cursor.clone()),
        };
        (rows, page_info)
    }
}

fn bad_input(message: &'static str) -> ApiError {
    ApiError::new(Code::BadUserInput, message)
}

/// Whether the query asks for `totalCount`, which is only then counted.
pub fn wants_total(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("totalCount").exists()
}

/// Where a page lies in its list.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// Whether there are more items after this page.
    has_next_page: bool,
    /// Whether there are items before this page.
    has_previous_page: bool,
    /// The cursor of the first item of the page. Null means that the page is empty.
    start_cursor: Option<String>,
    /// The cursor of the last item of the page. Null means that the page is empty.
    end_cursor: Option<String>,
}

/// An item of a list with its place.
pub struct Edge<T> {
    cursor: String,
    node: T,
}

impl<T> Edge<T> {
    /// An item with its cursor.
    pub fn new(cursor: String, node: T) -> Self {
        Self { cursor, node }
    }

    /// The item.
    pub fn item(&self) -> &T {
        &self.node
    }
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// An item of a list with its place in the list.
#[Object(name_type)]
impl<T: OutputType> Edge<T> {
    /// The place of the item, to be given as `after` or `before`. It is opaque.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The item.
    async fn node(&self) -> &T {
        &self.node
    }
}

/// A part of a list.
pub struct Connection<T> {
    edges: Vec<Edge<T>>,
    page_info: PageInfo,
    total: Option<u64>,
}

impl<T: OutputType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

/// A part of a list, in the order of the list.
#[Object(name_type)]
impl<T: OutputType> Connection<T> {
    /// The items with their places.
    async fn edges(&self) -> &[Edge<T>] {
        &self.edges
    }

    /// The items alone.
    async fn nodes(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where this part lies in the list.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    /// How many items the whole list has. It is counted only when it is asked for, and takes longer the longer the list is.
    fn total_count(&self) -> Result<u64, ApiError> {
        self.total.ok_or_else(ApiError::internal)
    }
}
