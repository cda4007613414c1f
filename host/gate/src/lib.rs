//! The edge: the inspection flow, configuration and the outbox.
