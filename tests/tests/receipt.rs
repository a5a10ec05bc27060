//! What the paper says, from the goods file to the last row. The tests named r… follow the receipt checklist by number.
//! The preview on the screen beside this text: `window.rs`.

use acceptance::shop::TestShop;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use simulators::kaspi::{Customer, Method, Op};
use std::path::Path;
use std::process::Command;
use till::discount::PriceChange;
use unicode_width::UnicodeWidthStr;
use uuid::Uuid;

/// The words of each line that is not empty.
fn words(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|line| !line.is_empty()).collect()
}

fn pdf_words(file: &Path) -> Vec<String> {
    let read = Command::new("pdftotext")
        .args(["-layout", "-nopgbrk"])
        .arg(file)
        .arg("-")
        .output()
        .expect("pdftotext is needed; `make setup` installs it");
    words(&String::from_utf8(read.stdout).unwrap())
}

/// Receipt 1 as text, this many columns wide.
async fn paper(shop: &TestShop, columns: usize) -> String {
    let records = shop.till.records();
    let receipt = records.receipt(1).await.unwrap();
    checkout::layout::text(&records.rows(&receipt, columns))
}

/// Rings up goods by their codes in a new sale.
async fn ring_up(shop: &TestShop, codes: &[&str]) {
    shop.till.start_sale(checkout::payment::SaleId(Uuid::now_v7())).await.unwrap();
    for code in codes {
        shop.till.add_by_code(code, None).await.unwrap();
    }
}

async fn pay_cash(shop: &TestShop) {
    shop.till.pay_cash(Uuid::now_v7(), None).await.unwrap();
}

/// The row that begins with a word, its spaces made single.
fn row(paper: &str, word: &str) -> String {
    let found = paper.lines().find(|line| line.trim_start().starts_with(word));
    found.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_else(|| panic!("no row {word} on\n{paper}"))
}

const NO_TERMINAL: (&str, Value) = ("/devices/kaspi", Value::Null);

#[tokio::test(flavor = "multi_thread")]
async fn r08_a_name_of_seventy_letters_wraps_at_words_with_its_amount_at_the_right_edge() {
    let name = "Шай «Арай» қара түйіршіктелген жоғары сортты қораптағы 250 г дана үшін";
    assert_eq!(name.chars().count(), 70);
    let shop = TestShop::changed(&[], &format!("code,name,price\n1,{name},1190\n")).await;
    ring_up(&shop, &["1"]).await;
    pay_cash(&shop).await;
    let paper = paper(&shop, 32).await;
    let lines: Vec<&str> = paper.lines().collect();
    assert!(lines.iter().all(|line| line.width() <= 32), "{paper}");
    let from = lines.iter().position(|line| line.starts_with("Шай")).unwrap();
    assert_eq!(lines[from..from + 3].join(" "), name, "three rows, broken between words");
    assert_eq!(lines[from + 3], "  1 × 1 190                1 190");
}

#[tokio::test(flavor = "multi_thread")]
async fn r09_a_large_amount_is_whole_at_every_width() {
    let shop = TestShop::changed(&[("/shop/line_step", json!(1))], "code,name,price\n1,Генератор,\"12345678,90\"\n").await;
    ring_up(&shop, &["1"]).await;
    pay_cash(&shop).await;
    for columns in 24..=64 {
        let paper = paper(&shop, columns).await;
        assert!(paper.lines().all(|line| line.width() <= columns), "{columns} columns:\n{paper}");
        assert!(paper.lines().any(|line| line.ends_with("12 345 678,90 ₸")), "{columns} columns:\n{paper}");
    }
}

/// An amount as the paper prints it, in hundredths.
fn printed(text: &str) -> i64 {
    let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '₸' | '+')).collect();
    let (sign, plain) = plain.strip_prefix('−').map_or((1, plain.as_str()), |rest| (-1, rest));
    let (whole, part) = plain.split_once(',').unwrap_or((plain, "00"));
    sign * (whole.parse::<i64>().unwrap() * 100 + part.parse::<i64>().unwrap())
}

/// What stands at the right edge of the row that begins with a label; zero where there is no such row.
fn printed_beside(lines: &[&str], label: &str) -> i64 {
    let amount = |line: &&str| line.rsplit("  ").next().map(printed);
    lines.iter().filter(|line| line.starts_with(label)).filter_map(amount).sum()
}

