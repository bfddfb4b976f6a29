//! What rows become, on the real CDNOW file and on the files of other platforms.

mod refusals;

use std::collections::HashSet;
use std::fs::File;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::field::Subject;
use super::super::mapping::Mapping;
use super::*;

const CDNOW: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/data/cdnow_transactions.csv"
);

fn open_with(
    subject: Subject,
    format: FileFormat,
    mapping: &str,
    file: &[u8],
) -> Result<Rows<Cursor<Vec<u8>>>, String> {
    let mapping = Mapping::from_toml(mapping).unwrap();
    let plan = Plan::new(subject, mapping).unwrap();
    Rows::open(Cursor::new(file.to_vec()), format, plan).map_err(|error| error.to_string())
}

fn all<R: Read>(mut rows: Rows<R>) -> Vec<(u64, Result<Value, String>)> {
    std::iter::from_fn(|| rows.next_row().unwrap())
        .map(|row| {
            let item = row.item.map(|item| serde_json::from_slice(&item).unwrap());
            (row.line, item.map_err(|reason| reason.to_string()))
        })
        .collect()
}

fn read(subject: Subject, mapping: &str, file: &str) -> Vec<(u64, Result<Value, String>)> {
    all(open_with(subject, FileFormat::Csv, mapping, file.as_bytes()).unwrap())
}

fn lines(subject: Subject, mapping: &str, file: &str) -> Vec<(u64, Result<Value, String>)> {
    all(open_with(subject, FileFormat::Jsonl, mapping, file.as_bytes()).unwrap())
}

fn only(mut rows: Vec<(u64, Result<Value, String>)>) -> Value {
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0).1.unwrap()
}

fn ids(rows: &[(u64, Result<Value, String>)]) -> Vec<&str> {
    rows.iter()
        .map(|(_, item)| item.as_ref().unwrap()["messageId"].as_str().unwrap())
        .collect()
}

fn cdnow() -> Vec<(u64, Result<Value, String>)> {
    let plan = Plan::new(Subject::Purchases, Mapping::default()).unwrap();
    all(Rows::open(File::open(CDNOW).unwrap(), FileFormat::Csv, plan).unwrap())
}

#[test]
fn the_cdnow_log_is_read_whole_and_the_same_again() {
    let rows = cdnow();
    assert_eq!(rows.len(), 6_919);
    assert_eq!((rows[0].0, rows[6_918].0), (2, 6_920));
    // Equal purchases on one day are different orders.
    assert_eq!(ids(&rows).iter().collect::<HashSet<_>>().len(), 6_919);
    assert_eq!(rows, cdnow());
    let first = rows[0].1.as_ref().unwrap();
    assert_eq!(first["type"], "track");
    assert_eq!(first["event"], "Order Completed");
    assert_eq!(first["userId"], "00004");
    assert_eq!(first["timestamp"], "1997-01-01T00:00:00.000Z");
    assert_eq!(first["properties"]["revenue"], "29.33");
    assert_eq!(first["properties"]["products"], json!([{ "quantity": 2 }]));
}

#[test]
fn the_order_of_columns_and_of_rows_and_what_stands_between_them_does_not_change_an_id() {
    let one = read(
        Subject::Purchases,
        "",
        "customer_id,date,amount\na,2020-01-01,5\nb,2020-01-01,5\n",
    );
    let other = read(
        Subject::Purchases,
        "",
        "Amount;Date;Customer ID;note\r\n5;2020-01-01;b;x\r\n5;2020-01-01;a;y\r\n",
    );
    let set = |rows: &[_]| {
        ids(rows)
            .into_iter()
            .map(str::to_owned)
            .collect::<HashSet<_>>()
    };
    assert_eq!(set(&one), set(&other));
}

