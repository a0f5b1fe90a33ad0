//! Line numbers of offsets into a joined text.

/// Line numbers of offsets that are asked for in rising order.
pub(crate) struct LineNumbers<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl<'t> LineNumbers<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
        }
    }

    /// The line that an offset stands on, counted from 1.
    pub(crate) fn of(&mut self, offset: usize) -> u32 {
        let between = self.text.as_bytes().get(self.at..offset);
        let breaks = between
            .unwrap_or_default()
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        self.line = self
            .line
            .saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
        self.at = self.at.max(offset);
        self.line
    }
}
