//! The people of the demo: who they are, what they hold in their hands, and how they buy.

use uuid::Builder;

use super::names::{CITIES, City, FIRST_NAMES, SURNAMES, plain};
use super::rng::Rng;

/// How many people the demo has, visitors who never tell their name included.
pub(super) const PEOPLE: u32 = 2_000;
/// Pairs of customers who sign in on one laptop.
const HOUSEHOLDS: usize = 8;

/// How somebody deals with the shop over the year.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Habit {
    /// Looks around and never says who they are.
    Visitor,
    /// Only comments on Instagram.
    Follower,
    /// Takes the newsletter and buys nothing.
    Subscriber,
    /// Opens an account and buys nothing.
    Registered,
    /// Buys once.
    OneOff,
    /// Buys two or three times.
    Occasional,
    /// Buys every few weeks.
    Habitual,
    /// Bought every few weeks, and is now overdue.
    LosingInterest,
    /// Bought every few weeks, and stopped months ago.
    Lost,
    /// Stopped for months and came back.
    Recovered,
}

/// Each habit with its share of a thousand people.
const SHARES: &[(Habit, i64)] = &[
    (Habit::Visitor, 457),
    (Habit::Follower, 40),
    (Habit::Subscriber, 70),
    (Habit::Registered, 90),
    (Habit::OneOff, 150),
    (Habit::Occasional, 85),
    (Habit::Habitual, 38),
    (Habit::LosingInterest, 26),
    (Habit::Lost, 26),
    (Habit::Recovered, 18),
];

impl Habit {
    /// Whether the shop keeps an account for them.
    pub(super) fn has_account(self) -> bool {
        !matches!(self, Self::Visitor | Self::Follower | Self::Subscriber)
    }
}

/// A browser that somebody uses.
#[derive(Clone)]
pub(super) struct Device {
    /// What the browser calls itself, a UUID as web libraries make them.
    pub(super) anonymous_id: String,
    /// What kind of browser it is.
    pub(super) user_agent: &'static str,
    /// How far its clock is ahead, in milliseconds.
    pub(super) clock_error: i64,
    /// Whether another customer signs in on it too.
    pub(super) shared: bool,
}

/// Somebody who deals with the shop.
pub(super) struct Person {
    pub(super) number: u32,
    pub(super) habit: Habit,
    pub(super) first_name: &'static str,
    pub(super) surnames: String,
    pub(super) city: &'static City,
    pub(super) email: String,
    pub(super) phone: String,
    /// `YYYY-MM-DD`.
    pub(super) birthday: String,
    pub(super) instagram: Option<String>,
    pub(super) customer_id: Option<String>,
    /// Empty for those who buy at the counter only.
    pub(super) devices: Vec<Device>,
    /// Position of the category they like best.
    pub(super) favourite: usize,
}

const LAPTOP: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1";
const ANDROID: &str = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36";
const HOUR: i64 = 3_600_000;

/// Everybody, in the order of their numbers; Lucía Ferrer is number 1.
pub(super) fn cast() -> Vec<Person> {
    let mut people: Vec<Person> = (1..=PEOPLE).map(person).collect();
    share_laptops(&mut people);
    people
}

fn person(number: u32) -> Person {
    let mut rng = Rng::new(1, number);
    let lucia = number == 1;
    let habit = if lucia {
        Habit::Habitual
    } else {
        habit(&mut rng)
    };
    let first_name = if lucia {
        "Lucía"
    } else {
        rng.pick(FIRST_NAMES)
    };
    let family = if lucia { "Ferrer" } else { rng.pick(SURNAMES) };
    let domain = if rng.percent(70) {
        "example.com"
    } else {
        "example.org"
    };
    let handle = format!("{}.{}", plain(first_name), plain(family));
    let on_instagram = habit == Habit::Follower || (habit != Habit::Visitor && rng.percent(14));
    let counter_only = habit.has_account() && habit != Habit::Registered && rng.percent(12);
    let devices = match habit {
        _ if lucia => vec![device(&mut rng, LAPTOP), device(&mut rng, PHONE)],
        Habit::Follower => Vec::new(),
        _ if counter_only => Vec::new(),
        Habit::Visitor => vec![any_device(&mut rng)],
        _ if rng.percent(30) => vec![device(&mut rng, LAPTOP), device(&mut rng, ANDROID)],
        _ => vec![any_device(&mut rng)],
    };
    Person {
        number,
        habit,
        first_name,
        surnames: format!("{family} {}", rng.pick(SURNAMES)),
        city: if lucia { &CITIES[0] } else { rng.pick(CITIES) },
        email: if lucia {
            "lucia.ferrer@example.com".to_owned()
        } else {
            format!("{handle}.{number}@{domain}")
        },
        // Formally valid mobile numbers, all of one block that nobody takes for real.
        phone: format!("+34 600 00{} {:03}", number / 1_000, number % 1_000),
        birthday: birthday(&mut rng, number),
        instagram: if lucia {
            Some(handle)
        } else {
            on_instagram.then(|| format!("{handle}_{number}"))
        },
        customer_id: habit.has_account().then(|| format!("C-{}", 1_000 + number)),
        devices,
        favourite: rng.index(super::shop::CATEGORIES.len()),
    }
}

fn habit(rng: &mut Rng) -> Habit {
    let mut ticket = rng.between(0, 999);
    for (habit, share) in SHARES {
        if ticket < *share {
            return *habit;
        }
        ticket -= share;
    }
    Habit::Visitor
}

/// Some are born on 29 February, a day that three years of four do not have.
fn birthday(rng: &mut Rng, number: u32) -> String {
    if number % 400 == 29 {
        return "1988-02-29".to_owned();
    }
    format!(
        "{}-{:02}-{:02}",
        rng.between(1948, 2005),
        rng.between(1, 12),
        rng.between(1, 28)
    )
}

fn any_device(rng: &mut Rng) -> Device {
    let user_agent = *rng.pick(&[LAPTOP, PHONE, ANDROID]);
    device(rng, user_agent)
}

fn device(rng: &mut Rng, user_agent: &'static str) -> Device {
    let bits = (u128::from(rng.next()) << 64) | u128::from(rng.next());
    let clock_error = if rng.percent(2) {
        rng.between(-9, 9) * HOUR
    } else {
        0
    };
    Device {
        anonymous_id: Builder::from_random_bytes(bits.to_be_bytes())
            .into_uuid()
            .to_string(),
        user_agent,
        clock_error,
        shared: false,
    }
}

/// Makes pairs of customers with one device each use that of the first.
fn share_laptops(people: &mut [Person]) {
    let mut customers: Vec<&mut Person> = people
        .iter_mut()
        .filter(|person| matches!(person.habit, Habit::Occasional | Habit::Habitual))
        .filter(|person| person.devices.len() == 1)
        .take(2 * HOUSEHOLDS)
        .collect();
    for pair in customers.chunks_exact_mut(2) {
        if let [first, second] = pair {
            first.devices[0].shared = true;
            second.devices[0] = first.devices[0].clone();
            second.city = first.city;
        }
    }
}
