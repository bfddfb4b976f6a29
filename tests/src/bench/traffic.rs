//! What the visitors and customers of a shop do, as client libraries send it.

use std::fmt::Write;

use base64::{Engine, prelude::BASE64_STANDARD as STANDARD};

use super::http::post;
use crate::clock;

/// How many people there are, known to the server or yet to come.
#[derive(Clone, Copy, Debug)]
pub struct People {
    /// Devices whose owners are not known.
    pub devices: u64,
    /// Customers, each with a device of their own.
    pub customers: u64,
    /// How many times all of them are there; the later ones bear a number before their names. As many are active as in one copy,
    /// spread evenly over all.
    pub copies: u64,
}

impl People {
    /// One of all copies for each that is active.
    fn spread(&self, number: u64) -> u64 {
        number * self.copies
    }

    fn visitor(&self, number: u64) -> String {
        let copy = prefix(number / self.devices.max(1));
        let number = number % self.devices.max(1);
        format!(r#""anonymousId":"{copy}visitor-{number}""#)
    }

    /// The shop's id of a customer.
    pub fn customer(&self, number: u64) -> String {
        let copy = prefix(number / self.customers.max(1));
        format!("{copy}customer-{}", number % self.customers.max(1))
    }

    fn device(&self, number: u64) -> String {
        let copy = prefix(number / self.customers.max(1));
        let number = number % self.customers.max(1);
        format!(r#""anonymousId":"{copy}device-of-{number}""#)
    }

    fn signed_in(&self, number: u64) -> String {
        format!(
            r#""userId":"{}",{}"#,
            self.customer(number),
            self.device(number)
        )
    }
}

/// What stands before the names of a copy of the people.
pub fn prefix(copy: u64) -> String {
    if copy == 0 {
        String::new()
    } else {
        format!("c{copy}-")
    }
}

/// Makes touchpoints. The same seed makes the same people do the same things.
#[derive(Debug)]
pub struct Traffic {
    people: People,
    state: u64,
    messages: u64,
    newcomers: u64,
    name: String,
    authorization: String,
}

const PAGES: [&str; 6] = ["Home", "Category", "Product", "Search", "Cart", "Help"];
const CITIES: [&str; 6] = ["Madrid", "Soria", "Lugo", "Vigo", "Teruel", "Cuenca"];

impl Traffic {
    /// Traffic of these people, under the key of a source. The name keeps its messages apart from those of other traffic.
    pub fn new(people: People, key: &str, name: &str) -> Self {
        Self {
            people,
            state: 0x9e37_79b9_7f4a_7c15,
            messages: 0,
            newcomers: 0,
            name: name.to_owned(),
            authorization: format!("Basic {}", STANDARD.encode(format!("{key}:"))),
        }
    }

    /// The header of its requests that names the source.
    pub fn authorization(&self) -> &str {
        &self.authorization
    }

    /// A number below a bound (xorshift64*, <https://doi.org/10.18637/jss.v008.i14>).
    fn below(&mut self, bound: u64) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound.max(1)
    }

    fn one_of(&mut self, texts: &[&'static str]) -> &'static str {
        let bound = u64::try_from(texts.len()).unwrap_or(1);
        let place = usize::try_from(self.below(bound)).unwrap_or_default();
        texts.get(place).copied().unwrap_or_default()
    }

    /// Requests of so many touchpoints each.
    pub fn batches(&mut self, requests: usize, size: usize) -> Vec<Vec<u8>> {
        (0..requests)
            .map(|_| {
                let items: Vec<String> = (0..size).map(|_| self.touchpoint()).collect();
                self.batch(&items)
            })
            .collect()
    }

    /// Requests in which each customer signs up, and each device comes by, with their first touchpoints.
    pub fn arrivals(&mut self, size: usize) -> Vec<Vec<u8>> {
        let People {
            devices, customers, ..
        } = self.people;
        let mut items = Vec::new();
        for customer in 0..customers {
            items.push(self.identify(customer));
            items.push(self.page(&self.people.device(customer)));
            if customer % 2 == 0 {
                items.push(self.order(customer));
            }
        }
        for device in 0..devices {
            let device = self.people.visitor(device);
            items.push(self.page(&device));
            items.push(self.product(&device));
        }
        let mut requests = Vec::new();
        while !items.is_empty() {
            let rest = items.split_off(size.min(items.len()));
            requests.push(self.batch(&std::mem::replace(&mut items, rest)));
        }
        requests
    }

    fn batch(&self, items: &[String]) -> Vec<u8> {
        let sent = clock::rfc3339(clock::now());
        let items = items.join(",");
        let body = format!(r#"{{"batch":[{items}],"sentAt":"{sent}"}}"#);
        post("/v1/batch", &self.authorization, &body)
    }

    /// Of a hundred: 60 anonymous on known devices, 10 on new ones, 5 signed in, 15 that say who they are (a third of them new), and
    /// 10 orders.
    fn touchpoint(&mut self) -> String {
        let people = self.people;
        match self.below(100) {
            kind @ 0..60 => {
                let number = self.below(people.devices + people.customers);
                let device = number.checked_sub(people.devices).map_or_else(
                    || people.visitor(people.spread(number)),
                    |owner| people.device(people.spread(owner)),
                );
                if kind < 40 {
                    self.page(&device)
                } else {
                    self.product(&device)
                }
            }
            60..70 => {
                let device = self.newcomer();
                self.page(&format!(r#""anonymousId":"{device}""#))
            }
            70..75 => {
                let customer = self.customer();
                self.product(&people.signed_in(customer))
            }
            75..85 => {
                let customer = self.customer();
                self.identify(customer)
            }
            85..90 => {
                let name = self.newcomer();
                let ids = format!(r#""userId":"{name}","anonymousId":"device-{name}""#);
                self.identify_as(&ids, &name)
            }
            _ => {
                let customer = self.customer();
                self.order(customer)
            }
        }
    }

    fn customer(&mut self) -> u64 {
        let number = self.below(self.people.customers);
        self.people.spread(number)
    }

    fn newcomer(&mut self) -> String {
        self.newcomers += 1;
        format!("{}-newcomer-{}", self.name, self.newcomers)
    }

    fn item(&mut self, kind: &str, ids: &str, rest: &str) -> String {
        self.messages += 1;
        let time = clock::rfc3339(clock::now());
        let mut item = String::with_capacity(900);
        let _ = write!(
            item,
            r#"{{"type":"{kind}","messageId":"{}-{}",{ids},"timestamp":"{time}",{rest},"context":{{"library":{{"name":"analytics.js","version":"2.11.1"}},"locale":"es-ES","timezone":"Europe/Madrid","userAgent":"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0","screen":{{"width":1920,"height":1080}}}}}}"#,
            self.name, self.messages
        );
        item
    }

    fn page(&mut self, ids: &str) -> String {
        let name = self.one_of(&PAGES);
        let number = self.below(5_000);
        let rest = format!(
            r#""name":"{name}","properties":{{"title":"{name} {number}","path":"/es/{name}/{number}","url":"https://shop.example/es/{name}/{number}?utm_source=newsletter","referrer":"https://search.example/","search":"?utm_source=newsletter"}}"#
        );
        self.item("page", ids, &rest)
    }

    fn product(&mut self, ids: &str) -> String {
        let number = self.below(5_000);
        let rest = format!(
            r#""event":"Product Viewed","properties":{{"product_id":"p-{number}","sku":"sku-{number}","category":"Shoes","name":"Shoe {number}","brand":"Marca","variant":"blue","price":49.9,"quantity":1,"currency":"EUR","url":"https://shop.example/es/p/{number}","image_url":"https://shop.example/img/{number}.jpg"}}"#
        );
        self.item("track", ids, &rest)
    }

    fn identify(&mut self, customer: u64) -> String {
        let people = self.people;
        self.identify_as(&people.signed_in(customer), &people.customer(customer))
    }

    fn identify_as(&mut self, ids: &str, name: &str) -> String {
        let city = self.one_of(&CITIES);
        let visits = self.below(50);
        let rest = format!(
            r#""traits":{{"email":"{name}@mail.example","firstName":"Ana","lastName":"{name}","city":"{city}","plan":"gold","visits":{visits},"newsletter":true,"birthday":"1990-05-17"}}"#
        );
        self.item("identify", ids, &rest)
    }

    fn order(&mut self, customer: u64) -> String {
        let (number, product) = (self.messages, self.below(5_000));
        let rest = format!(
            r#""event":"Order Completed","properties":{{"order_id":"{}-{number}","total":119.7,"revenue":99.8,"shipping":4.9,"tax":15.0,"currency":"EUR","products":[{{"product_id":"p-{product}","sku":"sku-{product}","name":"Shoe {product}","category":"Shoes","price":49.9,"quantity":1}},{{"product_id":"p-1","sku":"sku-1","name":"Sock","category":"Socks","price":9.9,"quantity":5}}]}}"#,
            self.name
        );
        let ids = self.people.signed_in(customer);
        self.item("track", &ids, &rest)
    }
}
