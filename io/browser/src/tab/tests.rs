use super::*;
use crate::flags::Purpose;
use crate::launch::Browser;
use crate::options::{BrowserOptions, BrowserProxy};

const CARRY: Purpose = Purpose::Carry { link_port: None };

async fn start() -> (Browser, Debugger) {
    let options = BrowserOptions {
        proxy: BrowserProxy::Direct,
        launch_timeout: Duration::from_mins(1),
        ..BrowserOptions::default()
    };
    let mut browser = Browser::obtain(&options, CARRY)
        .await
        .expect("these tests need a real browser");
    let connection = browser.take_connection().expect("fresh");
    (browser, Debugger::new(connection))
}

async fn open(debugger: &Debugger, origin: &str) -> Tab {
    let request = TabRequest {
        origin: origin.to_owned(),
        ..TabRequest::default()
    };
    Tab::open(debugger, request).await.expect("a stand-in page")
}

async fn evaluate(tab: &Tab, expression: &str) -> Value {
    let evaluate = json!({ "expression": expression, "returnByValue": true });
    let evaluated = tab.call("Runtime.evaluate", evaluate).await.expect("reply");
    evaluated["result"]["value"].clone()
}

async fn pages(debugger: &Debugger) -> usize {
    let targets = debugger
        .call(None, "Target.getTargets", json!({}), CALL_TIMEOUT)
        .await
        .expect("targets");
    let targets = targets["targetInfos"].as_array().expect("a list");
    targets
        .iter()
        .filter(|target| {
            target["url"]
                .as_str()
                .is_some_and(|url| url.contains(STAND_IN_PATH))
        })
        .count()
}

#[test]
fn a_stand_in_has_the_origin_and_a_path_of_ours() {
    let address = stand_in_address("https://a.example:443/chat?x#y").expect("address");
    assert_eq!(address.as_str(), "https://a.example/towpath-stand-in");
    assert!(stand_in_address("wss://a.example").is_err());
    assert!(stand_in_address("null").is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_its_origin_and_its_end_is_told() {
    let (browser, debugger) = start().await;
    let secure = open(&debugger, "https://site.example/some/page").await;
    let plain = open(&debugger, "http://site.example:8080").await;
    assert_eq!(secure.origin, "https://site.example");
    assert_eq!(
        evaluate(&secure, "location.origin").await,
        "https://site.example"
    );
    assert_eq!(evaluate(&secure, "isSecureContext").await, true);
    assert_eq!(evaluate(&plain, "origin").await, "http://site.example:8080");
    assert_eq!(pages(&debugger).await, 2);

    secure
        .debugger
        .notify(Some(&secure.session), "Page.crash", json!({}));
    assert_eq!(secure.gone().await, Gone::Crashed);
    let error = secure
        .call("Runtime.evaluate", json!({ "expression": "1" }))
        .await;
    assert!(error.is_err(), "{error:?}");
    drop(secure);
    assert_eq!(evaluate(&plain, "1 + 1").await, 2);
    assert_eq!(pages(&debugger).await, 1);

    drop(browser);
    assert!(matches!(plain.gone().await, Gone::BrowserEnded(_)));
    debugger.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_open_at_once_and_ask_no_server() {
    let (_browser, debugger) = start().await;
    // Nobody answers there, so each of them shows that it was answered here.
    let names = (0..10).map(|number| format!("http://127.0.0.1:{}", 1 + number));
    let pages = names.map(|origin| {
        let debugger = debugger.clone();
        tokio::spawn(async move { open(&debugger, &origin).await })
    });
    for page in pages.collect::<Vec<_>>() {
        let page = page.await.expect("it opens");
        assert_eq!(evaluate(&page, "document.title").await, "stand-in");
        assert_eq!(evaluate(&page, "origin").await, page.origin.as_str());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_given_up_while_it_opens_is_closed() {
    let (_browser, debugger) = start().await;
    let targets = async || {
        let targets = debugger
            .call(None, "Target.getTargets", json!({}), CALL_TIMEOUT)
            .await
            .expect("targets");
        targets["targetInfos"].as_array().expect("a list").clone()
    };
    let before = targets().await;
    let request = TabRequest {
        origin: "https://site.example".to_owned(),
        ..TabRequest::default()
    };
    for milliseconds in [0, 1, 2, 5, 10, 20] {
        let opening = Tab::open(&debugger, request.clone());
        let patience = Duration::from_millis(milliseconds);
        drop(tokio::time::timeout(patience, opening).await);
    }
    // One of ours after all others: what they left would be there by now.
    drop(open(&debugger, "https://other.example").await);
    let deadline = tokio::time::Instant::now() + CALL_TIMEOUT;
    loop {
        let left = targets().await;
        if left.len() <= before.len() {
            break;
        }
        let is_late = tokio::time::Instant::now() > deadline;
        assert!(!is_late, "before: {before:?}, left: {left:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
