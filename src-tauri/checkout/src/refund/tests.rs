use super::*;
use crate::money::Currency;
use crate::payment::{AttemptState, Device};
use crate::sale::properties::{Item, item, parts, pay, rung_up, terms};
use crate::terms::Terms;
use proptest::prelude::*;
use uuid::Uuid;

fn kzt(major: i64) -> Money {
    Money::new(major * 100, Currency::Kzt).unwrap()
}

fn goods(price: i64, pieces: i64) -> Item {
    Item {
        unit: crate::quantity::Unit::Piece,
        price: price * 100,
        own_price: None,
        quantity: pieces,
        rate: Some("16"),
        percent: None,
        steps_off: 0,
    }
}

/// Three pieces of 1 000 ₸ and one of 500 ₸, ten percent off the cart: 3 150 ₸.
fn basket() -> Sale {
    rung_up(Terms::of(Currency::Kzt, "KZ"), &[goods(1_000, 3), goods(500, 1)], Some(1_000), 0)
}

fn id(number: u128) -> RefundId {
    RefundId(Uuid::from_u128(number))
}

fn plan(sale: &Sale, before: &[Refund], wanted: Wanted) -> Result<Refund, RefundError> {
    Refund::plan(id(before.len() as u128 + 1), sale, before, &wanted)
}

fn lines(lines: &[(u32, i64)]) -> Wanted {
    Wanted { lines: lines.iter().map(|(line, pieces)| (*line, Some(pieces * 1000))).collect(), amount: None }
}

/// Thousandths that come back.
fn pieces(refund: &Refund) -> i64 {
    refund.portion.lines.iter().map(|line| line.quantity_milli).sum()
}

#[test]
fn a_piece_goes_back_for_what_it_was_sold_for() {
    let mut sale = basket();
    sale.take_cash(None, &[]).unwrap();
    let back = plan(&sale, &[], lines(&[(1, 1)])).unwrap().portion;
    assert_eq!((back.total, back.lines[0].gross, back.lines[0].cart_share), (kzt(900), kzt(1_000), kzt(100)));
    // 16 % within 900 ₸: 900 × 16 / 116 = 124,14.
    assert_eq!(back.taxes[0].tax.minor(), 12_414);
    assert_eq!(back.tenders.iter().map(|way| (way.kind, way.amount)).collect::<Vec<_>>(), [(TenderKind::Cash, kzt(900))]);
}

#[test]
fn devices_give_back_first_and_never_more_than_they_took() {
    let mut sale = basket();
    pay(&mut sale, &[(true, 1_000), (false, 500), (true, 800)]);
    assert_eq!(sale.tenders.iter().map(|tender| tender.amount).collect::<Vec<_>>(), [kzt(1_000), kzt(500), kzt(800), kzt(850)]);
    let first = plan(&sale, &[], lines(&[(1, 2)])).unwrap();
    let amounts = |refund: &Refund| refund.portion.tenders.iter().map(|way| (way.kind, way.amount)).collect::<Vec<_>>();
    assert_eq!(amounts(&first), [(TenderKind::Kaspi, kzt(1_000)), (TenderKind::Kaspi, kzt(800))]);
    // The first may be under way still: what it takes is gone.
    let rest = plan(&sale, &[first], Wanted::default()).unwrap();
    assert_eq!(amounts(&rest), [(TenderKind::Cash, kzt(1_350))]);
}

#[test]
fn less_money_for_a_damaged_good_leaves_the_rest_to_be_given() {
    let mut sale = basket();
    sale.take_cash(None, &[]).unwrap();
    let less = plan(&sale, &[], Wanted { lines: vec![(2, None)], amount: Some(kzt(200)) }).unwrap();
    assert_eq!((less.portion.total, pieces(&less)), (kzt(200), 1_000));
    let money = plan(&sale, std::slice::from_ref(&less), Wanted { lines: Vec::new(), amount: Some(kzt(300)) }).unwrap();
    assert_eq!((money.portion.total, pieces(&money)), (kzt(300), 0));
    let rest = plan(&sale, &[less, money], Wanted::default()).unwrap();
    assert_eq!((rest.portion.total, pieces(&rest)), (kzt(2_650), 3_000));
}

