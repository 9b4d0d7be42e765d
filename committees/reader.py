"""Reads one file from standard input in a process of its own and prints {"text": ..., "pages": ...} as JSON.

Started as a script (python -I reader.py <content type>) by committees.reading, never imported by the portal.
The limits come first: what a file can do to us ends with this process.
"""

import io
import json
import re
import resource
import sys
import zipfile

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 20
LETTERS = 300_000
ENTRY_BYTES = 30 * 1024 * 1024


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def pdf(raw: bytes) -> tuple[str, int]:
    from pypdf import PdfReader  # noqa: PLC0415 - only after the limits, only for this kind

    reader = PdfReader(io.BytesIO(raw))
    parts, letters = [], 0
    for page in reader.pages:
        parts.append(page.extract_text())
        letters += len(parts[-1])
        if letters > LETTERS:
            break
    return "\n\n".join(parts), len(reader.pages)


def docx(raw: bytes) -> tuple[str, None]:
    from docx import Document  # noqa: PLC0415

    document = Document(io.BytesIO(raw))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n\n".join(filter(None, [paragraph.text for paragraph in document.paragraphs] + list(cells))), None


def xml_words(raw: bytes, parts: str, ends: str) -> tuple[str, None]:
    """The text between tags of the archive's `parts`; `ends` closes a line."""
    texts = []
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for name in sorted(name for name in archive.namelist() if re.fullmatch(parts, name)):
            with archive.open(name) as entry:
                markup = entry.read(ENTRY_BYTES).decode("utf-8", "replace")
            words = re.sub(r"<[^>]*>", " ", re.sub(ends, "\n", markup))
            texts.append("\n".join(" ".join(line.split()) for line in words.splitlines() if line.strip()))
    return unescape("\n\n".join(texts)), None


def unescape(text: str) -> str:
    for name, letter in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(name, letter)
    return text


def text(raw: bytes) -> tuple[str, None]:
    try:
        return raw.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), None


OFFICE = "application/vnd.openxmlformats-officedocument."
READERS = {
    "application/pdf": pdf,
    OFFICE + "wordprocessingml.document": docx,
    OFFICE + "spreadsheetml.sheet": lambda raw: xml_words(raw, r"xl/sharedStrings\.xml", "</si>"),
    OFFICE + "presentationml.presentation": lambda raw: xml_words(raw, r"ppt/slides/slide\d+\.xml", "</a:p>"),
    "application/vnd.oasis.opendocument.text": lambda raw: xml_words(raw, r"content\.xml", "</text:(p|h)>"),
    "text/plain": text,
}


def main() -> None:
    limit()
    read = READERS.get(sys.argv[1])
    words, pages = read(sys.stdin.buffer.read()) if read else ("", None)
    letters = "".join(
        letter
        for letter in words[:LETTERS]
        if letter in "\n\t" or (letter.isprintable() and not 0xD800 <= ord(letter) <= 0xDFFF)
    )
    sys.stdout.write(json.dumps({"text": letters.strip(), "pages": pages}))


if __name__ == "__main__":
    main()
