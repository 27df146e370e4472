//! What a server and a page's script learn about the browser is what runs.

use towpath_browser::{CaptureRequest, PageChoice, capture};

use crate::site::{Entry, Site, page};
use crate::support::{header, options};

const SITE: &[Entry] = &[page(
    "/",
    "<script>document.title = navigator.userAgent + navigator.userAgentData.brands\
     .filter(({ brand }) => brand === 'Chromium').map(({ brand, version }) => ` ${brand} ${version}`)</script>",
)];

#[tokio::test(flavor = "multi_thread")]
async fn user_agent_and_client_hints_are_the_browsers_own() {
    let site = Site::start(SITE).await;
    let request = CaptureRequest {
        page: PageChoice::Visit(site.url("/")),
        ..CaptureRequest::open(format!("ws://{}/socket", site.address))
    };
    let capture = capture(&options(), &request).await.expect("capture");
    let browser = &capture.browser;
    let (_, version) = browser.version.split_once('/').expect("product/version");
    let major = version
        .split('.')
        .next()
        .expect("a version begins with its major number");
    assert!(
        browser
            .user_agent
            .contains(&format!("HeadlessChrome/{major}.")),
        "{browser:?}"
    );

    let visited = site.head_of("GET / ").expect("page request");
    let opened = site.head_of("GET /socket ").expect("handshake");
    for head in [&visited, &opened] {
        assert_eq!(
            header(head, "user-agent"),
            Some(browser.user_agent.as_str())
        );
    }
    let hints = header(&visited, "sec-ch-ua").expect("client hints go to trustworthy origins");
    assert!(
        hints.contains(&format!("\"Chromium\";v=\"{major}\"")),
        "{hints}"
    );
    let title = capture.page.title.expect("title");
    assert_eq!(title, format!("{} Chromium {major}", browser.user_agent));
}
