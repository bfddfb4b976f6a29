//! Days in the year.

use serde_json::json;

use super::{at, hold, with_traits};

#[tokio::test]
async fn anniversaries_are_days_of_the_profiles_time_zone() {
    let near = |name: &str, days: u16| json!({"anniversary": {"trait": name, "within_days": days}});
    let traits = json!({
        "timezone": "pacific/KIRITIMATI", "leap": "1992-02-29", "bare": " --0301\u{a0}", "dashed": "--03-01",
        "instant": "1990-03-01T23:30:00-05:00", "none": "first of March", "short": "2026-3-1", "many": ["--05-01", "--03-02"],
    });
    let cases = [
        // Kiritimati is fourteen hours ahead.
        (near("dashed", 0), "2026-02-28T10:00:00Z", true),
        (near("dashed", 0), "2026-02-28T09:59:59.999Z", false),
        (near("dashed", 1), "2026-02-28T09:59:59.999Z", true),
        (near("bare", 0), "2026-02-28T12:00:00Z", true),
        (near("instant", 0), "2026-02-28T12:00:00Z", true),
        (near("leap", 0), "2026-02-28T12:00:00Z", true),
        (near("leap", 0), "2028-02-28T12:00:00Z", true),
        (near("leap", 0), "2028-02-29T12:00:00Z", false),
        (near("none", 366), "2026-02-28T12:00:00Z", false),
        (near("short", 366), "2026-02-28T12:00:00Z", false),
        (near("gone", 366), "2026-02-28T12:00:00Z", false),
        (near("many", 1), "2026-02-28T12:00:00Z", true),
        (near("many", 0), "2026-02-28T12:00:00Z", false),
        (near("dashed", 60), "2025-12-31T10:00:00Z", true),
    ];
    hold(
        with_traits(&traits),
        cases.map(|(json, now, holds)| (json, at(now), holds)),
    )
    .await;
}

/// The night of 29 March 2026 lasts twenty-three hours in Madrid, where those are who name no zone or one that is none.
#[tokio::test]
async fn a_day_begins_at_midnight_also_where_the_clock_is_set() {
    let near = || json!({"anniversary": {"trait": "birthday", "within_days": 0}});
    for zone in [json!("Nowhere/Land"), json!(null), json!(1)] {
        let traits = json!({"birthday": "--03-30", "timezone": zone});
        let cases = [
            (near(), "2026-03-29T21:59:59.999Z", false),
            (near(), "2026-03-29T22:00:00Z", true),
            (near(), "2026-03-30T21:59:59.999Z", true),
            (near(), "2026-03-30T22:00:00Z", false),
        ];
        hold(
            with_traits(&traits),
            cases.map(|(json, now, holds)| (json, at(now), holds)),
        )
        .await;
    }
}
