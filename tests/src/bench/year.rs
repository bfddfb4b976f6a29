//! A year of a shop in the past, told at once: people of ten countries, few of them busy and most of them not, and what they did.

use std::f64::consts::TAU;

use base64::{Engine, prelude::BASE64_STANDARD as STANDARD};
use serde_json::{Value, json};

use super::{http::post, whole};
use crate::clock::{DAY, MINUTE, now, rfc3339};

/// Names of touchpoints, and how many of a thousand are of each.
const NAMES: [(&str, u32); 12] = [
    ("Page Viewed", 300),
    ("Product Viewed", 220),
    ("Email Delivered", 140),
    ("Product Added", 70),
    ("Email Opened", 70),
    ("Order Completed", 45),
    ("Products Searched", 40),
    ("Checkout Started", 30),
    ("Signed In", 30),
    ("Social Engaged", 30),
    ("Email Clicked", 20),
    ("Ticket Opened", 5),
];

/// Countries, and how many of a hundred people live in each.
const COUNTRIES: [(&str, u32); 10] = [
    ("ES", 42),
    ("PT", 10),
    ("FR", 10),
    ("IT", 8),
    ("DE", 8),
    ("MX", 7),
    ("AR", 5),
    ("CO", 4),
    ("CL", 3),
    ("PE", 3),
];

/// How many categories there are; the `n`-th is viewed a `n`-th as often as the first.
const CATEGORIES: u32 = 40;
/// How many sessions a person has in the mean, of those who have any. A session is of five touchpoints in the mean.
const SESSIONS: f64 = 2.0;
/// The shape of how busy people are: a few do most of it.
const SHAPE: f64 = 0.6;
/// Of a hundred people so many never do anything.
const IDLE: u32 = 8;
/// What half of the orders are worth less than.
const MEDIAN_ORDER: f64 = 36.4;
/// By how much the logarithm of the worth of an order differs.
const ORDERS_DIFFER: f64 = 0.8;

/// Tells of a year. The same number of people always do the same things.
#[derive(Debug)]
pub struct Year {
    state: u64,
    messages: u64,
    authorization: String,
}

impl Year {
    /// A year, told under the key of a source.
    pub fn new(key: &str) -> Self {
        Self {
            state: 0x2545_f491_4f6c_dd1d,
            messages: 0,
            authorization: format!("Basic {}", STANDARD.encode(format!("{key}:"))),
        }
    }

    /// Requests of so many touchpoints each, with all that so many people did.
    pub fn requests(&mut self, people: u32, size: usize) -> Vec<Vec<u8>> {
        let mut items = Vec::new();
        for person in 0..people {
            self.person(person, &mut items);
        }
        items
            .chunks(size)
            .map(|items| self.request(items))
            .collect()
    }

    fn request(&self, items: &[Value]) -> Vec<u8> {
        let body = json!({ "batch": items }).to_string();
        post("/v1/batch", &self.authorization, &body)
    }

    fn person(&mut self, number: u32, items: &mut Vec<Value>) {
        let user = format!("customer-{number}");
        let joined = now() - 366 * DAY;
        let country = self.one_of(&COUNTRIES);
        let email = format!("{user}@mail.example");
        items.push(self.item(
            &user,
            joined,
            json!({ "type": "identify", "traits": { "country": country, "email": email } }),
        ));
        if self.below(100) < IDLE {
            return;
        }
        let favourite = self.category();
        let busy = self.busy();
        let sessions = self.count(SESSIONS * busy);
        for _ in 0..sessions {
            let mut at = joined + DAY + i64::from(self.below(364 * 24 * 60)) * MINUTE;
            for _ in 0..=self.below(9) {
                at += i64::from(1 + self.below(8)) * MINUTE;
                let told = self.touchpoint(favourite);
                items.push(self.item(&user, at, told));
            }
        }
    }

    fn item(&mut self, user: &str, at: i64, mut item: Value) -> Value {
        self.messages += 1;
        item["messageId"] = json!(format!("year-{}", self.messages));
        item["userId"] = json!(user);
        item["timestamp"] = json!(rfc3339(at));
        item
    }

