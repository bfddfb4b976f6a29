//! What the demo promises to whoever tries it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use super::*;

/// 2026-03-01T10:20:30Z.
const UNTIL: Timestamp = Timestamp(1_772_360_430_000);
const END: i64 = UNTIL.0 - UNTIL.0.rem_euclid(DAY);

static YEAR: LazyLock<Vec<DemoItem>> = LazyLock::new(|| touchpoints(UNTIL).collect());

fn text<'a>(item: &'a Value, pointer: &str) -> &'a str {
    item.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}

fn instant(item: &Value, field: &str) -> Option<i64> {
    text(item, field).parse::<Timestamp>().ok().map(|at| at.0)
}

/// All texts anywhere in a value.
fn texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|item| texts(item, found)),
        _ => {}
    }
}

fn lucia() -> Vec<&'static DemoItem> {
    let devices: Vec<String> = people::cast()[0]
        .devices
        .iter()
        .map(|device| device.anonymous_id.clone())
        .collect();
    let hers = |item: &Value| {
        text(item, "/userId") == "C-1001"
            || text(item, "/context/traits/email") == "lucia.ferrer@example.com"
            || text(item, "/context/externalIds/0/id") == "lucia.ferrer"
            || devices
                .iter()
                .any(|device| text(item, "/anonymousId") == device)
    };
    YEAR.iter().filter(|one| hers(&one.item)).collect()
}

fn events<'a>(items: &[&'a DemoItem], source: DemoSource, event: &str) -> Vec<&'a Value> {
    let mut seen = HashSet::new();
    items
        .iter()
        .filter(|one| one.source == source && text(&one.item, "/event") == event)
        .map(|one| &one.item)
        .filter(|item| seen.insert(text(item, "/messageId")))
        .collect()
}

#[test]
fn the_same_end_gives_the_same_touchpoints() {
    let line = |one: &DemoItem| (one.source, one.received_at, one.item.to_string());
    let again: Vec<_> = touchpoints(Timestamp(END)).map(|one| line(&one)).collect();
    assert!(YEAR.iter().map(line).eq(again));
}

#[test]
fn another_end_moves_the_year_by_whole_days() {
    let later: Vec<DemoItem> = touchpoints(UNTIL.plus_millis(3 * DAY)).collect();
    assert_eq!(later.len(), YEAR.len());
    for (one, other) in YEAR.iter().zip(&later) {
        assert_eq!(one.received_at.plus_millis(3 * DAY), other.received_at);
        assert_eq!(
            text(&one.item, "/messageId"),
            text(&other.item, "/messageId")
        );
    }
}

#[test]
fn the_year_has_the_promised_size() {
    assert!(
        (25_000..=40_000).contains(&YEAR.len()),
        "{} touchpoints",
        YEAR.len()
    );
    let mut people: BTreeMap<&str, u32> = BTreeMap::new();
    for one in YEAR.iter() {
        let (person, _) = text(&one.item, "/messageId").rsplit_once('-').unwrap();
        *people.entry(person).or_default() += 1;
    }
    assert!(
        (1_950..=2_000).contains(&people.len()),
        "{} people",
        people.len()
    );
    let mut counts: Vec<u32> = people.into_values().collect();
    counts.sort_unstable();
    assert!(
        counts[counts.len() / 2] < 15,
        "most do little: {}",
        counts[counts.len() / 2]
    );
    assert!(
        counts[counts.len() - 10] > 100,
        "some do much: {}",
        counts[counts.len() - 10]
    );
}

#[test]
fn every_source_has_its_part_and_items_are_small_and_in_order() {
    let mut counts: BTreeMap<DemoSource, usize> = BTreeMap::new();
    for one in YEAR.iter() {
        *counts.entry(one.source).or_default() += 1;
        assert!(one.item.to_string().len() < 4_096);
        assert!(one.received_at.0 < END && one.received_at.0 > END - 366 * DAY);
    }
    assert_eq!(counts.keys().copied().collect::<Vec<_>>(), DemoSource::ALL);
    assert!(counts.values().all(|count| *count > 150), "{counts:?}");
    assert!(YEAR.is_sorted_by_key(|one| one.received_at));
}

