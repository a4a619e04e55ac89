"""Checks that the programs that formats are of read what circuit-convert writes.

    PATH=.build/release:$PATH python tools/reference/check_interchange.py

Needs torch, numpy, safetensors and networkx; prints a line for each check.
"""

import json
import pathlib
import subprocess
import tempfile

import h5py
import networkx
import numpy
import torch

ROOT = pathlib.Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures"


def convert(source, target, *options):
    subprocess.run(["circuit-convert", "-q", source, "-o", target, *options], check=True,
                   stderr=subprocess.DEVNULL)


def main():
    folder = pathlib.Path(tempfile.mkdtemp())
    given = FIXTURES / "interchange"
    circuit = folder / "circuit.h5"
    convert(given / "eap-ig.pt", circuit)

    convert(circuit, folder / "out.pt", "--to", "eap-ig-pt")
    ours = torch.load(folder / "out.pt", weights_only=True)
    theirs = torch.load(given / "eap-ig.pt", weights_only=True)
    assert ours["cfg"] == theirs["cfg"] and ours["src_nodes"] == theirs["src_nodes"]
    for name in ["edges_scores", "edges_in_graph", "nodes_in_graph"]:
        assert torch.equal(ours[name], theirs[name]) and ours[name].dtype == theirs[name].dtype, name
    mapped = torch.load(folder / "out.pt", weights_only=True, mmap=True)
    assert torch.equal(mapped["edges_scores"], theirs["edges_scores"])
    print("torch.load(weights_only=True), also mapped: equal tensors")

    convert(circuit, folder / "out.json", "--to", "mib-json")
    assert json.loads((folder / "out.json").read_text()) == json.loads((given / "mib.json").read_text())
    print("json: equal to Graph.to_json's")

    kept = int(h5py.File(circuit)["edges/in_circuit"][:].sum())
    convert(circuit, folder / "out.graphml")
    graph = networkx.read_graphml(folder / "out.graphml")
    assert graph.is_directed() and graph.number_of_edges() == kept
    convert(circuit, folder / "link.json", "--to", "networkx-json")
    linked = networkx.node_link_graph(json.loads((folder / "link.json").read_text()), edges="edges")
    assert linked.number_of_edges() == kept and set(linked.nodes) == set(graph.nodes)
    scores = {data["name"]: data["score"] for _, _, data in linked.edges(data=True)}
    for sender, receiver, data in graph.edges(data=True):
        assert abs(data["score"] - scores[data["name"]]) < 1e-7
        assert data["name"].startswith(sender + "->" + receiver)
    assert networkx.is_directed_acyclic_graph(networkx.DiGraph(linked))
    print(f"networkx: {kept} edges by GraphML and by node-link JSON")

    cache = FIXTURES / "activation-cache" / "2.0.0" / "sample.h5"
    convert(cache, folder / "cache.npz")
    convert(cache, folder / "cache.safetensors")
    arrays = numpy.load(folder / "cache.npz")
    tensors = torch_file(folder / "cache.safetensors")
    with h5py.File(cache) as file:
        for run in ["clean", "corrupted"]:
            for name in file[run]:
                # bfloat16 is stored as the upper half of a float32.
                stored = (file[run][name][:].astype("u4") << 16).view("f4")
                assert (arrays[f"{run}/{name}"] == stored).all(), name
                assert (tensors[f"{run}/{name}"].float().numpy() == stored).all(), name
        assert (arrays["clean/ids"] == file["dataset/clean/ids"][:]).all()
    print(f"numpy.load and safetensors: {len(arrays.files)} equal arrays")


def torch_file(path):
    from safetensors.torch import load_file as load
    return load(path)


if __name__ == "__main__":
    main()
