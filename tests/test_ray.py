"""Rebuilds on a real Ray cluster of two workers on this machine: the same build, whatever is killed meanwhile."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from index.build.build import rebuild
from index.build.failed import RebuildFailed
from index.build.in_order import Job
from index.build.page_bytes import RawPage
from index.build.page_cache import Unread
from index.build.runner import open_ray
from index.build.shards import Shards, entries_in
from index.model import load_embedder

ray = pytest.importorskip("ray", reason="the extra `ray` is not installed: pip install 'policykb[ray]'")
if TYPE_CHECKING:
    from index.build.ray_runner import RayRunner
pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
WORDS = "参保缴费待遇报销备案转移续接窗口材料审核登记账户年限住院门诊结算凭证单位职工居民补助标准比例时限手续"
PAGES = 160  # five shards in each pass
A_WHILE_S = 60.0  # no step takes so long; what does is stuck


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayRunner]:
    with ExitStack() as ending:
        for attempt in range(3):
            try:
                runner = ending.enter_context(open_ray(address=None, workers=2))
                break
            except RebuildFailed as error:  # Ray waits 30 s, which on a machine with other tests may be too little
                if attempt == 2 or "timed out during startup" not in str(error):
                    raise
        yield runner  # type: ignore[misc]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of three sites, one of them unreadable, one overruled."""
    place = tmp_path_factory.mktemp("corpus")
    folder = place / "pages"
    folder.mkdir()
    sidecar = []
    for number in range(PAGES):
        name = f"p{number:03}.txt"
        (folder / name).write_text(text_of(number), encoding="utf-8")
        sidecar.append(json.dumps({"path": name, "url": f"https://site{number % 3}.example/{number}"}))
    (folder / "p007.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    (folder / "pages.jsonl").write_text("\n".join(sidecar), encoding="utf-8")
    quote = text_of(9).split("\n\n")[1]
    (place / "overrules.tsv").write_text(f"p009.txt\tremove\t{quote}\tnot wanted", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def plain(pages: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, bytes]]:
    """Id and files of the build that one process makes."""
    kb = tmp_path_factory.mktemp("plain") / "kb"
    build = rebuild([pages], kb, embedder=load_embedder("bundled"), workers=1).build
    return build, contents(kb, build)


def text_of(number: int) -> str:
    chance = random.Random(number)
    prose = ["，".join("".join(chance.sample(WORDS, 9)) for _ in range(6)) + "。" for _ in range(12)]
    return "\n\n".join([f"{prose[0][:9]}问答之{number}", *prose, "市民来信选登", "手机应用下载", "服务热线与邮箱"])


def contents(kb: Path, build: str) -> dict[str, bytes]:
    """Return the files of a build, of the manifest what does not depend on when and where."""
    folder = kb / "builds" / build
    files = {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    manifest = {
        key: value for key, value in json.loads(files["manifest.json"]).items() if key not in ("made", "sha256")
    }
    return {**files, "manifest.json": json.dumps(manifest, sort_keys=True).encode()}


def busy_workers() -> list[int]:
    """Return the processes of our cluster that work on pages now."""
    ours = f"RAY_AUTH_TOKEN={os.environ['RAY_AUTH_TOKEN']}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            at_work = (process / "cmdline").read_bytes().startswith(b"ray::_results")
            if at_work and ours in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
        except OSError:  # it has ended
            continue
    return found


def wait_for(what: Callable[[], Any]) -> Any:
    patience = time.monotonic() + A_WHILE_S
    while not (found := what()):
        assert time.monotonic() < patience, "nothing came of it"
        time.sleep(0.002)
    return found


def run(
    cluster: RayRunner, work: Callable[[RawPage], Any], count: int
) -> tuple[list[tuple[int, Any]], list[tuple[int, Any]]]:
    """Let the cluster work on pages that are their own numbers; return what came in order, and what as it arrived."""
    arrived: list[tuple[int, Any]] = []
    jobs = (Job(number, str(number), None, -1 if number % 7 == 3 else None) for number in range(count))
    results = cluster.in_order(jobs, lambda number: RawPage(str(number), b"", {}, ()), work, arrived.extend)
    return [(job.number, result) for job, result in results], arrived


def test_the_build_is_that_of_one_process_and_a_page_that_cannot_be_read_is_named(
    cluster: RayRunner, pages: Path, plain: tuple[str, dict[str, bytes]], tmp_path: Path
) -> None:
    report = rebuild([pages], tmp_path / "kb", embedder=load_embedder("bundled"), runner=cluster)
    assert (report.build, contents(tmp_path / "kb", report.build)) == plain
    assert [item["path"] for item in report.skipped] == ["p007.txt"]
    assert (report.cleaned, report.overruled["remove"]) == (PAGES - 1, 1)
    assert not (tmp_path / "kb" / "cache" / "shards").exists()
    raw = sorted(file.name for file in (tmp_path / "kb" / "pages").iterdir())
    assert len(raw) == PAGES - 1


def test_a_worker_killed_at_work_loses_nothing(
    cluster: RayRunner, pages: Path, plain: tuple[str, dict[str, bytes]], tmp_path: Path
) -> None:
    killed = []

    def kill(stage: str, done: int, total: int) -> None:  # noqa: ARG001 - as progress is told
        if stage in ("learn", "clean") and done == 1:
            killed.append(wait_for(busy_workers)[0])
            os.kill(killed[-1], signal.SIGKILL)

    report = rebuild([pages], tmp_path / "kb", embedder=load_embedder("bundled"), runner=cluster, progress=kill)
    assert len(killed) == 2
    assert (report.build, contents(tmp_path / "kb", report.build)) == plain


def test_a_rebuild_takes_up_what_a_killed_one_had_worked_out(
    cluster: RayRunner, pages: Path, plain: tuple[str, dict[str, bytes]], tmp_path: Path
) -> None:
    kb, address = tmp_path / "kb", ray.get_runtime_context().gcs_address
    command = [sys.executable, "-c", "from search_app.cli import main; main()", "rebuild", str(pages), "--kb", str(kb)]
    driver = subprocess.Popen([*command, "--runner", "ray", "--address", address], cwd=ROOT, stderr=subprocess.DEVNULL)

    def shards() -> list[Path]:
        return [file for file in (kb / "cache").glob("shards/*/*") if not file.suffix]

    try:
        wait_for(lambda: len(shards()) >= 7 or driver.poll() is not None)  # five of the first pass, two of the second
    finally:
        driver.kill()
        status = driver.wait()
    assert status == -signal.SIGKILL
    left, told = len(shards()), []
    assert left >= 7
    shards()[0].write_bytes(b"cut short")
    report = rebuild(
        [pages], kb, embedder=load_embedder("bundled"), runner=cluster, progress=lambda *what: told.append(what)
    )
    assert ("resume", left, left) in told
    # Of the shards that were whole one at least is of the second pass, and the cache was not committed yet.
    assert PAGES - 32 * (left - 5) - 1 <= report.cleaned <= PAGES - 32
    assert (report.build, contents(kb, report.build)) == plain


def test_results_come_in_order_and_known_ones_are_not_worked_on(cluster: RayRunner) -> None:
    def work(page: RawPage) -> int:
        time.sleep(0.2 if page.path == "0" else 0)
        return int(page.path) * 10

    found, arrived = run(cluster, work, 100)
    expected = [(number, -1 if number % 7 == 3 else number * 10) for number in range(100)]
    assert found == expected
    assert sorted(arrived) == [(number, result) for number, result in expected if result != -1]


def test_a_page_that_ends_its_worker_each_time_is_named_and_no_other_is_lost(cluster: RayRunner) -> None:
    def work(page: RawPage) -> int:
        if page.path == "1":
            os.kill(os.getpid(), signal.SIGKILL)
        return int(page.path)

    found, _ = run(cluster, work, 3)
    assert [found[0], found[2]] == [(0, 0), (2, 2)]
    assert isinstance(found[1][1], Unread)
    assert found[1][1].slow
    assert "ended from outside or by a crash each of 3 times" in found[1][1].reason


def test_what_reading_and_work_raise_comes_through(cluster: RayRunner) -> None:
    def work(page: RawPage) -> int:
        raise RebuildFailed(f"page {page.path}: changed")

    with pytest.raises(RebuildFailed, match="page 0: changed"):
        run(cluster, work, 2)

    def read(number: int) -> RawPage:
        raise RebuildFailed(f"page {number}: vanished")

    with pytest.raises(RebuildFailed, match="page 5: vanished"):
        list(cluster.in_order([Job(5, "5", None, None)], read, work, lambda results: None))


@pytest.mark.usefixtures("cluster")
def test_workers_with_other_code_are_refused() -> None:
    from index.build.ray_runner import _results
    from index.build.ray_runner_tasks import result_of

    task = ray.remote(_results).remote("f" * 64, [ray.put(len)], [])
    with pytest.raises(
        RebuildFailed, match=r"found policykb with other code .* expected those of the rebuild \(f{8}\)"
    ):
        result_of(task)


def test_a_large_model_gives_the_vectors_of_one_process(cluster: RayRunner, tmp_path: Path) -> None:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(7)
    (tmp_path / "vocab.txt").write_text(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted({*WORDS, "，"})]), "utf-8"
    )
    tokenizer = BertTokenizerFast(str(tmp_path / "vocab.txt"), model_max_length=64)
    layers = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}
    config = BertConfig(vocab_size=len(tokenizer), max_position_embeddings=64, **layers)
    BertModel(config).save_pretrained(tmp_path / "plain")
    tokenizer.save_pretrained(tmp_path / "plain")
    modules = [Transformer(str(tmp_path / "plain")), Pooling(24, pooling_mode="mean")]
    SentenceTransformer(modules=modules, device="cpu").save(str(tmp_path / "model"))

    model = load_embedder(str(tmp_path / "model"))
    there = cluster.embedder(model)
    texts, told = [text_of(number)[: 20 + number] for number in range(300)], []
    vectors = there.encode_document(texts, progress=told.append)
    assert sorted(told) == [44, 128, 128]
    assert there.fingerprint == model.fingerprint
    # The bits may differ where the number of threads does; 1e-6 is four units in the last place of 0.3.
    np.testing.assert_allclose(vectors, model.encode_document(texts), atol=1e-6)
    assert there.encode_document([]).shape == (0, 24)
    bundled = load_embedder("bundled")
    assert cluster.embedder(bundled) is bundled


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1:1", "found no cluster within 5 s"),
        ("cluster", "expected HOST:PORT"),
        ("ray://127.0.0.1:10001", "expected HOST:PORT"),
    ],
)
def test_an_address_without_a_cluster_is_told_in_one_line(address: str, said: str) -> None:
    with (
        pytest.raises(RebuildFailed, match=rf"--address {re.escape(address)}: .*{said}") as told,
        open_ray(address=address, workers=None),
    ):
        pass
    assert "\n" not in str(told.value)


def test_a_missing_extra_is_told_in_one_line(tmp_path: Path) -> None:
    code = "import sys; sys.modules['ray'] = None; from search_app.cli import main; main()"
    options = ["rebuild", str(tmp_path), "--kb", str(tmp_path / "kb"), "--runner", "ray"]
    done = subprocess.run([sys.executable, "-c", code, *options], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "pip install 'policykb[ray]'" in done.stderr


def test_a_shard_is_one_file_whoever_makes_it_and_is_believed_only_whole(tmp_path: Path) -> None:
    shards, entries = Shards(tmp_path), [(bytes([n]) * 32, b"what came of it" * n) for n in range(3)]
    shards.keep(entries)
    shards.keep(entries)
    [file] = shards.files()
    assert list(entries_in(file)) == entries
    file.with_name(f"{file.name}.77").write_bytes(b"half")
    assert shards.files() == [file]
    assert len(list(file.parent.iterdir())) == 1
    file.write_bytes(file.read_bytes()[:-1])
    assert list(entries_in(file)) == []
    shards.clear()
    assert list(tmp_path.iterdir()) == []
