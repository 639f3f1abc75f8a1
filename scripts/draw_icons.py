"""Draw the app's icons: a balance, in white on blue (192 px) and as an outline (32 px); standard library only."""

import struct
import zlib
from pathlib import Path

MANIFEST = Path(__file__).resolve().parent.parent / "manifest"
BLUE, WHITE, CLEAR = (31, 58, 95, 255), (255, 255, 255, 255), (255, 255, 255, 0)


def is_ink(x: float, y: float) -> bool:
    """Tell whether the balance covers a point of the unit square."""
    post = abs(x - 0.5) < 0.03 and 0.2 < y < 0.8
    foot = abs(y - 0.8) < 0.03 and abs(x - 0.5) < 0.16
    beam = abs(y - 0.27) < 0.028 and abs(x - 0.5) < 0.33
    knob = (x - 0.5) ** 2 + (y - 0.2) ** 2 < 0.045**2
    return post or foot or beam or knob or any(_is_pan(x - centre, y) for centre in (0.2, 0.8))


def _is_pan(x: float, y: float) -> bool:
    bowl = 0.56 < y < 0.56 + 0.13 * max(0.0, 1 - (x / 0.14) ** 2) and abs(x) < 0.14
    chain = 0.27 < y < 0.58 and abs(abs(x) - 0.12 * (y - 0.27) / 0.31) < 0.014
    return bowl or chain


def draw(size: int, ink: tuple[int, ...], ground: tuple[int, ...]) -> bytes:
    """Give a PNG, smoothed by four by four samples a pixel."""
    rows = bytearray()
    for row in range(size):
        rows.append(0)
        for column in range(size):
            share = sum(
                is_ink((column + dx / 4 + 0.125) / size, (row + dy / 4 + 0.125) / size)
                for dx in range(4)
                for dy in range(4)
            )
            rows += bytes((a * share + b * (16 - share)) // 16 for a, b in zip(ink, ground, strict=True))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


if __name__ == "__main__":
    (MANIFEST / "color.png").write_bytes(draw(192, WHITE, BLUE))
    (MANIFEST / "outline.png").write_bytes(draw(32, WHITE, CLEAR))
