//! Measures how many entries are verified per second, with an export of 100,000 entries in memory.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

#[path = "../tests/it/ledger.rs"]
mod ledger_of_tests;

const ENTRIES: u64 = 100_000;

fn verify(criterion: &mut Criterion) {
    let export = ledger_of_tests::exported(ENTRIES);
    let keys = [ledger_of_tests::signer().verifier().clone()];
    let mut group = criterion.benchmark_group("ledger");
    group.throughput(Throughput::Elements(ENTRIES)).sample_size(10);
    group.bench_function("verify", |bencher| {
        bencher.iter(|| ledger::verify::verify(&*export, &keys, &[]).expect("it is intact"));
    });
    group.finish();
}

criterion_group!(benches, verify);
criterion_main!(benches);
