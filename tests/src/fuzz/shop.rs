//! What is typed or scanned into an open till with goods: searches, and codes into its cart.

use checkout::money::{Currency, Money};
use checkout::payment::SaleId;
use database::search::{fold, other_layout};
use simulators::demo;
use std::sync::Arc;
use tempfile::TempDir;
use till::{Opening, Till};
use tokio::runtime::Runtime;
use uuid::Uuid;

/// The demo shop's till. No terminal stands behind it: nothing here pays.
struct Shop {
    runtime: Runtime,
    till: Arc<Till>,
    _folder: TempDir,
}

impl Shop {
    fn open() -> Shop {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let till = runtime.block_on(async {
            till::init(folder.path(), &demo::shop_at(([127, 0, 0, 1], 1).into())).await.unwrap();
            let till = Till::open(Opening { keeps_draft: false, ..Opening::at(folder.path()) }).await.unwrap();
            till.import(demo::GOODS.as_bytes(), false).await.unwrap();
            till.search("сүт").await.unwrap();
            till
        });
        Shop { runtime, till, _folder: folder }
    }
}

thread_local! {
    static SHOP: Shop = Shop::open();
}

pub fn search(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let folded = fold(text);
    assert_eq!(fold(&folded), folded, "{text:?} folded twice");
    let _ = other_layout(text);
    SHOP.with(|shop| {
        let found = shop.runtime.block_on(shop.till.search(text)).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert!(found.len() <= 50);
        if let Some(Ok(price)) = text.trim().strip_prefix('=').map(|price| Money::parse_major(price, Currency::Kzt)) {
            assert!(found.iter().all(|found| found.good.price == price), "{text:?} is a price");
        }
    });
}

/// Each line is a scan. What the till refuses changes nothing; what it takes adds up.
pub fn scan(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    SHOP.with(|shop| {
        shop.runtime.block_on(async {
            let till = &shop.till;
            till.start_sale(SaleId(Uuid::now_v7())).await.unwrap();
            for code in text.lines().take(8) {
                let before = till.snapshot().await.unwrap();
                let taken = till.scan(code).await;
                let after = till.snapshot().await.unwrap();
                let (due, then) = (before.due.minor(), after.due.minor());
                match taken {
                    Ok(_) => assert!(then > due, "{code:?} is a good, and goods cost something"),
                    Err(_) => assert_eq!((due, before.sale), (then, after.sale), "{code:?} was refused"),
                }
            }
        });
    });
}
