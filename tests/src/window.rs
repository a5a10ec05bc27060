//! The real window under a virtual display, driven over WebDriver.

use checkout::people::Role;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use till::keychain::Keychain;
use till::pin::Cost;
use till::{Opening, Till, TillError};

/// Function and editing keys, as WebDriver writes them.
pub mod key {
    pub const ENTER: char = '\u{e007}';
    pub const ESCAPE: char = '\u{e00c}';
    pub const DELETE: char = '\u{e017}';
    pub const UP: char = '\u{e013}';
    pub const DOWN: char = '\u{e015}';
    pub const SPACE: char = ' ';
    pub const RIGHT: char = '\u{e014}';
    pub const F1: char = '\u{e031}';
    pub const F3: char = '\u{e033}';
    pub const F4: char = '\u{e034}';
    pub const F6: char = '\u{e036}';
    pub const F7: char = '\u{e037}';
    pub const F9: char = '\u{e039}';
    pub const F10: char = '\u{e03a}';
}

/// The settings of a desktop whose user wants less motion: pictures are taken of what is, not of what is fading.
const STILL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/still");

/// How many keys have come up again on the page since this was first asked there.
const KEYS_SEEN: &str = "if (window.keysSeen === undefined) {
    window.keysSeen = 0;
    addEventListener('keyup', () => { window.keysSeen += 1; }, true);
}
return window.keysSeen;";

/// Answers when more keys have come up than there had; a key that goes to no page is not waited for long.
const KEY_IS_UP: &str = "const [before, done] = arguments;
if (window.keysSeen !== before) done();
addEventListener('keyup', () => done(), { capture: true, once: true });
setTimeout(done, 2000);";

/// Answers when an element, brought into view, stands still from one frame to the next; one that never does is not waited for long.
const STANDS_STILL: &str = "const [element, done] = arguments;
element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
const place = () => { const { x, y, width, height } = element.getBoundingClientRect(); return [x, y, width, height].join(); };
let last = place(), still = 0;
const look = () => {
    const now = place();
    still = now === last ? still + 1 : 0;
    last = now;
    if (still === 1) done(); else requestAnimationFrame(look);
};
requestAnimationFrame(look);
setTimeout(done, 2000);";

/// How long the screen may take to show what it should; a test that passes never waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A process that ends with the test.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub struct Window {
    pub page: Client,
    presses: AtomicU32,
    driver: Process,
    /// The display's own name, `:7`.
    pub display: String,
    _display: Process,
}

pub(crate) fn program() -> String {
    std::env::var("KASSA_APP").expect("KASSA_APP must name the kassa to test; `make test` sets it")
}

/// A virtual display as large as the window, which picks a free number itself. Without a window manager the
/// window under the pointer has the focus, and the pointer starts in the middle.
pub(crate) fn display(width: u32, height: u32) -> (Process, String) {
    let (read, write) = std::io::pipe().unwrap();
    let child = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", &format!("{width}x{height}x24"), "-nolisten", "tcp"])
        .stdout(write)
        .stderr(Stdio::null())
        .spawn()
        .expect("Xvfb is needed; `make setup` installs it");
    let mut number = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(read), &mut number).unwrap();
    (Process(child), format!(":{}", number.trim()))
}

/// Who stands at the till in these tests.
pub const OWNER: (&str, &str) = ("Ержан", "908172");

/// Where the key of the PINs lies in these tests: never in the keychain of who runs them.
pub(crate) fn keys(data: &Path) -> PathBuf {
    data.join("keys")
}

/// A real till asks for its people: a shop that has none yet gets an owner.
pub(crate) async fn give_owner(data: &Path) {
    if !keys(data).exists() {
        give_people(data, &[(OWNER.0, Role::Owner, OWNER.1)]).await;
    }
}

/// Adds people to a shop whose till is closed, with PINs that cost little to check.
pub async fn give_people(data: &Path, people: &[(&str, Role, &str)]) {
    let pin_cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };
    let till = loop {
        match Till::open(Opening { keychain: Keychain::Folder(keys(data)), pin_cost, ..Opening::at(data) }).await {
            Err(TillError::Instance(_)) => tokio::task::yield_now().await,
            till => break till.unwrap(),
        }
    };
    for (name, role, pin) in people {
        till.add_person(name, *role, pin).await.unwrap();
    }
    till.close().await;
}

