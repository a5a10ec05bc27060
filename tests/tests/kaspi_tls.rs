//! Kaspi's terminal over TLS: the modes, and what is said when the other end cannot be believed.

use drivers::link::http::{Http, look_at_key};
use drivers::link::trust::{Distrust, Trust};
use drivers::link::{HttpLink, HttpRequest, LinkFailure};
use simulators::kaspi::{Certificate, KaspiSimulator, Options, Years};

const NAME: &str = "pos.kaspipos.kz";

async fn terminal(certificate: &Certificate) -> KaspiSimulator {
    KaspiSimulator::start(Options { tls: Some(certificate.clone()), ..Options::default() }).await.unwrap()
}

fn certificate(names: &[&str]) -> Certificate {
    Certificate::of(names, Years::default()).unwrap()
}

async fn asked(terminal: &KaspiSimulator, trust: Trust, authorities: &[Vec<u8>]) -> Result<u16, LinkFailure> {
    let link = Http::trusting(&terminal.address().to_string(), &trust, authorities).unwrap();
    link.get(HttpRequest::get("/v2/deviceinfo", 5_000)).await.map(|reply| reply.status)
}

fn named() -> Trust {
    Trust::Named(NAME.to_owned())
}

#[tokio::test]
async fn k30_a_name_is_verified_on_the_way_to_an_address() {
    let good = certificate(&["*.kaspipos.kz"]);
    let shop = terminal(&good).await;
    assert_eq!(asked(&shop, named(), &[good.authority().to_vec()]).await, Ok(200));
    assert_eq!(asked(&shop, named(), &[]).await, Err(LinkFailure::Distrusted(Distrust::UnknownAuthority)));

    let other = certificate(&["*.example.kz"]);
    let shop = terminal(&other).await;
    assert_eq!(asked(&shop, named(), &[other.authority().to_vec()]).await, Err(LinkFailure::Distrusted(Distrust::WrongName)));

    for years in [Years { from: 2019, to: 2020 }, Years { from: 2090, to: 2100 }] {
        let out_of_time = Certificate::of(&["*.kaspipos.kz"], years).unwrap();
        let shop = terminal(&out_of_time).await;
        assert_eq!(asked(&shop, named(), &[out_of_time.authority().to_vec()]).await, Err(LinkFailure::Distrusted(Distrust::OutOfTime)));
        assert!(shop.requests().is_empty(), "no byte of the request left");
    }
}

#[tokio::test]
async fn k30_a_key_is_compared_once_and_its_change_blocks() {
    let (first, second) = (certificate(&["*.kaspipos.kz"]), certificate(&["*.kaspipos.kz"]));
    let (shop, stranger) = (terminal(&first).await, terminal(&second).await);
    let key = look_at_key(&shop.address().to_string(), 5_000).await.unwrap();
    assert!(shop.requests().is_empty(), "a look sends nothing");
    assert_eq!(asked(&shop, Trust::Pinned(key), &[]).await, Ok(200));
    assert_eq!(asked(&stranger, Trust::Pinned(key), &[]).await, Err(LinkFailure::Distrusted(Distrust::KeyChanged)));
    assert!(stranger.requests().is_empty());
    assert_ne!(look_at_key(&stranger.address().to_string(), 5_000).await.unwrap(), key);
}

#[tokio::test]
async fn k30_anybody_is_believed_only_where_that_was_chosen() {
    let shop = terminal(&certificate(&["*.example.kz"])).await;
    assert_eq!(asked(&shop, Trust::Anybody, &[]).await, Ok(200));
}

#[tokio::test]
async fn k30_http_and_https_are_told_apart() {
    let open = KaspiSimulator::start(Options::default()).await.unwrap();
    assert_eq!(asked(&open, named(), &[]).await, Err(LinkFailure::Distrusted(Distrust::NoTls)));
    assert_eq!(look_at_key(&open.address().to_string(), 5_000).await, Err(LinkFailure::Distrusted(Distrust::NoTls)));
    assert!(open.requests().is_empty());

    let protected = terminal(&certificate(&["*.kaspipos.kz"])).await;
    let plain = asked(&protected, Trust::Plain, &[]).await;
    assert!(matches!(plain, Err(LinkFailure::NoReply(_) | LinkFailure::Cut(_))), "{plain:?}");
    assert!(protected.requests().is_empty());
}
