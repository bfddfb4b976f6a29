//! The values of computed traits.

use std::collections::HashMap;

use lazo_domain::computed::Computed;
use lazo_domain::id::{ComputedTraitId, ProfileId};

use crate::app::App;
use crate::error::Error;
use crate::standing::gather::Gathering;

/// The value of a computed trait of a profile.
#[derive(Clone, Debug)]
pub struct Valued {
    /// The computed trait.
    pub id: ComputedTraitId,
    /// Its name.
    pub name: String,
    /// The value, and what it rests on.
    pub computed: Computed,
}

/// The computed traits of profiles, in the order of their names, computed now of all that is known of them.
pub async fn of_profiles(
    app: &App,
    profiles: &[ProfileId],
) -> Result<HashMap<ProfileId, Vec<Valued>>, Error> {
    let mut found = HashMap::with_capacity(profiles.len());
    for some in profiles.chunks(AT_A_TIME) {
        let gathering = Gathering::of(app, some).await?;
        for decided in gathering.decided() {
            let defined = gathering.definitions().computed().iter();
            let values = defined.zip(decided.standing.computed);
            let values = values.map(|(one, (id, known))| Valued {
                id,
                name: one.definition.name.clone(),
                computed: known.value,
            });
            found.insert(decided.profile, values.collect());
        }
    }
    Ok(found)
}

/// How many profiles are gathered at a time.
const AT_A_TIME: usize = 100;
