//! Counting by SQL over the database after the end, beside what the ledger says was acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use lazo_tests::engine::TestDatabase;
use sea_orm::{ConnectionTrait, DatabaseConnection};

/// What the database holds.
#[derive(Debug)]
pub(super) struct Count {
    pub(super) acknowledged: usize,
    pub(super) stored: usize,
    pub(super) duplicates: usize,
    pub(super) lost: Vec<String>,
    in_ledger: i64,
    first_seq: i64,
    last_seq: i64,
    wrong_counters: i64,
    split_identifiers: i64,
}

impl Count {
    /// Counts everything, beside the message ids that were acknowledged.
    pub(super) async fn of(database: &TestDatabase, acknowledged: &BTreeSet<String>) -> Self {
        let connection = database.connect().await;
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for id in texts(&connection, "SELECT message_id AS text FROM touchpoint").await {
            *times.entry(id).or_default() += 1;
        }
        let lost = acknowledged
            .iter()
            .filter(|id| !times.contains_key(*id))
            .cloned()
            .collect();
        let stored: usize = times.values().sum();
        let number = async |sql: &str| number(&connection, sql).await;
        Self {
            acknowledged: acknowledged.len(),
            stored,
            duplicates: stored - times.len(),
            lost,
            in_ledger: number("SELECT count(*) AS number FROM message").await,
            first_seq: number("SELECT coalesce(min(seq), 1) AS number FROM touchpoint").await,
            last_seq: number("SELECT coalesce(max(seq), 0) AS number FROM touchpoint").await,
            wrong_counters: number(WRONG_COUNTERS).await,
            split_identifiers: number(
                "SELECT count(*) AS number FROM (SELECT 1 FROM identifier GROUP BY namespace, value \
                 HAVING count(*) > 1) AS split",
            )
            .await,
        }
    }

    /// Holds the database to what is promised whatever happens.
    #[track_caller]
    pub(super) fn holds(&self) {
        let stored = i64::try_from(self.stored).expect("a count");
        assert!(
            self.lost.is_empty(),
            "{} acknowledged touchpoints are lost, among them {:?}",
            self.lost.len(),
            self.lost.first()
        );
        assert_eq!(self.duplicates, 0, "a touchpoint is stored twice");
        assert_eq!(self.in_ledger, stored, "the ledger has another count");
        assert_eq!(
            (self.first_seq, self.last_seq),
            (1, stored),
            "`seq` has a gap: {self:?}"
        );
        assert_eq!(
            self.wrong_counters, 0,
            "profiles count other touchpoints than they have"
        );
        assert_eq!(
            self.split_identifiers, 0,
            "an identifier points at several profiles"
        );
    }
}

const WRONG_COUNTERS: &str = "SELECT count(*) AS number FROM profile AS p \
    LEFT JOIN (SELECT f.profile_id, count(*) AS held FROM touchpoint AS t \
        JOIN fragment AS f ON f.id = t.fragment_id GROUP BY f.profile_id) AS own ON own.profile_id = p.id \
    WHERE p.touchpoints <> CASE WHEN p.merged_into IS NULL THEN coalesce(own.held, 0) ELSE p.touchpoints END";

/// The number that a statement gives, under the name `number`.
pub(super) async fn number(connection: &DatabaseConnection, sql: &str) -> i64 {
    let row = connection
        .query_one_raw(sea_orm::Statement::from_string(
            connection.get_database_backend(),
            sql,
        ))
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
        .expect("one row");
    row.try_get("", "number").expect("a number")
}

/// The texts that a statement gives, under the name `text`.
pub(super) async fn texts(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = connection
        .query_all_raw(sea_orm::Statement::from_string(
            connection.get_database_backend(),
            sql,
        ))
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.iter()
        .map(|row| row.try_get("", "text").expect("a text"))
        .collect()
}
