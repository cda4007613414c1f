//! The central verifier: checks the evidence again and trusts no gate.
