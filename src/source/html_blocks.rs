//! Collects the text of a page block by block, and chooses the blocks that are its content.

/// Where in the page a block stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Region {
    #[default]
    Body,
    Article,
    Main,
}

/// Letters a marked region must hold before the rest of the page is dropped for it.
const ENOUGH: usize = 140;

#[derive(Debug, Default)]
struct Block {
    text: String,
    /// Bytes that stand inside links.
    linked: usize,
    region: Region,
}

/// The blocks of a page, in order.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    done: Vec<Block>,
    current: Block,
    /// White space was seen since the last word.
    pending_space: bool,
    pub(crate) region: Region,
    pub(crate) in_link: bool,
    /// White space is kept as it is (`<pre>`).
    pub(crate) preformatted: bool,
}

impl Blocks {
    /// Adds running text: white space collapses, invisible characters go.
    pub(crate) fn push(&mut self, text: &str) {
        let before = self.current.text.len();
        for c in text.chars() {
            match c {
                '\u{ad}' | '\u{200b}' | '\u{feff}' => {}
                '\n' if self.preformatted => self.line_break(),
                ' ' | '\t' | '\n' | '\r' | '\x0c' | '\u{a0}' => self.pending_space = true,
                _ => {
                    self.space();
                    self.current.text.push(c);
                }
            }
        }
        if self.in_link {
            self.current.linked += self.current.text.len() - before;
        }
    }

    /// Starts a new line inside the block.
    pub(crate) fn line_break(&mut self) {
        self.pending_space = false;
        if !self.current.text.is_empty() {
            self.current.text.push('\n');
        }
    }

    /// Ends the block, if it has begun.
    pub(crate) fn end(&mut self) {
        self.pending_space = false;
        let mut block = std::mem::take(&mut self.current);
        block.text.truncate(block.text.trim_end().len());
        block.region = self.region;
        if !block.text.is_empty() {
            self.done.push(block);
        }
    }

    /// Length of the block so far, to come back to with [`Blocks::cut_reference`].
    pub(crate) fn position(&self) -> usize {
        self.current.text.len()
    }

    /// Drops what was added since `position` if it is the mark of a note: a number, star or dagger.
    pub(crate) fn cut_reference(&mut self, position: usize) {
        let Some(added) = self.current.text.get(position..) else { return };
        let mark = |c: char| c.is_ascii_digit() || " []()*†‡,".contains(c);
        if added.len() <= 8 && added.chars().all(mark) {
            self.current.text.truncate(position);
        }
    }

    /// The text of the content: the `<main>` or `<article>` part where there is one worth the name.
    pub(crate) fn into_text(mut self) -> String {
        self.end();
        self.done.retain(|block| !is_menu(block));
        let letters = |least: Region| -> usize {
            self.done.iter().filter(|b| b.region >= least).map(|b| b.text.len()).sum()
        };
        let least = [Region::Main, Region::Article].into_iter().find(|r| letters(*r) >= ENOUGH);
        let least = least.unwrap_or_default();
        let blocks = self.done.iter().filter(|block| block.region >= least);
        blocks.map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n\n")
    }

    fn space(&mut self) {
        let text = &mut self.current.text;
        if self.pending_space && (self.preformatted || !text.is_empty() && !text.ends_with('\n')) {
            text.push(' ');
        }
        self.pending_space = false;
    }
}

/// A short block that is all links and no sentence.
fn is_menu(block: &Block) -> bool {
    let sentence = block.text.ends_with(['.', '!', '?', '…', '”', '"', ':', '。']);
    !sentence && block.text.len() < 200 && 10 * block.linked >= 8 * block.text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_collapses_and_blocks_are_paragraphs() {
        let mut blocks = Blocks::default();
        blocks.push("  One\n\t two&");
        blocks.push(" three\u{a0}four\u{ad}teen ");
        blocks.end();
        blocks.end();
        blocks.push("Five");
        blocks.line_break();
        blocks.push(" six");
        assert_eq!(blocks.into_text(), "One two& three fourteen\n\nFive\nsix");
    }

    #[test]
    fn menus_go_and_linked_sentences_stay() {
        let mut blocks = Blocks { in_link: true, ..Blocks::default() };
        blocks.push("Contact us");
        blocks.end();
        blocks.push("The draft was adopted.");
        blocks.end();
        assert_eq!(blocks.into_text(), "The draft was adopted.");
    }

    #[test]
    fn marks_of_notes_are_cut_but_no_words() {
        let mut blocks = Blocks::default();
        blocks.push("the cable");
        let position = blocks.position();
        blocks.push("[12]");
        blocks.cut_reference(position);
        let position = blocks.position();
        blocks.push(" th");
        blocks.cut_reference(position);
        assert_eq!(blocks.into_text(), "the cable th");
    }
}
