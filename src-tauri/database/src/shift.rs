//! A shift: the time between two Z reports. What its sales add up to is kept beside them, in the commit of each
//! sale; [`Ledger::recount_shift`] adds the sales themselves up and must come to the same.

use crate::batch::Batch;
use crate::journal::Act;
use crate::text::{coded, damaged, money};
use crate::{DatabaseError, Ledger, stamp};
use checkout::money::{Currency, Money};
use checkout::refund::Refund;
use checkout::sale::Sale;
use checkout::tax::{TaxLine, VatRate};
use checkout::tender::TenderKind;
use checkout::total::Figures;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// From 1, gap-free.
    pub number: i64,
    /// RFC 3339: when its first sale was closed.
    pub opened_at: String,
    pub totals: Totals,
}

/// What closed sales add up to. A sale counts in the shift in which it is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    pub sales: i64,
    /// Σ sale totals, before roundings.
    pub total: Money,
    /// Discounts of lines and carts, zero or more.
    pub discount: Money,
    /// One row a rate, highest first.
    pub taxes: Vec<TaxTotals>,
    /// One row a kind that was used.
    pub tenders: Vec<TenderTotals>,
    /// Refunds closed, which no figure above knows of.
    pub refunds: i64,
    /// Σ refund totals, before roundings; zero or more.
    pub refunded: Money,
    pub refund_taxes: Vec<TaxTotals>,
    pub refund_tenders: Vec<RefundTotals>,
    /// Sales given up after something had been written of them.
    pub voids: i64,
    pub voided: Money,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxTotals {
    pub rate: VatRate,
    pub net: Money,
    pub tax: Money,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenderTotals {
    pub kind: TenderKind,
    pub count: i64,
    /// Received less change.
    pub amount: Money,
    pub received: Money,
    pub change: Money,
    pub rounding: Money,
}

/// What went back one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundTotals {
    pub kind: TenderKind,
    pub count: i64,
    pub amount: Money,
    pub rounding: Money,
}

/// What sales holding money but not closed have taken so far, by kind: in the drawer or the bank, in no total.
pub type Held = Vec<(TenderKind, Money)>;

/// A figure, what it is of (a rate, a kind of tender, or nothing), and by how much it grows.
type Row = (&'static str, String, i64);

/// What a sale adds to its shift when it closes.
pub(crate) fn closed(sale: &Sale, figures: &Figures) -> Result<Vec<Row>, DatabaseError> {
    let mut rows = vec![
        ("sales", String::new(), 1),
        ("total", String::new(), figures.total.minor()),
        ("discount", String::new(), figures.cart_discount.plus(line_discount(figures)?)?.minor()),
    ];
    rows.extend(taxed(&figures.taxes, "tax_net", "tax"));
    for tender in &sale.tenders {
        let kind = || tender.kind.code().to_owned();
        rows.extend([
            ("tenders", kind(), 1),
            ("received", kind(), tender.received.minor()),
            ("change", kind(), tender.change.minor()),
            ("rounding", kind(), tender.rounding.minor()),
        ]);
    }
    Ok(rows)
}

/// What a refund adds when it closes.
pub(crate) fn refunded(refund: &Refund) -> Vec<Row> {
    let portion = &refund.portion;
    let mut rows = vec![("refunds", String::new(), 1), ("refunded", String::new(), portion.total.minor())];
    rows.extend(taxed(&portion.taxes, "refund_net", "refund_tax"));
    for tender in &portion.tenders {
        let kind = || tender.kind.code().to_owned();
        rows.extend([
            ("refund_tenders", kind(), 1),
            ("refund_given", kind(), tender.amount.minor()),
            ("refund_rounding", kind(), tender.rounding.minor()),
        ]);
    }
    rows
}

fn taxed<'a>(taxes: &'a [TaxLine], net: &'static str, tax: &'static str) -> impl Iterator<Item = Row> + 'a {
    taxes.iter().flat_map(move |row| {
        let rate = row.rate.basis_points().to_string();
        [(net, rate.clone(), row.net.minor()), (tax, rate, row.tax.minor())]
    })
}

/// What a sale given up adds.
pub(crate) fn voided(total: Money) -> Vec<Row> {
    vec![("voids", String::new(), 1), ("voided", String::new(), total.minor())]
}

pub(crate) fn line_discount(figures: &Figures) -> Result<Money, DatabaseError> {
    Ok(Money::sum(figures.total.currency(), figures.lines.iter().map(|line| line.discount))?)
}

