"""What happens to files: bits flip, ends are lost, pages stay empty, others take their place."""

import random
from pathlib import Path


def damage(file: Path, draw: random.Random) -> str:
    """Damage a file in a way that is drawn, and say which."""
    content = file.read_bytes()
    ways = ("flipped", "cut", "emptied", "zeroed", "replaced")
    way = draw.choice(ways) if content else "replaced"
    file.write_bytes(_damaged(content, way, draw))
    return way


def _damaged(content: bytes, way: str, draw: random.Random) -> bytes:
    if way == "replaced":
        return draw.choice((b"{", b"\xff\xfe\0", b"something else\n"))
    offset = draw.randrange(len(content))
    if way == "flipped":
        flipped = content[offset] ^ 1 << draw.randrange(8)
        return content[:offset] + bytes([flipped]) + content[offset + 1 :]
    if way == "zeroed":  # a page that never came to the disk, as after a loss of power
        return (
            content[:offset] + bytes(len(content[offset : offset + 512])) + content[offset + 512 :]
        )
    return content[:offset] if way == "cut" else b""
