//! What the program takes when nothing happens, and how long it takes to start.

use crate::{
    Engine,
    bench::{Bench, label, report::Aim},
};

/// Runs the section.
pub async fn run(bench: &mut Bench) {
    bench.report.section("Start and memory");
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let database = bench.database(engine).await;
        let (mut starts, mut memory) = (Vec::new(), Vec::new());
        // The first start fixes the deployment's settings and makes its keys.
        drop(bench.installation.serve(&database).await);
        for _ in 0..bench.pick(5, 15) {
            let server = bench.installation.serve(&database).await;
            starts.push(server.ready_after.as_secs_f64() * 1e3);
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            memory.push(server.process().resident());
        }
        let on = label(engine);
        let report = &mut bench.report;
        report.add("from start to ready", on, "ms", &starts, Aim::AtMost(200.0));
        report.add("memory at rest", on, "MiB", &memory, Aim::AtMost(40.0));
        bench.engines.remove(database).await;
    }
}
