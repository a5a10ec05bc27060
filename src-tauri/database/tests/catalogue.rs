//! The catalogue's promises on real files.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use checkout::money::Currency;
use checkout::payment::SaleId;
use checkout::quantity::{Quantity, Unit};
use checkout::sale::Sale;
use database::catalogue::{Found, Item};
use database::import::{ClashWith, Imported};
use database::journal::Act;
use database::{DatabaseError, Ledger};
use jiff::Zoned;
use std::path::Path;
use uuid::Uuid;

fn item(code: &str, barcode: &str, name: &str, price_minor: i64) -> Item {
    Item {
        code: (!code.is_empty()).then(|| code.to_owned()),
        barcodes: barcode.split('|').filter(|code| !code.is_empty()).map(str::to_owned).collect(),
        name: name.to_owned(),
        name_kk: None,
        name_ru: None,
        short_name: None,
        unit: Unit::Piece,
        price_minor,
        vat: None,
        group: None,
        stock_milli: None,
        marked: false,
        quick_key: None,
    }
}

async fn import(ledger: &Ledger, items: Vec<Item>) -> Result<Imported, DatabaseError> {
    let mut staging = ledger.stage().await?;
    let rows = items.into_iter().enumerate().map(|(index, item)| (index + 2, item)).collect();
    assert_eq!(staging.add(rows).await?, []);
    let (clashes, imported) = staging.compare().await?;
    assert_eq!(clashes, []);
    staging.finish(imported, &Act::by_nobody(Zoned::now()), || false).await?;
    Ok(imported)
}

fn shelf() -> Vec<Item> {
    vec![
        item("1", "4870003100016", "Сүт «Көктем» 2,5 %, 1 л", 61_000),
        item("2", "4870003100023|4870003100030", "Айран «Дала» 1,5 л", 65_500),
        item("3", "", "Coca-Cola 1,5 л", 65_500),
        item("A-17", "", "Ёжик шоколадный 400 г", 45_000),
    ]
}

async fn search(ledger: &Ledger, text: &str) -> Vec<Found> {
    ledger.search(text, Currency::Kzt, "kk").await.unwrap()
}

async fn codes(ledger: &Ledger, text: &str) -> Vec<String> {
    search(ledger, text).await.into_iter().map(|found| found.good.code).collect()
}

#[tokio::test]
async fn goods_are_found_however_they_are_typed() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    assert_eq!(codes(&ledger, "сүт").await, [""; 0], "an empty catalogue answers nothing");
    import(&ledger, shelf()).await.unwrap();
    for (text, expected) in [
        ("сүт", vec!["1"]),
        ("сут кок", vec!["1"]),
        ("кок сут", vec!["1"]),
        ("к", vec!["1"]),
        ("еж", vec!["A-17"]),
        ("c8n", vec!["1"]),
        ("fqhfy", vec!["2"]),
        ("сщсф", vec!["3"]),
        ("1.5 l", vec!["2", "3"]),
        ("1,5 л дала", vec!["2"]),
        ("=655", vec!["2", "3"]),
        ("=655,00", vec!["2", "3"]),
        ("4870003100030", vec!["2"]),
        ("48700031", vec!["1", "2"]),
        ("3", vec!["3"]),
        ("A-17", vec!["A-17"]),
        ("a-1", vec!["A-17"]),
        ("\"*() OR NEAR", vec![]),
        ("", vec![]),
    ] {
        let mut found = codes(&ledger, text).await;
        found.sort();
        assert_eq!(found, expected, "“{text}”");
    }
}

async fn sell(ledger: &Ledger, code: &str, pieces: i64) {
    let good = ledger.good_by_code(code, Currency::Kzt, "kk").await.unwrap().unwrap().good;
    let mut sale = Sale::new(SaleId(Uuid::now_v7()), 1, Currency::Kzt);
    sale.add(good, Quantity::from_milli(pieces * 1000, Unit::Piece).unwrap()).unwrap();
    sale.take_cash(None, &[]).unwrap();
    ledger.close_sale(&sale, &Act::by_nobody(Zoned::now()), Uuid::now_v7()).await.unwrap();
}

fn breads() -> Vec<Item> {
    (0..200).map(|number| item(&format!("{}", 1000 + number), "", &format!("Нан {number}"), 19_000)).collect()
}

