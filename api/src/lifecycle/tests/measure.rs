//! What the population measures, and when.

use lazo_domain::condition::Span;
use lazo_domain::lifecycle::{Rules, SpendBoundaries, Tiers, gaps, population_gap};

use super::*;
use crate::lifecycle::measure::{Measured, measure};
use crate::lifecycle::service;

#[tokio::test]
async fn what_the_population_measures_is_what_all_its_numbers_come_to() {
    let shop = Shop::open().await;
    let history = some_history();
    for (customer, bought) in &history {
        shop.history(&[(customer, bought)]).await;
    }
    let app = &shop.test.app;
    let tiers = json!({ "top": 5.0, "large": 10.0, "medium": 40.0 });
    let rules = Rules {
        tiers: serde_json::from_value::<Tiers>(tiers).unwrap(),
        ..Rules::default()
    };
    let zone = app.deployment().time_zone;
    let (mut between, mut spends) = (Vec::new(), Vec::new());
    for (_, bought) in &history {
        let mut placed: Vec<_> = bought
            .iter()
            .map(|(ago, _)| Timestamp(NOW - ago * DAY))
            .collect();
        placed.sort_unstable();
        between.extend(gaps(placed, zone));
        let within = bought.iter().filter(|(ago, _)| *ago < 365);
        let spent: Vec<_> = within.map(|(_, euros)| euros * 100).collect();
        spends.extend((!spent.is_empty()).then(|| spent.iter().sum::<i64>()));
    }
    let expected = Measured {
        population_gap: population_gap(between),
        spend_boundaries: SpendBoundaries::of(spends, &rules.tiers),
    };
    let snapshot = app.db().snapshot().await.unwrap();
    let found = measure(&snapshot, &rules, zone, app.now()).await.unwrap();
    assert_eq!(found, expected);
    assert!(found.population_gap.is_some() && found.spend_boundaries.is_some());
}

#[tokio::test]
async fn purchases_of_one_day_in_the_time_zone_of_the_person_are_one_visit() {
    let shop = Shop::open().await;
    // 23:00 and 01:00 in Madrid, which is one day in New York.
    let evening: Timestamp = "2026-03-01T22:00:00Z".parse().unwrap();
    for customer in ["ada", "bob"] {
        shop.order(customer, evening, 10).await;
        let later = evening.plus_millis(2 * HOUR);
        shop.order(customer, later, 10).await;
    }
    let app = &shop.test.app;
    let gap = async || {
        let zone = app.deployment().time_zone;
        let found = measure(app.db().read(), &Rules::default(), zone, app.now()).await;
        found.unwrap().population_gap.map(Span::millis)
    };
    assert_eq!(gap().await, Some(2 * HOUR));
    for customer in ["ada", "bob"] {
        let traits = json!({ "timezone": "America/New_York" });
        let identify = json!({ "type": "identify", "userId": customer, "traits": traits });
        shop.send(identify).await;
    }
    assert_eq!(gap().await, None);
}

#[tokio::test]
async fn once_a_day_one_process_measures_and_sweeps_only_where_that_changes_something() {
    let shop = Shop::open().await;
    let (app, other) = (&shop.test.app, shop.test.another().await);
    assert!(service::measure_if_due(app).await.unwrap());
    let measured = service::rules(app).await.unwrap();
    assert_eq!(measured.measured_at, None);
    assert_eq!(shop.definitions().await, 0);

    shop.history(&[("ada", &[(40, 10), (10, 10)])]).await;
    assert!(!service::measure_if_due(app).await.unwrap());
    shop.pass(HOUR).await;
    assert!(service::measure_if_due(&other.app).await.unwrap());
    assert!(!service::measure_if_due(app).await.unwrap());
    let measured = service::rules(app).await.unwrap();
    let gap = measured.rules.population_gap.map(Span::millis);
    assert_eq!(gap, Some(30 * DAY));
    assert_eq!(measured.measured_at, Some(app.now()));
    assert_eq!(shop.definitions().await, 1);
    assert_eq!(shop.sweep().await, 1);

    shop.pass(23 * HOUR).await;
    assert!(!service::measure_if_due(app).await.unwrap());
    shop.pass(HOUR).await;
    assert!(service::measure_if_due(app).await.unwrap());
    assert_eq!(shop.definitions().await, 1);
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_measured_and_keeps_nothing() {
    let shop = Shop::open().await;
    let bought: &[(&str, &[(i64, i64)])] = &[("ada", &[(40, 10), (10, 10)]), ("bob", &[(30, 50)])];
    shop.history(bought).await;
    let document = |dry: bool| {
        format!(
            "mutation {{ lifecycleMeasure(input: {{ dryRun: {dry} }}) {{ rules {{ populationGap
            boundaries {{ top {{ amount }} }} measuredAt }} userErrors {{ code }} }} }}"
        )
    };
    let data = shop.answer(&document(true)).await;
    let told = &data["lifecycleMeasure"]["rules"];
    assert_eq!(told["populationGap"], "30d");
    let boundaries = json!({ "top": { "amount": "20.00" } });
    assert_eq!(told["boundaries"], boundaries);
    let app = &shop.test.app;
    let rules = service::rules(app).await.unwrap();
    assert_eq!((rules.rules, rules.measured_at), (Rules::default(), None));

    shop.answer(&document(false)).await;
    let rules = service::rules(app).await.unwrap();
    assert_eq!(rules.measured_at, Some(app.now()));
    assert_eq!(shop.sweep().await, 2);
}
