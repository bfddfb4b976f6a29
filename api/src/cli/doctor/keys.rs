//! The signing keys: whether there are any, and whether they open under the deployment secret.

use super::database::UNREACHABLE;
use super::finding::Finding;
use crate::auth::keyring::Keyring;
use crate::auth::secret::DeploymentSecret;
use crate::auth::service;
use crate::config::Config;
use crate::db::Db;

pub(super) async fn look(config: &Config, db: Option<&Db>) -> Finding {
    let mut finding = Finding::about("keys");
    let file = config.database.url.file();
    let secret = match DeploymentSecret::existing(config.secret.as_ref(), file.as_deref()) {
        Ok(secret) => secret,
        Err(error) => {
            let mend = "give the secret that the deployment has had, or restore its file";
            finding.error(error.to_string().trim_end_matches('.'), mend);
            return finding;
        }
    };
    let Some(db) = db else {
        finding.fact(UNREACHABLE);
        return finding;
    };
    let Ok(rows) = service::signing_keys(db.read()).await else {
        finding.fact("none yet: there is no table for them");
        return finding;
    };
    if rows.is_empty() {
        finding.fact("none yet: they are drawn with the first token");
        return finding;
    }
    let Some(secret) = secret else {
        finding.error(
            "the file of the deployment secret is gone",
            "restore it from your backup: without it no token and no signing key of this database is good",
        );
        return finding;
    };
    let sealed = rows
        .iter()
        .filter(|row| Keyring::open(std::slice::from_ref(row), &secret).is_empty())
        .count();
    let retired = rows.iter().filter(|row| row.retired_at.is_some()).count();
    finding.fact(format!(
        "{} in use, {retired} retired",
        rows.len() - retired
    ));
    if sealed > 0 {
        finding.error(
            format!(
                "{sealed} of {} do not open: LAZO_SECRET is not the one they were stored under",
                rows.len()
            ),
            "give the secret that the deployment has had",
        );
    } else if !Keyring::open(&rows, &secret).can_sign() {
        finding.warning("none may sign", "`lazo key rotate` draws one");
    }
    finding
}