#[test]
fn an_order_id_of_the_file_is_kept_and_its_repetition_is_the_same_message() {
    let file = "order_id,customer_id,date,amount,currency\nA-1,c,2020-01-01T10:00:00Z,5.00,eur\nA-1,c,2020-01-01T10:00:00Z,5.00,eur\n";
    let rows = read(Subject::Purchases, "", file);
    assert_eq!(ids(&rows)[0], ids(&rows)[1]);
    let item = rows[0].1.as_ref().unwrap();
    assert_eq!(item["properties"]["order_id"], "A-1");
    assert_eq!(item["properties"]["currency"], "EUR");
}

#[test]
fn orders_are_refunded_and_cancelled_too() {
    let file = "order_id,email,date,amount,event\nA,a@x.es,2020-01-01,-5.00,refunded\nA,a@x.es,2020-01-02,,Order Cancelled\n";
    let rows = read(Subject::Purchases, "", file);
    let [(_, Ok(refund)), (_, Ok(cancelled))] = rows.as_slice() else {
        panic!("two items: {rows:?}")
    };
    assert_eq!(
        (&refund["event"], &refund["properties"]["revenue"]),
        (&json!("Order Refunded"), &json!("-5.00"))
    );
    assert_eq!(cancelled["event"], "Order Cancelled");
    assert_eq!(cancelled["context"]["traits"]["email"], "a@x.es");
}

#[test]
fn a_customer_becomes_identifiers_and_traits() {
    let file = "\u{FEFF}E-mail;Customer ID;First name;City;Birthday;Club;Points;second mail;Empty\n\
                ana@example.com;C-1;Ana;Sevilla;03/02/1985;77;1.250,5;ana@x.es;\n";
    let mapping = r#"
        decimal_comma = true
        date_format = "%d/%m/%Y"
        [columns]
        Club = "identifier.club"
        Points = "trait.points:number"
        "second mail" = "email"
        Empty = "trait.empty"
        [constants]
        "trait.origin" = "old shop"
        [defaults]
        "trait.empty" = "none"
        "trait.firstName" = "unused"
    "#;
    let mut item = only(read(Subject::Profiles, mapping, file));
    assert!(item["messageId"].as_str().unwrap().starts_with("profile-"));
    item["messageId"].take();
    let expected = json!({
        "type": "identify", "messageId": null, "userId": "C-1",
        "traits": {
            "email": "ana@example.com", "firstName": "Ana", "address": {"city": "Sevilla"}, "birthday": "1985-02-03",
            "points": 1250.5, "origin": "old shop", "empty": "none",
        },
        "context": {
            "active": false,
            "externalIds": [
                {"id": "77", "type": "club", "collection": "users"},
                {"id": "ana@x.es", "type": "email", "collection": "users"},
            ],
        },
    });
    assert_eq!(item, expected);
}

#[test]
fn equal_rows_are_two_touchpoints_and_one_profile() {
    let touchpoints = "email,date,event\na@x.es,2020-01-01,Opened\na@x.es,2020-01-01,Opened\n";
    let rows = read(Subject::Touchpoints, "", touchpoints);
    assert_ne!(ids(&rows)[0], ids(&rows)[1]);
    let profiles = read(
        Subject::Profiles,
        "",
        "email,name\na@x.es,Ana\na@x.es,Ana\n",
    );
    assert_eq!(ids(&profiles)[0], ids(&profiles)[1]);
}

#[test]
fn an_id_names_the_row_whatever_else_it_says() {
    let rows = read(
        Subject::Touchpoints,
        "",
        "message_id,email,date,event\n7,a@x.es,2020-01-01,A\n7,a@x.es,2020-01-02,B\n",
    );
    assert_eq!(ids(&rows), ["touchpoint-7", "touchpoint-7"]);
}

#[test]
fn what_has_no_meaning_is_kept_on_demand() {
    let item = only(read(
        Subject::Touchpoints,
        "keep_rest = true",
        "email,date,event,colour\na@x.es,2020-01-01,A,red\n",
    ));
    assert_eq!(item["properties"], json!({"colour": "red"}));
}

