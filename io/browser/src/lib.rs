//! Chromium over the Chrome DevTools Protocol: find, launch, attach, capture.
