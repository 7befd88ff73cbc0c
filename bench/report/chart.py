"""Draws the times of churn as bars, a group for each backend: by gnuplot."""
import subprocess

# By variant: its name in the legend, and a colour that stands out from white and from black.
VARIANTS = {"raw": ("the allocator alone", "#8c959f"), "zmalloc": ("zmalloc", "#2da44e"),
            "redis_style": ("redis\\\\_style", "#bf8700"), "talloc": ("talloc", "#8250df"),
            "SQLite": ("SQLite's memory API", "#cf5b38")}
PANELS = {"churn, 1 thread": "One thread", "churn, 2 threads": "Two threads, each its own blocks"}

SCRIPT = """
set terminal svg size 840,640 font "sans-serif,13" background "#ffffff"
set style data histogram; set style histogram clustered gap 1; set style fill solid; set boxwidth 0.9
set ylabel "nanoseconds"; set yrange [0:*]; set grid ytics; set tics nomirror scale 0; set border 3
set key outside right reverse Left samplen 1; set xrange [-0.5:]; set tmargin 3
set multiplot layout 2,1 title "Nanoseconds to free a block and allocate another: less is better"
"""


def script(results):
    """What gnuplot is to do with what times.py measured."""
    text = SCRIPT
    for workload, title in PANELS.items():
        measured = next(iter(results["backends"].values()))[workload]
        shown = {variant: about for variant, about in VARIANTS.items() if variant in measured}
        rows = [[backend] + [of[workload][variant]["median"] for variant in shown]
                for backend, of in results["backends"].items()]
        text += "$data << END\n" + "\n".join(" ".join(map(str, row)) for row in rows) + "\nEND\n"
        text += f'set title "{title}"; set xlabel "{results["note"]}{results["processor"]}, {results["compiler"]} -O2"\n'
        text += "plot " + ", ".join(
            f'$data using {i}:xtic(1) title "{name}" linecolor "{colour}"' for i, (name, colour) in enumerate(shown.values(), 2)) + "\n"
    return text


def draw(results):
    """The SVG."""
    return subprocess.run(["gnuplot"], input=script(results), text=True, stdout=subprocess.PIPE, check=True).stdout
