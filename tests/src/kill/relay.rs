//! A wire between a till and its terminal that can be cut at a byte. Whoever watches it is told when the cut is made.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Where a wire is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The link is open; nothing of it reaches the terminal.
    Accepted,
    /// The terminal is connected, and no byte has come to it.
    Connected,
    /// One byte of the request has come to the terminal.
    FirstByte,
    /// All but the last byte has.
    LastByteMissing,
    /// The terminal has the whole request and has acted on it; its reply lies in the wire.
    Requested,
    /// As `Requested`, of the first reply that tells how the payment ended.
    Decided,
}

type Watcher = Box<dyn Fn() + Send + Sync>;

struct Wire {
    terminal: SocketAddr,
    cut: Mutex<Option<Planned>>,
}

struct Planned {
    at: Cut,
    /// Links opened since: over the first the till asks who answers.
    links: u32,
    made: Watcher,
}

/// Listens until it is dropped.
pub struct Relay {
    address: SocketAddr,
    wire: Arc<Wire>,
    server: tokio::task::JoinHandle<()>,
}

impl Relay {
    pub async fn to(terminal: SocketAddr) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let wire = Arc::new(Wire { terminal, cut: Mutex::new(None) });
        let own = wire.clone();
        let server = tokio::spawn(async move {
            while let Ok((till, _)) = listener.accept().await {
                let wire = own.clone();
                tokio::spawn(async move { wire.carry(till).await });
            }
        });
        Relay { address, wire, server }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts the wire once, at the first request that comes so far behind the question who answers.
    pub fn cut(&self, at: Cut, cut_made: impl Fn() + Send + Sync + 'static) {
        *self.wire.cut.lock().unwrap() = Some(Planned { at, links: 0, made: Box::new(cut_made) });
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Wire {
    /// One request and its reply; none where the wire was cut.
    async fn carry(&self, mut till: TcpStream) -> Option<()> {
        if let Some(planned) = self.cut.lock().unwrap().as_mut() {
            planned.links += 1;
        }
        self.pass(Cut::Accepted)?;
        let mut terminal = TcpStream::connect(self.terminal).await.ok()?;
        self.pass(Cut::Connected)?;
        let request = until(&mut till, |bytes| bytes.ends_with(b"\r\n\r\n")).await?;
        let (last, all_but_one) = request.split_last()?;
        let (first, middle) = all_but_one.split_first()?;
        terminal.write_all(&[*first]).await.ok()?;
        self.pass(Cut::FirstByte)?;
        terminal.write_all(middle).await.ok()?;
        self.pass(Cut::LastByteMissing)?;
        terminal.write_all(&[*last]).await.ok()?;
        let reply = until(&mut terminal, is_whole_reply).await?;
        self.pass(Cut::Requested)?;
        let text = String::from_utf8_lossy(&reply);
        if ["\"success\"", "\"fail\""].iter().any(|word| text.contains(word)) {
            self.pass(Cut::Decided)?;
        }
        till.write_all(&reply).await.ok()?;
        till.shutdown().await.ok()
    }

    /// None where the cut is made here.
    fn pass(&self, here: Cut) -> Option<()> {
        let mut cut = self.cut.lock().unwrap();
        if cut.as_ref().is_none_or(|planned| planned.at != here || planned.links < 2) {
            return Some(());
        }
        (cut.take()?.made)();
        None
    }
}

/// Reads until the bytes are complete or the other side has closed.
async fn until(from: &mut (impl AsyncRead + Unpin), complete: impl Fn(&[u8]) -> bool) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while !complete(&bytes) {
        if from.read_buf(&mut bytes).await.ok()? == 0 {
            break;
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}

/// The terminal keeps its side open: a reply ends where its own length says.
fn is_whole_reply(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    bytes.len() >= head.len() + 4 + length.unwrap_or(0)
}
