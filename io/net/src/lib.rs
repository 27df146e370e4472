//! Name to upgraded stream, every step witnessed.
