use super::*;
use crate::money::Currency;
use crate::payment::SaleId;
use crate::quantity::Quantity;
use crate::receipt::{Bill, Shop};
use crate::sale::{Good, Sale};
use crate::tax::{TaxLine, VatRate};
use crate::terms::Terms;
use proptest::prelude::*;
use uuid::Uuid;

struct Keys;
impl Words for Keys {
    fn word(&self, key: &str) -> &str {
        match key {
            "receipt_vat_included" => "оның ішінде ҚҚС {rate}",
            "receipt_total" => "БАРЛЫҒЫ",
            "receipt_subtotal" => "Жиыны",
            "receipt_discount" | "receipt_line_discount" => "жеңілдік",
            "receipt_rounding" => "Дөңгелектеу",
            "receipt_vat_included_of" => "{base} ішінде ҚҚС {rate}",
            "receipt_vat_added" => "ҚҚС {rate}",
            "receipt_vat_added_of" => "{base} үшін ҚҚС {rate}",
            "receipt_no_vat" => "ҚҚС-сыз",
            "receipt_cash" => "Қолма-қол",
            "receipt_change" => "Қайтарым",
            "receipt_unit_kg" => "кг",
            "receipt_not_fiscal" => "Фискалдық чек емес",
            "receipt_bin" => "БСН",
            "receipt_receipt" => "Чек",
            "receipt_till" => "Касса",
            "receipt_thanks" => "Рақмет!",
            "receipt_slip_order" => "Тапсырыс",
            "receipt_slip_amount" => "Сома",
            _ => "?",
        }
    }
}

fn kzt(minor: i64) -> Money {
    Money::new(minor, Currency::Kzt).unwrap()
}

fn receipt(items: Vec<ReceiptItem>) -> Receipt {
    let total = Money::sum(Currency::Kzt, items.iter().map(|item| item.amount)).unwrap();
    let rate = VatRate::parse_percent("16").unwrap();
    Receipt {
        shop: Shop {
            name: "«КӨКТЕМ» ДҮКЕНІ".to_owned(),
            bin: "120340005678".to_owned(),
            address: "Абай к-сі 45".to_owned(),
            city: "Алматы қ.".to_owned(),
        },
        till: "2".to_owned(),
        languages: Vec::new(),
        number: 1042,
        closed_at: "2026-11-22T14:05:41".parse().unwrap(),
        refunds: None,
        bill: Bill {
            currency: Currency::Kzt,
            taxes: vec![TaxLine::within(rate, total).unwrap()],
            tenders: vec![Tender::cash(kzt(500_000), total, 100).unwrap()],
            items,
            subtotal: total,
            discounts: Vec::new(),
            discount: kzt(0),
            vat: Vat::Included,
            untaxed: kzt(0),
            total,
        },
        slips: Vec::new(),
        training: false,
        copy: false,
    }
}

fn item(name: &str, milli: i64, unit: Unit, price: i64, amount: i64) -> ReceiptItem {
    ReceiptItem {
        name: name.to_owned(),
        quantity: Some(Quantity::from_milli(milli, unit).unwrap()),
        unit,
        unit_price: Some(kzt(price)),
        gross: kzt(amount),
        discounts: Vec::new(),
        discount: kzt(0),
        amount: kzt(amount),
    }
}

#[test]
fn a_receipt_reads_as_the_design_shows_it() {
    let receipt = receipt(vec![
        item("Сүт «Көктем» пастерленген 2,5 %, 1 л", 2000, Unit::Piece, 61_000, 122_000),
        item("Алма «Апорт»", 746, Unit::Kilogram, 89_000, 66_400),
    ]);
    let text = text(&lay_out(&receipt, &[&Keys], 48));
    let expected = "                «КӨКТЕМ» ДҮКЕНІ
            Алматы қ., Абай к-сі 45
                БСН 120340005678
------------------------------------------------
Чек 1042                                 Касса 2
22.11.2026 14:05
------------------------------------------------
Сүт «Көктем» пастерленген 2,5 %, 1 л
  2 × 610                                  1 220
Алма «Апорт»
  0,746 кг × 890                             664
------------------------------------------------
БАРЛЫҒЫ                                  1 884 ₸
оның ішінде ҚҚС 16%                       259,86
Қолма-қол                                  5 000
Қайтарым                                   3 116
------------------------------------------------
               Фискалдық чек емес

                    Рақмет!
";
    assert_eq!(text, expected);
}

