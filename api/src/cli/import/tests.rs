//! What somebody who imports a file is told, and what is kept of it.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use rstest::rstest;
use tempfile::TempDir;

use crate::cli::tests::{lazo, place, printed};

/// A directory with a database in it and a source named `till`.
async fn shop(trusted: bool) -> TempDir {
    let place = place();
    let create = ["source", "create", "--name", "till", "--channel", "store"];
    let trust = ["--trusted"];
    let create = [&create[..], &trust[..usize::from(trusted)]].concat();
    printed(place.path(), &create).await;
    place
}

fn write(place: &TempDir, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = place.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

/// Imports a file from `till`: how it ended, data, notes.
async fn import(
    place: &TempDir,
    subject: &str,
    file: &Path,
    options: &[&str],
) -> (Result<(), String>, String, String) {
    let arguments = [
        "import",
        subject,
        file.to_str().unwrap(),
        "--source",
        "till",
    ];
    lazo(place.path(), &[&arguments[..], options].concat()).await
}

fn last(notes: &str) -> &str {
    notes.lines().next_back().unwrap_or_default()
}

const LOG: &str =
    "customer,date,cds,dollars\n1,1997-01-01,1,11.77\n1,1997-01-01,1,11.77\n2,1997-01-12,5,77\n";

#[tokio::test]
async fn a_file_is_imported_once_however_often_it_is_read() {
    let place = shop(true).await;
    let file = write(&place, "log.csv", LOG);
    let (outcome, data, notes) = import(&place, "purchases", &file, &["--batch", "2"]).await;
    assert_eq!((outcome, data.as_str()), (Ok(()), ""));
    assert_eq!(
        last(&notes),
        "3 rows: 3 accepted, 0 duplicates, 0 quarantined, 0 rejected"
    );
    assert!(
        notes.contains(
            "Columns: customer → customer_id, date → time, cds → quantity, dollars → amount"
        ),
        "{notes}"
    );
    let (outcome, _, notes) = import(&place, "purchases", &file, &[]).await;
    assert_eq!(outcome, Ok(()));
    assert_eq!(
        last(&notes),
        "3 rows: 0 accepted, 3 duplicates, 0 quarantined, 0 rejected"
    );
    assert!(!place.path().join("log.csv.import-state").exists());
}

#[tokio::test]
async fn without_a_file_for_them_refused_rows_wait_in_quarantine() {
    let place = shop(true).await;
    let file = write(
        &place,
        "wrong.csv",
        "customer,date,dollars\n3,yesterday,1\n4,1969-01-01,1\n5,1997-01-01,1\n",
    );
    let (outcome, _, notes) = import(&place, "purchases", &file, &[]).await;
    assert_eq!(outcome, Err("2 rows did not become purchases.".to_owned()));
    assert_eq!(
        last(&notes),
        "3 rows: 1 accepted, 0 duplicates, 1 quarantined, 1 rejected"
    );
    assert!(notes.contains("  1 × column date: not a date"), "{notes}");
    assert!(
        notes.contains("(line 2)") && notes.contains("QUARANTINED TOO_EARLY"),
        "{notes}"
    );
}

#[tokio::test]
async fn rejected_rows_are_mended_and_imported_as_they_stand() {
    let place = shop(true).await;
    let file = write(
        &place,
        "wrong.csv",
        "customer;date;dollars\n3;yesterday;1\n4;1969-01-01;1\n5;1997-01-01;1\n6;1997\n",
    );
    let rejected = place.path().join("rejected.csv");
    let named = ["--rejects", rejected.to_str().unwrap()];
    let (outcome, _, notes) = import(&place, "purchases", &file, &named).await;
    let sentence = format!(
        "3 rows did not become purchases; mend and import {}.",
        rejected.display()
    );
    assert_eq!(outcome, Err(sentence));
    assert_eq!(
        last(&notes),
        "4 rows: 1 accepted, 0 duplicates, 0 quarantined, 3 rejected"
    );
    let text = fs::read_to_string(&rejected).unwrap();
    let rows: Vec<_> = text.lines().collect();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0], "customer;date;dollars;line;reason");
    assert!(
        rows[1].starts_with("3;yesterday;1;2;\"column date"),
        "{text}"
    );
    assert!(
        rows[2].starts_with("4;1969-01-01;1;3;TOO_EARLY: "),
        "{text}"
    );
    assert!(rows[3].starts_with("6;1997;5;2 columns where"), "{text}");

    // A file that somebody may have mended is never written over.
    let (outcome, ..) = import(&place, "purchases", &file, &named).await;
    assert!(outcome.unwrap_err().contains("is there already"));
    let (outcome, ..) = import(&place, "purchases", &rejected, &named).await;
    assert!(
        outcome
            .unwrap_err()
            .contains("this is the file that is imported")
    );

    let mended = text
        .replace("yesterday", "1997-01-01")
        .replace("1969", "1999")
        .replace("6;1997;5", "6;1997-01-01;9;5");
    fs::write(&rejected, mended).unwrap();
    let (outcome, _, notes) = import(&place, "purchases", &rejected, &[]).await;
    assert_eq!(outcome, Ok(()));
    assert_eq!(
        last(&notes),
        "3 rows: 3 accepted, 0 duplicates, 0 quarantined, 0 rejected"
    );
    assert!(!notes.contains("Not used"), "{notes}");
}

