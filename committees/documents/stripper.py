"""Writes the picture from standard input anew to standard output: its pixels and colors, without metadata.

Started as a script (python -I stripper.py <content type>) by committees.documents.stripping, which imports only its
exit statuses. Limits are set before anything is decoded, so a harmful file ends this process alone.
"""

import io
import resource
import sys
from typing import Any

MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 30
TOO_LONG = 3
STILL_PIXELS, MOVING_PIXELS = 60_000_000, 120_000_000
KEPT = ("transparency", "background", "duration", "loop", "disposal", "blend", "icc_profile", "gamma", "dpi")
ORIENTATION = 0x0112
AS_IT_WAS: dict[str, Any] = {"quality": "keep"}  # a JPEG is not compressed a second time
WRITTEN: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 92, "optimize": True},
    "PNG": {},
    "GIF": {},
    "WEBP": {"quality": 90},
}


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def stripped(raw: bytes, kind: str) -> bytes:
    from PIL import Image  # noqa: PLC0415 - only after the limits

    Image.MAX_IMAGE_PIXELS = STILL_PIXELS
    made = io.BytesIO()
    with Image.open(io.BytesIO(raw), formats=[kind]) as picture:
        frames = (
            1 if kind == "JPEG" else getattr(picture, "n_frames", 1)
        )  # a phone's JPEG may hold a second, smaller one
        if picture.width * picture.height * frames > (MOVING_PIXELS if frames > 1 else STILL_PIXELS):
            sys.exit(TOO_LONG)
        turn = 1 if frames > 1 else orientation(picture)
        options = AS_IT_WAS if picture.format == "JPEG" and turn == 1 else WRITTEN[kind]
        kept = {name: value for name, value in picture.info.items() if name in KEPT}
        shown = upright(picture, turn)
        shown.info = kept
        moving = {"save_all": True, "comment": b"", "loop": kept.get("loop", 0)} if frames > 1 else {"comment": b""}
        shown.save(made, kind, icc_profile=kept.get("icc_profile"), **options, **moving)
    return made.getvalue()


def orientation(picture: Any) -> int:
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:  # what the camera wrote is damaged; what one sees is not
        return 1


def upright(picture: Any, turn: int) -> Any:
    """The picture turned as its EXIF orientation says, which is not kept."""
    from PIL.Image import Transpose  # noqa: PLC0415

    turns = (
        "",
        "",
        "FLIP_LEFT_RIGHT",
        "ROTATE_180",
        "FLIP_TOP_BOTTOM",
        "TRANSPOSE",
        "ROTATE_270",
        "TRANSVERSE",
        "ROTATE_90",
    )
    return picture.transpose(Transpose[turns[turn]]) if 2 <= turn <= 8 else picture


def main() -> None:
    limit()
    made = stripped(sys.stdin.buffer.read(), sys.argv[1].rpartition("/")[2].upper())
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")
