"""PDFs from a template and words: Letter, the fonts of the house, tagged for who has it read aloud (PDF/UA-1).

Words go in as JSON and are never markup, so nothing that people write can run, load or break anything.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst

FONTS = Path(__file__).parent / "fonts"


def pdf(template: Path, words: dict[str, Any]) -> bytes:
    """The PDF of a template that reads `json(bytes(sys.inputs.words))`."""
    return typst.compile(
        template,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards="ua-1",
        sys_inputs={"words": json.dumps(words)},
    )
