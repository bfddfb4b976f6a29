//! What is fixed for a deployment at its first start: currency, time zone, the earliest time an event may have.

mod store;

pub(crate) use store::{keep, kept};

use lazo_domain::clock::Timestamp;
use lazo_domain::money::Currency;
use sea_orm::DbErr;

use crate::config;
use crate::db::Db;

/// The settings that a deployment keeps for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The currency of sums.
    pub currency: Currency,
    /// The time zone of days.
    pub time_zone: chrono_tz::Tz,
    /// Touchpoints from before it go to quarantine.
    pub earliest_event: Timestamp,
}

/// Why a deployment does not start.
#[derive(Debug, thiserror::Error)]
pub enum DeploymentError {
    /// A setting differs from what was fixed.
    #[error(
        "deployment.{setting}: the configuration says {configured}, but {fixed} was fixed at the first start of this deployment"
    )]
    Changed {
        /// The setting.
        setting: &'static str,
        /// What the configuration says.
        configured: String,
        /// What was fixed.
        fixed: String,
    },
    /// The configured currency is none.
    #[error("deployment.currency: `{0}` is not an ISO 4217 code such as EUR")]
    Currency(String),
    /// All touchpoints of the present would go to quarantine.
    #[error(
        "LAZO_DEPLOYMENT__EARLIEST_EVENT: {0} is still to come; this is the day before which nothing can have happened, such as 1990-01-01"
    )]
    Future(Timestamp),
    /// The database failed.
    #[error("the settings of the deployment do not load: {0}")]
    Database(#[from] DbErr),
}

impl Deployment {
    /// The deployment's settings: fixed now if this is the first start, else compared with what was fixed.
    pub async fn fix(
        db: &Db,
        wanted: &config::Deployment,
        now: Timestamp,
    ) -> Result<Self, DeploymentError> {
        let currency: Currency = wanted
            .currency
            .parse()
            .map_err(|_| DeploymentError::Currency(wanted.currency.clone()))?;
        if wanted.earliest_event > now {
            return Err(DeploymentError::Future(wanted.earliest_event));
        }
        let wanted = Self {
            currency,
            time_zone: wanted.time_zone,
            earliest_event: wanted.earliest_event,
        };
        let transaction = db.begin().await?;
        let settings = [
            ("currency", wanted.currency.as_str().to_owned()),
            ("time_zone", wanted.time_zone.name().to_owned()),
            ("earliest_event", wanted.earliest_event.to_string()),
        ];
        for (setting, configured) in settings {
            match store::setting(&transaction, setting).await? {
                None => store::fix(&transaction, setting, &configured, now).await?,
                Some(fixed) if fixed == configured => {}
                Some(fixed) => {
                    return Err(DeploymentError::Changed {
                        setting,
                        configured,
                        fixed,
                    });
                }
            }
        }
        transaction.commit().await?;
        Ok(wanted)
    }
}

/// Whether a one-time task of this deployment is marked as done.
pub async fn is_done(db: &Db, task: &str) -> Result<bool, DbErr> {
    Ok(store::setting(db.read(), task).await?.is_some())
}

/// Marks a one-time task of this deployment as done.
pub async fn mark_done(db: &Db, task: &str, now: Timestamp) -> Result<(), DbErr> {
    let transaction = db.begin().await?;
    store::fix(&transaction, task, "done", now).await?;
    transaction.commit().await
}
