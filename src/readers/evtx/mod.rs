//! `.evtx` files.
