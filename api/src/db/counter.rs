//! Counters without gaps: a number is taken in the transaction that uses it.

use sea_orm::{ConnectionTrait, DbErr};

use super::{Column, ColumnKind, Rows};

const COUNTER: &[Column] = &[("name", ColumnKind::Text), ("value", ColumnKind::Integer)];

/// Takes `count` numbers from a counter and returns the first; counters start at 1 and have no gaps.
pub async fn take_numbers(
    connection: &impl ConnectionTrait,
    counter: &str,
    count: i64,
) -> Result<i64, DbErr> {
    let [first] = take_from_each(connection, [(counter, count)]).await?;
    Ok(first)
}

/// Takes numbers from counters, so many of each, in one statement, and returns the first of each.
pub async fn take_from_each<const N: usize>(
    connection: &impl ConnectionTrait,
    counters: [(&str, i64); N],
) -> Result<[i64; N], DbErr> {
    let mut rows = Rows::new(COUNTER);
    for (name, count) in counters {
        rows.push([&name, &count]);
    }
    let take = rows.query(
        connection,
        "INSERT INTO counter (name, value) SELECT name, value FROM {rows} AS given WHERE true \
         ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value RETURNING name, value",
        Vec::new(),
    );
    let taken = connection.query_all_raw(take).await?;
    let mut first = counters.map(|_| None);
    for row in taken {
        let (name, last) = (
            row.try_get::<String>("", "name")?,
            row.try_get::<i64>("", "value")?,
        );
        let counter = counters.iter().position(|(taken, _)| *taken == name);
        if let Some(place) = counter {
            first[place] = Some(last - counters[place].1 + 1);
        }
    }
    if let Some(place) = first.iter().position(Option::is_none) {
        let name = counters[place].0;
        return Err(DbErr::RecordNotFound(format!("counter {name}")));
    }
    Ok(first.map(Option::unwrap_or_default))
}