#[test]
fn the_slip_prints_known_fields_and_unknown_ones() {
    let mut receipt = receipt(vec![item("Нан", 1000, Unit::Piece, 100, 100)]);
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    receipt.slips = vec![Slip {
        fields: vec![
            field("amount", "1 ₸"),
            field("icc", ""),
            field("newField", "7"),
            field("orderNumber", "504711333"),
            field("type", "payment"),
        ],
    }];
    let text = text(&lay_out(&receipt, &[&Keys], 32));
    assert!(text.contains("Сома                         1 ₸\n"), "{text}");
    assert!(text.contains("Тапсырыс               504711333\n"), "{text}");
    assert!(text.contains("newField                       7\n"), "{text}");
    assert!(!text.contains("icc") && !text.contains("payment"), "{text}");
}

#[test]
fn control_bytes_never_reach_a_printer() {
    assert_eq!(printable("a\x1bp\0b\u{a0}c\u{202f}d\u{202e}"), "apb c d");
    assert_eq!(printable("и\u{306}"), "й");
}

proptest! {
    #[test]
    fn no_row_is_wider_than_the_paper_and_amounts_stay_whole(name in "[ -~а-яӘғқ«»₸漢]{0,90}", price in 1_i64..9_000_000_000_000, columns in 24_usize..=64) {
        let receipt = receipt(vec![item(&name, 1000, Unit::Piece, price, price)]);
        let rows = lay_out(&receipt, &[&Keys, &Keys], columns);
        for row in &rows {
            prop_assert!(row.text().width() <= columns, "{:?}", row.text());
        }
        let figures = receipt.bill.total.figures(' ');
        prop_assert!(rows.iter().any(|row| row.text().ends_with(&figures)));
    }
}

/// The rows of a sale that the tests below are about: from the first good to the end of the tenders.
fn paid_rows(sale: &Sale, columns: usize) -> Vec<String> {
    let mut receipt = receipt(Vec::new());
    receipt.bill = Bill::of(sale).unwrap();
    let rows: Vec<String> = lay_out(&receipt, &[&Keys], columns).iter().map(|row| row.text().trim_end().to_owned()).collect();
    let rules: Vec<usize> = (0..rows.len()).filter(|row| rows[*row].starts_with("---")).collect();
    let (from, to) = (rules[1] + 1, rules[rules.len() - 1]);
    rows[from..to].iter().filter(|row| !row.starts_with("---")).cloned().collect()
}

fn ring_up(terms: Terms, goods: &[(i64, Option<&str>)]) -> Sale {
    let mut sale = Sale::new(SaleId(Uuid::nil()), 1, terms);
    for (item, (price, rate)) in goods.iter().enumerate() {
        let good = Good {
            item: item as i64,
            code: String::new(),
            name: "Жұмыртқа С1".to_owned(),
            language: "kk".to_owned(),
            unit: Unit::Piece,
            price: Money::new(*price, terms.currency).unwrap(),
            vat: rate.and_then(VatRate::parse_percent),
        };
        sale.add(good, Quantity::ONE).unwrap();
    }
    sale
}

#[test]
fn a_line_s_discount_stands_beside_its_price_or_under_it() {
    let mut sale = ring_up(Currency::Kzt.into(), &[(89_000, Some("16"))]);
    sale.discount_line(1, vec![Discount::Percent(1000)]).unwrap();
    sale.take_cash(None, &[]).unwrap();
    assert_eq!(paid_rows(&sale, 48)[1], "  1 × 890   жеңілдік −10% (−89)              801");
    assert_eq!(paid_rows(&sale, 32)[1..3], ["  1 × 890                    890", "  жеңілдік −10%              −89"]);
    sale.tenders.clear();
    sale.discount_line(1, vec![Discount::Amount(kzt(5_000))]).unwrap();
    assert_eq!(paid_rows(&sale, 48)[1], "  1 × 890   жеңілдік −50                     840");
}

