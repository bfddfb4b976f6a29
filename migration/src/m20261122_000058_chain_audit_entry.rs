//! Chains the audit log by the canonical spelling of its entries, keeps its end apart, and finds entries by what they are about.
//!
//! Entries that are there are read through once, held to the hashes that they had, and chained anew; an entry of its own says how many they
//! were, what the last hash was, and which was the first that was broken. What a definition said is taken out of them, since a condition
//! may name a person.

use lazo_domain::clock::Timestamp;
use lazo_domain::hash::Hash256;
use lazo_domain::id::AuditEntryId;
use lazo_domain::privacy::audit::{Event, Head, hashable};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DbBackend, JsonValue, QueryResult, Statement, Value,
};
use serde_json::json;
use uuid::Uuid;

use crate::columns::{index, integer, json as json_column, millis, text, unique, uuid};

/// How many rows are read at once.
const BATCH: i64 = 500;
/// What entries said of definitions.
const SAID: [&str; 4] = ["condition", "definition", "model", "name"];
/// By what entries are found.
const FOUND_BY: [&str; 3] = ["actor", "action", "subject"];

/// This change.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        set_aside(connection).await?;
        let table = Table::create()
            .table("audit_entry")
            .col(integer("seq").primary_key())
            .col(uuid("id"))
            .col(millis("at"))
            .col(text("actor"))
            .col(text("action"))
            .col(text("subject"))
            .col(json_column("details"))
            .col(text("payload_hash"))
            .col(text("hash"))
            .to_owned();
        manager.create_table(table).await?;
        manager.create_index(unique("audit_entry", &["id"])).await?;
        for column in FOUND_BY {
            manager
                .create_index(index("audit_entry", &[column, "seq"]))
                .await?;
        }
        let table = Table::create()
            .table("audit_head")
            .col(text("chain").primary_key())
            .col(integer("seq"))
            .col(text("hash"))
            .to_owned();
        manager.create_table(table).await?;
        let head = chain(connection).await?;
        let (seq, hash) = (integer_of(head.seq), head.hash.to_string());
        let keep = "INSERT INTO audit_head (chain, seq, hash) VALUES ('audit', {}, {})";
        run(connection, keep, vec![seq.into(), hash.into()]).await?;
        done(connection).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        set_aside(connection).await?;
        super::m20261122_000018_create_audit_entry::Migration
            .up(manager)
            .await?;
        manager
            .drop_table(Table::drop().table("audit_head").to_owned())
            .await?;
        let mut before = String::new();
        let mut after = i64::MIN;
        while let Some(rows) = batch(connection, &mut after, "").await? {
            for row in &rows {
                let entry = Entry::of(row)?;
                let hash = entry.old_hash(&before);
                let more = vec![before.into(), hash.clone().into()];
                entry.insert(connection, "previous_hash", more).await?;
                before = hash;
            }
        }
        done(connection).await
    }
}

/// Keeps the entries beside the table, which is made anew.
async fn set_aside(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    for step in [
        "CREATE TEMPORARY TABLE audit_entry_kept AS SELECT * FROM audit_entry",
        "DROP TABLE audit_entry",
    ] {
        connection.execute_unprepared(step).await?;
    }
    Ok(())
}

async fn done(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let drop = "DROP TABLE audit_entry_kept";
    connection.execute_unprepared(drop).await.map(|_| ())
}

/// Chains all entries that were kept. Gives the end of the chain.
async fn chain(connection: &impl ConnectionTrait) -> Result<Head, DbErr> {
    let (mut head, mut last, mut broken) = (Head::default(), None, None);
    let mut before = String::new();
    let mut after = i64::MIN;
    while let Some(rows) = batch(connection, &mut after, ", previous_hash, hash").await? {
        for row in &rows {
            let mut entry = Entry::of(row)?;
            let stored: String = row.try_get("", "hash")?;
            let previous: String = row.try_get("", "previous_hash")?;
            let follows = entry.seq == integer_of(head.seq) + 1 && previous == before;
            if broken.is_none() && !(follows && stored == entry.old_hash(&before)) {
                broken = Some(entry.seq);
            }
            before = stored;
            entry.forget_definitions();
            head = entry.append(connection, head).await?;
            last = Some((entry.id, entry.at));
        }
    }
    let Some((id, at)) = last else {
        return Ok(head);
    };
    let told = Entry {
        seq: 0,
        // Ids rise with the entries, so this one is free.
        id: Uuid::from_u128(id.as_u128().wrapping_add(1)),
        at,
        actor: "migration".to_owned(),
        action: "audit.chain".to_owned(),
        subject: "audit".to_owned(),
        details: json!({ "entries": head.seq, "lastHash": before, "firstBroken": broken }),
    };
    told.append(connection, head).await
}

