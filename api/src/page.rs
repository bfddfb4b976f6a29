//! Pages of long lists: the newest first, cut by the key of a row and never by a count of rows, so that what comes and goes
//! between two requests neither repeats nor hides a row.

use lazo_domain::clock::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, IntoCondition, NullOrdering, Order as Direction};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

/// The place of a row in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The time that the list is sorted by; none where it has none, or where the list is sorted by id alone.
    pub at: Option<Timestamp>,
    /// The id of the row, which decides between equal times.
    pub id: Uuid,
}

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The most rows.
    pub limit: u64,
    /// Only what comes after this place.
    pub after: Option<Key>,
    /// Only what comes before this place.
    pub before: Option<Key>,
    /// Whether the limit counts from the end.
    pub backwards: bool,
}

impl Page {
    /// The first part of a walk through a whole list, so many rows at a time.
    pub fn all_by(limit: u64) -> Self {
        Self {
            limit,
            after: None,
            before: None,
            backwards: false,
        }
    }
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// The rows with their places, in the order of the list.
    pub rows: Vec<(Key, T)>,
    /// Whether there are more in the direction of the count.
    pub more: bool,
    /// How many there are in the whole list, if that was asked for.
    pub total: Option<u64>,
}

impl<T> Listed<T> {
    /// The same part with other rows.
    pub fn map<U>(self, mut to: impl FnMut(T) -> U) -> Listed<U> {
        let rows = self
            .rows
            .into_iter()
            .map(|(key, row)| (key, to(row)))
            .collect();
        Listed {
            rows,
            more: self.more,
            total: self.total,
        }
    }

    /// The same part with rows that may fail to be read.
    pub fn try_map<U, E>(self, mut to: impl FnMut(T) -> Result<U, E>) -> Result<Listed<U>, E> {
        let rows = self
            .rows
            .into_iter()
            .map(|(key, row)| Ok((key, to(row)?)))
            .collect::<Result<_, E>>()?;
        Ok(Listed {
            rows,
            more: self.more,
            total: self.total,
        })
    }
}

/// By what a list is sorted, the greatest first.
#[derive(Clone, Copy, Debug)]
pub enum Newest<C> {
    /// By id, which rises with the time of its making.
    ById(C),
    /// By a time that each row has, then by id.
    ByTime(C, C),
    /// By a time that some rows lack, which come last, then by id.
    ByTimeOrNever(C, C),
    /// The same with the day of the time before it, in days since 1970, where an index has the day alone.
    ByDayAndTimeOrNever(C, C, C),
}

/// Fetches a part of what `select` finds. `key` is the place of a row.
pub async fn fetch<E>(
    connection: &impl ConnectionTrait,
    select: Select<E>,
    sort: Newest<E::Column>,
    page: &Page,
    want_total: bool,
    key: impl Fn(&E::Model) -> Key,
) -> Result<Listed<E::Model>, DbErr>
where
    E: EntityTrait,
    E::Model: Sync,
{
    let total = if want_total {
        Some(select.clone().count(connection).await?)
    } else {
        None
    };
    let bounds = [(page.after, true), (page.before, false)];
    let bounded = bounds
        .into_iter()
        .filter_map(|(bound, older)| Some(beyond(sort, bound?, older)))
        .fold(select, QueryFilter::filter);
    let limit = page.limit.saturating_add(1);
    let mut models = sorted(bounded, sort, page.backwards)
        .limit(limit)
        .all(connection)
        .await?;
    let shown = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let more = models.len() > shown;
    models.truncate(shown);
    if page.backwards {
        models.reverse();
    }
    Ok(Listed {
        rows: models
            .into_iter()
            .map(|model| (key(&model), model))
            .collect(),
        more,
        total,
    })
}

/// Fetches a part of what `select` finds, the newest first by an id that rises with the time of its making. `id` is that of a row.
pub async fn newest<E>(
    connection: &impl ConnectionTrait,
    select: Select<E>,
    column: E::Column,
    page: &Page,
    want_total: bool,
    id: impl Fn(&E::Model) -> Uuid,
) -> Result<Listed<E::Model>, DbErr>
where
    E: EntityTrait,
    E::Model: Sync,
{
    let key = |row: &E::Model| Key {
        at: None,
        id: id(row),
    };
    fetch(
        connection,
        select,
        Newest::ById(column),
        page,
        want_total,
        key,
    )
    .await
}

