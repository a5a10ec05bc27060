//! Kaspi's protected mode: how a till is let in, and how it stays in while money is under way.

use acceptance::timeline::{Timeline, Vault};
use checkout::payment::{AttemptState, Reason};
use drivers::kaspi::tokens::{NotRegistered, Pair, Renewal, Standing, TokenStore, Tokens};
use drivers::link::http::Http;
use drivers::link::trust::Trust;
use simulators::faults::{Fault, Verb};
use simulators::kaspi::{Approval, Customer, DateText, KaspiSimulator, Op, Options, Press, Protection};
use std::sync::Arc;

const HOUR_MS: i64 = 3_600_000;

fn let_in(protection: Protection, customer: Customer, faults: Vec<Fault>) -> Timeline {
    Timeline::new(10, customer, faults).protected(protection)
}

fn sent(line: &Timeline, method: &str) -> usize {
    line.times_of(method).len()
}

#[test]
fn k25_a_token_that_ends_soon_is_renewed_before_the_start() {
    for (age_ms, renewals) in [(HOUR_MS, 0), (23 * HOUR_MS + 1, 1)] {
        let mut line = let_in(Protection::default(), Customer::default(), Vec::new()).later(age_ms);
        line.pay();
        assert_eq!(line.attempt.state, AttemptState::Approved);
        assert_eq!((sent(&line, "revoke"), sent(&line, "payment")), (renewals, 1), "{age_ms}");
    }
}

#[test]
fn k26_a_token_that_ends_while_a_payment_is_watched_is_renewed_once_and_the_question_asked_again() {
    for expired_is_401 in [false, true] {
        let protection = Protection { expired_is_401, ..Protection::default() };
        let mut line = let_in(protection, Customer::default(), Vec::new()).at(2_500, |world| {
            let now_ms = world.now_ms;
            world.terminal.expire_tokens(now_ms);
        });
        line.pay();
        assert_eq!(line.attempt.state, AttemptState::Approved);
        assert_eq!((sent(&line, "revoke"), sent(&line, "payment")), (1, 1));
        assert_eq!(line.kept().len(), 2, "the new pair was kept beside the first");
    }
}

#[test]
fn k26_a_start_refused_for_its_token_is_sent_once_and_the_next_press_goes_through() {
    let mut line = let_in(Protection::default(), Customer::default(), Vec::new());
    let now_ms = line.now_ms();
    line.world.lock().unwrap().terminal.expire_tokens(now_ms);
    line.pay();
    assert_eq!((line.attempt.state, line.attempt.reason), (AttemptState::NotStarted, Some(Reason::RefusedAuthorisation)));
    assert_eq!((sent(&line, "payment"), sent(&line, "revoke")), (1, 1));
    line.begin_anew();
    line.pay();
    assert_eq!(line.attempt.state, AttemptState::Approved);
    assert_eq!((sent(&line, "payment"), sent(&line, "revoke")), (2, 1));
}

#[test]
fn k27_a_lost_renewal_leaves_the_old_token_in_use() {
    let faults = vec![Fault::new("revoke", Verb::DropReply).nth(1)];
    let mut line = let_in(Protection::default(), Customer::default(), faults).later(23 * HOUR_MS + 1);
    line.pay();
    assert_eq!(line.attempt.state, AttemptState::Approved, "the old token serves until it ends");
    assert_eq!((sent(&line, "revoke"), sent(&line, "payment")), (1, 1));
    line.begin_anew();
    line.pay();
    assert_eq!(line.attempt.state, AttemptState::Approved);
    assert_eq!(sent(&line, "revoke"), 2);
    assert_eq!(line.standing(), Standing::LetIn);
}

#[test]
fn k27_a_refused_refresh_token_asks_for_a_registration_and_loses_no_payment() {
    let faults = vec![Fault::new("revoke", Verb::DropReply).nth(1)];
    let protection = Protection { one_time_refresh: true, ..Protection::default() };
    let mut line = let_in(protection, Customer::held(), faults).later(23 * HOUR_MS + 1).at(2_000, |world| {
        let now_ms = world.now_ms;
        world.terminal.expire_tokens(now_ms);
    });
    line.stop_at_ms = Some(line.now_ms() + 60_000);
    line.pay();
    assert_eq!(line.standing(), Standing::Forgotten);
    assert_eq!(line.attempt.state, AttemptState::Unknown, "a terminal that lets nobody ask says neither yes nor no");

    // Registered anew, the till asks about the same operation and hears what became of it.
    line.stop_at_ms = None;
    let now_ms = line.now_ms();
    let _ = line.world.lock().unwrap().terminal.scan(now_ms);
    let _ = line.world.lock().unwrap().terminal.confirm(now_ms);
    line.register_anew();
    line.ask(None);
    assert_eq!(line.attempt.state, AttemptState::Approved);
    assert_eq!(sent(&line, "payment"), 1);
}

