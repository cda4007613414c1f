//! PC/SC readers as channels, and card events.