#[test]
fn what_is_not_there_is_not_given_back() {
    let mut sale = basket();
    assert_eq!(plan(&sale, &[], Wanted::default()), Err(RefundError::NotPaid));
    sale.take_cash(None, &[]).unwrap();
    assert_eq!(plan(&sale, &[], lines(&[(7, 1)])), Err(RefundError::NoLine(7)));
    assert_eq!(plan(&sale, &[], lines(&[(1, 4)])), Err(RefundError::TooMuchOfLine { line: 1, left_milli: 3_000 }));
    assert_eq!(plan(&sale, &[], lines(&[(1, 2), (1, 2)])), Err(RefundError::TooMuchOfLine { line: 1, left_milli: 3_000 }));
    assert!(matches!(plan(&sale, &[], lines(&[(1, 0)])), Err(RefundError::Quantity(_))));
    let half = Wanted { lines: vec![(1, Some(500))], amount: None };
    assert!(matches!(plan(&sale, &[], half), Err(RefundError::Quantity(_))));
    let amount = |amount| Wanted { lines: Vec::new(), amount: Some(amount) };
    assert_eq!(plan(&sale, &[], amount(kzt(3_151))), Err(RefundError::TooMuch { asked: kzt(3_151), left: kzt(3_150) }));
    for wrong in [kzt(0), kzt(-5), Money::new(50, Currency::Kzt).unwrap()] {
        assert_eq!(plan(&sale, &[], amount(wrong)), Err(RefundError::NotAnAmount { step: kzt(1) }));
    }
    let all = plan(&sale, &[], Wanted::default()).unwrap();
    assert_eq!(plan(&sale, &[all], Wanted::default()), Err(RefundError::NothingLeft));
}

#[test]
fn money_goes_back_way_by_way() {
    let mut sale = basket();
    pay(&mut sale, &[(true, 1_000)]);
    let mut refund = plan(&sale, &[], Wanted::default()).unwrap();
    assert_eq!(refund.give_cash(), Err(RefundError::NotNext), "the device gives back first");
    let asked = Attempt::intend(AttemptId(Uuid::from_u128(9)), sale.id, 2, Device::Kaspi, kzt(999));
    assert_eq!(refund.begin(&asked), Err(RefundError::NotNext), "another amount than was planned");
    let asked = Attempt { amount: kzt(1_000), ..asked };
    refund.begin(&asked).unwrap();
    assert!(!refund.is_partly_given());
    let given = Attempt { state: AttemptState::Approved, ..asked };
    refund.take_device(&given).unwrap();
    refund.take_device(&given).unwrap();
    assert_eq!(refund.next().map(|way| (way.kind, way.amount)), Some((TenderKind::Cash, kzt(2_150))));
    assert_eq!(refund.give_in_cash(), Err(RefundError::NotNext), "it is cash already");
    assert_eq!(refund.give_cash(), Ok(kzt(2_150)));
    assert!(refund.is_given());
}

#[test]
fn a_card_that_is_gone_is_paid_out_in_cash_and_its_payment_is_used_up() {
    let mut sale = basket();
    pay(&mut sale, &[(true, 3_150)]);
    let mut refund = plan(&sale, &[], lines(&[(2, 1)])).unwrap();
    refund.give_in_cash().unwrap();
    assert_eq!(refund.give_cash(), Ok(kzt(450)));
    let left = Portion::left(&sale, &[refund]).unwrap();
    assert_eq!(left.tenders.iter().map(|way| (way.kind, way.amount)).collect::<Vec<_>>(), [(TenderKind::Kaspi, kzt(2_700))]);
}

#[test]
fn a_part_paid_out_in_cash_holds_up_no_other_device() {
    let mut sale = basket();
    pay(&mut sale, &[(true, 1_000), (true, 2_150)]);
    let mut refund = plan(&sale, &[], Wanted::default()).unwrap();
    refund.give_in_cash().unwrap();
    assert_eq!(refund.next().map(|way| (way.kind, way.amount)), Some((TenderKind::Kaspi, kzt(2_150))), "the drawer waits for the devices");
    refund.give_in_cash().unwrap();
    assert_eq!(refund.give_cash(), Ok(kzt(3_150)));
}

#[test]
fn what_a_device_gave_short_is_left_to_give() {
    let mut sale = basket();
    pay(&mut sale, &[(true, 3_150)]);
    let mut refund = plan(&sale, &[], Wanted::default()).unwrap();
    let asked = Attempt::intend(AttemptId(Uuid::from_u128(9)), sale.id, 2, Device::Kaspi, kzt(3_150));
    refund.begin(&asked).unwrap();
    refund.take_device(&Attempt { state: AttemptState::Approved, answered: Some(kzt(3_000)), ..asked }).unwrap();
    assert_eq!(refund.next().map(|way| (way.amount, way.attempt)), Some((kzt(150), None)));
}