#[test]
fn every_kind_of_touchpoint_is_there() {
    let seen: HashSet<&str> = YEAR.iter().map(|one| text(&one.item, "/event")).collect();
    for event in [
        "Products Searched",
        "Product List Viewed",
        "Product Viewed",
        "Product Added",
        "Cart Viewed",
        "Checkout Started",
        "Order Completed",
        "Order Updated",
        "Order Cancelled",
        "Order Refunded",
        "Newsletter Subscribed",
        "Email Delivered",
        "Email Opened",
        "Email Link Clicked",
        "Email Bounced",
        "Unsubscribed",
        "Comment Created",
        "Mention Created",
    ] {
        assert!(seen.contains(event), "{event}");
    }
}

#[test]
fn a_web_order_is_confirmed_by_the_shops_own_system() {
    let order = |one: &&DemoItem| text(&one.item, "/event") == "Order Completed";
    let of = |source| {
        YEAR.iter()
            .filter(order)
            .filter(move |one| one.source == source)
            .map(|one| text(&one.item, "/properties/order_id"))
    };
    let confirmed: HashSet<&str> = of(DemoSource::Server).collect();
    let told: Vec<&str> = of(DemoSource::Web).collect();
    let missing = told.iter().filter(|id| !confirmed.contains(*id)).count();
    assert!(
        told.len() > 1_000 && missing == 0,
        "{} told, {missing} unconfirmed",
        told.len()
    );
}

#[test]
fn some_devices_are_shared_by_two_customers_and_some_customers_have_two() {
    let mut users: HashMap<&str, HashSet<&str>> = HashMap::new();
    let mut devices: HashMap<&str, HashSet<&str>> = HashMap::new();
    for one in YEAR
        .iter()
        .filter(|one| text(&one.item, "/type") == "identify")
    {
        let (user, device) = (text(&one.item, "/userId"), text(&one.item, "/anonymousId"));
        if !user.is_empty() && !device.is_empty() {
            users.entry(device).or_default().insert(user);
            devices.entry(user).or_default().insert(device);
        }
    }
    let shared = users.values().filter(|users| users.len() > 1).count();
    assert!(shared >= 5, "{shared} shared devices");
    assert!(devices.values().filter(|devices| devices.len() > 1).count() > 50);
}

#[test]
fn some_messages_come_late_or_twice_or_by_a_wrong_clock() {
    let ids: HashSet<&str> = YEAR
        .iter()
        .map(|one| text(&one.item, "/messageId"))
        .collect();
    let repeated = YEAR.len() - ids.len();
    assert!(
        (YEAR.len() / 200..YEAR.len() / 50).contains(&repeated),
        "{repeated} repeated"
    );
    let web = || YEAR.iter().filter(|one| one.source == DemoSource::Web);
    let late = web().filter(|one| {
        let happened = instant(&one.item, "/originalTimestamp");
        let sent = instant(&one.item, "/sentAt");
        happened
            .zip(sent)
            .is_some_and(|(happened, sent)| sent - happened >= DAY)
    });
    assert!(late.count() > 100);
    let wrong = web().filter(|one| {
        instant(&one.item, "/sentAt")
            .is_some_and(|sent| (one.received_at.0 - sent).abs() > DAY / 24 / 2)
    });
    assert!(wrong.count() > 100);
}

#[test]
fn every_email_address_is_in_a_domain_for_examples() {
    let mut found = Vec::new();
    YEAR.iter().for_each(|one| texts(&one.item, &mut found));
    let mut addresses = 0;
    for text in found {
        if let Some((_, domain)) = text
            .split_once('@')
            .filter(|(local, _)| !local.is_empty() && !local.contains(' '))
        {
            assert!(["example.com", "example.org"].contains(&domain), "{domain}");
            addresses += 1;
        }
    }
    assert!(addresses > 1_000);
}

