//! Counters without gaps: a number is taken in the transaction that uses it.

use sea_orm::{ConnectionTrait, DbErr};

use super::{Engine, statement};

/// Takes `count` numbers from a counter and returns the first; counters start at 1 and have no gaps.
pub async fn take_numbers(
    connection: &impl ConnectionTrait,
    counter: &str,
    count: i64,
) -> Result<i64, DbErr> {
    let engine = Engine::of(connection);
    let take = statement(
        connection,
        format!(
            "INSERT INTO counter (name, value) VALUES ({}, {}) \
             ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value RETURNING value",
            engine.parameter(1),
            engine.parameter(2)
        ),
        [counter.into(), count.into()],
    );
    let row = connection.query_one_raw(take).await?;
    let last: i64 = row
        .ok_or_else(|| DbErr::RecordNotFound(format!("counter {counter}")))?
        .try_get("", "value")?;
    Ok(last - count + 1)
}
