//! Plan the questions, run them, tell the story.
