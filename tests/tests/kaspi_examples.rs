//! The vendor's own examples, each a file with its nesting corrected (protocol sheet §1.4), read by the driver.

use checkout::money::{Currency, Money};
use checkout::payment::{Attempt, AttemptId, AttemptState, Device, Event, Reason, RefundId, SaleId, apply};
use drivers::kaspi::messages::{self, Envelope, Progress, Reference};
use drivers::kaspi::session::{Session, Step, Times};
use drivers::link::HttpReply;
use std::collections::BTreeSet;
use std::path::Path;
use uuid::Uuid;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kaspi_examples"))
}

fn example(name: &str, http: u16) -> HttpReply {
    let body = std::fs::read(folder().join(format!("{name}.json"))).unwrap_or_else(|error| panic!("{name}: {error}"));
    HttpReply { status: http, body }
}

fn read(name: &str) -> Envelope {
    messages::read(&example(name, 200)).unwrap()
}

fn kzt(major: i64) -> Money {
    Money::new(major * 100, Currency::Kzt).unwrap()
}

/// What the driver understands of an example, in a word and its own words.
fn understood(name: &str) -> (&'static str, String) {
    let envelope = read(name);
    if envelope.code != 0 {
        return ("error", format!("{} {}", envelope.code, envelope.words().unwrap_or_default()));
    }
    if let Some((access, refresh, ends)) = messages::tokens(&envelope) {
        return ("tokens", format!("{access} {refresh} {ends}"));
    }
    if let Some(unit) = messages::unit(&envelope) {
        return ("unit", format!("{} {}", unit.serial, unit.terminal));
    }
    match messages::progress(&envelope) {
        Progress::Wait { sub_status } => ("wait", format!("{} {sub_status}", envelope.process_id().unwrap()).trim_end().to_owned()),
        Progress::Success { answer } => {
            let answer = answer.unwrap();
            let of = Reference::of(&answer.references).unwrap();
            ("success", format!("{} {} {}", answer.amount.minor(), of.method, of.transaction_id))
        }
        Progress::Fail { sub_status, message } => ("fail", format!("{sub_status} {}", message.unwrap())),
        Progress::Unsure { message } => ("unknown", message.unwrap()),
        Progress::Unheard { status } => ("unheard", status),
    }
}

#[test]
fn every_example_of_the_vendor_is_understood() {
    let expected: [(&str, &str, &str); 22] = [
        ("payment_started", "wait", "1678090451700"),
        ("payment_amount_refused", "error", "999 Param unvalidated: amount. Must be greater 0"),
        ("status_wait", "wait", "1678090708423 Initialize"),
        ("status_qr_payment", "success", "100 qr 504711333"),
        ("status_card_payment", "success", "100 card 307208187011"),
        ("status_qr_refund", "success", "-100 qr 504711335"),
        ("status_card_refund", "success", "-100 card 307208187011"),
        ("status_fail", "fail", "QrTransactionFailure Сатып алымды жою; Сатып алушы сатып алуды жойды"),
        ("status_unknown", "unknown", "Операция жойылды"),
        ("status_not_found", "error", "101 Process not found"),
        ("actualize_fail", "fail", "ProcessCancelled Сатып алымды жою; Сатып алушы сатып алуды растаған жоқ"),
        ("actualize_before_unknown", "unknown", "Операция жойылды"),
        ("refund_started", "wait", "1678092396883"),
        ("refund_method_refused", "error", "999 Param unvalidated: method. Unknown payment method"),
        ("register_done", "tokens", "99af370951a7b154a4ebd0c554d7eb24 d4a853dd320d179fde3271901c116bec Mar 7, 2023 15:02:56"),
        ("register_not_completed", "error", "105 Register Error. Last register request not completed"),
        ("register_name_missing", "error", "999 Missing param: name"),
        ("renewed", "tokens", "665495959cd859bce7b887cff45e79ba 343755b21c9388eda4a0a221d560410c Mar 7, 2023 15:15:50"),
        ("renewal_refused", "error", "105 Revoke Error. Wrong refresh token"),
        ("renewal_token_empty", "error", "999 Param unvalidated: refreshToken. It's empty"),
        ("deviceinfo", "unit", "00043010171 31452963"),
        ("url_unknown", "error", "999 Invalid Url. Please, contact developers"),
    ];
    for (name, what, words) in expected {
        assert_eq!(understood(name), (what, words.to_owned()), "{name}");
    }
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned());
    assert_eq!(files.collect::<BTreeSet<_>>(), expected.iter().map(|(name, _, _)| (*name).to_owned()).collect(), "no file is left unread");
}

