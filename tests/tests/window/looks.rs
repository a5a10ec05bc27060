//! Every state as people see it: three sizes, two themes, three languages.

use crate::{Desk, scan_two};
use acceptance::window::{Window, key};
use simulators::kaspi::Customer;

#[tokio::test(flavor = "multi_thread")]
async fn the_screens_in_both_sizes_and_themes() {
    for (width, height) in [(1366, 768), (1024, 768)] {
        let desk = Desk::new(Customer::held(), "kk").await;
        let window = Window::open(desk.folder.path(), width, height).await;
        scan_two(&window).await;
        for code in ["4870003200037", "4870003200044", "4870001250010"] {
            window.pay_ready().await;
            window.scan(code).await;
        }
        window.shows("li:nth-child(4) [data-test='line-choose']").await;
        for locale in ["kk", "ru"] {
            window.touch(&format!("locale-set-{locale}")).await;
            window.shows(&format!("html[lang='{locale}']")).await;
            for theme in ["light", "dark"] {
                window.theme(theme).await;
                window.picture(&format!("sale-{locale}-{theme}-{width}")).await;
            }
        }
        window.pay_ready().await;
        window.press(key::F9).await;
        window.shows("[data-test='stage-customer'][data-state='now']").await;
        for theme in ["light", "dark"] {
            window.theme(theme).await;
            window.picture(&format!("waiting-ru-{theme}-{width}")).await;
        }
        let overflow = window
            .run("const e = document.scrollingElement; return e.scrollWidth > innerWidth + 1 || e.scrollHeight > innerHeight + 1")
            .await;
        assert_eq!(overflow, false, "the page scrolls at {width}×{height}");
        window.close().await;
    }
}