/// Adds to a shift's totals, opening the shift where none is open. Answers its number.
pub(crate) fn add(batch: &mut Batch, open: Option<i64>, rows: &[Row], act: &Act) -> i64 {
    let number = open.unwrap_or(1);
    if open.is_none() {
        batch.then("INSERT INTO shift (number, opened_at) VALUES (?, ?)").bind(number).bind(stamp(&act.at));
    }
    batch
        .then(
            "INSERT INTO shift_total SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true
             ON CONFLICT DO UPDATE SET amount = amount + excluded.amount",
        )
        .bind(number)
        .bind(json!(rows).to_string());
    number
}

const KEPT: &str = "SELECT figure, part, amount FROM shift_total WHERE shift = ?";

/// Each sale, refund, tax row and tender carries the shift of its close: scans, no join.
const COUNTED: &str = "
    WITH s AS MATERIALIZED (
      SELECT count(*) FILTER (WHERE state = 'closed') AS sales, sum(total_minor) FILTER (WHERE state = 'closed') AS total,
             sum(discount_minor + line_discount_minor) FILTER (WHERE state = 'closed') AS discount,
             count(*) FILTER (WHERE state = 'void') AS voids, sum(total_minor) FILTER (WHERE state = 'void') AS voided
      FROM sale WHERE shift = ?1),
    x AS MATERIALIZED (SELECT vat_bp, sum(net_minor) AS net, sum(tax_minor) AS tax FROM sale_tax WHERE shift = ?1 GROUP BY vat_bp),
    t AS MATERIALIZED (
      SELECT kind, count(*) AS tenders, sum(received_minor) AS received, sum(change_minor) AS change, sum(rounding_minor) AS rounding
      FROM tender WHERE shift = ?1 GROUP BY kind),
    r AS MATERIALIZED (SELECT count(*) AS refunds, sum(total_minor) AS refunded FROM refund WHERE shift = ?1),
    y AS MATERIALIZED (SELECT vat_bp, sum(net_minor) AS net, sum(tax_minor) AS tax FROM refund_tax WHERE shift = ?1 GROUP BY vat_bp),
    b AS MATERIALIZED (
      SELECT kind, count(*) AS tenders, sum(amount_minor) AS given, sum(rounding_minor) AS rounding
      FROM refund_tender WHERE shift = ?1 GROUP BY kind)
    SELECT 'sales' AS figure, '' AS part, sales AS amount FROM s UNION ALL SELECT 'total', '', total FROM s
    UNION ALL SELECT 'discount', '', discount FROM s UNION ALL SELECT 'voids', '', voids FROM s UNION ALL SELECT 'voided', '', voided FROM s
    UNION ALL SELECT 'tax_net', CAST(vat_bp AS TEXT), net FROM x UNION ALL SELECT 'tax', CAST(vat_bp AS TEXT), tax FROM x
    UNION ALL SELECT 'tenders', kind, tenders FROM t UNION ALL SELECT 'received', kind, received FROM t
    UNION ALL SELECT 'change', kind, change FROM t UNION ALL SELECT 'rounding', kind, rounding FROM t
    UNION ALL SELECT 'refunds', '', refunds FROM r UNION ALL SELECT 'refunded', '', refunded FROM r
    UNION ALL SELECT 'refund_net', CAST(vat_bp AS TEXT), net FROM y UNION ALL SELECT 'refund_tax', CAST(vat_bp AS TEXT), tax FROM y
    UNION ALL SELECT 'refund_tenders', kind, tenders FROM b UNION ALL SELECT 'refund_given', kind, given FROM b
    UNION ALL SELECT 'refund_rounding', kind, rounding FROM b";

impl Ledger {
    /// The open shift with its kept totals; none before its first sale.
    pub async fn shift(&self, currency: Currency) -> Result<Option<Shift>, DatabaseError> {
        self.open_shift(KEPT, currency).await
    }

    /// The open shift, its totals added up from the sales themselves.
    pub async fn recount_shift(&self, currency: Currency) -> Result<Option<Shift>, DatabaseError> {
        self.open_shift(COUNTED, currency).await
    }

    async fn open_shift(&self, totals: &'static str, currency: Currency) -> Result<Option<Shift>, DatabaseError> {
        let open: Option<(i64, String)> =
            sqlx::query_as("SELECT number, opened_at FROM shift WHERE closed_at IS NULL").fetch_optional(&self.reader).await?;
        let Some((number, opened_at)) = open else { return Ok(None) };
        let rows = self.figures(totals, number).await?;
        Ok(Some(Shift { number, opened_at, totals: read(&rows, currency)? }))
    }