#[test]
fn a_receipt_with_everything_adds_up_from_top_to_bottom() {
    let to_the_tiyn = Terms { line_step_minor: 1, ..Terms::of(Currency::Kzt, "KZ") };
    let mut sale = ring_up(to_the_tiyn, &[(89_040, Some("16")), (20_000, Some("12")), (10_000, None)]);
    sale.discount_line(1, vec![Discount::Amount(kzt(9_000))]).unwrap();
    sale.discount_cart(vec![Discount::Percent(1000)]).unwrap();
    sale.take_cash(Some(kzt(50_000)), &[]).unwrap();
    sale.take_cash(Some(kzt(60_000)), &[]).unwrap();
    // 890,40 − 90 + 200 + 100 = 1 100,40; less 110,04 is 990,36; cash takes 990.
    let expected = "\
Жұмыртқа С1
  1 × 890,40   жеңілдік −90               800,40
Жұмыртқа С1
  1 × 200                                    200
Жұмыртқа С1
  1 × 100                                    100
Жиыны                                   1 100,40
жеңілдік −10%                            −110,04
БАРЛЫҒЫ                                 990,36 ₸
720,36 ішінде ҚҚС 16%                      99,36
180 ішінде ҚҚС 12%                         19,29
ҚҚС-сыз                                       90
Дөңгелектеу                                −0,36
Қолма-қол                                    500
Қолма-қол                                    600
Қайтарым                                     110";
    assert_eq!(paid_rows(&sale, 48).join("\n"), expected);
}

#[test]
fn vat_on_top_of_the_prices_stands_before_the_total() {
    let mut sale = ring_up(Terms { vat: Vat::Added, ..Currency::Eur.into() }, &[(1_000, Some("20"))]);
    sale.take_cash(None, &[]).unwrap();
    let expected = ["Жиыны                     10,00", "ҚҚС 20%                    2,00", "БАРЛЫҒЫ                 12,00 €"];
    assert_eq!(paid_rows(&sale, 31)[2..5], expected);
}

/// A second language whose words are as long as words get.
struct LongWords;
impl Words for LongWords {
    fn word(&self, key: &str) -> &str {
        match key {
            "receipt_total" => "ИТОГО",
            _ => "в том числе налог на добавленную стоимость {rate} с {base}",
        }
    }
}

#[test]
fn a_second_language_that_does_not_fit_goes_under_the_first() {
    let mut sale = ring_up(Currency::Kzt.into(), &[(116_000, Some("16"))]);
    sale.take_cash(None, &[]).unwrap();
    let mut receipt = receipt(Vec::new());
    receipt.bill = Bill::of(&sale).unwrap();
    let rows: Vec<String> = lay_out(&receipt, &[&Keys, &LongWords], 48).iter().map(Row::text).collect();
    let total = rows.iter().position(|row| row.starts_with("БАРЛЫҒЫ")).unwrap();
    let expected = [
        "БАРЛЫҒЫ / ИТОГО                          1 160 ₸",
        "оның ішінде ҚҚС 16%                          160",
        "в том числе налог на добавленную стоимость 16% с",
        "1 160",
    ];
    assert_eq!(rows[total..total + 4], expected);
}

proptest! {
    #[test]
    fn discounts_taxes_and_roundings_stay_whole_at_every_width(
        prices in prop::collection::vec(1_i64..900_000_000, 1..6), percent in 1_u32..=9_000, columns in 24_usize..=64, added: bool,
    ) {
        let vat = if added { Vat::Added } else { Vat::Included };
        let terms = Terms { line_step_minor: 1, vat, ..Currency::Kzt.into() };
        let goods: Vec<(i64, Option<&str>)> = prices.iter().zip([Some("16"), None, Some("12")].into_iter().cycle()).map(|(price, rate)| (*price, rate)).collect();
        let mut sale = ring_up(terms, &goods);
        for line in 1..=prices.len() as u32 {
            sale.discount_line(line, vec![Discount::Percent(percent)]).unwrap();
        }
        sale.discount_cart(vec![Discount::Percent(percent)]).unwrap();
        sale.take_cash(None, &[]).unwrap();
        let mut receipt = receipt(Vec::new());
        receipt.bill = Bill::of(&sale).unwrap();
        let rows = lay_out(&receipt, &[&Keys, &LongWords], columns);
        prop_assert!(rows.iter().all(|row| row.text().width() <= columns));
        let bill = &receipt.bill;
        let amounts = [bill.total, bill.subtotal, bill.discount, bill.tenders[0].received, bill.taxes[0].tax];
        for amount in amounts {
            let figures = amount.figures(' ');
            prop_assert!(rows.iter().any(|row| row.text().contains(&figures)), "{figures} is not on\n{}", text(&rows));
        }
    }
}
