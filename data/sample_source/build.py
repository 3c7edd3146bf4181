"""Builds the two binary documents of the sample, byte for byte the same each time.

    pip install reportlab python-docx
    python data/sample_source/build.py

The PDF is set the way strategies are: narrow measure, hyphenated line ends, running heads and page
numbers, so that reading it back takes the care that real ones need.
"""

import io
import zipfile
from datetime import datetime
from pathlib import Path

from docx import Document
from reportlab.lib.pagesizes import A5
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "sample"
TITLE = "National Digital Security Strategy of Amberia 2022–2027"

# Where the longer words may be divided.
HYPHENATION = """
con-trac-tor de-pend-ing un-der-stand strat-egy co-or-di-na-tor na-tion-al con-tri-bu-tions
en-vi-ron-ment be-lieves in-ter-net in-ter-op-er-a-ble re-li-able abil-ity in-for-ma-tion fron-tiers
con-ces-sion gov-ern-ments there-fore en-clo-sures li-cens-ing pro-vid-ers ter-ri-to-ry col-lect-ed
con-vinced to-geth-er elect-ed en-gi-neer-ing pro-pos-als func-tions in-ter-gov-ern-men-tal
or-gan-i-sa-tions po-si-tion con-sult com-pa-nies uni-ver-si-ties as-so-ci-a-tions pub-lished
open-ness de-fence-less-ness de-ci-sions sup-pli-ers equip-ment di-rec-tion in-tel-li-gence
ser-vices re-moved sub-ma-rine li-cence re-fused reg-is-ters cen-tres own-er-ship cus-to-dy
au-thor-i-ty tech-nol-o-gy por-tal broad-band ex-tend-ed house-holds vol-un-teers
mu-nic-i-pal-i-ties in-ter-na-tion-al com-put-ers con-cerned cit-i-zens re-search-ers
co-op-er-a-tion po-lit-i-cal li-ai-son coun-tries de-part-ment rep-re-sents com-merce
reg-u-la-tor su-per-vis-es op-er-a-tors turn-over prog-ress meas-ured in-di-ca-tors up-dat-ed
"""
BREAKS = {word.replace("-", ""): word.split("-") for word in HYPHENATION.split()}

FONT, BOLD, SIZE, LEADING = "Times-Roman", "Times-Bold", 10.5, 14
LEFT, TOP, BOTTOM, MEASURE = 20 * mm, 180 * mm, 22 * mm, 92 * mm


def divisions(word):
    """Ways to divide a word at a line end, the longest head first."""
    core = word.strip(".,;:()")
    pieces = BREAKS.get(core.lower())
    if not pieces:
        return
    lead = word.index(core)
    for count in range(len(pieces) - 1, 0, -1):
        cut = lead + len("".join(pieces[:count]))
        yield word[:cut] + "-", word[cut:]


def lines_of(paragraph, measure):
    """Breaks a paragraph into lines, dividing words where it gains something."""
    line, words = "", paragraph.split()
    while words:
        word = words.pop(0)
        longer = f"{line} {word}".strip()
        if stringWidth(longer, FONT, SIZE) <= measure:
            line = longer
            continue
        for head, tail in divisions(word):
            if stringWidth(f"{line} {head}", FONT, SIZE) <= measure:
                line, word = f"{line} {head}", tail
                break
        yield line
        line = word
    yield line


class Pages:
    """Lays out lines on pages that bear a running head and a number."""

    def __init__(self, canvas):
        self.canvas, self.page = canvas, 1
        self.canvas.setFont(BOLD, 17)
        for row, text in enumerate(["National Digital Security", "Strategy of Amberia", "2022–2027"]):
            self.canvas.drawString(LEFT, 150 * mm - row * 22, text)
        self.canvas.setFont(FONT, SIZE)
        self.canvas.drawString(LEFT, 118 * mm, "Office of the National Cyber Coordinator")
        self.canvas.drawString(LEFT, 118 * mm - LEADING, "Carrow, May 2022")
        self.turn()

    def turn(self):
        self.canvas.showPage()
        self.page += 1
        self.y = TOP
        self.canvas.setFont(FONT, 8.5)
        self.canvas.drawString(LEFT, TOP + 9 * mm, TITLE)
        self.canvas.drawCentredString(LEFT + MEASURE / 2, BOTTOM - 9 * mm, str(self.page))

    def line(self, text, font=FONT, size=SIZE, indent=0.0):
        if self.y < BOTTOM:
            self.turn()
        self.canvas.setFont(font, size)
        self.canvas.drawString(LEFT + indent, self.y, text)
        self.y -= LEADING

    def block(self, block):
        if block.startswith("# "):
            if self.y < BOTTOM + 3 * LEADING:
                self.turn()
            heading, _, rest = block.partition("\n")
            self.line(heading[2:], BOLD, 12)
            block = rest
        if block.startswith("- "):
            for item in block.split("\n"):
                for row, text in enumerate(lines_of(item[2:], MEASURE - 12)):
                    if row == 0:
                        text, indent = f"• {text}", 0
                    else:
                        indent = 9
                    self.line(text, indent=indent)
        else:
            for text in lines_of(block, MEASURE):
                self.line(text)
        self.y -= LEADING / 2


def build_pdf():
    canvas = Canvas(str(SAMPLE / "strategy_amberia_2022.pdf"), pagesize=A5, invariant=1)
    canvas.setTitle(TITLE)
    canvas.setAuthor("Office of the National Cyber Coordinator of Amberia")
    canvas.setSubject("Written for the Plenary sample; invented throughout.")
    canvas.setCreator("data/sample_source/build.py")
    pages = Pages(canvas)
    for block in (HERE / "strategy.txt").read_text(encoding="utf-8").strip().split("\n\n"):
        pages.block(block)
    canvas.save()


def build_docx():
    document = Document()
    core = document.core_properties
    core.title, core.author = "Open letter on the process of the review", "Union of Independent Network Operators"
    core.comments = "Written for the Plenary sample; invented throughout."
    core.created = core.modified = datetime(2025, 2, 1)
    for block in (HERE / "letter.txt").read_text(encoding="utf-8").strip().split("\n\n"):
        if block.startswith("# "):
            document.add_heading(block[2:], level=1)
        else:
            document.add_paragraph(block)
    raw = io.BytesIO()
    document.save(raw)
    # The archive again, without today's date in it.
    target = SAMPLE / "letter_operators_2025.docx"
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, date_time=(2025, 2, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))


if __name__ == "__main__":
    build_pdf()
    build_docx()