    fn touchpoint(&mut self, favourite: u32) -> Value {
        let name = self.one_of(&NAMES);
        let properties = match name {
            "Product Viewed" | "Product Added" => {
                let category = if self.below(10) < 7 {
                    favourite
                } else {
                    self.category()
                };
                let product = self.below(5_000);
                json!({ "category": format!("Category {category}"), "product_id": format!("p-{product}") })
            }
            "Order Completed" => {
                let worth = MEDIAN_ORDER * (ORDERS_DIFFER * self.normal()).exp();
                let order = format!("o-{}", self.messages);
                json!({ "order_id": order, "revenue": format!("{worth:.2}"), "currency": "EUR" })
            }
            "Page Viewed" => json!({ "path": format!("/es/{}", self.below(5_000)) }),
            "Email Delivered" | "Email Opened" | "Email Clicked" => {
                json!({ "campaign_id": format!("m-{}", self.below(100)) })
            }
            _ => json!({}),
        };
        json!({ "type": "track", "event": name, "properties": properties })
    }

    /// A number below a bound (xorshift64*, <https://doi.org/10.18637/jss.v008.i14>).
    fn below(&mut self, bound: u32) -> u32 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let number =
            (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % u64::from(bound.max(1));
        u32::try_from(number).unwrap_or_default()
    }

    /// A number between zero and one, neither of them.
    fn share(&mut self) -> f64 {
        (f64::from(self.below(1 << 30)) + 0.5) / f64::from(1 << 30)
    }

    /// One of names that have weights.
    fn one_of(&mut self, names: &[(&'static str, u32)]) -> &'static str {
        let mut place = self.below(names.iter().map(|(_, weight)| weight).sum());
        for (name, weight) in names {
            match place.checked_sub(*weight) {
                None => return name,
                Some(rest) => place = rest,
            }
        }
        ""
    }

    /// A category by Zipf's law.
    fn category(&mut self) -> u32 {
        let harmonic: f64 = (1..=CATEGORIES).map(|rank| 1.0 / f64::from(rank)).sum();
        let mut left = self.share() * harmonic;
        (1..CATEGORIES)
            .find(|rank| {
                left -= 1.0 / f64::from(*rank);
                left <= 0.0
            })
            .unwrap_or(CATEGORIES)
    }

    /// A number of the normal distribution (Box and Muller, <https://doi.org/10.1214/aoms/1177706645>).
    fn normal(&mut self) -> f64 {
        let (length, turn) = (self.share(), self.share());
        (-2.0 * length.ln()).sqrt() * (TAU * turn).cos()
    }

    /// How busy a person is, of the gamma distribution with a mean of one (Marsaglia and Tsang,
    /// <https://doi.org/10.1145/358407.358414>).
    fn busy(&mut self) -> f64 {
        let d = SHAPE + 1.0 - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let normal = self.normal();
            let cube = (1.0 + c * normal).powi(3);
            let limit = || 0.5 * normal * normal + d - d * cube + d * cube.ln();
            if cube > 0.0 && self.share().ln() < limit() {
                return d * cube * self.share().powf(1.0 / SHAPE) / SHAPE;
            }
        }
    }

    /// A whole number with this mean: what is beyond the whole decides by chance.
    fn count(&mut self, mean: f64) -> usize {
        whole(mean + self.share())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_of_ten_touchpoints_a_person_and_most_of_them_of_few() {
        let mut year = Year::new("key");
        let mut counts: Vec<_> = (0..4_000)
            .map(|person| {
                let mut items = Vec::new();
                year.person(person, &mut items);
                items.len()
            })
            .collect();
        let all: usize = counts.iter().sum();
        assert!((36_000..44_000).contains(&all), "{all}");
        counts.sort_unstable();
        let busiest: usize = counts[3_200..].iter().sum();
        assert!(busiest * 2 > all, "{busiest} of {all}");
    }

    #[test]
    fn the_same_year_is_told_again() {
        let told = || Year::new("key").state_after(100);
        assert_eq!(told(), told());
    }

    impl Year {
        fn state_after(mut self, people: u32) -> u64 {
            self.requests(people, 100);
            self.state
        }
    }
}