fn parent(process: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

fn is_the_till(running: &Path) -> bool {
    std::fs::canonicalize(program()).is_ok_and(|program| program == running)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Window {
    /// Opens the till's window on a data folder, at a size in pixels, and signs its owner in.
    pub async fn open(data: &Path, width: u32, height: u32) -> Window {
        give_owner(data).await;
        Window::of_till(&["--data", data.to_str().unwrap()], &keys(data), STILL, width, height).await
    }

    /// The same on a desktop whose user minds no motion.
    pub async fn open_moving(data: &Path, width: u32, height: u32) -> Window {
        give_owner(data).await;
        Window::of_till(&["--data", data.to_str().unwrap()], &keys(data), "", width, height).await
    }

    /// Opens it as it starts, with nobody signed in.
    pub async fn open_locked(data: &Path, width: u32, height: u32) -> Window {
        let size = format!("{width}x{height}");
        let arguments = ["--data", data.to_str().unwrap(), "--size", &size];
        let window = Window::with_keys(&program(), &arguments, &keys(data), STILL, width, height).await;
        window.shows("[data-screen='sign_in']").await;
        window
    }

    /// The same with all that can be logged going to a file.
    pub async fn open_logged(data: &Path, log: &Path) -> Window {
        let program = log.with_extension("sh");
        std::fs::write(&program, format!("#!/bin/sh\nKASSA_LOG=trace exec \"$KASSA_APP\" \"$@\" >>'{}' 2>&1\n", log.display())).unwrap();
        assert!(Command::new("chmod").arg("+x").arg(&program).status().unwrap().success());
        let window = Window::with_keys(program.to_str().unwrap(), &["--data", data.to_str().unwrap()], &keys(data), STILL, 1366, 768).await;
        window.shows("[data-screen='sign_in']").await;
        window
    }

    /// Opens the training shop on simulated devices.
    pub async fn open_demo(width: u32, height: u32) -> Window {
        Window::of_till(&["--demo"], Path::new(""), STILL, width, height).await
    }

    async fn of_till(shop: &[&str], keys: &Path, desktop: &str, width: u32, height: u32) -> Window {
        let size = format!("{width}x{height}");
        let window = Window::with_keys(&program(), &[shop, &["--size", &size]].concat(), keys, desktop, width, height).await;
        window.shows("[data-screen]:not([data-screen='starting'])").await;
        if window.run("return document.querySelector('[data-screen]').dataset.screen").await == "sign_in" {
            window.sign_in().await;
        }
        // Keys pressed before the window has the focus go nowhere; after a restart another screen may have it.
        window.shows("[data-test='item-search']:focus, [data-screen='paying'], [data-screen='done']").await;
        window
    }

    /// The owner of [`Window::open`] signs in.
    async fn sign_in(&self) {
        self.sign_in_as(OWNER.0, OWNER.1).await;
        self.presses();
        self.shows("[data-screen]:not([data-screen='sign_in'])").await;
    }

    /// Chooses a person and gives a PIN.
    pub async fn sign_in_as(&self, name: &str, pin: &str) {
        self.touch_path(&format!("//*[@data-test='person-choose'][contains(., '{name}')]")).await;
        self.reaches("sign_in", "pin").await;
        self.give_pin(pin).await;
        self.press(key::ENTER).await;
    }

    /// Touches the digits of a PIN: typed ones could come as fast as a badge's.
    pub async fn give_pin(&self, pin: &str) {
        for digit in pin.chars() {
            self.touch_path(&format!("//*[@data-test='pin-digit'][@data-digit='{digit}']")).await;
        }
    }

    /// Touches the element that an XPath names.
    pub async fn touch_path(&self, path: &str) {
        self.shows_path(path).await;
        self.touch_element(self.page.find(Locator::XPath(path)).await.unwrap()).await;
    }

    /// Starts a program on a display of this size and takes hold of its window.
    pub async fn of(program: &str, arguments: &[&str], width: u32, height: u32) -> Window {
        Window::with_keys(program, arguments, Path::new(""), STILL, width, height).await
    }

    async fn with_keys(program: &str, arguments: &[&str], keys: &Path, desktop: &str, width: u32, height: u32) -> Window {
        let (display, number) = display(width, height);
        let port = free_port();
        let driver = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .env("DISPLAY", &number)
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("NO_AT_BRIDGE", "1")
            .env("GTK_A11Y", "none")
            .env("GDK_BACKEND", "x11")
            .env("KASSA_KEYS", keys)
            .env("XDG_CONFIG_DIRS", desktop)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("WebKitWebDriver is needed; `make setup` installs it");
        let driver = Process(driver);
        let mut capabilities = Capabilities::new();
        capabilities.insert("webkitgtk:browserOptions".to_owned(), json!({ "binary": program, "args": arguments }));
        let url = format!("http://127.0.0.1:{port}");
        let page = connect(&url, capabilities).await;
        Window { page, presses: AtomicU32::new(0), driver, display: number, _display: display }
    }

    /// The processes the window consists of: all that its driver started, and what those started.
    pub fn processes(&self) -> Vec<u32> {
        let all = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let parents: Vec<(u32, u32)> = all.filter_map(|process| Some((process, parent(process)?))).collect();
        let mut family = vec![self.driver.0.id()];
        let mut known = 0;
        while known < family.len() {
            let of = family[known];
            family.extend(parents.iter().filter(|(_, parent)| *parent == of).map(|(process, _)| *process));
            known += 1;
        }
        family.split_off(1)
    }

    /// Waits until an element that fits is on the page.
    pub async fn shows(&self, css: &str) -> Element {
        let found = self.page.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("{css} did not appear: {error}; the page shows {}", self.state().await),
        }
    }

    /// Waits until an element that an XPath names is on the page.
    pub async fn shows_path(&self, path: &str) {
        if let Err(error) = self.page.wait().at_most(PATIENCE).for_element(Locator::XPath(path)).await {
            panic!("{path} did not appear: {error}; the page shows {}", self.state().await);
        }
    }

    /// Waits for a screen in a state.
    pub async fn reaches(&self, screen: &str, state: &str) {
        self.shows(&format!("[data-screen='{screen}'][data-state='{state}']")).await;
    }

    /// Screen and state now, for messages.
    pub(crate) async fn state(&self) -> String {
        let script = "const e = document.querySelector('[data-screen]'); return (e ? e.dataset.screen + '/' + e.dataset.state + ': ' : '') + document.body.innerText";
        self.page.execute(script, Vec::new()).await.map_or_else(|error| error.to_string(), |value| value.to_string())
    }

    /// Presses and lets go of a key, wherever the focus is.
    pub async fn press(&self, key: char) {
        self.presses.fetch_add(1, Ordering::Relaxed);
        let before = self.run(KEYS_SEEN).await;
        let actions = KeyActions::new("keyboard".to_owned()).then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
        self.page.perform_actions(actions).await.unwrap();
        // The driver's keys take another way to the page than its touches and can stall: a touch must not overtake a key.
        // A key that closes the page has nobody left to wait for it.
        let _ = self.page.execute_async(KEY_IS_UP, vec![before]).await;
    }

    /// How often a person has pressed a key since the last time this was asked.
    pub fn presses(&self) -> u32 {
        self.presses.swap(0, Ordering::Relaxed)
    }

    /// Types text as a person does: each key on its own.
    pub async fn type_text(&self, text: &str) {
        for letter in text.chars() {
            self.press(letter).await;
        }
    }

    /// Sends a code of digits as a scanner does: physical keys in one burst with Enter behind them, under whatever
    /// keyboard layout (here the Kazakh one, which has letters on the digit row). The burst is made inside the page,
    /// because the driver's own keys can stall for longer than any scanner.
    pub async fn scan(&self, code: &str) {
        self.scan_together(&[code]).await;
    }

    /// Scans that run together: the next begins where the one before ends.
    pub async fn scan_together(&self, codes: &[&str]) {
        let script = r#"
            const letters = ['қ', '!', 'ә', 'і', 'ң', 'ғ', ',', '.', 'ү', 'ұ'];
            const press = (key, code) => (document.activeElement ?? document.body)
                .dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true }));
            const done = arguments[1];
            // A hand that has typed takes up the scanner first: longer than the silence that ends a burst.
            setTimeout(() => {
                for (const code of arguments[0]) {
                    for (const digit of code) press(letters[digit], 'Digit' + digit);
                    press('Enter', 'Enter');
                }
                done(true);
            }, 120);"#;
        self.page.execute_async(script, vec![json!(codes)]).await.unwrap();
    }

    /// Chooses a goods file: the native chooser answers with its path.
    pub async fn choose_file(&self, folder: &Path, name: &str, text: &str) {
        let file = folder.join(name);
        std::fs::write(&file, text).unwrap();
        self.shows("[data-test='import-choose']").await.send_keys(file.to_str().unwrap()).await.unwrap();
    }

    /// Puts text into a field at once: the driver's keys are as fast as a scanner's, which the till tells from a hand's.
    pub async fn fill(&self, name: &str, text: &str) {
        self.shows(&format!("[data-test='{name}']")).await;
        let script = "const field = document.querySelector(`[data-test='${arguments[0]}']`); field.value = arguments[1];
            field.dispatchEvent(new Event('input', { bubbles: true }));";
        self.page.execute(script, vec![json!(name), json!(text)]).await.unwrap();
    }

    /// Touches the control with this name.
    pub async fn touch(&self, name: &str) {
        self.touch_element(self.shows(&format!("[data-test='{name}']:not([disabled])")).await).await;
    }

    /// A person touches what stands still. The driver would aim first and touch later, and miss what has moved meanwhile.
    async fn touch_element(&self, element: Element) {
        // What goes away while it is looked at is told by the touch.
        let _ = self.page.execute_async(STANDS_STILL, vec![serde_json::to_value(&element).unwrap()]).await;
        element.click().await.unwrap();
    }

    /// Touches a control with which the window goes away, and the driver's answer with it.
    pub async fn touch_and_leave(&self, name: &str) {
        self.shows(&format!("[data-test='{name}']:not([disabled])")).await;
        self.run(&format!("setTimeout(() => document.querySelector(`[data-test='{name}']`).click(), 50)")).await;
    }

    /// Waits until the pay keys take a press.
    pub async fn pay_ready(&self) {
        self.shows("[data-pay-ready='true']").await;
    }

    /// The text of the first element that fits.
    pub async fn text(&self, css: &str) -> String {
        self.shows(css).await.text().await.unwrap().replace('\u{a0}', " ")
    }

    /// Waits until the element with this name contains a text.
    pub async fn reads(&self, name: &str, text: &str) {
        let xpath = format!("//*[@data-test='{name}'][contains(translate(., '\u{a0}', ' '), '{text}')]");
        if let Err(error) = self.page.wait().at_most(PATIENCE).for_element(Locator::XPath(&xpath)).await {
            panic!("{name} did not come to read {text:?}: {error}; it reads {:?}", self.text(&format!("[data-test='{name}']")).await);
        }
    }

    pub async fn run(&self, script: &str) -> Value {
        self.page.execute(script, Vec::new()).await.unwrap()
    }

    /// Kills the till as a power cut would, and waits until it is gone.
    pub async fn kill(self) {
        let till: Vec<String> = self
            .processes()
            .into_iter()
            .filter(|process| std::fs::read_link(format!("/proc/{process}/exe")).is_ok_and(|program| is_the_till(&program)))
            .map(|process| process.to_string())
            .collect();
        assert_eq!(till.len(), 1, "one till works in this window");
        assert!(Command::new("kill").args(["-KILL", &till[0]]).status().unwrap().success());
        while is_dying(&till[0]) {
            tokio::task::yield_now().await;
        }
    }

    /// Ends the session, and with it the window.
    pub async fn close(self) {
        let _ = self.page.clone().close().await;
    }
}

/// Killed, and not gone: threads of it still run, and with them its files are open.
fn is_dying(process: &str) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).map_or(0, Iterator::count);
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    threads > 1 || (threads == 1 && !status.contains("State:\tZ"))
}

/// The driver listens a moment after it has started.
async fn connect(url: &str, capabilities: Capabilities) -> Client {
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        match ClientBuilder::new(HttpConnector::new()).capabilities(capabilities.clone()).connect(url).await {
            Ok(page) => return page,
            Err(error) if std::time::Instant::now() > deadline => panic!("the window did not open: {error}"),
            Err(_) => tokio::task::yield_now().await,
        }
    }
}