#[tokio::test]
async fn a_dry_run_stores_nothing_and_shows_what_would_be() {
    let place = shop(true).await;
    let file = write(
        &place,
        "customers.csv",
        "E-mail,emial,name\nana@example.com,x,Ana\n,x,Luz\n",
    );
    let (outcome, data, notes) = import(&place, "profiles", &file, &["--dry-run"]).await;
    assert_eq!(outcome, Err("1 row did not become a profile.".to_owned()));
    assert_eq!(
        last(&notes),
        "2 rows: 1 would be accepted, 1 rejected; nothing was stored"
    );
    assert!(notes.contains("Not used: emial (is it email?)"), "{notes}");
    assert!(notes.contains("Touchpoints: 1 × Identify"), "{notes}");
    let sample: serde_json::Value = serde_json::from_str(data.trim()).unwrap();
    assert_eq!(sample["traits"]["name"], "Ana");
    assert_eq!(
        fs::read_dir(place.path())
            .unwrap()
            .filter_map(Result::ok)
            .filter(|file| file.file_name().to_string_lossy().contains("import-state"))
            .count(),
        0
    );
    let (_, _, notes) = import(&place, "profiles", &file, &[]).await;
    assert_eq!(
        last(&notes),
        "2 rows: 1 accepted, 0 duplicates, 0 quarantined, 1 rejected"
    );
}

#[tokio::test]
async fn an_item_with_a_time_or_an_order_that_cannot_be_read_is_rejected() {
    let place = shop(true).await;
    let lines = concat!(
        r#"{"type":"track","event":"Order Completed","userId":"u","messageId":"1","timestamp":"2020-01-01T00:00:00Z","properties":{"order_id":"1","revenue":"much"}}"#,
        "\n",
        r#"{"type":"track","event":"Order Completed","userId":"u","messageId":"2","timestamp":"2020-01-01T00:00:00Z","properties":{"revenue":1}}"#,
        "\n",
        r#"{"type":"track","event":"A","userId":"u","messageId":"3","timestamp":"in May"}"#,
        "\n",
        r#"{"type":"track","event":"A","userId":"u","messageId":"4","timestamp":"2020-01-01T00:00:00Z","sentAt":"2020-01-01T00:00:01Z"}"#,
        "\n",
        "{broken\n",
    );
    let file = write(&place, "export.jsonl", lines);
    let rejected = place.path().join("rejected.jsonl");
    let (_, _, notes) = import(
        &place,
        "touchpoints",
        &file,
        &["--rejects", rejected.to_str().unwrap()],
    )
    .await;
    assert_eq!(
        last(&notes),
        "5 rows: 1 accepted, 0 duplicates, 0 quarantined, 4 rejected"
    );
    assert!(
        notes.contains("AMOUNT_UNREADABLE") && notes.contains("ORDER_UNREADABLE"),
        "{notes}"
    );
    assert!(!notes.contains("CLOCK_CORRECTED"), "{notes}");
    let text = fs::read_to_string(&rejected).unwrap();
    assert!(
        text.ends_with("{broken\n") && text.lines().count() == 8,
        "{text}"
    );
    let (_, _, notes) = import(&place, "touchpoints", &rejected, &[]).await;
    assert_eq!(
        last(&notes),
        "4 rows: 0 accepted, 0 duplicates, 0 quarantined, 4 rejected"
    );
}

#[tokio::test]
async fn an_import_that_cannot_note_how_far_it_is_goes_on_and_says_so() {
    let place = shop(true).await;
    let file = write(&place, "log.csv", LOG);
    fs::create_dir(place.path().join("log.csv.import-state.new")).unwrap();
    let (outcome, _, notes) = import(&place, "purchases", &file, &["--resume"]).await;
    assert_eq!(outcome, Ok(()));
    assert!(
        notes.starts_with("There is no interrupted import to resume"),
        "{notes}"
    );
    assert!(notes.contains("cannot be resumed"), "{notes}");
}

