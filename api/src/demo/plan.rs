//! What somebody does over the year, as a list of steps: decided here, written down in `journeys`.

use super::people::{Habit, Person};
use super::rng::Rng;
use super::shop::CAMPAIGNS;

/// What becomes of an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    Kept,
    Updated,
    Cancelled,
    Refunded,
}

/// What becomes of a newsletter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reply {
    Ignored,
    Opened,
    Clicked,
    Unsubscribed,
    Bounced,
}

/// One thing that somebody does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Act {
    /// Look around in the web shop.
    Browse,
    /// Fill a cart and leave it.
    AbandonCart,
    /// Open an account.
    Register,
    /// Ask for the newsletter.
    Subscribe,
    /// Get the newsletter at this position of the list.
    Newsletter(usize, Reply),
    /// Buy in the web shop.
    Buy(Outcome),
    /// Buy at the counter with the customer card.
    BuyAtCounter(Outcome),
    /// Comment on a picture of the shop.
    Comment,
    /// Mention the shop.
    Mention,
    /// Tell the shop one's Instagram handle.
    GiveHandle,
    /// Say what one wants to hear about.
    SetPreferences,
}

/// An act with its day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Step {
    /// How many days before the end of the year; 1 is the last day.
    pub(super) days_ago: i64,
    /// Position among the person's devices, for what is done on the web.
    pub(super) device: usize,
    pub(super) act: Act,
}

/// The first day of the year.
const OLDEST: i64 = 364;

/// The steps of a person, oldest first; on one day in the order in which they are done.
pub(super) fn steps(person: &Person) -> Vec<Step> {
    let mut plan = Plan {
        rng: Rng::new(2, person.number),
        person,
        steps: Vec::new(),
    };
    if person.number == 1 {
        return super::lucia::steps();
    }
    match person.habit {
        Habit::Visitor => plan.visits(1, OLDEST),
        Habit::Follower => plan.comments(),
        Habit::Subscriber => plan.lead(Act::Subscribe),
        Habit::Registered => plan.lead(Act::Register),
        _ => plan.buyer(),
    }
    let mut steps = plan.steps;
    steps.sort_by_key(|step| -step.days_ago);
    steps
}

struct Plan<'a> {
    rng: Rng,
    person: &'a Person,
    steps: Vec<Step>,
}

impl Plan<'_> {
    fn add(&mut self, days_ago: i64, act: Act) {
        let device = self.rng.index(self.person.devices.len());
        self.steps.push(Step {
            days_ago: days_ago.clamp(1, OLDEST),
            device,
            act,
        });
    }

    /// A heavy-tailed number of visits between two days, one in eight of which leaves a cart behind.
    fn visits(&mut self, latest: i64, oldest: i64) {
        if self.person.devices.is_empty() {
            return;
        }
        for _ in 0..self.rng.few() {
            let day = self.rng.between(latest, oldest.max(latest));
            let act = if self.rng.percent(12) {
                Act::AbandonCart
            } else {
                Act::Browse
            };
            self.add(day, act);
        }
    }

    fn comments(&mut self) {
        for _ in 0..self.rng.few() {
            let day = self.rng.between(1, OLDEST);
            let act = if self.rng.percent(75) {
                Act::Comment
            } else {
                Act::Mention
            };
            self.add(day, act);
        }
    }

    /// Somebody who can be reached and does not buy.
    fn lead(&mut self, entrance: Act) {
        let day = self.rng.between(5, OLDEST);
        if self.rng.percent(30) {
            self.visits(day, day + 20);
        }
        self.add(day, entrance);
        if entrance == Act::Subscribe || self.rng.percent(35) {
            self.newsletters(day);
        }
        self.visits(1, day);
        self.extras(day);
    }

    fn buyer(&mut self) {
        let days = purchase_days(self.person.habit, &mut self.rng);
        let Some(first) = days.first().copied() else {
            return;
        };
        let counter_only = self.person.devices.is_empty();
        for day in days {
            let outcome = match self.rng.between(0, 99) {
                0..=5 => Outcome::Refunded,
                6..=8 => Outcome::Cancelled,
                9..=13 => Outcome::Updated,
                _ => Outcome::Kept,
            };
            if counter_only || self.rng.percent(15) {
                self.add(day, Act::BuyAtCounter(outcome));
                continue;
            }
            if self.rng.percent(15) {
                let before = day + self.rng.between(0, 4);
                self.add(before, Act::Browse);
            }
            self.add(day, Act::Buy(outcome));
        }
        if self.rng.percent(20) {
            self.visits(1, first);
        }
        if self.rng.percent(42) {
            if self.rng.percent(50) {
                self.add(first, Act::Subscribe);
            }
            self.newsletters(first);
        }
        self.extras(first);
    }

    /// The newsletters after the day somebody joined, until they have enough of them.
    fn newsletters(&mut self, joined: i64) {
        let interest = self.rng.between(0, 80);
        for (position, campaign) in CAMPAIGNS.iter().enumerate() {
            if campaign.days_ago >= joined {
                continue;
            }
            let reply = match self.rng.between(0, 99) {
                0 => Reply::Unsubscribed,
                1 => Reply::Bounced,
                chance if chance < interest / 6 => Reply::Clicked,
                chance if chance < interest => Reply::Opened,
                _ => Reply::Ignored,
            };
            self.add(campaign.days_ago, Act::Newsletter(position, reply));
            if matches!(reply, Reply::Unsubscribed | Reply::Bounced) {
                break;
            }
        }
    }

    fn extras(&mut self, joined: i64) {
        if self.person.instagram.is_some() {
            self.comments();
            if self.rng.percent(60) && !self.person.devices.is_empty() {
                let day = self.rng.between(1, joined);
                self.add(day, Act::GiveHandle);
            }
        }
        if self.rng.percent(15) && self.person.customer_id.is_some() {
            let day = self.rng.between(1, joined);
            self.add(day, Act::SetPreferences);
        }
    }
}

/// The days of somebody's purchases, oldest first.
fn purchase_days(habit: Habit, rng: &mut Rng) -> Vec<i64> {
    let cycle = if rng.percent(10) {
        rng.between(8, 14)
    } else {
        rng.between(28, 48)
    };
    match habit {
        Habit::OneOff => vec![rng.between(1, OLDEST)],
        Habit::Occasional => {
            let latest = rng.between(5, 120);
            let first = latest + rng.between(120, 240);
            spread(rng, first, latest, 110)
        }
        Habit::Habitual => {
            let first = rng.between(150, OLDEST);
            let latest = rng.between(1, cycle);
            spread(rng, first, latest, cycle)
        }
        Habit::LosingInterest => {
            let latest = 2 * cycle + rng.between(0, cycle / 2);
            spread(rng, latest + 5 * cycle, latest, cycle)
        }
        Habit::Lost => {
            let latest = rng.between(180, 260);
            spread(rng, OLDEST, latest, cycle)
        }
        Habit::Recovered => {
            let stopped = rng.between(200, 280);
            let mut days = spread(rng, OLDEST, stopped, cycle);
            days.push(rng.between(4, 25));
            days
        }
        _ => Vec::new(),
    }
}

/// Days from `first` down to `latest`, a cycle apart give or take a quarter; the last one is `latest` itself.
fn spread(rng: &mut Rng, first: i64, latest: i64, cycle: i64) -> Vec<i64> {
    let mut days = Vec::new();
    let mut day = first.min(OLDEST);
    while day > latest + cycle / 2 {
        days.push(day);
        day -= cycle + rng.between(-cycle / 4, cycle / 4);
    }
    days.push(latest);
    days
}
