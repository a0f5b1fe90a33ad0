//! Group NZ: what looks like trouble and is not. It is counted and shown as ordinary, and never becomes a finding.
