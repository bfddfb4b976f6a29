//! The source that an import comes from.

use std::sync::Arc;

use lazo_domain::id::SourceId;
use lazo_entity::source::Model;

use crate::app::App;
use crate::cli::output::Failure;
use crate::source::service;

/// The source of a name, an id or a key, if files may be imported from it.
pub(super) async fn usable(app: &App, named: &str) -> Result<Arc<Model>, Failure> {
    let source = find(app, named).await?.ok_or_else(|| {
        Failure::new("--source: no source has this name, id or key; `lazo source list` lists them.")
    })?;
    let name = &source.name;
    let refusal = if name == service::BUILT_IN {
        format!("--source: {name} is the source of what Lazo itself records.")
    } else if source.archived_at.is_some() {
        format!("--source: the source {name} is archived.")
    } else if !source.live {
        format!("--source: {name} is a test source, whose touchpoints never reach profiles.")
    } else if !source.trusted {
        format!(
            "--source: the source {name} is public: what it says is a claim, not the shop's own record. Import from a trusted \
             one; `lazo source create --name import --channel other --trusted` makes one."
        )
    } else {
        return Ok(source);
    };
    Err(Failure::new(refusal))
}

async fn find(app: &App, named: &str) -> Result<Option<Arc<Model>>, Failure> {
    if let Ok(id) = named.parse::<SourceId>() {
        return Ok(service::find(app, id).await?.map(Arc::new));
    }
    if let Some(source) = service::find_by_name(app, named).await? {
        return Ok(Some(Arc::new(source)));
    }
    Ok(app.source_keys().find(named).await?)
}
