//! What can be asked of the audit log.

use lazo_entity::audit_entry::Model;

use super::{Filter, store};
use crate::app::App;
use crate::error::Error;
use crate::page::{Listed, Page};

/// A part of the list of entries, the newest first.
pub async fn list(
    app: &App,
    filter: &Filter,
    page: &Page,
    want_total: bool,
) -> Result<Listed<Model>, Error> {
    Ok(store::list(app.db().read(), filter, page, want_total).await?)
}
