//! XML text into a [`Tree`], going on after faults.
//!
//! quick-xml splits the text into tags; which end tag closes which start tag, and where to go on after a broken tag,
//! is decided here. A `<` inside a tag is never legal XML: the tag before it was not closed, and reading resumes at it.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::tree::{self, Attribute, Element, Fault, Tree};

/// Faults noted of one file.
const MAX_FAULTS: usize = 200;
/// Broken tags after which the rest of the file is not read: each one costs a new scan of what follows.
const MAX_RESUMES: usize = 200;

/// The state of one parse.
struct Parse<'t> {
    text: &'t str,
    /// Byte offsets of the line starts.
    lines: Vec<usize>,
    tree: Tree,
    /// The open elements, outermost first.
    open: Vec<usize>,
    /// Start tags below the depth limit that are not closed yet.
    too_deep: usize,
    /// Faults so far that may lose something.
    losses: usize,
}

pub(super) fn parse(text: &str) -> Tree {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let starts = text.match_indices('\n').map(|(at, _)| at + 1);
    let mut parse = Parse {
        text,
        lines: std::iter::once(0).chain(starts).collect(),
        tree: Tree::default(),
        open: Vec::new(),
        too_deep: 0,
        losses: 0,
    };
    let mut from = Some(0);
    for _ in 0..MAX_RESUMES {
        let Some(start) = from else { break };
        from = parse.stretch(start);
    }
    if let Some(at) = from {
        parse.fault(at, true, "too many tags are broken: the rest is not read");
    }
    parse.finish()
}

