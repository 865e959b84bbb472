"""A picture becomes a file: SVG with colours and letters of its own on white, or PNG, drawn by resvg.

resvg was chosen by measurement: 3 MB without anything it depends on, typed, 2 ms to import and 40 ms a picture, where
vl-convert takes 84 MB and cairosvg needs the cairo of the system (docs/decisions.md). Its home is this file.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from index.escaping import xml_plain

_SVG = "http://www.w3.org/2000/svg"
ET.register_namespace("", _SVG)  # else every name would get a prefix
# The first fonts that a machine has for Chinese on macOS, Windows and Linux; resvg knows no "sans-serif" of its own.
_FONTS = (
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "SimHei",
    "Arial",
    "DejaVu Sans",
)
# The light colours of the page (static/css/10-page.css, 98-picture.css); a test holds them together.
COLOURS = {
    "ink": "#1f1e1b",
    "soft": "#5d594f",
    "line": "#dfdbd0",
    "wash": "#f4f2ec",
    "a": "#0f5f6b",
    "b": "#b2493b",
    "c": "#7250a3",
    "d": "#8a5a00",
    "t0": "#0f5f6b",
    "t1": "#b2493b",
    "t2": "#3b6aa6",
    "t3": "#8a5a00",
    "t4": "#7250a3",
    "t5": "#1c6b46",
    "t6": "#a63d7a",
    "t7": "#5d6b1a",
    "t8": "#c0561a",
    "t9": "#4a4f57",
    "none": "#8d887c",
}
# Pixels across of a file, unless the picture itself says how wide it is.
_WIDTH = 720
_PAD, _NOTE = 16, 26
_SIZE = re.compile(r"\d+(\.\d+)?")


def standalone(svg: str, *, note: str = "") -> str:
    """Return a picture as a file of its own: its title above, `note` (where it is from) at its foot, without links.

    One that is standalone already comes back as it is. Raises xml.etree.ElementTree.ParseError where it is no XML.
    """
    inner = ET.fromstring(svg)
    if "data-pk-file" in inner.attrib:
        return svg
    width, height = _size(inner)
    for link in [*inner.iter(f"{{{_SVG}}}a")]:
        link.tag = f"{{{_SVG}}}g"  # what it leads to is a place of the page
        link.attrib.clear()
    title = inner.findtext(f"{{{_SVG}}}title", "")
    above, below = (_NOTE if title else 0), (_NOTE if note else 0)
    whole_width, whole_height = width + 2 * _PAD, height + above + below + 2 * _PAD
    outer = ET.Element(
        f"{{{_SVG}}}svg",
        {
            "data-pk-file": "1",
            "class": "pk-svg",
            "role": "img",
            "width": f"{whole_width:g}",
            "height": f"{whole_height:g}",
        },
    )
    outer.set("viewBox", f"0 0 {whole_width:g} {whole_height:g}")
    ET.SubElement(outer, f"{{{_SVG}}}title").text = title
    ET.SubElement(outer, f"{{{_SVG}}}desc").text = inner.findtext(f"{{{_SVG}}}desc", "")
    ET.SubElement(outer, f"{{{_SVG}}}style").text = _style()
    ET.SubElement(outer, f"{{{_SVG}}}rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    if title:
        head = ET.SubElement(outer, f"{{{_SVG}}}text", {"x": str(_PAD), "y": str(_PAD + 12), "class": "pk-svg-title"})
        head.text = title
    place = {"x": str(_PAD), "y": str(_PAD + above), "width": f"{width:g}", "height": f"{height:g}"}
    inner.attrib.update(place)
    outer.append(inner)
    if note:
        place = {"x": str(_PAD), "y": f"{whole_height - _PAD:g}", "class": "pk-svg-soft"}
        ET.SubElement(outer, f"{{{_SVG}}}text", place).text = xml_plain(note)
    return ET.tostring(outer, encoding="unicode")


def png(svg: str, *, width: int = 1600, note: str = "") -> bytes:
    """Return a picture as a PNG file, `width` pixels across. Raises ParseError; ValueError where it cannot be drawn.

    Letters are drawn in the fonts of the machine; without one for Chinese its characters stay empty.
    """
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=standalone(svg, note=note), width=width, sans_serif_family=_FONTS[3]))


def _size(svg: ET.Element) -> tuple[float, float]:
    """Return width and height of a picture in pixels: its own, those of its viewBox, or our width."""
    box = [float(part) for part in svg.get("viewBox", "").replace(",", " ").split()]
    width, height = svg.get("width", ""), svg.get("height", "")
    wide = float(width) if _SIZE.fullmatch(width) else box[2] if box else _WIDTH
    return wide, float(height) if _SIZE.fullmatch(height) else box[3] if box else _WIDTH * 0.6


def _style() -> str:
    fonts = ", ".join(f"'{name}'" for name in _FONTS)
    colours = COLOURS
    tones = "".join(
        f".pk-svg-{name} {{ fill: {colour}; }} .pk-svg-line.pk-svg-{name} {{ stroke: {colour}; }}"
        f" .pk-svg-few.pk-svg-{name} {{ fill: #ffffff; stroke: {colour}; }}"
        for name, colour in colours.items()
        if name not in ("ink", "line")
    )
    return (
        f"text {{ font: 13px {fonts}, sans-serif; fill: {colours['ink']}; }} .pk-svg-title {{ font-weight: 700; }}"
        f" {tones} text.pk-svg-soft {{ fill: {colours['soft']}; }} .pk-svg-line {{ fill: none; stroke-width: 2; }}"
        f" .pk-svg-few {{ stroke-width: 2; }} .pk-svg-band {{ fill-opacity: 0.18; }}"
        f" .pk-svg-grid {{ stroke: {colours['line']}; }} .pk-svg-axis {{ stroke: {colours['soft']}; }}"
        f" .pk-svg-whisker {{ stroke: {colours['ink']}; stroke-width: 1.5; }}"
    )


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a notebook shows by itself; `note` says at its foot where it is from.

    >>> from index.picture import Bar, bars
    >>> Picture(bars("各地文章数", "每条是一地", [Bar("湖北", 12, "12 篇")]), note=f"policykb build {kb.build}")
    Picture('各地文章数')
    """

    svg: str
    note: str = ""

    def __repr__(self) -> str:
        return f"Picture({ET.fromstring(self.svg).findtext(f'{{{_SVG}}}title', '')!r})"

    def _repr_svg_(self) -> str:
        return standalone(self.svg, note=self.note)

    def save(self, file: str | Path) -> None:
        """Write the picture as SVG or PNG, as the name ends. Raises ValueError for another ending."""
        place = Path(file)
        if place.suffix.lower() not in (".svg", ".png"):
            raise ValueError(f"found {place.name}, expected the name of a picture that ends in .svg or .png")
        is_png = place.suffix.lower() == ".png"
        place.write_bytes(png(self.svg, note=self.note) if is_png else f"{self._repr_svg_()}\n".encode())
