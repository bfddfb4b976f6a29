//! What a shop with its marketing at work defines: fifty segments and five score models.

use serde_json::{Value, json};

/// The segments: their keys and who is a member. Seventeen have a window, and five of those are sequences.
pub const SEGMENTS: [(&str, &str); 50] = [
    ("spain", "country = 'ES' OR timezone STARTS WITH 'Europe'"),
    (
        "northern",
        "city IN ('Lugo', 'Vigo', 'Bilbao', 'Gijón', 'Ourense')",
    ),
    ("madrid", "city = 'Madrid'"),
    ("not_madrid", "city IS NOT NULL AND city != 'Madrid'"),
    ("gold", "plan = 'gold'"),
    (
        "gold_with_newsletter",
        "plan = 'gold' AND newsletter = TRUE AND has(email)",
    ),
    ("no_newsletter", "newsletter IS NULL OR newsletter = FALSE"),
    ("frequent", "visits >= 25"),
    ("rare", "visits BETWEEN 1 AND 5"),
    ("named_ana", "firstName STARTS WITH 'An'"),
    ("reachable", "has(email) OR has(phone)"),
    ("anonymous", "NOT has(customer_id) AND NOT has(email)"),
    ("birthday_this_week", "anniversary(birthday) WITHIN 7d"),
    (
        "birthday_this_month",
        "anniversary(birthday) WITHIN 30d AND has(email)",
    ),
    ("first_seen_this_year", "first_seen >= '2026-01-01'"),
    ("one_order", "orders.count = 1"),
    ("two_orders", "orders.count >= 2"),
    ("no_order", "orders.count = 0 AND has(email)"),
    ("big_spender", "orders.spend >= 1000"),
    ("mean_above_80", "orders.mean > 80"),
    ("one_great_order", "orders.max >= 500"),
    ("shoes", "orders.spend(category = 'Shoes') > 100"),
    ("many_products", "orders.products >= 5"),
    ("socks", "orders.count(product = 'p-1') >= 3"),
    ("late_by_own_measure", "orders.intervals_since_last > 1.5"),
    ("losing", "stage = LOSING_INTEREST OR stage = LOST"),
    (
        "new_or_active",
        "stage IN (NEW, ACTIVE) AND NOT level = TOP",
    ),
    ("leads", "stage = LEAD AND has(email)"),
    (
        "viewed_shoes",
        "performed('Product Viewed', category = 'Shoes') >= 3",
    ),
    (
        "viewed_dear",
        "performed('Product Viewed', price > 40, category != 'Socks') >= 2",
    ),
    (
        "many_brands",
        "performed('Product Viewed').distinct(brand) >= 3",
    ),
    (
        "searched_without_order",
        "performed('Search') >= 2 AND orders.count = 0",
    ),
    ("gold_in_madrid", "segment('gold') AND segment('madrid')"),
    // With a window.
    ("viewed_lately", "performed('Product Viewed', within 7d)"),
    (
        "viewed_often_lately",
        "performed('Product Viewed', within 30d) >= 5",
    ),
    (
        "shoes_lately",
        "performed('Product Viewed', category = 'Shoes', within 14d) >= 2",
    ),
    (
        "value_viewed_lately",
        "performed('Product Viewed', within 30d).sum(price) >= 200",
    ),
    ("active_lately", "performed(within 1d) >= 3"),
    (
        "bought_lately",
        "orders.count(within 30d) >= 1 AND segment('reachable')",
    ),
    ("spent_lately", "orders.spend(within 90d) >= 150"),
    (
        "silent_buyers",
        "orders.count >= 1 AND orders.count(within 180d) = 0",
    ),
    (
        "waking",
        "NOT performed('Home' or 'Category', longer ago than 30d) AND performed('Home' or 'Category', within 30d)",
    ),
    (
        "read_mail_lately",
        "performed('Email Opened' or 'Email Link Clicked', on EMAIL, within 60d) >= 1",
    ),
    (
        "hot_leads",
        "stage = LEAD AND last_seen WITHIN LAST 1w AND (performed('Checkout Started', within 1w) OR \
         performed('Product Added', within 1w) OR performed('Product Viewed', within 1w) >= 3)",
    ),
    (
        "interested_without_order",
        "score('interest') >= 20 AND orders.count(within 30d) = 0",
    ),
    // Sequences, each with a window.
    (
        "home_to_cart",
        "performed('Home', within 14d) THEN performed('Cart') WITHIN 1d",
    ),
    (
        "cart_left",
        "performed('Cart', within 7d) NOT FOLLOWED BY performed('Order Completed') WITHIN 1d",
    ),
    (
        "view_to_order",
        "performed('Product Viewed', within 30d) THEN performed('Order Completed') WITHIN 2d",
    ),
    (
        "search_to_view",
        "performed('Search', within 30d) THEN performed('Product Viewed', category = 'Shoes') WITHIN 1h",
    ),
    (
        "order_without_return",
        "performed('Order Completed', within 90d) NOT FOLLOWED BY performed('Home' or 'Product Viewed') WITHIN 14d",
    ),
];

