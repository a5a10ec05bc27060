//! A screen reader at the real window. It knows the till by the accessibility tree the platform offers (AT-SPI) and acts
//! through that alone; no driver stands between.

use crate::window::{PATIENCE, Process, display, give_owner, keys, program};
use dbus::arg::{AppendAll, ReadAll};
use dbus::blocking::stdintf::org_freedesktop_dbus::Properties;
use dbus::blocking::{Connection, Proxy};
use dbus::channel::Channel;
use std::cell::RefCell;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const ENABLED: u32 = 1 << 8;
const ANSWER: Duration = Duration::from_secs(5);

/// What a thing on the screen is, by the platform's numbers.
pub mod role {
    pub const BUTTON: u32 = 43;
    pub const TOGGLE: u32 = 62;
    pub(crate) const FILLER: u32 = 20;
    pub(crate) const STATUS: u32 = 54;
    pub(crate) const ALERT: u32 = 101;
}

/// Something on the screen: whose it is, and where it is kept.
type Node = (String, dbus::Path<'static>);

pub struct Reader {
    bus: Connection,
    _till: Process,
    _session: Process,
    _display: Process,
}

fn connect(address: &str) -> Connection {
    let mut channel = Channel::open_private(address).unwrap();
    channel.register().unwrap();
    Connection::from(channel)
}

/// A session bus of its own; programs on it find the accessibility bus through it.
fn session(display: &str) -> (Process, String) {
    let mut child = Command::new("dbus-daemon")
        .args(["--session", "--nofork", "--print-address"])
        .env("DISPLAY", display)
        .env("GSETTINGS_BACKEND", "memory")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("dbus-daemon is needed; `make setup` installs it");
    let mut address = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
    (Process(child), address.trim().to_owned())
}

/// The bus of what can be read, switched on as a screen reader does.
fn accessibility(session: &str) -> Connection {
    let session = connect(session);
    let bus = session.with_proxy("org.a11y.Bus", "/org/a11y/bus", ANSWER);
    bus.set("org.a11y.Status", "IsEnabled", true).expect("at-spi2-core is needed; `make setup` installs it");
    let (address,): (String,) = bus.method_call("org.a11y.Bus", "GetAddress", ()).unwrap();
    connect(&address)
}

impl Reader {
    /// Opens the till on a data folder, with nobody signed in.
    pub async fn open(data: &Path) -> Reader {
        give_owner(data).await;
        let (screen, number) = display(1366, 768);
        let (session, address) = session(&number);
        let bus = accessibility(&address);
        let till = Command::new(program())
            .args(["--data", data.to_str().unwrap(), "--size", "1366x768"])
            .env("DISPLAY", &number)
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .env("GDK_BACKEND", "x11")
            .env("KASSA_KEYS", keys(data))
            .env_remove("NO_AT_BRIDGE")
            .env_remove("AT_SPI_BUS_ADDRESS")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Reader { bus, _till: Process(till), _session: session, _display: screen }
    }

    fn at<'a>(&'a self, (owner, path): &'a Node) -> Proxy<'a, &'a Connection> {
        Proxy::new(owner, path, ANSWER, &self.bus)
    }

    /// None where the till has taken the node away meanwhile.
    fn ask<A: AppendAll, R: ReadAll>(&self, node: &Node, interface: &str, question: &str, with: A) -> Option<R> {
        self.at(node).method_call(interface, question, with).ok()
    }

    /// The first node that fits, in reading order.
    fn find(&self, fits: impl Fn(&Node) -> bool) -> Option<Node> {
        let desktop = dbus::Path::from("/org/a11y/atspi/accessible/root");
        let mut open = vec![("org.a11y.atspi.Registry".to_owned(), desktop)];
        while let Some(node) = open.pop() {
            if fits(&node) {
                return Some(node);
            }
            open.extend(self.children(&node).into_iter().rev());
        }
        None
    }

    fn children(&self, node: &Node) -> Vec<Node> {
        let all: Option<(Vec<Node>,)> = self.ask(node, ACCESSIBLE, "GetChildren", ());
        let (mut all,) = all.unwrap_or_default();
        // GTK names what another process draws, here the page, only when it is asked for the first child.
        if all.is_empty() && self.is(node, role::FILLER) {
            let first: Option<(Node,)> = self.ask(node, ACCESSIBLE, "GetChildAtIndex", (0_i32,));
            all.extend(first.map(|(first,)| first));
        }
        all
    }

    fn is(&self, node: &Node, role: u32) -> bool {
        self.ask(node, ACCESSIBLE, "GetRole", ()) == Some((role,))
    }

    fn is_named(&self, node: &Node, beginning: &str) -> bool {
        self.at(node).get::<String>(ACCESSIBLE, "Name").is_ok_and(|name| name.starts_with(beginning))
    }

    fn is_enabled(&self, node: &Node) -> bool {
        let state: Option<(Vec<u32>,)> = self.ask(node, ACCESSIBLE, "GetState", ());
        state.is_some_and(|(bits,)| bits.first().is_some_and(|low| low & ENABLED != 0))
    }

    fn says(&self, node: &Node, text: &str) -> bool {
        let said: Option<(String,)> = self.ask(node, "org.a11y.atspi.Text", "GetText", (0_i32, -1_i32));
        said.is_some_and(|(said,)| said.replace('\u{a0}', " ").contains(text))
    }

    /// All there is, for messages.
    fn tree(&self) -> String {
        let all = RefCell::new(String::new());
        self.find(|node| {
            let name = self.at(node).get::<String>(ACCESSIBLE, "Name").unwrap_or_default();
            all.borrow_mut().push_str(&format!("{name:?}, "));
            false
        });
        all.into_inner()
    }

    /// Looks until it is there.
    fn wait(&self, what: &str, fits: impl Fn(&Node) -> bool) -> Node {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.find(&fits) {
                Some(node) => return node,
                None => assert!(Instant::now() < deadline, "no {what} in the accessibility tree: {}", self.tree()),
            }
        }
    }

    /// Does what the control with this role and beginning of a name does.
    pub fn press(&self, role: u32, beginning: &str) {
        let what = format!("{beginning:?} of role {role}");
        let found = self.wait(&what, |node| self.is(node, role) && self.is_named(node, beginning) && self.is_enabled(node));
        let done: Option<(bool,)> = self.ask(&found, "org.a11y.atspi.Action", "DoAction", (0_i32,));
        assert_eq!(done, Some((true,)), "{what} does nothing");
    }

    /// Waits until it is told a text.
    pub fn hears(&self, text: &str) {
        self.wait(&format!("{text:?}"), |node| (self.is(node, role::STATUS) || self.is(node, role::ALERT)) && self.says(node, text));
    }
}
