//! From the till's facts to what the screen shows.

use super::attempt::attempt_screen;
use super::people::{session, tile};
use super::receipt::done;
use super::text::{GROUP, amount, grouped, tender_code, tender_name, time_of_day};
use super::{
    Cart, CartLine, CashPreview, DeviceCode, Failure, GivenDiscount, Header, HeldSale, Light, LightReason, LightState, Note, OpenPayment,
    PayBlock, PayKey, PricePreview, PriceReasonCode, QuickKey, QuickPage, Screen, SearchHit, Session, Task, TaskCode, TaxRow, TenderRow,
    View,
};
use checkout::discount::{Discount, PriceReason};
use checkout::layout::Words;
use checkout::money::Money;
use checkout::payment::{AttemptKind, Device};
use checkout::quantity::Unit;
use checkout::sale::Line;
use checkout::tender::{Tender, TenderKind};
use checkout::terms::{Terms, Vat};
use checkout::total::{Figures, LineFigures};
use till::seat::Standing;
use till::showing::{Light as Lit, PayBlock as Blocked, Shown, Snapshot, Task as Waiting, Watched};
use till::words::Catalogue;
use till::{Found, Held, Till, TillError};

/// The whole view of a moment.
pub fn view(snapshot: &Snapshot, till: &Till) -> View {
    let currency = till.settings().currency;
    match till.standing() {
        Standing::FirstOwner => locked(snapshot, till, Screen::FirstOwner),
        Standing::Locked { people, last } => {
            let screen = Screen::SignIn { people: people.iter().map(tile).collect(), last: last.map(|last| last.to_string()) };
            locked(snapshot, till, screen)
        }
        Standing::Training => open(snapshot, till, session(None, currency)),
        Standing::Signed(person) => open(snapshot, till, session(Some(&person), currency)),
    }
}

/// Of the sale, the sales put aside and the payments nothing is told: the window has no more than it may show.
fn locked(snapshot: &Snapshot, till: &Till, screen: Screen) -> View {
    let nothing = Money::zero(till.settings().currency);
    View {
        revision: snapshot.revision,
        locale: snapshot.language.clone(),
        pay_ready: false,
        header: header(snapshot, till),
        session: None,
        tasks: Vec::new(),
        open_payments: Vec::new(),
        open_count: snapshot.open.len() as u32,
        unwritten: snapshot.unwritten,
        damaged: snapshot.damaged,
        held: Vec::new(),
        cart: Cart {
            ticket: String::new(),
            lines: Vec::new(),
            line_count: 0,
            item_count: 0,
            total: amount(nothing),
            due: amount(nothing),
            saved: None,
            discount: None,
            taxes: Vec::new(),
            vat_added: false,
            tenders: Vec::new(),
            notes: Vec::new(),
            pay_keys: Vec::new(),
            locked: true,
            removed: None,
            empty: true,
        },
        screen,
        import: None,
        catalogue: till.catalogue_revision(),
    }
}

fn header(snapshot: &Snapshot, till: &Till) -> Header {
    let settings = till.settings();
    Header {
        shop: settings.shop.name.clone(),
        till: settings.till.clone(),
        training: snapshot.training,
        lights: snapshot.lights.iter().map(|(device, lit)| light(*device, *lit)).collect(),
    }
}

fn open(snapshot: &Snapshot, till: &Till, session: Session) -> View {
    let words = Catalogue::of(&snapshot.language);
    View {
        revision: snapshot.revision,
        locale: snapshot.language.clone(),
        pay_ready: snapshot.pay_keys.iter().any(|(_, blocked)| blocked.is_none()),
        header: header(snapshot, till),
        session: Some(session),
        tasks: snapshot.tasks.iter().map(|(kind, watched)| task(*kind, watched, &words)).collect(),
        open_payments: snapshot.open.iter().map(|watched| open_payment(watched, &words)).collect(),
        open_count: snapshot.open.len() as u32,
        unwritten: snapshot.unwritten,
        damaged: snapshot.damaged,
        held: snapshot.held.iter().map(held_sale).collect(),
        cart: cart(snapshot, &words),
        screen: match &snapshot.shown {
            Shown::Sale => Screen::Sale,
            Shown::Attempt(watched) => attempt_screen(watched, &words),
            Shown::Done { receipt, ticket } => Screen::Done { done: Box::new(done(receipt, *ticket, till, &words)) },
        },
        import: super::settings::import(till),
        catalogue: till.catalogue_revision(),
    }
}

