//! Recording and replaying the exchange with a chip.