/// What can happen to a refund: a device is asked, answers, or does not give; a person pays out; the drawer gives.
#[derive(Debug, Clone, Copy)]
enum Happens {
    Asked,
    Gave,
    GaveAgain,
    GaveLess,
    InCash,
    Drawer,
}

/// Walks every order of what can happen, to a depth. Answers how many steps were taken.
fn walk(refund: &Refund, attempts: &[Attempt], from_device: i64, depth: u32) -> u64 {
    use Happens::*;
    if depth == 0 {
        return 0;
    }
    let mut steps = 0;
    for happens in [Asked, Gave, GaveAgain, GaveLess, InCash, Drawer] {
        let (mut next, mut attempts, mut device) = (refund.clone(), attempts.to_vec(), from_device);
        let last = attempts.last().cloned();
        let done = match (happens, last) {
            (Asked, _) => {
                let amount = next.next().map_or(kzt(1), |way| way.amount);
                let asked = Attempt::intend(AttemptId(Uuid::from_u128(100 + attempts.len() as u128)), next.of, 2, Device::Kaspi, amount);
                next.begin(&asked).map(|()| attempts.push(asked))
            }
            (Gave | GaveLess, Some(asked)) => {
                let answered = matches!(happens, GaveLess).then(|| kzt(1));
                let counted = !next.portion.tenders.iter().any(|way| way.given && way.attempt == Some(asked.id));
                let gave = Attempt { state: AttemptState::Approved, answered, ..asked };
                next.take_device(&gave).map(|()| device += if counted { gave.counted().minor() } else { 0 })
            }
            (GaveAgain, Some(_)) => next.take_device(&Attempt { state: AttemptState::Approved, ..attempts[0].clone() }),
            (Gave | GaveLess | GaveAgain, None) => continue,
            (InCash, _) => next.give_in_cash(),
            (Drawer, _) => next.give_cash().map(drop),
        };
        if done.is_err() {
            assert_eq!(next.portion.total, refund.portion.total);
            continue;
        }
        steps += 1;
        let mut rest = next.clone();
        while rest.give_in_cash().is_ok() {}
        assert!(rest.give_cash().is_ok() && rest.is_given(), "whatever has happened, the rest can be given: {happens:?}");
        let ways = &next.portion.tenders;
        let planned: i64 = ways.iter().map(|way| way.amount.minor() - way.rounding.minor()).sum();
        assert_eq!(planned, next.portion.total.minor(), "what goes back is always what was planned: {happens:?}");
        let given = |kind| ways.iter().filter(|way| way.given && way.kind == kind).map(|way| way.amount.minor()).sum::<i64>();
        assert!(given(TenderKind::Kaspi) <= kzt(1_800).minor(), "a device gives back no more than it took");
        assert!(given(TenderKind::Kaspi) + given(TenderKind::Cash) <= planned);
        for (before, after) in refund.portion.tenders.iter().zip(ways) {
            assert!(!before.given || before == after, "what is given stays given: {happens:?}");
        }
        steps += walk(&next, &attempts, device, depth - 1);
    }
    steps
}

#[test]
fn every_order_of_what_can_happen_gives_back_what_was_planned() {
    let mut sale = basket();
    pay(&mut sale, &[(true, 1_000), (false, 500), (true, 800)]);
    let refund = plan(&sale, &[], Wanted::default()).unwrap();
    let steps = walk(&refund, &[], 0, 7);
    assert!(steps > 1_000, "the walk must really branch, it took {steps} steps");
}

/// The columns of some lines, taxes and ways, to be added up.
fn columns(sale: &Sale, portion: &Portion) -> Vec<i64> {
    let mut row = vec![portion.tax_added.minor(), portion.total.minor()];
    for line in &sale.lines {
        let of: Vec<_> = portion.lines.iter().filter(|part| part.line == line.id).collect();
        let sum = |column: fn(&RefundLine) -> Money| of.iter().map(|part| column(part).minor()).sum::<i64>();
        row.push(of.iter().map(|part| part.quantity_milli).sum());
        row.extend([sum(|part| part.gross), sum(|part| part.discount), sum(|part| part.cart_share), sum(|part| part.sold)]);
    }
    for rate in sale.taxes().unwrap() {
        let of = portion.taxes.iter().find(|part| part.rate == rate.rate);
        row.extend(of.map_or([0; 2], |part| [part.net.minor(), part.tax.minor()]));
    }
    let mut payments: Vec<_> = sale.tenders.iter().map(|tender| tender.attempt).collect();
    payments.sort_unstable();
    payments.dedup();
    for payment in payments {
        let of: Vec<_> = portion.tenders.iter().filter(|part| part.payment == payment).collect();
        row.push(of.iter().map(|part| part.amount.minor()).sum());
        row.push(of.iter().map(|part| part.rounding.minor()).sum());
    }
    row
}

