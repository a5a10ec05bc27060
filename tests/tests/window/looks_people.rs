//! Who is at the till, as people see it: the first owner, the tiles, the PIN and what stands after a wrong one, one person
//! allowing another's action, and the page of people.

use crate::look::{Look, in_every_size};
use crate::{Desk, scan_two};
use acceptance::window::{OWNER, Window, give_people, key};
use checkout::people::Role;
use simulators::kaspi::Customer;

const CASHIER: (&str, Role, &str) = ("Айгерім Сәбитова", Role::Cashier, "4711");
const OTHER: (&str, Role, &str) = ("Нұрлан Өмірзақов", Role::Cashier, "2345");
const SUPERVISOR: (&str, Role, &str) = ("Гүлнар Ахметова", Role::Supervisor, "551820");
const SENIOR: (&str, Role, &str) = ("Мадина Қалиева", Role::Senior, "3456");
const THIRD: (&str, Role, &str) = ("Сергей Ким", Role::Cashier, "4567");

async fn people(size: (u32, u32), locale: &str) {
    let desk = Desk::new(Customer::default(), locale).await;
    give_people(desk.folder.path(), &[(OWNER.0, Role::Owner, OWNER.1), CASHIER, OTHER, SENIOR, THIRD, SUPERVISOR]).await;
    let mut look = Look::open(&desk, size, locale).await;
    look.window.touch("session-lock").await;
    look.window.reaches("sign_in", "tiles").await;
    look.at("01-tiles").await;
    look.window.touch_path(&choice("person-choose", CASHIER.0)).await;
    look.window.give_pin("471").await;
    look.at("01-pin").await;
    look.window.touch("pin-clear").await;
    wrong_pin(&look.window, 4).await;
    look.at("01-pin-wrong").await;
    for left in [3, 2, 1, 0] {
        wrong_pin(&look.window, left).await;
    }
    look.window.shows("[data-wait='true']").await;
    look.at("01-pin-wait").await;
    look.window.press(key::ESCAPE).await;
    look.window.reaches("sign_in", "tiles").await;

    look.window.sign_in_as(OTHER.0, OTHER.2).await;
    scan_two(&look.window).await;
    look.at("02-cashier").await;
    look.window.press(key::UP).await;
    look.window.press(key::F4).await;
    look.window.reaches("sale", "discount").await;
    look.window.type_text("15").await;
    look.window.touch("reason-damaged").await;
    look.at("02-over-limit").await;
    look.window.touch("edit-apply").await;
    look.window.shows("[data-test='lift-dialog']").await;
    look.at("02-lift").await;
    look.window.touch_path(&choice("lift-person", SUPERVISOR.0)).await;
    look.window.touch("lift-reason-goods").await;
    look.window.give_pin("111111").await;
    look.window.touch("lift-give").await;
    look.window.shows("[data-test='lift-dialog'] [data-test='pin-refused']").await;
    look.at("02-lift-wrong").await;
    look.window.press(key::ESCAPE).await;
    look.window.shows("[data-screen]:not(:has([data-test='lift-dialog']))").await;

    look.window.touch("session-switch").await;
    look.window.sign_in_as(OWNER.0, OWNER.1).await;
    look.window.touch("settings-open").await;
    look.window.touch("page-people").await;
    look.window.shows("[data-test='person-wait']").await;
    look.at("08-people").await;
    look.window.touch_path(&format!("{}//button", choice("person-row", CASHIER.0))).await;
    look.window.shows("[data-test='person-form']").await;
    look.at("08-person").await;
    look.window.touch("person-remove").await;
    look.window.touch("person-badge-set").await;
    look.window.shows("[data-test='badge-awaited']").await;
    look.at("08-person-badge").await;
    look.window.touch("person-badge-cancel").await;
    look.window.touch("person-remove").await;
    look.at("08-person-remove").await;
    look.window.touch("person-add").await;
    look.window.fill("person-name", "Толғанай Бекмұхамбетова").await;
    look.window.touch("person-role-owner").await;
    look.window.fill("person-pin", "1234").await;
    look.window.touch("person-save").await;
    look.window.shows("[data-test='person-pin-wrong']").await;
    look.at("08-person-wrong").await;
    look.close().await;
}

/// What is to be touched for somebody.
fn choice(control: &str, name: &str) -> String {
    format!("//*[@data-test='{control}'][contains(., '{name}')]")
}

/// Gives a PIN that is not right, and waits until so many tries are left.
async fn wrong_pin(window: &Window, left: u32) {
    window.give_pin("9999").await;
    window.touch("pin-enter").await;
    window.shows(&format!("[data-left='{left}'] [data-test='pin-refused']")).await;
}

/// A shop that has nobody yet.
async fn first_owner(size: (u32, u32), locale: &str) {
    let desk = Desk::new(Customer::default(), locale).await;
    let mut look = Look::open_locked(&desk, size, locale).await;
    look.window.reaches("sign_in", "owner").await;
    look.at("01-owner").await;
    look.window.fill("owner-name", "Ержан Тілеуберді").await;
    look.window.fill("owner-pin", "1234").await;
    look.window.touch("owner-make").await;
    look.window.shows("[data-test='owner-pin-wrong']").await;
    look.at("01-owner-wrong").await;
    look.close().await;
}

in_every_size!(people, first_owner);
