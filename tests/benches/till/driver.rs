//! G4: from the command to the request at the terminal, against a bare socket, less the one sync of the intent.

use acceptance::measure::{Report, quantile, timed};
use acceptance::shop::TestShop;
use simulators::kaspi::{Customer, Op};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;
use tokio::runtime::Runtime;

const ROUNDS: usize = 60;

pub fn run(runtime: &Runtime, report: &mut Report) {
    let shop = runtime.block_on(TestShop::open(Customer { scan_after_ms: 1, confirm_after_ms: 1, ..Customer::default() }));
    let folder = tempfile::tempdir().unwrap();
    let mut raw = std::fs::File::create(folder.path().join("raw")).unwrap();
    let (mut ours, mut bare, mut syncs) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        runtime.block_on(async {
            shop.ring_up().await;
            let start = Instant::now();
            let attempt = shop.pay().await.unwrap();
            shop.terminal.wait_for(Op::Payment, round + 1).await;
            ours.push(start.elapsed().as_secs_f64() * 1e6);
            shop.settled(attempt).await;
        });
        bare.push(timed(|| {
            let mut socket = TcpStream::connect(shop.terminal.address()).unwrap();
            socket.write_all(b"GET /v2/deviceinfo HTTP/1.1\r\nHost: terminal\r\nConnection: close\r\n\r\n").unwrap();
            let mut reply = Vec::new();
            socket.read_to_end(&mut reply).unwrap();
        }));
        syncs.push(timed(|| {
            raw.write_all(&[0x5A; 16 * 4096]).unwrap();
            raw.sync_data().unwrap();
        }));
    }
    let limit_us = quantile(&bare, 0.99) + 1.2 * quantile(&syncs, 0.99) + 2_000.0;
    let p99_us = quantile(&ours, 0.99);
    report.figure(
        "G4",
        "press → request at the terminal, p99",
        format!("{p99_us:.0} µs, limit {limit_us:.0} µs (p50 {:.0} µs)", quantile(&ours, 0.5)),
        "≤ raw + 1.2 × its sync + 2 ms",
        Some(p99_us <= limit_us),
        serde_json::json!({ "p99_us": p99_us, "limit_us": limit_us }),
    );
}
