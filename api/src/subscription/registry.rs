//! Who waits for what.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lazo_domain::id::{ProfileId, SegmentId};
use tokio::sync::watch;

use super::heard::Heard;
use crate::profile::feed::Place;

/// What can be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A change of what an id of a profile, present or former, leads to.
    Profile(ProfileId),
    /// A transition of a segment.
    Segment(SegmentId),
}

/// Those who wait in this process; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Wakes(Arc<Mutex<HashMap<Topic, Waiting>>>);

/// Those who wait for one thing.
#[derive(Debug, Default)]
struct Waiting {
    bell: watch::Sender<()>,
    /// The profiles that the id has led to while somebody waited. None is taken out again: being woken in vain does no harm.
    led_to: HashSet<ProfileId>,
    /// Where the id led when all were looked at last.
    seen: Option<Place>,
}

impl Wakes {
    /// Waits for something from here on.
    pub fn wait_for(&self, topic: Topic) -> Wake {
        let bell = self.lock().entry(topic).or_default().bell.subscribe();
        Wake {
            wakes: self.clone(),
            topic,
            bell: Some(bell),
            led_to: None,
        }
    }

    /// The segments that somebody waits for.
    pub(super) fn segments(&self) -> Vec<SegmentId> {
        let segment = |topic: &Topic| match topic {
            Topic::Segment(id) => Some(*id),
            Topic::Profile(_) => None,
        };
        self.lock().keys().filter_map(segment).collect()
    }

    /// The ids of profiles that somebody waits for.
    pub(super) fn profiles(&self) -> Vec<ProfileId> {
        let profile = |topic: &Topic| match topic {
            Topic::Profile(id) => Some(*id),
            Topic::Segment(_) => None,
        };
        self.lock().keys().filter_map(profile).collect()
    }

    /// Wakes those who wait for these segments.
    pub(super) fn wake_segments(&self, segments: &[SegmentId]) {
        let waiting = self.lock();
        for segment in segments {
            if let Some(waiting) = waiting.get(&Topic::Segment(*segment)) {
                waiting.bell.send_replace(());
            }
        }
    }

    /// Wakes those who wait for a profile that changed.
    pub(super) fn wake_changed(&self, heard: &Heard) {
        for (topic, waiting) in self.lock().iter() {
            let Topic::Profile(id) = topic else { continue };
            if heard.has(*id) || waiting.led_to.iter().any(|id| heard.has(*id)) {
                waiting.bell.send_replace(());
            }
        }
    }

    /// Wakes those whose id leads elsewhere, or to another version, than when all were looked at last.
    pub(super) fn wake_moved(&self, asked: &[ProfileId], now: &HashMap<ProfileId, Place>) {
        let mut waiting = self.lock();
        for id in asked {
            if let Some(waiting) = waiting.get_mut(&Topic::Profile(*id)) {
                let place = now.get(id).copied();
                if place.is_none() || place != waiting.seen {
                    waiting.seen = place;
                    waiting.bell.send_replace(());
                }
            }
        }
    }

    /// What is behind the lock is whole at every instant, so a panic elsewhere does not spoil it.
    fn lock(&self) -> MutexGuard<'_, HashMap<Topic, Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who waits.
#[derive(Debug)]
pub struct Wake {
    wakes: Wakes,
    topic: Topic,
    /// There until it is dropped.
    bell: Option<watch::Receiver<()>>,
    led_to: Option<ProfileId>,
}

impl Wake {
    /// What happens from here on wakes; to be called before a look at the database, so that nothing falls between the two.
    pub fn arm(&mut self) {
        if let Some(bell) = &mut self.bell {
            bell.mark_unchanged();
        }
    }

    /// Waits until there may be something new.
    pub async fn woken(&mut self) {
        if let Some(bell) = &mut self.bell
            && bell.changed().await.is_ok()
        {
            return;
        }
        // The other end is kept for as long as anybody waits.
        std::future::pending::<()>().await;
    }

    /// Waits for changes of this profile too, to which the id was found to lead. Says whether that is new: what happened to it
    /// before this may have gone by, so look again.
    pub fn follow(&mut self, profile: ProfileId) -> bool {
        if self.led_to.replace(profile) == Some(profile) {
            return false;
        }
        if let Some(waiting) = self.wakes.lock().get_mut(&self.topic) {
            waiting.led_to.insert(profile);
        }
        true
    }
}

impl Drop for Wake {
    fn drop(&mut self) {
        let mut waiting = self.wakes.lock();
        self.bell = None;
        let left = waiting.get(&self.topic);
        if left.is_some_and(|left| left.bell.receiver_count() == 0) {
            waiting.remove(&self.topic);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lazo_domain::id::ProfileId;
    use tokio::time::timeout;
    use uuid::Uuid;

    use super::*;
    use crate::cache::hot::News;

    fn profile(number: u128) -> ProfileId {
        ProfileId(Uuid::from_u128(number))
    }

    fn changed(numbers: &[u128]) -> Heard {
        let mut heard = Heard::default();
        heard.add(&News::Changed(
            numbers.iter().map(|one| profile(*one)).collect(),
        ));
        heard
    }

    async fn is_woken(wake: &mut Wake) -> bool {
        timeout(Duration::from_millis(20), wake.woken())
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn who_waits_is_woken_by_what_it_waits_for_alone() {
        let wakes = Wakes::default();
        let mut one = wakes.wait_for(Topic::Profile(profile(1)));
        let mut other = wakes.wait_for(Topic::Profile(profile(2)));
        wakes.wake_changed(&changed(&[1]));
        assert!(is_woken(&mut one).await && !is_woken(&mut other).await);
        assert!(!is_woken(&mut one).await, "once is enough");
        wakes.wake_changed(&changed(&[1]));
        one.arm();
        assert!(
            !is_woken(&mut one).await,
            "what came before the look is seen"
        );
    }

    #[tokio::test]
    async fn who_waits_for_a_former_id_is_woken_by_the_profile_it_leads_to() {
        let wakes = Wakes::default();
        let mut wake = wakes.wait_for(Topic::Profile(profile(1)));
        assert!(wake.follow(profile(2)) && !wake.follow(profile(2)));
        wakes.wake_changed(&changed(&[2]));
        assert!(is_woken(&mut wake).await);
    }

    #[tokio::test]
    async fn a_look_at_all_wakes_whose_profile_moved() {
        let wakes = Wakes::default();
        let mut wake = wakes.wait_for(Topic::Profile(profile(1)));
        let at = |version| {
            let place = Place {
                profile: profile(1),
                version,
            };
            HashMap::from([(profile(1), place)])
        };
        let asked = [profile(1)];
        wakes.wake_moved(&asked, &at(3));
        assert!(is_woken(&mut wake).await, "nobody knows what it was before");
        wakes.wake_moved(&asked, &at(3));
        assert!(!is_woken(&mut wake).await);
        wakes.wake_moved(&asked, &at(4));
        assert!(is_woken(&mut wake).await);
    }

    #[tokio::test]
    async fn nothing_is_kept_for_who_waits_no_more() {
        let wakes = Wakes::default();
        let segment = SegmentId(Uuid::from_u128(1));
        let one = wakes.wait_for(Topic::Segment(segment));
        let other = wakes.wait_for(Topic::Segment(segment));
        drop(one);
        assert_eq!(wakes.segments(), [segment]);
        drop(other);
        assert_eq!(wakes.segments(), []);
    }
}