fn light(device: Device, lit: Lit) -> Light {
    let (state, reason) = match lit {
        Lit::Ready => (LightState::Ready, None),
        Lit::Busy => (LightState::Busy, None),
        Lit::InDoubt => (LightState::Attention, Some(LightReason::InDoubt)),
        Lit::NotLetIn => (LightState::Attention, Some(LightReason::NotLetIn)),
        Lit::NoLink => (LightState::Down, Some(LightReason::NoLink)),
    };
    match device {
        Device::Kaspi => Light { device: DeviceCode::Kaspi, name: "Kaspi".to_owned(), state, reason },
    }
}

/// The function keys of the everyday tenders.
fn slot(kind: TenderKind) -> &'static str {
    match kind {
        TenderKind::Kaspi => "F9",
        TenderKind::Cash => "F10",
    }
}

fn cart(snapshot: &Snapshot, words: &Catalogue) -> Cart {
    let (sale, figures) = (&snapshot.sale, &snapshot.figures);
    let pieces = |line: &Line| if line.good.unit == Unit::Piece { line.quantity.milli() / 1000 } else { 1 };
    Cart {
        ticket: grouped(sale.ticket),
        lines: sale.lines.iter().zip(&figures.lines).map(|(line, figures)| cart_line(line, figures, words)).collect(),
        line_count: sale.lines.len() as u32,
        item_count: sale.lines.iter().map(pieces).sum(),
        total: amount(figures.total),
        due: amount(snapshot.due),
        saved: saved(figures).map(amount),
        discount: given(&sale.discounts, figures.cart_discount, sale.reason),
        taxes: figures.taxes.iter().map(|row| TaxRow { rate: row.rate.to_string(), amount: amount(row.tax) }).collect(),
        vat_added: sale.terms.vat == Vat::Added,
        tenders: sale.tenders.iter().map(|tender| tender_row(tender, words)).collect(),
        notes: if snapshot.open_attempt {
            Vec::new()
        } else {
            snapshot.notes.iter().filter_map(|note| self::note(*note, snapshot.due_in_cash)).collect()
        },
        pay_keys: snapshot.pay_keys.iter().map(|(kind, blocked)| pay_key(*kind, *blocked, (snapshot.due, &sale.terms), words)).collect(),
        locked: snapshot.locked,
        removed: sale.removed().map(|line| line.good.name.clone()),
        empty: sale.lines.is_empty(),
    }
}

/// What all discounts of a sale take off; none where they take nothing.
fn saved(figures: &Figures) -> Option<Money> {
    let off = figures.lines.iter().try_fold(figures.cart_discount, |off, line| off.plus(line.discount)).ok()?;
    off.is_positive().then(|| off.negated())
}

fn given(discounts: &[Discount], off: Money, reason: Option<PriceReason>) -> Option<GivenDiscount> {
    let texts: Vec<String> = discounts.iter().map(Discount::to_string).collect();
    let discount = GivenDiscount { given: texts.join(" "), amount: amount(off.negated()), reason: reason.map(reason_code) };
    (!texts.is_empty()).then_some(discount)
}

