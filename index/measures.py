"""The measures of a ranking, by trec_eval's own code: nDCG, Recall and MRR of every question and their means.

pytrec_eval compiles trec_eval, so the figures are those of the papers: nDCG with linear gain (Järvelin and Kekäläinen
2002), averaged over the questions that have at least one relevant passage. An implementation by hand stands in
tests/test_evaluate.py as the oracle. Which library and why: docs/evaluation.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MEASURES = ("ndcg@10", "recall@10", "recall@100", "mrr@10")


def measure(ranking: Mapping[str, Sequence[str]], qrels: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    """Return the figures of `ranking` (query id -> passage ids, best first), means over the judged questions.

    A question with relevant passages and no ranking counts as zero; without any question all figures are zero.
    """
    return means(measure_each(ranking, qrels))


def means(values: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return the number of questions in `values` (of `measure_each`) and the mean of each measure."""
    count = len(values)
    return {"queries": count} | {
        name: round(sum(row[name] for row in values.values()) / max(1, count), 5) for name in MEASURES
    }


def measure_each(
    ranking: Mapping[str, Sequence[str]], qrels: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, float]]:
    """Return the measures of each judged question, in the order of `qrels`; see `measure`."""
    judged = {
        query: relevant
        for query, judgements in qrels.items()
        if (relevant := {passage: int(gain) for passage, gain in judgements.items() if gain > 0})
    }
    if not judged:
        return {}
    import pytrec_eval  # no other command needs it

    # trec_eval sorts by the score as a float32 and breaks ties by passage id. The place itself as the score keeps the
    # order given.
    run = {
        query: {passage: -float(place) for place, passage in enumerate(ranking[query])}
        for query in judged
        if ranking.get(query)
    }
    found = pytrec_eval.RelevanceEvaluator(judged, {"ndcg_cut.10", "recall.10,100", "recip_rank"}).evaluate(run)
    return {query: _named(found[query]) if query in found else dict.fromkeys(MEASURES, 0.0) for query in judged}


def _named(values: Mapping[str, float]) -> dict[str, float]:
    reciprocal = values["recip_rank"]
    return {
        "ndcg@10": values["ndcg_cut_10"],
        "recall@10": values["recall_10"],
        "recall@100": values["recall_100"],
        # trec_eval looks down the whole ranking; what stands below the tenth place counts nothing here.
        "mrr@10": reciprocal if reciprocal >= 1 / 10 else 0.0,
    }
