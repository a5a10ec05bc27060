//! The page of the journal in the real window: the facts of a sale, by person, and the walk along the chain.

use crate::{Desk, scan_two};
use acceptance::window::{OWNER, key};
use simulators::kaspi::Customer;

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_reads_who_did_what_and_that_nothing_was_changed() {
    let desk = Desk::new(Customer::default(), "ru").await;
    let window = desk.window().await;
    scan_two(&window).await;
    window.pay_ready().await;
    window.press(key::F10).await;
    window.reaches("done", "cash").await;
    window.touch("settings-open").await;
    window.touch("page-journal").await;
    window.reaches("settings", "journal").await;
    window.shows("[data-test='journal-row'][data-code='sale_closed']").await;
    window.touch("journal-verify").await;
    window.shows("[data-test='journal-whole']").await;
    let choose = "const select = document.querySelector(`[data-test='journal-person']`); \
                  select.selectedIndex = [...select.options].findIndex((option) => option.text === arguments[0]); \
                  select.dispatchEvent(new Event('change', { bubbles: true }))";
    window.run(&choose.replace("arguments[0]", &format!("`{}`", OWNER.0))).await;
    window.touch("journal-topic-people").await;
    window.shows("[data-test='journal-row'][data-code='signed_in']").await;
    window.shows("[data-screen]:not(:has([data-code='sale_closed']))").await;
    window.picture("journal").await;
    window.close().await;
}
