//! A sale by the platform's accessibility tree alone, as a screen reader gives it to somebody who does not see the till.

use crate::Desk;
use acceptance::reader::{Reader, role};
use acceptance::window::OWNER;
use simulators::kaspi::Customer;

#[tokio::test(flavor = "multi_thread")]
async fn a_cash_sale_is_made_through_the_platforms_accessibility_tree() {
    let desk = Desk::new(Customer::default(), "ru").await;
    let reader = Reader::open(desk.folder.path()).await;
    reader.press(role::TOGGLE, OWNER.0);
    for digit in OWNER.1.chars() {
        reader.press(role::BUTTON, &digit.to_string());
    }
    reader.press(role::BUTTON, "Войти");
    reader.press(role::BUTTON, "Бородино наны");
    reader.hears("285");
    reader.press(role::BUTTON, "Наличные");
    reader.hears("Продажа закрыта");
    drop(reader);
    let sold = crate::people::kinds(&desk).await;
    assert!(sold.contains(&("sale_closed".to_owned(), Some(OWNER.0.to_owned()))), "{sold:?}");
}
