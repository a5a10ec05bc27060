//! Every command of the window × every role × nobody × the customer's display, given to the real handler.

use super::listed::built;
use crate::contract::Telling;
use crate::{Opened, handler};
use checkout::people::{PersonId, Role};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use tauri::ipc::{CallbackFn, InvokeBody, InvokeResponseBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder, mock_context, noop_assets};
use tauri::webview::InvokeRequest;
use tauri::{App, WebviewWindow, WebviewWindowBuilder};
use tempfile::TempDir;
use till::keychain::Keychain;
use till::pin::Cost;
use till::seat::Standing;
use till::{Opening, Till};

const SHOP: &str = r#"{
  "shop": {"name": "Көктем", "currency": "KZT", "language": "kk", "country": "KZ"},
  "tax": {"inclusive": true, "default_percent": 16}, "till": {"id": "2"},
  "people": [
    {"name": "Айгерім", "role": "cashier", "pin": "1111"}, {"name": "Мадина", "role": "senior", "pin": "2222"},
    {"name": "Гүлнар", "role": "supervisor", "pin": "333333"}, {"name": "Ержан", "role": "owner", "pin": "444444"}
  ]
}"#;

const STRANGER: &str = "01987f2e-8a3c-7d10-9a55-3f0c6f0a7b11";

/// A row a command, with arguments that hurt nothing. Then what becomes of it for nobody, a cashier, a senior, a
/// supervisor and an owner: `.` it is let in, `s` someone must sign in, `x` the role does not allow it, `a` another
/// person may allow it. The customer's display is refused everything.
fn rows() -> Vec<(&'static str, Value, &'static str)> {
    let of = |id: &str| json!({ (id): STRANGER });
    let change =
        |kind: &str, typed: &str| json!({ "change": { "kind": kind, "lineId": 1, "price": typed, "discount": typed }, "reason": null });
    let resolve = json!({ "attemptId": STRANGER, "decision": "declined", "by": "", "reason": "r", "reference": "", "evidence": "e" });
    let lift = json!({ "refusalId": STRANGER, "proof": { "kind": "badge", "badge": "nobody's badge" }, "reason": "r" });
    vec![
        // A good whose usual price is 285, as long as its import is not undone.
        ("item_sell_by_price", json!({ "price": "285", "code": "4870003100016" }), "s...."),
        ("item_sell_by_price", json!({ "price": "284", "code": "4870003100016" }), "sa..."),
        ("item_sell_by_price", json!({ "price": "200", "code": "4870003100016" }), "saa.."),
        ("item_sell_by_price", json!({ "price": "1", "code": "4870003100016" }), "saaa."),
        ("about_show", json!({}), "....."),
        ("attempt_check", of("attemptId"), "s...."),
        ("attempt_open", of("attemptId"), "s...."),
        ("attempt_park", of("attemptId"), "s...."),
        ("attempt_resolve", resolve, "saa.."),
        ("attempt_stop_waiting", of("attemptId"), "s...."),
        ("cash_preview", json!({ "received": "5" }), "s...."),
        ("cash_return", json!({}), "s...."),
        ("catalogue_quick_keys", json!({}), "s...."),
        ("catalogue_search", json!({ "text": "н" }), "s...."),
        ("goods_show", json!({}), "sxx.."),
        ("import_leave", json!({}), "sxx.."),
        ("import_read", json!({}), "sxx.."),
        ("import_stop", json!({}), "sxx.."),
        ("import_take", json!({}), "sxx.."),
        ("import_undo", json!({}), "sxx.."),
        ("item_add", json!({ "itemId": 0 }), "s...."),
        ("item_scan", json!({ "code": "nothing" }), "s...."),
        ("item_sell_by_price", json!({ "price": "1", "code": null }), "s...."),
        ("item_sell_by_price", json!({ "price": "1", "code": "4870009999997" }), "s...."),
        ("journal_show", json!({ "personId": null, "topic": null, "day": null, "before": null }), "sxx.."),
        ("journal_verify", json!({}), "sxx.."),
        ("kaspi_forget", json!({}), "sxx.."),
        ("kaspi_give_up", json!({}), "sxx.."),
        ("kaspi_register", json!({ "compared": null }), "sxx.."),
        ("kaspi_renew", json!({}), "sxx.."),
        ("kaspi_search", json!({ "near": "127.0.0.1:1" }), "sxx.."),
        ("kaspi_show", json!({}), "sxx.."),
        ("kaspi_test", json!({}), "sxx.."),
        ("kaspi_try", of("commandId"), "sxx.."),
        ("kaspi_unlock", json!({ "passphrase": "" }), "sxx.."),
        ("lift_give", lift, "s...."),
        ("line_remove", json!({ "lineId": 999 }), "s...."),
        ("line_restore", json!({}), "s...."),
        ("line_set_quantity", json!({ "lineId": 999, "quantity": "2" }), "s...."),
        ("locale_set", json!({ "locale": "ru" }), "....."),
        ("owner_make", json!({ "name": "Q", "pin": "000000" }), "sxxxx"),
        ("payment_cash", json!({ "commandId": STRANGER, "received": "-1" }), "s...."),
        ("payment_device", json!({ "commandId": STRANGER, "tender": "kaspi", "amount": null }), "s...."),
        ("people_show", json!({}), "sxxx."),
        ("person_add", json!({ "name": "", "role": "owner", "pin": "000000" }), "sxxx."),
        ("person_change", json!({ "personId": STRANGER, "name": "Q", "role": "owner", "pin": null }), "sxxx."),
        ("person_remove", of("personId"), "sxxx."),
        ("person_set_badge", json!({ "personId": STRANGER, "badge": "B" }), "sxxx."),
        ("person_set_pin", json!({ "personId": STRANGER, "pin": "000000" }), "sxxx."),
        ("price_change", change("line_discount", "10%"), "s...."),
        ("price_change", change("line_discount", "15%"), "sa..."),
        ("price_change", change("line_discount", "300"), "saa.."),
        ("price_change", change("cart_discount", "51%"), "saaa."),
        ("price_change", change("line", "990"), "sa..."),
        ("price_change", change("line", "700"), "saa.."),
        ("price_change", change("line", "1"), "saaa."),
        ("price_preview", change("line", "1"), "s...."),
        ("receipt_qr", json!({ "receiptNumber": "77" }), "s...."),
        ("receipt_save_pdf", json!({ "receiptNumber": "77" }), "s...."),
        ("sale_discard", of("saleId"), "sa..."),
        ("sale_hold", json!({}), "s...."),
        ("sale_recall", of("saleId"), "s...."),
        ("screen_dismiss", json!({}), "s...."),
        ("session_lock", json!({}), "....."),
        ("session_open", json!({ "personId": STRANGER, "pin": "0000" }), "....."),
        ("session_open_by_badge", json!({ "badge": "nobody's badge" }), "....."),
        ("settings_save", json!({ "settings": settings() }), "sxx.."),
        ("settings_show", json!({}), "sxx.."),
        ("view_show", json!({}), "....."),
        ("window_close", json!({}), "....."),
    ]
}