#[rstest]
#[case::of_the_rows(&["--state", "log.csv"], "is no note of an import")]
#[case::of_the_rejected_rows(&["--state", "rejected.csv", "--rejects", "rejected.csv"], "is the file of the rejected rows")]
#[tokio::test]
async fn an_import_notes_nothing_in_another_file(#[case] named: &[&str], #[case] reason: &str) {
    let place = shop(true).await;
    let file = write(&place, "log.csv", LOG);
    let named: Vec<String> = named
        .iter()
        .map(|name| match name.strip_prefix("--") {
            Some(_) => (*name).to_owned(),
            None => place.path().join(name).display().to_string(),
        })
        .collect();
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    let (outcome, ..) = import(&place, "purchases", &file, &named).await;
    assert!(outcome.unwrap_err().contains(reason));
    assert_eq!(fs::read_to_string(&file).unwrap(), LOG);
}

#[tokio::test]
async fn rejected_rows_are_for_their_owner_alone_and_follow_no_link() {
    let place = shop(true).await;
    let file = write(&place, "log.csv", "customer,date,total\n1,yesterday,5\n");
    let rejected = place.path().join("rejected.csv");
    let named = ["--rejects", rejected.to_str().unwrap()];
    let victim = place.path().join("victim");
    symlink(&victim, &rejected).unwrap();
    let (outcome, ..) = import(&place, "purchases", &file, &named).await;
    assert!(outcome.unwrap_err().contains("is there already"));
    assert!(!victim.exists());
    fs::remove_file(&rejected).unwrap();
    let (_, _, notes) = import(&place, "purchases", &file, &named).await;
    assert!(last(&notes).ends_with("1 rejected"), "{notes}");
    assert_eq!(fs::metadata(&rejected).unwrap().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_public_source_is_refused_with_the_way_to_a_trusted_one() {
    let place = shop(false).await;
    let file = write(&place, "log.csv", LOG);
    let (outcome, ..) = import(&place, "purchases", &file, &[]).await;
    let sentence = outcome.unwrap_err();
    let way = "lazo source create --name import --channel other --trusted";
    assert!(
        sentence.contains("the source till is public") && sentence.contains(way),
        "{sentence}"
    );
}

#[tokio::test]
async fn a_source_is_named_by_its_name_its_id_or_its_key() {
    let place = place();
    let create = [
        "source",
        "create",
        "--name",
        "till",
        "--channel",
        "store",
        "--trusted",
    ];
    let key = printed(place.path(), &create).await;
    let list = printed(place.path(), &["source", "list"]).await;
    let id = list.split('\t').next().unwrap();
    let file = write(&place, "log.csv", LOG);
    for named in ["till", id, key.trim()] {
        let arguments = [
            "import",
            "purchases",
            file.to_str().unwrap(),
            "--source",
            named,
        ];
        assert_eq!(lazo(place.path(), &arguments).await.0, Ok(()));
    }
    let arguments = [
        "import",
        "purchases",
        file.to_str().unwrap(),
        "--source",
        "nobody",
    ];
    let sentence = "--source: no source has this name, id or key; `lazo source list` lists them.";
    assert_eq!(
        lazo(place.path(), &arguments).await.0,
        Err(sentence.to_owned())
    );
}

#[rstest]
#[case::no_file("purchases", "/nowhere.csv", "", &[], "/nowhere.csv: ")]
#[case::no_format("purchases", "log.data", LOG, &[], "--format: say csv or jsonl")]
#[case::no_date("purchases", "log.csv", "customer,day,dollars\n1,1997-01-01,5\n", &[], "the header has no column for the date")]
#[case::no_mapping("purchases", "log.csv", LOG, &["--map", "/nowhere.toml"], "a column is mapped with COLUMN=FIELD")]
#[case::no_column("purchases", "log.csv", LOG, &["--map", "custmer=email"], "no column \"custmer\"; did you mean \"customer\"?")]
#[case::wrong_field("profiles", "log.csv", LOG, &["--map", "dollars=amount"], "--map: amount: profiles have no such field.")]
#[tokio::test]
async fn an_import_that_cannot_begin_stores_nothing_and_says_why(
    #[case] subject: &str,
    #[case] name: &str,
    #[case] text: &str,
    #[case] options: &[&str],
    #[case] told: &str,
) {
    let place = shop(true).await;
    let file = if name.starts_with('/') {
        PathBuf::from(name)
    } else {
        write(&place, name, text)
    };
    let (outcome, data, notes) = import(&place, subject, &file, options).await;
    let sentence = outcome.unwrap_err();
    assert!(sentence.contains(told), "{sentence}");
    assert_eq!((data.as_str(), notes.as_str()), ("", ""));
}
