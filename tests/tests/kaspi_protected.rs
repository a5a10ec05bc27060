//! A shop with its terminal's protection on, from the first registration to the next morning; and which unit it is.

use acceptance::shop::{TIME_SCALE, terminal};
use checkout::payment::{AttemptState, Reason};
use checkout::tender::TenderKind;
use drivers::link::http::look_at_key;
use serde_json::{Value, json};
use simulators::demo;
use simulators::kaspi::{Approval, Certificate, Customer, KaspiSimulator, Op, Options, Press, Protection, Years};
use std::sync::Arc;
use tempfile::TempDir;
use till::kaspi::{KaspiError, Network, NotRegistered, Standing};
use till::keychain::Keychain;
use till::pin::Cost;
use till::vault::{Passphrase, SecretError};
use till::{Opening, StoredAttempt, Till, TillError, Wanted};
use uuid::Uuid;

const PASSPHRASE: &str = "қызыл алма, ақ сүт";

async fn protected(customer: Customer) -> KaspiSimulator {
    let_in(customer, Approval::AtOnce).await
}

async fn let_in(customer: Customer, approval: Approval) -> KaspiSimulator {
    let tls = Some(Certificate::of(&["*.kaspipos.kz"], Years::default()).unwrap());
    let protection = Some(Protection { approval, ..Protection::default() });
    KaspiSimulator::start(Options { time_scale: TIME_SCALE, customer, tls, protection, ..demo::kaspi_options() }).await.unwrap()
}

fn shop_json(terminal: &KaspiSimulator, security: &str) -> String {
    let mut shop: Value = serde_json::from_str(&demo::shop_at(terminal.address())).unwrap();
    shop["devices"]["kaspi"]["security"] = json!(security);
    shop["devices"]["kaspi"]["time_scale"] = json!(TIME_SCALE);
    shop.to_string()
}

fn opening(folder: &TempDir, passphrase: &str) -> Opening {
    Opening {
        keychain: Keychain::Folder(folder.path().join("keys")),
        passphrase: Passphrase::new(passphrase),
        pin_cost: Cost { memory_kib: 8, passes: 1, lanes: 1 },
        ..Opening::at(&folder.path().join("data"))
    }
}

async fn shop(terminal: &KaspiSimulator, security: &str) -> (TempDir, Arc<Till>) {
    let folder = tempfile::tempdir().unwrap();
    till::init(&folder.path().join("data"), &shop_json(terminal, security)).await.unwrap();
    let till = Till::open(opening(&folder, PASSPHRASE)).await.unwrap();
    till.import(demo::GOODS.as_bytes(), false).await.unwrap();
    (folder, till)
}

async fn again(folder: &TempDir, till: Arc<Till>, passphrase: &str) -> Arc<Till> {
    till.close().await;
    drop(till);
    loop {
        match Till::open(opening(folder, passphrase)).await {
            Err(TillError::Instance(_)) => tokio::task::yield_now().await,
            till => return till.unwrap(),
        }
    }
}

async fn pay(till: &Arc<Till>) -> StoredAttempt {
    till.start_sale(checkout::payment::SaleId(Uuid::now_v7())).await.unwrap();
    till.add_by_code("1001", None).await.unwrap();
    let attempt = till.pay_by_device(Uuid::now_v7(), TenderKind::Kaspi, None).await.unwrap();
    till.settled(attempt, till.patience_ms()).await.unwrap()
}

/// The same, while the test goes on.
fn beside(till: &Arc<Till>) -> tokio::task::JoinHandle<StoredAttempt> {
    let till = till.clone();
    tokio::spawn(async move { pay(&till).await })
}

fn requests(terminal: &KaspiSimulator, op: Op) -> usize {
    terminal.requests().iter().filter(|request| request.op == op).count()
}

fn outcome(stored: &StoredAttempt) -> (AttemptState, Option<Reason>) {
    (stored.attempt.state, stored.attempt.reason)
}

