"""The few Kubernetes quantities that the course programs take: bytes with a suffix, or none.

The whole rule is in the workbook's own model; this is what the images need of it, so that they
stay one small layer. Suffixes: apimachinery, pkg/api/resource/suffix.go.
"""

BINARY = {"Ki": 1024, "Mi": 1024**2, "Gi": 1024**3, "Ti": 1024**4}
DECIMAL = {"k": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4}


def parse_bytes(text: str) -> int:
    """Bytes of a quantity such as "20Mi", "1.5G" or "4096"; ValueError tells what is wrong."""
    number, factor = text.strip(), 1
    for suffix, value in (BINARY | DECIMAL).items():
        if number.endswith(suffix):
            number, factor = number.removesuffix(suffix), value
            break
    if not number.isascii() or not number.replace(".", "", 1).isdigit():
        raise ValueError(
            f"{text!r} is not an amount of memory: write bytes, or a number with one of "
            f"{', '.join([*BINARY, *DECIMAL])}, such as 20Mi"
        )
    return int(float(number) * factor)
