//! From which pages the key of a source may be used.

use lazo_entity::source::Model;

/// Whether a page of this origin may use the source's key. A request that names no origin comes from no page, and a source that
/// lists no origins takes all.
pub fn allows(source: &Model, origin: Option<&[u8]>) -> bool {
    let listed = source
        .allowed_origins
        .as_array()
        .filter(|origins| !origins.is_empty());
    match (listed, origin) {
        (Some(listed), Some(origin)) => listed.iter().any(|allowed| {
            allowed.as_str().is_some_and(|allowed| {
                origin.eq_ignore_ascii_case(allowed.trim_end_matches('/').as_bytes())
            })
        }),
        _ => true,
    }
}
