//! What an engine says of itself, for those who look for what is wrong.

use sea_orm::{ConnectionTrait, DbErr};

use super::{Db, Engine, statement};

/// A setting of the engine that matters, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineSetting {
    /// Its name, as the engine's manual has it.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// Why this value is a danger, if it is.
    pub danger: Option<&'static str>,
}

impl Db {
    /// The engine's version.
    pub async fn version(&self) -> Result<String, DbErr> {
        self.text(match self.engine {
            Engine::Sqlite => "SELECT sqlite_version()",
            Engine::Postgres => "SELECT current_setting('server_version')",
        })
        .await
    }

    /// The settings on which it depends that what was acknowledged is kept.
    pub async fn engine_settings(&self) -> Result<Vec<EngineSetting>, DbErr> {
        let wanted: &[(&'static str, &[&str], &'static str)] = match self.engine {
            Engine::Sqlite => &[
                (
                    "journal_mode",
                    &["wal"],
                    "readers and the writer wait for each other; start `lazo serve` once, which sets it to wal",
                ),
                (
                    "synchronous",
                    &["2", "3"],
                    "what was acknowledged may be lost with the power; it has to be FULL",
                ),
            ],
            Engine::Postgres => &[
                (
                    "fsync",
                    &["on"],
                    "a crash of the machine may destroy the database; set fsync = on",
                ),
                (
                    "full_page_writes",
                    &["on"],
                    "a crash of the machine may destroy pages; set full_page_writes = on",
                ),
                (
                    "synchronous_commit",
                    &["on", "local", "remote_write", "remote_apply"],
                    "what was acknowledged may be lost with the machine; set synchronous_commit = on",
                ),
                (
                    "server_encoding",
                    &["UTF8"],
                    "texts of other alphabets are refused; create the database with ENCODING 'UTF8'",
                ),
                (
                    "transaction_read_only",
                    &["off"],
                    "nothing can be written: this is a standby, or the role may only read; use the primary",
                ),
            ],
        };
        let mut settings = Vec::with_capacity(wanted.len());
        for (name, sound, danger) in wanted {
            let value = self.setting(name).await?;
            settings.push(EngineSetting {
                name,
                danger: (!sound.contains(&value.as_str())).then_some(*danger),
                value,
            });
        }
        Ok(settings)
    }

    /// The time by the database's clock, in milliseconds since 1970; an embedded one has the machine's.
    pub async fn clock_millis(&self) -> Result<Option<i64>, DbErr> {
        if self.engine == Engine::Sqlite {
            return Ok(None);
        }
        let ask = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
        Ok(Some(self.number(ask).await?))
    }

    /// When the touchpoint that was stored last was received, in milliseconds since 1970.
    pub async fn last_received_millis(&self) -> Result<Option<i64>, DbErr> {
        let ask = "SELECT received_at FROM touchpoint ORDER BY seq DESC LIMIT 1";
        let row = self
            .read
            .query_one_raw(statement(&self.read, ask, []))
            .await?;
        row.map(|row| row.try_get_by_index(0)).transpose()
    }

    /// What the role lacks on a server: rights in sentences without a full stop. An embedded database has no roles.
    pub async fn missing_rights(&self) -> Result<Vec<String>, DbErr> {
        if self.engine == Engine::Sqlite {
            return Ok(Vec::new());
        }
        let mut missing = Vec::new();
        let ask = "SELECT count(*) FROM (SELECT current_schema() AS name) AS s \
                   WHERE has_schema_privilege(s.name, 'CREATE')";
        if self.number(ask).await? == 0 {
            missing.push(
                "it may not create tables in its schema, as `lazo migrate` has to".to_owned(),
            );
        }
        for right in ["SELECT", "INSERT", "UPDATE", "DELETE"] {
            let ask = format!(
                "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() \
                 AND NOT has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), '{right}')"
            );
            let tables = self.number(&ask).await?;
            if tables > 0 {
                missing.push(format!("it lacks {right} on {tables} tables"));
            }
        }
        Ok(missing)
    }

    /// The role on a server, and whether it is a superuser.
    pub async fn role(&self) -> Result<Option<(String, bool)>, DbErr> {
        if self.engine == Engine::Sqlite {
            return Ok(None);
        }
        let name = self.text("SELECT current_user::text").await?;
        let is_super = self.setting("is_superuser").await? == "on";
        Ok(Some((name, is_super)))
    }

    async fn setting(&self, name: &str) -> Result<String, DbErr> {
        match self.engine {
            // The names are ours, never a caller's.
            Engine::Sqlite => {
                self.text(&format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"))
                    .await
            }
            Engine::Postgres => {
                self.text(&format!("SELECT current_setting('{name}')"))
                    .await
            }
        }
    }

    async fn text(&self, sql: &str) -> Result<String, DbErr> {
        let row = self
            .read
            .query_one_raw(statement(&self.read, sql, []))
            .await?;
        row.map_or_else(|| Ok(String::new()), |row| row.try_get_by_index(0))
    }

    async fn number(&self, sql: &str) -> Result<i64, DbErr> {
        let row = self
            .read
            .query_one_raw(statement(&self.read, sql, []))
            .await?;
        row.map_or(Ok(0), |row| row.try_get_by_index(0))
    }
}
