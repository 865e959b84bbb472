"""Runs sentence-transformers models: ours as one module of theirs, and any other by hub name or folder.

`CharacterTable` makes a folder of table weights a sentence-transformers model, so that it can be checked, fine-tuned
and published with their tools. `TransformerEmbedder` gives every model of theirs the face of `Embedder`: with the
model's own prompts, as unit rows, and never cutting a long passage in silence. `Reranker` scores question and passage
together with any cross-encoder of theirs. Only this file and train.py import torch; what runs by default is the numpy
code of embedder.py.

Module interface: sentence-transformers 6, `InputModule` and `modules.json`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError
from numpy.typing import NDArray
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer.modules import InputModule
from torch import Tensor, nn

from index.model.embedder import ModelError, TableEmbedder
from index.model.folder import check_folder

# One answer from the hub takes well under a second; without a network its client would retry for minutes.
_HUB_TIMEOUT_S = 5.0
_BATCH_TEXTS = 64  # progress is told this often; the model's own batches are smaller
_NO_LIMIT = 10**9  # tokenizers that know no longest text say 10**30
_SAFE_WEIGHTS = {"use_safetensors": True, "weights_only": True}  # they outrank what a folder's settings say
_FETCHED = ["*.json", "*.safetensors", "*.txt", "*.model", "*.jinja"]
_NOT_FETCHED = ["onnx/*", "openvino/*"]
_SENTENCE = re.compile(r"[^。！？；;!?\n]*(?:[。！？；;!?\n]+[”’」』）)\"]*|$)")
_WAY_OUT = (
    "Give the folder of a downloaded sentence-transformers model, or use --model bundled, which needs no network."
)
_RERANKER_WAY_OUT = "Give the folder of a downloaded cross-encoder of sentence-transformers, or leave out --reranker."


class CharacterTable(InputModule):
    """The table model of embedder.py as a sentence-transformers module: reads the same folder, gives the same vectors.

    Its rows are ordinary parameters, so it can be trained; `save` stores them in 8 bits again.
    """

    save_in_root = True
    max_seq_length = None

    def __init__(self, table: TableEmbedder) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # theirs is without annotations
        self._table = table
        self.embedding = nn.EmbeddingBag(len(table.keys), table.dim, mode="sum")
        self.embedding.weight.data = torch.from_numpy(table.vectors(slice(None)))

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **_: Any) -> dict[str, Tensor]:
        """Return the rows, counts and offsets that `forward` sums."""
        counts = self._table.count([(prompt or "") + text for text in inputs])
        return {
            "input_ids": torch.from_numpy(counts.indices.astype(np.int64)),
            "counts": torch.from_numpy(counts.data),
            "offsets": torch.from_numpy(counts.indptr[:-1].astype(np.int64)),
        }

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add `sentence_embedding` (n, dim): unit rows, all zero where no gram is known."""
        sums = self.embedding(features["input_ids"], features["offsets"], per_sample_weights=features["counts"])
        features["sentence_embedding"] = nn.functional.normalize(sums)
        return features

    def get_embedding_dimension(self) -> int:
        """Return the length of a vector."""
        return int(self.embedding.embedding_dim)

    def get_config_dict(self) -> dict[str, Any]:
        """Return what the module is, for its printed form."""
        return {"rows": self.embedding.num_embeddings, "dim": self.embedding.embedding_dim}

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Write the table in the format of embedder.py, with the rows as they are now."""
        self._table.with_vectors(self.embedding.weight.detach().cpu().numpy()).save(Path(output_path))

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", *_: Any, **__: Any) -> CharacterTable:
        """Return the module saved in a local folder."""
        return cls(TableEmbedder.load(Path(model_name_or_path) / subfolder))


def load(folder: Path | str) -> SentenceTransformer:
    """Return the table model in `folder` as a SentenceTransformer; raises ModelError where it is not one of ours.

    The class is the one above, whatever the folder says, so no code in it can run.
    """
    return SentenceTransformer(modules=[CharacterTable(TableEmbedder.load(folder))], device="cpu")


class TransformerEmbedder:
    """Any sentence-transformers model behind the face of `Embedder`."""

    def __init__(self, model: SentenceTransformer, *, name: str) -> None:
        self.name = name
        self._model = model.eval()
        self._fingerprint = ""
        self._dim = int(model.get_embedding_dimension() or model.encode_query(["维"]).shape[-1])
        query = next((model.prompts[key] for key in ("query",) if key in model.prompts), None)
        document = next((model.prompts[key] for key in ("document", "passage", "corpus") if key in model.prompts), None)
        default = model.prompts.get(model.default_prompt_name or "")
        self._query_prompt: str = (default if query is None else query) or ""
        self._document_prompt: str = (default if document is None else document) or ""

    @classmethod
    def load(cls, name_or_folder: str) -> TransformerEmbedder:
        """Return the model in a folder or of that name on the hub; raises ModelError with the cause and a way out."""
        local = Path(name_or_folder).is_dir()
        if not local and (name_or_folder.count("/") > 1 or name_or_folder.startswith((".", "/", "~"))):
            raise ModelError(f"{name_or_folder}: found no such folder. {_WAY_OUT}")
        unreachable = None if local else _why_unreachable(name_or_folder)
        try:
            folder = name_or_folder if local else _fetched(name_or_folder, offline=unreachable is not None)
            check_folder(Path(folder), way_out=_WAY_OUT)
            model = SentenceTransformer(folder, model_kwargs=_SAFE_WEIGHTS, local_files_only=True)
        except ModelError:
            raise
        except Exception as error:  # whatever a foreign folder makes these libraries raise
            cause = str(error).strip().split("\n")[0]
            if unreachable is not None:
                cause = f"the model hub cannot be reached ({unreachable}) and no earlier download was found"
            elif "trust_remote_code" in str(error):
                cause = "the model brings its own code, which policykb does not run"
            raise ModelError(f"{name_or_folder}: no usable sentence-transformers model: {cause}. {_WAY_OUT}") from error
        return cls(model, name=name_or_folder)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._dim

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits over weights, tokenizer, modules, prompts and longest text."""
        if not self._fingerprint:
            digest = hashlib.sha256()
            for key, tensor in sorted(self._model.state_dict().items()):
                digest.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
                digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
            settings = {
                "modules": [(type(module).__name__, _settings(module)) for module in self._model],
                "tokenizer": _tokenizer_state(self._model.tokenizer),
                "prompts": [self._query_prompt, self._document_prompt],
                "max_seq_length": self._model.max_seq_length,
            }
            digest.update(json.dumps(settings, sort_keys=True, ensure_ascii=False, default=str).encode())
            self._fingerprint = digest.hexdigest()
        return self._fingerprint

    def fits(self, text: str) -> bool:
        """Whether the model reads all of `text` as a passage, its prompt and marks included, without cutting."""
        return self._tokens(self._document_prompt + text) <= self._limit("document_length")

    def encode_query(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit row a question, shape (n, dim), with the model's prompt for questions."""
        return self._encode(texts, self._model.encode_query, self._query_prompt, "query_length", None)

    def encode_document(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return one unit row a passage, shape (n, dim), with the model's prompt for passages."""
        return self._encode(texts, self._model.encode_document, self._document_prompt, "document_length", progress)

    def _encode(
        self,
        texts: Sequence[str],
        encode: Callable[..., NDArray[np.float32]],
        prompt: str,
        limit_name: str,
        progress: Callable[[int], None] | None,
    ) -> NDArray[np.float32]:
        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        limit = self._limit(limit_name)
        for start in range(0, len(texts), _BATCH_TEXTS):
            batch = texts[start : start + _BATCH_TEXTS]
            windows = [self.windows(text, limit=limit, prompt=prompt) for text in batch]
            flat = [window for group in windows for window in group]
            vectors = _unit(np.asarray(encode(flat, show_progress_bar=False), dtype=np.float32))
            at = 0
            for row, group in enumerate(windows, start):
                # A window counts by its length, or the last line of an article would weigh as much as a full window.
                lengths = np.array([max(len(window), 1) for window in group], dtype=np.float32)
                out[row] = lengths @ vectors[at : at + len(group)]
                at += len(group)
            if progress is not None:
                progress(len(batch))
        return _unit(out)

    def windows(self, text: str, *, limit: int, prompt: str = "") -> list[str]:
        """Return `text` cut into pieces of at most `limit` tokens, at sentence ends where possible; joined they are it.

        Raises ModelError where the prompt alone leaves no room.
        """
        if self._tokens(prompt + text) <= limit:
            return [text]
        pieces: list[str] = []
        for sentence in _SENTENCE.findall(text):
            if pieces and self._tokens(prompt + pieces[-1] + sentence) <= limit:
                pieces[-1] += sentence
            elif sentence:
                pieces += self._halves(sentence, limit, prompt)
        return pieces

    def _halves(self, text: str, limit: int, prompt: str) -> list[str]:
        if self._tokens(prompt + text) <= limit:
            return [text]
        if len(text) == 1:
            raise ModelError(
                f"{self.name}: reads {limit} tokens, and its prompt {prompt!r} leaves no room for text. "
                "Choose another model, or use --model bundled."
            )
        middle = len(text) // 2
        return self._halves(text[:middle], limit, prompt) + self._halves(text[middle:], limit, prompt)

    def _limit(self, limit_name: str) -> int:
        known = (self._model.max_seq_length, getattr(self._model[0], limit_name, None))
        return int(min((limit for limit in known if limit is not None and limit < _NO_LIMIT), default=_NO_LIMIT))

    def _tokens(self, text: str) -> int:
        if self._model.max_seq_length is None or self._model.max_seq_length >= _NO_LIMIT:
            return 0  # a sum of token vectors: it has no longest text, so there is nothing to count
        tokenizer = self._model.tokenizer
        if hasattr(tokenizer, "pad_token_id"):  # transformers; warns of long texts unless told not to
            return len(tokenizer(text, truncation=False, verbose=False)["input_ids"])
        return len(tokenizer.tokenize(text))  # sentence-transformers' own word tokenizers


class Reranker:
    """Any cross-encoder of sentence-transformers: reads a question and a passage together and scores the pair."""

    def __init__(self, model: CrossEncoder, *, name: str) -> None:
        self.name = name
        self._model = model

    @classmethod
    def load(cls, name_or_folder: str) -> Reranker:
        """Return the model in a folder or of that name on the hub; raises ModelError with the cause and a way out."""
        local = Path(name_or_folder).is_dir()
        if not local and (name_or_folder.count("/") > 1 or name_or_folder.startswith((".", "/", "~"))):
            raise ModelError(f"{name_or_folder}: found no such folder. {_RERANKER_WAY_OUT}")
        unreachable = None if local else _why_unreachable(name_or_folder, way_out=_RERANKER_WAY_OUT)
        try:
            folder = name_or_folder if local else _fetched(name_or_folder, offline=unreachable is not None)
            check_folder(Path(folder), way_out=_RERANKER_WAY_OUT)
            model = CrossEncoder(folder, device="cpu", model_kwargs=_SAFE_WEIGHTS, local_files_only=True)
        except ModelError:
            raise
        except Exception as error:  # whatever a foreign folder makes these libraries raise
            cause = str(error).strip().split("\n")[0]
            if unreachable is not None:
                cause = f"the model hub cannot be reached ({unreachable}) and no earlier download was found"
            elif "trust_remote_code" in str(error):
                cause = "the model brings its own code, which policykb does not run"
            raise ModelError(f"{name_or_folder}: no usable cross-encoder: {cause}. {_RERANKER_WAY_OUT}") from error
        made_for = list(model.config.architectures or ())
        # Any encoder loads as a cross-encoder, with random numbers where the scoring layer should be.
        if model.num_labels != 1 or not any(one.endswith("ForSequenceClassification") for one in made_for):
            raise ModelError(
                f"{name_or_folder}: found {', '.join(made_for) or 'a model of unknown kind'} with {model.num_labels} "
                f"labels, expected a cross-encoder that gives a pair one score. {_RERANKER_WAY_OUT}"
            )
        return cls(model, name=name_or_folder)

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the model's score of each text for `question`, shape (n,); more is better, the scale is the model's.

        A text longer than the model reads is cut at its end.
        """
        if not texts:
            return np.zeros(0, dtype=np.float32)
        found = self._model.predict([(question, text) for text in texts], show_progress_bar=False)
        return np.asarray(found, dtype=np.float32).reshape(len(texts))


def _fetched(name: str, *, offline: bool) -> str:
    """Return the folder of a model of the hub, downloaded now or earlier: its weights, words and settings, no code."""
    return snapshot_download(name, local_files_only=offline, allow_patterns=_FETCHED, ignore_patterns=_NOT_FETCHED)


def _why_unreachable(name: str, *, way_out: str = _WAY_OUT) -> str | None:
    """Ask the hub once, without retries: None when it knows the model, the reason when it cannot be asked."""
    try:
        HfApi().model_info(name, timeout=_HUB_TIMEOUT_S)
    except RepositoryNotFoundError as error:
        raise ModelError(f"{name}: the model hub knows no such public model. {way_out}") from error
    except HFValidationError as error:
        raise ModelError(f"{name}: found neither a folder nor a possible hub name. {way_out}") from error
    except Exception as error:  # the HTTP library under the hub client changes between releases, and so do its errors
        return str(error).strip().split("\n")[0] or type(error).__name__
    return None


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.sqrt(np.sum(vectors * vectors, axis=1, keepdims=True))
    np.divide(vectors, lengths, out=vectors, where=lengths > 0)
    return vectors


def _settings(module: nn.Module) -> dict[str, Any]:
    describe = getattr(module, "get_config_dict", None)
    return dict(describe()) if callable(describe) else {}


def _tokenizer_state(tokenizer: Any) -> str:
    for holder in (getattr(tokenizer, "backend_tokenizer", None), tokenizer):
        if holder is not None and hasattr(holder, "to_str"):
            state = json.loads(holder.to_str())
            # Set anew by every call that pads or cuts, so they say what was last encoded and not what the model is.
            del state["truncation"], state["padding"]
            return json.dumps([state, getattr(tokenizer, "padding_side", None)], sort_keys=True, ensure_ascii=False)
    vocabulary: dict[str, int] = getattr(tokenizer, "get_vocab", dict)()
    return json.dumps([type(tokenizer).__name__, sorted(vocabulary.items())], ensure_ascii=False, default=str)
