//! A till that ends its own process with -9 at one step of a payment: `till_that_dies FOLDER SALE QUANTITY [STEP]`.
//!
//! It sells as the window does, with a cart that is kept in the draft. The product tells its steps to the log (target
//! `step`) and knows nothing of dying: what listens to them here is a part of the tests.

use checkout::payment::SaleId;
use checkout::tender::TenderKind;
use std::path::Path;
use std::process::Command;
use till::{Opening, Till};
use tracing::field::{Field, Visit};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use uuid::Uuid;

struct DiesAt(String);

struct Said(String);

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

impl<S: tracing::Subscriber> Layer<S> for DiesAt {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut said = Said(String::new());
        event.record(&mut said);
        if event.metadata().target() == "step" && said.0 == self.0 {
            let _ = Command::new("kill").args(["-9", &std::process::id().to_string()]).status();
            std::process::abort();
        }
    }
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, sale, quantity, step @ ..] = arguments.as_slice() else { panic!("till_that_dies FOLDER SALE QUANTITY [STEP]") };
    if let [step] = step {
        tracing_subscriber::registry().with(DiesAt(step.clone())).init();
    }
    let till = Till::open(Opening::at(Path::new(folder))).await.unwrap();
    till.start_sale(SaleId(sale.parse().unwrap())).await.unwrap();
    till.add_by_code("1001", Some(quantity)).await.unwrap();
    let attempt = till.pay_by_device(Uuid::now_v7(), TenderKind::Kaspi, None).await.unwrap();
    till.settled(attempt, till.patience_ms()).await.unwrap();
    till.close().await;
}
