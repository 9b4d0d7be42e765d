"""Pictures go on as one sees them, and without what a camera wrote beside them."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin

from committees.documents import stripping, uploads
from committees.models import Document
from tests.committees.test_uploads import upload

SECRET = "39.7392 N 104.9903 W"
TOP_LEFT = (250, 10, 10)


def photograph(kind, turn=None, size=(64, 32), mode="RGB", **more):
    """Red in its upper left quarter, with a place in everything that can hold one."""
    picture = Image.new(mode, size, 255)
    picture.paste(TOP_LEFT if mode == "RGB" else 0, (0, 0, size[0] // 2, size[1] // 2))
    exif = Image.Exif()
    exif[0x010E], exif[0x8825] = SECRET, {1: "N", 2: (39.0, 44.0, 21.0), 29: SECRET}
    if turn:
        exif[0x0112] = turn
    made = io.BytesIO()
    picture.save(made, kind, exif=exif, **more)
    return made.getvalue()


def moving(kind, colors=(10, 90, 200), **more):
    frames = [Image.new("RGB", (8, 6), (color, 0, 90)) for color in colors]
    made = io.BytesIO()
    frames[0].save(made, kind, save_all=True, append_images=frames[1:], duration=70, loop=3, **more)
    return made.getvalue()


def noted():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", SECRET)
    notes.add_itxt("XML:com.adobe.xmp", SECRET, zip=True)
    return notes


CAMERA = {
    "photo.jpg": photograph("JPEG", comment=SECRET.encode(), xmp=SECRET.encode()) + b"trailing " + SECRET.encode(),
    "gray.jpg": photograph("JPEG", mode="L"),
    "map.png": photograph("PNG", pnginfo=noted()) + SECRET.encode(),
    "small.webp": photograph("WEBP", xmp=SECRET.encode()),
    "moving.gif": moving("GIF", comment=SECRET.encode()),
    "moving.webp": moving("WEBP", xmp=SECRET.encode()),
    "moving.png": moving("PNG", pnginfo=noted()),
}


def opened(examined):
    examined.file.seek(0)
    return Image.open(io.BytesIO(examined.file.read()))


@pytest.mark.parametrize("name", CAMERA)
def test_nothing_goes_on_but_what_one_sees(name):
    raw = CAMERA[name]
    before = Image.open(io.BytesIO(raw))
    assert SECRET.encode() in raw or before.getexif()
    examined = uploads.examine(upload(name, raw))
    after = opened(examined)
    assert not dict(after.getexif()) and not getattr(after, "text", {})
    assert not {"exif", "xmp", "comment", "XML:com.adobe.xmp", "photoshop"} & {
        key for key, value in after.info.items() if value
    }
    kept = b"".join(examined.file.chunks())
    assert SECRET.encode() not in kept and len(kept) == examined.size
    frames = getattr(before, "n_frames", 1)
    assert (after.size, after.format, getattr(after, "n_frames", 1)) == (before.size, before.format, frames)


def test_what_moves_moves_on():
    after = opened(uploads.examine(upload("moving.gif", CAMERA["moving.gif"])))
    assert (after.info["duration"], after.info["loop"], after.n_frames) == (70, 3, 3)


@pytest.mark.parametrize(("turn", "size", "corner"), [(1, (64, 32), (0, 0)), (3, (64, 32), (63, 31)), (6, (32, 64), (31, 0)), (8, (32, 64), (0, 63)), (5, (32, 64), (0, 0)), (9, (64, 32), (0, 0))])  # fmt: skip
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_it_stays_the_way_up_that_it_was_shown(kind, turn, size, corner):
    after = opened(uploads.examine(upload(f"photo.{kind.lower()}", photograph(kind, turn))))
    red, green, _blue = after.convert("RGB").getpixel(corner)
    assert after.size == size and red > 200 and green < 60


def test_a_jpeg_that_need_not_be_turned_loses_nothing():
    raw = photograph("JPEG", quality=61)
    after = opened(uploads.examine(upload("photo.jpg", raw)))
    assert after.quantization == Image.open(io.BytesIO(raw)).quantization
    assert after.tobytes() == Image.open(io.BytesIO(raw)).tobytes()


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("photo.jpg", photograph("JPEG")[:400], "damaged"),
        ("map.png", photograph("PNG")[:-30], "damaged"),
        ("moving.gif", moving("GIF")[:30], "damaged"),
        ("photo.webp", b"RIFF\x10\0\0\0WEBPVP8 ", "damaged"),
        ("long.gif", moving("GIF", [number % 250 for number in range(40)]).replace(b"\x08\0\x06\0", b"\xff\x1f\xff\x1f"), "pixels"),
        ("photo.png", photograph("JPEG"), "mismatch"),
    ],
)  # fmt: skip
def test_what_cannot_be_decoded_stays_out_with_a_sentence(name, raw, code):
    with pytest.raises(ValidationError) as refused:
        uploads.examine(upload(name, raw))
    assert refused.value.error_list[0].code == code


def test_a_picture_that_ends_its_process_is_refused(monkeypatch, tmp_path):
    script = tmp_path / "stripper.py"
    script.write_text("import os, sys; sys.stdin.buffer.read(); os.kill(os.getpid(), 9)")
    monkeypatch.setattr(stripping, "STRIPPER", script)
    with pytest.raises(ValidationError, match="damaged"):
        uploads.examine(upload("photo.jpg", photograph("JPEG")))


def test_the_place_is_in_no_file_on_the_disk(sign_in, carla, mo, committee):
    given = {"title": "Map", "audience": "committee", "file": SimpleUploadedFile("photo.jpg", CAMERA["photo.jpg"])}
    sign_in(carla).post(f"/committees/{committee.slug}/documents/upload/", given)
    version = Document.objects.get().latest
    with version.file.open("rb") as kept:
        raw = kept.read()
    assert SECRET.encode() not in raw and version.size == len(raw)
    page = sign_in(mo).get(version.document.get_absolute_url()).text
    assert "preview__picture" in page