    async fn figures(&self, totals: &'static str, shift: i64) -> Result<BTreeMap<(String, String), i64>, DatabaseError> {
        let rows: Vec<(String, String, Option<i64>)> = sqlx::query_as(totals).bind(shift).fetch_all(&self.reader).await?;
        Ok(rows.into_iter().map(|(figure, part, amount)| ((figure, part), amount.unwrap_or(0))).collect())
    }

    /// The shifts whose kept totals are not what their sales add up to.
    pub(crate) async fn shifts_that_do_not_add_up(&self) -> Result<Vec<i64>, DatabaseError> {
        let mut wrong = Vec::new();
        for number in sqlx::query_scalar("SELECT number FROM shift").fetch_all(&self.reader).await? {
            let (mut kept, mut counted) = (self.figures(KEPT, number).await?, self.figures(COUNTED, number).await?);
            kept.retain(|_, amount| *amount != 0);
            counted.retain(|_, amount| *amount != 0);
            if kept != counted {
                wrong.push(number);
            }
        }
        Ok(wrong)
    }

    /// What open sales have taken in part.
    pub async fn held(&self, currency: Currency) -> Result<Held, DatabaseError> {
        let mut held = Held::new();
        for open in self.open_sales().await? {
            for tender in open.sale.tenders {
                match held.iter_mut().find(|(kind, _)| *kind == tender.kind) {
                    Some((_, sum)) => *sum = sum.plus(tender.amount)?,
                    None => held.push((tender.kind, Money::zero(currency).plus(tender.amount)?)),
                }
            }
        }
        Ok(held)
    }
}

fn read(rows: &BTreeMap<(String, String), i64>, currency: Currency) -> Result<Totals, DatabaseError> {
    let count = |figure: &str, part: &str| rows.get(&(figure.to_owned(), part.to_owned())).copied().unwrap_or(0);
    let amount = |figure: &str, part: &str| money(count(figure, part), currency);
    let parts = |figure: &'static str| rows.keys().filter(move |(name, _)| name == figure).map(|(_, part)| part.as_str());
    let taxes = |tax: &'static str, net: &'static str| -> Result<Vec<TaxTotals>, DatabaseError> {
        let row = |part: &str| {
            let rate = part.parse().ok().and_then(VatRate::from_basis_points).ok_or_else(|| damaged("a VAT rate"))?;
            Ok(TaxTotals { rate, net: amount(net, part)?, tax: amount(tax, part)? })
        };
        let mut rows = parts(tax).map(row).collect::<Result<Vec<_>, DatabaseError>>()?;
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.rate));
        Ok(rows)
    };
    let mut tenders = Vec::new();
    for part in parts("tenders") {
        let (received, change) = (amount("received", part)?, amount("change", part)?);
        tenders.push(TenderTotals {
            kind: coded(part, TenderKind::from_code)?,
            count: count("tenders", part),
            amount: received.minus(change)?,
            received,
            change,
            rounding: amount("rounding", part)?,
        });
    }
    let mut refund_tenders = Vec::new();
    for part in parts("refund_tenders") {
        refund_tenders.push(RefundTotals {
            kind: coded(part, TenderKind::from_code)?,
            count: count("refund_tenders", part),
            amount: amount("refund_given", part)?,
            rounding: amount("refund_rounding", part)?,
        });
    }
    // What does not add up is never shown as a total.
    let given: i64 = parts("refund_tenders").map(|part| count("refund_given", part) - count("refund_rounding", part)).sum();
    let taken: i64 = parts("tenders").map(|part| count("received", part) - count("change", part) - count("rounding", part)).sum();
    if taken != count("total", "") || given != count("refunded", "") {
        return Err(damaged("the totals of the shift do not add up"));
    }
    Ok(Totals {
        sales: count("sales", ""),
        total: amount("total", "")?,
        discount: amount("discount", "")?,
        taxes: taxes("tax", "tax_net")?,
        tenders,
        refunds: count("refunds", ""),
        refunded: amount("refunded", "")?,
        refund_taxes: taxes("refund_tax", "refund_net")?,
        refund_tenders,
        voids: count("voids", ""),
        voided: amount("voided", "")?,
    })
}