/// The next rows that were kept, with more columns beside those of an entry; none at the end.
async fn batch(
    connection: &impl ConnectionTrait,
    after: &mut i64,
    more: &str,
) -> Result<Option<Vec<QueryResult>>, DbErr> {
    // Each way names its columns: PostgreSQL would take a plan for those of the other.
    let sql = format!(
        "SELECT seq, id, at, actor, action, subject, details{more} FROM audit_entry_kept \
         WHERE seq > {{}} ORDER BY seq LIMIT {{}}"
    );
    let query = statement(connection, &sql, vec![(*after).into(), BATCH.into()]);
    let rows = connection.query_all_raw(query).await?;
    let Some(last) = rows.last() else {
        return Ok(None);
    };
    *after = last.try_get("", "seq")?;
    Ok(Some(rows))
}

/// An entry, but for its hashes.
struct Entry {
    seq: i64,
    id: Uuid,
    at: Timestamp,
    actor: String,
    action: String,
    subject: String,
    details: JsonValue,
}

impl Entry {
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            seq: row.try_get("", "seq")?,
            id: row.try_get("", "id")?,
            at: Timestamp(row.try_get("", "at")?),
            actor: row.try_get("", "actor")?,
            action: row.try_get("", "action")?,
            subject: row.try_get("", "subject")?,
            details: row.try_get("", "details")?,
        })
    }

    /// What an entry is hashed as that stands behind these: each field preceded by its length.
    fn old_hash(&self, before: &str) -> String {
        let fields = [
            before,
            &self.seq.to_string(),
            &AuditEntryId(self.id).to_string(),
            &self.at.to_string(),
            &self.actor,
            &self.action,
            &self.subject,
            &self.details.to_string(),
        ];
        let lengths = fields.map(|field| field.len().to_be_bytes());
        let parts: Vec<&[u8]> = lengths
            .iter()
            .zip(fields)
            .flat_map(|(length, field)| [length.as_slice(), field.as_bytes()])
            .collect();
        Hash256::of_all(&parts).to_string()
    }

    fn forget_definitions(&mut self) {
        if let Some(details) = self.details.as_object_mut() {
            details.retain(|name, _| !SAID.contains(&name.as_str()));
        }
        self.details = hashable(self.details.take());
    }

    /// Stores the entry as the next one behind this end. Gives the new end.
    async fn append(&self, connection: &impl ConnectionTrait, head: Head) -> Result<Head, DbErr> {
        let seq = head.seq + 1;
        let id = AuditEntryId(self.id).to_string();
        let event = Event {
            at: self.at,
            actor: &self.actor,
            op: &self.action,
            subject: &self.subject,
            details: self.details.clone(),
        };
        let mut payload = event.payload(seq);
        if let Some(members) = payload.as_object_mut() {
            members.insert("id".to_owned(), id.into());
        }
        let link = head
            .link(&payload)
            .map_err(|error| DbErr::Migration(error.to_string()))?;
        let stored = Self {
            seq: integer_of(seq),
            actor: self.actor.clone(),
            action: self.action.clone(),
            subject: self.subject.clone(),
            details: self.details.clone(),
            ..*self
        };
        let hashes = [link.payload, link.hash].map(|hash| hash.to_string().into());
        stored
            .insert(connection, "payload_hash", hashes.to_vec())
            .await?;
        Ok(link.into())
    }

    /// Inserts the entry with its two hashes, of which the first has this name.
    async fn insert(
        self,
        connection: &impl ConnectionTrait,
        first: &str,
        hashes: Vec<Value>,
    ) -> Result<(), DbErr> {
        let sql = format!(
            "INSERT INTO audit_entry (seq, id, at, actor, action, subject, details, {first}, hash) \
             VALUES ({{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}})"
        );
        let values: Vec<Value> = vec![
            self.seq.into(),
            self.id.into(),
            self.at.0.into(),
            self.actor.into(),
            self.action.into(),
            self.subject.into(),
            self.details.into(),
        ];
        let values = values.into_iter().chain(hashes).collect();
        run(connection, &sql, values).await
    }
}

fn integer_of(seq: u64) -> i64 {
    seq.try_into().unwrap_or(i64::MAX)
}

/// A statement whose parameters are `{}`.
fn statement(connection: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Statement {
    let backend = connection.get_database_backend();
    let mut pieces = sql.split("{}");
    let mut numbered = pieces.next().unwrap_or_default().to_owned();
    let mark = match backend {
        DbBackend::Postgres => "$",
        _ => "?",
    };
    for (number, piece) in (1_u8..).zip(pieces) {
        numbered.extend([mark, &number.to_string(), piece]);
    }
    Statement::from_sql_and_values(backend, numbered, values)
}

async fn run(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<(), DbErr> {
    let statement = statement(connection, sql, values);
    connection.execute_raw(statement).await.map(|_| ())
}
