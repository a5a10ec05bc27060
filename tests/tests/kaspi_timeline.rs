//! The behaviours of the Kaspi driver in which time passes, named after their numbers in the protocol sheet's
//! checklist: on a clock that only the test moves, with every request at its exact time.

use acceptance::timeline::Timeline;
use checkout::payment::{AttemptState, Effect, Reason};
use checkout::ports::Stage;
use simulators::faults::{Fault, Verb};
use simulators::kaspi::{Customer, Ending, Method};

fn fault(on: &str, verb: Verb) -> Fault {
    Fault::new(on, verb)
}

fn error(http: u16, status_code: i32, text: &str) -> Verb {
    Verb::Error { http, status_code, text: text.to_owned(), processed: false }
}

#[test]
fn k10_an_amount_the_terminal_cannot_take_is_never_sent() {
    for minor in [50, 28_550, 0, -100, (i64::from(i32::MAX) + 1) * 100] {
        let mut line = Timeline::of_minor(minor, Customer::default(), Vec::new());
        line.pay();
        assert_eq!((line.attempt.state, line.attempt.reason), (AttemptState::NotStarted, Some(Reason::RefusedAmount)), "{minor}");
        assert!(line.world.lock().unwrap().sent.is_empty(), "{minor} was sent");
    }
}

#[test]
fn k12_questions_keep_their_distance_and_never_overlap() {
    // Every reply takes 1.7 s: longer than the second between questions.
    let slow = fault("status", Verb::DelayMs(1_700));
    let mut line = Timeline::new(4870, Customer { scan_after_ms: 20_000, ..Customer::default() }, vec![slow]);
    line.pay();
    assert_eq!(line.attempt.state, AttemptState::Approved);
    let asked = line.times_of("status");
    assert!(asked.len() > 10);
    assert!(asked.windows(2).all(|pair| pair[1] - pair[0] >= 1_700), "a question left before the reply to the last: {asked:?}");
    let mut quick = Timeline::new(4870, Customer { scan_after_ms: 20_000, ..Customer::default() }, Vec::new());
    quick.pay();
    let asked = quick.times_of("status");
    assert!(asked.windows(2).all(|pair| pair[1] - pair[0] == 1_000), "the grid is a second from send to send: {asked:?}");
}

#[test]
fn an_answer_about_another_operation_decides_nothing() {
    for (ends, told) in [(Ending::Pays, AttemptState::Approved), (Ending::Declines, AttemptState::Declined)] {
        let customer = Customer { ends, ..Customer::default() };
        let stale = fault("status", Verb::OtherOperation("1643214345320".to_owned()));
        let mut line = Timeline::new(4870, customer, vec![stale.times(60)]);
        line.pay();
        assert!(line.times_of("status").len() > 60, "it is asked until the answer is about this payment");
        assert_eq!(line.attempt.state, told);
    }
}

#[test]
fn a_yes_with_an_error_status_is_asked_again() {
    let odd = |nth| fault("status", Verb::HttpStatus { status: 500, processed: true }).nth(nth);
    let mut line = Timeline::new(4870, Customer::default(), (1..=12).map(odd).collect());
    line.pay();
    assert_eq!(line.attempt.state, AttemptState::Approved);
    assert!(line.times_of("status").len() > 12);
}

#[test]
fn k13_trouble_on_the_way_is_neither_a_yes_nor_a_no() {
    let troubles = [
        Verb::DropReply,
        Verb::Garbage,
        Verb::Empty,
        Verb::CutAt(40),
        Verb::HttpStatus { status: 500, processed: false },
        Verb::Refuse,
        Verb::StatusWord("paid".to_owned()),
    ];
    for trouble in troubles {
        let faults = (2..=6).map(|nth| fault("status", trouble.clone()).nth(nth)).collect();
        let mut line = Timeline::new(4870, Customer { scan_after_ms: 8_000, ..Customer::default() }, faults);
        line.pay();
        assert_eq!(line.attempt.state, AttemptState::Approved, "{trouble:?}");
        let asked = line.times_of("status");
        let gaps: Vec<i64> = asked.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.iter().all(|gap| *gap >= 1_000), "{trouble:?}: {gaps:?}");
        assert!(gaps.iter().any(|gap| *gap >= 4_000), "questions that fail must slow down: {gaps:?}");
    }
}

#[test]
fn k13_a_long_silence_is_in_doubt_and_the_watch_goes_on() {
    let mut line = Timeline::new(4870, Customer { scan_after_ms: 60_000, ..Customer::default() }, Vec::new())
        .at(3_500, |world| world.unplugged = true)
        .at(90_000, |world| world.unplugged = false);
    line.pay();
    let states: Vec<AttemptState> = line.states.iter().map(|(_, state)| *state).collect();
    assert_eq!(states, [AttemptState::Pending, AttemptState::Unknown, AttemptState::Approved]);
    assert_eq!(line.effects, [Effect::TakeTender]);
}

