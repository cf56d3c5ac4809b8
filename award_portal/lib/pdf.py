"""HTML to PDF: nothing is fetched but what the caller hands over, and the same input gives the same bytes.

WeasyPrint is imported where it is used, so that the portal starts on a machine without pango.
"""

import ctypes
import hashlib
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings

# What WeasyPrint loads, with the Debian package that holds it.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
# Pango's font map is not made for several threads at once.
_one_at_a_time = threading.Lock()


class RenderRefused(Exception):
    """The document asked for a resource it was not handed; `.url` says which."""

    def __init__(self, url: str) -> None:
        super().__init__(f"文书模板引用了未提供的资源：{url[:200]}")
        self.url = url


@dataclass(frozen=True)
class Rendered:
    data: bytes
    pages: int
    sha256: str


def render_pdf(
    html: str, *, resources: Mapping[str, bytes] | None = None, created_at: datetime | None = None
) -> Rendered:
    """Render a whole HTML document; the same arguments and fonts give the same bytes.

    `resources` maps names to bytes; the document reads them as `portal:name` (`<img src="portal:seal.png">`,
    `<link rel="stylesheet" href="portal:gongwen.css">`). `data:` needs no handing over. Anything else raises
    RenderRefused: an official document with a part silently missing is worse than none.
    """
    import weasyprint
    from weasyprint.urls import FatalURLFetchingError

    fetcher = _fetcher(resources or {})
    source = weasyprint.HTML(string=html, url_fetcher=fetcher)
    try:
        with _one_at_a_time:
            document = source.render(font_config=_font_configuration())
            if created_at is not None:
                document.metadata.created = document.metadata.modified = created_at.isoformat(timespec="seconds")
            data = document.write_pdf(pdf_identifier=hashlib.sha256(html.encode()).hexdigest()[:32].encode())
    except FatalURLFetchingError as refused:
        raise RenderRefused(str(refused)) from None
    if fetcher.refused:
        # Pictures inside pictures: WeasyPrint leaves them out and goes on.
        raise RenderRefused(fetcher.refused[0])
    return Rendered(data=data, pages=len(document.pages), sha256=hashlib.sha256(data).hexdigest())


def missing_parts() -> list[str]:
    """What this machine lacks to print Chinese documents, as sentences that say what to install."""
    missing = [
        f"缺少排版所需的系统库 {library}，文书无法生成或极慢；请安装软件包 {package}。"
        for library, package in LIBRARIES.items()
        if not _loads(library)
    ]
    folder = settings.PORTAL_FONT_DIR
    if folder and not Path(folder).is_dir():
        missing.append(f"PORTAL_FONT_DIR 指向的字体目录不存在：{folder}。")
    if not _chinese_font_installed():
        missing.append("没有可用的中文字体，文书中的汉字会变成方框；请安装软件包 fonts-noto-cjk。")
    return missing


def _fetcher(resources: Mapping[str, bytes]) -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class HandedOverOnly(URLFetcher):
        refused: list[str]

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
            scheme, _, name = url.partition(":")
            if scheme.lower() == "data":
                return super().fetch(url, headers)
            if scheme == "portal" and name in resources:
                kind = {"css": "text/css", "svg": "image/svg+xml"}.get(name.rpartition(".")[2], "")
                return URLFetcherResponse(url, resources[name], headers={"Content-Type": kind} if kind else None)
            self.refused.append(url)
            raise FatalURLFetchingError(url)

    fetcher = HandedOverOnly(allowed_protocols={"data"}, allow_redirects=False)
    fetcher.refused = []
    return fetcher


@cache
def _font_configuration() -> Any:
    """One for the process: a configuration for each document costs 13 MB and is never given back."""
    from weasyprint.text.fonts import FontConfiguration

    _point_fontconfig_at_own_fonts()
    return FontConfiguration()


def _point_fontconfig_at_own_fonts() -> None:
    """Let fontconfig see PORTAL_FONT_DIR (an office's licensed 小标宋, 仿宋) besides the system's fonts."""
    if not settings.PORTAL_FONT_DIR:
        return
    written = Path(settings.VAR_DIR) / "fonts.conf"
    text = (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n<fontconfig>\n'
        '  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>\n'
        f"  <dir>{escape(str(Path(settings.PORTAL_FONT_DIR).resolve()))}</dir>\n</fontconfig>\n"
    )
    if not written.exists() or written.read_text(encoding="utf-8") != text:
        written.write_text(text, encoding="utf-8")
    os.environ["FONTCONFIG_FILE"] = str(written)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


class _FontSet(ctypes.Structure):
    _fields_ = [("nfont", ctypes.c_int), ("sfont", ctypes.c_int), ("fonts", ctypes.c_void_p)]


def _chinese_font_installed() -> bool:
    """Ask fontconfig itself: `fc-list` may be absent, and rendering a page would slow every command."""
    _point_fontconfig_at_own_fonts()
    try:
        fontconfig = ctypes.CDLL("libfontconfig.so.1")
    except OSError:
        return False
    fontconfig.FcInitLoadConfigAndFonts.restype = ctypes.c_void_p
    fontconfig.FcNameParse.restype = ctypes.c_void_p
    fontconfig.FcObjectSetCreate.restype = ctypes.c_void_p
    fontconfig.FcFontList.restype = ctypes.POINTER(_FontSet)
    found = fontconfig.FcFontList(
        ctypes.c_void_p(fontconfig.FcInitLoadConfigAndFonts()),
        ctypes.c_void_p(fontconfig.FcNameParse(b":lang=zh-cn")),
        ctypes.c_void_p(fontconfig.FcObjectSetCreate()),
    )
    return bool(found) and found.contents.nfont > 0