#[test]
fn r10_what_is_printed_adds_up_and_is_what_the_ledger_holds() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    let prices = prop::collection::vec(1_i64..3_000_000, 1..=60);
    let once = |prices: Vec<i64>, percent: u32, given: i64| {
        runtime.block_on(async {
            let goods: String =
                prices.iter().enumerate().map(|(n, price)| format!("{n},Тауар {n},{}.{:02}\n", price / 100, price % 100)).collect();
            let english = [("/shop/line_step", json!(1)), ("/shop/receipt_languages", json!(["en"]))];
            let shop = TestShop::changed(&english, &format!("code,name,price\n{goods}")).await;
            let codes: Vec<String> = (0..prices.len()).map(|code| code.to_string()).collect();
            ring_up(&shop, &codes.iter().map(String::as_str).collect::<Vec<_>>()).await;
            if percent > 0 {
                let discount = PriceChange::CartDiscount { discount: Some(format!("{percent}%")) };
                shop.till.change_price(&discount, None).await.unwrap();
            }
            let part = checkout::money::Money::new(given * 100, checkout::money::Currency::Kzt).unwrap();
            shop.till.pay_cash(Uuid::now_v7(), Some(part)).await.unwrap();
            if shop.till.records().receipt(1).await.is_err() {
                pay_cash(&shop).await;
            }
            let paper = paper(&shop, 48).await;
            let lines: Vec<&str> = paper.lines().collect();
            let sold: i64 =
                lines.iter().filter(|line| line.starts_with("  1 × ")).map(|line| printed(line.rsplit("  ").next().unwrap())).sum();
            assert_eq!(sold, prices.iter().sum::<i64>(), "{paper}");
            let beside = |label: &str| printed_beside(&lines, label);
            assert_eq!(sold + beside("Discount"), beside("TOTAL"), "{paper}");
            assert_eq!(beside("TOTAL") + beside("Rounding"), beside("Cash") - beside("Change"), "{paper}");
            let stored = shop.till.records().receipt(1).await.unwrap().bill;
            assert_eq!(stored.total.minor(), beside("TOTAL"));
            shop.till.close().await;
        });
    };
    let strategy = (prices, 0_u32..60, 1_i64..2_000_000);
    let tried = runner.run(&strategy, |(prices, percent, given)| {
        once(prices, percent, given);
        Ok(())
    });
    tried.unwrap();
    once((1..=500).map(|n| n * 137 % 90_001 + 1).collect(), 7, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn r11_forints_are_rounded_to_five_in_cash() {
    let changes = [
        ("/shop/currency", json!("HUF")),
        ("/shop/country", json!("HU")),
        ("/shop/line_step", json!(1)),
        ("/shop/receipt_languages", json!(["en"])),
        NO_TERMINAL,
    ];
    let shop = TestShop::changed(&changes, "code,name,price\n1,Kenyér,\"1232,50\"\n").await;
    ring_up(&shop, &["1"]).await;
    pay_cash(&shop).await;
    let paper = paper(&shop, 48).await;
    assert_eq!(row(&paper, "TOTAL"), "TOTAL 1 232,50 Ft");
    assert_eq!(row(&paper, "Rounding"), "Rounding +2,50");
    assert_eq!(row(&paper, "Cash"), "Cash 1 235");
    let tenders = shop.till.records().receipt(1).await.unwrap().bill.tenders;
    assert_eq!((tenders[0].amount.minor(), tenders[0].rounding.minor()), (123_500, 250), "and so it is stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn r12_euros_in_cash_follow_the_country() {
    for (country, cash, rounding) in [("EE", "Cash 30,75", Some("Rounding −0,01")), ("DE", "Cash 30,76", None)] {
        let changes =
            [("/shop/currency", json!("EUR")), ("/shop/country", json!(country)), ("/shop/receipt_languages", json!(["en"])), NO_TERMINAL];
        let shop = TestShop::changed(&changes, "code,name,price\n1,Leib,\"30,76\"\n").await;
        ring_up(&shop, &["1"]).await;
        pay_cash(&shop).await;
        let paper = paper(&shop, 48).await;
        assert_eq!(row(&paper, "TOTAL"), "TOTAL 30,76 €");
        assert_eq!(row(&paper, "Cash"), cash);
        assert_eq!(paper.contains("Rounding").then(|| row(&paper, "Rounding")).as_deref(), rounding, "{country}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r13_kaspi_is_asked_for_whole_tenge_and_the_slip_shows_the_difference() {
    let changes = [("/shop/line_step", json!(1)), ("/shop/receipt_languages", json!(["en"]))];
    let shop = TestShop::changed(&changes, "code,name,price\n1,Қант,\"999,60\"\n").await;
    ring_up(&shop, &["1"]).await;
    shop.pay_and_settle().await;
    let payments = shop.terminal.requests().into_iter().filter(|request| request.op == Op::Payment);
    let amounts: Vec<_> =
        payments.flat_map(|request| request.query).filter(|(name, _)| name == "amount").map(|(_, amount)| amount).collect();
    assert_eq!(amounts, ["1000"], "what the terminal was asked for");
    let paper = paper(&shop, 48).await;
    assert_eq!(row(&paper, "TOTAL"), "TOTAL 999,60 ₸");
    assert_eq!(row(&paper, "Rounding"), "Rounding +0,40");
    assert_eq!(row(&paper, "Kaspi"), "Kaspi 1 000");
}

#[tokio::test(flavor = "multi_thread")]
async fn r14_every_field_of_the_card_slip_is_printed() {
    let shop = TestShop::open(Customer::paying_by(Method::Card)).await;
    shop.ring_up().await;
    let paid = shop.pay_and_settle().await.attempt;
    let paper = paper(&shop, 32).await;
    let squeezed: String = paper.chars().filter(|c| !c.is_whitespace()).collect();
    let fields: Vec<_> = paid.slip.fields.iter().filter(|(name, value)| name != "type" && !value.is_empty()).collect();
    assert!(fields.len() >= 8, "{fields:?}");
    for (name, value) in fields {
        // The method is the one code among them; the receipt has words for it.
        let value = if name == "method" { "Тәсілі Карта" } else { value };
        let value: String = checkout::layout::printable(value).split_whitespace().collect();
        assert!(squeezed.contains(&value), "{name} {value} is not on\n{paper}");
    }
    for label in ["RRN", "Авторизация коды", "Карта"] {
        assert!(paper.contains(label), "{label} is not on\n{paper}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r15_every_receipt_says_that_it_is_not_fiscal_in_its_languages() {
    let banners = [("kk", "Фискалдық чек емес"), ("ru", "НЕ ЯВЛЯЕТСЯ ФИСКАЛЬНЫМ ЧЕКОМ"), ("en", "NOT A FISCAL RECEIPT")];
    for (first, second) in [("kk", "ru"), ("ru", "en"), ("en", "kk")] {
        let shop = TestShop::changed(&[("/shop/receipt_languages", json!([first, second]))], "code,name,price\n1,Нан,285\n").await;
        ring_up(&shop, &["1"]).await;
        pay_cash(&shop).await;
        let paper = paper(&shop, 48).await;
        for (language, banner) in banners {
            let asked = [first, second].contains(&language);
            assert_eq!(
                paper.to_uppercase().contains(&banner.to_uppercase()),
                asked,
                "{language} on a receipt in {first} and {second}:\n{paper}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r23_text_and_pdf_are_the_same_line_by_line() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    shop.till.add_by_code("00123", Some("0.746")).await.unwrap();
    shop.pay_and_settle().await;
    let text = paper(&shop, 48).await;
    assert!(text.contains("Алма «Апорт»") && text.contains("0,746 кг × 890") && text.contains('₸'), "{text}");
    let file = shop.till.records().save_receipt_pdf(1).await.unwrap();
    assert_eq!(pdf_words(&file), words(&text));
    assert!(std::fs::metadata(&file).unwrap().len() < 60_000, "a receipt is not a book");
}

#[tokio::test(flavor = "multi_thread")]
async fn r24_a_pdf_gives_back_every_letter_and_is_the_same_twice() {
    let names = [
        "Ққ Әә Ғғ Ңң Өө Ұұ Үү Һһ Іі құрт",
        "Ёжик, съёмный подъезд №5",
        "Əə Ğğ Iı İi Şş Çç Öö Üü çörək",
        "Cheese & onion, 5% — “best”",
        "Œufs, crème brûlée, garçon, naïve",
        "Őszi gyümölcs, tűzhely, árvíztűrő",
    ];
    for (currency, sign) in [("KZT", '₸'), ("AZN", '₼')] {
        let goods: String = names.iter().enumerate().map(|(code, name)| format!("{code};{name};10\n")).collect();
        let no_terminal = [("/shop/currency", json!(currency)), NO_TERMINAL];
        let shop = TestShop::changed(&no_terminal, &format!("code;name;price\n{goods}")).await;
        ring_up(&shop, &["0", "1", "2", "3", "4", "5"]).await;
        pay_cash(&shop).await;
        let records = shop.till.records();
        let file = records.save_receipt_pdf(1).await.unwrap();
        let read = pdf_words(&file);
        for name in names {
            assert!(read.iter().any(|line| line == name), "{name} is not in {read:?}");
        }
        assert!(read.iter().any(|line| line.ends_with(sign)), "{sign} is not in {read:?}");
        let again = records.receipt_pdf(&records.receipt(1).await.unwrap()).unwrap();
        assert!(std::fs::read(&file).unwrap() == again, "two renders differ");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn discounts_survive_a_restart_and_stand_on_text_and_pdf_alike() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    shop.till.add_by_code("00123", Some("0.746")).await.unwrap();
    for change in [
        PriceChange::LineDiscount { line: 1, discount: Some("10%".to_owned()) },
        PriceChange::Line { line: 2, price: Some("800".to_owned()) },
        PriceChange::CartDiscount { discount: Some("50".to_owned()) },
    ] {
        shop.till.change_price(&change, None).await.unwrap();
    }
    let shop = shop.reopen().await;
    shop.pay_and_settle().await;
    let text = paper(&shop, 48).await;
    // 285 less 28,50 (whole tenge: 29) is 256; 0,746 × 800 is 597; less 50.
    for expected in ["−10% (−29)", "0,746 кг × 800", "−50", "803 ₸"] {
        assert!(text.contains(expected), "{expected} is not on\n{text}");
    }
    let file = shop.till.records().save_receipt_pdf(1).await.unwrap();
    assert_eq!(pdf_words(&file), words(&text));
}