/// The first two for a text that two hundred goods fit.
async fn first_two(ledger: &Ledger, text: &str) -> Vec<String> {
    let found = codes(ledger, text).await;
    assert_eq!(found.len(), 50);
    found[..2].to_vec()
}

#[tokio::test]
async fn what_sells_comes_first_from_the_next_search_on() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    import(&ledger, breads()).await.unwrap();
    assert_eq!(first_two(&ledger, "нан").await, ["1000", "1001"]);
    sell(&ledger, "1180", 1).await;
    assert_eq!(first_two(&ledger, "нан").await, ["1180", "1000"]);
    sell(&ledger, "1190", 2).await;
    assert_eq!(first_two(&ledger, "нан").await, ["1190", "1180"]);
    assert_eq!(first_two(&ledger, "=190").await, ["1190", "1180"], "by price too");
    sell(&ledger, "1180", 3).await;
    assert_eq!(first_two(&ledger, "нан").await, ["1180", "1190"]);
    // On the disk they are counted now and then, and at the latest when the ledger closes.
    ledger.close().await;
    let beside = Ledger::open_for_reading(folder.path()).await.unwrap();
    assert_eq!(first_two(&beside, "нан").await, ["1180", "1190"]);
    beside.close().await;
    let again = Ledger::open(folder.path()).await.unwrap();
    assert_eq!(first_two(&again, "нан").await, ["1180", "1190"]);
}

#[tokio::test]
async fn what_sells_follows_an_import_and_its_undoing() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    import(&ledger, breads()).await.unwrap();
    sell(&ledger, "1180", 2).await;
    sell(&ledger, "1190", 1).await;
    assert_eq!(first_two(&ledger, "нан").await, ["1180", "1190"]);
    import(&ledger, vec![item("1180", "", "Шелпек", 19_000)]).await.unwrap();
    assert_eq!(codes(&ledger, "шелп").await, ["1180"]);
    assert_eq!(first_two(&ledger, "нан").await, ["1190", "1000"]);
    sell(&ledger, "1150", 1).await;
    ledger.undo_import(&Act::by_nobody(Zoned::now())).await.unwrap();
    assert_eq!(codes(&ledger, "шелп").await, [""; 0]);
    assert_eq!(codes(&ledger, "нан").await[..3], ["1180", "1150", "1190"]);
}

#[tokio::test]
async fn hundreds_of_goods_that_sell_leave_room_for_one_that_sells_more() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    let mut many: Vec<Item> = (0..400).map(|number| item(&format!("{}", 1000 + number), "", &format!("Нан {number}"), 19_000)).collect();
    many[7].quick_key = Some(1);
    import(&ledger, many).await.unwrap();
    let mut sale = Sale::new(SaleId(Uuid::now_v7()), 1, Currency::Kzt);
    for number in 0..350 {
        let found = ledger.good_by_code(&format!("{}", 1000 + number), Currency::Kzt, "kk").await.unwrap().unwrap();
        sale.add(found.good, Quantity::ONE).unwrap();
    }
    sale.take_cash(None, &[]).unwrap();
    assert_eq!(first_two(&ledger, "нан").await, ["1007", "1000"], "a favourite before what was never sold");
    ledger.close_sale(&sale, &Act::by_nobody(Zoned::now()), Uuid::now_v7()).await.unwrap();
    assert_eq!(first_two(&ledger, "нан").await, ["1000", "1001"]);
    sell(&ledger, "1399", 2).await;
    assert_eq!(first_two(&ledger, "нан").await, ["1399", "1000"], "it was not among the three hundred");
}

