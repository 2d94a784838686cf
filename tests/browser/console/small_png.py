"""Pictures made small: a screenshot in 256 colours, which looks the same and takes a third."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

HEAD = b"\x89PNG\r\n\x1a\n"
COLOURS = 256
CHANNELS = {2: 3, 6: 4}
"""Bytes of a pixel by the colour type of the file: RGB, and RGB with alpha."""
Pixel = tuple[int, int, int]


def smaller(png: bytes) -> bytes:
    """The picture with a palette of 256 of its colours; others become the nearest.

    Anything but a plain 8-bit RGB picture stays as it is.
    """
    parts = dict(_joined(png))
    width, height, depth, kind, *_ = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    if depth != 8 or kind not in CHANNELS:
        return png
    step = CHANNELS[kind]
    rows = list(_rows(zlib.decompress(parts[b"IDAT"]), width * step, step))
    pixels = [list(zip(row[0::step], row[1::step], row[2::step], strict=True)) for row in rows]
    palette = _palette(pixels)
    index = _index(pixels, palette)
    body = b"".join(b"\0" + bytes([index[pixel] for pixel in row]) for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    colours = b"".join(bytes(colour) for colour in palette)
    chunks = ((b"IHDR", head), (b"PLTE", colours), (b"IDAT", zlib.compress(body, 9)))
    made = HEAD + b"".join(_chunk(*each) for each in (*chunks, (b"IEND", b"")))
    return min(png, made, key=len)


def _joined(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks by name; what stands in several (IDAT) as one."""
    found: dict[bytes, bytes] = {}
    place = len(HEAD)
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        name = png[place + 4 : place + 8]
        found[name] = found.get(name, b"") + png[place + 8 : place + 8 + length]
        place += length + 12
    yield from found.items()


def _rows(data: bytes, width: int, step: int) -> Iterator[bytes]:
    """The rows of pixels; each was stored as its difference to the pixels before or above."""
    above = bytearray(width)
    for start in range(0, len(data), width + 1):
        row = bytearray(data[start + 1 : start + 1 + width])
        _undo(data[start], row, above, step)
        yield bytes(row)
        above = row


def _undo(how: int, row: bytearray, above: bytearray, step: int) -> None:
    """Undo the filter of a row (PNG, 9.2)."""
    for at in range(len(row) if how else 0):
        left = row[at - step] if at >= step else 0
        corner = above[at - step] if at >= step else 0
        up = above[at]
        guess = (0, left, up, (left + up) // 2, 0)[how] if how < 4 else _paeth(left, up, corner)
        row[at] = (row[at] + guess) & 255


def _paeth(left: int, up: int, corner: int) -> int:
    near = left + up - corner
    return min((left, up, corner), key=lambda each: abs(near - each))


def _palette(pixels: list[list[Pixel]]) -> list[Pixel]:
    counted = Counter[Pixel]()
    for row in pixels:
        counted.update(row)
    ordered = [colour for colour, _ in counted.most_common()]
    kinds: dict[Pixel, Pixel] = {}
    for red, green, blue in ordered:
        kinds.setdefault((red >> 4, green >> 4, blue >> 4), (red, green, blue))
    # One of each kind first: the many greys of letters must not leave a rare red without a place.
    return list(dict.fromkeys([*kinds.values(), *ordered]))[:COLOURS]


def _index(pixels: list[list[Pixel]], palette: list[Pixel]) -> dict[Pixel, int]:
    """The place in the palette of every colour of the picture."""
    known = {colour: place for place, colour in enumerate(palette)}
    for colour in {pixel for row in pixels for pixel in row} - known.keys():
        known[colour] = min(range(len(palette)), key=lambda at: _far(palette[at], colour))
    return known


def _far(one: Pixel, other: Pixel) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
