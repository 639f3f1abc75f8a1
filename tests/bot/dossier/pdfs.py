"""What a viewer finds in a PDF, without one."""

import re
import zlib
from collections.abc import Iterator


def attached_to(pdf: bytes) -> Iterator[bytes]:
    """Give everything that is packed in a PDF, unpacked; attached files are among it."""
    for start in re.finditer(rb"stream\r?\n", pdf):
        unpacker = zlib.decompressobj()
        try:
            yield unpacker.decompress(pdf[start.end() :])
        except zlib.error:
            continue