#[test]
fn k14_a_scan_at_179_s_and_a_yes_at_239_s_are_caught() {
    let mut line = Timeline::new(4870, Customer::held(), Vec::new())
        .at(179_000, |world| world.terminal.scan(world.now_ms).unwrap())
        .at(238_900, |world| world.terminal.confirm(world.now_ms).unwrap());
    line.pay();
    assert_eq!(line.attempt.state, AttemptState::Approved);
    assert!(line.states.iter().all(|(_, state)| *state != AttemptState::Unknown), "the customer's time is not a doubt");
}

#[test]
fn k15_an_unsure_terminal_is_asked_every_ten_seconds_and_no_faster() {
    let mut line =
        Timeline::new(4870, Customer::held(), Vec::new()).at(5_000, |world| world.terminal.cancel_on_terminal(world.now_ms).unwrap());
    let start = line.now_ms();
    // The cashier presses "check again" the whole time; a fast finger changes nothing.
    line.presses = (6..200).map(|second| start + second * 1_000 + 13).collect();
    line.pay();
    let asked = line.times_of("actualize");
    assert!(asked.len() >= 10, "{asked:?}");
    assert!(asked.windows(2).all(|pair| pair[1] - pair[0] >= 10_000), "{asked:?}");
    assert_eq!(line.attempt.state, AttemptState::Cancelled);
}

#[test]
fn k15_the_ten_seconds_hold_across_a_restart() {
    let cancelled =
        || Timeline::new(4870, Customer::held(), Vec::new()).at(5_000, |world| world.terminal.cancel_on_terminal(world.now_ms).unwrap());
    let mut line = cancelled();
    let start = line.now_ms();
    line.stop_at_ms = Some(start + 8_000);
    line.pay();
    assert_eq!(line.attempt.state, AttemptState::Unknown);
    let last = *line.times_of("actualize").last().unwrap();
    // The till is restarted a second later and knows when it asked last.
    line.stop_at_ms = None;
    line.ask(Some(start + last));
    let asked = line.times_of("actualize");
    assert!(asked.len() > 2);
    assert!(asked.windows(2).all(|pair| pair[1] - pair[0] >= 10_000), "{asked:?}");
}

#[test]
fn k16_a_cancel_on_the_terminal_is_being_checked_until_the_code_has_run_out() {
    let mut line =
        Timeline::new(4870, Customer::held(), Vec::new()).at(5_000, |world| world.terminal.cancel_on_terminal(world.now_ms).unwrap());
    line.pay();
    let states: Vec<AttemptState> = line.states.iter().map(|(_, state)| *state).collect();
    assert_eq!(states, [AttemptState::Pending, AttemptState::Unknown, AttemptState::Cancelled], "never declined at once");
    let (settled_ms, _) = line.states[2];
    assert!(settled_ms - line.states[0].0 >= 175_000, "only after the QR code's three minutes");
    // The customer had scanned before the cashier cancelled, and says yes.
    let mut paid = Timeline::new(4870, Customer::who(Ending::PaysAfterCancel), Vec::new());
    paid.pay();
    assert_eq!(paid.attempt.state, AttemptState::Approved);
    assert!(paid.states.iter().any(|(_, state)| *state == AttemptState::Unknown));
}

#[test]
fn k17_no_word_but_success_and_fail_decides() {
    for word in ["approved", "SUCCESS", "failed", "", "done"] {
        let faults = vec![fault("status", Verb::StatusWord(word.to_owned())).nth(3)];
        let mut line = Timeline::new(4870, Customer { scan_after_ms: 10_000, ..Customer::default() }, faults);
        line.pay();
        assert_eq!(line.attempt.state, AttemptState::Approved, "{word:?} must not have decided");
        assert!(line.times_of("status").len() > 5);
    }
    let faults = vec![fault("status", Verb::SubStatus("QrTransactionSuccess".to_owned())).nth(2)];
    let mut line = Timeline::new(4870, Customer { scan_after_ms: 10_000, ends: Ending::Declines, ..Customer::default() }, faults);
    line.pay();
    assert_eq!(line.attempt.state, AttemptState::Declined, "a sub-status is progress only");
}

#[test]
fn k18_the_answers_to_actualize_mean_what_the_sheet_says() {
    let unsure =
        |verb: Verb, nth: u32| Timeline::new(4870, Customer::who(Ending::PaysAfterCancel), vec![fault("actualize", verb).nth(nth)]);
    // 100, no internet: asked again.
    let mut offline = unsure(error(200, 100, "No internet"), 1);
    offline.pay();
    assert_eq!(offline.attempt.state, AttemptState::Approved);
    // 103, already final: status tells.
    let mut done = unsure(error(200, 103, "This transaction is unable to actualize"), 1);
    done.pay();
    assert_eq!(done.attempt.state, AttemptState::Approved);
    // 102, 104, 101: a person looks; none of them is a no.
    for (code, reason) in [(102, Reason::CannotAsk), (104, Reason::CannotAsk), (101, Reason::ResultLost)] {
        let mut lost = Timeline::new(4870, Customer::held(), vec![fault("actualize", error(200, code, "…"))])
            .at(5_000, |world| world.terminal.cancel_on_terminal(world.now_ms).unwrap());
        lost.pay();
        assert_eq!((lost.attempt.state, lost.attempt.reason), (AttemptState::Unknown, Some(reason)), "{code}");
        assert_eq!(lost.times_of("actualize").len(), 1, "{code} is not asked about for ever");
    }
}

