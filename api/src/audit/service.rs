//! What can be asked of the audit log.

use lazo_entity::audit_entry::Model;

use super::store;
use crate::app::App;
use crate::error::Error;
use crate::page::{Listed, Page};

/// Which entries are asked for; what is not said is any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of this actor.
    pub actor: Option<String>,
    /// Those of this action.
    pub action: Option<String>,
    /// Those about this.
    pub subject: Option<String>,
}

/// A part of the list of entries, the newest first.
pub async fn list(
    app: &App,
    filter: &Filter,
    page: &Page,
    want_total: bool,
) -> Result<Listed<Model>, Error> {
    Ok(store::list(app.db().read(), filter, page, want_total).await?)
}
