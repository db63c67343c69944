//! How long the first two stages take, from bytes to facts, on plans of three sizes. Prints figures; no test depends on them.

#![allow(missing_docs, reason = "criterion's macros make the functions public")]

#[path = "support/generated_plan.rs"]
mod generated_plan;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use generated_plan::{Size, write_plan};
use secretlint::facts;
use secretlint::plan::Plan;

fn read_and_extract(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("plan_to_facts");
    group.sample_size(10);
    for changes in [80, 800, 8_000] {
        let mut bytes = Vec::new();
        if write_plan(&mut bytes, Size { changes, bytes_per_change: 1_250 }).is_err() {
            continue;
        }
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(format!("read/{changes}"), |bencher| {
            bencher.iter_batched(
                || bytes.clone(),
                |bytes| black_box(Plan::from_bytes("plan", bytes)),
                BatchSize::LargeInput,
            );
        });
        let Ok(plan) = Plan::from_bytes("plan", bytes.clone()) else { continue };
        group.bench_function(format!("extract/{changes}"), |bencher| {
            bencher.iter(|| black_box(facts::extract(&plan)))
        });
    }
    group.finish();
}

criterion_group!(benches, read_and_extract);
criterion_main!(benches);
