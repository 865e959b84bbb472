"""Renders the body of an article as HTML: in tags, as bare lines, or as sections with inline styles."""

from __future__ import annotations

from html import escape

from material import Article, Block


def groups(article: Article) -> list[list[Block]]:
    """Blocks with neighbouring list items and table rows together."""
    out: list[list[Block]] = []
    for block in article.blocks:
        if out and block.kind in ("li", "row") and out[-1][0].kind == block.kind:
            out[-1].append(block)
        else:
            out.append([block])
    return out


def _table(rows: list[Block], attributes: str = "") -> str:
    cells = ["".join(f"<td>{escape(cell)}</td>" for cell in row.text.split("\t")) for row in rows]
    return f"<table{attributes}>\n" + "\n".join(f"<tr>{row}</tr>" for row in cells) + "\n</table>"


def body_tags(article: Article, *, h1: str = "h2", h2: str = "h3", p: str = "p", linked: bool = False) -> str:
    """The body in tags that say what they are; `linked` puts links into list items."""
    out = [f"<{p}><strong>{escape(article.answer)}</strong></{p}>"] if article.answer else []
    close = p.split()[0]
    for group in groups(article):
        kind, text = group[0].kind, escape(group[0].line)
        if kind == "h1":
            out.append(f"<{h1}>{text}</{h1.split()[0]}>")
        elif kind == "h2":
            out.append(f"<{h2}>{text}</{h2.split()[0]}>")
        elif kind == "li":
            link = '<a href="/zc/{n}.html">{t}</a>' if linked else "{t}"
            items = "\n".join(f"<li>{link.format(n=n, t=escape(b.line))}</li>" for n, b in enumerate(group))
            out.append(f"<ul>\n{items}\n</ul>")
        elif kind == "row":
            out.append(_table(group, ' border="1"'))
        else:
            out.append(f"<{p}>{text}</{close}>")
    return "\n".join(out)


def body_lines(article: Article, *, join: str, bold: str = "b", table: str = "\u3000") -> str:
    """The body as lines, headings in `bold`, joined by a piece of markup."""
    out = [escape(article.answer)] if article.answer else []
    for block in article.blocks:
        text = escape(block.line if block.kind != "row" else block.text.replace("\t", table))
        out.append(f"<{bold}>{text}</{bold.split()[0]}>" if block.kind in ("h1", "h2") and bold else text)
    return join.join(out)


def body_sections(article: Article) -> str:
    """The body as an editor of official accounts writes it: nested sections and spans with inline styles."""
    style = 'style="margin: 0px 8px; line-height: 1.75em; font-size: 15px;"'
    out = []
    for line, kind in [(article.answer, "p")] * bool(article.answer) + [(b.line, b.kind) for b in article.blocks]:
        color = "color: rgb(21, 101, 192);" if kind in ("h1", "h2") else "color: rgb(63, 63, 63);"
        inner = f'<span style="{color}">{escape(line)}</span>'
        if kind in ("h1", "h2"):
            inner = f'<section style="display: inline-block; padding: 4px 12px;"><strong>{inner}</strong></section>'
        out.append(f"<section {style}><p {style}>{inner}</p></section>")
    return "\n".join(out)
