//! Laws of standings: whatever happens, in any order, what is stored is what a fresh evaluation says.

mod decisions;
mod definitions;
mod events;
mod play;

use proptest::test_runner::{Config, TestCaseResult, TestError, TestRunner};

use events::{Event, history};
use play::Play;

async fn play(events: Vec<(Event, bool)>) -> TestCaseResult {
    let mut play = Play::open().await;
    for (event, checked) in &events {
        play.happens(event).await;
        if *checked {
            play.check().await?;
        }
    }
    play.check().await
}

/// How many histories are played: so many as `LAZO_TEST_HISTORIES` says.
fn cases() -> u32 {
    let wanted = std::env::var_os("LAZO_TEST_HISTORIES");
    let wanted = wanted.and_then(|cases| cases.to_str()?.parse().ok());
    wanted.unwrap_or(20)
}

#[test]
fn whatever_happens_what_is_stored_is_what_a_fresh_evaluation_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: cases(),
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&history(), |events| runtime.block_on(play(events)));
    if let Err(TestError::Fail(reason, history)) = outcome {
        panic!("{reason}\n{history:#?}");
    }
    outcome.unwrap();
}
