//! Redis: whether it answers, how quickly, and what it does when it is full.

use std::time::Duration;

use super::finding::Finding;
use crate::cache::{self, Look};
use crate::config::Config;

/// Beyond this it answers too slowly to be of use.
const SLOW: Duration = Duration::from_millis(20);

pub(super) async fn look(config: &Config) -> Finding {
    let mut finding = Finding::about("redis");
    let Some(url) = &config.redis.url else {
        finding.fact("none is configured: processes learn of each other's changes within seconds");
        return finding;
    };
    finding.fact(url.to_string());
    match cache::probe(url).await {
        Ok(look) => judge(&look, &mut finding),
        Err(error) => finding.error(
            format!("it does not answer ({error})"),
            "start it, or mend or remove LAZO_REDIS_URL; without it the program serves all the same",
        ),
    }
    finding
}

fn judge(look: &Look, finding: &mut Finding) {
    finding.fact(format!("version {}", look.version));
    finding.fact(format!("answers in {} µs", look.latency.as_micros()));
    if look.latency > SLOW {
        finding.warning("it is slow", "put it near the program");
    }
    match look.eviction.as_str() {
        "" => {}
        "noeviction" if look.memory_limit > 0 => {
            finding.fact("noeviction");
            finding.warning(
                "when its memory is full it refuses to store",
                "set maxmemory-policy allkeys-lru where it is a cache alone",
            );
        }
        policy => finding.fact(format!("eviction {policy}")),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::as_it_should_be(20, "allkeys-lru", 1, "ok", "eviction allkeys-lru")]
    #[case::slow(21, "allkeys-lru", 1, "warning", "it is slow: put it near the program")]
    #[case::full_one_day(
        1,
        "noeviction",
        1,
        "warning",
        "set maxmemory-policy allkeys-lru where it is a cache alone"
    )]
    #[case::without_a_limit(1, "noeviction", 0, "ok", "eviction noeviction")]
    #[case::it_does_not_tell(1, "", 0, "ok", "version 7.0.15")]
    fn a_redis_that_is_slow_or_will_refuse_is_told(
        #[case] milliseconds: u64,
        #[case] eviction: &str,
        #[case] memory_limit: u64,
        #[case] level: &str,
        #[case] told: &str,
    ) {
        let mut finding = Finding::about("redis");
        let look = Look {
            version: "7.0.15".to_owned(),
            latency: Duration::from_millis(milliseconds),
            eviction: eviction.to_owned(),
            memory_limit,
        };

        judge(&look, &mut finding);

        assert_eq!(finding.json()["level"], level);
        assert!(finding.to_string().contains(told), "{finding}");
    }
}