/// The score models, as they are created through the API.
pub fn models() -> [Value; 5] {
    let rule = |key: &str, points: f64, fades: bool, when: Value| json!({ "key": key, "title": key, "points": points, "fades": fades, "when": when });
    let each = |names: &[&str], window: Value| json!({ "each": { "filter": { "names": names }, "window": window } });
    let holds = |text: &str| json!({ "holds": { "text": text } });
    let points =
        |key: &str, definition: Value| json!({ "key": key, "name": key, "definition": definition });
    [
        points(
            "interest",
            json!({ "scale": 40.0, "kind": { "points": { "halfLife": "14d", "rules": [
                rule("views", 2.0, true, each(&["Product Viewed"], json!({ "last": "90d" }))),
                rule("searches", 3.0, true, each(&["Search"], json!({ "last": "90d" }))),
                rule("carts", 8.0, true, each(&["Cart"], json!({ "last": "90d" }))),
                rule("orders", 20.0, true, each(&["Order Completed"], json!({ "last": "180d" }))),
            ] } } }),
        ),
        points(
            "engagement",
            json!({ "kind": { "points": { "rules": [
                rule("pages", 1.0, false, json!({ "each": { "filter": { "names": ["Home", "Category", "Product"] }, "window": { "last": "30d" }, "cap": { "most": 5, "per": "1d" } } })),
                rule("mail", 10.0, false, json!({ "once": { "filter": { "names": ["Email Opened"], "channel": "EMAIL" }, "window": { "last": "30d" } } })),
                rule("reachable", 15.0, false, holds("has(email)")),
                rule("newsletter", 10.0, false, holds("newsletter = TRUE")),
            ] } } }),
        ),
        points(
            "value",
            json!({ "kind": { "points": { "rules": [
                rule("bought", 20.0, false, holds("orders.count >= 1")),
                rule("again", 20.0, false, holds("orders.count >= 2")),
                rule("lately", 20.0, false, holds("orders.count(within 90d) >= 1")),
                rule("spent", 40.0, false, holds("orders.spend >= 500")),
            ] } } }),
        ),
        points(
            "fit",
            json!({ "kind": { "similarity": { "prior": 50.0, "features": [
                { "key": "city", "title": "City", "weight": 1.0, "value": { "trait": "city" },
                  "kind": { "category": { "ideal": [{ "text": "Madrid", "frequency": 0.5 }, { "text": "Vigo", "frequency": 0.2 }] } } },
                { "key": "visits", "title": "Visits", "weight": 1.0, "value": { "trait": "visits" }, "kind": { "numeric": { "ideal": 40.0, "range": 40.0 } } },
                { "key": "orders", "title": "Orders", "weight": 2.0, "value": { "purchases": "ORDERS" }, "kind": { "numeric": { "ideal": 6.0, "range": 6.0 } } },
                { "key": "spend", "title": "Spend", "weight": 2.0, "value": { "purchases": "SPEND" }, "kind": { "numeric": { "ideal": 800.0, "range": 800.0 } } },
            ] } } }),
        ),
        points(
            "rfm",
            json!({ "grades": [], "kind": { "rfm": { "window": { "last": "365d" } } } }),
        ),
    ]
}
