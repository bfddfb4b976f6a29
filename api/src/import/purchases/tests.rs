//! What a purchase log becomes, on the real CDNOW file and on broken ones.

use std::collections::HashSet;
use std::fs::File;

use proptest::prelude::*;
use rstest::rstest;

use super::*;

const CDNOW: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/data/cdnow_transactions.csv"
);

fn cdnow() -> Vec<PurchaseRow> {
    rows(File::open(CDNOW).unwrap())
        .map(Result::unwrap)
        .collect()
}

fn read(text: &[u8]) -> Vec<Result<PurchaseRow, RowError>> {
    rows(text).collect()
}

fn errors(text: &[u8]) -> Vec<String> {
    read(text)
        .into_iter()
        .filter_map(Result::err)
        .map(|error| error.to_string())
        .collect()
}

/// Hundredths of an amount, to sum without rounding.
fn cents(amount: &str) -> u64 {
    let (whole, decimals) = amount.split_once('.').unwrap_or((amount, ""));
    format!("{whole}{decimals:0<2}").parse().unwrap()
}

#[test]
fn the_cdnow_log_is_read_whole_and_to_the_cent() {
    let rows = cdnow();
    assert_eq!(rows.len(), 6_919);
    assert_eq!(
        rows.iter()
            .map(|row| &row.customer_id)
            .collect::<HashSet<_>>()
            .len(),
        2_357
    );
    assert_eq!(
        rows.iter().map(|row| cents(&row.revenue)).sum::<u64>(),
        24_409_194
    );
    assert_eq!(rows[0].line, 2);
    assert_eq!(rows[6_918].line, 6_920);
}

#[test]
fn equal_purchases_on_one_day_are_different_orders() {
    let rows = cdnow();
    assert_eq!(
        rows.iter()
            .map(|row| &row.order_id)
            .collect::<HashSet<_>>()
            .len(),
        6_919
    );
    assert_eq!(
        rows.iter()
            .map(|row| &row.message_id)
            .collect::<HashSet<_>>()
            .len(),
        6_919
    );
}

#[test]
fn reading_a_log_again_gives_the_same_items() {
    assert_eq!(cdnow(), cdnow());
}

#[test]
fn a_row_becomes_an_order_completed_item() {
    let item = cdnow()[0].item();
    assert_eq!(item["type"], "track");
    assert_eq!(item["event"], "Order Completed");
    assert_eq!(item["userId"], "00004");
    assert_eq!(item["timestamp"], "1997-01-01T00:00:00.000Z");
    assert_eq!(item["properties"]["revenue"], "29.33");
    assert_eq!(item["properties"]["quantity"], 2);
    assert_eq!(item["properties"]["products"], json!([{ "quantity": 2 }]));
    assert_eq!(item["properties"].get("currency"), None);
}

#[test]
fn the_order_of_columns_and_of_rows_does_not_change_an_id() {
    let one = read(b"customer_id,date,amount\na,2020-01-01,5\nb,2020-01-01,5\n");
    let other = read(b"Amount,Date,Customer_ID,note\r\n5,2020-01-01,b,x\r\n5,2020-01-01,a,y\r\n");
    let ids = |rows: Vec<Result<PurchaseRow, RowError>>| -> HashSet<String> {
        rows.into_iter()
            .map(|row| row.unwrap().message_id)
            .collect()
    };
    assert_eq!(ids(one), ids(other));
}

#[test]
fn an_order_id_of_the_log_is_kept_and_its_repetition_is_the_same_message() {
    let rows = read(b"order_id,customer_id,date,amount,currency\nA-1,c,2020-01-01T10:00:00Z,5.00,EUR\nA-1,c,2020-01-01T10:00:00Z,5.00,EUR\n");
    let [Ok(first), Ok(second)] = rows.as_slice() else {
        panic!("two rows")
    };
    assert_eq!(first.order_id, "A-1");
    assert_eq!(first.message_id, second.message_id);
    assert_eq!(first.item()["properties"]["currency"], "EUR");
}

#[rstest]
#[case(b"", "line 1: the header has no column for the customer (customer_id)")]
#[case(
    b"00004,1,1997-01-01,2,29.33\n",
    "line 1: the header has no column for the customer (customer_id)"
)]
#[case(
    b"customer_id,date,amount,dollars\n",
    "line 1: the header has two columns for the amount (amount, revenue or dollars)"
)]
#[case(
    b"customer_id,date,amount\n,2020-01-01,1\n",
    "line 2: column customer_id: the value is empty"
)]
#[case(
    b"customer_id,date,amount\na,2020-13-01,1\n",
    "line 2: column date: not a date; write YYYY-MM-DD or an RFC 3339 instant"
)]
#[case(
    b"customer_id,date,dollars\r\na,2020-01-01,1\r\na,2020-01-01,-1\r\n",
    "line 3: column dollars: not an amount; write digits, at most four of them after a point"
)]
#[case(
    b"customer_id,date,amount\n\xff,2020-01-01,1\n",
    "line 2: column customer_id: the text is not UTF-8"
)]
#[case(
    b"customer_id,date,amount,cds\na,2020-01-01,1,two\n",
    "line 2: column cds: not a whole number"
)]
#[case(
    b"customer_id,date,amount,currency\na,2020-01-01,1,euro\n",
    "line 2: column currency: not a currency code of three letters"
)]
#[case(
    b"customer_id,date,amount\na,2020-01-01\n",
    "line 2: 2 columns where the header has 3"
)]
fn a_wrong_row_is_told_with_its_line_and_column(#[case] file: &[u8], #[case] told: &str) {
    assert_eq!(errors(file), [told]);
}

#[test]
fn a_wrong_row_does_not_stop_the_next_one() {
    let rows = read(b"customer_id,date,amount\na,x,1\na,2020-01-01\n\na,2020-01-01,1\n");
    let [Err(_), Err(_), Ok(row)] = rows.as_slice() else {
        panic!("two errors, then a row")
    };
    assert_eq!(row.line, 5);
}

#[test]
fn a_quotation_mark_left_open_does_not_fill_the_memory() {
    let mut file = b"customer_id,date,amount\n\"".to_vec();
    file.resize(10 * ROW_BYTES, b'x');
    assert_eq!(
        errors(&file),
        ["line 2: the row is too long; is a quotation mark left open?"]
    );
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..512), headed in any::<bool>()) {
        let header: &[u8] = if headed { b"customer_id,date,amount,cds,order_id,currency\n" } else { b"" };
        let lines = read(&[header, &bytes].concat());
        prop_assert!(lines.len() <= bytes.len() + 1);
    }

    #[test]
    fn no_text_of_the_right_shape_makes_the_reader_panic(cells in prop::collection::vec("[0-9a-z.:+\"-]{0,12}", 3..30)) {
        let mut file = String::from("customer_id,date,amount\n");
        for row in cells.chunks(3) {
            file.push_str(&row.join(","));
            file.push('\n');
        }
        read(file.as_bytes());
    }
}