#[test]
fn json_lines_are_items_or_flat_objects() {
    let file = concat!(
        r#"{"type":"track","event":"A","userId":"u","messageId":"m-1","timestamp":"2020-01-01T00:00:00Z"}"#,
        "\n",
        r#"{"event":"B","customer":{"email":"a@x.es","age":7},"date":"2020-01-01","basket":[1]}"#,
        "\n",
        r#"{"rejected":{"line":9,"reason":"x"}}"#,
        "\n",
        "[1]\n",
        "{\"a\":\n",
        "\n",
        r#"{"event":"C","email":{"a":[]},"date":"2020-01-01"}"#,
        "\n",
    );
    let mapping = "keep_rest = true\n[columns]\n\"customer.email\" = \"email\"";
    let rows = lines(Subject::Touchpoints, mapping, file);
    assert_eq!(
        rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
        [1, 2, 4, 5, 7]
    );
    assert_eq!(rows[0].1.as_ref().unwrap()["messageId"], "m-1");
    let flat = rows[1].1.as_ref().unwrap();
    assert_eq!(flat["context"]["traits"]["email"], "a@x.es");
    assert_eq!(
        flat["properties"],
        json!({"customer": {"age": 7}, "basket": [1]})
    );
    assert_eq!(rows[2].1, Err("the line is no JSON object".to_owned()));
    assert_eq!(rows[3].1, Err("the line is no JSON object".to_owned()));
    assert!(rows[4].1.is_err());
}

#[test]
fn two_members_that_mean_the_same_are_told() {
    let rows = lines(
        Subject::Purchases,
        "",
        r#"{"email":"a@x.es","date":"2020-01-01","amount":1,"total":2}"#,
    );
    assert!(
        rows[0]
            .1
            .as_ref()
            .unwrap_err()
            .contains("another column means the same"),
        "{rows:?}"
    );
}

#[test]
fn numbers_of_json_stay_numbers_and_amounts_exact() {
    let item = only(lines(
        Subject::Purchases,
        "",
        r#"{"email":"a@x.es","date":"2020-01-01","amount":29.33,"order":1042}"#,
    ));
    assert_eq!(
        item["properties"],
        json!({"revenue": "29.33", "order_id": "1042"})
    );
    let item = only(lines(
        Subject::Profiles,
        "keep_rest = true",
        r#"{"email":"a@x.es","points":7,"vip":true}"#,
    ));
    assert_eq!(
        item["traits"],
        json!({"email": "a@x.es", "points": 7, "vip": true})
    );
}

#[test]
fn how_far_a_file_was_read_is_known_by_what_its_rows_say() {
    let place = |file: &str, rows: u64| {
        let mut read = open_with(Subject::Profiles, FileFormat::Csv, "", file.as_bytes()).unwrap();
        while read.count() < rows {
            read.next_row().unwrap();
        }
        read.place()
    };
    let file = "email,name\na@x.es,A\nb@x.es,B\nc@x.es,C\n";
    assert_eq!(
        place(file, 2),
        place("email,name\r\na@x.es,\"A\"\r\nb@x.es,B\r\nmore", 2)
    );
    assert_ne!(
        place(file, 2),
        place("email,name\na@x.es,A\nb@x.es,X\nc@x.es,C\n", 2)
    );
    assert_ne!(place(file, 1), place("email,city\na@x.es,A\n", 1));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..512), is_csv: bool, headed: bool) {
        let header: &[u8] = if headed { b"customer_id,date,amount,cds,order_id,currency\n" } else { b"" };
        let format = if is_csv { FileFormat::Csv } else { FileFormat::Jsonl };
        if let Ok(rows) = open_with(Subject::Purchases, format, "", &[header, &bytes].concat()) {
            prop_assert!(all(rows).len() <= bytes.len() + 1);
        }
    }

    #[test]
    fn no_text_of_the_right_shape_makes_the_reader_panic(cells in prop::collection::vec("[0-9a-z.:+\"-]{0,12}", 3..30)) {
        let mut file = String::from("customer_id,date,amount\n");
        for row in cells.chunks(3) {
            file.push_str(&row.join(","));
            file.push('\n');
        }
        read(Subject::Purchases, "", &file);
    }
}
