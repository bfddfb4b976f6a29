//! What a process says of itself at `/metrics`.

use lazo_tests::TestServer;

/// The value of a series, such as `lazo_hot_profile_hits_total{cache="redis"}`.
pub(super) async fn meter(server: &TestServer, series: &str) -> f64 {
    let text = async {
        let answer = server.http().get(server.url("/metrics")).send().await?;
        answer.error_for_status()?.text().await
    };
    let text = text.await.expect("the meters are read");
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    let value = value.unwrap_or_else(|| panic!("{series} is not in\n{text}"));
    value.parse().expect("a number")
}