#[test]
fn names_are_spanish_and_phones_have_nine_digits_after_the_prefix() {
    let people = people::cast();
    assert!(people.iter().any(|person| person.surnames.contains('ñ')));
    assert!(
        people
            .iter()
            .all(|person| person.surnames.split(' ').count() == 2)
    );
    let mut phones = HashSet::new();
    for person in &people {
        let digits: String = person.phone.chars().filter(char::is_ascii_digit).collect();
        assert_eq!((digits.len(), &digits[..7]), (11, "3460000"));
        assert!(phones.insert(digits));
    }
}

#[test]
fn every_habit_of_buying_is_there() {
    use people::Habit;
    let mut counts: HashMap<String, u32> = HashMap::new();
    for person in people::cast() {
        *counts.entry(format!("{:?}", person.habit)).or_default() += 1;
    }
    for habit in [
        Habit::Visitor,
        Habit::Follower,
        Habit::Subscriber,
        Habit::Registered,
        Habit::OneOff,
        Habit::Occasional,
        Habit::Habitual,
        Habit::LosingInterest,
        Habit::Lost,
        Habit::Recovered,
    ] {
        assert!(
            counts
                .get(&format!("{habit:?}"))
                .is_some_and(|count| *count > 20),
            "{counts:?}"
        );
    }
}

#[test]
fn lucia_has_two_devices_that_she_signed_in_on_and_was_anonymous_on_before() {
    let hers = lucia();
    let web: Vec<&Value> = hers
        .iter()
        .filter(|one| one.source == DemoSource::Web)
        .map(|one| &one.item)
        .collect();
    let devices: HashSet<&str> = web.iter().map(|item| text(item, "/anonymousId")).collect();
    assert_eq!(devices.len(), 2);
    for device in devices {
        let on_it = || {
            web.iter()
                .filter(|item| text(item, "/anonymousId") == device)
        };
        assert!(on_it().any(|item| text(item, "/userId").is_empty()));
        assert!(
            on_it()
                .any(|item| text(item, "/type") == "identify" && text(item, "/userId") == "C-1001")
        );
    }
}

#[test]
fn lucia_buys_on_the_web_and_at_the_counter_and_sends_one_order_back() {
    let hers = lucia();
    assert_eq!(events(&hers, DemoSource::Web, "Order Completed").len(), 4);
    assert_eq!(
        events(&hers, DemoSource::Server, "Order Completed").len(),
        4
    );
    assert_eq!(events(&hers, DemoSource::Store, "Order Completed").len(), 1);
    let refunds = events(&hers, DemoSource::Server, "Order Refunded");
    let [refund] = refunds.as_slice() else {
        panic!("one refund")
    };
    assert_eq!(text(refund, "/properties/order_id"), "P-0001-03");
}

#[test]
fn lucia_reads_the_newsletter_comments_on_instagram_and_tells_her_handle() {
    let hers = lucia();
    assert!(events(&hers, DemoSource::Email, "Email Opened").len() >= 6);
    assert!(events(&hers, DemoSource::Email, "Email Link Clicked").len() >= 2);
    assert!(events(&hers, DemoSource::Instagram, "Comment Created").len() >= 2);
    let confirmed = hers.iter().any(|one| {
        one.source == DemoSource::Server
            && text(&one.item, "/traits/instagram") == "@lucia.ferrer"
            && text(&one.item, "/userId") == "C-1001"
    });
    assert!(confirmed);
}

#[test]
fn lucia_was_here_within_the_last_two_days() {
    let last = lucia().iter().map(|one| one.received_at.0).max().unwrap();
    assert!(END - last < 2 * DAY);
}
