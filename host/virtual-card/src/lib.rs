//! The virtual card: personalisation, test PKI, faults, and how it is presented to readers.
