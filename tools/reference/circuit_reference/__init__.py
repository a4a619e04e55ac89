"""An independent, plain PyTorch reference of the circuit methods, short rather than fast.

It exists to hold CircuitTools against: it shares no code with it, nor with TransformerLens, ACDC,
EAP-IG or AutoCircuit, and follows their definitions. The forward pass is written out, with one
result per head and a separately normalised q, k and v input per head, and is checked against
`transformers`' own logits.

- `weights`: a Hugging Face folder, a GGUF file or a tracr export as uniform tensors;
- `graph`: senders, receivers and edges, with or without grouped k and v;
- `transformer`: the forward pass, whole or under an arbitrary set of edges;
- `metrics`, `acdc`, `attribution`, `patching`: the methods;
- `pairs`: clean and corrupted prompts as JSONL.
"""
