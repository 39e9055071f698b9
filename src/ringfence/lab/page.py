"""One HTML file that needs no network: style, scripts and data are inside it."""

import json
from collections.abc import Sequence
from html import escape
from importlib import resources

import vl_convert

PAGE = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body><main>
{body}
</main>
<script>{library}</script>
<script>{calls}</script>
</body></html>
"""
SETTINGS = "{actions:false,renderer:'svg',ast:true}"


def build_page(title: str, body: Sequence[str], specs: Sequence[object]) -> str:
    """Return the page.

    Parameters
    ----------
    title : str
        Plain text.
    body : sequence of str
        HTML; where `<div id="chart0">` stands the first chart is drawn, and so on.
    specs : sequence
        Vega-Lite specifications.

    Returns
    -------
    page : str
        HTML; opens offline.
    """
    calls = "".join(
        f"vegaEmbed('#chart{number}',{_encode_spec(spec)},{SETTINGS});"
        for number, spec in enumerate(specs)
    )
    return PAGE.format(
        title=escape(title),
        style=(resources.files("ringfence.lab") / "report.css").read_text(encoding="utf-8"),
        body="\n".join(body),
        library=_load_library(),
        calls=calls,
    )


def build_chart_section(number: int, title: str, text: str, level: int = 2) -> str:
    """Return heading, sentence and place of a chart."""
    return (
        f'<h{level}>{escape(title)}</h{level}><p class="soft">{escape(text)}</p>'
        f'<div class="chart" id="chart{number}"></div>'
    )


def _load_library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script."""
    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return bundle.replace("</script", "<\\/script")


def _encode_spec(spec: object) -> str:
    return json.dumps(spec, separators=(",", ":")).replace("</", "<\\/")
