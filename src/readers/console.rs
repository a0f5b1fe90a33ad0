//! Console text: which command each stretch of a file is the output of.
