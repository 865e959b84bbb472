"""`policykb calibrate`: thresholds, weights and bands of a model, measured on questions with known answers."""

from __future__ import annotations

import tempfile
from itertools import count
from pathlib import Path

import click

from search_app.options import echo_json, json_option, kb_option
from search_app.progress import progress


@click.command()
@click.option(
    "--gold",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder with questions.jsonl: questions, verdicts, and verbatim quotes that answer.",
)
@click.option(
    "--pages",
    type=click.Path(path_type=Path, exists=True),
    metavar="DIR",
    help="The pages that the gold was written for, where they are not in the knowledge base.",
)
@click.option("--keep-weights", is_flag=True, help="Leave the weights of words, vectors and bank as they are.")
@kb_option
@click.option("--model", metavar="NAME_OR_DIR", help="The model of the build, where its folder has moved.")
@json_option
def command(gold: Path, pages: Path | None, keep_weights: bool, kb: Path, model: str | None, as_json: bool) -> None:
    """Measure what the model of a knowledge base needs to answer well, and keep it in the base for the next rebuild.

    The bundled model comes calibrated; any other one is "uncalibrated" until this has run. At least 40 questions are
    needed, 8 of them without an answer; a few hundred make the bands worth reading.

    \b
    Examples:
      policykb calibrate --gold corpus/gold
      policykb calibrate --gold corpus/gold --pages corpus/pages --kb /srv/kb --json
    """
    from index.build.build import rebuild
    from index.calibrate import calibrate
    from index.calibration import kept_calibration
    from index.gold import read_gold
    from index.kb import open_kb

    questions = read_gold(gold)
    base = open_kb(kb, model=model)
    done = count(1)
    with tempfile.TemporaryDirectory() as scratch, progress({"search": "searching"}) as update:
        measured_on = base
        if pages is not None:
            rebuild([pages], Path(scratch), embedder=base.embedder)
            measured_on = open_kb(scratch, model=model or base.embedder.name)
        calibration = calibrate(
            measured_on,
            questions,
            gold_name=gold.name,
            fusion=not keep_weights,
            progress=lambda _: update("search", next(done), len(questions)),
        )
        measured_on.records.close()
    file = kept_calibration(kb, calibration.fingerprint)
    calibration.save(file)
    if as_json:
        echo_json({"file": str(file), **calibration.as_dict()})
        return
    click.echo(f"calibrated on {len(questions)} questions, kept in {file}")
    for name, value in calibration.measured.items():
        click.echo(f"  {name.replace('_', ' '):<24} {value:.3f}")
    for band in calibration.bands:
        right = round(band.right * band.questions)
        click.echo(f"  {band.name:<24} {right} of {band.questions} answers right, from {band.least:.2f}")
    click.echo("the figures are cross-validated; the next `policykb rebuild` puts the calibration in force")
