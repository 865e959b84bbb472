"""References against independent readers: rispy for RIS, bibtexparser with pylatexenc for BibTeX, json for CSL."""

from __future__ import annotations

import json
from itertools import accumulate
from typing import Any

import bibtexparser
import pytest
import rispy
from bibtexparser.middlewares import RemoveEnclosingMiddleware
from hypothesis import given, settings
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

from index.kb import KnowledgeBase
from index.references import Reference, numbered_lines, one_line, read_references, reference_of, web_url

PAYLOADS = (
    "停保\nER  - \nTY  - JOUR\nTI  - 伪造",
    "停保}\n}\n@book{forged, title={伪造}}",
    "停保\r\n\r\n@comment{",
    "{不成对的 { 括号",
    "\\input{/etc/passwd} \\\\ \\",
    "50% & $5 #1 a_b ~ ^ 100%",
    "\"引号\" 'a' ''b'' ``c`` --- -- <<d>> ,,e!`?`",
    "\u202e反向\u202c \u200f标记 \U0002070e\U0001f3e5",
    "\x00\x01\x1b[31m 控制 \x7f\x85\u2028\u2029 字符",
    "TY  - 标题",
    " and ",
    "  前后　有空白\t ",
)


def cited(**changes: Any) -> Reference:
    """Return a reference in which everything is known, with these changes."""
    known: dict[str, Any] = {
        "id": "0123456789ab.0a1b2c3d",
        "article_id": "0123456789ab",
        "title": "职工医保停交转居民医保",
        "site": "问保网",
        "publisher": "问保网编辑部",
        "published": "2024-11-05",
        "captured": "2025-05-22",
        "url": "https://www.wenbao.example/yb/88213.html",
        "path": "sub/gap.txt",
        "build": "2b8da9c55fd3",
        "heading_path": ("一、办理", "（二）材料"),
        "start": 12,
        "end": 80,
        "text": "先办停保。\n再办参保。",
    }
    return Reference(**known | changes)


def test_gbt7714_puts_publication_in_round_and_access_in_square_brackets() -> None:
    assert cited().gbt7714() == (
        "问保网编辑部. 职工医保停交转居民医保[EB/OL]. (2024-11-05)[2025-05-22]. https://www.wenbao.example/yb/88213.html."
    )


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"published": None}, "问保网编辑部. 停保[EB/OL]. [2025-05-22]. https://a.example/1."),
        ({"captured": None}, "问保网编辑部. 停保[EB/OL]. (2024-11-05)[引用日期不详]. https://a.example/1."),
        ({"publisher": None}, "问保网. 停保[EB/OL]. (2024-11-05)[2025-05-22]. https://a.example/1."),
        ({"publisher": None, "site": " "}, "停保[EB/OL]. (2024-11-05)[2025-05-22]. https://a.example/1."),
        (
            {"url": None},
            "问保网编辑部. 停保[EB/OL]. (2024-11-05)[2025-05-22]. [网址不详，见 policykb 构建 2b8da9c55fd3 的 sub/gap.txt].",
        ),
    ],
)
def test_gbt7714_says_what_is_unknown_and_invents_nothing(changes: dict[str, Any], line: str) -> None:
    assert cited(**{"title": "停保", "url": "https://a.example/1"} | changes).gbt7714() == line


def test_a_capture_date_is_nowhere_a_date_of_publication() -> None:
    reference = cited(published=None)
    assert "issued" not in reference.csl()
    assert reference.csl()["accessed"] == {"date-parts": [[2025, 5, 22]]}
    assert "  date = " not in reference.bibtex()
    assert "  urldate = {2025-05-22},\n" in reference.bibtex()
    assert "PY  - " not in reference.ris()
    assert "DA  - " not in reference.ris()
    assert "Y2  - 2025/05/22\r\n" in reference.ris()
    assert "(2025-05-22)" not in reference.gbt7714()