#[test]
fn k27_a_pair_that_cannot_be_kept_is_not_used() {
    let mut line = let_in(Protection::default(), Customer::default(), Vec::new()).later(23 * HOUR_MS + 1);
    line.vault().fail(true);
    line.pay();
    assert_eq!(line.attempt.state, AttemptState::Approved);
    assert_eq!(line.kept().len(), 1, "the pair on the disk is the one the terminal still knows");
    line.vault().fail(false);
    line.begin_anew();
    line.pay();
    assert_eq!((line.attempt.state, line.kept().len()), (AttemptState::Approved, 2));
}

#[test]
fn k28_whatever_the_end_is_written_as_a_pair_serves() {
    let texts = ["Mar 7, 2023 3:02:56 PM", "7 нау. 2023 15:02:56", "7\u{a0}марта 2023", "", "null", "2026-13-45 99:99:99"];
    for date in texts.map(|text| DateText::Other(text.to_owned())).into_iter().chain([DateText::Java, DateText::Iso]) {
        let mut line = let_in(Protection { date: date.clone(), ..Protection::default() }, Customer::default(), Vec::new());
        line.pay();
        assert_eq!((line.attempt.state, sent(&line, "revoke")), (AttemptState::Approved, 0), "{date:?}");
    }
}

/// A till that is not let in yet asks to be, under this name.
async fn register(link: &Http, name: &str, vault: &Arc<Vault>) -> Result<Pair, NotRegistered> {
    let store: Arc<dyn TokenStore> = vault.clone();
    let (new, before) = Tokens::new(None, store, Arc::new(|| 1_000)).register(link, name).await?;
    assert_eq!(before, None);
    Ok(new)
}

async fn by_hand() -> (KaspiSimulator, Http) {
    let protection = Some(Protection { approval: Approval::ByHand, ..Protection::default() });
    let terminal = KaspiSimulator::start(Options { protection, ..Options::default() }).await.unwrap();
    let link = Http::new(&terminal.address().to_string(), &Trust::Plain).unwrap();
    (terminal, link)
}

#[tokio::test]
async fn k29_a_registration_waits_for_the_press_and_says_what_stands_in_its_way() {
    let (terminal, link) = by_hand().await;
    let vault = Arc::new(Vault::default());
    let asking = register(&link, "Касса 1", &vault);
    let pressing = async {
        terminal.wait_for(Op::Register, 1).await;
        let second = register(&link, "Касса 2", &vault).await;
        assert_eq!(second, Err(NotRegistered::QuestionOpen));
        terminal.press(Press::Allow).unwrap();
    };
    let (registered, ()) = tokio::join!(asking, pressing);
    assert_eq!(vault.kept(), [registered.unwrap()]);
    assert_eq!(register(&link, "Касса 1", &vault).await, Err(NotRegistered::NameTaken));
    assert!(terminal.requests().iter().all(|request| request.op == Op::Register), "nothing but registrations was sent");
}

#[tokio::test]
async fn k29_a_registration_can_be_given_up_and_denied() {
    let (terminal, link) = by_hand().await;
    let vault = Arc::new(Vault::default());
    tokio::select! {
        registered = register(&link, "Касса 1", &vault) => panic!("{registered:?}"),
        () = terminal.wait_for(Op::Register, 1) => {}
    }
    assert_eq!(register(&link, "Касса 1", &vault).await, Err(NotRegistered::QuestionOpen), "the question stays on the screen");
    terminal.press(Press::Deny).unwrap();
    let asking = register(&link, "Касса 1", &vault);
    let (denied, ()) = tokio::join!(asking, async {
        terminal.wait_for(Op::Register, 3).await;
        terminal.press(Press::Deny).unwrap();
    });
    assert!(matches!(denied, Err(NotRegistered::Refused(_))), "{denied:?}");
    assert!(vault.kept().is_empty());
}

#[tokio::test]
async fn k29_a_registration_whose_tokens_cannot_be_kept_says_so() {
    let terminal = KaspiSimulator::start(Options { protection: Some(Protection::default()), ..Options::default() }).await.unwrap();
    let link = Http::new(&terminal.address().to_string(), &Trust::Plain).unwrap();
    let vault = Arc::new(Vault::default());
    vault.fail(true);
    assert!(matches!(register(&link, "Касса 1", &vault).await, Err(NotRegistered::NotKept(_))));
}

#[tokio::test]
async fn k25_renewals_asked_for_at_once_are_one() {
    let terminal = KaspiSimulator::start(Options { protection: Some(Protection::default()), ..Options::default() }).await.unwrap();
    let link = Http::new(&terminal.address().to_string(), &Trust::Plain).unwrap();
    let vault = Arc::new(Vault::default());
    let pair = register(&link, "Касса 1", &vault).await.unwrap();
    let store: Arc<dyn TokenStore> = vault.clone();
    let tokens = Tokens::new(Some(pair), store, Arc::new(|| 1_000));
    let renewals = tokio::join!(tokens.renew(&link, 5_000), tokens.renew(&link, 5_000), tokens.renew(&link, 5_000));
    assert_eq!(renewals, (Renewal::Done, Renewal::Done, Renewal::Done));
    assert_eq!(terminal.requests().iter().filter(|request| request.op == Op::Renew).count(), 1);
}