/// Refused for its empty name, whoever saves it.
fn settings() -> Value {
    json!({
        "name": "", "bin": "", "address": "", "city": "", "country": "KZ", "currency": "KZT", "lineStep": "", "receiptLanguages": ["kk"],
        "vatIncluded": true, "defaultVat": "", "till": "2", "kaspi": null,
    })
}

struct Desk {
    till: Arc<Till>,
    sale: WebviewWindow<MockRuntime>,
    display: WebviewWindow<MockRuntime>,
    _app: App<MockRuntime>,
    _folder: TempDir,
}

impl Desk {
    fn open(shop_json: &str, training: bool) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let opening = || Opening {
            keychain: Keychain::Folder(folder.path().join("keys")),
            pin_cost: Cost { memory_kib: 8, passes: 1, lanes: 1 },
            training,
            ..Opening::at(&folder.path().join("shop"))
        };
        let till = wait(async {
            till::init_by(opening(), shop_json, None).await.unwrap();
            let till = Till::open(opening()).await.unwrap();
            till.import(simulators::demo::GOODS.as_bytes(), false).await.unwrap();
            till
        });
        let opened = Opened { till: Ok(till.clone()), telling: Arc::new(Telling::default()), leaving: Arc::default(), _demo: None };
        let app = mock_builder().invoke_handler(handler()).manage(Arc::new(opened)).build(mock_context(noop_assets())).unwrap();
        let window = |label: &str| WebviewWindowBuilder::new(&app, label, Default::default()).build().unwrap();
        Desk { till, sale: window("sale"), display: window("display"), _app: app, _folder: folder }
    }

    fn give(&self, window: &WebviewWindow<MockRuntime>, command: &str, arguments: &Value) -> Result<Value, Value> {
        let body = if command == "import_read" { InvokeBody::Raw(b"name".to_vec()) } else { InvokeBody::Json(arguments.clone()) };
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: "tauri://localhost".parse().unwrap(),
            body,
            headers: Default::default(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        get_ipc_response(window, request).map(|answer| match answer {
            InvokeResponseBody::Json(text) => serde_json::from_str(&text).unwrap(),
            InvokeResponseBody::Raw(_) => Value::Null,
        })
    }

    fn sign_in(&self, role: Option<Role>) {
        let Some(role) = role else { return wait(self.till.lock()).unwrap() };
        let (name, pin) = match role {
            Role::Cashier => ("Айгерім", "1111"),
            Role::Senior => ("Мадина", "2222"),
            Role::Supervisor => ("Гүлнар", "333333"),
            Role::Owner => ("Ержан", "444444"),
        };
        wait(self.till.sign_in_by_name(name, pin)).unwrap();
    }

    /// One line of 1 000 ₸ in the cart.
    fn ring_up(&self) {
        wait(async {
            self.till.start_sale(checkout::payment::SaleId(uuid::Uuid::now_v7())).await.unwrap();
            self.till.sell_by_price("1000", None).await.unwrap();
        });
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tauri::async_runtime::block_on(future)
}

fn outcome(answer: &Result<Value, Value>) -> char {
    match answer.as_ref().err().and_then(|failure| failure["code"].as_str()) {
        Some("sign_in_needed") => 's',
        Some("not_allowed") => 'x',
        Some("needs_approval") => 'a',
        Some("internal") => '!',
        _ => '.',
    }
}

#[test]
fn every_command_asks_who_is_at_the_till() {
    let desk = Desk::open(SHOP, false);
    let people = [None, Some(Role::Cashier), Some(Role::Senior), Some(Role::Supervisor), Some(Role::Owner)];
    for (command, arguments, expected) in rows() {
        let mut found = String::new();
        for role in people {
            desk.ring_up();
            desk.sign_in(role);
            found.push(outcome(&desk.give(&desk.sale, command, &arguments)));
        }
        assert_eq!(found, expected, "{command} {arguments}");
        desk.sign_in(Some(Role::Owner));
        let refused = desk.give(&desk.display, command, &arguments);
        assert_eq!(refused.unwrap_err()["code"], "not_allowed", "{command} from the customer's display");
    }
}

#[test]
fn a_command_without_a_row_fails_here() {
    let rows: BTreeSet<&str> = rows().into_iter().map(|(command, ..)| command).collect();
    let needs: Vec<&str> = super::guard::NEEDS.iter().map(|(command, _)| *command).collect();
    assert_eq!(rows, built(), "each command of build.rs has its rows in this test");
    assert_eq!(needs.iter().copied().collect::<BTreeSet<_>>(), built(), "each has its right in guard.rs");
    assert_eq!(needs.len(), built().len(), "and one right");
}

#[test]
fn a_shop_with_nobody_asks_for_its_owner_and_does_nothing_else() {
    let mut shop: Value = serde_json::from_str(SHOP).unwrap();
    shop.as_object_mut().unwrap().remove("people");
    let desk = Desk::open(&shop.to_string(), false);
    for (command, arguments, _) in rows() {
        let open = [
            "about_show",
            "locale_set",
            "session_lock",
            "session_open",
            "session_open_by_badge",
            "view_show",
            "window_close",
            "owner_make",
        ];
        if !open.contains(&command) {
            assert_eq!(outcome(&desk.give(&desk.sale, command, &arguments)), 's', "{command}");
        }
    }
    let view = desk.give(&desk.sale, "view_show", &json!({})).unwrap();
    assert_eq!(view["view"]["screen"]["kind"], "first_owner");
    let short = desk.give(&desk.sale, "owner_make", &json!({ "name": "Ержан", "pin": "4444" })).unwrap_err();
    assert_eq!(short["code"], "bad_pin");
    let made = desk.give(&desk.sale, "owner_make", &json!({ "name": "Ержан", "pin": "444444" })).unwrap();
    assert_eq!(made["view"]["session"]["person"]["role"], "owner");
    assert_eq!(outcome(&desk.give(&desk.sale, "settings_show", &json!({}))), '.');
    let again = desk.give(&desk.sale, "owner_make", &json!({ "name": "Q", "pin": "000000" }));
    assert_eq!(outcome(&again), 'x');
}

#[test]
fn a_training_shop_without_people_asks_nobody() {
    let mut shop: Value = serde_json::from_str(SHOP).unwrap();
    shop.as_object_mut().unwrap().remove("people");
    let desk = Desk::open(&shop.to_string(), true);
    for (command, arguments, _) in rows().into_iter().filter(|(command, ..)| *command != "owner_make") {
        assert_eq!(outcome(&desk.give(&desk.sale, command, &arguments)), '.', "{command}");
    }
    assert_eq!(desk.till.standing(), Standing::Training);
}

#[test]
fn a_locked_till_tells_its_window_nothing_of_the_sale() {
    let desk = Desk::open(SHOP, false);
    desk.ring_up();
    desk.sign_in(None);
    let mut told = desk.give(&desk.sale, "view_show", &json!({})).unwrap();
    // The people's ids are digits of chance: they are set aside before amounts are looked for.
    for person in told["view"]["screen"]["people"].as_array_mut().unwrap() {
        person["id"] = Value::Null;
    }
    let view = &told["view"];
    assert_eq!(view["screen"]["kind"], "sign_in");
    assert_eq!(view["screen"]["people"].as_array().unwrap().len(), 4);
    assert_eq!((view["session"].is_null(), &view["cart"]["lines"], &view["payReady"]), (true, &json!([]), &json!(false)));
    assert!(!told.to_string().contains("000"), "no amount of the sale: {told}");
    for secret in ["pin", "hash", "badge"] {
        assert!(!told.to_string().contains(secret), "{secret} is told before the sign-in");
    }
    desk.sign_in(Some(Role::Cashier));
    let view = desk.give(&desk.sale, "view_show", &json!({})).unwrap()["view"].clone();
    assert_eq!(view["cart"]["lines"].as_array().unwrap().len(), 1, "the cart has stayed");
    let discount = view["session"]["rights"].as_array().unwrap().iter().find(|grant| grant["right"] == "discount").unwrap().clone();
    assert_eq!(discount, json!({ "right": "discount", "reach": "up_to", "limit": "10\u{a0}%", "liftable": true }));
}

#[test]
fn a_lift_is_for_the_same_command_once() {
    let desk = Desk::open(SHOP, false);
    desk.ring_up();
    desk.sign_in(Some(Role::Cashier));
    let cut = |typed: &str| json!({ "change": { "kind": "line_discount", "lineId": 1, "discount": typed }, "reason": "damaged" });
    let refused = desk.give(&desk.sale, "price_change", &cut("25%")).unwrap_err();
    let approval = &refused["approval"];
    assert_eq!((approval["limit"].as_str(), approval["asked"].as_str()), (Some("10\u{a0}%"), Some("25\u{a0}%")));
    let people: Vec<&str> = approval["people"].as_array().unwrap().iter().map(|person| person["name"].as_str().unwrap()).collect();
    assert_eq!(people, ["Гүлнар", "Ержан"], "those whose own right goes so far");
    let by = |name: &str, pin: &str| {
        let Standing::Signed(_) = desk.till.standing() else { panic!("the cashier stays signed in") };
        let listed = wait(desk.till.listed_people()).unwrap();
        let PersonId(id) = listed.iter().find(|listed| listed.person.name == name).unwrap().person.id;
        json!({ "refusalId": approval["refusalId"], "proof": { "kind": "pin", "personId": id, "pin": pin }, "reason": "a dent" })
    };
    assert_eq!(outcome(&desk.give(&desk.sale, "lift_give", &by("Мадина", "2222"))), 'x', "a senior's right does not go so far");
    let wrong = desk.give(&desk.sale, "lift_give", &by("Гүлнар", "333334")).unwrap_err();
    assert_eq!((wrong["code"].as_str(), wrong["pin"]["triesLeft"].as_u64()), (Some("wrong_pin"), Some(4)));
    desk.give(&desk.sale, "lift_give", &by("Гүлнар", "333333")).unwrap();
    assert_eq!(outcome(&desk.give(&desk.sale, "price_change", &cut("30%"))), 'a', "another amount is another action");
    assert_eq!(outcome(&desk.give(&desk.sale, "price_change", &cut("25%"))), 'a', "and it has used the prompt up");
    let refused = desk.give(&desk.sale, "price_change", &cut("25%")).unwrap_err();
    let mut given = by("Гүлнар", "333333");
    given["refusalId"] = refused["approval"]["refusalId"].clone();
    desk.give(&desk.sale, "lift_give", &given).unwrap();
    let view = desk.give(&desk.sale, "price_change", &cut("25%")).unwrap()["view"].clone();
    assert_eq!(view["session"]["person"]["name"], "Айгерім");
    assert_eq!(outcome(&desk.give(&desk.sale, "price_change", &cut("25%"))), 'a', "once");
}
