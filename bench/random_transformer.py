"""How long a transformer of some size takes to embed passages: BERTs with random weights, for time does not read them.

Two shapes that small and base models of the hub have, over characters as Chinese BERTs are. The model has one thread,
as the rest of bench/slopes.py.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

# Layers, numbers a vector, heads; texts to embed, which the larger one takes long enough over.
SHAPES = ((4, 512, 8, 128), (12, 768, 12, 32))
LONGEST = 512
_MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def encoding_seconds(texts: Sequence[str]) -> dict[int, float]:
    """Return the processor seconds a passage takes, by the parameters of the layers."""
    import torch

    from index.capacity_model import read_model
    from index.model.transformer import TransformerEmbedder

    torch.set_num_threads(1)
    torch.manual_seed(1)
    found = {}
    for layers, dim, heads, count in SHAPES:
        with TemporaryDirectory() as folder:
            write_model(Path(folder), texts, layers=layers, dim=dim, heads=heads)
            embedder = TransformerEmbedder.load(folder)
            embedder.encode_document(texts[:4])
            begun = time.process_time()
            embedder.encode_document(texts[:count])
            spent = time.process_time() - begun
            parameters = read_model(folder).parameters
            assert parameters  # a transformer has some
            found[parameters] = spent / len(texts[:count])
    return found


def write_model(folder: Path, texts: Sequence[str], *, layers: int, dim: int, heads: int) -> None:
    """Write a sentence-transformers model with random weights that reads the characters of `texts`."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    characters = sorted({char for text in texts for char in text if not char.isspace()})
    plain = folder / "plain"
    plain.mkdir()
    (plain / "vocab.txt").write_text("\n".join([*_MARKS, *characters]), "utf-8")
    tokenizer = BertTokenizerFast(str(plain / "vocab.txt"), model_max_length=LONGEST)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=dim,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=4 * dim,
        max_position_embeddings=LONGEST,
    )
    BertModel(config).save_pretrained(plain)
    tokenizer.save_pretrained(plain)
    model = SentenceTransformer(modules=[Transformer(str(plain)), Pooling(dim, pooling_mode="mean")], device="cpu")
    for file in plain.iterdir():
        file.unlink()
    plain.rmdir()
    model.save(str(folder))
