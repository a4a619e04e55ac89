"""What cutting single edges into a value input of a Gemma 3 does, by `transformers` and hooks alone.

    circuit-pairs ioi --model gemma3 -n 4 --seed 0 -o pairs.h5
    circuit-score --method exact --receivers 'a12.kv0<v>' pairs.h5 -o exact.h5
    circuit-show --json pairs.h5 > pairs.json
    circuit-show --json exact.h5 > exact.json
    python tools/reference/check_single_edges.py MODEL.gguf pairs.json 12 exact.json [OTHER.json ...]

For each edge into the values of layer 12 (of which there is one KV head): how much the logit
difference falls when the edge alone carries the corrupted run's output. It shares no code with the
reference's transformer, whose attention has an input of its own a head. Prints the largest difference
to the first file of scores, and the correlation with each.
"""

import json
import sys

import torch

from circuit_reference import weights


def outputs(model, ids, last):
    """The output of every sender before layer `last` on these prompts, and what each layer's heads make
    together before the norm."""
    kept = {}

    def keep(name):
        return lambda module, inputs, output: kept.__setitem__(name, output)

    hooks = []
    for index, block in enumerate(model.model.layers[:last]):
        hooks += [
            block.self_attn.o_proj.register_forward_hook(keep(f"a{index}")),
            block.self_attn.o_proj.register_forward_pre_hook(
                lambda module, inputs, index=index: kept.__setitem__(f"z{index}", inputs[0])),
            block.post_feedforward_layernorm.register_forward_hook(keep(f"m{index}"))]
    hooks.append(model.model.embed_tokens.register_forward_hook(keep("input")))
    model(ids, use_cache=False, logits_to_keep=1)
    for hook in hooks:
        hook.remove()
    senders, together = {"input": kept["input"]}, []
    heads = model.config.num_attention_heads
    for index, block in enumerate(model.model.layers[:last]):
        together.append(kept[f"a{index}"])
        parts = zip(kept[f"z{index}"].chunk(heads, -1), block.self_attn.o_proj.weight.chunk(heads, 1))
        senders |= {f"a{index}.h{head}": z @ weight.T for head, (z, weight) in enumerate(parts)}
        senders[f"m{index}"] = kept[f"m{index}"]
    return senders, together


def effects(model, pairs, layer):
    """How much the mean logit difference falls where one edge into the layer's values is cut."""
    clean, corrupted = (
        torch.tensor([pair[key] for pair in pairs]) for key in ("clean_ids", "corrupted_ids"))
    right, wrong = (
        [[answer[0] for answer in pair[key]] for pair in pairs]
        for key in ("answer_ids", "wrong_answer_ids"))
    blocks = model.model.layers

    def difference():
        logits = model(clean, use_cache=False, logits_to_keep=1).logits[:, -1].double()
        return sum(
            row[good].mean() - row[bad].mean()
            for row, good, bad in zip(logits, right, wrong)) / len(pairs)

    senders, together = outputs(model, clean, layer)
    others, _ = outputs(model, corrupted, layer)
    stream = senders["input"] + sum(
        blocks[index].post_attention_layernorm(together[index]) + senders[f"m{index}"]
        for index in range(layer))
    full, found = difference(), {}
    for name in senders:
        change = others[name] - senders[name]
        if name[0] == "a":
            # A head's output goes through the norm of its layer's sum.
            index = int(name[1:].split(".")[0])
            norm, heads = blocks[index].post_attention_layernorm, together[index]
            change = norm(heads + change) - norm(heads)
        read = blocks[layer].input_layernorm(stream + change)
        hook = blocks[layer].self_attn.v_proj.register_forward_pre_hook(lambda *_: (read,))
        found[name] = float(full - difference())
        hook.remove()
    return found


def main() -> None:
    torch.set_grad_enabled(False)
    path, pairs, layer, *files = sys.argv[1:]
    _, model = weights.load(path, torch.float32)
    found = effects(model, json.load(open(pairs))["pairs"], int(layer))
    names = sorted(found, key=lambda name: -abs(found[name]))
    expected = torch.tensor([found[name] for name in names]).double()
    columns = []
    for number, file in enumerate(files):
        scores = {
            edge["edge"]: edge["score"] for edge in json.load(open(file))["edges"]}
        column = torch.tensor([scores[f"{name}->a{layer}.kv0<v>"] for name in names]).double()
        columns.append(column.tolist())
        correlation = float(torch.corrcoef(torch.stack([expected, column]))[0, 1])
        gap = f", largest difference {float((expected - column).abs().max()):.1e}"
        print(f"{file}: {len(names)} edges, correlation {correlation:.4f}{gap if number == 0 else ''}")
    for name, effect, *scores in list(zip(names, expected.tolist(), *columns))[:12]:
        print(f"{name:8} {effect:8.4f}  ", *(f"{score:8.4f}" for score in scores))


if __name__ == "__main__":
    main()
