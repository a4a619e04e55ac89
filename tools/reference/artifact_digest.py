#!/usr/bin/env python3
"""The digest of an artifact, computed with h5py and nothing of CircuitTools.

    artifact_digest.py FILE.h5 ...

prints the digest of each file as schemas/README.md defines it, and says where it isn't the one that
is stored. The golden files in fixtures/ were checked with it.
"""
import hashlib
import sys

import h5py
import numpy as np

BOOKKEEPING = {
    "CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "DIMENSION_LABELS",
    "_Netcdf4Dimid", "_Netcdf4Coordinates", "_NCProperties",
}


def elements(value):
    """The type's name and the bytes that are hashed, of a dataset's or attribute's value."""
    array = np.asarray(value)
    if array.dtype.kind in "OSU":
        texts = [t if isinstance(t, bytes) else t.encode() for t in array.reshape(-1).tolist()]
        return "string", b"".join(len(t).to_bytes(8, "little") + t for t in texts)
    name = array.dtype.name
    return name, array.astype(array.dtype.newbyteorder("<")).tobytes()


def attribute_lines(node, path, without):
    for name in node.attrs:
        if name == "path" or name in without or name in BOOKKEEPING:
            continue
        value = node.attrs[name]
        dtype, data = elements(value)
        sha = hashlib.sha256(data).hexdigest()
        yield "\t".join(["attribute", path, name, dtype, str(np.asarray(value).size), sha])


def lines(group, path="/"):
    is_artifact = "artifact" in group.attrs
    yield from attribute_lines(group, path, {"digest", "schema_version"} if is_artifact else set())
    for name in group:
        if is_artifact and name in ("provenance", "notes"):
            continue
        node = group[name]
        place = path.rstrip("/") + "/" + name
        if isinstance(node, h5py.Group):
            yield from lines(node, place)
        else:
            dtype, data = elements(node[()])
            shape = "x".join(map(str, node.shape))
            yield "\t".join(["dataset", place, dtype, shape, hashlib.sha256(data).hexdigest()])
            yield from attribute_lines(node, place, {"sha256"})


def digest(path):
    with h5py.File(path) as file:
        ordered = sorted(line.encode() for line in lines(file))
        found = hashlib.sha256(b"".join(line + b"\n" for line in ordered)).hexdigest()
        return found, file.attrs.get("digest")


def main():
    wrong = False
    for path in sys.argv[1:]:
        found, stored = digest(path)
        wrong |= found != stored
        print(f"{found}  {path}" + ("" if found == stored else f"  (stored: {stored})"))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