impl Parse<'_> {
    /// Reads from an offset to the end, or to the place from which reading has to start anew.
    fn stretch(&mut self, start: usize) -> Option<usize> {
        let text = self.text;
        let mut reader = Reader::from_str(text.get(start..)?);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        loop {
            let at = start.saturating_add(reader.buffer_position() as usize);
            match reader.read_event() {
                Ok(Event::Start(tag)) => {
                    if let Some(resume) = self.start(at, &tag, false)? {
                        return Some(resume);
                    }
                }
                Ok(Event::Empty(tag)) => {
                    if let Some(resume) = self.start(at, &tag, true)? {
                        return Some(resume);
                    }
                }
                Ok(Event::End(tag)) => self.end(at, tag.name().as_ref()),
                Ok(Event::Text(content)) => self.text(at, &content.into_inner()),
                Ok(Event::CData(content)) => self.text(at, &content.into_inner()),
                Ok(Event::GeneralRef(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => {}
                Ok(Event::DocType(_)) => {
                    self.fault(
                        at,
                        false,
                        "a DOCTYPE is not read, its entities are not expanded",
                    );
                }
                Ok(Event::Eof) => return None,
                Err(error) => {
                    let error_at = start.saturating_add(reader.error_position() as usize);
                    return self.broken(error_at.max(at), &error);
                }
            }
        }
    }

    /// Goes on after markup that does not end: the place to resume at, `None` when it holds all the rest.
    fn broken(&mut self, at: usize, error: &quick_xml::Error) -> Option<usize> {
        let rest = self.text.get(at..)?;
        let tag = rest
            .strip_prefix('<')
            .filter(|tag| !tag.starts_with(['!', '?', '/']));
        // A quote without its end hides the end of the tag: the tag reaches to the next `<` at most.
        if let Some(tag) = tag
            && tag.contains('<')
        {
            return self.start(at, tag, false)?;
        }
        self.fault(at, true, &format!("{error}; what it holds is skipped"));
        if rest.starts_with("<!--") || rest.starts_with("<![CDATA[") {
            return None;
        }
        let inside = rest.char_indices().nth(1)?.0;
        let next = rest.get(inside..)?.find('<')?;
        Some(at.saturating_add(inside).saturating_add(next))
    }

    /// A start tag, given what follows its `<`. Inner `Some`: the tag is broken and reading resumes there; outer
    /// `None`: a limit ends the reading.
    fn start(&mut self, at: usize, tag: &str, empty: bool) -> Option<Option<usize>> {
        let (whole, resume) = match tag.split_once('<') {
            Some((whole, _)) => {
                self.fault(at, true, "a tag is not closed before the next one begins");
                (
                    whole,
                    Some(at.saturating_add(1).saturating_add(whole.len())),
                )
            }
            None => (tag, None),
        };
        let name_end = whole
            .find(|letter: char| letter.is_ascii_whitespace() || matches!(letter, '/' | '>'))
            .unwrap_or(whole.len());
        let name = whole.get(..name_end).unwrap_or_default();
        if name.is_empty() {
            self.fault(at, true, "a tag has no name");
            return Some(resume);
        }
        if self.too_deep > 0 || !Tree::allows_depth(self.open.len()) {
            if self.too_deep == 0 {
                self.fault(at, true, "elements are nested too deep and left out");
            }
            self.too_deep += usize::from(!empty);
            return Some(resume);
        }
        let losses = self.losses;
        let attributes = self.attributes(at, &BytesStart::from_content(whole, name_end));
        let added = self.tree.add(Element {
            name: name.to_owned(),
            attributes,
            line: self.line(at),
            artifact: None,
            parent: self.open.last().copied(),
            children: Vec::new(),
            text: String::new(),
            closed: empty,
            broken: resume.is_some() || self.losses > losses,
        });
        let Some(added) = added else {
            self.fault(
                at,
                true,
                "there are too many elements: the rest is not read",
            );
            return None;
        };
        // A broken tag followed by one of the same name was an entry of a collection: it holds nothing.
        let closed = match resume.and_then(|at| self.text.get(at..)) {
            Some(next) => next.get(1..).is_some_and(|next| next.starts_with(name)),
            None => empty,
        };
        if !closed {
            self.open.push(added);
        }
        Some(resume)
    }

    fn attributes(&mut self, at: usize, tag: &BytesStart<'_>) -> Vec<Attribute> {
        let mut read: Vec<Attribute> = Vec::new();
        for attribute in tag.attributes().with_checks(false) {
            let attribute = match attribute {
                Ok(attribute) => attribute,
                Err(error) => {
                    self.fault(at, true, &format!("an attribute is skipped: {error}"));
                    continue;
                }
            };
            let name = attribute.key.as_ref();
            if read.iter().any(|other| other.name == name) {
                self.fault(
                    at,
                    true,
                    &format!(
                        "the attribute {} stands twice, the first one is taken",
                        brief(name)
                    ),
                );
                continue;
            }
            if !Tree::allows_attributes(read.len()) {
                self.fault(at, true, "a tag has too many attributes");
                break;
            }
            let value = match attribute.normalized_value(XmlVersion::Implicit1_0) {
                Ok(value) => value.into_owned(),
                Err(_) => {
                    self.fault(
                        at,
                        false,
                        &format!(
                            "a bare & or an unknown entity stands in the attribute {}",
                            brief(name)
                        ),
                    );
                    unescape_leniently(&attribute.value)
                }
            };
            read.push(Attribute::new(name, &value));
        }
        tree::drop_named_secret(&mut read);
        read
    }

    fn end(&mut self, at: usize, name: &str) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let open = self.open.iter().rposition(|&element| {
            self.tree
                .elements
                .get(element)
                .is_some_and(|element| element.name == name)
        });
        let Some(open) = open else {
            self.fault(
                at,
                true,
                &format!("the end tag {} closes nothing", brief(name)),
            );
            return;
        };
        let mut ended = self.open.split_off(open).into_iter();
        if let Some(element) = ended.next().and_then(|at| self.tree.elements.get_mut(at)) {
            element.closed = true;
        }
        for unclosed in ended {
            self.unclosed(unclosed, &format!("</{}> ends it", brief(name)));
        }
    }

    fn text(&mut self, at: usize, text: &str) {
        if text.contains('\0') {
            self.fault(at, false, "NUL bytes stand in the file; they are skipped");
        }
        let trimmed = text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\0');
        if trimmed.is_empty() {
            return;
        }
        if trimmed.contains('&') {
            self.fault(at, false, "a bare & stands in the text");
        }
        match self.open.last() {
            Some(&element) => self.tree.add_text(element, text),
            None => self.fault(at, false, "text outside of any element is skipped"),
        }
    }

    fn finish(mut self) -> Tree {
        for unclosed in std::mem::take(&mut self.open) {
            self.unclosed(unclosed, "the file ends before its end tag");
        }
        match self.tree.roots.as_slice() {
            [] => self.fault(0, true, "there is no XML element in the file"),
            [_] => {}
            [_, second, ..] => {
                let line = self
                    .tree
                    .elements
                    .get(*second)
                    .map_or(1, |element| element.line);
                self.tree.faults.push(Fault {
                    line,
                    says: "a second root element begins here; both are read".into(),
                    loses: false,
                });
            }
        }
        self.tree.faults.sort_by_key(|fault| fault.line);
        self.tree
    }

    fn unclosed(&mut self, element: usize, how: &str) {
        let Some(element) = self.tree.elements.get(element) else {
            return;
        };
        let fault = Fault {
            line: element.line,
            says: format!("the element {} is not closed: {how}", brief(&element.name)),
            loses: true,
        };
        self.note(fault);
    }

    fn fault(&mut self, at: usize, loses: bool, says: &str) {
        self.note(Fault {
            line: self.line(at),
            says: says.into(),
            loses,
        });
    }

    /// Notes a fault. Past the limit only the first one that loses elements is: the tree is then no longer whole.
    fn note(&mut self, fault: Fault) {
        self.losses += usize::from(fault.loses);
        if self.tree.faults.len() < MAX_FAULTS || (fault.loses && self.tree.is_whole()) {
            self.tree.faults.push(fault);
        }
    }

    /// The line of a byte offset, counted from 1.
    fn line(&self, at: usize) -> u32 {
        let line = self.lines.partition_point(|&start| start <= at).max(1);
        u32::try_from(line).unwrap_or(u32::MAX)
    }
}

/// A name chosen by the file, short enough for a sentence.
fn brief(name: &str) -> &str {
    name.get(..name.floor_char_boundary(60)).unwrap_or_default()
}

/// The five predefined entities only; everything else stays as it stands.
fn unescape_leniently(raw: &str) -> String {
    raw.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}