def test_csl_is_an_item_of_the_web_with_its_place_in_the_collection() -> None:
    assert cited().csl() == {
        "id": "0123456789ab.0a1b2c3d",
        "type": "webpage",
        "title": "职工医保停交转居民医保",
        "author": [{"literal": "问保网编辑部"}],
        "container-title": "问保网",
        "issued": {"date-parts": [[2024, 11, 5]]},
        "accessed": {"date-parts": [[2025, 5, 22]]},
        "URL": "https://www.wenbao.example/yb/88213.html",
        "abstract": "先办停保。 再办参保。",
        "note": "一、办理 › （二）材料; sub/gap.txt [12, 80); policykb build 2b8da9c55fd3",
        "custom": {
            "build": "2b8da9c55fd3",
            "path": "sub/gap.txt",
            "start": 12,
            "end": 80,
            "heading_path": ["一、办理", "（二）材料"],
        },
    }


# Two signs of LaTeX that pylatexenc does not know, and one that it reads as an accent.
_CONTEXT = get_default_latex_context_db()
_SIGNS = {"textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^"}
_CONTEXT.add_context_category("signs", prepend=True, macros=[MacroTextSpec(*sign) for sign in _SIGNS.items()])
LATEX = LatexNodes2Text(latex_context=_CONTEXT, math_mode="verbatim", keep_comments=True)


def read_ris(text: str) -> list[dict[str, Any]]:
    # Without its habit of taking an address apart at semicolons.
    return rispy.loads(text, newline="\r\n", delimiter_tags_mapping={})


def read_bibtex(text: str) -> list[dict[str, str]]:
    library = bibtexparser.parse_string(text, parse_stack=[RemoveEnclosingMiddleware()])
    assert library.failed_blocks == []
    assert library.comments == []
    entries = []
    for entry in library.entries:
        fields = {field.key: field.value for field in entry.fields}
        for name in fields.keys() - {"url"}:  # which BibLaTeX reads as it is
            fields[name] = LATEX.latex_to_text(fields[name])
        entries.append({"kind": entry.entry_type, "key": entry.key, **fields})
    return entries


def test_ris_is_read_back_by_rispy() -> None:
    assert read_ris(cited().ris()) == [
        {
            "type_of_reference": "ELEC",
            "id": "0123456789ab.0a1b2c3d",
            "title": "职工医保停交转居民医保",
            "authors": ["问保网编辑部"],
            "secondary_title": "问保网",
            "year": "2024",
            "date": "2024/11/05",
            "access_date": "2025/05/22",
            "urls": ["https://www.wenbao.example/yb/88213.html"],
            "abstract": "先办停保。 再办参保。",
            "notes": ["一、办理 › （二）材料; sub/gap.txt [12, 80); policykb build 2b8da9c55fd3"],
        }
    ]


def test_bibtex_is_read_back_by_bibtexparser() -> None:
    assert read_bibtex(cited().bibtex()) == [
        {
            "kind": "online",
            "key": "0123456789ab.0a1b2c3d",
            "title": "职工医保停交转居民医保",
            "author": "问保网编辑部",
            "organization": "问保网",
            "date": "2024-11-05",
            "url": "https://www.wenbao.example/yb/88213.html",
            "urldate": "2025-05-22",
            "abstract": "先办停保。 再办参保。",
            "note": "一、办理 › （二）材料; sub/gap.txt [12, 80); policykb build 2b8da9c55fd3",
        }
    ]


ANY = st.text(max_size=40) | st.text("{}\\%&$#_~^\"'`-<>,!?@= \n\r甲\u202e\x00", max_size=40)


