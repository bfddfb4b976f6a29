//! What is told of rows and files that are wrong.

use rstest::rstest;

use super::*;

#[rstest]
#[case(
    "customer_id,date,amount\n,2020-01-01,1\n",
    "nothing says whose it is: no identifier has a value"
)]
#[case("customer_id,date,amount\na,,1\n", "no value for the time")]
#[case("customer_id,date,amount\na,2020-01-01,\n", "no value for the amount")]
#[case(
    "customer_id,date,amount\na,2020-13-01,1\n",
    "column date: not a date; write YYYY-MM-DD or an RFC 3339 instant, or say --date-format"
)]
#[case(
    "customer_id,date,amount\na,2020-01-01,-1\n",
    "column amount: not an amount; write digits, at most four of them after the decimal sign"
)]
#[case(
    "customer_id,date,amount,cds\na,2020-01-01,1,two\n",
    "column cds: not a whole number of units, from 1"
)]
#[case(
    "customer_id,date,amount,currency\na,2020-01-01,1,euro\n",
    "column currency: not a currency code of three letters"
)]
#[case(
    "customer_id,date,amount,event\na,2020-01-01,1,lost\n",
    "column event: not an order event; write completed, updated, refunded or cancelled"
)]
#[case(
    "customer_id,date,amount\na,2020-01-01\n",
    "2 columns where the header has 3"
)]
#[case(
    "customer_id,date,amount\na,2020-01-01,1,2\n",
    "4 columns where the header has 3"
)]
fn a_wrong_row_is_told_by_its_column(#[case] file: &str, #[case] told: &str) {
    assert_eq!(
        read(Subject::Purchases, "", file),
        [(2, Err(told.to_owned()))]
    );
}

#[rstest]
#[case("trait.a:number", "x", "column A: not a number")]
#[case("trait.a:boolean", "perhaps", "column A: neither true nor false")]
#[case(
    "trait.a:date",
    "x",
    "column A: not a date; write YYYY-MM-DD or an RFC 3339 instant, or say --date-format"
)]
#[case("trait.a:json", "{", "column A: not JSON")]
fn a_value_of_another_type_is_told(#[case] field: &str, #[case] cell: &str, #[case] told: &str) {
    let rows = read(
        Subject::Profiles,
        &format!("[columns]\nA = \"{field}\""),
        &format!("email,A\nx@x.es,{cell}\n"),
    );
    assert_eq!(rows, [(2, Err(told.to_owned()))]);
}

#[test]
fn bytes_that_are_not_utf8_are_told_and_do_not_stop_the_next_row() {
    let file = b"email,name\nana@x.es,Jos\xE9\nluz@x.es,Luz\n";
    let rows = all(open_with(Subject::Profiles, FileFormat::Csv, "", file).unwrap());
    assert_eq!(
        rows[0],
        (2, Err("column name: the text is not UTF-8".to_owned()))
    );
    assert_eq!((rows[1].0, rows[1].1.is_ok()), (3, true));
}

#[rstest]
#[case::empty(b"", "the file is empty")]
#[case::utf16(b"\xFF\xFEe\0m\0", "the file is UTF-16; save it as CSV in UTF-8")]
#[case::latin(
    b"email,a\xF1o\n",
    "the header is not UTF-8; save the file as CSV in UTF-8"
)]
#[case::no_header(
    b"ana@x.es,Ana\n",
    "the header has no column for an identifier (email, customer_id, phone, …); name one with --map COLUMN=email"
)]
fn a_file_that_is_no_table_is_refused_whole(#[case] file: &[u8], #[case] told: &str) {
    let error = open_with(Subject::Profiles, FileFormat::Csv, "", file).err();
    assert_eq!(error.as_deref(), Some(told));
}

#[test]
fn a_header_that_is_too_long_is_no_header() {
    let file = vec![b'x'; 3 * crate::import::MAX_ROW_BYTES];
    let error = open_with(Subject::Profiles, FileFormat::Csv, "", &file).err();
    assert_eq!(
        error.as_deref(),
        Some("the first line is longer than 1 MiB; is this a CSV file?")
    );
}
