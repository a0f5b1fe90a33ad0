//! `why401`: arguments in, exit code out.

fn main() {}