fn reason_code(reason: PriceReason) -> PriceReasonCode {
    match reason {
        PriceReason::Damaged => PriceReasonCode::Damaged,
        PriceReason::BestBefore => PriceReasonCode::BestBefore,
        PriceReason::ShelfPrice => PriceReasonCode::ShelfPrice,
        PriceReason::RegularCustomer => PriceReasonCode::RegularCustomer,
        PriceReason::Goodwill => PriceReasonCode::Goodwill,
    }
}

/// So many goods name a sale in a list.
const NAMED: usize = 3;

fn held_sale(held: &Held) -> HeldSale {
    let lines = &held.sale.lines;
    let names: Vec<&str> = lines.iter().take(NAMED).map(|line| line.good.name.as_str()).collect();
    HeldSale {
        id: held.sale.id.to_string(),
        ticket: grouped(held.sale.ticket),
        time: time_of_day(&held.at).chars().take(5).collect(),
        names: names.join(" · "),
        more: lines.len().saturating_sub(NAMED) as u32,
        total: amount(held.sale.total().unwrap_or(Money::zero(held.sale.currency()))),
    }
}

pub fn price_preview(before: Money, after: Money) -> PricePreview {
    PricePreview { before: amount(before), after: amount(after) }
}

fn cart_line(line: &Line, figures: &LineFigures, words: &Catalogue) -> CartLine {
    let unit = match line.good.unit {
        Unit::Piece => None,
        Unit::Kilogram => Some("receipt_unit_kg"),
        Unit::Litre => Some("receipt_unit_l"),
        Unit::Metre => Some("receipt_unit_m"),
    };
    let quantity = match unit {
        Some(key) => format!("{}{GROUP}{}", line.quantity, words.word(key)),
        None => line.quantity.to_string(),
    };
    CartLine {
        id: line.id,
        name: line.good.name.clone(),
        lang: line.good.language.clone(),
        quantity,
        unit_price: amount(line.price()),
        amount: amount(figures.amount),
        usual_price: line.own_price.map(|_| amount(line.good.price)),
        discount: given(&line.discounts, figures.discount, line.reason),
        detailed: line.good.unit != Unit::Piece || line.quantity.milli() != 1000 || line.own_price.is_some() || !line.discounts.is_empty(),
    }
}

pub(super) fn tender_row(tender: &Tender, words: &Catalogue) -> TenderRow {
    TenderRow { tender: tender_code(tender.kind), name: tender_name(tender.kind, words), amount: amount(tender.amount) }
}

fn note(received: Money, due: Money) -> Option<Note> {
    let major = received.minor() / received.currency().minor_per_major();
    Some(Note { received_text: major.to_string(), received: amount(received), change: amount(received.minus(due).ok()?) })
}

fn pay_key(kind: TenderKind, blocked: Option<Blocked>, (due, terms): (Money, &Terms), words: &Catalogue) -> PayKey {
    let takes = due.rounded_to(terms.step_of(kind)).ok().filter(|takes| *takes != due);
    let blocked = blocked.map(|blocked| match blocked {
        Blocked::EmptyCart => PayBlock::EmptyCart,
        Blocked::InDoubt => PayBlock::InDoubt,
        Blocked::DeviceBusy => PayBlock::DeviceBusy,
        Blocked::NothingDue => PayBlock::NothingDue,
    });
    PayKey { slot: slot(kind).to_owned(), tender: tender_code(kind), name: tender_name(kind, words), takes: takes.map(amount), blocked }
}

