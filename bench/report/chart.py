"""Draws the times of churn as bars, a group for each backend."""
from xml.sax.saxutils import escape

VARIANTS = {"raw": "the allocator alone", "zmalloc": "zmalloc", "redis_style": "redis_style",
            "talloc": "talloc", "SQLite": "SQLite's memory API"}
PANELS = {"churn, 1 thread": "One thread", "churn, 2 threads": "Two threads, each its own blocks"}

# The page brings its own background: a viewer that does not tell which scheme it has still shows
# dark text on light. The bars' colours stand out from both.
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .page { fill: #ffffff }
  .title { font-size: 17px; font-weight: 600 }
  .panel { font-weight: 600 }
  .faint { fill: #6e7781 }
  .line { stroke: #d0d7de }
  .raw { fill: #8c959f } .zmalloc { fill: #2da44e } .redis_style { fill: #bf8700 }
  .talloc { fill: #8250df } .SQLite { fill: #cf5b38 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 }
    text { fill: #e6edf3 } .faint { fill: #9198a1 } .line { stroke: #3d444d }
  }"""

WIDTH, LEFT, RIGHT = 840, 110, 60
BAR, GAP, GROUP_GAP, TOP = 11, 2, 14, 84


def text(x, y, content, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(content)}</text>'


def legend(y):
    x, parts = LEFT, []
    for variant, title in VARIANTS.items():
        parts.append(f'<rect x="{x}" y="{y - 10}" width="12" height="12" rx="2" class="{variant}"/>')
        parts.append(text(x + 17, y, title))
        x += 34 + 7 * len(title)
    return parts


def panel(title, groups, y, longest):
    """Bars from y on; and where the next panel may begin."""
    room = WIDTH - LEFT - RIGHT
    parts = [text(LEFT, y, title, "panel")]
    y += 10
    for backend, variants in groups.items():
        parts.append(text(LEFT - 10, y + len(VARIANTS) * (BAR + GAP) / 2 + 4, backend, anchor="end"))
        for variant in (name for name in VARIANTS if name in variants):
            length = room * variants[variant]["median"] / longest
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" class="{variant}"/>')
            parts.append(f'<text x="{LEFT + length + 5:.1f}" y="{y + BAR - 1.5}" class="faint" '
                         f'style="font-size:11px">{variants[variant]["median"]:.1f}</text>')
            y += BAR + GAP
        y += GROUP_GAP
    return parts, y + 14


def draw(results):
    """The SVG, of what times.py measured."""
    panels = {title: {backend: workloads[workload] for backend, workloads in results["backends"].items()}
              for workload, title in PANELS.items()}
    longest = max(time["median"] for groups in panels.values() for variants in groups.values()
                  for time in variants.values())
    parts = [text(LEFT, 26, "Nanoseconds to free a block and allocate another: shorter is better", "title"),
             *legend(52)]
    y = TOP
    for title, groups in panels.items():
        more, end = panel(title, groups, y, longest)
        parts.append(f'<line x1="{LEFT - 0.5}" x2="{LEFT - 0.5}" y1="{y + 6}" y2="{end - 24}" class="line"/>')
        parts += more
        y = end
    parts.append(text(LEFT, y, f"{results['note']}{results['processor']}, {results['compiler']} -O2. "
                      "A random one of 4,096 blocks, 16 to 1,024 bytes.", "faint"))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 14:.0f}" '
            f'width="{WIDTH}" height="{y + 14:.0f}" role="img" '
            f'aria-label="Times of zmalloc against the raw allocators and others">\n'
            f"<style>{STYLE}\n</style>\n"
            f'<rect width="100%" height="100%" rx="8" class="page"/>\n' + "\n".join(parts) + "\n</svg>\n")
