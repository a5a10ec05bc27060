//! What people see and hear of the real window: pictures, flaws by the design and by axe, and what a screen reader is told.

use crate::window::{PATIENCE, Window};
use fantoccini::Locator;
use serde_json::json;
use std::path::{Path, PathBuf};

impl Window {
    /// Keeps a picture under target/shots for people to look at.
    pub async fn picture(&self, name: &str) {
        let folder = shots();
        std::fs::create_dir_all(&folder).unwrap();
        // What was just changed is drawn with the next frame.
        let drawn = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)))";
        self.page.execute_async(drawn, Vec::new()).await.unwrap();
        let png = self.page.screenshot().await.unwrap();
        assert!(png.len() > 4_000, "an empty picture");
        std::fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }

    /// What breaks the rules of the design (`check.js`) or of accessibility (axe) on the screen as it is now.
    pub async fn flaws(&self) -> Vec<String> {
        let rules = include_str!("check.js");
        let drawn =
            self.page.execute(&format!("return ({})", rules.trim_start_matches(|letter| letter != '\n').trim()), Vec::new()).await.unwrap();
        self.with_axe().await;
        let asked = r#"
            const done = arguments[0];
            axe.run(document, { resultTypes: ['violations'] }).then(
                (found) => done(found.violations.flatMap((rule) => rule.nodes.map((node) => `AXE ${rule.id} ${node.html.slice(0, 160)}`))),
                (why) => done(['AXE did not run: ' + why]));"#;
        let heard = self.page.execute_async(asked, Vec::new()).await.unwrap();
        let both = [drawn, heard];
        both.iter().flat_map(|list| list.as_array().unwrap()).map(|flaw| flaw.as_str().unwrap().to_owned()).collect()
    }

    async fn with_axe(&self) {
        if self.run("return typeof axe").await == "undefined" {
            self.page.execute(&axe(), Vec::new()).await.unwrap();
        }
    }

    /// Presses what a screen reader would find by its role and the beginning of its name, and by nothing else.
    pub async fn press_named(&self, role: &str, beginning: &str) {
        self.with_axe().await;
        let script = r#"
            const [role, beginning] = arguments, done = arguments[arguments.length - 1];
            const until = performance.now() + 20000;
            const { aria, dom, text } = axe.commons;
            const fits = (node) => aria.getRole(node) === role && !node.disabled && dom.isVisibleToScreenReaders(node)
                && text.accessibleText(node).trim().startsWith(beginning);
            const look = () => {
                axe.setup(document.documentElement);
                const found = [...document.querySelectorAll('button, a, input, [role]')].find(fits);
                axe.teardown();
                if (found !== undefined) { found.click(); done(true); }
                else if (performance.now() > until) done(false);
                else requestAnimationFrame(look);
            };
            look();"#;
        let pressed = self.page.execute_async(script, vec![json!(role), json!(beginning)]).await.unwrap();
        assert_eq!(pressed, true, "no {role} whose name begins with {beginning:?}; the page shows {}", self.state().await);
    }

    /// Waits until a screen reader is told a text.
    pub async fn hears(&self, text: &str) {
        let xpath = format!("//*[@role='status' or @role='alert'][contains(translate(., '\u{a0}', ' '), '{text}')]");
        let heard = self.page.wait().at_most(PATIENCE).for_element(Locator::XPath(&xpath)).await;
        assert!(heard.is_ok(), "{text:?} was not said; the page shows {}", self.state().await);
    }

    /// Chooses the theme as the root's attribute overrides it.
    pub async fn theme(&self, theme: &str) {
        self.page.execute("document.documentElement.dataset.theme = arguments[0]", vec![json!(theme)]).await.unwrap();
    }
}

fn axe() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(file).expect("axe-core lies beside the screens' other packages; `make setup` fetches it")
}

fn shots() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target")).join("shots")
}