/// A part of a list that is there already, sorted by its keys, the greatest first.
pub fn of_sorted<T>(rows: Vec<(Key, T)>, page: &Page) -> Listed<T> {
    let total = u64::try_from(rows.len()).ok();
    let place = |key: Key| (key.at, key.id);
    let within = |(key, _): &(Key, T)| {
        page.after.is_none_or(|after| place(*key) < place(after))
            && page.before.is_none_or(|before| place(*key) > place(before))
    };
    let mut rows: Vec<_> = rows.into_iter().filter(within).collect();
    let surplus = rows
        .len()
        .saturating_sub(usize::try_from(page.limit).unwrap_or(usize::MAX));
    if page.backwards {
        rows.drain(..surplus);
    } else {
        rows.truncate(rows.len() - surplus);
    }
    Listed {
        rows,
        more: surplus > 0,
        total,
    }
}

/// What comes after a place (`older`) or before it.
fn beyond<C: ColumnTrait>(sort: Newest<C>, key: Key, older: bool) -> Condition {
    let past = |column: C, value: sea_orm::Value| {
        if older {
            column.lt(value)
        } else {
            column.gt(value)
        }
    };
    match (sort, key.at) {
        (Newest::ById(id), _) => past(id, key.id.into()).into_condition(),
        (Newest::ByTime(at, id), _) => {
            let place = [key.at.unwrap_or_default().into(), key.id.into()];
            beyond_row([at, id], place, older).into_condition()
        }
        (Newest::ByTimeOrNever(at, id), Some(time)) => {
            let beyond = beyond_row([at, id], [time.into(), key.id.into()], older);
            with_never(beyond, at, older)
        }
        (Newest::ByDayAndTimeOrNever(day, at, id), Some(time)) => {
            let place = [time.day().into(), time.into(), key.id.into()];
            with_never(beyond_row([day, at, id], place, older), day, older)
        }
        (Newest::ByTimeOrNever(first, id) | Newest::ByDayAndTimeOrNever(first, _, id), None) => {
            let same = Condition::all()
                .add(first.is_null())
                .add(past(id, key.id.into()));
            if older {
                same
            } else {
                Condition::any().add(first.is_not_null()).add(same)
            }
        }
    }
}

/// Rows beyond a place that has all of these columns.
fn beyond_row<C: ColumnTrait, const N: usize>(
    columns: [C; N],
    place: [sea_orm::Value; N],
    older: bool,
) -> Expr {
    let row = Expr::tuple(columns.map(|column| Expr::col(column.as_column_ref())));
    let place = Expr::tuple(place.map(Expr::value));
    if older { row.lt(place) } else { row.gt(place) }
}

/// Those that lack the first column are older than all that have it.
fn with_never<C: ColumnTrait>(beyond: Expr, first: C, older: bool) -> Condition {
    let beyond = Condition::any().add(beyond);
    if older {
        beyond.add(first.is_null())
    } else {
        beyond
    }
}

fn sorted<E: EntityTrait>(
    select: Select<E>,
    sort: Newest<E::Column>,
    backwards: bool,
) -> Select<E> {
    let direction = || {
        if backwards {
            Direction::Asc
        } else {
            Direction::Desc
        }
    };
    let never = if backwards {
        NullOrdering::First
    } else {
        NullOrdering::Last
    };
    match sort {
        Newest::ById(id) => select.order_by(id, direction()),
        Newest::ByTime(at, id) => select.order_by(at, direction()).order_by(id, direction()),
        Newest::ByTimeOrNever(at, id) => select
            .order_by_with_nulls(at, direction(), never)
            .order_by(id, direction()),
        Newest::ByDayAndTimeOrNever(day, at, id) => select
            .order_by_with_nulls(day, direction(), never)
            .order_by_with_nulls(at, direction(), never)
            .order_by(id, direction()),
    }
}
