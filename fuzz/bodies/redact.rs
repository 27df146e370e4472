//! Removing secrets: whatever surrounds a secret, it is not in what comes out.

use towpath_diagnosis::redact::Redactor;

/// Puts a secret in the middle of `data` and asks for it as text, as a header's value and as a URL.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let middle = (0..=text.len() / 2)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    let (before, after) = text.split_at(middle);
    let hostile = format!("{before}{SECRET}{after}");
    let redactor = Redactor::new([SECRET.to_owned()]);
    let name = before.split(':').next().unwrap_or_default();
    for shown in [
        redactor.text(&hostile),
        redactor.header(name, &hostile),
        redactor.url(&hostile),
    ] {
        assert!(!shown.contains(SECRET), "the secret survives in {shown:?}");
    }
}

/// Made for this test.
const SECRET: &str = "made-up-secret-7f3a";