#[test]
fn k19_not_found_right_after_the_start_is_asked_again() {
    let early: Vec<Fault> = (1..=3).map(|nth| fault("status", error(200, 101, "Process not found")).nth(nth)).collect();
    let mut line = Timeline::new(4870, Customer::default(), early);
    line.pay();
    assert_eq!(line.attempt.state, AttemptState::Approved);
    let mut lost = Timeline::new(4870, Customer::default(), vec![fault("payment", Verb::Forget)]);
    lost.pay();
    assert_eq!((lost.attempt.state, lost.attempt.reason), (AttemptState::Unknown, Some(Reason::ResultLost)));
}

#[test]
fn k23_an_inner_fault_at_the_start_is_uncertain() {
    for verb in [
        error(200, 108, "Could not register transaction. Something went wrong."),
        error(500, 999, "Internal Error. Please, contact developers"),
    ] {
        let mut line = Timeline::new(4870, Customer::default(), vec![fault("payment", verb)]);
        line.pay();
        assert_eq!((line.attempt.state, line.attempt.reason), (AttemptState::Unknown, Some(Reason::DeviceError)));
        assert_eq!(line.times_of("payment").len(), 1, "no silent retry");
    }
}

#[test]
fn k36_replies_are_read_in_every_shape_terminals_send() {
    use drivers::kaspi::messages::{Progress, progress, read};
    use drivers::link::HttpReply;
    let success = |data: &str| {
        let body = format!(r#"{{"data":{{"status":"success",{data}}},"statusCode":0}}"#);
        let envelope = read(&HttpReply { status: 200, body: body.into_bytes() }).unwrap();
        match progress(&envelope) {
            Progress::Success { answer } => answer,
            other => panic!("{other:?}"),
        }
    };
    let inside = success(
        r#""chequeInfo":{"amount":"1 500 ₸","method":"qr","orderNumber":"504711333","city":" Алматы қ."},"transactionId":"504711333""#,
    )
    .unwrap();
    assert_eq!(inside.amount.minor(), 150_000);
    assert_eq!(inside.references["order_number"], "504711333");
    assert_eq!(inside.slip.get("city"), Some("Алматы қ."), "shown trimmed, kept as it came");
    let beside = success(r#""chequeInfo":{"amount":"1 ₸"},"method":"card","rrn":307208187011,"addInfo":null"#).unwrap();
    assert_eq!((beside.references["method"].as_str(), beside.references["rrn"].as_str()), ("card", "307208187011"));
    let odd = success(r#""chequeInfo":{"amount":1500,"icc":"","pinEntered":true,"newField":"x"},"processId":1678696290407"#).unwrap();
    assert_eq!((odd.amount.minor(), odd.slip.get("icc"), odd.slip.get("newField")), (150_000, None, Some("x")));
    assert_eq!(odd.references["process_id"], "1678696290407");
    assert!(success(r#""chequeInfo":{"method":"qr"}"#).is_none(), "no amount is no yes");
    assert!(success(r#""chequeInfo":{"amount":"many ₸"}"#).is_none());
}

#[test]
fn k38_after_the_machine_has_slept_the_terminal_is_asked_at_once() {
    let mut line = Timeline::new(4870, Customer::held(), Vec::new()).at(3_500, |world| world.now_ms += 7_200_000);
    line.pay();
    let asked = line.times_of("status");
    let after = asked.iter().find(|at_ms| **at_ms > 7_200_000).expect("questions go on after the sleep");
    assert!(*after <= 7_204_500, "the first came {after} ms after the start");
    assert_eq!(line.attempt.state, AttemptState::Declined, "the terminal has given up meanwhile, and says so");
}

#[test]
fn what_the_device_said_is_kept_until_the_disk_takes_it() {
    let mut line = Timeline::new(4870, Customer::default(), Vec::new());
    line.refusals = 5;
    line.pay();
    assert_eq!(line.attempt.state, AttemptState::Approved);
    assert!(line.attempt.operation_id.is_some(), "the name of the operation was not lost with the failed writes");
    assert_eq!(line.times_of("payment").len(), 1);
    assert!(line.times_of("status")[0] >= 5_000, "nothing is sent while a fact waits to be written");
}

#[test]
fn stages_are_shown_as_the_terminal_reports_them() {
    let mut by_phone = Timeline::new(4870, Customer::default(), Vec::new());
    by_phone.pay();
    assert_eq!(by_phone.stages, [Stage::Sent, Stage::Customer, Stage::Confirm]);
    let slow_card = Customer { pin: true, confirm_after_ms: 3_000, pin_after_ms: 3_000, ..Customer::paying_by(Method::Card) };
    let mut by_card = Timeline::new(4870, slow_card, Vec::new());
    by_card.pay();
    assert_eq!(by_card.stages, [Stage::Sent, Stage::Customer, Stage::Bank, Stage::Pin]);
}
