//! The bodies of the fuzz targets on random input: a short look in every test run, a long one is `cargo fuzz`.

#[expect(
    unreachable_pub,
    reason = "public for the fuzz targets, which are crates of their own"
)]
#[path = "../../fuzz/bodies/lib.rs"]
mod bodies;

// Apart from the others, because it needs everything that the command line needs.
#[expect(
    unreachable_pub,
    reason = "public for the fuzz targets, which are crates of their own"
)]
#[path = "../../fuzz/bodies/explain.rs"]
mod explain;

use bodies::{
    close, connection, diagnose, envelope, extension, frame, handshake, hello, page_report, redact,
    session,
};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #[test]
    fn frames_of_any_bytes(data in vec(any::<u8>(), 0..40)) {
        frame::run(&data);
    }

    #[test]
    fn connections_with_any_bytes(setting in any::<[u8; 2]>(), stream in vec(any::<u8>(), 0..300)) {
        connection::run(&[&setting[..], &stream].concat());
    }

    #[test]
    fn tls_hellos_of_any_bytes(length in 0_u8..120, rest in vec(any::<u8>(), 0..160)) {
        let record = [22, 3, 1, 0, length + 4, 1, 0, 0, length];
        hello::run(&[&record[..], &rest].concat());
    }

    #[test]
    fn close_payloads_of_any_bytes(data in vec(any::<u8>(), 0..140)) {
        close::run(&data);
    }

    #[test]
    fn close_payloads_with_text(code in any::<u16>(), reason in "\\PC{0,40}") {
        close::run(&[&code.to_be_bytes(), reason.as_bytes()].concat());
    }

    #[test]
    fn envelopes_of_any_bytes(data in vec(any::<u8>(), 0..200)) {
        envelope::run(&data);
    }

    #[test]
    fn envelopes_of_known_types(
        size in 1_u8..20,
        parts in vec((1_u8..0x18, vec(any::<u8>(), 0..40)), 0..8),
    ) {
        let mut data = vec![size];
        for (kind, body) in parts {
            data.push(kind);
            data.push(u8::try_from(body.len()).unwrap());
            data.extend(body);
        }
        envelope::run(&data);
    }

    #[test]
    fn sessions_with_a_hostile_peer(data in vec(any::<u8>(), 0..900)) {
        session::run(&data);
    }

    #[test]
    fn extension_headers(text in "(permessage-deflate|x-[a-z]{1,4}|[ -~]{0,8})([;,=\" ]{1,2}(client_max_window_bits|server_no_context_takeover|[0-9]{1,3}|[ -~]{0,8})){0,6}") {
        extension::run(text.as_bytes());
    }

    #[test]
    fn handshake_heads(text in "(101|200|403|[ -~]{0,6})(\n(upgrade|connection|sec-websocket-(accept|protocol|extensions|key|version)|[!-~]{0,12}): ?(websocket|Upgrade|graphql-ws|permessage-deflate|s3pPLMBiTxaQ9kYGzzhZRbK\\+xOo=|[ -~]{0,12})){0,8}") {
        handshake::run(text.as_bytes());
    }

    #[test]
    fn refusals_of_any_text(
        status in 100_u16..600,
        head in "(\n(server|via|location|retry-after|www-authenticate|content-type|cf-ray|date|[!-~]{0,12}): ?[ -~]{0,20}){0,5}",
        body in "(<html>|<title>|forbidden|origin|upgrade|blocked|rate limit|\\PC{0,12}){0,6}",
    ) {
        diagnose::run(format!("{status}{head}\n\n{body}").as_bytes());
    }

    #[test]
    fn secrets_in_any_text(text in "(authorization|cookie|://|\\?|&|=|token|@|;|ey[A-Za-z0-9]{1,12}\\.|\\PC{0,6}){0,10}") {
        redact::run(text.as_bytes());
    }

    #[test]
    fn reports_of_pages_with_a_spoiled_place(
        which in 0..PAGE_REPORTS.len(),
        at in any::<prop::sample::Index>(),
        removed in 0_usize..40,
        inserted in "(null|-1|1e99|9007199254740992|\\[\\]|\\{\\}|\"\"|,|<b>|\\\\ud800|\\PC{0,6})?",
    ) {
        let mut data = PAGE_REPORTS[which].to_vec();
        let start = at.index(data.len());
        let end = (start + removed).min(data.len());
        data.splice(start..end, inserted.bytes());
        page_report::run(&data);
    }

    #[test]
    fn files_with_a_spoiled_place(
        which in 0..SEEDS.len(),
        at in any::<prop::sample::Index>(),
        removed in 0_usize..60,
        inserted in "(null|-1|1e99|\\[\\]|\\{\\}|\"\"|,|\\PC{0,6})?",
    ) {
        let mut data = SEEDS[which].to_vec();
        let start = at.index(data.len());
        let end = (start + removed).min(data.len());
        data.splice(start..end, inserted.bytes());
        explain::run(&data);
    }
}

/// One small file of each kind that `towpath explain` reads.
const SEEDS: [&[u8]; 4] = [
    include_bytes!("../../fuzz/seeds/explain/lines.ndjson"),
    include_bytes!("../../fuzz/seeds/explain/net-export.json"),
    include_bytes!("../../fuzz/seeds/explain/one.har"),
    include_bytes!("../../fuzz/seeds/explain/report.json"),
];

/// A report of a session's page, and one of the check page.
const PAGE_REPORTS: [&[u8]; 2] = [
    include_bytes!("../../fuzz/seeds/page_report/check.json"),
    include_bytes!("../../fuzz/seeds/page_report/session.json"),
];

#[test]
fn whole_reports_of_pages_are_taken() {
    for seed in PAGE_REPORTS {
        let report = towpath_diagnosis::page_report::PageReport::parse(seed);
        assert!(report.is_ok(), "{}", report.unwrap_err());
        page_report::run(seed);
    }
}

#[test]
fn whole_files_are_explained() {
    for seed in SEEDS {
        let text = std::str::from_utf8(seed).unwrap();
        let explained = towpath_check::explain::parse("seed", text, None);
        assert!(explained.is_ok(), "{}", explained.unwrap_err());
    }
}
