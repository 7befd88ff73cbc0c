"""What the project set itself, and what a run of tools/bench found: a table that times.py prints."""
import statistics

# Of work (b): zmalloc/raw at most, classic/zmalloc at least.
OF_BACKEND = {"glibc-usable": (1.25, 1.25), "jemalloc": (1.55, 1.5), "tcmalloc": (1.6, 1.6),
              "mimalloc": (1.5, 1.5), "libc-prefix": (1.25, 1.2)}

# Two ratios of one run differ by this much without a cause.
NOISE = 1.05


def ratio(ways, over, under):
    """How many times `under` the way `over` takes; None where either was not measured."""
    if over not in ways or under not in ways:
        return None
    return ways[over]["median"] / ways[under]["median"]


def quotient(over, under):
    return None if over is None or under is None else over / under


def slowdown(works, way):
    """By the clock on both sides: of the same work on two threads and on one."""
    alone, together = (works.get(work, {}).get(way) for work in ("alone", "d"))
    return together["median"] / alone["median"] if alone and together else None


def growth_by_gone_threads(works):
    """Of one process, after 10,000 threads and after the first; the median of all processes."""
    before, after = (works.get(work, {}).get("zmalloc") for work in ("gone", "g10000"))
    if not before or not after:
        return None
    return statistics.median(statistics.median(late) / statistics.median(early)
                             for early, late in zip(before["processor"], after["processor"]))


def goals(backend, measured):
    """A title, the figure or None, which side of the limit is good, and the limit. No limit where a
    figure only explains the one above it."""
    works = measured["works"]
    b, d = works.get("b", {}), works.get("d", {})
    yield "(b) zmalloc / raw", ratio(b, "zmalloc", "raw"), "at most", OF_BACKEND[backend][0]
    yield "(b) classic / zmalloc", ratio(b, "classic", "zmalloc"), "at least", OF_BACKEND[backend][1]
    yield "(d) zmalloc, 2 threads / alone", slowdown(works, "zmalloc"), "at most", 1.1
    yield ("(d) that slowdown / raw's own",
           quotient(slowdown(works, "zmalloc"), slowdown(works, "raw")), "at most", NOISE)
    yield "(b) SQLite / zmalloc", ratio(b, "sqlite", "zmalloc"), "at least", 6
    yield "(b) SQLite / raw", ratio(b, "sqlite", "raw"), None, None
    yield "(d) SQLite / zmalloc", ratio(d, "sqlite", "zmalloc"), "at least", 20
    yield "(d) SQLite / raw", ratio(d, "sqlite", "raw"), None, None
    for threads in (1, 16, 256):
        used = works.get(f"g{threads}", {}).get("zmalloc")
        yield (f"(g) ns a live thread, of {threads}", used and used["median"] / threads, "at most", 2)
    # Growth would be a hundredfold; below 1.5 is noise, as the whole is 2 ns.
    yield "(g) 10,000 threads gone / 1 gone", growth_by_gone_threads(works), "at most", 1.5
    yield "(h) classic / zmalloc", ratio(works.get("h", {}), "classic", "zmalloc"), "at least", 1.4
    yield "(i) classic / zmalloc", ratio(works.get("i", {}), "classic", "zmalloc"), "at least", 10
    yield "KiB of text and data", quotient(measured["library_bytes"], 1024), "at most", 32


def is_reached(figure, side, limit):
    return side is None or (figure <= limit if side == "at most" else figure >= limit)


def print_text(results):
    print("\nGoals:")
    for backend, measured in results["backends"].items():
        for title, figure, side, limit in goals(backend, measured):
            if figure is None:
                continue
            verdict = "" if side is None else "reached" if is_reached(figure, side, limit) else "MISSED"
            bound = "" if side is None else f"  ({side} {limit:.2f})"
            print(f"  {verdict:<7}  {backend:<13} {title:<34}{figure:>7.2f}{bound}")


def print_markdown(results):
    """A row a goal, a column a backend."""
    table = {}
    for backend, measured in results["backends"].items():
        for title, figure, side, limit in goals(backend, measured):
            if figure is None:
                continue
            cell = f"{figure:.2f}" if side is None else f"{figure:.2f} ({limit:g})"
            cells = table.setdefault((title, side), {})
            cells[backend] = cell if is_reached(figure, side, limit) else f"**{cell}**"
    backends = list(results["backends"])
    print("| goal | | " + " | ".join(backends) + " |")
    print("|---|---|" + "---:|" * len(backends))
    for (title, side), cells in table.items():
        print(f"| {title} | {side or ''} | " + " | ".join(cells.get(name, "") for name in backends) + " |")
    print("\nIn brackets the goal; what misses it is bold.")