/// Lets a conversation hear some examples one after the other. Answers what became of the attempt.
fn after(mut attempt: Attempt, mut session: Session, heard: &[(&str, u16)]) -> Attempt {
    let (mut heard, mut now_ms) = (heard.iter(), 0);
    loop {
        match session.next(now_ms) {
            Step::Record(event) => attempt = apply(&attempt, &event).unwrap().attempt,
            Step::Start(_) | Step::Send(_) | Step::SendRationed(_) => {
                let Some((name, http)) = heard.next() else { return attempt };
                session.handle(Ok(example(name, *http)), now_ms);
            }
            Step::WaitUntil(at_ms) => now_ms = at_ms,
            Step::Identify(_) | Step::Show(_) => {}
            Step::Finished => return attempt,
        }
    }
}

fn intended() -> Attempt {
    Attempt::intend(AttemptId(Uuid::nil()), SaleId(Uuid::nil()), 1, Device::Kaspi, kzt(1))
}

/// A start that named this operation, or the operation of another example.
fn of_operation(mut attempt: Attempt, operation: &str) -> Attempt {
    attempt = apply(&attempt, &Event::Accepted { operation_id: operation.to_owned() }).unwrap().attempt;
    attempt
}

fn asked_about(attempt: &Attempt, heard: &[(&str, u16)]) -> (AttemptState, Option<Reason>) {
    let session = Session::resume(attempt, None, Times::scaled(1), 0);
    let told = after(attempt.clone(), session, heard);
    (told.state, told.reason)
}

#[test]
fn the_vendor_s_payments_come_to_the_end_they_tell() {
    use AttemptState::*;
    let start = |heard: &[(&str, u16)]| {
        let told = after(intended(), Session::start(kzt(1), true, Times::scaled(1), 0), heard);
        (told.state, told.reason)
    };
    assert_eq!(start(&[("payment_started", 200)]), (Pending, None));
    assert_eq!(start(&[("payment_amount_refused", 400)]), (NotStarted, Some(Reason::RefusedRequest)));
    assert_eq!(start(&[("url_unknown", 404)]), (NotStarted, Some(Reason::RefusedRequest)));
    let known = |operation: &str| of_operation(intended(), operation);
    assert_eq!(asked_about(&known("1678090708423"), &[("status_wait", 200), ("status_qr_payment", 200)]), (Approved, None));
    assert_eq!(asked_about(&known("1678696290407"), &[("status_card_payment", 200)]), (Approved, None));
    assert_eq!(asked_about(&known("1678091002800"), &[("status_fail", 200)]), (Declined, Some(Reason::DeclinedByBank)));
    assert_eq!(asked_about(&known("1678092832132"), &[("status_unknown", 200)]), (Unknown, Some(Reason::DeviceUnsure)));
    let settled = [("actualize_before_unknown", 200), ("actualize_fail", 200)];
    assert_eq!(asked_about(&known("1678094695687"), &settled), (Cancelled, Some(Reason::CancelledOnDevice)));
    assert_eq!(
        asked_about(&known("1678090915873"), &[("status_qr_refund", 200)]),
        (Unknown, Some(Reason::WrongAmount)),
        "a refund is no payment"
    );
}

#[test]
fn the_vendor_s_refunds_come_to_the_end_they_tell() {
    use AttemptState::*;
    let paid = |operation: &str, name: &str| {
        let payment = of_operation(intended(), operation);
        after(payment.clone(), Session::resume(&payment, None, Times::scaled(1), 0), &[(name, 200)])
    };
    let back = || Attempt::intend_refund(AttemptId(Uuid::nil()), SaleId(Uuid::nil()), RefundId(Uuid::nil()), 2, Device::Kaspi, kzt(1));
    for (payment, operation, name) in [
        (paid("1678090708423", "status_qr_payment"), "1678090915873", "status_qr_refund"),
        (paid("1678696290407", "status_card_payment"), "1678696351229", "status_card_refund"),
    ] {
        let session = || Session::refund(kzt(1), &payment, true, Times::scaled(1), 0);
        assert_eq!(after(back(), session(), &[("refund_started", 200)]).state, Pending);
        assert_eq!(after(back(), session(), &[("refund_method_refused", 400)]).state, NotStarted);
        assert_eq!(asked_about(&of_operation(back(), operation), &[(name, 200)]), (Approved, None));
    }
}