#[tokio::test]
async fn an_import_tells_what_changes_and_can_be_undone_once() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    assert!(matches!(ledger.undo_import(&Act::by_nobody(Zoned::now())).await, Err(DatabaseError::NotFound(_))));
    assert_eq!(import(&ledger, shelf()).await.unwrap(), Imported { added: 4, updated: 0, unchanged: 0 });
    let old = ledger.good_by_code("1", Currency::Kzt, "kk").await.unwrap().unwrap().good.item;
    // Known by its barcode alone, the good keeps its code.
    let next = vec![item("", "4870003100016", "Сүт", 62_000), shelf().remove(2), item("5", "", "Жаңа", 100)];
    assert_eq!(import(&ledger, next).await.unwrap(), Imported { added: 1, updated: 1, unchanged: 1 });
    let milk = ledger.good_by_code("1", Currency::Kzt, "kk").await.unwrap().unwrap().good;
    assert_eq!((milk.item, milk.price.minor()), (old, 62_000));
    assert_eq!(ledger.item_count().await.unwrap(), 5, "goods the file does not speak of stay");
    ledger.undo_import(&Act::by_nobody(Zoned::now())).await.unwrap();
    assert_eq!((ledger.item_count().await.unwrap(), codes(&ledger, "көктем").await.len()), (4, 1));
    assert!(matches!(ledger.undo_import(&Act::by_nobody(Zoned::now())).await, Err(DatabaseError::NotFound(_))));
    // An id that an undone import gave is not given to another good.
    import(&ledger, vec![item("6", "", "Басқа", 100)]).await.unwrap();
    let other = ledger.good_by_code("6", Currency::Kzt, "kk").await.unwrap().unwrap().good.item;
    assert_eq!(other, 6);
    assert!(ledger.verify_journal().await.unwrap().broken_at.is_none());
    ledger.close().await;
    let again = Ledger::open(folder.path()).await.unwrap();
    assert_eq!(again.item_count().await.unwrap(), 5, "the next start finds the same catalogue");
}

#[tokio::test]
async fn a_barcode_has_one_owner() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    import(&ledger, shelf()).await.unwrap();
    let mut staging = ledger.stage().await.unwrap();
    let twice = vec![(2, shelf().remove(0)), (3, item("", "4870003100016", "Сүт", 1)), (4, item("9", "4870003100023", "Ұры", 1))];
    let clashes = staging.add(twice).await.unwrap();
    assert_eq!((clashes.len(), clashes[0].row, &clashes[0].with), (1, 3, &ClashWith::Row(2)));
    let (clashes, _) = staging.compare().await.unwrap();
    assert_eq!((clashes.len(), clashes[0].row), (1, 4));
    assert!(matches!(&clashes[0].with, ClashWith::Good(name) if name.starts_with("Айран")));
    drop(staging);
    // The same barcode may change hands where the file speaks of both goods.
    let moved = vec![item("9", "4870003100023", "Айран", 1), item("2", "4870003100030", "Айран «Дала» 1,5 л", 65_500)];
    assert_eq!(import(&ledger, moved).await.unwrap(), Imported { added: 1, updated: 1, unchanged: 0 });
    assert_eq!(codes(&ledger, "4870003100023").await, ["9"]);
    assert_eq!(stray(folder.path()), 2, "the catalogue in use and the one before it; nothing unfinished");
}

#[tokio::test]
async fn a_stopped_import_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    import(&ledger, shelf()).await.unwrap();
    let mut staging = ledger.stage().await.unwrap();
    staging.add(vec![(2, item("7", "", "Жаңа", 1))]).await.unwrap();
    let (_, imported) = staging.compare().await.unwrap();
    assert!(matches!(staging.finish(imported, &Act::by_nobody(Zoned::now()), || true).await, Err(DatabaseError::Stopped)));
    assert_eq!((ledger.item_count().await.unwrap(), stray(folder.path())), (4, 1));
}

fn stray(folder: &Path) -> usize {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("catalogue-")).count()
}

#[tokio::test]
async fn sales_go_on_during_an_import() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    import(&ledger, shelf()).await.unwrap();
    let mut staging = ledger.stage().await.unwrap();
    staging.add(vec![(2, item("1", "", "Сүт", 99_900))]).await.unwrap();
    let good = ledger.good_by_code("1", Currency::Kzt, "kk").await.unwrap().unwrap().good;
    assert_eq!(good.price.minor(), 61_000, "the old price holds until the import is done");
    let mut sale = Sale::new(SaleId(Uuid::now_v7()), 1, Currency::Kzt);
    sale.add(good, Quantity::ONE).unwrap();
    sale.take_cash(None, &[]).unwrap();
    ledger.close_sale(&sale, &Act::by_nobody(Zoned::now()), Uuid::now_v7()).await.unwrap();
    let (_, imported) = staging.compare().await.unwrap();
    staging.finish(imported, &Act::by_nobody(Zoned::now()), || false).await.unwrap();
    assert_eq!(codes(&ledger, "=999").await, ["1"]);
}
