"""The map of passages: same bytes from the same pages, a sample that anybody can check, tiny bases, areas, names."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from index.build.build import rebuild
from index.explore import clusters, projection
from index.explore.area import MOST_CORNERS, Area
from index.explore.clusters import group, how_many, name, spread
from index.explore.map_picture import SHAPES, TONES, look_of, map_svg
from index.explore.map_table import COLUMNS, map_table, sources_by_cluster
from index.explore.passage_map import PART, PassageMap, _make, middle, passage_map, sampled, select
from index.explore.prepared import made
from index.filters import Filters, allowed_rows
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from index.table import KINDS
from search_app.cli import main
from search_app.commands.map import PICTURES, TABLES

ROOT = Path(__file__).resolve().parents[1]


def test_two_builds_of_the_same_pages_have_the_same_map_byte_for_byte(sample_kb: KnowledgeBase, tmp_path: Path) -> None:
    rebuild([ROOT / "corpus" / "pages"], tmp_path / "other", embedder=load_embedder("bundled"))
    other = open_kb(tmp_path / "other")
    one, two = made(sample_kb, PART), made(other, PART)
    assert one.parent != two.parent
    assert [file.name for file in sorted(one.iterdir())] == ["clusters.json", "map.parquet"]
    for file in one.iterdir():
        assert file.read_bytes() == (two / file.name).read_bytes(), file.name


def blobs(count: int, dim: int = 24) -> np.ndarray:
    """Unit vectors around three directions, 0, 1 and 2, in turn."""
    noise = np.random.default_rng(7).normal(0, 0.05, (count, dim))
    rows = np.eye(dim)[np.arange(count) % 3] + noise
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_the_places_do_not_depend_on_how_many_threads_there_are() -> None:
    code = (
        "import hashlib, numpy as np; from threadpoolctl import threadpool_info;"
        " from index.explore.projection import project; seen = set();"
        " rows = np.random.default_rng(3).normal(size=(300, 64)).astype('f4');"
        " rows /= np.linalg.norm(rows, axis=1, keepdims=True);"
        " told = lambda done, total: seen.update((pool['num_threads'] for pool in threadpool_info()));"
        " print(hashlib.sha256(project(rows, told).tobytes()).hexdigest(), *seen)"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PATH": "", "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        ).stdout
        for threads in ("1", "2")
    ]
    assert found[0] == found[1]
    assert re.fullmatch("[0-9a-f]{64} 1\n", found[0])  # one thread in every library


@pytest.mark.parametrize("count", [projection.FEWEST, 200])
def test_like_vectors_stand_together_and_fill_the_width(count: int) -> None:
    places = project_(count)
    assert places.dtype == np.float32
    assert float(places.min()) == 0
    assert float(places.max()) == projection.WIDTH
    assert (np.round(places.astype(float), 2).astype(np.float32) == places).all()
    distances = np.linalg.norm(places[:, None].astype(float) - places[None], axis=-1)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.argmin(axis=1)
    assert np.mean(nearest % 3 == np.arange(count) % 3) > 0.97


def project_(count: int) -> np.ndarray:
    return projection.project(blobs(count))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 20])
def test_few_vectors_have_places_too(count: int) -> None:
    places = project_(count)
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()
    if count == 1:
        assert places.tolist() == [[50, 50]]
    if count == 2:
        assert sorted(places[:, 0].tolist()) == [0, 100]


def test_equal_vectors_and_empty_ones_are_no_fault() -> None:
    same = np.tile(blobs(1), (60, 1))
    same[:20] = 0
    places = projection.project(same)
    assert np.isfinite(places).all()
    assert set(group(same, 5).numbers.tolist()) == {0, 1}
    assert group(same, 5).numbers.tolist() == [1] * 20 + [0] * 40  # the larger one is the first


def test_groups_are_by_size_and_told_by_nearness_to_their_mean() -> None:
    rows = np.concatenate([blobs(90), blobs(90)[::3]])
    found = group(rows, 3)
    assert np.bincount(found.numbers).tolist() == [60, 30, 30]
    for number in range(3):
        members = rows[found.numbers == number].astype(float)
        mean = members.mean(axis=0) / np.linalg.norm(members.mean(axis=0))
        assert np.allclose(found.nearness[found.numbers == number], members @ mean, atol=1e-4)


def test_there_are_as_many_groups_as_a_legend_holds() -> None:
    assert [how_many(count) for count in (0, 1, 15, 16, 300, 2_304, 50_000)] == [1, 1, 1, 2, 8, 24, clusters.MOST]


def test_names_are_the_words_that_mark_a_group_and_none_holds_another() -> None:
    words = ["异地", "异地就医", "备案", "参保", "断缴"]
    # Passages 0 to 3 are of group 0, 4 to 7 of group 1, the last one of none.
    numbers = np.array([0, 0, 0, 0, 1, 1, 1, 1, -1])
    stands = [[0, 1, 2, 8], [0, 1, 2, 3], [0, 1], [0, 1, 2, 3, 4, 5, 6, 7], [5, 6, 8]]
    bounds = np.cumsum([0, *map(len, stands)])
    counts = spread(bounds, np.concatenate(stands), numbers, 2)
    assert counts.tolist() == [[3, 0], [4, 0], [2, 0], [4, 4], [0, 2]]
    assert name(words, counts, np.array([4, 4])) == [("异地就医", "备案"), ("断缴",)]


def test_a_group_is_named_where_it_is_densest() -> None:
    apart = np.array([[10.0, 90.0], [11.0, 91.0], [12.0, 90.5], [80.0, 5.0], [60.0, 40.0], [100.0, 100.0]])
    assert middle(apart.astype(np.float32)).tolist() == [11, 90.5]


def test_a_sample_is_of_the_lowest_hashes() -> None:
    rows = np.arange(100, 140)
    ids = np.array([f"p{row}" for row in rows], dtype=object)
    lowest = sorted(rows.tolist(), key=lambda row: hashlib.sha256(f"p{row}".encode()).hexdigest())[:7]
    assert sampled(rows, ids, 7).tolist() == sorted(lowest)
    assert sampled(rows, ids, 40).tolist() == rows.tolist()
    assert set(sampled(rows, ids, 7).tolist()) < set(sampled(rows, ids, 8).tolist())


def test_a_map_of_a_sample_says_of_how_many_texts_it_is(sample_kb: KnowledgeBase, tmp_path: Path) -> None:
    _make(sample_kb, tmp_path, lambda stage, done, total: None, most=50)
    told = json.loads((tmp_path / "clusters.json").read_text(encoding="utf-8"))
    texts = len(set(sample_kb.text_of.tolist()))
    assert told["texts"] == texts > 50
    assert sum(one["points"] for one in told["clusters"]) == 50


@pytest.fixture(scope="module")
def found(sample_kb: KnowledgeBase) -> PassageMap:
    return passage_map(sample_kb)


def test_near_identical_passages_are_one_point(sample_kb: KnowledgeBase, found: PassageMap) -> None:
    passages = sample_kb.manifest["counts"]["passages"]
    assert len(found) == len(set(sample_kb.text_of.tolist())) < passages
    assert int(found.copies.sum()) == passages
    ids = [row["id"] for row in sample_kb.records.query("SELECT id FROM passages ORDER BY row")]
    assert [ids[row] for row in found.rows.tolist()] == found.passage_ids.tolist()
    assert not found.is_sample


def test_the_frame_has_a_row_a_point(sample_kb: KnowledgeBase, found: PassageMap) -> None:
    frame = sample_kb.map().to_frame()
    assert frame["passage_id"].tolist() == found.passage_ids.tolist()
    assert set(frame["build"]) == {sample_kb.build}
    assert (
        sorted(set(frame["cluster"]))
        == [one.number for one in found.clusters]
        == list(range(1, how_many(len(found)) + 1))
    )
    for one in found.clusters:
        assert one.points == int((frame["cluster"] == one.number).sum())
        assert set(frame.loc[frame["cluster"] == one.number, "label"]) == {one.label}
        assert 1 <= len(one.terms) <= clusters.TERMS


def test_near_and_within_give_what_a_plain_look_gives(found: PassageMap) -> None:
    points = [(float(x), float(y), int(row)) for x, y, row in zip(found.x, found.y, found.rows, strict=True)]
    x, y, row = points[17]
    assert found.near(x, y, k=1).tolist() == [row]
    by_distance = sorted(points, key=lambda p: ((p[0] - 40) ** 2 + (p[1] - 55) ** 2, p[2]))
    assert found.near(40, 55, k=9).tolist() == [p[2] for p in by_distance[:9]]
    box = [p[2] for p in points if 20 <= p[0] <= 60 and 30 <= p[1] <= 70]
    assert box
    assert found.within(20, 30, 60, 70).tolist() == box
    assert found.within(60, 70, 20, 30).tolist() == box
    assert found.within(20, 30, 60, 30, 60, 70, 20, 70).tolist() == box
    below = [p[2] for p in points if 0 < p[1] < 100 - p[0] and p[0] > 0]
    assert set(found.within(0, 0, 100, 0, 0, 100).tolist()) ^ set(below) <= {p[2] for p in points if 0 in p[:2]}


def test_a_polygon_is_a_polygon_and_not_the_box_around_it() -> None:
    area = Area((0, 0, 10, 0, 5, 5, 10, 10, 0, 10))  # a bite on the right
    assert area.holds(np.array([1.0, 8.0, 8.0, 8.0, 11.0]), np.array([5.0, 5.0, 1.0, 9.0, 5.0])).tolist() == [
        *(True, False, True, True, False)
    ]


@pytest.mark.parametrize(
    "text", ["1,2", "1,2,3", "1,2,3,x", "1,2,3,4,5", "1e9,2,3,4", "", ",".join(["1"] * 2 * (MOST_CORNERS + 1))]
)
def test_what_is_no_area_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        Area.read(text)
    assert str(Area.read("1,2.5,30,40")) == "1,2.5,30,40"


def test_a_sub_corpus_is_chosen_on_the_map_with_its_copies(sample_kb: KnowledgeBase, found: PassageMap) -> None:
    where = Filters(schemes="失业保险")
    texts = {int(sample_kb.text_of[row]) for row in allowed_rows(sample_kb, where)}
    chosen = select(sample_kb, found, where)
    assert {int(sample_kb.text_of[row]) for row in found.rows[chosen]} == texts
    part = sample_kb.map(where)
    assert part.rows.tolist() == found.rows[chosen].tolist()
    assert sum(one.points for one in part.clusters) == len(part) == len(texts)
    both = sample_kb.map(where, cluster=part.clusters[0].number, area="0,0,100,100")
    assert both.rows.tolist() == part.rows[part.cluster == part.clusters[0].number].tolist()


def test_what_stands_behind_a_group_counts_copies_once(sample_kb: KnowledgeBase, found: PassageMap) -> None:
    everything = np.ones(len(found), dtype=np.bool_)
    for one, sources in sources_by_cluster(sample_kb, found, everything):
        inside = found.cluster == one.number
        assert (sources.texts, sources.passages) == (one.points, int(found.copies[inside].sum()))


def test_the_table_has_the_typical_first_and_cites_its_passages(sample_kb: KnowledgeBase, found: PassageMap) -> None:
    table = map_table(sample_kb, command="policykb map", cluster=2)
    assert table.columns == COLUMNS
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in table.rows]
    assert {row["cluster"] for row in rows} == {2}
    assert [row["nearness"] for row in rows] == sorted((row["nearness"] for row in rows), reverse=True)
    texts = {row["id"]: row["text"] for row in sample_kb.records.query("SELECT id, text FROM passages")}
    assert all(row["text"] == texts[row["passage_id"]] for row in rows)
    assert len(rows) == found.clusters[1].points


TEXTS = (
    "异地就医备案\n\n参保人到外地看病前,先在手机上办理异地就医备案,备案成功后住院费用直接结算。\n",
    "失业保险金\n\n失业人员到参保地的经办机构申领失业保险金,领取期限按缴费年限核定。\n",
    "生育津贴\n\n女职工生育后由单位申领生育津贴,按职工所在单位上年度月平均工资计发。\n",
    "退休年龄\n\n职工达到法定退休年龄且缴费满最低年限的,按月领取基本养老金。\n",
    "工伤认定\n\n职工上班时受伤,单位在三十日内向社会保险行政部门申请工伤认定。\n",
)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_base_of_a_few_passages_has_a_map(make_kb: Callable[..., KnowledgeBase], count: int) -> None:
    kb = make_kb(*TEXTS[:count])
    found = kb.map()
    assert len(found) == count == found.clusters[0].points
    assert found.near(50, 50, k=10).size == count
    assert found.within(0, 0, 100, 100).size == count
    assert "<path" in map_svg(found, np.ones(count, dtype=np.bool_), "map", "")


def test_a_picture_has_all_points_and_greys_what_is_not_chosen(found: PassageMap) -> None:
    chosen = found.cluster == 1
    svg = map_svg(found, chosen, "图 <b>", "desc")
    assert "图 &lt;b&gt;" in svg
    assert "\n" not in svg
    discs, grey = found.clusters[0].points, len(found) - found.clusters[0].points
    paths = re.findall(r'<path d="([^"]+)"[^>]*stroke="([^"]+)"', svg)
    assert [(path.count("M"), colour) for path, colour in paths] == [(grey, "#b9b5ab"), (discs, TONES[0])]
    assert svg.count("<text") == 1


def test_every_group_looks_different_and_the_page_has_the_same_colours() -> None:
    looks = [look_of(number) for number in range(1, clusters.MOST + 1)]
    assert len(set(looks)) == len(looks)
    css = (ROOT / "search_app/static/css/93-map.css").read_text(encoding="utf-8")
    assert re.findall(r"--pk-map-\d: light-dark\((#[0-9a-f]+),", css) == list(TONES)
    assert all(f".pk-map-{shape}" in css for shape in SHAPES if shape != "square")


@pytest.mark.parametrize(("scheme", "paper"), [(0, "#ffffff"), (1, "#1c1f22")])
def test_points_stand_out_from_the_paper(scheme: int, paper: str) -> None:
    css = (ROOT / "search_app/static/css/93-map.css").read_text(encoding="utf-8")
    for pair in re.findall(r"--pk-map-\d: light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)", css):
        light, dark = sorted((luminance(pair[scheme]), luminance(paper)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, pair[scheme]  # WCAG 1.4.11


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_command_draws_lists_and_refuses(sample_kb: KnowledgeBase, found: PassageMap, tmp_path: Path) -> None:
    base = ["map", "--kb", str(sample_kb.folder)]
    told = json.loads(CliRunner().invoke(main, [*base, "--json"]).stdout)
    assert (told["points"], told["chosen"], told["is_sample"]) == (len(found), len(found), False)
    assert [one["label"] for one in told["clusters"]] == [one.label for one in found.clusters]
    drawn = CliRunner().invoke(main, [*base, "--output", str(tmp_path / "m.svg")])
    assert drawn.exit_code == 0
    assert (tmp_path / "m.svg").read_text(encoding="utf-8").count("<text") >= len(found.clusters)
    chosen = len(sample_kb.map(area="0,0,50,50"))
    assert 0 < chosen < len(found)
    assert CliRunner().invoke(main, [*base, "--area", "0,0,50,50", "--output", str(tmp_path / "a.svg")]).exit_code == 0
    picture = (tmp_path / "a.svg").read_text(encoding="utf-8")
    shown = re.findall(r"<text[^>]*>([^<]+)</text>", picture)
    assert f"{chosen} / {len(found)}" in shown[0]
    assert "positions are not measurements" in shown[-1]
    assert "位置不是度量" in shown[-1]
    assert f"--area 0,0,50,50: {chosen} of {len(found)} highlighted" in picture.split("</desc>")[0]
    assert 'stroke="#b9b5ab"' in picture
    listed = CliRunner().invoke(main, [*base, "--cluster", "2", "--format", "jsonl"])
    assert len(listed.stdout.splitlines()) == found.clusters[1].points
    assert json.loads(listed.stdout.splitlines()[0])["command"].endswith("--cluster 2")
    for wrong in (["--area", "1,2"], ["--format", "png"]):
        assert CliRunner().invoke(main, [*base, *wrong]).exit_code == 2, wrong
    assert (*TABLES,) == (*KINDS,)
    assert not set(PICTURES) & set(KINDS)
