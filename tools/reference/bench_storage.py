#!/usr/bin/env python3
"""How fast other libraries write and read the activations of a cache: h5py with each of its compressions,
safetensors, torch.save, and Python's own write and read. `tools/bench --storage` puts the figures beside
ours. Every write ends when the bytes are on the disk; reads find the file in memory, where the writes have
left it, and add up all values. `--plugins` measures filters of HDF5 that are plugins instead, where h5py finds
them: in Debian that is /usr/bin/python3 with the packages python3-h5py, hdf5-filter-plugin and
hdf5-filter-plugin-blosc-serial.
"""

import argparse
import json
import os
import time
from pathlib import Path

import h5py
import numpy

# Compressions of h5py; the first chunk axis is one pair, as in our caches.
SHUFFLED = {"shuffle": True, "fletcher32": True}
HDF5 = {
    "h5py contiguous": None,
    "h5py gzip-1": {"compression": "gzip", "compression_opts": 1, **SHUFFLED},
    "h5py gzip-4": {"compression": "gzip", "compression_opts": 4, **SHUFFLED},
    "h5py gzip-4 without shuffle": {"compression": "gzip", "compression_opts": 4},
    "h5py lzf": {"compression": "lzf", **SHUFFLED},
}
# By the numbers of registered filters. Of blosc: level, shuffling, compressor.
PLUGINS = {
    "h5py blosc lz4": {"compression": 32001, "compression_opts": (0, 0, 0, 0, 5, 1, 1)},
    "h5py blosc zstd-3": {"compression": 32001, "compression_opts": (0, 0, 0, 0, 3, 1, 5)},
    "h5py lz4": {"compression": 32004, **SHUFFLED},
    "h5py bzip2": {"compression": 307, "compression_opts": (9,), **SHUFFLED},
    "h5py zstd-3": {"compression": 32015, "compression_opts": (3,), **SHUFFLED},
}


def synchronize(path):
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def write_plain(path, arrays):
    with open(path, "wb", buffering=0) as file:
        for array in arrays.values():
            data = memoryview(array).cast("B")
            while data:
                data = data[file.write(data):]
    synchronize(path)


def read_plain(path, arrays):
    with open(path, "rb", buffering=0) as file:
        for array in arrays.values():
            values = numpy.empty_like(array)
            assert file.readinto(memoryview(values).cast("B")) == values.nbytes
            yield values


def write_hdf5(options):
    def write(path, arrays):
        with h5py.File(path, "w") as file:
            for name, array in arrays.items():
                chunks = {} if options is None else {"chunks": (1, *array.shape[1:]), **options}
                file.create_dataset(name, data=array, **chunks)
        synchronize(path)
    return write


def read_hdf5(path, arrays):
    with h5py.File(path) as file:
        for name in arrays:
            yield file[name][:]


def write_safetensors(path, arrays):
    import safetensors.numpy
    safetensors.numpy.save_file(arrays, path)
    synchronize(path)


def read_safetensors(path, arrays):
    import safetensors.numpy
    yield from safetensors.numpy.load_file(path).values()


def write_torch(path, arrays):
    import torch
    torch.save({name: torch.from_numpy(array) for name, array in arrays.items()}, path)
    synchronize(path)


def read_torch(path, arrays):
    import torch
    for tensor in torch.load(path, weights_only=True).values():
        yield tensor.numpy()


def ways(plugins):
    """Each way by name: how it writes, and how it reads."""
    if plugins:
        return {
            name: (write_hdf5(options), read_hdf5) for name, options in PLUGINS.items()
            if h5py.h5z.filter_avail(options["compression"])}
    found = {"Python write": (write_plain, read_plain)}
    for name, options in HDF5.items():
        found[name] = (write_hdf5(options), read_hdf5)
    found["safetensors"] = (write_safetensors, read_safetensors)
    found["torch.save"] = (write_torch, read_torch)
    return found


def measured(action):
    started, processor = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - started, time.process_time() - processor


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("folder", type=Path, help="where files are made, and removed")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--plugins", action="store_true", help="see above")
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    with h5py.File(arguments.cache) as file:
        arrays = {
            f"{run}/{name}": file[run][name][:] for run in ("clean", "corrupted") for name in file[run]}
    figures = {}
    for _ in range(arguments.repeats):
        for name, (write, read) in ways(arguments.plugins).items():
            path = arguments.folder / "storage.python"
            entry = figures.setdefault(name, {
                "write_seconds": [], "read_seconds": [], "write_processor_seconds": 1e9,
                "read_processor_seconds": 1e9})
            os.sync()
            seconds, processor = measured(lambda: write(path, arrays))
            entry["write_seconds"].append(seconds)
            entry["write_processor_seconds"] = min(entry["write_processor_seconds"], processor)
            entry["bytes"] = path.stat().st_size

            def read_all():
                held = list(read(path, arrays))
                assert not numpy.isnan(sum(float(values.sum()) for values in held))
            seconds, processor = measured(read_all)
            entry["read_seconds"].append(seconds)
            entry["read_processor_seconds"] = min(entry["read_processor_seconds"], processor)
            path.unlink()
    arguments.output.write_text(json.dumps(figures, indent=1) + "\n")


main()
