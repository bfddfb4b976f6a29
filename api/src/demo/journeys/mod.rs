//! Living through a plan: each step becomes the touchpoints that the shop's sources would have sent.

mod account;
mod buying;
mod mailing;

use serde_json::json;

use super::items::{Book, Visit};
use super::order::{choose, product_json};
use super::people::Person;
use super::plan::{Act, Step};
use super::rng::Rng;
use super::shop::{CATEGORIES, COMMENTS, Product, SEARCHES};
use super::{DAY, DemoItem, DemoSource};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// The touchpoints of one person's year, which ends at `end`.
pub(super) fn live(
    person: &Person,
    steps: &[Step],
    catalogue: &[Product],
    end: i64,
) -> Vec<DemoItem> {
    let mut journey = Journey {
        person,
        catalogue,
        rng: Rng::new(4, person.number),
        book: Book::new(person),
        end,
        now: i64::MIN,
        registered: false,
        signed_in: vec![false; person.devices.len()],
        orders: 0,
        campaign: None,
    };
    for step in steps {
        journey.take(*step);
    }
    journey.book.into_items()
}

struct Journey<'a> {
    person: &'a Person,
    catalogue: &'a [Product],
    rng: Rng,
    book: Book<'a>,
    end: i64,
    /// When the person last did something; nobody does two things at once.
    now: i64,
    registered: bool,
    /// For each device, whether the person signed in on it.
    signed_in: Vec<bool>,
    orders: u32,
    /// The newsletter that leads to the next visit.
    campaign: Option<&'static str>,
}

impl<'a> Journey<'a> {
    fn take(&mut self, step: Step) {
        let opening = self.end - step.days_ago * DAY + 7 * HOUR;
        let drawn = opening + self.rng.between(0, 12 * HOUR);
        self.now = drawn.max(self.now.saturating_add(5 * MINUTE));
        match step.act {
            Act::Browse => {
                let visit = self.arrive(step.device);
                self.look_around(&visit);
            }
            Act::AbandonCart => {
                let visit = self.arrive(step.device);
                self.look_around(&visit);
                let order = self.order();
                self.fill_cart(&visit, &order);
            }
            Act::Register => self.sign_in(step.device),
            Act::Subscribe => self.subscribe(step.device),
            Act::Newsletter(position, reply) => self.newsletter(step.device, position, reply),
            Act::Buy(outcome) => self.buy(step.device, outcome),
            Act::BuyAtCounter(outcome) => self.buy_at_counter(outcome),
            Act::Comment => {
                let post = format!("post-{}", self.rng.between(1, 60));
                let text = *self.rng.pick(COMMENTS);
                self.book.instagram(
                    self.now,
                    "Comment Created",
                    &json!({ "post_id": post, "text": text }),
                );
            }
            Act::Mention => {
                let text = "De compras en @latiendadelucas";
                self.book
                    .instagram(self.now, "Mention Created", &json!({ "text": text }));
            }
            Act::GiveHandle => self.give_handle(step.device),
            Act::SetPreferences => {
                let traits = json!({
                    "preferredCategory": CATEGORIES[self.person.favourite].0,
                    "smsOffers": self.rng.percent(40),
                    "personalisedOffers": self.rng.percent(80),
                });
                self.enrol();
                self.tell(DemoSource::Server, &traits);
            }
        }
    }

    /// Moves on by some seconds and says when that is.
    fn later(&mut self) -> i64 {
        self.now += self.rng.between(8 * SECOND, 2 * MINUTE);
        self.now
    }

    /// Begins a visit. Now and then it is made without a connection and sent days later.
    fn arrive(&mut self, device: usize) -> Visit<'a> {
        let delay = if self.rng.percent(2) {
            self.rng.between(DAY, 6 * DAY)
        } else {
            0
        };
        let visit = Visit {
            device: &self.person.devices[device],
            signed_in: self.signed_in[device],
            delay,
            campaign: self.campaign.take(),
        };
        // Two people on one laptop sign in again each time.
        if visit.device.shared && visit.signed_in {
            let at = self.later();
            self.book
                .identify(&visit, at, &json!({ "email": self.person.email }));
        }
        visit
    }

    fn look_around(&mut self, visit: &Visit<'_>) {
        // Many come by a search engine, straight to a product.
        if self.rng.percent(55) {
            let at = self.later();
            self.book.page(visit, at, "/", "Inicio");
        }
        let search = self.rng.percent(20);
        let shelf = self.rng.percent(20);
        if search {
            let at = self.later();
            let query = *self.rng.pick(SEARCHES);
            self.book
                .track(visit, at, "Products Searched", &json!({ "query": query }));
        } else if shelf {
            let at = self.later();
            let category = self.rng.pick(CATEGORIES).0;
            self.book.track(
                visit,
                at,
                "Product List Viewed",
                &json!({ "category": category }),
            );
        }
        for _ in 0..self.rng.few().min(2) {
            let product = choose(self.person.favourite, self.catalogue, &mut self.rng);
            let at = self.later();
            let path = format!("/productos/{}", product.number);
            if self.rng.percent(8) {
                self.book.page(visit, at, &path, product.name);
            }
            self.book.track(
                visit,
                at + SECOND,
                "Product Viewed",
                &product_json(product, 1),
            );
        }
    }
}