def expect_back(title: str, publisher: str, path: str, text: str, heading: str) -> None:
    odd = cited(title=title, publisher=publisher, site=title, path=path, text=text, heading_path=(heading,))
    expected = {
        "title": one_line(title),
        "author": one_line(publisher) or one_line(title),
        "abstract": one_line(text),
        "note": odd.note,
    }
    ris = read_ris(odd.ris() + cited(id="next").ris())
    assert [record["id"] for record in ris] == [odd.id, "next"]
    assert ris[0].get("title", "") == expected["title"]
    assert ris[0].get("authors", [""]) == [expected["author"]]
    assert ris[0].get("abstract", "") == expected["abstract"]
    assert ris[0]["notes"] == [expected["note"]]
    # BibTeX itself counts every brace, also behind a backslash.
    depths = list(accumulate({"{": 1, "}": -1}.get(sign, 0) for sign in odd.bibtex()))
    assert (min(depths[len("@online{") : -2]), depths[-1]) == (1, 0)
    bibtex = read_bibtex(odd.bibtex() + cited(id="next").bibtex())
    assert [entry["key"] for entry in bibtex] == [odd.id, "next"]
    assert {name: bibtex[0].get(name, "") for name in expected} == expected
    assert json.loads(json.dumps(odd.csl()))["title"] == expected["title"]
    assert len(odd.gbt7714().splitlines()) == 1


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_comes_back_as_text_and_forges_no_record(payload: str) -> None:
    expect_back(payload, payload, payload, payload, payload)


@given(title=ANY, publisher=ANY, path=ANY, text=ANY, heading=ANY)
@settings(deadline=None, max_examples=60)
def test_any_text_comes_back(title: str, publisher: str, path: str, text: str, heading: str) -> None:
    expect_back(title, publisher, path, text, heading)


@given(ANY)
def test_one_line_keeps_every_sign_that_is_neither_white_nor_control(text: str) -> None:
    line = one_line(text)
    assert line == one_line(line)
    assert line.splitlines() in ([], [line])
    assert "".join(line.split()) == "".join(
        sign
        for sign in text.translate({**dict.fromkeys(range(32), " "), **dict.fromkeys(range(127, 160), " ")})
        if not sign.isspace()
    )


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        (" https://a.example/甲?b=1;c%20 ", "https://a.example/甲?b=1;c%20"),
        ("https://a.example/{x}\\y z", "https://a.example/%7Bx%7D%5Cy%20z"),
        ("https://a.example/\nUR  - https://b.example", "https://a.example/%0AUR%20%20-%20https://b.example"),
        ("https://a.example/\u2028b", "https://a.example/%E2%80%A8b"),
        ("javascript:alert(1)", None),
        ("//a.example/1", None),
        ("https://[broken", None),
        (None, None),
    ],
)
def test_only_an_address_of_the_web_is_given_and_in_one_piece(url: str | None, clean: str | None) -> None:
    assert web_url(url) == clean
    assert cited(url=url).csl().get("URL") == clean
    assert read_bibtex(cited(url=url).bibtex())[0].get("url") == clean
    assert read_ris(cited(url=url).ris())[0].get("urls") == ([clean] if clean else None)


def test_a_list_has_one_numbered_line_an_article() -> None:
    other = cited(id="b.1", article_id="b", title="居民医保", published=None)
    assert list(numbered_lines([cited(), other, cited(id="0123456789ab.ffffffff")])) == [
        f"[1] {cited().gbt7714()}",
        f"[2] {other.gbt7714()}",
    ]


def test_references_of_hits_and_of_an_article_say_what_the_records_say(sample_kb: KnowledgeBase) -> None:
    hits = sample_kb.search("门诊慢特病 跨省直接结算", k=3)
    references = read_references(sample_kb, hits)
    assert [(r.id, r.title, r.path, r.start, r.end, r.text) for r in references] == [
        (h.passage_id, h.title, h.path, h.start, h.end, h.text) for h in hits
    ]
    whole = reference_of(sample_kb.article(references[0].article_id), sample_kb.build)
    assert (
        whole.gbt7714()
        == references[0].gbt7714()
        == (
            "青禾市便民服务中心（虚构）. 2025年门诊慢特病跨省直接结算指南[EB/OL]. (2025-01-16)[2025-06-30]."
            " https://fw.qinghe.example/yb/202501/t20250116_8131.html."
        )
    )
    assert (whole.id, whole.start, whole.text) == (references[0].article_id, None, None)
