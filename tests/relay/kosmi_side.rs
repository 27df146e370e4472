//! The Kosmi side against the stand-in, with the failures that are known of the real engine.

mod chaos;
mod delivery;
mod entering;
mod hearing;
mod scene;
mod tokens;