const REFUSED: (AttemptState, Option<Reason>) = (AttemptState::NotStarted, Some(Reason::RefusedAuthorisation));
const PAID: (AttemptState, Option<Reason>) = (AttemptState::Approved, None);

#[tokio::test]
async fn k30_a_till_is_let_in_by_a_terminal_whose_key_was_compared() {
    let terminal = protected(Customer::default()).await;
    let (folder, till) = shop(&terminal, "pinned").await;
    assert_eq!(outcome(&pay(&till).await).0, AttemptState::NotStarted, "nobody was let in yet");
    let key = look_at_key(&terminal.address().to_string(), 5_000).await.unwrap();
    let told = till.register_kaspi(None).await.unwrap_err();
    assert!(matches!(&told, TillError::Kaspi(KaspiError::KeyToCompare(shown)) if *shown == key), "{told}");
    let other = "00:".repeat(31) + "01";
    let told = till.register_kaspi(Some(&other)).await.unwrap_err();
    assert!(matches!(told, TillError::Kaspi(KaspiError::OtherKey { .. })), "{told}");
    assert!(terminal.requests().is_empty(), "nothing is asked of a terminal whose key nobody compared");

    let state = till.register_kaspi(Some(&key.to_string())).await.unwrap();
    assert!(state.is_ready(), "{state:?}");
    assert_eq!(outcome(&pay(&till).await), PAID);

    // The next morning the till is still let in; another terminal at the address is not believed.
    let till = again(&folder, till, PASSPHRASE).await;
    assert_eq!(outcome(&pay(&till).await), PAID);
    assert_eq!(requests(&terminal, Op::Register), 1);
    let address = terminal.address();
    terminal.stop().await;
    drop(terminal);
    let stranger = KaspiSimulator::start(Options {
        listen: address,
        tls: Some(Certificate::of(&["*.kaspipos.kz"], Years::default()).unwrap()),
        ..demo::kaspi_options()
    });
    let stranger = stranger.await.unwrap();
    assert_eq!(outcome(&pay(&till).await), (AttemptState::NotStarted, Some(Reason::CertificateChanged)));
    assert!(stranger.requests().is_empty());
}

#[tokio::test]
async fn k26_a_token_that_ends_under_a_shop_s_payment_is_renewed_and_outlives_a_restart() {
    let terminal = protected(Customer::held()).await;
    let (folder, till) = shop(&terminal, "insecure").await;
    till.register_kaspi(None).await.unwrap();
    let paying = beside(&till);
    terminal.wait_for(Op::Status, 2).await;
    terminal.expire_tokens();
    terminal.wait_for(Op::Renew, 1).await;
    terminal.scan().unwrap();
    terminal.confirm().unwrap();
    assert_eq!(outcome(&paying.await.unwrap()), PAID);
    let till = again(&folder, till, PASSPHRASE).await;
    terminal.set_customer(Customer::default());
    assert_eq!(outcome(&pay(&till).await), PAID);
    assert_eq!((requests(&terminal, Op::Renew), requests(&terminal, Op::Register)), (1, 1));
    let unlocked = terminal.requests().into_iter().filter(|request| request.op != Op::Register).all(|request| request.token.is_some());
    assert!(unlocked, "every request but the registration carries a token");
}

#[tokio::test]
async fn k27_a_payment_left_open_is_asked_about_when_its_secrets_are_opened() {
    let terminal = protected(Customer::held()).await;
    let (folder, till) = shop(&terminal, "insecure").await;
    till.register_kaspi(None).await.unwrap();
    let paying = beside(&till);
    terminal.wait_for(Op::Status, 1).await;
    paying.abort();
    let _ = paying.await;
    let till = again(&folder, till, "").await;
    let attempt = till.taken_up()[0];
    terminal.scan().unwrap();
    terminal.confirm().unwrap();
    assert!(matches!(refusal(till.renew_kaspi().await), KaspiError::Secret(SecretError::PassphraseMissing)));
    till.open_kaspi_secrets(PASSPHRASE).await.unwrap();
    let told = till.settled(attempt, till.patience_ms()).await.unwrap();
    assert_eq!(outcome(&told), PAID, "the conversation that was under way goes on with them");
}

