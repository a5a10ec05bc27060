//! What becomes of the goods that are taken out of a sale, also of one that was put aside.

use super::{CASHIER, Shop};
use serde_json::{Value, json};

impl Shop {
    /// Facts about goods taken out and put back: kind, code, thousandths taken, thousandths left, amount.
    async fn taken_out(&self) -> Vec<Value> {
        let told = self.facts(Some(CASHIER.0)).await.into_iter().filter(|fact| fact["kind"].as_str().unwrap().starts_with("line_"));
        told.map(|fact| {
            let body = &fact["body"];
            json!([fact["kind"], body["code"], body["quantity_milli"], body["left_milli"], body["amount_minor"]])
        })
        .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_out_of_a_sale_is_told() {
    let shop = Shop::open().await;
    shop.sign_in(CASHIER).await;
    for code in ["1001", "1002", "1001", "1003"] {
        shop.till.add_by_code(code, None).await.unwrap();
    }
    shop.as_seated("line_remove", shop.till.remove(3)).await.unwrap();
    assert_eq!(shop.taken_out().await, [json!(["line_removed", "1003", 1000, 0, 61_000])], "before it was put aside, too");
    let sale = shop.till.snapshot().await.unwrap().sale.id;
    shop.till.hold().await.unwrap();
    shop.till.recall(sale).await.unwrap();
    let shop = shop.reopen().await;
    shop.sign_in(CASHIER).await;
    shop.as_seated("line_set_quantity", shop.till.set_quantity(1, "1")).await.unwrap();
    shop.as_seated("line_remove", shop.till.remove(2)).await.unwrap();
    shop.as_seated("line_restore", shop.till.put_back()).await.unwrap();
    shop.as_seated("line_set_quantity", shop.till.set_quantity(2, "3")).await.unwrap();
    shop.as_seated("line_remove", shop.till.remove(2)).await.unwrap();
    shop.as_seated("line_remove", shop.till.remove(1)).await.unwrap();
    let expected = [
        json!(["line_removed", "1003", 1000, 0, 61_000]),
        json!(["line_removed", "1001", 1000, 1000, 28_500]),
        json!(["line_removed", "1002", 1000, 0, 19_000]),
        json!(["line_restored", "1002", 1000, 0, 19_000]),
        json!(["line_removed", "1002", 3000, 0, 57_000]),
        json!(["line_removed", "1001", 1000, 0, 28_500]),
    ];
    assert_eq!(shop.taken_out().await, expected);
    assert_eq!(shop.till.records().verify_journal().await.unwrap().broken_at, None);
}