fn task(kind: Waiting, watched: &Watched, words: &Catalogue) -> Task {
    let attempt = &watched.stored.attempt;
    let code = match (kind, attempt.kind) {
        (Waiting::Doubt, AttemptKind::Payment) => TaskCode::Doubt,
        (Waiting::Doubt, AttemptKind::Refund) => TaskCode::RefundDoubt,
        (Waiting::Unpaid, _) => TaskCode::Unpaid,
        (Waiting::Return, AttemptKind::Refund) => TaskCode::RefundReturn,
        (Waiting::Return, AttemptKind::Payment) => TaskCode::Return,
        (Waiting::PaidTwice, _) => TaskCode::PaidTwice,
        (Waiting::Contradiction, AttemptKind::Payment) => TaskCode::Contradiction,
        (Waiting::Contradiction, AttemptKind::Refund) => TaskCode::RefundContradiction,
    };
    let kind = TenderKind::of(attempt.device);
    Task {
        kind: code,
        attempt_id: attempt.id.to_string(),
        tender: tender_code(kind),
        tender_name: tender_name(kind, words),
        amount: amount(attempt.amount),
        time: began(watched),
        sale_id: attempt.sale.to_string(),
        sale_ticket: grouped(watched.ticket),
        cash_taken: watched.cash_taken.is_positive().then(|| amount(watched.cash_taken)),
    }
}

fn open_payment(watched: &Watched, words: &Catalogue) -> OpenPayment {
    let attempt = &watched.stored.attempt;
    OpenPayment {
        attempt_id: attempt.id.to_string(),
        tender_name: tender_name(TenderKind::of(attempt.device), words),
        amount: amount(attempt.amount),
        time: began(watched),
        age_ms: watched.age_ms,
    }
}

fn began(watched: &Watched) -> String {
    time_of_day(&watched.stored.started_at).chars().take(5).collect()
}

/// What a typed amount would do as cash.
pub fn cash_preview(received: Money, due: Money) -> Result<CashPreview, Failure> {
    let over = received.minus(due).map_err(TillError::from)?;
    Ok(CashPreview {
        received: amount(received),
        change: (!over.negated().is_positive()).then(|| amount(over)),
        short: over.negated().is_positive().then(|| amount(over.negated())),
    })
}

pub fn search_hit(found: &Found) -> SearchHit {
    SearchHit {
        item_id: found.good.item,
        name: found.good.name.clone(),
        lang: found.good.language.clone(),
        code: found.good.code.clone(),
        price: amount(found.good.price),
        unit: found.good.unit.code().to_owned(),
    }
}

/// The favourites first, then a page for each group they come from, in the order they appear.
pub fn quick_pages(favourites: &[Found]) -> Vec<QuickPage> {
    let key = |found: &Found| QuickKey {
        item_id: found.good.item,
        name: found.short_name.clone(),
        lang: found.good.language.clone(),
        price: amount(found.good.price),
    };
    let mut pages = vec![QuickPage { name: None, keys: favourites.iter().map(key).collect() }];
    for found in favourites {
        let Some(group) = &found.group else { continue };
        match pages.iter_mut().find(|page| page.name.as_ref() == Some(group)) {
            Some(page) => page.keys.push(key(found)),
            None => pages.push(QuickPage { name: Some(group.clone()), keys: vec![key(found)] }),
        }
    }
    pages
}

#[cfg(test)]
mod tests {
    use super::*;
    use checkout::money::Currency;
    use checkout::payment::SaleId;
    use checkout::quantity::Quantity;
    use checkout::sale::{Good, Sale};

    #[test]
    fn a_pay_key_says_what_it_takes_where_that_is_not_what_is_due() {
        let takes = |minor: i64| {
            let mut sale = Sale::new(SaleId(uuid::Uuid::nil()), 1, Terms::of(Currency::Huf, "HU"));
            let good = Good {
                item: 1,
                code: String::new(),
                name: "Kenyér".to_owned(),
                language: "hu".to_owned(),
                unit: Unit::Piece,
                price: Money::new(minor, Currency::Huf).unwrap(),
                vat: None,
            };
            sale.add(good, Quantity::ONE).unwrap();
            pay_key(TenderKind::Cash, None, (sale.due().unwrap(), &sale.terms), &Catalogue::of("en")).takes.map(|takes| takes.figures)
        };
        assert_eq!(takes(100_200).as_deref(), Some("1\u{a0}000"));
        assert_eq!(takes(100_500), None);
    }
}