#[tokio::test]
async fn k27_a_renewal_names_the_till_as_it_was_let_in() {
    let terminal = protected(Customer::default()).await;
    let (folder, till) = shop(&terminal, "insecure").await;
    till.register_kaspi(None).await.unwrap();
    let mut form = till.form().await.unwrap();
    form.kaspi.as_mut().unwrap().name = "Касса 9".to_owned();
    till.change_settings(&form).await.unwrap();
    till.renew_kaspi().await.unwrap();
    let till = again(&folder, till, PASSPHRASE).await;
    till.renew_kaspi().await.unwrap();
    assert_eq!(outcome(&pay(&till).await), PAID);
}

fn refusal(answer: Result<till::kaspi::State, TillError>) -> KaspiError {
    match answer {
        Err(TillError::Kaspi(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn k29_a_registration_is_given_up_by_hand_and_asked_for_again() {
    let terminal = let_in(Customer::default(), Approval::ByHand).await;
    let (_folder, till) = shop(&terminal, "insecure").await;
    let ask = || {
        let till = till.clone();
        tokio::spawn(async move { till.register_kaspi(None).await })
    };
    let asked = ask();
    terminal.wait_for(Op::Register, 1).await;
    assert!(matches!(refusal(till.register_kaspi(None).await), KaspiError::Registering), "one at a time");
    till.give_up_registering();
    assert!(matches!(refusal(asked.await.unwrap()), KaspiError::GivenUp));
    assert_eq!(till.kaspi_state().await.unwrap().standing, Some(Standing::Unknown));
    assert_eq!(requests(&terminal, Op::Register), 1);

    // The question is still on the terminal; somebody lets the till in that no longer listens.
    terminal.press(Press::Allow).unwrap();
    assert!(matches!(refusal(till.register_kaspi(None).await), KaspiError::NotRegistered(NotRegistered::NameTaken)));
    terminal.forbid("Kassa-2");
    let asked = ask();
    while terminal.press(Press::Allow).is_err() {
        tokio::task::yield_now().await;
    }
    assert!(asked.await.unwrap().unwrap().is_ready());
    assert_eq!(outcome(&pay(&till).await), PAID);
}

#[tokio::test]
async fn k32_a_permission_is_thrown_away_and_a_passphrase_given_later() {
    let terminal = protected(Customer::held()).await;
    let (folder, till) = shop(&terminal, "insecure").await;
    till.register_kaspi(None).await.unwrap();
    let till = again(&folder, till, "").await;
    assert_eq!(till.kaspi_state().await.unwrap().locked, Some(SecretError::PassphraseMissing));
    let wrong = refusal(till.open_kaspi_secrets("another").await);
    assert!(matches!(wrong, KaspiError::Secret(SecretError::WrongPassphrase)), "{wrong}");
    assert_eq!(till.kaspi_state().await.unwrap().locked, Some(SecretError::PassphraseMissing), "as it was");
    assert!(till.open_kaspi_secrets(PASSPHRASE).await.unwrap().is_ready());

    let paying = beside(&till);
    terminal.wait_for(Op::Status, 1).await;
    assert!(matches!(refusal(till.forget_kaspi().await), KaspiError::PaymentOpen(_)), "it is asked about with the tokens");
    terminal.scan().unwrap();
    terminal.confirm().unwrap();
    assert_eq!(outcome(&paying.await.unwrap()), PAID);
    let state = till.forget_kaspi().await.unwrap();
    assert_eq!((state.standing, state.ends), (Some(Standing::Unknown), None));
    assert_eq!(std::fs::read_dir(folder.path().join("keys")).unwrap().count(), 0);
    let till = again(&folder, till, PASSPHRASE).await;
    assert_eq!(till.kaspi_state().await.unwrap().standing, Some(Standing::Unknown), "nor after a restart");
    let proof = till.test_kaspi().await.unwrap();
    assert!(!proof.is_ready());
    let page = till.records().journal_page(&Wanted::default()).await.unwrap();
    let last = &page.entries[0];
    assert_eq!((last.kind.as_str(), &last.body["ready"]), ("terminal_tested", &json!(false)));
}

#[tokio::test]
async fn k32_without_its_passphrase_the_till_sells_for_cash_and_begins_no_payment() {
    let terminal = protected(Customer::default()).await;
    let (folder, mut till) = shop(&terminal, "insecure").await;
    till.register_kaspi(None).await.unwrap();
    let asked = terminal.requests().len();
    for (passphrase, why) in [("", SecretError::PassphraseMissing), ("another", SecretError::WrongPassphrase)] {
        till = again(&folder, till, passphrase).await;
        assert_eq!(outcome(&pay(&till).await), REFUSED);
        till.pay_cash(Uuid::now_v7(), None).await.unwrap();
        let told = till.register_kaspi(None).await.unwrap_err();
        assert!(matches!(&told, TillError::Kaspi(KaspiError::Secret(secret)) if *secret == why), "{told}");
    }
    assert_eq!(terminal.requests().len(), asked, "nothing was asked of the terminal");
    let till = again(&folder, till, PASSPHRASE).await;
    assert_eq!(outcome(&pay(&till).await), PAID);
}

#[tokio::test]
async fn k27_a_till_that_was_forbidden_is_registered_again() {
    let terminal = protected(Customer::default()).await;
    let (_folder, till) = shop(&terminal, "insecure").await;
    till.register_kaspi(None).await.unwrap();
    let told = till.register_kaspi(None).await.unwrap_err();
    assert!(told.to_string().contains("this name"), "{told}");
    terminal.forbid("Kassa-2");
    assert_eq!(outcome(&pay(&till).await), REFUSED);
    assert_eq!(till.kaspi_state().await.unwrap().standing, Some(Standing::Forgotten));
    till.register_kaspi(None).await.unwrap();
    assert_eq!(outcome(&pay(&till).await), PAID);
}

/// A terminal with a serial number of its own, on this address.
async fn unit(serial: &str, listen: &str, tls: bool) -> KaspiSimulator {
    let certificate = || Certificate::of(&["*.kaspipos.kz"], Years::default()).unwrap();
    let options = Options {
        listen: listen.parse().unwrap(),
        serial: serial.to_owned(),
        time_scale: TIME_SCALE,
        tls: tls.then(certificate),
        protection: tls.then(Protection::default),
        ..demo::kaspi_options()
    };
    KaspiSimulator::start(options).await.unwrap()
}

#[tokio::test]
async fn k31_another_unit_at_the_address_gets_no_payment_and_is_asked_about_none() {
    let own = unit("00043010171", "127.0.0.1:0", false).await;
    own.set_customer(Customer::held());
    let (folder, till) = shop(&own, "open").await;
    let address = own.address();
    let paying = beside(&till);
    own.wait_for(Op::Status, 1).await;
    paying.abort();
    own.stop().await;
    let stranger = unit("00043010999", &address.to_string(), false).await;
    stranger.wait_for(Op::DeviceInfo, 2).await;
    let open = till.records().attempts(true).await.unwrap();
    let [open] = open.as_slice() else { panic!("one payment is open: {open:?}") };
    assert!(requests(&stranger, Op::Status) <= 1, "where no link was lost meanwhile, its first no is not believed");

    let till = again(&folder, till, PASSPHRASE).await;
    let mut changes = till.changes();
    loop {
        changes.mark_unchanged();
        let stored = till.records().attempt(open.attempt.id).await.unwrap();
        if outcome(&stored) == (AttemptState::Unknown, Some(Reason::WrongUnit)) {
            break;
        }
        changes.changed().await.unwrap();
    }
    assert!(requests(&stranger, Op::Status) <= 1 && requests(&stranger, Op::Actualize) == 0);
    stranger.stop().await;
    drop(stranger);
    own.start_again_on_same_port().await.unwrap();
    own.scan().unwrap();
    own.confirm().unwrap();
    let settled = till.settled(open.attempt.id, till.patience_ms()).await.unwrap();
    assert_eq!(settled.attempt.state, AttemptState::Approved);
    own.stop().await;
    let stranger = unit("00043010999", &address.to_string(), false).await;
    assert_eq!(outcome(&pay(&till).await), (AttemptState::NotStarted, Some(Reason::WrongUnit)));
    assert_eq!(requests(&stranger, Op::Payment), 0);
}

#[tokio::test]
async fn k31_terminals_are_found_in_the_network_without_asking_to_be_let_in() {
    let own = unit("00043010171", "127.0.0.1:0", false).await;
    let port = own.address().port();
    let other = unit("00043010999", &format!("127.0.0.7:{port}"), false).await;
    let guarded = unit("00043010555", &format!("127.0.0.9:{port}"), true).await;
    let (_folder, till) = shop(&own, "open").await;
    assert_eq!(outcome(&pay(&till).await), PAID);
    let found = till.discover_kaspi(Network::read("127.0.0", port)).await.unwrap();
    let told: Vec<_> = found.iter().map(|found| (found.protected, found.unit.as_ref().map(|unit| unit.serial.as_str()))).collect();
    assert_eq!(told, [(false, Some("00043010171")), (false, Some("00043010999")), (true, None)]);
    for terminal in [&own, &other, &guarded] {
        assert_eq!(requests(terminal, Op::Register), 0);
    }
    assert!(guarded.requests().iter().all(|request| request.token.is_none()));

    let taken = till.take_kaspi(&found, "00043010999").await.unwrap();
    assert_eq!(taken.address, other.address().to_string());
    assert_eq!(outcome(&pay(&till).await), PAID);
    assert_eq!((requests(&own, Op::Payment), requests(&other, Op::Payment)), (1, 1));
}

#[tokio::test]
async fn k31_with_a_payment_open_only_its_own_unit_is_taken_at_a_new_address() {
    let own = unit("00043010171", "127.0.0.1:0", false).await;
    own.set_customer(Customer::held());
    let port = own.address().port();
    let (_folder, till) = shop(&own, "open").await;
    let paying = beside(&till);
    own.wait_for(Op::Status, 1).await;
    paying.abort();
    own.stop().await;
    let other = unit("00043010999", &format!("127.0.0.7:{port}"), false).await;
    let found = till.discover_kaspi(Network::read("127.0.0", port)).await.unwrap();
    let told = till.take_kaspi(&found, "00043010999").await.unwrap_err();
    assert!(matches!(told, TillError::Kaspi(KaspiError::PaymentOpen(_))), "{told}");
    other.stop().await;
    drop(other);
    // The same unit with another address.
    let moved = unit("00043010171", &format!("127.0.0.8:{port}"), false).await;
    let found = till.discover_kaspi(Network::read("127.0.0", port)).await.unwrap();
    assert_eq!(till.take_kaspi(&found, "00043010171").await.unwrap().address, moved.address().to_string());
    assert_eq!(till.settings().kaspi.as_ref().unwrap().address, moved.address().to_string());
    moved.wait_for(Op::Status, 1).await;
}

#[tokio::test]
async fn k31_an_open_terminal_that_somebody_sets_anew_is_bound_by_its_next_payment() {
    let (own, other) = (terminal(Customer::default()).await, unit("00043010999", "127.0.0.1:0", false).await);
    let (_folder, till) = shop(&own, "open").await;
    assert_eq!(outcome(&pay(&till).await), PAID);
    let mut form = till.form().await.unwrap();
    form.kaspi.as_mut().unwrap().address = other.address().to_string();
    till.change_settings(&form).await.unwrap();
    assert_eq!(outcome(&pay(&till).await), PAID);
    assert_eq!(requests(&other, Op::Payment), 1);
    assert_eq!(till.kaspi_state().await.unwrap().unit.unwrap().serial, "00043010999");
}
