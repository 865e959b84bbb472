"""`policykb evaluate`: retrieval measured on a collection, retrieval and answers measured on answer gold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from search_app.evaluation import difference_lines, failure_lines, gold_lines
from search_app.options import echo_json, json_option, kb_option
from search_app.progress import progress

if TYPE_CHECKING:
    from index.evaluate import Ranking
    from index.kb import KnowledgeBase
    from index.model.embedder import Embedder
    from index.outcomes import Question, Report

_MODES = ("hybrid", "dense", "lexical")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@kb_option
@click.option(
    "--mode",
    default="hybrid",
    show_default=True,
    type=click.Choice(_MODES),
    help="Words and meaning together, meaning alone, or words and article evidence alone.",
)
@click.option(
    "--model",
    metavar="NAME_OR_DIR",
    help="Embedding model (default: bundled); on answer gold the model of the base, where its folder has moved.",
)
@click.option(
    "--run", "run_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the ranking as a TREC run."
)
@click.option(
    "--compare",
    "other",
    metavar="OTHER",
    help="Measure OTHER on the same questions and say whether the difference is more than luck: a mode; on answer gold"
    " also another knowledge base, on a collection also another model.",
)
@click.option("--failures", "with_failures", is_flag=True, help="On answer gold: list the questions that went wrong.")
@json_option
def command(
    folder: Path,
    kb: Path,
    mode: str,
    model: str | None,
    run_file: Path | None,
    other: str | None,
    with_failures: bool,
    as_json: bool,
) -> None:
    """Measure on FOLDER: a collection of passages, or answer gold for the knowledge base.

    A collection holds corpus.jsonl[.gz], queries.jsonl[.gz] and qrels.tsv. Its passages are ranked as they are: no
    splitting, no folding, no boosts. Answer gold holds questions.jsonl, whose questions are searched for and asked in
    the base of --kb; --mode is the mode of the search, answers are always what `ask` says.

    \b
    Examples:
      policykb evaluate bench/my-questions --mode lexical --run lexical.trec --json
      policykb evaluate bench/my-questions --compare lexical
      policykb evaluate corpus/gold --kb kb --failures
      policykb evaluate corpus/gold --kb kb --compare other-kb
    """
    if (folder / "questions.jsonl").is_file() and not (folder / "qrels.tsv").is_file():
        _evaluate_gold(folder, kb, mode, model, run_file, other, with_failures, as_json)
    else:
        if with_failures:
            raise click.UsageError(f"--failures needs answer gold, a folder with questions.jsonl; {folder} has none")
        _evaluate_collection(folder, mode, model or "bundled", run_file, other, as_json)


def _evaluate_collection(
    folder: Path, mode: str, model: str, run_file: Path | None, other: str | None, as_json: bool
) -> None:
    from index.evaluate import compare_rankings, rank_collection, read_collection, write_run
    from index.model import load_embedder

    if mode == "lexical" and other and other not in _MODES:
        raise click.UsageError(
            f"--compare {other} names a model, which the mode lexical does not use; add --mode hybrid"
        )
    collection = read_collection(folder)
    total = len(collection.queries)

    def embedder_of(mode: str, model: str) -> Embedder | None:
        return None if mode == "lexical" else load_embedder(model)

    def ranked(mode: str, embedder: Embedder | None, stage: str) -> Ranking:
        tell = _counter(update, stage, total)
        return rank_collection(collection, embedder, mode=mode, progress=tell)  # type: ignore[arg-type]  # a click.Choice

    # Both are opened before anything is measured: a name typed wrong shows at once.
    other_mode, other_model = (other, model) if other in _MODES else (mode, other or model)
    embedder, other_embedder = embedder_of(mode, model), embedder_of(other_mode, other_model) if other else None
    with progress({"rank": "ranking", "other": f"ranking {other}"}) as update:
        ranking = ranked(mode, embedder, "rank")
        against = ranked(other_mode, other_embedder, "other") if other else None
    differences = compare_rankings(collection, ranking, against) if against else None
    if run_file is not None:
        write_run(ranking.hits, run_file, tag=f"policykb-{mode}")
    figures = ranking.figures(collection)
    if as_json:
        plain = {name: difference.as_dict() for name, difference in (differences or {}).items()}
        echo_json(figures | ({"comparison": {"with": other, "figures": plain}} if differences else {}))
        return
    for name, value in figures.items():
        click.echo(f"{name:<14} {value}")
    if differences and other:
        for line in difference_lines({"all": differences}, other):
            click.echo(line)


def _evaluate_gold(
    folder: Path,
    kb: Path,
    mode: str,
    model: str | None,
    run_file: Path | None,
    other: str | None,
    with_failures: bool,
    as_json: bool,
) -> None:
    from index.evaluate import write_run
    from index.failures import failures
    from index.gold import read_gold
    from index.kb import open_kb
    from index.outcomes import K, compare_reports, read_questions, report

    gold = read_gold(folder)

    # Both are opened and hold the gold before anything is asked: a name typed wrong shows at once.
    base = open_kb(kb, model=model)
    questions = read_questions(base, gold)
    other_base = open_kb(other) if other and other not in _MODES else base
    other_questions = read_questions(other_base, gold) if other_base is not base else questions

    def measured(base: KnowledgeBase, questions: Sequence[Question], mode: str, stage: str, answers: bool) -> Report:
        tell = _counter(update, stage, len(gold))
        return report(base, questions, mode=mode, answers=answers, progress=tell)  # type: ignore[arg-type]  # a click.Choice

    with progress({"ask": "asking", "other": f"asking {other}"}) as update:
        own = measured(base, questions, mode, "ask", True)
        differences = None
        if other:
            # `ask` knows no mode: with another mode of one base its answers would be compared with themselves.
            other_mode = other if other in _MODES else mode
            against = measured(other_base, other_questions, other_mode, "other", other_base is not base)
            differences = compare_reports(own, against)
    if run_file is not None:
        hits = {question.id: base.search(question.text, k=K, mode=mode) for question in gold}  # type: ignore[arg-type]  # a click.Choice
        ranking = {name: [(hit.passage_id, hit.score) for hit in found] for name, found in hits.items()}
        write_run(ranking, run_file, tag=f"policykb-{mode}")
    if as_json:
        printed = own.as_dict()
        if differences:
            plain = {kind: {name: d.as_dict() for name, d in rows.items()} for kind, rows in differences.items()}
            printed["comparison"] = {"with": other, "kinds": plain}
        echo_json(printed | ({"failures": failures(own)} if with_failures else {}))
        return
    lines = [*gold_lines(own)]
    lines += difference_lines(differences, other) if differences and other else []
    lines += failure_lines(failures(own)) if with_failures else []
    for line in lines:
        click.echo(line)


def _counter(update: Callable[[str, int, int], None], stage: str, total: int) -> Callable[[int], None]:
    done = count(1)
    return lambda _: update(stage, next(done), total)
