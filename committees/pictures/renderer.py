"""Writes the picture from standard input to standard output in a few widths and two formats, without metadata.

First a line of JSON, {"width", "height", "widths", "files": [[name, bytes]]}, then the files one after another. Started
as a script (python -I renderer.py <format>) by committees.pictures.rendering, which imports only its exit statuses.
Limits are set before anything is decoded, so a harmful file ends this process alone.
"""

import io
import json
import resource
import sys
from typing import Any

MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 30
TOO_LONG, TOO_SMALL = 3, 4
MOST_PIXELS = 60_000_000
WIDTHS = (320, 800, 1600)
LEAST = 240  # pixels on the shorter side
WRITTEN: dict[str, tuple[str, dict[str, Any]]] = {
    "avif": ("AVIF", {"quality": 55, "speed": 8, "max_threads": 1}),
    "jpg": ("JPEG", {"quality": 78, "optimize": True, "progressive": True}),
}


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def rendered(raw: bytes, kind: str) -> tuple[dict[str, Any], list[bytes]]:
    from PIL import Image  # noqa: PLC0415 - only after the limits

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(io.BytesIO(raw), formats=[kind]) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            sys.exit(TOO_LONG)
        if min(picture.size) < LEAST:
            sys.exit(TOO_SMALL)
        if kind == "JPEG":
            picture.draft("RGB", (2 * WIDTHS[-1], 2 * WIDTHS[-1]))
        shown = on_white(in_common_colors(upright(picture)))
    largest = min(shown.width, WIDTHS[-1])
    widths = [*(width for width in WIDTHS if width < largest), largest]
    names, files = [], []
    for width in widths:
        sized = shown.resize((width, max(1, round(shown.height * width / shown.width))), Image.Resampling.LANCZOS)
        for ending, (written_as, options) in WRITTEN.items():
            made = io.BytesIO()
            sized.save(made, written_as, **options)
            names.append((f"{width}.{ending}", made.tell()))
            files.append(made.getvalue())
    size = {"width": sized.width, "height": sized.height, "widths": widths, "files": names}
    return size, files


def upright(picture: Any) -> Any:
    """The picture turned as its EXIF orientation says, which is not kept."""
    from PIL import ImageOps  # noqa: PLC0415

    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # what the camera wrote is damaged; what one sees is not
        return picture


def in_common_colors(picture: Any) -> Any:
    """The picture in sRGB, which browsers assume where there is no color profile."""
    from PIL import ImageCms  # noqa: PLC0415

    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "L", "CMYK"):
        return picture
    try:
        wide = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(picture, wide, ImageCms.createProfile("sRGB"), outputMode=mode)
    except Exception:  # a damaged profile changes colors a little
        return picture


def on_white(picture: Any) -> Any:
    """The picture on white where it was transparent, as JPEG has no transparency."""
    from PIL import Image  # noqa: PLC0415

    seen = picture.convert("RGBA") if picture.mode in ("RGBA", "LA", "PA", "P") else picture.convert("RGB")
    plain = Image.new("RGB", seen.size, "white")
    plain.paste(seen, mask=seen.getchannel("A") if seen.mode == "RGBA" else None)
    return plain


def main() -> None:
    limit()
    found, files = rendered(sys.stdin.buffer.read(), sys.argv[1])
    sys.stdout.buffer.write(json.dumps(found).encode() + b"\n" + b"".join(files))


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")
