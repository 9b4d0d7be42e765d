"""The number to call in "669-555-0142, code 123456#", as people write it."""

import re

NUMBER = re.compile(r"\+?\(?\d[\d().\- ]{7,18}\d")
CODE = re.compile(r"\d[\d ]{1,14}\d")


def dial_url(dial_in: str) -> str:
    """tel:+16695550142,,123456# for the words above, with two pauses before the code; "" where there is no number to call."""
    number = NUMBER.search(dial_in)
    if number is None:
        return ""
    digits = re.sub(r"\D", "", number[0])
    plus = number[0].lstrip().startswith("+") or len(digits) == 11
    code = CODE.search(dial_in[number.end() :])
    typed = f",,{re.sub('[^0-9]', '', code[0])}#" if code else ""
    return f"tel:+{digits if plus else f'1{digits}'}{typed}" if plus or len(digits) == 10 else ""