/// Lines by their place with a share of what is left, and money.
type Wish = (Vec<(prop::sample::Index, i64)>, Option<i64>);

/// What one customer after the other brings back.
fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let lines = prop::collection::vec((any::<prop::sample::Index>(), 1_i64..=1_000), 0..4);
    prop::collection::vec((lines, prop::option::of(1_i64..=1_000)), 0..6)
}

proptest! {
    #[test]
    fn a_sale_less_its_refunds_is_zero_in_every_column(
        terms in terms(), items in prop::collection::vec(item(), 1..9), percent in prop::option::of(1_u32..=10_000), parts in parts(), wishes in wishes(),
    ) {
        let mut sale = rung_up(terms, &items, percent, 3);
        prop_assert_eq!(plan(&sale, &[], Wanted::default()), Err(RefundError::NotPaid));
        pay(&mut sale, &parts);
        let mut refunds: Vec<Refund> = Vec::new();
        for (lines, amount) in wishes.into_iter().chain([(Vec::new(), None)]) {
            let left = Portion::left(&sale, &refunds).unwrap();
            let mut wanted = Wanted::default();
            for (place, share) in &lines {
                let line = left.lines[place.index(left.lines.len())];
                let unit = sale.lines.iter().find(|known| known.id == line.line).unwrap().good.unit;
                let coarse = 10_i64.pow(3 - unit.scale());
                wanted.lines.push((line.line, Some(line.quantity_milli * share / 1_000 / coarse * coarse)));
            }
            let step = terms.line_step_minor;
            wanted.amount = amount.map(|share| Money::new(left.total.minor() * share / 1_000 / step * step, terms.currency).unwrap());
            let Ok(refund) = plan(&sale, &refunds, wanted) else { continue };
            let back = &refund.portion;
            let sold: i64 = back.lines.iter().map(|line| line.sold.minor()).sum();
            let taxed: i64 = back.taxes.iter().map(|row| row.tax.minor()).sum();
            let money: i64 = back.tenders.iter().map(|way| way.amount.minor() - way.rounding.minor()).sum();
            let on_top = if terms.vat == Vat::Added { taxed } else { 0 };
            prop_assert_eq!((sold + on_top, money), (back.total.minor(), back.total.minor()));
            prop_assert!(back.lines.iter().all(|line| line.quantity_milli >= 0 && line.sold.minor() >= 0));
            prop_assert!(back.lines.iter().all(|line| line.gross.minor() - line.discount.minor() - line.cart_share.minor() == line.sold.minor()));
            prop_assert!(back.taxes.iter().all(|row| row.tax.minor() >= 0 && row.net.minor() >= 0));
            prop_assert!(back.tenders.iter().all(|way| way.amount.minor() >= 0));
            let devices = back.tenders.iter().filter(|way| way.payment.is_some());
            prop_assert!(devices.clone().all(|way| way.amount.minor() % terms.step_of(way.kind) == 0), "{:?}", back.tenders);
            refunds.push(refund);
        }
        let mut sum = vec![0; columns(&sale, &Portion::whole(&sale).unwrap()).len()];
        for refund in &refunds {
            let row = columns(&sale, &refund.portion);
            sum.iter_mut().zip(&row).for_each(|(sum, column)| *sum += column);
        }
        prop_assert_eq!(sum, columns(&sale, &Portion::whole(&sale).unwrap()));
        // Nothing went back over a device beyond what came in over it.
        for tender in sale.tenders.iter().filter(|tender| tender.attempt.is_some()) {
            let back: i64 = refunds.iter().flat_map(|refund| &refund.portion.tenders).filter(|way| way.payment == tender.attempt).map(|way| way.amount.minor()).sum();
            prop_assert!(back <= tender.amount.minor());
        }
        prop_assert_eq!(plan(&sale, &refunds, Wanted::default()), Err(RefundError::NothingLeft));
    }
}
