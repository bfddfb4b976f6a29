//! F18: the disk under PostgreSQL is full.

use std::{
    fs::{self, File},
    io::Write,
    process::{Command, Stdio},
    time::Duration,
};

use lazo_tests::{
    Engine::{self, Postgres},
    postgres::PrivatePostgres,
};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use super::{
    World, connect,
    count::Count,
    limit,
    load::{Load, Plan},
    pick,
    report::Report,
    seed, until,
};

/// A small disk in memory. Dropping it takes it away.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// Mounts it. Where this user may not, the test fails, unless `LAZO_TEST_WITHOUT_TMPFS=1` says that this is known: then there
    /// is none.
    fn mount(mebibytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mebibytes}m"), "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        assert!(
            std::env::var_os("LAZO_TEST_WITHOUT_TMPFS").is_some_and(|value| value == "1"),
            "this user may not mount a tmpfs; run the test as root, or leave it out by LAZO_TEST_WITHOUT_TMPFS=1"
        );
        None
    }

    /// Writes a file until nothing more fits.
    fn fill(&self) {
        let mut file = File::create(self.0.path().join("ballast")).expect("a file");
        for size in [1 << 20, 1 << 12] {
            let block = vec![0; size];
            while file.write_all(&block).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.0.path().join("ballast")).expect("the file is there");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the server may still hold files open.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn with_the_disk_full_writes_are_refused_reads_go_on_and_all_is_well_once_there_is_room(
    #[values(Postgres)] engine: Engine,
) {
    let seed = seed();
    let mut report = Report::new("F18", "the disk under PostgreSQL is full", seed);
    let Some(disk) = SmallDisk::mount(pick(160, 512)) else {
        did_not_run();
        return;
    };
    let postgres = PrivatePostgres::start();
    postgres.give(disk.0.path());
    let administrator = connect(engine, &postgres.url()).await;
    let place = disk.0.path().display();
    for statement in [
        &format!("CREATE TABLESPACE small LOCATION '{place}'"),
        "CREATE DATABASE on_small_disk TABLESPACE small",
    ] {
        administrator
            .execute_unprepared(statement)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let url = postgres.url_of("on_small_disk");
    let mut world = World::start_on(engine, postgres, url, &[]).await;
    let load = Load::start(&[world.door()], &Plan::new(seed));
    load.reaches(pick(500, 5_000)).await;

    disk.fill();
    let refused = || async { !load.ledger.writes().failed().0.is_empty() };
    until(Duration::from_mins(2), "the disk is full", refused).await;
    let full = Instant::now();
    sleep(pick(Duration::from_secs(2), Duration::from_secs(10))).await;
    let still_full = Instant::now();
    disk.free();
    let freed = Instant::now();
    sleep(pick(Duration::from_secs(3), Duration::from_secs(10))).await;

    let ledger = load.finish().await;
    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    let reads = ledger.reads().between(full, still_full);
    let recovery = ledger.writes().recovery(freed);
    report.recovered(recovery);
    report.counted(&count);
    report.also("share of reads answered during it", reads.share_good());
    report.publish();
    count.holds();
    ledger.was_told_the_truth();
    ledger.writes().failed().are_asked_to_come_back();
    assert!(
        !reads.0.is_empty() && reads.failed().0.is_empty(),
        "{:?}",
        reads.endings()
    );
    assert!(
        recovery <= limit(Duration::from_secs(5)),
        "recovery took {recovery:?}"
    );
    assert!(world.server.lives(), "it was not restarted");
    drop(world);
}

#[expect(clippy::print_stderr, reason = "nothing is left out in silence")]
fn did_not_run() {
    eprintln!(
        "F18 DID NOT RUN: this user may not mount a tmpfs, and LAZO_TEST_WITHOUT_TMPFS excuses it"
    );
}
